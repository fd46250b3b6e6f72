"""Runs a suite: lays the tables out, then times every query on every layout of every engine.

The runs of a query go round all places before they begin anew, so that a machine that grows slow
is slow for every one alike; and they go round all queries, so that what slows the machine for some
seconds meets one run of each query and not all the runs of one. Whatever fails is part of the
report, and the rest goes on.
"""

import os
import platform
import statistics
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from importlib.metadata import version
from itertools import product
from typing import Final

from lakelet.bench.layouts import Layout
from lakelet.bench.making import Source, Workshop, workshop
from lakelet.bench.report import AS_THEY_ARE, Engine, Made, Measured, Place, Report
from lakelet.bench.suite import Query, Suite
from lakelet.bench.targets import NoEngineError, Target
from lakelet.bench.timing import Timed, once
from lakelet.dbapi import Connection
from lakelet.engines.explaining.profile import Operator
from lakelet.errors import LakeletError
from lakelet.sql.redirecting import Name, redirected, tables
from lakelet.sql.statements import kinds, parse
from lakelet.sql.statements import model as statements

LIBRARIES: Final = ("lakelet", "duckdb", "pyarrow")

Step = Callable[[str, str], None]
"""Told before each step what comes next, and where (nothing for a layout that is made)."""


@dataclass(frozen=True, slots=True)
class _Site:
    """An engine that is there: its door, and what lays tables out on it."""

    target: Target
    connection: Connection
    making: Workshop
    sources: list[Source]


@dataclass(slots=True)
class _Tries:
    """The runs of a query in a place, and why there are no more."""

    query: str
    place: Place
    text: str = ""
    site: _Site | None = None
    runs: list[Timed] = field(default_factory=list)
    failure: str | None = None
    operators: Operator | None = None


def steps(suite: Suite, targets: Sequence[Target]) -> int:
    """How many steps a run of the suite has."""
    layouts = max(1, len(suite.layouts))
    runs = len(suite.queries) * layouts * (suite.warmup + suite.repeat)
    return (len(suite.layouts) + runs) * len(targets)


def run(
    suite: Suite,
    targets: Sequence[Target],
    step: Step,
    price_per_tb: float,
    *,
    profiled: bool = True,
) -> Generator[Report, None, None]:
    """The report as it grows; the last one is complete, and tells of operators if `profiled`.

    An engine that is not available stands in the report with the reason, and the others go on.
    Whoever stops reading ends the run; what it made is removed either way. Raises LakeletError
    when tables can't be laid out on the only engine for want of their source.
    """
    report = _begun(suite, targets, price_per_tb)
    with ExitStack() as opened:
        sites: dict[str, _Site | None] = {}
        for target in targets:
            try:
                sites[target.name] = _open(suite, target, opened)
            except NoEngineError as error:
                sites[target.name] = None
                report = report.without(Engine(target.name, str(error)))
            except LakeletError as error:
                if len(targets) == 1:
                    raise
                sites[target.name] = None
                report = report.without(Engine(target.name, str(error)))
        yield report
        for engine, layout in product(sites, suite.layouts):
            step(f"laying out {report.label((engine, layout.name))}", "")
            report = replace(
                report, layouts=(*report.layouts, _made(sites[engine], engine, layout))
            )
            yield report
        tries = [
            [_begin(query, made, sites[made.engine], suite, report) for made in report.layouts]
            for query in suite.queries
        ]
        for _ in _rounds(suite, tries, report, step):
            report = _with(report, tries)
            yield report
        for each in (one for places in tries for one in places) if profiled else ():
            each.operators = _operators(each)
        report = _with(report, tries)
    yield replace(report, complete=True)


def _open(suite: Suite, target: Target, opened: ExitStack) -> _Site:
    """Raises NoEngineError for an engine that does not answer, LakeletError for a source."""
    target.check()
    making = opened.enter_context(workshop(target, suite.database))
    connection = opened.enter_context(target.connect(suite.database))
    sources = [making.source(given, (suite.database, name)) for name, given in suite.tables.items()]
    making.view(target.views(_named(suite)), sources)
    return _Site(target, connection, making, sources)


def _named(suite: Suite) -> Iterator[Name]:
    """The tables and views of the queries that can be read."""
    for query in suite.queries:
        with suppress(LakeletError):
            yield from tables(query.text, query.database or suite.database)


