"""Writes the reference pages from the code: `python docs/generate.py [--check]`.

functions.md from the function registry and the list that Trino 476 itself gives; operations.md from
the services and botocore's models; sql.md from the syntax tree and the recorded queries;
benchmarks.md from the kept results of `python -m benchmarks`. With --check nothing is written: a
page that is not in step is named and the exit status is 1.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

DOCS = Path(__file__).parent
RESULTS = DOCS.parent / "benchmarks" / "results"
TESTS = DOCS.parent / "tests" / "sql"
TRINO = DOCS / "trino-476-functions.json"


def functions() -> Iterator[str]:
    """The functions that are there, and those of Trino that are missing."""
    import lakelet.sql.functions  # noqa: F401 - fills the registry
    from lakelet.sql.functions.registry import FUNCTIONS

    trino = {name.lower(): name for name in json.loads(TRINO.read_text())}
    present = {name: f for name, f in FUNCTIONS.items() if name in trino}
    yield "# Functions\n"
    yield f"{len(present)} of the {len(trino)} names that Trino 476 lists are here.\n"
    for kind, title in (
        ("scalar", "Scalar functions"),
        ("aggregate", "Aggregates"),
        ("window", "Window functions"),
    ):
        yield f"## {title}\n"
        yield "| function | signatures | what it does |"
        yield "|---|---|---|"
        for name, function in sorted(present.items()):
            if function.kind == kind:
                signatures = "<br>".join(f"`{_cell(text)}`" for text in function.signatures)
                yield f"| `{name}` | {signatures} | {_cell(function.description)} |"
        yield ""
    yield "## By their own syntax\n"
    yield ", ".join(f"`{name}`" for name in _BY_SYNTAX) + " are read by the analyzer.\n"
    yield "## Not in Athena\n"
    for names, why in _NOT_IN_ATHENA.items():
        yield f"- {', '.join(f'`{name}`' for name in names)}: {why}."
    elsewhere = {*_BY_SYNTAX, *(name for names in _NOT_IN_ATHENA for name in names)}
    missing = sorted(
        shown for name, shown in trino.items() if name not in FUNCTIONS and name not in elsewhere
    )
    yield "\n## Missing\n"
    yield "These answer FUNCTION_NOT_FOUND.\n"
    yield (", ".join(f"`{name}`" for name in missing) or "None.") + "\n"
    yield from _speed()


_BY_SYNTAX = ("current_date", "current_timezone", "exclude_columns", "now", "typeof")
_NOT_IN_ATHENA = {
    ("current_groups",): "Athena has no groups of users",
    ("objectid", "objectid_timestamp", "timestamp_objectid"): "they are of the MongoDB connector",
    ("table_changes",): "it is of the Delta Lake and Iceberg connectors' own schemas",
    ("spatial_partitioning", "spatial_partitions"): (
        "Trino's planner uses them for spatial joins; they are not documented"
    ),
}


def _speed() -> Iterator[str]:
    """The functions that Python computes and that take less than a million rows a second."""
    path = DOCS.parent / "benchmarks" / "results" / "functions.json"
    if not path.exists():
        return
    kept = json.loads(path.read_text())
    slow = [each for each in kept["measurements"] if each["value"] < 1]
    yield "## Speed\n"
    yield (
        f"Python computes {len(kept['measurements'])} functions and parts of functions, a column"
        " at a time (`python -m benchmarks functions`, one thread). These took less than a million"
        " rows a second of the processor's time, in thousands:\n"
    )
    yield ", ".join(f"`{each['name']}` {each['value'] * 1000:.0f}" for each in slow) + "."


def sql() -> Iterator[str]:
    """The language of queries that is there, and how far its recorded cases are answered."""
    import re
    from typing import get_args

    from lakelet.sql.syntax import nodes
    from lakelet.sql.syntax.nodes import patterns as pattern_nodes
    from lakelet.types.casting import _TARGETS

    yield "# SQL\n"
    yield (
        "Queries are Trino's, as Athena engine v3 has them. What stands below is read, analysed and"
        " answered; the rest is refused in Trino's words. [Functions](functions.md) have a page of"
        " their own.\n"
    )
    yield "## Types\n"
    yield ", ".join(f"`{name}`" for name in sorted(_TARGETS)) + ", `unknown`.\n"
    json_table = (nodes.JsonTablePath, nodes.JsonTableColumn, nodes.JsonTableOrdinality)
    recognition = (pattern_nodes.Skip, pattern_nodes.Subset, pattern_nodes.Definition)
    for title, kinds in (
        ("Queries", (*get_args(nodes.QueryBody), nodes.WithQuery, nodes.GroupBy, nodes.Window)),
        ("Relations", (*get_args(nodes.Relation), *json_table)),
        ("Row patterns", (*get_args(pattern_nodes.Pattern), *recognition)),
        ("Expressions", get_args(nodes.Expression)),
    ):
        yield f"## {title}\n"
        for kind in kinds:
            shown = re.sub(r"(?<!^)(?=[A-Z])", " ", kind.__name__)
            yield f"- **{shown}**: {_first(str(kind.__doc__))}"
        yield ""
    yield from _recorded()


def _first(text: str) -> str:
    """What a docstring says to users: its first sentence, up to its fields."""
    sentence = " ".join(text.split(". ")[0].split())
    return f"{sentence.partition('; `')[0].rstrip('.')}."


def _recorded() -> Iterator[str]:
    sys.path.insert(0, str(DOCS.parent))
    from tests.sql.cases import read

    yield "## Held to Trino\n"
    yield "Queries whose answers a real Trino 476 gave, and how many of them differ here.\n"
    yield "| area | queries | differ | errors in other words |"
    yield "|---|---|---|---|"
    differing = []
    for folder in ("queries", "functions"):
        cases = [c for path in sorted((TESTS / folder).glob("*.test")) for c in read(path)]
        areas = {case.file for case in cases} if folder == "queries" else {folder}
        for area in sorted(areas):
            found = [case for case in cases if case.file.startswith(area)]
            differ = [case for case in found if case.differs]
            differing += differ
            said = sum(case.says is not None for case in found)
            yield f"| {area.partition('/')[2] or area} | {len(found)} | {len(differ)} | {said} |"
    yield "\n## What differs\n"
    for case in differing:
        yield f"- `{_cell(case.query)}`: {_cell(str(case.differs))}"


def operations() -> Iterator[str]:
    """Each service's operations: those answered, and how many of botocore's model there are."""
    from botocore import xform_name

    from lakelet.lake import Lake
    from lakelet.services import SERVICES, create, operation
    from lakelet.wire.models import service_model

    yield "# AWS operations\n"
    yield "Every other operation of these services answers a modelled error that names it.\n"
    with Lake() as lake:
        for name in sorted(SERVICES):
            service = create(name, lake)
            model = service_model(name)
            answered = [
                each for each in model.operation_names if operation(service, xform_name(each))
            ]
            yield f"## {name}\n"
            yield ", ".join(f"`{each}`" for each in sorted(answered)) + "\n"


def benchmarks() -> Iterator[str]:
    """What each benchmark measured, beside what it is measured against and what is asked."""
    yield "# Benchmarks\n"
    yield (
        "`uv run python -m benchmarks [NAME …]` measures and keeps the results; this page shows"
        " them. Each number stands beside the same work done without lakelet, or by a peer, in the"
        " same run.\n"
    )
    for path in sorted(RESULTS.glob("*.json")):
        found = json.loads(path.read_text())
        versions = ", ".join(f"{name} {of}" for name, of in found["versions"].items())
        yield f"## {found['benchmark']}\n"
        yield f"{found['machine']}, {found['at'][:10]}, commit {found['commit']}; {versions}.\n"
        yield "| what | value | beside | ratio | asked | met |"
        yield "|---|---|---|---|---|---|"
        for each in found["measurements"]:
            yield f"| {' | '.join(map(_cell, _measured(each)))} |"
        yield ""


def _measured(found: dict[str, Any]) -> Iterator[str]:
    unit, value, floor = found["unit"], found["value"], found["floor"]
    yield found["name"]
    yield "not available" if value is None else f"{value:,.4g} {unit}"
    yield found["floor_is"] if floor is None else f"{floor:,.4g} {unit} ({found['floor_is']})"
    yield "" if found["ratio"] is None else f"{found['ratio']:.2f}"
    yield found["goal"]
    yield {None: "", True: "yes", False: "no"}[found["met"]]


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


PAGES = {
    "functions.md": functions,
    "operations.md": operations,
    "sql.md": sql,
    "benchmarks.md": benchmarks,
}


def main(arguments: list[str]) -> int:
    """Writes or checks the pages; the exit status."""
    stale = []
    for name, lines in PAGES.items():
        text = "\n".join(lines()).rstrip() + "\n"
        page = DOCS / name
        if "--check" not in arguments:
            page.write_text(text)
        elif not page.exists() or page.read_text() != text:
            stale.append(name)
    if stale:
        sys.stderr.write(f"not in step: {', '.join(stale)}; run: python docs/generate.py\n")
    return 1 if stale else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
