"""The whole catalogue: `interfaces.Catalog` over its parts."""

from collections.abc import Sequence
from contextlib import AbstractContextManager

from lakelet.catalog import shapes
from lakelet.catalog.crawlers import CrawlerRecords
from lakelet.catalog.databases import Databases
from lakelet.catalog.functions import Functions
from lakelet.catalog.partition_indexes import PartitionIndexes
from lakelet.catalog.partitions import Partitions
from lakelet.catalog.records import Records
from lakelet.catalog.relations import Relations
from lakelet.catalog.schema_registry import SchemaRegistry
from lakelet.catalog.statistics import ColumnStatistics
from lakelet.catalog.tables import Tables
from lakelet.database import Database
from lakelet.model import Partition, Table


class GlueCatalog:
    """Everything that Glue keeps for one account in one region, over one database file.

    `name` is that of a catalogue inside the account's own.
    """

    def __init__(
        self, database: Database, account: str, region: str = "us-east-1", name: str = ""
    ) -> None:
        self.account = account
        self.region = region
        self._database = database
        own = f"{account}/{region}/{name}" if name else f"{account}/{region}"
        self.databases = Databases(database, own, account)
        self.tables = Tables(database, self.databases, own, account)
        self.relations = Relations(database, own)
        self.partitions_of = Partitions(database, self.tables, account)
        self.partition_indexes = PartitionIndexes(database, self.tables)
        self.statistics = ColumnStatistics(database, self.tables, self.partitions_of)
        self.functions = Functions(database, self.databases, own, account)
        self.records = Records(database, own)
        self.registry = SchemaRegistry(database, self.records)
        self.crawlers = CrawlerRecords(database, self.records, own)

    def inner(self, identifier: str) -> "GlueCatalog":
        """The catalogue that a CatalogId names: any account's is the lake's own.

        Raises NotFound for a catalogue that was not made.
        """
        name = identifier.rpartition(":")[2].lower()
        if not name or name.isdigit():
            return self
        self.records.need("catalog", name, f"Catalog {identifier} not found.")
        return GlueCatalog(self._database, self.account, self.region, name)

    def transaction(self) -> AbstractContextManager[object]:
        """Changes made in the block are kept together or not at all."""
        return self._database.transaction()

    @property
    def version(self) -> int:
        """Another number whenever a database or a table's definition has changed."""
        rows = self._database.query("SELECT version FROM glue_change")
        return int(rows[0][0]) if rows else 0

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
        """Partitions that an expression keeps, with the table's descriptor where they have none.

        Raises NotFound, InvalidInput.
        """
        return list(self.partitions_of.of(table, expression))
