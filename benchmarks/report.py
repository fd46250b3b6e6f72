"""What a benchmark says: numbers with their floor measured in the same run, as a table and JSON."""

import json
import os
import platform
import statistics
import subprocess
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks import clock, sizes

RESULTS = Path(__file__).parent / "results"
LIBRARIES = ("lakelet", "duckdb", "sqlglot", "pyarrow", "botocore", "httptools")


@dataclass(frozen=True, slots=True)
class Measurement:
    """One number; `floor` is what the same work costs without lakelet, in the same unit.

    `goal` is the text of the project's aim for it; `met` whether this run reached it. A peer that
    is not there leaves no value: `floor_is` then says how to get it. `size` is the amount of what
    grows, where the same is measured over several: they make a line of a plot.
    """

    name: str
    value: float | None
    unit: str
    floor: float | None = None
    floor_is: str = ""
    goal: str = ""
    met: bool | None = None
    size: float | None = None

    @property
    def ratio(self) -> float | None:
        return self.value / self.floor if self.floor and self.value is not None else None


@dataclass(frozen=True, slots=True)
class Pair:
    """The median seconds of the same work here and by a peer, or why there are none."""

    ours: float = 0.0
    theirs: float = 0.0
    failure: str = ""

    @property
    def ratio(self) -> float:
        return self.ours / self.theirs


def median_seconds(work: Callable[[], object], *, runs: int = 5, warm: int = 1) -> float:
    """The median time of one call, in seconds, after `warm` calls that don't count."""
    for _ in range(warm):
        work()
    times = []
    for _ in range(sizes.runs(runs)):
        started = clock.now()
        work()
        times.append(clock.now() - started)
    return statistics.median(times)


def paired_seconds(
    ours: Callable[[], object], theirs: Callable[[], object], *, runs: int = 5
) -> tuple[float, float]:
    """The median times of two ways to do the same, which take turns, after one call of each."""
    ours()
    theirs()
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(sizes.runs(runs)):
        for work, kept in zip((ours, theirs), times, strict=True):
            started = clock.now()
            work()
            kept.append(clock.now() - started)
    return statistics.median(times[0]), statistics.median(times[1])


def against(
    title: str,
    pairs: Mapping[str, Pair],
    peer: str,
    *,
    limit: float,
    allowance: float = 0,
    worst: float | None = None,
) -> list[Measurement]:
    """Queries beside a peer: the geometric mean of the ratios, and each query in milliseconds.

    `limit` is asked of the mean of the ratios once `allowance`, seconds a query, is taken off;
    a query that has no times leaves the goal unmet.
    """
    times = {name: pair for name, pair in pairs.items() if not pair.failure}
    failed = {name: pair.failure for name, pair in pairs.items() if pair.failure}
    goal = f"≤ {limit}" + (f" + {1000 * allowance:g} ms" if allowance else "")
    counted = f"{title}: geometric mean of {len(times)} queries"
    found = []
    if times:
        mean = statistics.geometric_mean(
            max((pair.ours - allowance) / pair.theirs, 1e-3) for pair in times.values()
        )
        ratio = statistics.geometric_mean(pair.ratio for pair in times.values())
        met = mean <= limit and not failed
        found = [Measurement(counted, ratio, "×", 1, peer, goal, met)]
    if times and worst is not None:
        name = max(times, key=lambda each: times[each].ratio)
        ratio = times[name].ratio
        found.append(
            Measurement(
                f"{title}: worst, {name}", ratio, "×", 1, peer, f"≤ {worst}", ratio <= worst
            )
        )
    found += [
        Measurement(f"{title}: {name}", 1000 * pair.ours, "ms", 1000 * pair.theirs, peer)
        for name, pair in times.items()
    ]
    return found + [
        Measurement(f"{title}: {name}", None, "ms", floor_is=reason)
        for name, reason in failed.items()
    ]


def show(title: str, measurements: Sequence[Measurement], console: Console) -> None:
    """Draws the table of one benchmark."""
    table = Table(
        "what", "value", "floor", "ratio", "goal", "met", title=title, title_justify="left"
    )
    for found in measurements:
        table.add_row(
            *cells(asdict(found) | {"ratio": found.ratio}),
        )
    console.print(table)


def cells(found: Mapping[str, Any]) -> list[str]:
    """What a table shows of a measurement: name, value, floor, ratio, goal, whether it was met."""
    value, floor, unit = found["value"], found["floor"], found["unit"]
    beside = found["floor_is"]
    return [
        found["name"] if found["size"] is None else f"{found['name']}, {found['size']:,.0f}",
        "not available" if value is None else f"{value:,.4g} {unit}",
        beside if floor is None else f"{floor:,.4g} {unit} ({beside})",
        "" if found["ratio"] is None else f"{found['ratio']:.2f}",
        found["goal"],
        {None: "", True: "yes", False: "no"}[found["met"]],
    ]


def keep(title: str, measurements: Iterable[Measurement]) -> Path:
    """Writes results/<title>.json with machine, versions and commit; the path."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{title}.json"
    document = {
        "benchmark": title,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "clock": clock.chosen(),
        "versions": {"python": platform.python_version()}
        | {name: version(name) for name in LIBRARIES},
        "commit": commit(),
        "measurements": [{**asdict(found), "ratio": found.ratio} for found in measurements],
    }
    path.write_text(json.dumps(document, indent=1) + "\n")
    return path


def latest(title: str) -> list[Measurement]:
    """What results/<title>.json holds."""
    document = json.loads((RESULTS / f"{title}.json").read_text())
    names = [each.name for each in fields(Measurement)]
    return [
        Measurement(**{name: one.get(name) for name in names}) for one in document["measurements"]
    ]


def commit() -> str:
    """The short name of the commit that is measured."""
    done = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    )
    return done.stdout.strip()
