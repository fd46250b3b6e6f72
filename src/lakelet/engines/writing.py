"""CTAS and INSERT: files written by DuckDB beside the objects, then moved in together.

Nothing is visible before all of it is written; a failure leaves no file and no table.
"""

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote
from uuid import uuid4

from lakelet import formats
from lakelet.catalog import shapes
from lakelet.engines.answers import Written
from lakelet.engines.context import Context
from lakelet.engines.ddl.names import database_of
from lakelet.engines.ddl.tables import create
from lakelet.engines.planning import Plan
from lakelet.engines.scans import split
from lakelet.errors import TrinoError
from lakelet.formats.scanning import Format, identifier
from lakelet.model import Column, Document, Session, Statistics, StorageDescriptor, Table
from lakelet.sql.emitter.casts import cast
from lakelet.sql.statements.model import CreateTableAs, Insert, Unload
from lakelet.types import Type
from lakelet.types.coercion import can_coerce
from lakelet.types.hive import to_hive, to_trino
from lakelet.types.model import VARCHAR

MAX_PARTITIONS = 100
"""How many partitions one statement may write (Athena's limit on open writers)."""

_CTAS_PROPERTIES = frozenset(
    {
        "format",
        "external_location",
        "partitioned_by",
        "write_compression",
        "parquet_compression",
        "compression_level",
        "field_delimiter",
        "is_external",
        "table_type",
        "bucketed_by",
        "bucket_count",
        "orc_compression",
    }
)
_UNLOAD_PROPERTIES = frozenset(
    {"format", "compression", "compression_level", "field_delimiter", "partitioned_by"}
)


@dataclass(frozen=True, slots=True)
class _Target:
    """Where rows go: the columns in the files, the partition keys, the format and its options."""

    columns: tuple[tuple[str, Type], ...]
    keys: tuple[tuple[str, Type], ...]
    format: Format
    compression: str | None
    parameters: Mapping[str, str]
    location: str


def create_table_as(context: Context, ask: CreateTableAs) -> Written:
    """Raises TrinoError; then there is neither table nor file."""
    database = database_of(context, ask.name)
    if context.catalog.table(database, ask.name.table) is not None:
        if ask.if_not_exists:
            return Written(0, (), Statistics())
        raise TrinoError(
            "TABLE_ALREADY_EXISTS",
            f"Destination table 'awsdatacatalog.{database}.{ask.name.table}' already exists",
        )
    plan = context.plan(ask.text)
    target = _ctas_target(ask, plan, context.session)
    _need_empty(context, target.location)
    columns = [Column(name, to_hive(of)) for name, of in target.columns]
    keys = [Column(name, to_hive(of)) for name, of in target.keys]
    document = _table_document(ask.name.table, target, columns, keys)
    if not ask.with_data:
        create(context, database, document)
        return Written(0, (), Statistics())
    with _written(context, plan, target) as (rows, files):
        create(context, database, document)
        try:
            table = shapes.table({**document, "DatabaseName": database})
            addresses = _publish(context, table, target, files)
        except BaseException:
            context.catalog.tables.delete(database, ask.name.table)
            raise
    return Written(rows, addresses, context.planner.statistics(plan, rows))


def insert(context: Context, ask: Insert) -> Written:
    """Raises TrinoError; then no file is visible."""
    database = database_of(context, ask.name)
    table = context.catalog.table(database, ask.name.table)
    if table is None:
        name = f"awsdatacatalog.{database}.{ask.name.table}"
        raise TrinoError("TABLE_NOT_FOUND", f"Table '{name}' does not exist", line=1, column=1)
    if table.storage.number_of_buckets:
        raise TrinoError("NOT_SUPPORTED", "Inserting into a bucketed table is not supported")
    plan = context.plan(ask.text)
    target = _insert_target(table)
    fitted = _fitted(plan, ask.columns, target)
    with _written(context, fitted, target) as (rows, files):
        addresses = _publish(context, table, target, files)
    return Written(rows, addresses, context.planner.statistics(plan, rows))


