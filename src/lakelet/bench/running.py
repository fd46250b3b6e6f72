"""Runs a suite: lays the tables out, then times every query on every layout.

The runs of a query go round all layouts before they begin anew, so that a machine that grows slow
is slow for every layout alike. Whatever fails is part of the report, and the rest goes on.
"""

import os
import platform
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Final

from lakelet.bench import memory
from lakelet.bench.layouts import Layout, Placed, fitting, statements
from lakelet.bench.report import AS_THEY_ARE, Made, Measured, Report
from lakelet.bench.suite import Query, Suite
from lakelet.bench.targets import Target
from lakelet.dbapi import Connection
from lakelet.errors import LakeletError

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
    memory: int | None


@dataclass(slots=True)
class _Tries:
    """The runs of a query on a layout, and why there are no more."""

    layout: Made
    connection: Connection
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
    with _databases(suite, target) as databases:
        for made in _layouts(suite, target, databases, step):
            report = replace(report, layouts=(*report.layouts, made))
            yield report
        for query in suite.queries:
            for found in _queried(suite, query, target, databases, report, step):
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


# Layouts -------------------------------------------------------------------------------------


@contextmanager
def _databases(suite: Suite, target: Target) -> Iterator[dict[str, str]]:
    """Each layout's database by the layout's name: all its tables have their own names there."""
    word = target.folder.rstrip("/").rpartition("/")[2].replace("-", "_")
    names = {
        layout.name: f"bench_{word}_{index}_{layout.word}"[:120]
        for index, layout in enumerate(suite.layouts)
    }
    databases = {**names, "": f"bench_{word}_sources"} if names else {}
    connection = target.connect(suite.database)
    try:
        for name in databases.values():
            connection.cursor().execute(f"CREATE DATABASE `{name}`")
        yield databases or {AS_THEY_ARE: suite.database}
    finally:
        for name in databases.values():
            connection.cursor().execute(f"DROP DATABASE IF EXISTS `{name}` CASCADE")
        target.remove()
        connection.close()


def _layouts(
    suite: Suite, target: Target, databases: Mapping[str, str], step: Step
) -> Iterator[Made]:
    if not suite.layouts:
        return
    sources = {
        name: target.table(source, name, databases[""]) for name, source in suite.tables.items()
    }
    connection = target.connect(suite.database)
    columns = {name: _columns(connection, table) for name, table in sources.items()}
    for layout in suite.layouts:
        step(layout.name)
        tables = [
            Placed(
                _quoted(sources[name]),
                databases[layout.name],
                name,
                f"{target.folder}{layout.word}/{name}/",
                columns[name],
            )
            for name in sources
        ]
        yield _made(layout, tables, connection)
    connection.close()


def _columns(connection: Connection, table: str) -> tuple[str, ...]:
    cursor = connection.cursor().execute(f"SELECT * FROM {_quoted(table)} LIMIT 0")
    return tuple(column[0] for column in cursor.description or ())


def _quoted(table: str) -> str:
    return ".".join(f'"{part}"' for part in table.split("."))


def _made(layout: Layout, tables: list[Placed], connection: Connection) -> Made:
    """Lays the tables out; a failure is the layout's, not the run's."""
    made = Made(layout.name, layout.family.name, layout.fraction)
    ran: list[str] = []
    started = time.perf_counter()
    try:
        _check(layout, tables)
        for placed in tables:
            ran += _lay(fitting(layout, placed.columns), placed, connection)
        seconds = time.perf_counter() - started
        sizes = [_size(connection, placed) for placed in tables]
    except LakeletError as error:
        return replace(made, statements=tuple(ran), failure=str(error))
    rows, files, size = (sum(each) for each in zip(*sizes, strict=True))
    return replace(made, rows=rows, files=files, size=size, seconds=seconds, statements=tuple(ran))


def _check(layout: Layout, tables: list[Placed]) -> None:
    """Some table must have the columns that the layout speaks of."""
    for names in (layout.partitioned_by, layout.bucketed_by, layout.sorted_by):
        if not any(set(names) <= set(placed.columns) for placed in tables):
            raise LakeletError(f"no table has the columns {', '.join(names)}")


def _lay(layout: Layout, placed: Placed, connection: Connection) -> list[str]:
    """The statements that made the table; files of a size take a first try to know how many."""
    count = layout.files
    if layout.file_size:
        _execute(connection, list(statements(layout, placed, 1)))
        size = _size(connection, placed)[2]
        count = max(1, round(size / layout.file_size))
        if count == 1:
            return list(statements(layout, placed, 1))
        connection.cursor().execute(f"DROP TABLE `{placed.database}`.`{placed.table}`")
        placed = replace(placed, location=f"{placed.location}{count}/")
    ran = list(statements(layout, placed, count))
    _execute(connection, ran)
    return ran


def _execute(connection: Connection, texts: list[str]) -> None:
    for text in texts:
        connection.cursor().execute(text)


def _size(connection: Connection, placed: Placed) -> tuple[int, int, int]:
    """Rows, files and bytes of a table."""
    table = f'"{placed.database}"."{placed.table}"'
    found = connection.cursor().execute(
        "SELECT sum(n), count(*), sum(s) FROM"
        f' (SELECT count(*) n, max("$file_size") s FROM {table} GROUP BY "$path")'
    )
    rows, files, size = found.fetchall()[0]
    return int(rows or 0), int(files), int(size or 0)


# Queries -------------------------------------------------------------------------------------


def _queried(
    suite: Suite,
    query: Query,
    target: Target,
    databases: Mapping[str, str],
    report: Report,
    step: Step,
) -> Iterator[Measured]:
    """The query's measurements on all layouts."""
    tries = [
        _Tries(made, target.connect(databases[made.name]), failure=_unmade(made))
        for made in report.layouts
    ]
    for number in range(suite.warmup + suite.repeat):
        for each in tries:
            step(f"{query.name} on {each.layout.name}")
            if each.failure is None:
                _try(each, query, counted=number >= suite.warmup)
    for each in tries:
        each.connection.close()
        yield _measured(query, each)


def _unmade(made: Made) -> str | None:
    return None if made.failure is None else f"the layout could not be made: {made.failure}"


def _try(tries: _Tries, query: Query, *, counted: bool) -> None:
    try:
        found = _once(tries.connection, query.text)
    except LakeletError as error:
        tries.failure = str(error)
        return
    if counted:
        tries.runs.append(found)


def _once(connection: Connection, text: str) -> _Run:
    """Planning is all before the first row is asked for; execution brings every row here."""
    held = memory.forget_peak()
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
        told.files,
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
        memory=max(peaks, default=None),
    )
