"""`lakelet import`: what `lakelet export` wrote, or other DDL, becomes the catalogue's."""

from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from lakelet.catalog.documents import load
from lakelet.commands import options, records
from lakelet.commands.options import open_lake
from lakelet.errors import LakeletError
from lakelet.model import Document

if TYPE_CHECKING:
    from lakelet.lake import Lake


@click.command(name="import", short_help="Read a catalogue from JSON or SQL.")
@click.argument("file", type=click.File(encoding="utf-8"))
@options.data
@click.option("--replace", is_flag=True, help="Replace tables that are there already (JSON only).")
def command(file: TextIO, data: Path, replace: bool) -> None:
    """Read databases, tables and partitions from a FILE of JSON or SQL (- is the input).

    All of it is put into the catalogue or, when something is refused, nothing.
    """
    with open_lake(data) as lake:
        try:
            done = _read(lake, file, replace)
        except UnicodeDecodeError as error:
            raise LakeletError(f"{file.name} is no text in UTF-8") from error
    click.echo(done, err=True)


def _read(lake: "Lake", file: TextIO, replace: bool) -> str:
    """Imports a file; what it came to."""
    first = file.readline()
    if first.lstrip().startswith("{"):
        return _counted(records.put(lake.catalog, _records(first, file), replace=replace), "table")
    return _counted(run(lake, first + file.read()), "statement")


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _records(first: str, file: TextIO) -> Iterator[Document]:
    for number, line in enumerate(chain([first], file), 1):
        if not line.strip():
            continue
        try:
            yield load(line)
        except ValueError as error:
            raise LakeletError(f"line {number} is no JSON: {error}") from error


def run(lake: "Lake", text: str) -> int:
    """Runs statements, all or none; how many. Raises LakeletError with the one that failed, or that
    writes objects, which nothing would take back."""
    from lakelet.dbapi import connect
    from lakelet.sql.statements.splitting import split

    count = 0
    with lake.catalog.transaction(), connect(lake) as connection:
        for statement in split(text):
            try:
                _check_writes_nothing(statement)
                connection.cursor().execute(statement)
            except LakeletError as error:
                raise LakeletError(f"{error}\nin: {statement[:200]}") from error
            count += 1
    return count


def _check_writes_nothing(text: str) -> None:
    """Raises LakeletError for a statement that writes objects, TrinoError for one that is none."""
    from lakelet.sql.statements import parse
    from lakelet.sql.statements.model import CreateTableAs, Insert, Unload

    if isinstance(parse(text), CreateTableAs | Insert | Unload):
        raise LakeletError("an import changes the catalogue alone; lakelet sql writes objects too")
