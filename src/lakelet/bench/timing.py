"""One run of a query: how long it took and in which phases, what it read and held."""

import time
from collections.abc import Mapping
from dataclasses import dataclass

from lakelet.bench import memory, processors
from lakelet.dbapi import Connection
from lakelet.engines.answers import Answer, Explained, Lines, Written
from lakelet.model import Statistics

PHASES = ("planning", "execution", "delivery")
"""Up to the plan with its files; up to the first rows; the rest of the rows. Of an engine that is
elsewhere: what it tells of the first two, and its queue, the network and the rows."""


@dataclass(frozen=True, slots=True)
class Timed:
    """One run of a query: seconds in all and by phase, bytes, counts, the memory it took, and how
    many times longer it took for waiting for processors."""

    seconds: float
    phases: Mapping[str, float]
    scanned: int
    rows: int
    files: int | None
    row_groups: int | None
    memory: int | None
    stretch: float | None = None


@dataclass(frozen=True, slots=True)
class _Clock:
    """Moments of a run, in seconds."""

    started: float
    planned: float
    first: float
    ended: float

    def here(self) -> tuple[float, float, float]:
        return self.planned - self.started, self.first - self.planned, self.ended - self.first

    def far(self, told: Statistics) -> tuple[float, float, float]:
        """Trino and Athena plan while they execute."""
        whole = self.ended - self.started
        execution = min(whole, told.execution / 1000)
        planning = min(execution, told.planning / 1000)
        return planning, execution - planning, whole - execution


def once(connection: Connection, text: str, *, here: bool) -> Timed:
    """Runs a query to its last row; raises LakeletError."""
    held = memory.forget_peak() if here else None
    before = processors.threads() if here else None
    started = time.perf_counter()
    run = connection.prepare(text, ())
    try:
        answer = run.execute()
        planned = time.perf_counter()
        rows, first = _read(answer)
        clock = _Clock(started, planned, first, time.perf_counter())
        after = processors.threads() if here else None
        most = memory.peak()
        told = _told(answer)
    finally:
        run.close()
    phases = clock.here() if here else clock.far(told)
    return Timed(
        clock.ended - started,
        dict(zip(PHASES, phases, strict=True)),
        told.scanned,
        rows,
        told.files or None,
        told.row_groups or None,
        None if most is None or held is None else max(0, most - held),
        processors.stretch(before, after),
    )


def _read(answer: Answer) -> tuple[int, float]:
    """How many rows there are, and when the first of them came."""
    if isinstance(answer, Written | Explained | Lines):
        rows = len(answer.lines) if isinstance(answer, Lines) else 0
        return rows, time.perf_counter()
    rows, first = 0, 0.0
    for batch in answer.batches():
        first = first or time.perf_counter()
        rows += batch.num_rows
    return rows, first or time.perf_counter()


def _told(answer: Answer) -> Statistics:
    if isinstance(answer, Lines):
        return Statistics()
    return answer.statistics if isinstance(answer, Written | Explained) else answer.statistics()
