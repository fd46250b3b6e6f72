"""ALTER TABLE: columns, location and properties."""

from collections.abc import Callable, Sequence
from uuid import uuid4

from lakelet.catalog import shapes
from lakelet.catalog.tables import table_input
from lakelet.engines.answers import Lines
from lakelet.engines.context import Context
from lakelet.engines.locations import split
from lakelet.engines.names import (
    NOTHING,
    base_table_of,
    database_of,
    missing_database,
    refuse_iceberg,
    semantic_error,
    task_error,
)
from lakelet.errors import AlreadyExists, NotFound, TrinoError
from lakelet.loading import loading
from lakelet.model import Column, Document, Table
from lakelet.sql.statements import model as s
from lakelet.types.hive import to_trino


def add_columns(context: Context, ask: s.AddColumns) -> Lines:
    table = base_table_of(context, ask.name)
    if ask.replace:
        refuse_iceberg(table)
    if table.is_iceberg:
        with loading:
            from lakelet.engines.iceberg import altering  # whose room is built on writing's

        return altering.add_columns(context, ask, table)
    standing = () if ask.replace else table.storage.columns
    _put_columns(context, table, (*standing, *ask.columns))
    return Lines(task=True)


def change_column(context: Context, ask: s.ChangeColumn) -> Lines:
    """A column's new name, type, comment and place; its comment stays if none is given."""
    table = base_table_of(context, ask.name)
    if table.is_iceberg:
        with loading:
            from lakelet.engines.iceberg import altering  # whose room is built on writing's

        return altering.change_column(context, ask, table)
    columns = list(table.storage.columns)
    at = _place(table, ask.old)
    old = columns.pop(at)
    new = Column(
        ask.new.name, ask.new.type, old.comment if ask.new.comment is None else ask.new.comment
    )
    if ask.first:
        at = 0
    elif ask.after is not None:
        at = [each.name.lower() for each in columns].index(_near(columns, ask.after)) + 1
    columns.insert(at, new)
    _put_columns(context, table, columns)
    return Lines(task=True)


def _near(columns: Sequence[Column], name: str) -> str:
    if name not in [each.name.lower() for each in columns]:
        raise _no_column(name)
    return name


def drop_column(context: Context, ask: s.DropColumn) -> Lines:
    """Of Iceberg's tables only; all else is asked of Hive's grammar, which has no such thing."""
    table = context.catalog.table(database_of(context, ask.name), ask.name.table)
    if table is None or not table.is_iceberg:
        raise ask.refusal
    with loading:
        from lakelet.engines.iceberg import altering  # whose room is built on writing's

    return altering.drop_column(context, ask, table)


def rename_table(context: Context, ask: s.RenameTable) -> Lines:
    """Of Iceberg's tables only: Glue itself renames none, as was measured on AWS."""
    table = base_table_of(context, ask.name)
    if not table.is_iceberg:
        text = (
            "Unable to alter table. Unable to change partition or table: com.amazonaws.services."
            "datacatalog.model.InvalidInputException: Table cannot be renamed (Service:"
            " AmazonDataCatalog; Status Code: 400; Error Code: InvalidInputException; Request ID:"
            f" {uuid4()}; Proxy: null)"
        )
        raise task_error("NOT_SUPPORTED", text)
    tables, database = context.catalog.tables, ask.to.database or table.database
    try:
        with context.catalog.transaction():
            standing = table_input(tables.get(table.database, table.name))
            tables.create(database, {**standing, "Name": ask.to.table})
            tables.delete(table.database, table.name)
    except AlreadyExists as error:
        message = f"Table {database}.{ask.to.table} already exists"
        raise TrinoError("TABLE_ALREADY_EXISTS", message) from error
    except NotFound as error:
        raise missing_database(database) from error
    return NOTHING


def _place(table: Table, name: str) -> int:
    names = [each.name.lower() for each in table.storage.columns]
    if name not in names:
        raise _no_column(name)
    return names.index(name)


def _no_column(name: str) -> TrinoError:
    return task_error("COLUMN_NOT_FOUND", f"Invalid column reference {name}")


def _put_columns(context: Context, table: Table, columns: Sequence[Column]) -> None:
    names = {each.name.lower() for each in table.partition_keys}
    for column in columns:
        to_trino(column.type)
        if column.name.lower() in names:
            text = f"Duplicate column name: {column.name}"
            raise task_error("DUPLICATE_COLUMN_NAME", text)
        names.add(column.name.lower())
    documents = shapes.column_documents(columns)
    _changed(context, table, lambda it: _with_storage(it, {"Columns": documents}))


def set_location(context: Context, ask: s.SetLocation) -> Lines:
    table = base_table_of(context, ask.name)
    refuse_iceberg(table)
    split(ask.location)
    return _changed(context, table, lambda it: _with_storage(it, {"Location": ask.location}))


def set_properties(context: Context, ask: s.SetProperties) -> Lines:
    table = base_table_of(context, ask.name)
    if table.is_iceberg:
        with loading:
            from lakelet.engines.iceberg import altering  # whose room is built on writing's

        return altering.set_properties(context, ask, table)
    return _changed(
        context,
        table,
        lambda it: {**it, "Parameters": {**(it.get("Parameters") or {}), **ask.properties}},
    )


def unset_properties(context: Context, ask: s.UnsetProperties) -> Lines:
    table = base_table_of(context, ask.name)
    if table.is_iceberg:
        with loading:
            from lakelet.engines.iceberg import altering  # whose room is built on writing's

        return altering.unset_properties(context, ask, table)
    for name in ask.properties:
        if name not in table.parameters and not ask.if_exists:
            raise semantic_error(
                "INVALID_TABLE_PROPERTY",
                10215,
                "Please use the following syntax if not sure whether the property existed or not:"
                f" ALTER TABLE {table.name} UNSET TBLPROPERTIES IF EXISTS (key1, key2, ...)",
            )

    def without(document: Document) -> Document:
        kept = {
            name: value
            for name, value in (document.get("Parameters") or {}).items()
            if name not in ask.properties
        }
        return {**document, "Parameters": kept}

    return _changed(context, table, without)


def _with_storage(document: Document, change: Document) -> Document:
    return {**document, "StorageDescriptor": {**document["StorageDescriptor"], **change}}


def _changed(context: Context, table: Table, work: Callable[[Document], Document]) -> Lines:
    context.catalog.tables.change(table.database, table.name, work)
    return NOTHING
