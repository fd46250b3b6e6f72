"""Rows of an answer, drawn for a person: a table, or records where a table has no room.

rich is imported by what draws.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import click

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

_SHOWN_ROWS: Final = 100
_ROOM: Final = 13
"""Columns of a terminal that a column of a table must have to be read."""

NULL: Final = "[dim]NULL[/]"


def print_rows(
    header: Sequence[str],
    rows: Sequence[Sequence[Any]],
    null: str = NULL,
    right: Sequence[bool] | None = None,
) -> None:
    """Draws the first rows; no column at all means a statement that answers nothing.

    `right` says which columns stand to the right, those of numbers unless told. What is no terminal
    has room for any table.
    """
    from rich.console import Console

    if not header:
        click.echo("done", err=True)
        return
    console = Console()
    shown = rows[:_SHOWN_ROWS]
    found = [_numbers([row[number] for row in shown]) for number in range(len(header))]
    table = _table(header, shown, null, found if right is None else right)
    wide = console.measure(table, options=console.options.update(width=10**6)).maximum
    if not console.is_terminal:
        Console(width=max(wide, 1)).print(table)
    elif wide > console.width < _ROOM * len(header):
        _print_records(console, header, shown, null)
    else:
        console.print(table)
    if len(rows) > _SHOWN_ROWS:
        more = len(rows) - _SHOWN_ROWS
        click.echo(f"{more:,} more row{'s' if more > 1 else ''}; --json gives them all", err=True)


def _table(
    header: Sequence[str], rows: Sequence[Sequence[Any]], null: str, right: Sequence[bool]
) -> "Table":
    from rich.markup import escape
    from rich.table import Table

    table = Table()
    for name, is_right in zip(header, right, strict=True):
        table.add_column(escape(name), justify="right" if is_right else "left", overflow="fold")
    for row in rows:
        table.add_row(*(_shown(cell, null) for cell in row))
    return table


def _print_records(
    console: "Console", header: Sequence[str], rows: Sequence[Sequence[Any]], null: str
) -> None:
    """Each row by itself, a line for each of its columns."""
    from rich.markup import escape
    from rich.table import Table

    for number, row in enumerate(rows, 1):
        console.rule(f"[dim]{number}[/]", align="left", style="dim")
        record = Table.grid(padding=(0, 2))
        record.add_column(style="bold", overflow="fold")
        record.add_column(overflow="fold")
        for name, cell in zip(header, row, strict=True):
            record.add_row(escape(name), _shown(cell, null))
        console.print(record)


def _shown(cell: Any, null: str) -> str:
    from rich.markup import escape

    return null if cell is None else escape(str(cell))


def _numbers(cells: Sequence[Any]) -> bool:
    from decimal import Decimal

    found = [cell for cell in cells if cell is not None]
    return bool(found) and all(
        isinstance(cell, int | float | Decimal) and not isinstance(cell, bool) for cell in found
    )
