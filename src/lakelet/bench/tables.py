"""A report as tables of a terminal, and as CSV."""

import csv
import io
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from lakelet.bench import answers, units
from lakelet.bench.comparing import Comparison
from lakelet.bench.report import AS_THEY_ARE, Made, Measured, Report

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

_MANY = 20
"""Layouts beyond which a table shows `_FEW`: the page has them all, a screen has not."""
_FEW = 10
_WIDE = 100
"""Columns of a terminal from which row groups and memory have room."""
_COLUMNS_OF_COSTS = 5
"""Queries that have a column each."""
_TEXTS = frozenset(("layout", "verdict", "fastest on", "least scanned on", "dearest"))
"""Columns of words; the first of a table is one, the others hold numbers."""
_STYLES = {"faster": "green", "works now": "green", "slower": "red", "fails now": "red"}


def drawn(report: Report, width: int = 80) -> "Iterator[RenderableType]":
    """A table of the layouts and one a query, the fastest and the cheapest marked, for a terminal
    of so many columns."""
    for engine, reason in report.unavailable().items():
        yield f"[red]{_escaped(engine)} is not available[/]: {_escaped(reason)}"
    if any(made.statements or made.failure for made in report.layouts):
        yield _layouts(report)
    for reason, which in report.unmade().items():
        yield f"[red]Not made[/]: {_escaped(which)}: {_escaped(reason)}"
    for query in report.queries:
        found = report.of(query)
        if any(each.seconds for each in found):
            yield _query(report, query, width)
        for reason, where in report.failures(query).items():
            place = "" if where == AS_THEY_ARE else f" on {_escaped(where)}"
            yield f"[red]{_escaped(query)} failed[/]{place}: {_escaped(reason)}"
    if len(report.layouts) > 1 and len(report.queries) > 1:
        yield _winners(report)


def answer(report: Report) -> "Table | None":
    """The answer in a few words; None where nothing is to be compared."""
    from rich.table import Table

    told = answers.told(report)
    if not told:
        return None
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for each in told:
        table.add_row(each.question, f"[bold green]{_escaped(each.place)}[/]")
        table.add_row("", _escaped(each.reason))
    return table