def _made(site: _Site | None, engine: str, layout: Layout) -> Made:
    if site is not None:
        return site.making.make(layout, site.sources)
    return Made(engine, layout.name, layout.family.name, layout.fraction, failure="not available")


def _begun(suite: Suite, targets: Sequence[Target], price_per_tb: float) -> Report:
    as_it_is = tuple(Made(target.name, AS_THEY_ARE, AS_THEY_ARE) for target in targets)
    return Report(
        suite.name,
        tuple(Engine(target.name) for target in targets),
        datetime.now(UTC).isoformat(timespec="seconds"),
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        {"python": platform.python_version(), **{name: version(name) for name in LIBRARIES}},
        price_per_tb,
        suite.warmup,
        suite.repeat,
        {query.name: query.text for query in suite.queries},
        () if suite.layouts else as_it_is,
    )


def _begin(query: Query, made: Made, site: _Site | None, suite: Suite, report: Report) -> _Tries:
    """The query over a layout's tables, or why it can't run."""
    if site is None:
        reason = report.unavailable()[made.engine]
        return _Tries(query.name, made.place, failure=f"not available: {reason}")
    if made.failure is not None:
        reason = f"the layout could not be made: {made.failure}"
        return _Tries(query.name, made.place, failure=reason)
    names = site.making.names(made.name, site.sources)
    site.connection.use(query.database or suite.database)
    try:
        _need_query(query.text)
        text = redirected(query.text, site.connection.database, names)
    except LakeletError as error:
        return _Tries(query.name, made.place, failure=str(error))
    return _Tries(query.name, made.place, text, site)


def _need_query(text: str) -> None:
    """Raises LakeletError for another statement."""
    statement = parse(text)
    if not isinstance(statement, statements.Query | statements.Unreadable):
        kind = kinds(statement)[1].replace("_", " ")
        raise LakeletError(f"only queries are timed, and this is {kind}")


def _rounds(
    suite: Suite, tries: Sequence[Sequence[_Tries]], report: Report, step: Step
) -> Iterator[None]:
    """Runs each query in all places, its first time right after its warm-up; stops where a report
    tells something new."""
    for number in range(suite.repeat):
        for places in tries:
            for run in range(suite.warmup + 1 if number == 0 else 1):
                for each in places:
                    step(each.query, report.label(each.place))
                    if each.failure is None:
                        _try(each, counted=number > 0 or run == suite.warmup)
            yield


def _with(report: Report, tries: Sequence[Sequence[_Tries]]) -> Report:
    """With what the tries have found so far."""
    return replace(
        report,
        measured=tuple(
            _measured(each)
            for places in tries
            for each in places
            if each.runs or each.failure is not None
        ),
    )


def _try(tries: _Tries, *, counted: bool) -> None:
    assert tries.site is not None
    try:
        found = once(tries.site.connection, tries.text, here=tries.site.target.here)
    except LakeletError as error:
        tries.failure = str(error)
        return
    if counted:
        tries.runs.append(found)


def _measured(tries: _Tries) -> Measured:
    found = Measured(tries.query, *tries.place, failure=tries.failure)
    if not tries.runs:
        return found
    last = tries.runs[-1]
    peaks = [each.memory for each in tries.runs if each.memory is not None]
    return replace(
        found,
        seconds=tuple(each.seconds for each in tries.runs),
        stretches=_stretches(tries.runs),
        phases={
            phase: statistics.median(each.phases[phase] for each in tries.runs)
            for phase in last.phases
        },
        scanned=last.scanned,
        rows=last.rows,
        files=last.files,
        row_groups=last.row_groups,
        memory=max(peaks, default=None),
        operators=tries.operators,
    )


def _stretches(runs: Sequence[Timed]) -> tuple[float, ...]:
    """Of all runs, or of none."""
    found = tuple(each.stretch for each in runs if each.stretch is not None)
    return found if len(found) == len(runs) else ()


def _operators(tries: _Tries) -> Operator | None:
    """Of a run that counts for nothing else; one that fails is none."""
    if tries.site is None or tries.failure is not None:
        return None
    try:
        return tries.site.target.operators(tries.text, tries.site.connection.database)
    except LakeletError:
        return None
