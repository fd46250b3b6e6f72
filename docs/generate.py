"""Writes the reference pages from the code: `python docs/generate.py [--check]`.

functions.md from the function registry and the list that Trino 476 itself gives; operations.md from
the services and botocore's models. With --check nothing is written: a page that is not in step is
named and the exit status is 1.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

DOCS = Path(__file__).parent
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
    missing = sorted(shown for name, shown in trino.items() if name not in FUNCTIONS)
    yield "## Missing\n"
    yield "These answer FUNCTION_NOT_FOUND.\n"
    yield ", ".join(f"`{name}`" for name in missing) or "None."


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


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


PAGES = {"functions.md": functions, "operations.md": operations}


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
