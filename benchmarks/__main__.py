"""`python -m benchmarks [NAME …]`: runs all benchmarks, or those named, and keeps their results.

A benchmark is a module of this package with `measure() -> list[Measurement]`. Several run each in a
process of its own: one that fails, hangs or is killed is told at the end, and the rest goes on.
"""

import contextlib
import importlib
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import Final

import click
from rich.console import Console
from rich.table import Table

from benchmarks import clock, sizes
from benchmarks.report import keep, latest, show

BENCHMARKS: Final = (
    "startup",
    "requests",
    "queries",
    "peers",
    "frontend",
    "functions",
    "tpch",
    "tpcds",
    "clickbench",
    "flights",
    "scanned",
    "answers",
    "growth",
    "s3",
    "scans",
    "trino",
    "catalog",
    "crawl",
    "writes",
    "cancelling",
    "text",
    "avro",
)
"""In the order in which they run: calls of milliseconds before others have removed many files,
after which making one takes longer on some disks."""
LIMIT: Final = 3600.0
"""Seconds that one benchmark may take."""


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What became of a benchmark: seconds it took, and why it kept nothing."""

    name: str
    seconds: float
    failure: str = ""


@click.command(help=__doc__)
@click.argument("names", nargs=-1, metavar="[NAME]…")
@click.option("--quick", is_flag=True, help="A fiftieth of the data, to see that all runs; kept"
              " nowhere.")  # fmt: skip
@click.option("--processor", is_flag=True, help="Measure what runs in this process by the"
              " processor's time: for a machine that others use.")  # fmt: skip
def main(names: tuple[str, ...], quick: bool, processor: bool) -> None:
    """Runs the benchmarks one after the other."""
    unknown = sorted(set(names) - set(BENCHMARKS))
    if unknown:
        raise click.UsageError(f"no benchmark {', '.join(unknown)}; there are {_listed()}")
    if quick:
        os.environ[sizes.QUICK] = "1"
    # An installation has its bytecode: whatever is started from here may write what is missing.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    if processor:
        clock.choose(clock.PROCESSOR)
    console = Console(width=150)
    if len(names) == 1:
        _one(names[0], console)
        return
    outcomes = []
    for name in names or BENCHMARKS:
        try:
            outcomes.append(_apart(name, processor))
        except KeyboardInterrupt:
            console.print("Interrupted; what was measured is kept.")
            break
    console.print(_summary(outcomes))
    sys.exit(any(each.failure for each in outcomes))


def _listed() -> str:
    return ", ".join(BENCHMARKS)


def _one(name: str, console: Console) -> None:
    with console.status(f"measuring {name}"):
        found = importlib.import_module(f"benchmarks.{name}").measure()
    show(name, found, console)
    if not sizes.quick():
        console.print(f"kept in {keep(name, found).name}", style="dim")


def _apart(name: str, processor: bool) -> _Outcome:
    """Runs one in a process of its own, which ends with all that it started."""
    command = [sys.executable, "-m", "benchmarks", name, *(["--processor"] if processor else [])]
    started = time.perf_counter()
    process = subprocess.Popen(command, start_new_session=True)
    try:
        status = process.wait(LIMIT)
        failure = f"exit status {status}" if status else ""
    except subprocess.TimeoutExpired:
        failure = f"more than {LIMIT:g} s"
    finally:
        _end(process)
    return _Outcome(name, time.perf_counter() - started, failure)


def _end(process: subprocess.Popen[bytes]) -> None:
    """First asks it to put away what it made."""
    with contextlib.suppress(ProcessLookupError, subprocess.TimeoutExpired):
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGINT)
            process.wait(30)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def _summary(outcomes: list[_Outcome]) -> Table:
    table = Table("benchmark", "took", "goals met", "not met")
    for each in outcomes:
        if each.failure:
            cells = (f"[red]failed: {each.failure}[/]", "")
        else:
            kept = [] if sizes.quick() else latest(each.name)
            goals = [one for one in kept if one.met is not None]
            met = sum(bool(one.met) for one in goals)
            cells = (str(met), "; ".join(one.name for one in goals if not one.met))
        table.add_row(each.name, f"{each.seconds:.0f} s", *cells)
    return table


if __name__ == "__main__":
    main()
