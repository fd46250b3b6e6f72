"""CREATE TABLE, CREATE TABLE AS and DROP TABLE of Iceberg tables."""

import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from lakelet.catalog import iceberg_metadata
from lakelet.engines.answers import Lines, Written
from lakelet.engines.context import Context
from lakelet.engines.iceberg import storing, transforms
from lakelet.engines.iceberg.committing import Change, metadata_file, snapshot
from lakelet.engines.iceberg.metadata import LOCATION, IcebergTable
from lakelet.engines.iceberg.types import Columns, schema_fields
from lakelet.engines.iceberg.writing import data_files
from lakelet.engines.locations import split
from lakelet.engines.names import NOTHING, database_of, qualified
from lakelet.engines.planning import Plan
from lakelet.engines.writing.places import need_empty
from lakelet.errors import AlreadyExists, TrinoError
from lakelet.model import Document, Finished, Statistics, Table
from lakelet.sql.statements.model import CreateTable, CreateTableAs, Partitioning
from lakelet.types.hive import to_trino
from lakelet.types.model import timestamp

_OCTETS: Final = "application/octet-stream"
_FIRST_FIELD: Final = 1000
_CODECS: Final = {
    "PARQUET": "write.parquet.compression-codec",
    "ORC": "write.orc.compression-codec",
    "AVRO": "write.avro.compression-codec",
}
_PROPERTIES: Final = frozenset(
    {
        "table_type",
        "format",
        "write_compression",
        "compression_level",
        "optimize_rewrite_data_file_threshold",
        "optimize_rewrite_delete_file_threshold",
        "optimize_rewrite_min_data_file_size_bytes",
        "optimize_rewrite_max_data_file_size_bytes",
        "vacuum_min_snapshots_to_keep",
        "vacuum_max_snapshot_age_seconds",
        "vacuum_max_metadata_files_to_keep",
        "write_target_data_file_size_bytes",
        "write_location_provider_impl",
        "write_object_storage_enabled",
        "write_data_path_enabled",
    }
)
"""TBLPROPERTIES that Athena takes."""
_OF_CTAS: Final = frozenset({"is_external", "location", "partitioning"})


# CREATE TABLE --------------------------------------------------------------------------------


def create_table(context: Context, ask: CreateTable) -> Lines:
    """Raises TrinoError; then there is no table."""
    database = database_of(context, ask.name)
    columns = tuple((each.name, _type(each.type), each.comment) for each in ask.columns)
    document = _document(
        ask.location or "", columns, frozenset(ask.required), ask.partitioning, ask.properties
    )
    if ask.if_not_exists and context.catalog.table(database, ask.name.table) is not None:
        return NOTHING
    with scratch(context) as folder:
        _made(context, database, ask.name.table, document, folder, ask.comment)
    return NOTHING


def _type(text: str) -> Any:
    """Iceberg's timestamps are of microseconds, at any depth."""
    return fine(to_trino(text))


def fine(of: Any) -> Any:
    from dataclasses import replace

    if of.name == "timestamp":
        return timestamp(6)
    if of.name == "timestamp with time zone":
        return timestamp(6, zone=True)
    if of.name == "time":
        return replace(of, numbers=(6,))
    if of.name == "varchar":
        return replace(of, numbers=())
    return replace(of, arguments=tuple(map(fine, of.arguments)))


def _document(
    location: str,
    columns: Columns,
    required: frozenset[str],
    partitioning: Sequence[Partitioning],
    properties: Mapping[str, object],
) -> Document:
    split(location)
    fields = schema_fields(columns, required)
    spec = _spec(fields, partitioning)
    return iceberg_metadata.first(location, fields, spec, stored_properties(properties))


def stored_properties(given: Mapping[str, object]) -> dict[str, str]:
    """Properties as metadata keeps them."""
    unknown = [each for each in given if each not in _PROPERTIES | _OF_CTAS]
    if unknown:
        message = f"Unsupported table property key: {unknown[0]}"
        raise TrinoError("INVALID_TABLE_PROPERTY", message)
    form = str(given.get("format", "parquet")).upper()
    if form not in storing.FORMATS:
        message = f"Unsupported table property value for format: {given['format']}"
        raise TrinoError("INVALID_TABLE_PROPERTY", message)
    found = {"write.format.default": form, "format": form.lower()}
    if "write_compression" in given:
        codec = str(given["write_compression"])
        found |= {"write_compression": codec, _CODECS[form]: codec.lower()}
    others = given.keys() - _OF_CTAS - {"table_type", "format", "write_compression"}
    return found | {name: str(given[name]) for name in sorted(others)}


def _spec(fields: Sequence[Document], given: Sequence[Partitioning]) -> list[Document]:
    """The partition fields. Raises TrinoError for a column that is not there, or not fit."""
    known = {each["name"].lower(): each for each in fields}
    found: list[Document] = []
    for each in given:
        source = known.get(each.column)
        if source is None:
            message = f"Column {each.column} not found in schema"
            raise TrinoError(
                "INVALID_TABLE_PROPERTY", f"Unable to parse partitioning value: {message}"
            )
        transform = each.transform + (f"[{each.width}]" if each.width else "")
        if not transforms.takes(transform, source["type"]):
            raise TrinoError(
                "INVALID_TABLE_PROPERTY",
                f"Unable to parse partitioning value: Invalid source type {source['type']} for"
                f" transform: {transform}",
            )
        name = source["name"] + _SUFFIXES[each.transform]
        found.append(
            {
                "source-id": source["id"],
                "field-id": _FIRST_FIELD + len(found),
                "name": name,
                "transform": transform,
            }
        )
    return found


_SUFFIXES: Final = {
    "identity": "",
    "year": "_year",
    "month": "_month",
    "day": "_day",
    "hour": "_hour",
    "bucket": "_bucket",
    "truncate": "_trunc",
}


