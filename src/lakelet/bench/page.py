"""A report as one HTML page that needs nothing beside it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from html import escape
from typing import Final

from lakelet.bench import units
from lakelet.bench.comparing import Change
from lakelet.bench.plots import COLOURS, TEXTS, THEME, Bar, Line, bars, lines
from lakelet.bench.report import Measured, Report

_STYLE: Final = f"""{THEME}{TEXTS}
body {{ margin: 2.5rem auto; max-width: 62rem; padding: 0 1.2rem; color: var(--ink);
 background: var(--paper); font: 15px/1.55 system-ui, sans-serif }}
h1 {{ font-size: 1.6rem; margin-bottom: .3rem }} h3 {{ font-size: .95rem; margin: 1.6rem 0 .4rem }}
h2 {{ font-size: 1.2rem; margin-top: 3rem; padding-top: 1rem; border-top: 1px solid var(--line) }}
p.said, p.key {{ color: var(--quiet) }}
.wide {{ overflow-x: auto }}
table {{ border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums }}
th {{ font-weight: 600; color: var(--quiet); font-size: .85rem }}
th, td {{ padding: .3rem .6rem; border-bottom: 1px solid var(--line); text-align: right }}
th:first-child, td:first-child {{ text-align: left }}
td.failed {{ text-align: left }} .failed {{ color: var(--c2) }}
tr:hover td {{ background: color-mix(in srgb, var(--c0) 7%, transparent) }}
pre {{ background: color-mix(in srgb, var(--ink) 6%, transparent); padding: .8rem 1rem;
 border-radius: 8px; white-space: pre-wrap; overflow-wrap: anywhere; font-size: 13px }}
