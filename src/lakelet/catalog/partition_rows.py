"""A partition as its row in SQLite: values by type, location, what it shares, what it does not.

Partitions of a table mostly have the same descriptor and parameters but for their location and a
few measures (recordCount …), so that what is the same is kept once.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from lakelet.catalog import shapes
from lakelet.catalog.documents import dump, load, moment
from lakelet.catalog.partition_values import key, readers, typed
from lakelet.errors import InvalidInput
from lakelet.model import Column, Document, Partition, StorageDescriptor

_MEASURES = frozenset(
    {
        "averageRecordSize",
        "CRAWL_RUN_ID",
        "COLUMN_STATS_ACCURATE",
        "numFiles",
        "numRows",
        "objectCount",
        "rawDataSize",
        "recordCount",
        "sizeKey",
        "totalSize",
        "transient_lastDdlTime",
    }
)
"""Parameters that differ from partition to partition: Glue's crawlers' and Hive's own."""

INSERT = (
    "INSERT INTO glue_partition (table_id, key, k0, k1, k2, k3, more, location, descriptor,"
    " document, created) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
UPDATE = (
    "UPDATE glue_partition SET key = ?, k0 = ?, k1 = ?, k2 = ?, k3 = ?, more = ?, location = ?,"
    " descriptor = ?, document = ? WHERE id = ?"
)
SELECT = "p.key, p.location, p.descriptor, p.document, p.created"
"""What `Reading.document` takes, of a row that is called p."""


class Writing:
    """Rows of one table's partitions within one transaction."""

    def __init__(self, transaction: Any, table: int, keys: Sequence[Column]) -> None:
        self._transaction = transaction
        self._table = table
        self._readers = readers(keys)
        self._known: dict[str, int] = {}

    def insert(self, given: Sequence[Document]) -> None:
        """Adds partitions that are not there yet."""
        now = time.time()
        rows = [(self._table, *self._cells(each), now) for each in given]
        self._transaction.executemany(INSERT, rows)

    def update(self, identifier: int, given: Document) -> None:
        self._transaction.execute(UPDATE, (*self._cells(given), identifier))

    def _cells(self, given: Document) -> tuple[Any, ...]:
        values = given["Values"]
        location, shared, own = _split(given)
        return (
            key(values),
            *typed(values, self._readers),
            location,
            self._descriptor(dump(shared)),
            dump(own) if own else None,
        )

    def _descriptor(self, text: str) -> int:
        if text not in self._known:
            row = (self._table, text)
            self._transaction.execute(
                "INSERT OR IGNORE INTO glue_descriptor (table_id, document) VALUES (?, ?)", row
            )
            sql = "SELECT id FROM glue_descriptor WHERE table_id = ? AND document = ?"
            self._known[text] = int(self._transaction.execute(sql, row).fetchone()[0])
        return self._known[text]


class Reading:
    """Partitions of one table from their rows; what they share is read once.

    Lists inside the documents are shared between them: a caller that changes one copies it.
    """

    def __init__(self, database: str, table: str, account: str, shared: Mapping[int, str]) -> None:
        self._names = {"DatabaseName": database, "TableName": table, "CatalogId": account}
        self._shared = {number: load(text) for number, text in shared.items()}
        self._storage: dict[int, StorageDescriptor] = {}

    def document(self, row: tuple[Any, ...]) -> Document:
        """Glue's Partition of a row of SELECT."""
        values, location, descriptor, own, created = row
        document = {**self._shared[descriptor]}
        rest = load(own) if own is not None else {}
        if "StorageDescriptor" in document:
            storage: Document = {**document["StorageDescriptor"]}
            if location is not None:
                storage["Location"] = location
            measures = rest.pop("StorageParameters", None)
            if measures is not None:
                storage["Parameters"] = {**storage["Parameters"], **measures}
            document["StorageDescriptor"] = storage
        if "Parameters" in rest:
            rest["Parameters"] = {**document["Parameters"], **rest["Parameters"]}
        document.update(rest)
        document["Values"] = load(values)
        document["CreationTime"] = moment(created)
        document.update(self._names)
        return document

    def partition(self, row: tuple[Any, ...], otherwise: StorageDescriptor) -> Partition:
        """The partition of a row of SELECT; `otherwise` is for one without a descriptor."""
        values, location, descriptor, own, _ = row
        shared = self._shared[descriptor]
        if descriptor not in self._storage:
            given = shared.get("StorageDescriptor")
            self._storage[descriptor] = shapes.storage(given) if given else otherwise
        storage = self._storage[descriptor]
        parameters = shared.get("Parameters") or {}
        rest = load(own) if own is not None else {}
        if location is not None:
            measured = {**storage.parameters, **rest.get("StorageParameters", {})}
            storage = replace(storage, location=location, parameters=measured)
        return Partition(tuple(load(values)), storage, {**parameters, **rest.get("Parameters", {})})


def retype(transaction: Any, table: int, keys: Sequence[Column]) -> None:
    """Reads the values of all partitions by new types of the keys.

    Raises InvalidInput when partitions have another number of values.
    """
    read = readers(keys)
    rows = transaction.execute("SELECT id, key FROM glue_partition WHERE table_id = ?", (table,))
    changed = list(_retyped(rows, read))
    transaction.executemany(
        "UPDATE glue_partition SET k0 = ?, k1 = ?, k2 = ?, k3 = ?, more = ? WHERE id = ?", changed
    )


def _retyped(rows: Any, read: Sequence[Any]) -> Iterator[tuple[Any, ...]]:
    for identifier, text in rows:
        values: Any = load(text)
        check_count(values, len(read))
        yield (*typed(values, read), identifier)


def check_count(values: Sequence[str], keys: int) -> None:
    """Raises InvalidInput in Glue's words."""
    if len(values) != keys:
        raise InvalidInput(
            "The number of partition keys do not match the number of partition values"
        )


def _split(given: Document) -> tuple[str | None, Document, Document]:
    """Location, what is shared, what is not."""
    shared: Document = {}
    own = {
        name: value
        for name, value in given.items()
        if name not in ("Values", "StorageDescriptor", "Parameters")
    }
    location = None
    storage = given.get("StorageDescriptor")
    if storage is not None:
        storage = {**storage}
        location = storage.pop("Location", None)
        if storage.get("Parameters"):
            storage["Parameters"], measures = _measured(storage["Parameters"])
            if measures:
                own["StorageParameters"] = measures
        shared["StorageDescriptor"] = storage
    if given.get("Parameters") is not None:
        shared["Parameters"], measures = _measured(given["Parameters"])
        if measures:
            own["Parameters"] = measures
    return location, shared, own


def _measured(parameters: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    measures = {name: parameters[name] for name in _MEASURES & parameters.keys()}
    if not measures:
        return dict(parameters), measures
    return {n: v for n, v in parameters.items() if n not in _MEASURES}, measures
