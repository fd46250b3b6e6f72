"""Writes the reference pages from the code: `python docs/generate.py [--check]`.

functions.md from the function registry and the list that Trino 476 itself gives; operations.md from
the services and botocore's models; sql.md from the syntax tree and the recorded queries;
benchmarks.md and its plots from the kept results of `python -m benchmarks`. With --check nothing is
written: a page that is not in step is named and the exit status is 1.
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
    """The calls that take less than a million rows a second, beside DuckDB's nearest."""
    path = DOCS.parent / "benchmarks" / "results" / "functions.json"
    if not path.exists():
        return
    kept = json.loads(path.read_text())["measurements"]
    yield "## Speed\n"
    yield (
        f"{len(kept)} calls as queries over Parquet, by one thread, from the text of the query to"
        " its answer (`python -m benchmarks functions`), in millions of rows a second beside"
        " DuckDB's nearest function, where it has one. These took less than a million; the"
        f" other {sum(each['value'] >= 1 for each in kept)} more.\n"
    )
    yield "| call | here | DuckDB | by |"
    yield "|---|---|---|---|"
    for each in sorted(kept, key=lambda one: one["value"]):
        if each["value"] < 1:
            beside = ("", "")
            if each["floor"] is not None:
                beside = (f"{each['floor']:.2f}", f"`{_cell(each['floor_is'])}`")
            yield f"| `{_cell(each['name'])}` | {each['value']:.3f} | {' | '.join(beside)} |"


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
    sentence = " ".join(text.split()).split(". ")[0]
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
    yield "\n## Not there\n"
    yield "Of Trino's language these are refused: `WITH FUNCTION` and `WITH SESSION`,"
    yield "`EXECUTE IMMEDIATE`, `DESCRIBE INPUT` and `OUTPUT`, properties of sessions,"
    yield "transactions, procedures, roles and grants."
    yield "\n## What differs\n"
    for case in differing:
        yield f"- `{_cell(case.query)}`: {_cell(str(case.differs))}"


NOTES = {
    "athena": "Athena for Apache Spark is not there: notebooks, sessions and calculations are"
    " refused, each by the error that its model has.",
    "glue": "Not a catalogue's, and so left out: jobs, sessions, workflows, blueprints, dev"
    " endpoints, ML transforms, data quality, integrations, glossaries and assets, usage profiles,"
    " refreshes of materialized views. Column statistics runs compute with the engine. Table"
    " optimizers and security configurations are kept and do nothing.",
}
"""What is to know of a service's operations."""


def operations() -> Iterator[str]:
    """Each service's operations that are answered."""
    from botocore import xform_name

    from lakelet.lake import Lake
    from lakelet.services import SERVICES, create, operation
    from lakelet.services.athena.spark import Spark
    from lakelet.wire.models import service_model

    yield "# AWS operations\n"
    yield "Every other operation of these services answers a modelled error that names it.\n"
    with Lake() as lake:
        for name in sorted(SERVICES):
            service = create(name, lake)
            model = service_model(name)
            methods = {each: xform_name(each) for each in model.operation_names}
            answered = [
                each
                for each, method in methods.items()
                if operation(service, method) and method not in vars(Spark)
            ]
            yield f"## {name}\n"
            yield ", ".join(f"`{each}`" for each in sorted(answered)) + "\n"
            if name in NOTES:
                yield f"{NOTES[name]}\n"


def benchmarks() -> Iterator[str]:
    """The goals and what was measured of each; then each benchmark, beside its floor or peer."""
    sys.path.insert(0, str(DOCS.parent))
    from benchmarks.__main__ import BENCHMARKS
    from benchmarks.goals import GOALS

    kept = {path.stem: json.loads(path.read_text()) for path in RESULTS.glob("*.json")}
    yield "# Benchmarks\n"
    yield (
        "`uv run python -m benchmarks` measures all of this on your machine, `… [NAME …]` some of"
        " it, `--quick` on a fiftieth of the data. Each number stands beside the same work done"
        " without lakelet, or by a peer, in the same run. A ratio below 1 is in lakelet's favour"
        " where times are compared. Every result says when and by which clock it was measured:"
        " *wall* is what a user waits, *processor* the time of the processor, which work of others"
        " on the same machine disturbs less.\n"
    )
    yield "## Goals\n"
    yield "| goal | measured | met | when |"
    yield "|---|---|---|---|"
    for goal in GOALS:
        yield f"| {' | '.join(map(_cell, _reached(goal, kept.get(goal.benchmark))))} |"
    yield ""
    if "growth" in kept:
        yield from _grown(kept["growth"])
    missing = [name for name in BENCHMARKS if name not in kept]
    if missing:
        yield f"Not measured yet: {', '.join(missing)}.\n"
    for name in BENCHMARKS:
        if name in kept:
            yield from _benchmark(kept[name])