def table(title: str, *columns: str) -> "Table":
    """An empty table; its first column and some others are words, the rest numbers."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    look: dict[str, Any] = {"title_justify": "left", "title_style": "bold", "box": SIMPLE_HEAD}
    table = Table(title=f"\n{title}", show_edge=False, pad_edge=False, **look)
    for number, name in enumerate(columns):
        text = number == 0 or name in _TEXTS
        table.add_column(name, justify="left" if text else "right", overflow="fold")
    return table


def _layouts(report: Report) -> "Table":
    found = [made for made in report.layouts if made.failure is None]
    shown, title = found, "Layouts"
    if len(found) > _MANY:
        most = max(made.fraction for made in found)
        whole = (made for made in found if made.fraction == most)
        shown = sorted(whole, key=lambda made: made.size)[:_FEW]
        title = f"Layouts: the {_FEW} smallest of {len(found)}"
    grid = table(title, "layout", "rows", "files", "size", "made in")
    for made in shown:
        grid.add_row(
            _escaped(report.label(made.place)),
            f"{made.rows:,}",
            f"{made.files:,}",
            units.size(made.size),
            units.seconds(made.seconds),
        )
    return grid


def _query(report: Report, query: str, width: int) -> "Table":
    ran = [each for each in report.of(query) if each.seconds]
    best, title = report.best(query), _escaped(query)
    if len(ran) > _MANY:
        title = f"{title}: the {_FEW} fastest of {len(ran)}"
        ran = sorted(report.whole(query), key=lambda each: each.median)[:_FEW]
    names = ("layout", "median", "middle half", "scanned", "files", "groups", "memory")
    shown = names if width >= _WIDE else names[:5]
    grid = table(title, *shown)
    for each in ran:
        grid.add_row(*_cells(report, each, best)[: len(shown)])
    for engine in report.unavailable():
        grid.add_row(_escaped(engine), "[red]not available[/]")
    return grid


def _cells(report: Report, found: Measured, best: tuple[float, int] | None) -> tuple[str, ...]:
    fastest, cheapest = best or (None, None)
    return (
        _escaped(report.label(found.place)),
        _marked(units.seconds(found.median), found.median == fastest),
        units.span(*found.quartiles),
        _marked(units.size(found.scanned), found.scanned == cheapest),
        "" if found.files is None else f"{found.files:,}",
        "" if found.row_groups is None else f"{found.row_groups:,}",
        "" if found.memory is None else units.size(found.memory),
    )


def _marked(text: str, best: bool) -> str:
    return f"[bold green]{text}[/]" if best else text


def _winners(report: Report) -> "Table":
    grid = table("The best layouts", "query", "fastest on", "time", "least scanned on", "scanned")
    for each in report.winners():
        if each.fastest is None or each.cheapest is None:
            grid.add_row(_escaped(each.query), "[red]failed[/]")
            continue
        grid.add_row(
            _escaped(each.query),
            _escaped(report.label(each.fastest.place)),
            units.seconds(each.fastest.median),
            _escaped(report.label(each.cheapest.place)),
            units.size(each.cheapest.scanned),
        )
    return grid


def costs(report: Report, rate: str) -> "Table":
    """What a month costs when every query runs at a rate; raises LakeletError for a bad one."""
    count = units.per_month(rate)
    few = list(report.queries) if len(report.queries) <= _COLUMNS_OF_COSTS else []
    priced = [(made, prices) for made in report.layouts if (prices := _month(report, made, count))]
    ran = max((len(prices) for _, prices in priced), default=0)
    title = f"A month on Athena, each query {rate}"
    if len(priced) > _MANY:
        title = f"{title}: the {_FEW} cheapest layouts of {len(priced)}"
        most = max(made.fraction for made, _ in priced)
        whole = (each for each in priced if each[0].fraction == most and len(each[1]) == ran)
        priced = sorted(whole, key=lambda each: sum(each[1].values()))[:_FEW]
    grid = table(title, "layout", *map(_escaped, few), "all", "dearest")
    for made, prices in priced:
        dearest = max(prices, key=lambda query: prices[query])
        cells = [units.money(prices[query]) if query in prices else "" for query in few]
        month = units.money(sum(prices.values())) if len(prices) == ran else ""
        name = _escaped(report.label(made.place))
        grid.add_row(name, *cells, month, _escaped(f"{dearest}: {units.money(prices[dearest])}"))
    return grid


def _month(report: Report, made: Made, count: float) -> dict[str, float]:
    """What each query that ran on a layout costs in a month."""
    return {
        each.query: report.dollars(each) * count
        for each in report.measured
        if each.place == made.place and each.seconds
    }


def changed(compared: Comparison) -> "Iterator[RenderableType]":
    """What is not as it was in an earlier report."""
    title = f"Against {_escaped(compared.against)}"
    if not compared.changes:
        yield f"\n[bold]{title}[/]"
    else:
        yield _changes(compared, title)
    for said in answers.compared(compared):
        yield f"[dim]{_escaped(said)}[/]"


def _changes(compared: Comparison, title: str) -> "Table":
    grid = table(title, "query", "layout", "verdict", "new / old", "scanned")
    for change in compared.changes:
        style = _STYLES.get(change.verdict, "default")
        scanned = " → ".join(map(units.size, change.scanned)) if change.scanned else ""
        grid.add_row(
            _escaped(change.query),
            _escaped(change.layout),
            f"[{style}]{change.verdict}[/]",
            "" if change.ratio is None else f"{change.ratio:.2f}",
            scanned,
        )
    return grid


def _escaped(text: str) -> str:
    from rich.markup import escape

    return escape(text)


def as_csv(report: Report) -> str:
    """One line a query and layout; times in seconds, sizes in bytes, prices in US dollars."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(_COLUMNS)
    writer.writerows(_line(report, each) for each in report.measured)
    return written.getvalue()


_COLUMNS = (
    "query",
    "engine",
    "layout",
    "median_seconds",
    "lower_quartile",
    "upper_quartile",
    "runs",
    "scanned_bytes",
    "dollars",
    "rows",
    "files",
    "row_groups",
    "memory_bytes",
    "failure",
)


def _line(report: Report, found: Measured) -> tuple[Any, ...]:
    if not found.seconds:
        return (found.query, *found.place, *[""] * 10, found.failure)
    return (
        found.query,
        *found.place,
        found.median,
        *found.quartiles,
        len(found.seconds),
        found.scanned,
        report.dollars(found),
        found.rows,
        found.files,
        found.row_groups,
        found.memory,
        found.failure,
    )
