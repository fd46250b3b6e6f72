"""Queries timed on two sides that take turns, each within a limit; what was found is kept, so that
a run that broke off goes on where it was."""

import json
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from statistics import median
from typing import Protocol

from benchmarks import clock, sizes
from benchmarks.data import WORK
from benchmarks.report import Pair, commit

LIMIT = 60.0
"""Seconds of the wall that one run of a query may take."""


class Side(Protocol):
    """One of two that answer the same."""

    def run(self, name: str) -> int | None:
        """Answers a query; the number of its rows, None where that is not all of them."""
        ...

    def interrupt(self) -> None:
        """Stops what runs; from any thread."""
        ...


def timed(
    title: str,
    names: Iterable[str],
    ours: Side,
    theirs: Side,
    *,
    runs: int = 5,
    here: bool = True,
) -> dict[str, Pair]:
    """Every query's pair. A query that fails, takes too long or has another number of rows on the
    other side says so, and the rest goes on. `here` is whether both sides work in this process."""
    by = clock.chosen() if here else clock.WALL
    found = _kept(title)
    names = list(names)
    for name in names:
        if name not in found:
            found[name] = _pair(name, ours, theirs, runs, by)
            _keep(title, found)
    return {name: found[name] for name in names}


def forget(*titles: str) -> None:
    """Lets the next run begin anew."""
    for title in titles:
        _file(title).unlink(missing_ok=True)


def _pair(name: str, ours: Side, theirs: Side, runs: int, by: str) -> Pair:
    times: tuple[list[float], list[float]] = ([], [])
    sides = (("lakelet", ours), ("the other", theirs))
    try:
        counts = set()
        for who, side in sides:
            with _limited(side, who):
                counts.add(side.run(name))
        counts.discard(None)
        if len(counts) > 1:
            return Pair(failure=f"the two answer {' and '.join(map(str, counts))} rows")
        for _ in range(sizes.runs(runs)):
            for (who, side), kept in zip(sides, times, strict=True):
                with _limited(side, who):
                    started = clock.seconds(by)
                    side.run(name)
                    kept.append(clock.seconds(by) - started)
    except _Failure as failed:
        return Pair(failure=str(failed))
    return Pair(median(times[0]), median(times[1]))


class _Failure(Exception):  # noqa: N818 - what is so, not what broke
    """A side's failure, in its words."""


@contextmanager
def _limited(side: Side, who: str) -> Iterator[None]:
    timer = threading.Timer(LIMIT, side.interrupt)
    timer.start()
    try:
        yield
    except Exception as error:
        late = timer.finished.is_set()
        reason = f"more than {LIMIT:g} s" if late else f"{type(error).__name__}: {error}"
        raise _Failure(f"{who}: {reason}"[:300]) from error
    finally:
        timer.cancel()


# What an earlier run found ---------------------------------------------------------------------


def _file(title: str) -> Path:
    return WORK / "unfinished" / f"{title}.json"


def _state() -> dict[str, str]:
    """Times of another commit, clock or size are not this run's."""
    return {"commit": commit(), "clock": clock.chosen(), "size": "quick" if sizes.quick() else ""}


def _kept(title: str) -> dict[str, Pair]:
    try:
        document = json.loads(_file(title).read_text())
    except (OSError, ValueError):
        return {}
    if document.pop("of", None) != _state():
        return {}
    return {name: Pair(**found) for name, found in document.items()}


def _keep(title: str, found: Mapping[str, Pair]) -> None:
    path = _file(title)
    path.parent.mkdir(parents=True, exist_ok=True)
    pairs = {name: asdict(pair) for name, pair in found.items()}
    beside = path.with_suffix(".new")
    beside.write_text(json.dumps({"of": _state(), **pairs}))
    beside.rename(path)
