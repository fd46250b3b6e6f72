"""Compares tables that nobody wrote with what a live Trino reads of them.

python -m tests.formats.fuzz [--examples 50] [--seed 1] [--keep] [FAMILY …]
    makes tables of the families (all, or those named), asks Trino and lakelet over one lake and
    prints what differs; with --keep it becomes a recorded case, with Trino's answers.
"""

import random
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import click

from tests.formats import cases, running
from tests.formats.answers import Recorder, recorder
from tests.formats.fuzz import (
    avro,
    broken,
    columnar,
    documents,
    folders,
    links,
    long,
    parted,
    patterns,
    physical,
    projected,
    shapes,
    texts,
    written,
)
from tests.formats.fuzz.making import Made

FAMILIES: Final = {
    **columnar.FAMILIES,
    **avro.FAMILIES,
    **parted.FAMILIES,
    **physical.FAMILIES,
    **shapes.FAMILIES,
    **links.FAMILIES,
    **long.FAMILIES,
    **broken.FAMILIES,
    **texts.FAMILIES,
    **documents.FAMILIES,
    **patterns.FAMILIES,
    **folders.FAMILIES,
    **projected.FAMILIES,
    **written.FAMILIES,
}


@dataclass(frozen=True, slots=True)
class Comparer:
    """Asks both about made tables; a folder keeps them while they are asked."""

    asked: Recorder
    folder: Path

    def difference(self, name: str, made: Made) -> tuple[cases.Case, str | None]:
        """The case with Trino's answers, and what differs."""
        case = placed(self.folder, name, made)
        try:
            document = self.asked.answered(case)
        except click.ClickException as failure:
            return case, failure.message
        case = cases.Case(case.folder, document)
        if "steps" in document:
            self.asked.emptied(case)
        try:
            return case, running.compared(case, self.asked.lake)
        except Exception as failure:  # noqa: BLE001 - a bug is a difference too
            return case, f"fails with {type(failure).__name__}: {failure}"


def placed(folder: Path, name: str, made: Made) -> cases.Case:
    """A made table as a case on disk."""
    places = cases.places(made.files)
    keys = {place: key for key, place in places.items() if place != key}
    document = {**made.document, "keys": keys} if keys else made.document
    case = cases.Case(folder / made.group / name, document)
    for key, data in made.files.items():
        path = case.folder / "data" / places[key]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    case.folder.mkdir(parents=True, exist_ok=True)
    cases.write(case, document)
    return case


def run(asked: Recorder, names: list[str], seed: int, examples: int, keep: bool) -> int:
    """The number of made tables that differ."""
    found = 0
    with tempfile.TemporaryDirectory() as folder:
        comparer = Comparer(asked, Path(folder))
        for name in names or FAMILIES:
            for number in range(seed, seed + examples):
                made = FAMILIES[name](random.Random(f"{name} {number}"))
                case, difference = comparer.difference(f"fuzz_{name}_{number}", made)
                if difference is None:
                    continue
                found += 1
                click.echo(f"{case.id}: {difference}\n    {_told(made.document)}")
                if keep:
                    kept = placed(cases.CASES, case.id, made)
                    cases.write(kept, {**case.document, "differs": f"notyet: {difference}"[:200]})
    return found


def _told(document: Any) -> str:
    return "\n    ".join(" ".join(each.split()) for each in _statements(document))


def _statements(document: Any) -> list[str]:
    return [*document.get("ddl", ()), *(each["sql"] for each in document.get("steps", ()))]


@click.command()
@click.argument("names", nargs=-1, type=click.Choice(list(FAMILIES)))
@click.option("--examples", default=50, help="tables a family")
@click.option("--seed", default=1, help="the first table's number")
@click.option("--keep", is_flag=True, help="keep what differs as recorded cases")
def main(names: tuple[str, ...], examples: int, seed: int, keep: bool) -> None:
    """Compares made tables with a live Trino's answers."""
    with recorder() as asked:
        found = run(asked, list(names), seed, examples, keep)
    click.echo(f"{found} differ")


if __name__ == "__main__":
    main()
