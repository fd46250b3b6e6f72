"""ALTER TABLE: columns, location and properties."""

from collections.abc import Callable

from lakelet.catalog import shapes
from lakelet.engines.answers import Lines
from lakelet.engines.context import Context
from lakelet.engines.ddl.names import DDL_TASK, NOTHING, table_of
from lakelet.engines.scans import split
from lakelet.errors import TrinoError
from lakelet.model import Document, Table
from lakelet.sql.statements import model as s
from lakelet.types.hive import to_trino


def add_columns(context: Context, ask: s.AddColumns) -> Lines:
    table = table_of(context, ask.name)
    for column in ask.columns:
        to_trino(column.type)
    standing = () if ask.replace else table.storage.columns
    names = {each.name.lower() for each in (*standing, *table.partition_keys)}
    for column in ask.columns:
        if column.name in names:
            raise TrinoError(
                "DUPLICATE_COLUMN_NAME", f"{DDL_TASK}Duplicate column name: {column.name}"
            )
    columns = shapes.column_documents((*standing, *ask.columns))
    _changed(context, table, lambda it: _with_storage(it, {"Columns": columns}))
    return Lines(task=True)


def set_location(context: Context, ask: s.SetLocation) -> Lines:
    table = table_of(context, ask.name)
    split(ask.location)
    return _changed(context, table, lambda it: _with_storage(it, {"Location": ask.location}))


def set_properties(context: Context, ask: s.SetProperties) -> Lines:
    table = table_of(context, ask.name)
    return _changed(
        context,
        table,
        lambda it: {**it, "Parameters": {**(it.get("Parameters") or {}), **ask.properties}},
    )


def _with_storage(document: Document, change: Document) -> Document:
    return {**document, "StorageDescriptor": {**document["StorageDescriptor"], **change}}


def _changed(context: Context, table: Table, work: Callable[[Document], Document]) -> Lines:
    context.catalog.tables.change(table.database, table.name, work)
    return NOTHING
