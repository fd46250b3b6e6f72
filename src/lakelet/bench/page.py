"""A report as one HTML page that needs nothing beside it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from html import escape
from math import log

from lakelet import pricing
from lakelet.bench import answers, units
from lakelet.bench.comparing import Comparison
from lakelet.bench.markup import Bar, Cell, Column, Frame, bars, document, flame, key, name, table
from lakelet.bench.plots import COLOURS, Line, lines
from lakelet.bench.report import AS_THEY_ARE, Measured, Report
from lakelet.bench.standing import Standing, cheapest, standings
from lakelet.engines.explaining.profile import Operator

_OPEN = 4
"""Queries up to which each is shown unfolded."""

_LEAST_FRAME = 0.005
"""The share of the whole that a frame must have to be drawn."""

_HUES = {"TableScan": 3, "Aggregate": 4, "Join": 7, "Sort": 5, "TopN": 5, "Window": 6}
"""Colours of operators, by their names."""

_HOTTEST = 20.0
"""How many times the best time is as red as it gets."""


def page(report: Report, compared: Comparison | None = None, rate: str | None = None) -> str:
    """The whole page; costs are those of a month at the rate (`200/hour`) if there is one."""
    return document(f"{report.suite} · lakelet bench", "\n".join(_parts(report, compared, rate)))


def _parts(report: Report, compared: Comparison | None, rate: str | None) -> Iterator[str]:
    yield from _top(report)
    for engine, reason in report.unavailable().items():
        yield f'<p><b class="failed">{name(engine)} is not available</b>: {name(reason)}</p>'
    yield from _answers(report)
    if compared is not None:
        yield from _changes(compared)
    places = standings(report)
    yield from _times(places)
    yield from _costs(places, rate)
    yield from _map(report, places)
    if any(made.statements or made.failure for made in report.layouts):
        yield from _layouts(report)
    yield "<h2>Queries</h2>"
    for number, query in enumerate(report.queries):
        yield from _query(report, query, number)
    yield from _growth(report)


def _top(report: Report) -> Iterator[str]:
    versions = ", ".join(f"{each} {number}" for each, number in report.versions.items())
    engines = " and ".join(engine.name for engine in report.engines)
    runs = f"{report.repeat} run{'s' if report.repeat > 1 else ''}"
    yield f"<header><h1>{name(report.suite)}</h1>"
    yield (
        f'<p class="said">{_count(len(report.queries), "query", "queries")} on'
        f" {_count(len(report.layouts), 'layout', 'layouts')}: {name(engines)},"
        f" {escape(report.machine)}; {escape(versions)}; {escape(_moment(report.at))}. {runs}"
        f" of each after {report.warmup} to warm up. Athena's price is"
        f" {units.money(report.price_per_tb)} a terabyte,"
        f" {units.size(pricing.LEAST)} at least a query.</p>"
    )
    if not report.complete:
        yield "<p><b>This run was interrupted; it holds what had been measured.</b></p>"
    if busy := answers.busy(report):
        yield f"<p>{escape(busy)}</p>"
    yield "</header>"


def _moment(at: str) -> str:
    """`2026-11-28 03:20 UTC` of a moment in ISO's form and UTC."""
    return f"{at[:16].replace('T', ' ')} UTC"


