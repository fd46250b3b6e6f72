"""Marks the recorded tables that differ from Trino's answers, and unmarks those that no longer do:
`python -m tests.formats.record [NAME]…`."""

import traceback

import click

from lakelet.lake import Lake
from tests.formats import cases, running

REASON = 200
"""Characters of a reason."""


@click.command()
@click.argument("parts", nargs=-1, metavar="[NAME]…")
def main(parts: tuple[str, ...]) -> None:
    """Marks the tables with a part of a NAME in theirs, or all, as they differ from Trino's."""
    total = equal = 0
    with running.lake() as lake:
        for case in cases.read():
            if parts and not any(part in case.id for part in parts):
                continue
            found = _difference(case, lake)
            total, equal = total + 1, equal + (found is None)
            document = {key: value for key, value in case.document.items() if key != "differs"}
            if found is not None:
                known = case.differs or ""
                document["differs"] = (
                    known if known.startswith("never") else f"notyet: {found}"[:REASON]
                )
                click.echo(f"{case.id}: {found}"[: 2 * REASON])
            if document != case.document:
                cases.write(case, document)
    click.echo(f"{equal} of {total} equal")


def _difference(case: cases.Case, lake: Lake) -> str | None:
    try:
        return running.difference(case, lake)
    except Exception as failure:  # noqa: BLE001 - a bug is a difference too
        traceback.print_exc(limit=-2)
        return f"fails with {type(failure).__name__}: {failure}"


if __name__ == "__main__":
    main()
