"""`lakelet costs`: what the queries of each work group would have cost on Athena.

rich is imported by what draws.
"""

from dataclasses import asdict, dataclass
from pathlib import Path

import click

from lakelet import pricing
from lakelet.commands import options
from lakelet.commands.options import open_lake, print_json
from lakelet.errors import LakeletError
from lakelet.queries.history import History

_LATEST = 20
_NUMBERS = 46
"""Columns of a terminal that the numbers take."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Of a work group or, by its id, of one query with its `text`: bytes scanned, US dollars."""

    name: str
    queries: int
    scanned: int
    dollars: float
    text: str | None = None


@click.command(name="costs", short_help="Show what queries would have cost on Athena.")
@click.option("--work-group", help=f"Its {_LATEST} latest queries, each by itself.")
@options.data
@options.as_json
def command(work_group: str | None, data: Path, as_json: bool) -> None:
    """Show what queries would have cost on Athena, by work group."""
    with open_lake(data) as lake:
        # Not the lake's own queries: another process may be running them.
        history, price = History(lake.database), lake.settings.price_per_tb
        if work_group is None:
            found = [_of_group(history, name, price) for name in history.work_groups()]
        else:
            latest = history.listed(work_group, _LATEST)
            if not latest:
                raise LakeletError(f"no query has been run in the work group {work_group}")
            found = [_of_query(history, identifier, price) for identifier in latest]
    if as_json:
        print_json([_told(each) for each in found])
    elif not found:
        click.echo("no query has been asked of the Athena API here yet", err=True)
    else:
        _print(found, "Query" if work_group else "Work group")


def _of_group(history: History, name: str, price: float) -> Cost:
    queries, scanned, billed = history.cost(name)
    return Cost(name, queries, scanned, billed / pricing.TERABYTE * price)


def _of_query(history: History, identifier: str, price: float) -> Cost:
    query = history.get(identifier)
    scanned = query.result.statistics.scanned if query.result is not None else 0
    dollars = pricing.dollars(scanned, price) if scanned else 0.0
    return Cost(identifier, 1, scanned, dollars, query.request.text)


def _told(cost: Cost) -> dict[str, object]:
    """Without a text that there is not."""
    return {name: value for name, value in asdict(cost).items() if value is not None}


def _print(found: list[Cost], kind: str) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    console = Console()
    drawn = Table()
    drawn.add_column(kind, no_wrap=True)
    for name in ("Queries", "Bytes scanned", "US dollars"):
        drawn.add_column(name, justify="right", no_wrap=True)
    for each in found:
        numbers = (str(each.queries), f"{each.scanned:,}", f"{each.dollars:.5f}")
        drawn.add_row(escape(_shown(each, console.width - _NUMBERS)), *numbers)
    console.print(drawn)


def _shown(cost: Cost, room: int) -> str:
    """A work group's name, or a query's text on one line, as much as there is room for."""
    name = cost.name if cost.text is None else " ".join(cost.text.split())
    return name if len(name) <= room else f"{name[: max(room, 8) - 1]}…"