def unload(context: Context, ask: Unload) -> Written:
    """Writes a query's rows to an empty place. Raises TrinoError; then there is no file."""
    plan = context.plan(ask.text)
    target = _unload_target(ask, plan)
    _need_empty(context, target.location)
    with _written(context, plan, target) as (rows, files):
        addresses = _publish(context, None, target, files)
    return Written(rows, addresses, context.planner.statistics(plan, rows))


# Targets ------------------------------------------------------------------------------------


def _ctas_target(ask: CreateTableAs, plan: Plan, session: Session) -> _Target:
    properties = ask.properties
    for name in properties:
        if name not in _CTAS_PROPERTIES:
            message = f"Catalog 'awsdatacatalog' table property '{name}' does not exist"
            raise TrinoError("INVALID_TABLE_PROPERTY", message)
    if str(properties.get("table_type", "HIVE")).upper() != "HIVE":
        raise TrinoError("NOT_SUPPORTED", "CTAS of Iceberg tables is not available in lakelet")
    if "bucketed_by" in properties:
        raise TrinoError("NOT_SUPPORTED", "Bucketed tables can't be written in lakelet yet")
    form = formats.BY_NAME.get(str(properties.get("format", "PARQUET")).upper())
    if form is None:
        message = f"CTAS format {properties['format']} is not available in lakelet"
        raise TrinoError("NOT_SUPPORTED", message)
    columns = _named_columns(plan)
    keys = tuple(str(name).lower() for name in _listed(properties.get("partitioned_by")))
    last = tuple(name for name, _ in columns[len(columns) - len(keys) :])
    if keys != last:
        raise TrinoError(
            "HIVE_COLUMN_ORDER_MISMATCH",
            "Partition keys must be the last columns in the table and in the same order as the"
            f" table properties: [{', '.join(keys)}]",
        )
    compression = properties.get("write_compression") or properties.get("parquet_compression")
    location = str(properties.get("external_location") or _default_location(session))
    texts = {name: str(value) for name, value in properties.items()}
    return _Target(
        columns[: len(columns) - len(keys)],
        columns[len(columns) - len(keys) :],
        form,
        str(compression) if compression else None,
        texts,
        f"{location.rstrip('/')}/",
    )


def _unload_target(ask: Unload, plan: Plan) -> _Target:
    for name in ask.properties:
        if name not in _UNLOAD_PROPERTIES:
            raise TrinoError("INVALID_TABLE_PROPERTY", f"Unload property '{name}' does not exist")
    asked = str(ask.properties.get("format", "")).upper()
    form = formats.BY_NAME.get(asked)
    if form is None:
        message = f"UNLOAD format {asked or 'is required, but none'} is not available in lakelet"
        raise TrinoError("NOT_SUPPORTED", message)
    columns = _named_columns(plan)
    keys = tuple(str(name).lower() for name in _listed(ask.properties.get("partitioned_by")))
    data = tuple(column for column in columns if column[0] not in keys)
    if (*(name for name, _ in data), *keys) != tuple(name for name, _ in columns):
        raise TrinoError(
            "HIVE_COLUMN_ORDER_MISMATCH",
            "Partition keys must be the last columns in the query and in the same order as"
            f" partitioned_by: [{', '.join(keys)}]",
        )
    for _, of in columns:
        to_hive(of)
    compression = ask.properties.get("compression")
    return _Target(
        data,
        columns[len(data) :],
        form,
        str(compression) if compression else None,
        {name: str(value) for name, value in ask.properties.items()},
        f"{ask.location.rstrip('/')}/",
    )


def _listed(value: object) -> Sequence[object]:
    return value if isinstance(value, tuple) else ()


def _named_columns(plan: Plan) -> tuple[tuple[str, Type], ...]:
    names = [column.name.lower() for column in plan.columns]
    for index, name in enumerate(names):
        if name == f"_col{index}":
            raise TrinoError(
                "MISSING_COLUMN_NAME", f"Column name not specified at position {index + 1}"
            )
        if names.index(name) != index:
            message = f"Column name '{name}' specified more than once"
            raise TrinoError("DUPLICATE_COLUMN_NAME", message)
    return tuple(zip(names, (column.type for column in plan.columns), strict=True))