def _count(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"


def _answers(report: Report) -> Iterator[str]:
    told = "".join(
        f'<div><dt>{escape(each.question)}</dt><dd class="who">{name(each.place)}</dd>'
        f'<dd class="why">{name(each.reason)}</dd></div>'
        for each in answers.told(report)
    )
    if told:
        yield f'<dl class="answers">{told}</dl>'


def _changes(compared: Comparison) -> Iterator[str]:
    yield f"<h2>Against {name(compared.against)}</h2>"
    for said in answers.compared(compared):
        yield f'<p class="said">{name(said)}</p>'
    if not compared.changes:
        return
    rows = [
        (
            change.query,
            change.layout,
            change.verdict,
            Cell(f"{change.ratio:.2f}", change.ratio) if change.ratio else Cell("", 0),
            " → ".join(map(units.size, change.scanned)) if change.scanned else "",
        )
        for change in compared.changes
    ]
    yield table(("query", "layout", "verdict", "new / old time", "scanned"), rows, "changes")


def _times(places: Sequence[Standing]) -> Iterator[str]:
    """The time of the whole suite, by layout."""
    if len(places) < 2:
        return
    yield "<h2>Time by layout</h2>"
    yield (
        '<p class="said">How many times the best time of each query, in the geometric mean: at 1,'
        " a layout is the fastest for every query.</p>"
    )
    timed = [
        Bar(
            each.label,
            (("", each.slowness),),
            f"{each.slowness:.3g} × · {units.seconds(each.seconds)}",
            f"{units.seconds(each.seconds)} for one run of each query",
            best=each is places[0],
        )
        for each in places
    ]
    yield bars(timed, "time by layout")


def _costs(places: Sequence[Standing], rate: str | None) -> Iterator[str]:
    """The cost of the whole suite, by layout."""
    if len(places) < 2 and rate is None:
        return
    count, which = 1e6, "a million runs of each query cost"
    if rate is not None:
        count, which = units.per_month(rate), f"a month costs, each query {rate},"
    same = len({each.dollars for each in places}) == 1
    yield "<h2>Cost by layout</h2>"
    yield (
        f'<p class="said">What {escape(which)} on Athena, and the bytes that one run of each'
        f" scans{'; all cost the same, so the bars are the bytes' if same else ''}.</p>"
    )
    least = cheapest(places) if places else None
    priced = [
        Bar(
            each.label,
            (("", each.scanned if same else each.dollars),),
            f"{units.money(each.dollars * count)} · {units.size(each.scanned)}",
            f"{each.scanned:,} bytes",
            best=each is least,
        )
        for each in sorted(places, key=lambda each: (each.dollars, each.scanned))
    ]
    if priced:
        yield bars(priced, "cost by layout")


def _map(report: Report, places: Sequence[Standing]) -> Iterator[str]:
    """Every query on every layout, by how many times the best it took."""
    labels = {each.made.place: each.label for each in places}
    labels |= {made.place: report.label(made.place) for made in report.layouts}
    if len(labels) < 2 or not report.measured:
        return
    yield "<h2>Every query on every layout</h2>"
    yield '<p class="said">Times the best time of the query; the redder, the slower.</p>'
    columns = [Column(query, f"q{number}") for number, query in enumerate(report.queries)]
    found = {(each.place, each.query): each for each in report.measured}
    best = {query: report.best(query) for query in report.queries}
    rows: list[list[Cell | str]] = [
        [label, *(_heat(found.get((place, query)), best[query]) for query in report.queries)]
        for place, label in labels.items()
    ]
    yield table(("layout", *columns), rows, "map")


def _heat(found: Measured | None, best: tuple[float, int] | None) -> Cell:
    if found is None:
        return Cell("", float("inf"))
    if not found.seconds or best is None:
        return Cell("–", float("inf"), found.failure or "")
    ratio = found.median / best[0]
    hint = f"{units.seconds(found.median)}, {units.size(found.scanned)} scanned"
    heat = min(1.0, max(0.0, log(ratio) / log(_HOTTEST)))
    shown = f"{ratio:.2g}" if ratio < 10 else f"{ratio:,.0f}"
    return Cell(shown, ratio, hint, ratio <= 1, heat)


def _layouts(report: Report) -> Iterator[str]:
    yield "<h2>Layouts</h2>"
    rows = [
        (
            report.label(made.place),
            Cell(f"{made.rows:,}", made.rows),
            Cell(f"{made.files:,}", made.files),
            Cell(units.size(made.size), made.size),
            Cell(units.seconds(made.seconds), made.seconds),
        )
        for made in report.layouts
        if made.failure is None
    ]
    if rows:
        yield table(("layout", "rows", "files", "size", "made in"), rows, "layouts")
    for reason, which in report.unmade().items():
        yield f'<p><b class="failed">not made</b>: {name(which)}: {name(reason)}</p>'
    texts = "\n\n".join(";\n".join(made.statements) for made in report.layouts if made.statements)
    if texts:
        yield (
            "<details><summary>The statements that made them</summary>"
            f"<pre>{escape(texts)}</pre></details>"
        )


def _query(report: Report, query: str, number: int) -> Iterator[str]:
    """A query, folded where there are many."""
    unfolded = " open" if len(report.queries) <= _OPEN else ""
    ran = sorted(report.whole(query), key=lambda each: each.median)
    yield (
        f'<details id="q{number}"{unfolded}><summary><b>{name(query)}</b>'
        f'<span class="said">{_gist(report, ran)}</span></summary>'
        f"<pre>{escape(report.queries[query])}</pre>"
    )
    for reason, where in report.failures(query).items():
        place = "" if where == AS_THEY_ARE else f" on {name(where)}"
        yield f'<p><b class="failed">failed</b>{place}: {name(reason)}</p>'
    if ran:
        yield from _drawn(report, query, ran)
    yield "</details>"


def _gist(report: Report, ran: Sequence[Measured]) -> str:
    if not ran:
        return '<span class="failed">no answer</span>'
    least = min(ran, key=lambda each: each.scanned)
    return (
        f"{units.seconds(ran[0].median)} on {name(report.label(ran[0].place))};"
        f" {units.size(least.scanned)} on {name(report.label(least.place))}"
    )


def _drawn(report: Report, query: str, ran: list[Measured]) -> Iterator[str]:
    least = min(each.scanned for each in ran)
    yield f"<h3>Time, by phase</h3>{key(ran[0].phases)}"
    yield bars([_timed(report, each, each is ran[0]) for each in ran], f"{query}: time by phase")
    yield "<h3>Bytes scanned, and the price of a million such queries</h3>"
    by_size = sorted(ran, key=lambda each: each.scanned)
    yield bars([_priced(report, each, least) for each in by_size], f"{query}: bytes scanned")
    yield from _flames(report, ran)
    yield "<h3>In numbers</h3>"
    header = ("layout", "median", "middle half", "scanned", "rows", "files opened", "row groups",
              "peak memory")  # fmt: skip
    yield table(header, [_numbers(report, each) for each in ran], "numbers")


def _flames(report: Report, ran: list[Measured]) -> Iterator[str]:
    """Where the time goes on the fastest and on the slowest layout."""
    shown = [each for each in (ran[:1] + ran[1:][-1:]) if each.operators is not None]
    if not shown:
        return
    yield "<h3>Where the time goes</h3>"
    yield (
        '<p class="said">Below execution its operators, by their time of the processor; each'
        " stands below the one that takes its rows.</p>"
    )
    for each in shown:
        label = report.label(each.place)
        yield f"<p>{name(label)}</p>{flame(_root(each, label))}"


def _root(found: Measured, label: str) -> Frame:
    total = sum(found.phases.values()) or 1.0
    parts = tuple(
        Frame(phase, value, f"{phase}: {units.seconds(value)}", number, _operators(found, phase))
        for number, (phase, value) in enumerate(found.phases.items())
        if value >= _LEAST_FRAME * total
    )
    shown = f"{units.seconds(found.median)}"
    return Frame(shown, total, f"{label}: {shown}", 8, parts)


def _operators(found: Measured, phase: str) -> tuple[Frame, ...]:
    """Those of the phase of execution, to its scale."""
    root = found.operators
    if root is None or phase != "execution" or not root.whole:
        return ()
    return _frames((root,), found.phases[phase] / root.whole, root.whole)


def _frames(operators: Sequence[Operator], scale: float, whole: float) -> tuple[Frame, ...]:
    return tuple(
        Frame(
            f"{each.name} {each.told}".strip(),
            each.whole * scale,
            f"{each.name}: {units.seconds(each.seconds)} of its own, {each.rows:,} rows"
            f" {each.told}".rstrip(),
            _HUES.get(each.name, 4),
            _frames(each.inputs, scale, whole),
        )
        for each in operators
        if each.whole >= _LEAST_FRAME * whole
    )


def _timed(report: Report, found: Measured, best: bool) -> Bar:
    """Phases are medians of their own: they are drawn as shares of the median of the whole."""
    total = sum(found.phases.values()) or 1.0
    parts = tuple(
        (f"{phase}: {units.seconds(value)}", value / total * found.median)
        for phase, value in found.phases.items()
    )
    return Bar(
        report.label(found.place),
        parts,
        units.seconds(found.median),
        f"runs: {', '.join(map(units.seconds, found.seconds))}",
        found.quartiles if len(found.seconds) > 1 else None,
        best,
    )


def _priced(report: Report, found: Measured, least: int) -> Bar:
    price = units.money(report.dollars(found) * 1e6)
    return Bar(
        report.label(found.place),
        (("", found.scanned),),
        f"{units.size(found.scanned)} · {price}",
        f"{found.scanned:,} bytes",
        best=found.scanned == least,
    )


def _numbers(report: Report, found: Measured) -> tuple[Cell | str, ...]:
    def told(count: int | None, shown: Callable[[int], str] = lambda each: f"{each:,}") -> Cell:
        return Cell("", -1) if count is None else Cell(shown(count), count)

    return (
        report.label(found.place),
        Cell(units.seconds(found.median), found.median),
        Cell(units.span(*found.quartiles), found.quartiles[0]),
        told(found.scanned, units.size),
        told(found.rows),
        told(found.files),
        told(found.row_groups),
        told(found.memory, units.size),
    )


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
            drawn = list(_lines(report, query, value))
            drawn.sort(key=lambda line: max(line.points)[1])
            if drawn:
                plot = lines(drawn, f"{query}: {title}", lambda rows: f"{rows:,.0f} rows", shown)
                yield f'<h3>{name(query)}: {title}</h3><div class="wide">{plot}</div>'


def _lines(report: Report, query: str, value: Callable[[Measured], float]) -> Iterable[Line]:
    families = dict.fromkeys((made.engine, made.family) for made in report.layouts)
    for engine, family in families:
        rows = {
            made.place: made.rows
            for made in report.layouts
            if (made.engine, made.family) == (engine, family)
        }
        points = tuple(
            (float(rows[found.place]), value(found))
            for found in report.of(query)
            if found.place in rows and found.seconds
        )
        if points:
            yield Line(report.label((engine, family)), points)
