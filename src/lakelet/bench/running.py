"""Runs a suite: lays the tables out, then times every query on every layout.

The runs of a query go round all layouts before they begin anew, so that a machine that grows slow
is slow for every layout alike. Whatever fails is part of the report, and the rest goes on.
"""

import os
import platform
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Final

from lakelet.bench import memory
from lakelet.bench.making import workshop
from lakelet.bench.report import AS_THEY_ARE, Made, Measured, Report
from lakelet.bench.suite import Query, Suite
from lakelet.bench.targets import Target
from lakelet.dbapi import Connection
from lakelet.errors import LakeletError
from lakelet.sql.redirecting import Name, redirected

LIBRARIES: Final = ("lakelet", "duckdb", "pyarrow")

Step = Callable[[str], None]
"""Told before each step what comes next."""


@dataclass(frozen=True, slots=True)
class _Run:
    """One run of a query."""

    seconds: float
    phases: Mapping[str, float]
    scanned: int
    rows: int
    files: int | None
    row_groups: int | None
    memory: int | None


@dataclass(slots=True)
class _Tries:
    """The runs of a query on a layout, and why there are no more."""

    layout: Made
    text: str
    runs: list[_Run] = field(default_factory=list)
    failure: str | None = None


def steps(suite: Suite) -> int:
    """How many steps a run of the suite has."""
    layouts = max(1, len(suite.layouts))
    return len(suite.layouts) + len(suite.queries) * layouts * (suite.warmup + suite.repeat)


def run(
    suite: Suite, target: Target, step: Step, price_per_tb: float
) -> Generator[Report, None, None]:
    """The report as it grows; the last one is complete.

    Whoever stops reading ends the run; what it made is removed either way. Raises LakeletError
    when no table can be laid out for want of its source.
    """
    report = _begun(suite, target, price_per_tb)
    with workshop(target, suite.database) as making, target.connect(suite.database) as connection:
        sources = [
            making.source(given, (suite.database, name)) for name, given in suite.tables.items()
        ]
        for layout in suite.layouts:
            step(layout.name)
            report = replace(report, layouts=(*report.layouts, making.make(layout, sources)))
            yield report
        names = {made.name: making.names(made.name, sources) for made in report.layouts}
        for query in suite.queries:
            connection.use(query.database or suite.database)
            tries = [_begin(query, made, connection.database, names) for made in report.layouts]
            for found in _queried(suite, query, tries, connection, target.here, step):
                report = report.with_measured(found)
            yield report
    yield replace(report, complete=True)


def _begun(suite: Suite, target: Target, price_per_tb: float) -> Report:
    as_it_is = (Made(AS_THEY_ARE, AS_THEY_ARE),)
    return Report(
        suite.name,
        target.name,
        datetime.now(UTC).isoformat(timespec="seconds"),
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        {"python": platform.python_version(), **{name: version(name) for name in LIBRARIES}},
        price_per_tb,
        suite.warmup,
        suite.repeat,
        {query.name: query.text for query in suite.queries},
        () if suite.layouts else as_it_is,
    )


def _begin(
    query: Query, made: Made, database: str, names: Mapping[str, Mapping[Name, Name]]
) -> _Tries:
    """The query over a layout's tables, or why it can't run."""
    if made.failure is not None:
        return _Tries(made, "", failure=f"the layout could not be made: {made.failure}")
    try:
        return _Tries(made, redirected(query.text, database, names[made.name]))
    except LakeletError as error:
        return _Tries(made, "", failure=str(error))


def _queried(
    suite: Suite,
    query: Query,
    tries: list[_Tries],
    connection: Connection,
    here: bool,
    step: Step,
) -> Iterator[Measured]:
    """The query's measurements on all layouts."""
    for number in range(suite.warmup + suite.repeat):
        for each in tries:
            step(f"{query.name} on {each.layout.name}")
            if each.failure is None:
                _try(each, connection, here, counted=number >= suite.warmup)
    for each in tries:
        yield _measured(query, each)


def _try(tries: _Tries, connection: Connection, here: bool, *, counted: bool) -> None:
    try:
        found = _once(connection, tries.text, here)
    except LakeletError as error:
        tries.failure = str(error)
        return
    if counted:
        tries.runs.append(found)


def _once(connection: Connection, text: str, here: bool) -> _Run:
    """Planning is all before the first row is asked for; execution brings every row here."""
    held = memory.forget_peak() if here else None
    cursor = connection.cursor()
    started = time.perf_counter()
    cursor.execute(text)
    planned = time.perf_counter()
    rows = cursor.arrow().num_rows if cursor.description else 0
    ended = time.perf_counter()
    most = memory.peak()
    told = cursor.statistics
    cursor.close()
    return _Run(
        ended - started,
        {"planning": planned - started, "execution": ended - planned},
        told.scanned,
        rows,
        told.files or None,
        told.row_groups or None,
        None if most is None or held is None else max(0, most - held),
    )


def _measured(query: Query, tries: _Tries) -> Measured:
    found = Measured(query.name, tries.layout.name, failure=tries.failure)
    if not tries.runs:
        return found
    last = tries.runs[-1]
    peaks = [each.memory for each in tries.runs if each.memory is not None]
    return replace(
        found,
        seconds=tuple(each.seconds for each in tries.runs),
        phases={
            phase: sorted(each.phases[phase] for each in tries.runs)[len(tries.runs) // 2]
            for phase in last.phases
        },
        scanned=last.scanned,
        rows=last.rows,
        files=last.files,
        row_groups=last.row_groups,
        memory=max(peaks, default=None),
    )