def _reached(goal: Any, kept: dict[str, Any] | None) -> Iterator[str]:
    """A goal's cells: its text, what was measured, whether that is enough, and when."""
    import re

    yield goal.text
    if kept is None:
        yield from ("not measured yet", "", "")
        return
    found = [
        each
        for each in kept["measurements"]
        if re.match(goal.names, each["name"]) and each["size"] is None and each["goal"]
    ]
    reached = [each for each in found if each["met"]]
    if len(found) == 1:
        yield _said(found[0])
    else:
        failed = "; ".join(f"{each['name']} {_said(each)}" for each in found if not each["met"])
        said = f"{len(reached)} of {len(found)}"
        yield f"{said}; not {failed}" if failed else said
    yield "yes" if found and len(reached) == len(found) else "**no**"
    yield f"{kept['at'][:10]}, {kept['clock']}"


def _said(found: dict[str, Any]) -> str:
    """`1.02 ×`, or `4.9 ms against 41 ms`."""
    value, floor = (None if found[of] is None else _number(found[of]) for of in ("value", "floor"))
    if value is None:
        return f"not available: {found['floor_is']}"
    if floor is None or found["unit"] == "×":
        return f"{value} {found['unit']}"
    return f"{value} against {floor} {found['unit']}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def _grown(kept: dict[str, Any]) -> Iterator[str]:
    """The plots of what grows, each point a measurement, beside growth in proportion."""
    yield "## Growth\n"
    yield (
        "Both axes are logarithmic: time in proportion runs beside the dashed line. Memory is what"
        " the process held at most beyond what it held before.\n"
    )
    yield "![Time by amount](growth-time.svg)\n"
    yield "![Memory by amount](growth-memory.svg)\n"


def plot(unit: str, title: str) -> Iterator[str]:
    """A plot of the growth, as SVG."""
    from lakelet.bench.plots import Line, alone, lines

    path = RESULTS / "growth.json"
    points: dict[str, list[tuple[float, float]]] = {}
    for each in json.loads(path.read_text())["measurements"] if path.exists() else ():
        if each["size"] is not None and each["unit"] == unit:
            # A tenth of a megabyte is what such a measurement can tell.
            points.setdefault(each["name"], []).append((each["size"], max(each["value"], 0.1)))
    drawn = []
    for name, of in points.items():
        least = min(size for size, _ in of)
        drawn.append(Line(f"{name} (× {least:,.0f})", tuple((x / least, y) for x, y in of)))
    shown = lines(
        drawn,
        title,
        lambda factor: f"× {factor:,.0f}",
        lambda value: f"{_number(value)} {unit}",
        slope=unit == "ms",
    )
    yield alone(shown)


def _benchmark(kept: dict[str, Any]) -> Iterator[str]:
    versions = ", ".join(f"{name} {of}" for name, of in kept["versions"].items())
    yield f"## {kept['benchmark']}\n"
    yield (
        f"{kept['machine']}, {kept['at'][:10]}, commit {kept['commit']}, {kept['clock']} time;"
        f" {versions}.\n"
    )
    rows = kept["measurements"]
    folded = len(rows) > 30
    if folded:
        goals = [each for each in rows if each["goal"]] if kept["benchmark"] != "functions" else []
        if goals:
            yield from _measurements(goals)
        yield f"<details><summary>all {len(rows)} measurements</summary>\n"
    yield from _measurements(rows)
    if folded:
        yield "</details>\n"


def _measurements(rows: list[dict[str, Any]]) -> Iterator[str]:
    yield "| what | value | beside | ratio | asked | met |"
    yield "|---|---|---|---|---|---|"
    for each in rows:
        yield f"| {' | '.join(map(_cell, _measured(each)))} |"
    yield ""


def _measured(found: dict[str, Any]) -> Iterator[str]:
    unit, value, floor = found["unit"], found["value"], found["floor"]
    yield found["name"] if found["size"] is None else f"{found['name']}, {found['size']:,.0f}"
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
    "growth-time.svg": lambda: plot("ms", "Time by amount"),
    "growth-memory.svg": lambda: plot("MB", "Memory by amount"),
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
