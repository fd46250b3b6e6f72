"""Partition indexes as Glue keeps them. Every table's partitions are found by indexes anyway."""

from collections.abc import Sequence

from lakelet.catalog.documents import dump, load
from lakelet.catalog.tables import Tables
from lakelet.database import Database
from lakelet.errors import AlreadyExists, InvalidInput, LimitExceeded, NotFound
from lakelet.model import Document

_MOST = 3
"""Indexes of a table ("Working with partition indexes" of Glue's guide)."""


class PartitionIndexes:
    """Names of indexes with the keys that they are over."""

    def __init__(self, database: Database, tables: Tables) -> None:
        self._database = database
        self._tables = tables

    def create(self, database: str, table: str, given: Sequence[Document]) -> None:
        """Raises NotFound, AlreadyExists, LimitExceeded, InvalidInput for what is no key."""
        with self._database.transaction() as transaction:
            document = self._tables.get(database, table)
            types = {key["Name"]: key.get("Type") for key in document["PartitionKeys"]}
            identifier = self._tables.identifier(database, table)
            present = {each["IndexName"] for each in self.listed(database, table)}
            for each in given:
                name = each["IndexName"]
                unknown = [key for key in each["Keys"] if key not in types]
                if unknown:
                    raise InvalidInput(f"Key {unknown[0]} is not a partition key of the table.")
                if name in present:
                    raise AlreadyExists(f"Index with the given indexName : {name} already exists.")
                if len(present) == _MOST:
                    raise LimitExceeded(f"A table can have at most {_MOST} partition indexes.")
                present.add(name)
                keys = [{"Name": key, "Type": types[key]} for key in each["Keys"]]
                index = {"IndexName": name, "Keys": keys, "IndexStatus": "ACTIVE"}
                row = (identifier, name, dump(index))
                transaction.execute("INSERT INTO glue_partition_index VALUES (?, ?, ?)", row)

    def delete(self, database: str, table: str, name: str) -> None:
        """Raises NotFound."""
        with self._database.transaction() as transaction:
            done = transaction.execute(
                "DELETE FROM glue_partition_index WHERE table_id = ? AND name = ?",
                (self._tables.identifier(database, table), name),
            )
            if not done.rowcount:
                raise NotFound(f"Index with the given indexName : {name} does not exist.")

    def listed(self, database: str, table: str) -> list[Document]:
        """Glue's descriptors in the order of their names. Raises NotFound."""
        rows = self._database.query(
            "SELECT document FROM glue_partition_index WHERE table_id = ? ORDER BY name",
            (self._tables.identifier(database, table),),
        )
        return [load(row[0]) for row in rows]
