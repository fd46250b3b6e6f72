"""DDL and utility statements as changes and reads of the catalogue, answered in Athena's layout."""

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from lakelet import formats
from lakelet.catalog import shapes
from lakelet.engines import showing, writing
from lakelet.engines.answers import Answer, Lines
from lakelet.engines.duckdb import Session as DuckDbSession
from lakelet.engines.metadata import view_text
from lakelet.engines.scans import split
from lakelet.errors import AlreadyExists, NotFound, TrinoError
from lakelet.model import Column, Document, Session, StorageDescriptor, Table
from lakelet.sql.statements import Statement
from lakelet.sql.statements import model as s
from lakelet.types.hive import to_hive, to_trino

if TYPE_CHECKING:
    from lakelet.engines.local import LocalEngine

_DDL_TASK = "FAILED: Execution Error, return code 1 from org.apache.hadoop.hive.ql.exec.DDLTask. "
_NOTHING = Lines()


def execute(
    engine: "LocalEngine", statement: Statement, session: Session, duckdb: DuckDbSession
) -> Answer:
    """Runs any statement but a query; raises TrinoError."""
    if isinstance(statement, s.CreateTableAs):
        return writing.create_table_as(engine, statement, session, duckdb)
    if isinstance(statement, s.Insert):
        return writing.insert(engine, statement, session, duckdb)
    if isinstance(statement, s.Unload):
        return writing.unload(engine, statement, session, duckdb)
    work = _WORK.get(type(statement))
    if work is None:
        name = s.KINDS[type(statement)][1]
        raise TrinoError("NOT_SUPPORTED", f"{name} is not available in lakelet")
    return work(engine, statement, session)


def database_of(name: s.TableName, session: Session) -> str:
    return name.database or session.database


def table_of(engine: "LocalEngine", name: s.TableName, session: Session) -> Table:
    """The table that a name means; raises TrinoError in Hive's words."""
    database = database_of(name, session)
    found = engine.catalog.table(database, name.table)
    if found is None:
        raise TrinoError(
            "TABLE_NOT_FOUND",
            f"FAILED: SemanticException [Error 10001]: Table not found {database}.{name.table}",
        )
    return found


# Databases ----------------------------------------------------------------------------------


def _create_database(engine: "LocalEngine", ask: s.CreateDatabase, session: Session) -> Lines:
    given: Document = {"Name": ask.name, "Parameters": dict(ask.properties)}
    if ask.comment:
        given["Description"] = ask.comment
    if ask.location:
        given["LocationUri"] = ask.location
    try:
        engine.catalog.databases.create(given)
    except AlreadyExists as error:
        if not ask.if_not_exists:
            raise TrinoError(
                "SCHEMA_ALREADY_EXISTS",
                f"{_DDL_TASK}Database {ask.name} already exists",
            ) from error
    return _NOTHING


def _drop_database(engine: "LocalEngine", ask: s.DropDatabase, session: Session) -> Lines:
    if not engine.catalog.database_exists(ask.name):
        if ask.if_exists:
            return _NOTHING
        raise TrinoError(
            "SCHEMA_NOT_FOUND",
            f"FAILED: SemanticException [Error 10072]: Database does not exist: {ask.name}",
        )
    if not ask.cascade and engine.catalog.table_names(ask.name):
        raise TrinoError(
            "SCHEMA_NOT_EMPTY",
            f"{_DDL_TASK}InvalidOperationException(message:Database {ask.name} is not empty."
            " One or more tables exist.)",
        )
    engine.catalog.databases.delete(ask.name)
    return _NOTHING


# Tables -------------------------------------------------------------------------------------


def _create_table(engine: "LocalEngine", ask: s.CreateTable, session: Session) -> Lines:
    if not ask.location:
        raise TrinoError(
            "INVALID_TABLE_PROPERTY",
            "No location was specified for table. An S3 location must be specified",
        )
    split(ask.location)
    for column in (*ask.columns, *ask.partition_keys):
        to_trino(column.type)
    storage = _descriptor(ask)
    document: Document = {
        "Name": ask.name.table,
        "TableType": "EXTERNAL_TABLE",
        "Parameters": {"EXTERNAL": "TRUE", **ask.properties},
        "PartitionKeys": shapes.column_documents(ask.partition_keys),
        "StorageDescriptor": shapes.storage_document(storage),
    }
    if ask.comment:
        document["Parameters"]["comment"] = ask.comment
    create(engine, database_of(ask.name, session), document, if_not_exists=ask.if_not_exists)
    return _NOTHING


