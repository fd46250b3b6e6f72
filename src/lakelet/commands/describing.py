"""`lakelet describe`: a table whole, columns, keys, format, files, partitions and parameters.

rich is imported by what draws.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lakelet.bench import units
from lakelet.catalog import shapes
from lakelet.commands import options
from lakelet.commands.options import find_table, open_lake, print_json
from lakelet.errors import NotFound
from lakelet.model import Column, Document, ObjectInfo, Partition, Table
from lakelet.storage.keys import place

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table as Drawing
    from rich.text import Text

    from lakelet.interfaces import Storage
    from lakelet.lake import Lake

_SHOWN_PARTITIONS = 10


@dataclass(slots=True)
class Size:
    """Files and their bytes."""

    files: int = 0
    bytes: int = 0

    def add(self, info: ObjectInfo) -> None:
        self.files += 1
        self.bytes += info.size

    def __str__(self) -> str:
        files = f"{self.files:,} file{'' if self.files == 1 else 's'}"
        return f"{units.size(self.bytes)} in {files}"


@dataclass(frozen=True, slots=True)
class Description:
    """A table with what its files and partitions come to. No `size` where no files can be."""

    document: Document
    table: Table
    format: str
    size: Size | None
    partitions: int | None
    shown: Sequence[tuple[Partition, Size]]


@click.command(name="describe", short_help="Show a table: columns, format, files, partitions.")
@click.argument("table")
@options.data
@options.as_json
def command(table: str, data: Path, as_json: bool) -> None:
    """Show a table (database.table): columns, keys, format, files, partitions, parameters."""
    with open_lake(data) as lake:
        found = description(lake, find_table(lake, table))
    if as_json:
        print_json(_document(found))
        return
    from rich.console import Console

    console = Console()
    for part in _drawn(found):
        console.print(part)


def description(lake: "Lake", document: Document) -> Description:
    """What there is to say of a table."""
    from lakelet import formats

    table = shapes.table(document)
    kind = formats.classification(table)
    if table.is_view:
        return Description(document, table, kind, None, None, ())
    keyed = bool(table.partition_keys)
    partitions = lake.catalog.partitions_of.of(table) if keyed else iter(())
    shown = [(each, Size()) for each in islice(partitions, _SHOWN_PARTITIONS)]
    every = chain((each for each, _ in shown), partitions)
    size = _measured(lake.storage, table.storage.location, shown, every)
    count = lake.catalog.partitions_of.count(table.database, table.name) if keyed else None
    return Description(document, table, kind, size, count, shown)


def _measured(
    storage: "Storage",
    location: str,
    shown: Sequence[tuple[Partition, Size]],
    partitions: Iterable[Partition],
) -> Size | None:
    """The size of all, with the sizes of the shown partitions added up on the way.

    The table's folder is listed once; of partitions those that lie outside it.
    """
    root = _folder(location)
    folders = {_folder(each.storage.location): size for each, size in shown}
    every = (_folder(each.storage.location) for each in partitions)
    outside = dict.fromkeys(folder for folder in every if not folder.startswith(root))
    whole = Size()
    try:
        for info in _files(storage, (root, *outside)):
            whole.add(info)
            part = _part(folders, info)
            if part is not None:
                part.add(info)
    except NotFound:
        return None
    return whole


def _files(storage: "Storage", folders: Iterable[str]) -> Iterator[ObjectInfo]:
    for folder in folders:
        if found := place(folder):
            yield from (info for info in storage.list(*found) if info.is_data)


def _part(folders: Mapping[str, Size], info: ObjectInfo) -> Size | None:
    folder = info.uri
    while folders and "/" in folder:
        folder = folder.rpartition("/")[0]
        if f"{folder}/" in folders:
            return folders[f"{folder}/"]
    return None


def _folder(location: str) -> str:
    return f"s3://{location.partition('://')[2].rstrip('/')}/"


def _document(found: Description) -> Document:
    return {
        "Table": found.document,
        "Format": found.format,
        "Files": found.size.files if found.size else None,
        "Bytes": found.size.bytes if found.size else None,
        "Partitions": found.partitions,
    }


# Drawing ------------------------------------------------------------------------------------


def _drawn(found: Description) -> "Iterator[RenderableType]":
    from rich.text import Text

    table = found.table
    title = Text.assemble((f"{table.database}.", "dim"), (table.name, "bold"))
    yield title.append(f"  {found.format}, version {table.version_id}", "dim")
    if table.description:
        yield Text(table.description, "italic")
    yield _columns(table)
    yield _facts(found)
    if found.shown:
        yield _partitions(found)
    if table.is_view:
        yield _view(table)


def _columns(table: Table) -> "RenderableType":
    drawn = _grid("column", "type", "comment")
    for each in table.storage.columns:
        drawn.add_row(*_column(each, "bold"))
    for each in table.partition_keys:
        name, of, comment = _column(each, "bold yellow")
        drawn.add_row(name.append("  key", "dim yellow"), of, comment)
    return drawn


def _column(column: Column, style: str) -> tuple["Text", "Text", "Text"]:
    from rich.text import Text

    return Text(column.name, style), Text(column.type, "cyan"), Text(column.comment or "")


def _facts(found: Description) -> "RenderableType":
    from rich.table import Table as Drawing
    from rich.text import Text

    drawn = Drawing.grid(padding=(0, 3, 0, 1))
    drawn.add_column(style="dim", no_wrap=True)
    drawn.add_column(overflow="fold")
    for name, value in _said(found):
        drawn.add_row(name, value if isinstance(value, Text) else Text(str(value)))
    return drawn


def _said(found: Description) -> Iterator[tuple[str, object]]:
    table, storage = found.table, found.table.storage
    if not table.is_view:
        yield "location", storage.location
        yield "files", found.size if found.size is not None else "no such bucket"
    if found.partitions is not None:
        keys = ", ".join(each.name for each in table.partition_keys)
        yield "partitions", f"{found.partitions:,} by {keys}"
    if storage.bucket_columns:
        buckets = f"{storage.number_of_buckets} by {', '.join(storage.bucket_columns)}"
        yield "buckets", buckets
    if storage.serde:
        yield "serde", storage.serde
        yield from _listed("serde parameters", storage.serde_parameters)
    if storage.input_format:
        yield "input format", storage.input_format
        yield "output format", storage.output_format
    yield "created", _moment(found.document["CreateTime"])
    yield "updated", _moment(found.document["UpdateTime"])
    yield from _listed("parameters", table.parameters)


def _listed(title: str, given: Mapping[str, str]) -> Iterator[tuple[str, object]]:
    from rich.text import Text

    for index, (name, value) in enumerate(sorted(given.items())):
        yield "" if index else title, Text.assemble((name, "cyan"), " = ", repr(value)[1:-1])


def _partitions(found: Description) -> "RenderableType":
    from rich.text import Text

    drawn = _grid(*(each.name for each in found.table.partition_keys), "size", "location")
    root = _folder(found.table.storage.location)
    for partition, size in found.shown:
        where = _folder(partition.storage.location)
        cells = [*partition.values, str(size), where.removeprefix(root) or where]
        drawn.add_row(*map(Text, cells))
    rest = (found.partitions or 0) - len(found.shown)
    if rest > 0:
        drawn.caption = f"and {rest:,} more"
        drawn.caption_justify = "left"
    return drawn


def _view(table: Table) -> "RenderableType":
    from rich.padding import Padding
    from rich.syntax import Syntax

    from lakelet.engines import views

    return Padding(
        Syntax(views.shown(table), "sql", background_color="default", word_wrap=True), (1, 1)
    )


def _grid(*names: str) -> "Drawing":
    from rich.box import SIMPLE_HEAD
    from rich.table import Table as Drawing
    from rich.text import Text

    drawn = Drawing(box=SIMPLE_HEAD)
    for name in names:
        drawn.add_column(Text(name, "dim"), overflow="fold")
    return drawn


def _moment(value: datetime) -> str:
    return f"{value:%Y-%m-%d %H:%M:%S} UTC"
