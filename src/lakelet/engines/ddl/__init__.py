"""DDL and utility statements as changes and reads of the catalogue, answered in Athena's layout."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from lakelet.engines.answers import Lines
from lakelet.engines.context import Context
from lakelet.engines.ddl import changes, databases, listing, partitions, tables, views
from lakelet.sql.statements import model as s

WORK: Final[Mapping[type, Callable[[Context, Any], Lines]]] = {
    s.CreateDatabase: databases.create_database,
    s.DropDatabase: databases.drop_database,
    s.CreateTable: tables.create_table,
    s.DropTable: tables.drop_table,
    s.DropView: views.drop_view,
    s.CreateView: views.create_view,
    s.AddPartitions: partitions.add_partitions,
    s.DropPartitions: partitions.drop_partitions,
    s.RepairTable: partitions.repair,
    s.AddColumns: changes.add_columns,
    s.SetLocation: changes.set_location,
    s.SetProperties: changes.set_properties,
    s.ShowDatabases: listing.show_databases,
    s.ShowTables: listing.show_tables,
    s.ShowColumns: listing.show_columns,
    s.ShowPartitions: listing.show_partitions,
    s.ShowProperties: listing.show_properties,
    s.ShowCreate: listing.show_create,
    s.Describe: listing.describe,
    s.SetDatabaseProperties: databases.set_properties,
    s.RenamePartition: partitions.rename_partition,
    s.SetPartitionLocation: partitions.set_location,
    s.ChangeColumn: changes.change_column,
    s.DropColumn: changes.drop_column,
    s.RenameTable: changes.rename_table,
    s.UnsetProperties: changes.unset_properties,
}
"""What each statement does; all of them raise TrinoError."""