def create(
    engine: "LocalEngine", database: str, document: Document, *, if_not_exists: bool = False
) -> bool:
    """Makes a table; whether it was made. Raises TrinoError."""
    try:
        engine.catalog.tables.create(database, document)
    except AlreadyExists as error:
        if if_not_exists:
            return False
        raise TrinoError(
            "TABLE_ALREADY_EXISTS",
            f"{_DDL_TASK}AlreadyExistsException(message:Table {document['Name']} already exists)",
        ) from error
    except NotFound as error:
        raise TrinoError(
            "SCHEMA_NOT_FOUND",
            f"FAILED: SemanticException [Error 10072]: Database does not exist: {database}",
        ) from error
    return True


def _descriptor(ask: s.CreateTable) -> StorageDescriptor:
    """SerDe and formats from ROW FORMAT and STORED AS; text is the default."""
    form = formats.BY_NAME.get(ask.stored_as or "TEXTFILE")
    if form is None:
        raise TrinoError(
            "PARSE_EXCEPTION",
            f"FAILED: SemanticException Unrecognized file format in STORED AS clause:"
            f" '{ask.stored_as}'",
        )
    serde = ask.serde or next(iter(sorted(form.serdes)))
    properties = dict(ask.serde_properties)
    if "serialization.format" not in properties:
        properties["serialization.format"] = properties.get("field.delim", "1")
    return StorageDescriptor(
        columns=ask.columns,
        location=ask.location or "",
        input_format=ask.input_format or form.input_format,
        output_format=ask.output_format or form.output_format,
        serde=serde,
        serde_parameters=properties,
        bucket_columns=ask.bucket_columns,
        number_of_buckets=ask.buckets,
    )


def _drop_table(engine: "LocalEngine", ask: s.DropTable, session: Session) -> Lines:
    try:
        engine.catalog.tables.delete(database_of(ask.name, session), ask.name.table)
    except NotFound:
        if not ask.if_exists:
            table_of(engine, ask.name, session)
    return _NOTHING


def _drop_view(engine: "LocalEngine", ask: s.DropView, session: Session) -> Lines:
    return _drop_table(engine, s.DropTable(ask.name, ask.if_exists), session)


def _create_view(engine: "LocalEngine", ask: s.CreateView, session: Session) -> Lines:
    plan = engine.plan(ask.text, session)
    names = [column.name.lower() for column in plan.columns]
    for name in names:
        if names.count(name) > 1:
            message = f"Column name '{name}' specified more than once"
            raise TrinoError("DUPLICATE_COLUMN_NAME", message)
    columns = [{"name": c.name.lower(), "type": str(c.type)} for c in plan.columns]
    database = database_of(ask.name, session)
    hive = tuple(Column(c.name.lower(), _view_type(c)) for c in plan.columns)
    document: Document = {
        "Name": ask.name.table,
        "TableType": "VIRTUAL_VIEW",
        "Parameters": {"presto_view": "true", "comment": "Presto View"},
        "PartitionKeys": [],
        "StorageDescriptor": {
            "Columns": shapes.column_documents(hive),
            "Location": "",
            "SerdeInfo": {},
        },
        "ViewOriginalText": view_text(ask.text.strip(), session.database, columns),
        "ViewExpandedText": "/* Presto View */",
    }
    standing = engine.catalog.table(database, ask.name.table)
    if standing is None:
        create(engine, database, document)
        return _NOTHING
    if not ask.replace or not standing.is_view:
        message = f"View already exists: '{database}.{ask.name.table}'"
        raise TrinoError("TABLE_ALREADY_EXISTS", message)
    engine.catalog.tables.update(database, document)
    return _NOTHING


def _view_type(column: Any) -> str:
    try:
        return to_hive(column.type)
    except TrinoError:
        return "string"


