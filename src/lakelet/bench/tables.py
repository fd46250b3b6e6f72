"""A report as tables of a terminal, and as CSV."""

import csv
import io
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from lakelet.bench import units
from lakelet.bench.comparing import Change
from lakelet.bench.report import Made, Measured, Report

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

_COLUMNS_OF_COSTS = 5
"""Queries that have a column each."""
_STYLES = {"faster": "green", "works now": "green", "slower": "red", "fails now": "red"}


def drawn(report: Report) -> "Iterator[RenderableType]":
    """A table of the layouts and one a query, the fastest and the cheapest marked."""
    if any(made.statements or made.failure for made in report.layouts):
        yield _layouts(report.layouts)
    for reason, which in report.unmade().items():
        yield f"[red]Not made[/]: {_escaped(which)}: {_escaped(reason)}"
    for query in report.queries:
        found = report.of(query)
        if any(each.seconds for each in found):
            yield _query(report, query)
        for reason, where in report.failures(query).items():
            yield f"[red]{_escaped(query)} failed[/] on {where}: {_escaped(reason)}"


def _table(title: str, *columns: str) -> "Table":
    from rich.table import Table

    table = Table(title=title, title_justify="left", title_style="bold")
    table.add_column(columns[0], overflow="fold")
    for name in columns[1:]:
        table.add_column(name, justify="right", overflow="fold")
    return table


def _layouts(layouts: Iterable[Made]) -> "Table":
    table = _table("Layouts", "layout", "rows", "files", "size", "made in")
    for made in layouts:
        if made.failure is None:
            table.add_row(
                made.name,
                f"{made.rows:,}",
                f"{made.files:,}",
                units.size(made.size),
                units.seconds(made.seconds),
            )
    return table


def _query(report: Report, query: str) -> "Table":
    table = _table(_escaped(query), "layout", "median", "middle half", "scanned", "files", "memory")
    ran = [each for each in report.of(query) if each.seconds]
    best = report.best(query)
    for each in ran:
        table.add_row(*_cells(each, best))
    return table


def _cells(found: Measured, best: tuple[float, int] | None) -> tuple[str, ...]:
    fastest, cheapest = best or (None, None)
    low, high = found.quartiles
    return (
        found.layout,
        _marked(units.seconds(found.median), found.median == fastest),
        f"{units.seconds(low)} – {units.seconds(high)}",
        _marked(units.size(found.scanned), found.scanned == cheapest),
        "" if found.files is None else f"{found.files:,}",
        "" if found.memory is None else units.size(found.memory),
    )


def _marked(text: str, best: bool) -> str:
    return f"[bold green]{text}[/]" if best else text


def costs(report: Report, rate: str) -> "Table":
    """What a month costs when every query runs at a rate; raises LakeletError for a bad one."""
    count = units.per_month(rate)
    few = list(report.queries) if len(report.queries) <= _COLUMNS_OF_COSTS else []
    table = _table(f"A month on Athena, each query {rate}", "layout", *few, "all", "dearest")
    for made in report.layouts:
        prices = {
            each.query: report.dollars(each) * count
            for each in report.measured
            if each.layout == made.name and each.seconds
        }
        if not prices:
            continue
        dearest = max(prices, key=lambda query: prices[query])
        cells = [units.money(prices[query]) if query in prices else "" for query in few]
        whole = units.money(sum(prices.values())) if len(prices) == len(report.queries) else ""
        table.add_row(made.name, *cells, whole, f"{dearest}: {units.money(prices[dearest])}")
    return table


def changed(changes: Iterable[Change], against: str) -> "Table":
    """What is not as it was in an earlier report."""
    table = _table(f"Against {against}", "query", "layout", "verdict", "new / old", "scanned")
    for change in changes:
        style = _STYLES.get(change.verdict, "default")
        scanned = " → ".join(map(units.size, change.scanned)) if change.scanned else ""
        table.add_row(
            _escaped(change.query),
            change.layout,
            f"[{style}]{change.verdict}[/]",
            "" if change.ratio is None else f"{change.ratio:.2f}",
            scanned,
        )
    return table


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
        return (found.query, found.layout, *[""] * 10, found.failure)
    return (
        found.query,
        found.layout,
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