svg {{ width: 100%; max-width: 50rem; height: auto; display: block }}
.key span {{ display: inline-block; width: .8em; height: .8em; border-radius: 2px; margin: 0 .4em }}
"""


def page(report: Report, changes: Sequence[Change] = (), against: str = "") -> str:
    """The whole page."""
    parts = "\n".join(_parts(report, changes, against))
    title = f"{escape(report.suite)} · lakelet bench"
    return (
        '<!doctype html>\n<html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{title}</title><style>{_STYLE}</style>\n{parts}\n</html>\n"
    )


def _parts(report: Report, changes: Sequence[Change], against: str) -> Iterator[str]:
    versions = ", ".join(f"{name} {number}" for name, number in report.versions.items())
    yield f"<h1>{escape(report.suite)}</h1>"
    yield (
        f'<p class="said">{escape(report.engine)} on {escape(report.machine)}; {escape(versions)}.'
        f" {escape(report.at)}. {report.repeat} runs of each query after {report.warmup} that do"
        f" not count; the line over a bar is the middle half of them. Athena's price is"
        f" {units.money(report.price_per_tb)} a terabyte, 10 MB at least a query.</p>"
    )
    if not report.complete:
        yield "<p><b>This run was interrupted; it holds what had been measured.</b></p>"
    yield _summary(report)
    if changes:
        yield _changes(changes, against)
    if any(made.statements or made.failure for made in report.layouts):
        yield from _layouts(report)
    for query, text in report.queries.items():
        yield from _query(report, query, text)
    yield from _growth(report)


def _summary(report: Report) -> str:
    """For each query, the layout on which it was fastest and that on which it scanned least."""
    rows: list[tuple[str, ...]] = []
    for each in report.winners():
        fastest, least = each.fastest, each.cheapest
        if fastest is None or least is None:
            rows.append((each.query, each.failure))
            continue
        rows.append(
            (
                each.query,
                fastest.layout,
                units.seconds(fastest.median),
                least.layout,
                units.size(least.scanned),
                units.money(report.dollars(least) * 1e6),
            )
        )
    header = ("query", "fastest on", "time", "cheapest on", "scanned", "a million of them")
    return f"<h2>The best layouts</h2>{_table(header, rows)}"


def _changes(changes: Iterable[Change], against: str) -> str:
    rows = [
        (
            change.query,
            change.layout,
            change.verdict,
            "" if change.ratio is None else f"{change.ratio:.2f}",
            " → ".join(map(units.size, change.scanned)) if change.scanned else "",
        )
        for change in changes
    ]
    header = ("query", "layout", "verdict", "new / old time", "scanned")
    return f"<h2>Against {escape(against)}</h2>{_table(header, rows)}"


def _layouts(report: Report) -> Iterator[str]:
    rows = [
        (
            made.name,
            f"{made.rows:,}",
            f"{made.files:,}",
            units.size(made.size),
            units.seconds(made.seconds),
        )
        for made in report.layouts
        if made.failure is None
    ]
    yield f"<h2>Layouts</h2>{_table(('layout', 'rows', 'files', 'size', 'made in'), rows)}"
    for reason, which in report.unmade().items():
        yield f'<p><b class="failed">not made</b>: {escape(which)}: {escape(reason)}</p>'


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f"<th>{escape(name)}</th>" for name in header)
    body = "".join(_row(row, len(header)) for row in rows)
    return f'<div class="wide"><table><tr>{head}</tr>{body}</table></div>'


def _row(cells: Sequence[str], width: int) -> str:
    if len(cells) < width:
        rest = f'<td class="failed" colspan="{width - 1}">{escape(cells[-1])}</td>'
        return f"<tr><td>{escape(cells[0])}</td>{rest}</tr>"
    return "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>"


def _query(report: Report, query: str, text: str) -> Iterator[str]:
    found = report.of(query)
    if not found:
        return
    yield f"<h2>{escape(query)}</h2><pre>{escape(text)}</pre>"
    for reason, where in report.failures(query).items():
        yield f'<p><b class="failed">failed</b> on {escape(where)}: {escape(reason)}</p>'
    ran = report.whole(query)
    if not ran:
        return
    fastest, least = report.best(query) or (None, None)
    by_time = sorted(ran, key=lambda each: each.median)
    by_size = sorted(ran, key=lambda each: each.scanned)
    yield "<h3>Time</h3>" + bars([_timed(each, fastest) for each in by_time], f"{query}: time")
    yield "<h3>Bytes scanned, and the price of a million such queries</h3>"
    yield bars([_priced(report, each, least) for each in by_size], f"{query}: bytes scanned")
    yield "<h3>Phases</h3>" + _key(ran[0].phases)
    yield bars([_phased(each) for each in by_time], f"{query}: phases")
    yield _details(by_time)


def _timed(found: Measured, best: float | None) -> Bar:
    return Bar(
        found.layout,
        (("", found.median),),
        units.seconds(found.median),
        f"runs: {', '.join(map(units.seconds, found.seconds))}",
        found.quartiles,
        found.median == best,
    )


def _priced(report: Report, found: Measured, least: int | None) -> Bar:
    price = units.money(report.dollars(found) * 1e6)
    shown = f"{units.size(found.scanned)} · {price}"
    return Bar(
        found.layout, (("", found.scanned),), shown, f"{found.scanned:,} bytes",
        best=found.scanned == least,
    )  # fmt: skip


def _phased(found: Measured) -> Bar:
    parts = tuple(
        (f"{name}: {units.seconds(value)}", value) for name, value in found.phases.items()
    )
    return Bar(found.layout, parts, " + ".join(units.seconds(v) for v in found.phases.values()))


def _key(names: Iterable[str]) -> str:
    shown = "".join(
        f'<span style="background:var(--c{i})"></span>{escape(name)}'
        for i, name in enumerate(names)
    )
    return f'<p class="key">{shown}</p>'


def _details(found: Iterable[Measured]) -> str:
    rows = [
        (
            each.layout,
            f"{each.rows:,}",
            "" if each.files is None else f"{each.files:,}",
            "" if each.row_groups is None else f"{each.row_groups:,}",
            "" if each.memory is None else units.size(each.memory),
        )
        for each in found
    ]
    header = ("layout", "rows", "files opened", "row groups", "peak memory")
    return _table(header, rows)


def _growth(report: Report) -> Iterator[str]:
    """Time and bytes by rows, where layouts differ in their share of the rows."""
    if len({made.fraction for made in report.layouts}) < 2:
        return
    yield "<h2>Growth with the rows</h2>"
    yield (
        '<p class="said">Both axes are logarithmic; growth in proportion to the rows runs beside'
        f" the dashed line. Where there are more than {COLOURS} layouts, those that do best with"
        " the most rows have colours.</p>"
    )
    for query in report.queries:
        for title, value, shown in (
            ("time", lambda found: found.median, units.seconds),
            ("bytes scanned", lambda found: float(found.scanned), units.size),
        ):
            drawn = [
                Line(family, points)
                for family in dict.fromkeys(made.family for made in report.layouts)
                if (points := _points(report, query, family, value))
            ]
            drawn.sort(key=lambda line: max(line.points)[1])
            if drawn:
                yield f"<h3>{escape(query)}: {title}</h3>"
                yield lines(drawn, f"{query}: {title}", lambda rows: f"{rows:,.0f} rows", shown)


def _points(
    report: Report, query: str, family: str, value: Callable[[Measured], float]
) -> tuple[tuple[float, float], ...]:
    rows = {made.name: made.rows for made in report.layouts if made.family == family}
    return tuple(
        (float(rows[found.layout]), value(found))
        for found in report.of(query)
        if found.layout in rows and found.seconds
    )