def _default_location(session: Session) -> str:
    if not session.output_location:
        raise TrinoError(
            "INVALID_TABLE_PROPERTY", "external_location is needed where no output location is set"
        )
    return f"{session.output_location.rstrip('/')}/tables/{session.query_id or uuid4()}"


def _insert_target(table: Table) -> _Target:
    form = formats.of(table.storage)
    compression = table.parameters.get("write.compression") or table.parameters.get(
        f"{form.classification}.compression"
    )
    parameters = {"field_delimiter": table.storage.serde_parameters.get("field.delim", "")}
    return _Target(
        tuple((each.name.lower(), to_trino(each.type)) for each in table.storage.columns),
        tuple((each.name.lower(), to_trino(each.type)) for each in table.partition_keys),
        form,
        compression,
        parameters,
        f"{table.storage.location.rstrip('/')}/",
    )


def _fitted(plan: Plan, names: tuple[str, ...], target: _Target) -> Plan:
    """The query with its columns in the table's order and of its types."""
    from dataclasses import replace

    wanted = (*target.columns, *target.keys)
    given = names or tuple(name for name, _ in wanted)
    types = dict(wanted)
    shown = [str(column.type) for column in plan.columns]
    expected = [str(types[name]) for name in given if name in types]
    unknown = [name for name in given if name not in types]
    if unknown:
        raise TrinoError("COLUMN_NOT_FOUND", f"Insert column name does not exist: {unknown[0]}")
    fits = len(given) == len(plan.columns) and all(
        can_coerce(column.type, types[name]) or _narrows(column.type, types[name])
        for column, name in zip(plan.columns, given, strict=False)
    )
    if not fits:
        raise TrinoError(
            "TYPE_MISMATCH",
            "Insert query has mismatched column types: Table:"
            f" [{', '.join(expected)}], Query: [{', '.join(shown)}]",
            line=1,
            column=1,
        )
    sources = dict(zip(given, zip(plan.names, plan.columns, strict=True), strict=True))
    items = []
    for name, of in wanted:
        if name in sources:
            physical_name, column = sources[name]
            value = cast(identifier(physical_name), column.type, of)
        else:
            value = "NULL"
        items.append(f"{value} AS {identifier(name)}")
    text = f"SELECT {', '.join(items)} FROM ({plan.text})"
    return replace(plan, text=text, names=tuple(name for name, _ in wanted))


def _narrows(given: Type, wanted: Type) -> bool:
    """A longer text may go into a shorter column when its end is blank (the store assignment)."""
    return given.name == wanted.name and given.name in ("varchar", "char")


# Writing ------------------------------------------------------------------------------------


@contextmanager
def _written(context: Context, plan: Plan, target: _Target) -> Iterator[tuple[int, list[Path]]]:
    """The query's rows as files in a folder of their own, which is gone at the end."""
    writing = target.format.writing(target.compression, target.parameters)
    folder = context.storage.scratch / f"write-{uuid4()}"
    folder.mkdir(parents=True)

    items = ", ".join(
        f"{_stored(identifier(physical), of, partitioned=name in dict(target.keys))}"
        f" AS {identifier(name)}"
        for physical, (name, of) in zip(plan.names, (*target.columns, *target.keys), strict=True)
    )
    options = dict(writing.options)
    destination = folder / f"part{writing.extension}"
    if target.keys:
        options["PARTITION_BY"] = tuple(name for name, _ in target.keys)
        options["FILENAME_PATTERN"] = "{uuid}"
        if writing.extension:
            options["FILE_EXTENSION"] = writing.extension.lstrip(".")
        destination = folder

    try:
        text = f"SELECT {items} FROM ({plan.text})"
        rows = context.duckdb.copy(text, destination, options, plan.datasets)
        # DuckDB writes a file for no rows too.
        files = sorted(path for path in folder.rglob("*") if path.is_file()) if rows else []
        partitions = {path.parent for path in files} if target.keys else set()
        if len(partitions) > MAX_PARTITIONS:
            raise TrinoError(
                "HIVE_TOO_MANY_OPEN_PARTITIONS",
                f"Exceeded limit of {MAX_PARTITIONS} open writers for partitions/buckets",
            )
        yield rows, files
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _stored(sql: str, of: Type, *, partitioned: bool) -> str:
    """A value as it is written; a partition's value is text in its folder's name."""
    if partitioned:
        return cast(sql, of, VARCHAR)
    return sql


