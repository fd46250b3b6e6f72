"""`lakelet advise`: which layout of a table would have saved how many bytes, and how to make it."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lakelet import pricing
from lakelet.commands import options
from lakelet.commands.options import find_table, open_lake, print_json

if TYPE_CHECKING:
    from rich.console import Console

    from lakelet.bench.advice import Advice, Option


_FILE = click.Path(dir_okay=False, path_type=Path)
_LETTERS = 60
"""Letters of a query that an error shows."""


@click.command(name="advise", short_help="Say which layout of a table would save bytes.")
@click.argument("table", required=False)
@click.option("--history", type=_FILE, metavar="FILE", help="Go by the queries of a file instead:"
              " SQL, or what aws athena batch-get-query-execution told (.json).")  # fmt: skip
@click.option("--database", default="default", show_default=True, help="Where names without one"
              " are, in that file.")  # fmt: skip
@options.data
@options.as_json
def command(
    table: str | None, history: Path | None, database: str, data: Path, as_json: bool
) -> None:
    """Try other layouts of TABLE (database.table) on the queries that Athena has answered here.

    Without TABLE it is the table whose queries scanned the most bytes.
    """
    from rich.console import Console

    from lakelet.bench import advice
    from lakelet.bench import history as histories

    console = Console(stderr=True)
    with options.interruptible(), open_lake(data) as lake:
        wanted = find_table(lake, table) if table else None
        asked = (
            histories.of_file(lake, history, database.lower(), _passed_over)
            if history
            else histories.of_lake(lake)
        )
        name = (wanted["DatabaseName"], wanted["Name"]) if wanted else advice.busiest(lake, asked)
        with console.status("") as status:

            def step(what: str, where: str) -> None:
                status.update(f"Trying {'.'.join(name)}: {where or what}")

            found = advice.advise(lake, name, asked, step)
    if as_json:
        print_json(asdict(found))
    else:
        _show(found, Console())


def _passed_over(text: str, why: str) -> None:
    line = " ".join(text.split())
    shown = line if len(line) <= _LETTERS else f"{line[: _LETTERS - 1]}…"
    click.echo(f"passed over: {shown}: {why}", err=True)


def _show(found: "Advice", console: "Console") -> None:
    from rich.markup import escape

    from lakelet.bench import tables, units

    name = ".".join(found.table)
    runs = "1 query" if found.queries == 1 else f"{found.queries:,} queries"
    drawn = tables.table(
        f"{escape(name)}: {runs} of the history", "layout", "scanned", "of now", "price"
    )
    drawn.add_row("as it is", units.size(found.scanned), "100 %", units.money(found.dollars))
    for each in found.options:
        if each.failure is not None:
            continue
        share = f"{100 * each.scanned / found.scanned:.3g} %" if found.scanned else ""
        style = "bold green" if each is found.best else None
        cells = (units.size(each.scanned), share, units.money(each.dollars))
        drawn.add_row(escape(each.layout), *cells, style=style)
    console.print(drawn)
    for reason, which in found.unmade.items():
        console.print(f"[red]Not made[/]: {escape(which)}: {escape(reason)}")
    if found.fraction < 1:
        console.print(f"Tried on {found.fraction:.2%} of the rows.", style="dim")
    best = found.best
    if best is None:
        worth = units.size(found.worth / found.queries)
        console.print(f"\nNo layout that was tried saves {worth} a query; leave it.")
        return
    share = f"{100 - 100 * best.scanned / found.scanned:.3g} %"
    who = f"[bold green]{escape(best.layout)}[/]"
    console.print(f"\n{who} saves {share} of the bytes: {_price(found, best)}\n")
    click.echo(f"{best.statement};")


def _price(found: "Advice", best: "Option") -> str:
    from lakelet.bench import units

    now, then = units.money(found.dollars), units.money(best.dollars)
    if best.dollars < found.dollars:
        return f"{then} instead of {now}. Make it with:"
    least = units.size(pricing.LEAST)
    return f"the price stays, for Athena bills {least} at least for a query. Make it with:"
