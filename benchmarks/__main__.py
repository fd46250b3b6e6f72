"""`python -m benchmarks [NAME …]`: runs all benchmarks, or those named, and keeps their results.

A benchmark is a module of this package with `measure() -> list[Measurement]`.
"""

import importlib
import sys

from rich.console import Console

from benchmarks.report import keep, show

BENCHMARKS = (
    "startup",
    "requests",
    "queries",
    "frontend",
    "functions",
    "tpch",
    "tpcds",
    "answers",
    "s3",
    "scans",
    "trino",
    "catalog",
    "crawl",
    "writes",
    "text",
)


def main(names: list[str]) -> None:
    """Runs the benchmarks one after the other."""
    console = Console(width=150)
    for name in names or BENCHMARKS:
        with console.status(f"measuring {name}"):
            found = importlib.import_module(f"benchmarks.{name}").measure()
        show(name, found, console)
        console.print(f"kept in {keep(name, found).name}", style="dim")


if __name__ == "__main__":
    main(sys.argv[1:])