# Partitions ---------------------------------------------------------------------------------


def _values(table: Table, spec: s.PartitionSpec) -> list[str]:
    keys = [each.name.lower() for each in table.partition_keys]
    if not keys:
        raise TrinoError(
            "NOT_SUPPORTED",
            f"{_DDL_TASK}Table {table.database}.{table.name} is not a partitioned table",
        )
    if set(spec) != set(keys):
        raise TrinoError(
            "INVALID_PARTITION_VALUE",
            f"FAILED: SemanticException Partition spec {dict(spec)} contains non-partition columns",
        )
    return [spec[key] for key in keys]


def _partition(table: Table, values: list[str], location: str | None) -> Document:
    folder = "/".join(
        f"{key.name.lower()}={value}"
        for key, value in zip(table.partition_keys, values, strict=True)
    )
    where = location or f"{table.storage.location.rstrip('/')}/{folder}"
    storage = {**shapes.storage_document(table.storage), "Location": where}
    return {"Values": values, "StorageDescriptor": storage}


def _add_partitions(engine: "LocalEngine", ask: s.AddPartitions, session: Session) -> Lines:
    table = table_of(engine, ask.name, session)
    given = [_partition(table, _values(table, spec), where) for spec, where in ask.partitions]
    present = engine.catalog.partitions_of.create(table.database, table.name, given)
    if present and not ask.if_not_exists:
        raise TrinoError(
            "ALREADY_EXISTS",
            f"{_DDL_TASK}AlreadyExistsException(message:Partition already exists.)",
        )
    return _NOTHING


def _drop_partitions(engine: "LocalEngine", ask: s.DropPartitions, session: Session) -> Lines:
    table = table_of(engine, ask.name, session)
    for spec in ask.partitions:
        try:
            engine.catalog.partitions_of.delete(table.database, table.name, _values(table, spec))
        except NotFound as error:
            if not ask.if_exists:
                message = f"FAILED: SemanticException [Error 10006]: Partition not found {spec}"
                raise TrinoError("PARTITION_NOT_FOUND", message) from error
    return _NOTHING


def _repair(engine: "LocalEngine", ask: s.RepairTable, session: Session) -> Lines:
    """Adds the partitions whose folders (`k=v/…`) hold files and that the catalogue lacks."""
    table = table_of(engine, ask.name, session)
    keys = [each.name.lower() for each in table.partition_keys]
    if not keys:
        return _NOTHING
    bucket, prefix = split(table.storage.location)
    prefix = f"{prefix.rstrip('/')}/" if prefix else ""
    listed = engine.storage.list(bucket, prefix)
    folders = dict.fromkeys(info.key[len(prefix) :].rpartition("/")[0] for info in listed)
    known = {each.values for each in engine.catalog.partitions(table)}
    found = [
        (values, folder)
        for folder in folders
        if (values := _values_of(folder, keys)) is not None and values not in known
    ]
    given = [
        _partition(table, list(values), f"s3://{bucket}/{prefix}{folder}")
        for values, folder in found
    ]
    engine.catalog.partitions_of.create(table.database, table.name, given)
    names = [":".join((table.name, folder)) for _, folder in found]
    if not names:
        return _NOTHING
    tab = "\t"
    lines = [f"Partitions not in metastore:{tab}{tab.join(names)}"]
    lines += [f"Repair: Added partition to metastore {name}" for name in names]
    return Lines(("",), tuple(lines))


def _values_of(folder: str, keys: list[str]) -> tuple[str, ...] | None:
    """A folder's values when it is `k=v` for each key in their order, else None."""
    pairs = [part.partition("=") for part in folder.split("/")]
    if [pair[0].lower() for pair in pairs] != keys or not all(pair[1] for pair in pairs):
        return None
    return tuple(unquote(pair[2]) for pair in pairs)


# Changes of a table -------------------------------------------------------------------------


