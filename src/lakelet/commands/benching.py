"""`lakelet bench`: a suite of queries over every layout of its tables, timed and priced."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lakelet import config
from lakelet.commands import options
from lakelet.commands.options import FOLDER
from lakelet.errors import LakeletError

if TYPE_CHECKING:
    from rich.console import Console

    from lakelet.bench.comparing import Comparison
    from lakelet.bench.report import Report
    from lakelet.bench.running import Step
    from lakelet.bench.suite import Suite
    from lakelet.bench.targets import Target

LAKE = "lake"
"""The target that is the lake of `--data`."""

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command(name="bench", short_help="Time and price queries over layouts of their tables.")
@click.argument("suite", type=click.Path(path_type=Path), default=Path("bench.toml"))
@options.data
@click.option("--target", "targets", metavar="ENGINE", multiple=True, help="Where the queries run:"
              " lake (by default), trino://host:port/catalog or athena://<work group>?region=…;"
              " once for each engine.")  # fmt: skip
@click.option("--output", metavar="S3", help="Where other engines lay tables out:"
              " s3://bucket/folder/.")  # fmt: skip
@click.option("--out", type=FOLDER, default=Path("bench-results"), show_default=True,
              help="Where the report goes, as JSON, CSV and HTML.")  # fmt: skip
@click.option("--against", type=_FILE, metavar="JSON", help="Say what changed since that report.")
@click.option("--cost-of", metavar="RATE", help="Price a month at a rate: 200/hour.")
@click.option("--repeat", type=click.IntRange(1), help="Runs that count, instead of the suite's.")
@click.option("--example", type=click.Choice(("sales", "flights")), is_flag=False,
              flag_value="sales", help="Show a suite to begin with: of sales, or of"
              " `lakelet demo`'s flights.")  # fmt: skip
def command(
    suite: Path,
    data: Path,
    targets: tuple[str, ...],
    output: str | None,
    out: Path,
    against: Path | None,
    cost_of: str | None,
    repeat: int | None,
    example: str | None,
) -> None:
    """Time and price a SUITE of queries over every layout of their tables.

    A suite is a file (.toml, .yaml, .sql) or a folder of .sql files; by default bench.toml.
    """
    from rich.console import Console

    from lakelet.bench import comparing, units
    from lakelet.bench import suite as suites

    if example:
        click.echo(suites.EXAMPLES[example], nl=False)
        return
    asked = suites.read(suite)
    earlier = _earlier(against, asked) if against else None
    if cost_of:
        units.per_month(cost_of)
    asked = suites.repeated(asked, repeat)
    with options.interruptible(), _engines(asked, data, targets or (LAKE,), output) as where:
        found, path = _run(asked, where, out, Console(stderr=True))
    compared = comparing.compare(earlier, found, str(against)) if earlier else None
    _show(found, compared, cost_of, Console())
    _write(found, path, compared, cost_of)
    click.echo(f"{path.with_suffix('.html')}, with .json and .csv beside it", err=True)
    if not found.complete:
        raise LakeletError("interrupted; the report holds what had been measured")
    if not any(each.seconds for each in found.measured):
        raise LakeletError("no query was answered; the report says why")


def _earlier(path: Path, suite: "Suite") -> "Report":
    """A report to compare with; raises LakeletError for one that has none of the queries."""
    from lakelet.bench import report

    found = report.load(path)
    if not any(query.name in found.queries for query in suite.queries):
        raise LakeletError(f"{path} holds no query of this suite; it is of {found.suite}")
    return found


def _show(
    report: "Report",
    compared: "Comparison | None",
    cost_of: str | None,
    console: "Console",
) -> None:
    from lakelet.bench import answers, tables

    for table in tables.drawn(report, console.width):
        console.print(table)
    for said in tables.changed(compared) if compared else ():
        console.print(said)
    if cost_of:
        console.print(tables.costs(report, cost_of))
    told = tables.answer(report)
    if told is not None:
        console.print("", told)
    if busy := answers.busy(report):
        console.print(f"\n{busy}")


@contextmanager
def _engines(
    suite: "Suite", data: Path, targets: Sequence[str], output: str | None
) -> "Iterator[list[Target]]":
    """Every target once, in order; raises LakeletError for one that is none."""
    from contextlib import ExitStack

    with ExitStack() as opened:
        yield [
            opened.enter_context(_lake(data)) if each == LAKE else _far(suite, each, output)
            for each in dict.fromkeys(targets)
        ]


def _far(suite: "Suite", address: str, output: str | None) -> "Target":
    from lakelet.bench.targets import FarTarget

    if not address.startswith(("athena://", "trino://")):
        raise LakeletError(
            "--target takes lake, trino://host:port/catalog or athena://<work group>,"
            f" not {address}"
        )
    if suite.layouts and (output is None or "://" not in output):
        raise LakeletError(f"{address} lays tables out in a folder of yours: --output s3://…")
    return FarTarget(address, output)


@contextmanager
def _lake(data: Path) -> "Iterator[Target]":
    from lakelet.bench.targets import LocalTarget
    from lakelet.lake import Lake

    # A suite may bring all its tables with it: then there need be no lake.
    there = data if (data / "lake.db").exists() else None
    with Lake(config.read(os.environ, data=there)) as lake:
        yield LocalTarget(lake)


def _run(
    suite: "Suite", targets: "Sequence[Target]", out: Path, console: "Console"
) -> "tuple[Report, Path]":
    """The report as far as it came, saved after each step, and its JSON file."""
    from contextlib import closing

    from lakelet.bench import report as reports
    from lakelet.bench.running import run, steps

    path = out / f"{suite.name}-{datetime.now().strftime('%Y%m%dT%H%M%S')}.json"
    found: Report | None = None
    with _told(console, steps(suite, targets)) as step:
        try:
            with closing(
                run(suite, targets, step, config.read(os.environ).price_per_tb)
            ) as growing:
                for found in growing:
                    reports.save(found, path)
        except KeyboardInterrupt:
            console.print("Interrupted: removing what was made.")
    if found is None:
        raise LakeletError("interrupted before anything was measured")
    return found, path


@contextmanager
def _told(console: "Console", total: int) -> "Iterator[Step]":
    """What is told of each step: a bar on a terminal, elsewhere a line for what is new."""
    if not console.is_terminal:
        said: set[str] = set()

        def line(what: str, where: str) -> None:
            if what not in said:
                said.add(what)
                click.echo(what, err=True)

        yield line
        return

    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
    from rich.table import Column

    columns = (
        BarColumn(20),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[step]}", markup=False, table_column=Column(no_wrap=True, ratio=1)),
    )
    with Progress(*columns, console=console, transient=True, expand=True) as progress:
        task = progress.add_task("", total=total, completed=-1, step="")

        def shown(what: str, where: str) -> None:
            progress.update(task, advance=1, step=f"{what} on {where}" if where else what)

        yield shown


def _write(
    report: "Report",
    path: Path,
    compared: "Comparison | None",
    cost_of: str | None,
) -> None:
    from lakelet.bench import files, page, tables

    files.write(path.with_suffix(".csv"), tables.as_csv(report).encode())
    files.write(path.with_suffix(".html"), page.page(report, compared, cost_of).encode())
