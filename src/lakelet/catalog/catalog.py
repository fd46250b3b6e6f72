"""The whole catalogue: `interfaces.Catalog` over its parts."""

from collections.abc import Sequence

from lakelet.catalog import shapes
from lakelet.catalog.databases import Databases
from lakelet.catalog.partitions import Partitions
from lakelet.catalog.records import Records
from lakelet.catalog.tables import Tables
from lakelet.database import Database
from lakelet.model import Partition, Table


class GlueCatalog:
    """Databases, tables, partitions and records over one database file."""

    def __init__(self, database: Database, account: str) -> None:
        self.databases = Databases(database, account)
        self.tables = Tables(database, account)
        self.partitions_of = Partitions(database, self.tables)
        self.records = Records(database)

    def database_exists(self, database: str) -> bool:
        return self.databases.exists(database)

    def database_names(self) -> list[str]:
        return [each["Name"] for each in self.databases.listed(limit=-1)]

    def table(self, database: str, name: str) -> Table | None:
        found = self.tables.find(database, name)
        return shapes.table(found) if found is not None else None

    def table_names(self, database: str) -> list[str]:
        return self.tables.names(database)

    def partitions(self, table: Table, expression: str = "") -> Sequence[Partition]:
        """Partitions that an expression keeps, with the table's descriptor where they have none."""
        found = self.partitions_of.listed(table.database, table.name, expression)
        return [shapes.partition(document) for document in found]
