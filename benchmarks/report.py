"""What a benchmark says: numbers with their floor measured in the same run, as a table and JSON."""

import json
import os
import platform
import statistics
import subprocess
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from time import perf_counter

from rich.console import Console
from rich.table import Table

RESULTS = Path(__file__).parent / "results"
LIBRARIES = ("lakelet", "duckdb", "sqlglot", "pyarrow", "botocore", "uvicorn")


@dataclass(frozen=True, slots=True)
class Measurement:
    """One number; `floor` is what the same work costs without lakelet, in the same unit.

    `goal` is the text of the project's aim for it; `met` whether this run reached it.
    """

    name: str
    value: float
    unit: str
    floor: float | None = None
    floor_is: str = ""
    goal: str = ""
    met: bool | None = None

    @property
    def ratio(self) -> float | None:
        return self.value / self.floor if self.floor else None


def median_seconds(work: Callable[[], object], *, runs: int = 5, warm: int = 1) -> float:
    """The median time of one call, in seconds, after `warm` calls that don't count."""
    for _ in range(warm):
        work()
    times = []
    for _ in range(runs):
        started = perf_counter()
        work()
        times.append(perf_counter() - started)
    return statistics.median(times)


def show(title: str, measurements: Sequence[Measurement], console: Console) -> None:
    """Draws the table of one benchmark."""
    table = Table(
        "what", "value", "floor", "ratio", "goal", "met", title=title, title_justify="left"
    )
    for found in measurements:
        table.add_row(
            found.name,
            f"{found.value:,.4g} {found.unit}",
            "" if found.floor is None else f"{found.floor:,.4g} {found.unit} ({found.floor_is})",
            "" if found.ratio is None else f"{found.ratio:.2f}",
            found.goal,
            {None: "", True: "yes", False: "no"}[found.met],
        )
    console.print(table)


def keep(title: str, measurements: Iterable[Measurement]) -> Path:
    """Writes results/<title>.json with machine, versions and commit; the path."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{title}.json"
    document = {
        "benchmark": title,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "versions": {"python": platform.python_version()}
        | {name: version(name) for name in LIBRARIES},
        "commit": _commit(),
        "measurements": [{**asdict(found), "ratio": found.ratio} for found in measurements],
    }
    path.write_text(json.dumps(document, indent=1) + "\n")
    return path


def _commit() -> str:
    done = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    )
    return done.stdout.strip()
