"""SHOW and DESCRIBE: what they look up; `showing` lays it out."""

from collections.abc import Iterable

from lakelet.engines import showing
from lakelet.engines.answers import Lines
from lakelet.engines.context import Context
from lakelet.engines.ddl.partitions import matching, missing_partition
from lakelet.engines.iceberg import showing as of_iceberg
from lakelet.engines.names import missing_database, partitioned_table_of, table_of
from lakelet.model import Partition, Table
from lakelet.sql.statements import model as s


def show_databases(context: Context, ask: s.ShowDatabases) -> Lines:
    names = context.catalog.database_names()
    return Lines(("database_name",), tuple(showing.matching(names, ask.pattern)))


def show_tables(context: Context, ask: s.ShowTables) -> Lines:
    database = ask.database or context.session.database
    if not context.catalog.database_exists(database):
        raise missing_database(database)
    names: Iterable[str] = context.catalog.table_names(database)
    if ask.views:
        tables = (context.catalog.table(database, name) for name in names)
        names = [each.name for each in tables if each is not None and each.is_view]
    found = tuple(showing.matching(names, ask.pattern))
    return Lines(("views",), found, "varchar") if ask.views else Lines(("tab_name",), found)


def show_columns(context: Context, ask: s.ShowColumns) -> Lines:
    return showing.columns(table_of(context, ask.name))


def show_partitions(context: Context, ask: s.ShowPartitions) -> Lines:
    table = partitioned_table_of(context, ask.name)
    return showing.partitions(table, matching(context, table, ask.partition))


def show_properties(context: Context, ask: s.ShowProperties) -> Lines:
    return showing.properties(table_of(context, ask.name), ask.property)


def show_create(context: Context, ask: s.ShowCreate) -> Lines:
    table = table_of(context, ask.name)
    if table.is_iceberg and not ask.view:
        return of_iceberg.create(context.planner.iceberg.metadata.of(table))
    return showing.create(table, view=ask.view)


def describe(context: Context, ask: s.Describe) -> Lines:
    table = table_of(context, ask.name)
    if table.is_iceberg:
        return of_iceberg.describe(context.planner.iceberg.metadata.of(table), ask.column)
    partition = _partition(context, table, ask) if ask.partition else None
    document = context.catalog.tables.get(table.database, table.name)
    return showing.describe(table, document, partition, ask.mode, ask.column)


def _partition(context: Context, table: Table, ask: s.Describe) -> Partition:
    found = matching(context, table, ask.partition)
    if not found:
        raise missing_partition(ask.partition)
    return found[0]
