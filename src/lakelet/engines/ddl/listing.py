"""SHOW and DESCRIBE: what they look up; `showing` lays it out."""

from collections.abc import Iterable

from lakelet.engines import showing
from lakelet.engines.answers import Lines
from lakelet.engines.context import Context
from lakelet.engines.ddl.names import DDL_TASK, table_of
from lakelet.errors import TrinoError
from lakelet.sql.statements import model as s


def show_databases(context: Context, ask: s.ShowDatabases) -> Lines:
    names = context.catalog.database_names()
    return Lines(("database_name",), tuple(showing.matching(names, ask.pattern)))


def show_tables(context: Context, ask: s.ShowTables) -> Lines:
    database = ask.database or context.session.database
    if not context.catalog.database_exists(database):
        raise TrinoError(
            "SCHEMA_NOT_FOUND",
            f"FAILED: SemanticException [Error 10072]: Database does not exist: {database}",
        )
    names: Iterable[str] = context.catalog.table_names(database)
    if ask.views:
        tables = (context.catalog.table(database, name) for name in names)
        names = [each.name for each in tables if each is not None and each.is_view]
    found = tuple(showing.matching(names, ask.pattern))
    return Lines(("views",), found, "varchar") if ask.views else Lines(("tab_name",), found)


def show_columns(context: Context, ask: s.ShowColumns) -> Lines:
    return showing.columns(table_of(context, ask.name))


def show_partitions(context: Context, ask: s.ShowPartitions) -> Lines:
    table = table_of(context, ask.name)
    if not table.partition_keys:
        name = f"{table.database}.{table.name}"
        raise TrinoError("NOT_SUPPORTED", f"{DDL_TASK}Table {name} is not a partitioned table")
    return showing.partitions(table, context.catalog.partitions(table))


def show_properties(context: Context, ask: s.ShowProperties) -> Lines:
    return showing.properties(table_of(context, ask.name), ask.property)


def show_create(context: Context, ask: s.ShowCreate) -> Lines:
    return showing.create(table_of(context, ask.name), view=ask.view)


def describe(context: Context, ask: s.Describe) -> Lines:
    return showing.describe(table_of(context, ask.name))