@contextmanager
def scratch(context: Context) -> Iterator[Path]:
    folder = context.storage.scratch / f"write-{uuid4()}"
    folder.mkdir(parents=True)
    try:
        yield folder
    except OSError as error:
        message = f"Failed to write: {error.strerror or error}"
        raise TrinoError("ICEBERG_FILESYSTEM_ERROR", message) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _made(
    context: Context,
    database: str,
    name: str,
    document: Document,
    folder: Path,
    comment: str | None = None,
) -> None:
    """Makes a table with an empty snapshot, as Trino does. Raises TrinoError."""
    table = IcebergTable(name, database, "", document, None)
    _published(context, table, folder, [], Change("append"), comment)


def _published(
    context: Context,
    table: IcebergTable,
    folder: Path,
    data: Sequence[Finished],
    change: Change,
    comment: str | None = None,
) -> None:
    document, files = snapshot(context, table, folder, change)
    location, written = metadata_file(folder, document, 0)
    given: Document = {
        "Name": table.name,
        "TableType": "EXTERNAL_TABLE",
        "Parameters": {
            "table_type": "ICEBERG",
            LOCATION: location,
            **({"comment": comment} if comment else {}),
        },
        "StorageDescriptor": {
            "Columns": iceberg_metadata.columns_of(document),
            "Location": document["location"],
        },
        "PartitionKeys": [],
    }
    context.stop.no_more()
    try:
        with context.journal.publishing(folder, [*data, *files, written], _OCTETS):
            context.catalog.tables.create(table.database, given)
    except AlreadyExists as failure:
        raise _exists(table.database, table.name) from failure


def _exists(database: str, name: str) -> TrinoError:
    message = f"Table '{qualified(database, name)}' already exists"
    return TrinoError("TABLE_ALREADY_EXISTS", message, line=1, column=1)


# CREATE TABLE AS -----------------------------------------------------------------------------


def create_table_as(
    context: Context,
    ask: CreateTableAs,
    given: Mapping[str, object],
    database: str,
    plan: Plan,
    columns: Columns,
) -> Written:
    """Of a query whose columns have names, with the `given` values of the properties.

    Raises TrinoError; then there is no table.
    """
    location = _location(given)
    need_empty(context.storage, f"{location.rstrip('/')}/")
    widened = tuple((name, fine(of), comment) for name, of, comment in columns)
    partitioning = [_parsed(str(each)) for each in _texts(given.get("partitioning"))]
    document = _document(location, widened, frozenset(), partitioning, given)
    table = IcebergTable(ask.name.table, database, "", document, None)
    if not ask.with_data:
        with scratch(context) as folder:
            _made(context, database, ask.name.table, document, folder)
        return Written(0, (), Statistics())
    with data_files(context, _widened(plan, columns, widened), table) as files:
        change = Change("append", files.entries)
        context.announced(files.rows, ())
        _published(context, table, files.folder, files.files, change)
    return Written(files.rows, (), context.planner.statistics(plan, files.rows))


def _location(given: Mapping[str, object]) -> str:
    if given.get("is_external", True) is not False:
        message = "Table property 'is_external' must be false for Iceberg tables"
        raise TrinoError("INVALID_TABLE_PROPERTY", message)
    if "location" not in given:
        message = "Table property 'location' is needed for Iceberg tables"
        raise TrinoError("INVALID_TABLE_PROPERTY", message)
    return str(given["location"])


def _texts(given: object) -> Sequence[object]:
    return given if isinstance(given, tuple) else ()


_CALL: Final = re.compile(
    r'\s*(?:(\w+)\s*\(\s*"?([^",()]+?)"?\s*(?:,\s*"?([^",()]+?)"?\s*)?\)|"?([^"()]+?)"?)\s*'
)


def _parsed(text: str) -> Partitioning:
    """`column`, `day(column)`, `bucket(column, 16)`, `truncate(column, 3)`."""
    found = _CALL.fullmatch(text)
    name = (found[1] or "identity").lower() if found is not None else ""
    if found is None or name not in _SUFFIXES:
        message = f"Unable to parse partitioning value: Invalid partition field declaration: {text}"
        raise TrinoError("INVALID_TABLE_PROPERTY", message)
    if found[4]:
        return Partitioning(found[4].lower())
    first, second = found[2], found[3]
    if second is not None and first.isdecimal():
        first, second = second, first
    width = int(second) if second is not None and second.isdecimal() else 0
    return Partitioning(first.lower(), name, width)


def _widened(plan: Plan, given: Columns, wanted: Columns) -> Plan:
    """The query with its columns of Iceberg's precisions."""
    from dataclasses import replace

    from lakelet.sql.emitter.casts import cast
    from lakelet.types.quoting import identifier

    items = [
        f"{cast(identifier(name), of, fine)} AS {identifier(f'c{i}')}"
        for i, (name, (_, of, _), (_, fine, _)) in enumerate(
            zip(plan.names, given, wanted, strict=True)
        )
    ]
    text = f"SELECT {', '.join(items)} FROM ({plan.text})"
    return replace(plan, text=text, names=tuple(f"c{i}" for i in range(len(given))))


# DROP TABLE ----------------------------------------------------------------------------------


def drop_table(context: Context, table: Table) -> Lines:
    """With all of its files, for Athena takes Iceberg tables as its own."""
    bucket, prefix = split(f"{table.storage.location.rstrip('/')}/")
    context.catalog.tables.delete(table.database, table.name)
    keys = [
        info.key
        for part in ("data/", "metadata/")
        for info in context.storage.list(bucket, f"{prefix}{part}")
    ]
    context.storage.delete(bucket, keys)
    return Lines(lines=("",))