def _publish(
    context: Context, table: Table | None, target: _Target, files: Sequence[Path]
) -> tuple[str, ...]:
    """Moves the files in and adds their partitions; undoes what it did when it fails."""
    bucket, prefix = split(target.location)
    moment = datetime.now(UTC).strftime("%Y%m%d_%H%M%S")
    done: list[str] = []
    partitions: dict[tuple[str, ...], str] = {}
    try:
        for number, path in enumerate(files):
            values = _partition_values(path, target)
            folder = "".join(
                f"{name}={_escaped(value)}/"
                for (name, _), value in zip(target.keys, values, strict=True)
            )
            extension = "".join(path.suffixes) if path.suffix in (".gz", ".zst") else ""
            key = f"{prefix}{folder}{moment}_{number:05d}_{uuid4().hex[:12]}{extension}"
            context.storage.adopt(bucket, key, path, "application/octet-stream")
            done.append(key)
            partitions[values] = f"s3://{bucket}/{prefix}{folder}"
        if table is not None and target.keys:
            given = [_partition(table, values, where) for values, where in partitions.items()]
            context.catalog.partitions_of.create(table.database, table.name, given)
    except BaseException:
        with suppress(OSError):
            context.storage.delete(bucket, done)
        raise
    return tuple(f"s3://{bucket}/{key}" for key in done)


def _escaped(value: str) -> str:
    """A partition's value in a folder's name (Hive's FileUtils.escapePathName)."""
    return "".join(f"%{ord(c):02X}" if c < " " or c in "\"#%'*/:=?\\\x7f{[]^" else c for c in value)


def _partition_values(path: Path, target: _Target) -> tuple[str, ...]:
    """The values in the names of the folders that a file lies in."""
    count = len(target.keys)
    folders = path.parts[-count - 1 : -1] if count else ()
    return tuple(unquote(folder.partition("=")[2]) for folder in folders)


def _partition(table: Table, values: tuple[str, ...], location: str) -> Document:
    storage = {**shapes.storage_document(table.storage), "Location": location}
    return {"Values": list(values), "StorageDescriptor": storage}


def _need_empty(context: Context, location: str) -> None:
    bucket, prefix = split(location)
    if bucket not in context.storage.buckets():
        raise TrinoError("HIVE_FILESYSTEM_ERROR", f"The bucket {bucket} does not exist")
    if next(iter(context.storage.list(bucket, prefix)), None) is not None:
        raise TrinoError(
            "HIVE_PATH_ALREADY_EXISTS", f"Target directory for table already exists: {location}"
        )


def _table_document(
    name: str, target: _Target, columns: Sequence[Column], keys: Sequence[Column]
) -> Document:
    form = target.format
    delimiter = target.parameters.get("field_delimiter")
    serde = {"serialization.format": delimiter or "1"}
    if delimiter:
        serde["field.delim"] = delimiter
    storage = StorageDescriptor(
        columns=tuple(columns),
        location=target.location,
        input_format=form.input_format,
        output_format=form.output_format,
        serde=next(iter(sorted(form.serdes))),
        serde_parameters=serde,
    )
    parameters = {"EXTERNAL": "TRUE", "has_encrypted_data": "false"}
    if target.compression:
        parameters[f"{form.classification}.compression"] = target.compression
    return {
        "Name": name,
        "TableType": "EXTERNAL_TABLE",
        "Parameters": parameters,
        "PartitionKeys": shapes.column_documents(keys),
        "StorageDescriptor": shapes.storage_document(storage),
    }


WORK: Final[Mapping[type, Callable[[Context, Any], Written]]] = {
    CreateTableAs: create_table_as,
    Insert: insert,
    Unload: unload,
}
"""What each statement does."""
