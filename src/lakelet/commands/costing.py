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


@dataclass(frozen=True, slots=True)
class Cost:
    """Of a work group or, by its id, of one query: bytes scanned, and US dollars."""

    name: str
    queries: int
    scanned: int
    dollars: float


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
            latest = history.listed(work_group, 0, _LATEST)
            if not latest:
                raise LakeletError(f"no query has been run in the work group {work_group}")
            found = [_of_query(history, identifier, price) for identifier in latest]
    if as_json:
        print_json([asdict(each) for each in found])
    else:
        _print(found, "Query" if work_group else "Work group")


def _of_group(history: History, name: str, price: float) -> Cost:
    queries, scanned, billed = history.cost(name)
    return Cost(name, queries, scanned, billed / pricing.TERABYTE * price)


def _of_query(history: History, identifier: str, price: float) -> Cost:
    result = history.get(identifier).result
    scanned = result.statistics.scanned if result is not None else 0
    return Cost(identifier, 1, scanned, pricing.dollars(scanned, price) if scanned else 0.0)


def _print(found: list[Cost], kind: str) -> None:
    from rich.console import Console
    from rich.table import Table

    drawn = Table()
    for name in (kind, "Queries", "Bytes scanned", "US dollars"):
        drawn.add_column(name, justify="left" if name == kind else "right")
    for each in found:
        drawn.add_row(each.name, str(each.queries), f"{each.scanned:,}", f"{each.dollars:.5f}")
    Console().print(drawn)
