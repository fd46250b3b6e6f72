"""`lakelet advise`: which layout of a table would have saved how many bytes, and how to make it."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lakelet import pricing
from lakelet.commands import options
from lakelet.commands.options import find_table, open_lake, print_json
from lakelet.errors import LakeletError

if TYPE_CHECKING:
    from rich.console import Console

    from lakelet.bench.advice import Advice


@click.command(name="advise", short_help="Say which layout of a table would save bytes.")
@click.argument("table", required=False)
@options.data
@options.as_json
def command(table: str | None, data: Path, as_json: bool) -> None:
    """Try other layouts of TABLE (database.table) on the queries that Athena has answered here.

    Without TABLE it is the table whose queries scanned the most bytes.
    """
    from rich.console import Console

    from lakelet.bench import advice

    console = Console(stderr=True)
    with open_lake(data) as lake:
        wanted = find_table(lake, table) if table else None
        asked = advice.history(lake)
        if not asked:
            raise LakeletError("no query has been answered here yet; there is nothing to go by")
        name = (wanted["DatabaseName"], wanted["Name"]) if wanted else advice.busiest(asked)[0]
        with console.status("") as status:
            found = advice.advise(
                lake, name, asked, lambda step: status.update(f"Trying {'.'.join(name)}: {step}")
            )
    if as_json:
        print_json(asdict(found))
    else:
        _show(found, Console())


def _show(found: "Advice", console: "Console") -> None:
    from rich.markup import escape
    from rich.table import Table

    from lakelet.bench import units

    name = ".".join(found.table)
    drawn = Table(title=f"{name}: {found.queries} queries of the history", title_justify="left")
    drawn.add_column("layout", overflow="fold")
    for column in ("scanned", "of now", "price"):
        drawn.add_column(column, justify="right")
    drawn.add_row("as it is", units.size(found.scanned), "100 %", units.money(found.dollars))
    for each in found.options:
        if each.failure is not None:
            continue
        share = f"{100 * each.scanned / found.scanned:.3g} %" if found.scanned else ""
        style = "bold green" if each is found.best else None
        cells = (units.size(each.scanned), share, units.money(each.dollars))
        drawn.add_row(each.layout, *cells, style=style)
    console.print(drawn)
    for each in found.options:
        if each.failure is not None:
            console.print(f"[red]{each.layout}[/] can't be made: {escape(each.failure)}")
    if found.fraction < 1:
        console.print(f"Tried on {found.fraction:.2%} of the rows.", style="dim")
    best = found.best
    if best is None:
        console.print("No layout that was tried saves a twentieth of the bytes; leave it.")
        return
    if best.dollars == found.dollars:
        least = units.size(pricing.LEAST)
        console.print(f"The price stays: Athena bills {least} at least for a query.", style="dim")
    console.print(f"[bold]{best.layout}[/] saves {units.size(found.scanned - best.scanned)}:\n")
    click.echo(f"{best.statement};")