def _add_columns(engine: "LocalEngine", ask: s.AddColumns, session: Session) -> Lines:
    table = table_of(engine, ask.name, session)
    for column in ask.columns:
        to_trino(column.type)
    standing = () if ask.replace else table.storage.columns
    names = {each.name.lower() for each in (*standing, *table.partition_keys)}
    for column in ask.columns:
        if column.name in names:
            raise TrinoError(
                "DUPLICATE_COLUMN_NAME", f"{_DDL_TASK}Duplicate column name: {column.name}"
            )
    columns = shapes.column_documents((*standing, *ask.columns))
    return _changed(engine, table, lambda it: _with_storage(it, {"Columns": columns}))


def _set_location(engine: "LocalEngine", ask: s.SetLocation, session: Session) -> Lines:
    table = table_of(engine, ask.name, session)
    split(ask.location)
    return _changed(engine, table, lambda it: _with_storage(it, {"Location": ask.location}))


def _set_properties(engine: "LocalEngine", ask: s.SetProperties, session: Session) -> Lines:
    table = table_of(engine, ask.name, session)
    return _changed(
        engine,
        table,
        lambda it: {**it, "Parameters": {**(it.get("Parameters") or {}), **ask.properties}},
    )


def _with_storage(document: Document, change: Document) -> Document:
    return {**document, "StorageDescriptor": {**document["StorageDescriptor"], **change}}


def _changed(engine: "LocalEngine", table: Table, work: Callable[[Document], Document]) -> Lines:
    engine.catalog.tables.change(table.database, table.name, work)
    return _NOTHING


# SHOW and DESCRIBE --------------------------------------------------------------------------


def _show_databases(engine: "LocalEngine", ask: s.ShowDatabases, session: Session) -> Lines:
    names = engine.catalog.database_names()
    return Lines(("database_name",), tuple(showing.matching(names, ask.pattern)))


def _show_tables(engine: "LocalEngine", ask: s.ShowTables, session: Session) -> Lines:
    database = ask.database or session.database
    if not engine.catalog.database_exists(database):
        raise TrinoError(
            "SCHEMA_NOT_FOUND",
            f"FAILED: SemanticException [Error 10072]: Database does not exist: {database}",
        )
    names: Iterable[str] = engine.catalog.table_names(database)
    if ask.views:
        tables = (engine.catalog.table(database, name) for name in names)
        names = [each.name for each in tables if each is not None and each.is_view]
    column = "views" if ask.views else "tab_name"
    return Lines((column,), tuple(showing.matching(names, ask.pattern)))


def _show_columns(engine: "LocalEngine", ask: s.ShowColumns, session: Session) -> Lines:
    return showing.columns(table_of(engine, ask.name, session))


def _show_partitions(engine: "LocalEngine", ask: s.ShowPartitions, session: Session) -> Lines:
    table = table_of(engine, ask.name, session)
    if not table.partition_keys:
        name = f"{table.database}.{table.name}"
        raise TrinoError("NOT_SUPPORTED", f"{_DDL_TASK}Table {name} is not a partitioned table")
    return showing.partitions(table, engine.catalog.partitions(table))


def _show_properties(engine: "LocalEngine", ask: s.ShowProperties, session: Session) -> Lines:
    return showing.properties(table_of(engine, ask.name, session), ask.property)


def _show_create(engine: "LocalEngine", ask: s.ShowCreate, session: Session) -> Lines:
    return showing.create(table_of(engine, ask.name, session), view=ask.view)


def _describe(engine: "LocalEngine", ask: s.Describe, session: Session) -> Lines:
    return showing.describe(table_of(engine, ask.name, session))


_WORK: Mapping[type, Callable[["LocalEngine", Any, Session], Answer]] = {
    s.CreateDatabase: _create_database,
    s.DropDatabase: _drop_database,
    s.CreateTable: _create_table,
    s.DropTable: _drop_table,
    s.DropView: _drop_view,
    s.CreateView: _create_view,
    s.AddPartitions: _add_partitions,
    s.DropPartitions: _drop_partitions,
    s.RepairTable: _repair,
    s.AddColumns: _add_columns,
    s.SetLocation: _set_location,
    s.SetProperties: _set_properties,
    s.ShowDatabases: _show_databases,
    s.ShowTables: _show_tables,
    s.ShowColumns: _show_columns,
    s.ShowPartitions: _show_partitions,
    s.ShowProperties: _show_properties,
    s.ShowCreate: _show_create,
    s.Describe: _describe,
}
