"""Rows of a query as data files of an Iceberg table, and the statements that add them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final
from uuid import uuid4

from lakelet.engines.context import Context
from lakelet.engines.iceberg import metrics, storing, transforms
from lakelet.engines.iceberg.manifests import DATA, Entry
from lakelet.engines.iceberg.metadata import IcebergTable
from lakelet.engines.iceberg.partitions import partition_text
from lakelet.engines.iceberg.types import trino
from lakelet.engines.locations import split
from lakelet.engines.planning import Plan
from lakelet.engines.writing.files import WrittenFile, written
from lakelet.engines.writing.target import Columns, Target
from lakelet.errors import TrinoError
from lakelet.model import Document, Finished
from lakelet.types.duckdb import physical
from lakelet.types.quoting import identifier, quoted

_FORMAT: Final = "write.format.default"
_CODECS: Final = {
    "PARQUET": "write.parquet.compression-codec",
    "ORC": "write.orc.compression-codec",
    "AVRO": "write.avro.compression-codec",
}
_CODEC: Final = "ZSTD"
_FAILURES: Final = {
    "HIVE_TOO_MANY_OPEN_PARTITIONS": "ICEBERG_TOO_MANY_OPEN_PARTITIONS",
    "HIVE_WRITER_DATA_ERROR": "ICEBERG_WRITER_DATA_ERROR",
}
"""What Iceberg's connector calls failures of writing."""


@dataclass(frozen=True, slots=True)
class DataFiles:
    """Finished files with their entries, in a folder that goes with the statement."""

    folder: Path
    rows: int
    entries: Sequence[Entry]
    files: Sequence[Finished]


def target(table: IcebergTable) -> Target:
    """Where rows of a table go: its columns, and no keys that a query would give."""
    columns = tuple((each["name"].lower(), trino(each["type"])) for each in table.fields)
    name, codec = form_of(table)
    form = storing.IcebergFormat(name, table.fields, codec)
    return Target(columns, (), form, f"{table.document['location']}/data/")


def form_of(table: IcebergTable) -> tuple[str, str]:
    """The format and the codec of a table's files."""
    name = table.properties.get(_FORMAT, "PARQUET").upper()
    if name not in storing.FORMATS:
        raise TrinoError("NOT_SUPPORTED", f"File format not supported for Iceberg: {name}")
    return name, table.properties.get(_CODECS[name], _CODEC)


@contextmanager
def data_files(context: Context, plan: Plan, table: IcebergTable) -> Iterator[DataFiles]:
    """A query's rows, whose columns are the table's, in files by the table's partitions.

    Raises TrinoError, CONSTRAINT_VIOLATION for NULL in a column that takes none.
    """
    fields = table.spec["fields"]
    types = {each["id"]: each for each in table.fields}
    parts = [(each["transform"], types[each["source-id"]]) for each in fields]
    keys: Columns = tuple(
        (f"$p{i}", transforms.kept_type(transform, source["type"]))
        for i, (transform, source) in enumerate(parts)
    )
    own = replace(target(table), keys=keys)
    try:
        with written(context, _partitioned(plan, table, parts), own) as found:
            entries = [_entry(table, each, found.extension, parts) for each in found.files]
            files = [
                Finished(each.path, *split(entry.path))
                for each, entry in zip(found.files, entries, strict=True)
            ]
            yield DataFiles(found.folder, found.rows, entries, files)
    except TrinoError as failure:
        if failure.name not in _FAILURES:
            raise
        message = failure.message.removesuffix("/buckets")
        raise TrinoError(_FAILURES[failure.name], message) from failure


def _partitioned(plan: Plan, table: IcebergTable, parts: Sequence[tuple[str, Document]]) -> Plan:
    names = [each["name"].lower() for each in table.fields]
    given = ", ".join(
        f"{identifier(own)} AS {identifier(name)}"
        for own, name in zip(plan.names, names, strict=True)
    )
    items = [_checked(each) for each in table.fields]
    items += [
        f"{transforms.sql(transform, source['type'], identifier(source['name'].lower()))}"
        f" AS {identifier(f'$p{i}')}"
        for i, (transform, source) in enumerate(parts)
    ]
    text = f"SELECT {', '.join(items)} FROM (SELECT {given} FROM ({plan.text}))"
    return replace(plan, text=text, names=(*names, *(f"$p{i}" for i in range(len(parts)))))


def _checked(field: Document) -> str:
    name = identifier(field["name"].lower())
    if not field["required"]:
        return name
    message = f"NULL value not allowed for NOT NULL column: {field['name']}"
    failure = f"trino_fail('CONSTRAINT_VIOLATION', {quoted(message)})"
    of = physical(trino(field["type"]))
    through = "VARCHAR" if of == "BLOB" else of
    return f"coalesce({name}, CAST(CAST({failure} AS {through}) AS {of})) AS {name}"


def _entry(
    table: IcebergTable,
    file: WrittenFile,
    extension: str,
    parts: Sequence[tuple[str, Document]],
) -> Entry:
    fields = table.spec["fields"]
    partition = {
        each["name"]: transforms.restored(transform, source["type"], text)
        for each, (transform, source), text in zip(fields, parts, file.values, strict=True)
    }
    form = extension[1:].upper()
    entry = Entry(
        DATA,
        "",
        form,
        table.document["default-spec-id"],
        partition,
        file.rows,
        file.path.stat().st_size,
        order=table.document.get("default-sort-order-id"),
    )
    entry = metrics.measured(entry, file.path, table.fields)
    folder = partition_text(entry, table)
    place = f"{table.document['location']}/data/{f'{folder}/' if folder else ''}"
    return replace(entry, path=f"{place}{uuid4()}{extension}")
