"""What an Iceberg table's metadata file says: its schemas, snapshots and partitions."""

import gzip
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any, Final

import orjson

from lakelet.catalog import iceberg_metadata
from lakelet.engines.locations import split
from lakelet.errors import NotFound, TrinoError
from lakelet.interfaces import Storage
from lakelet.model import Document, Table

LOCATION: Final = "metadata_location"
"""The table's parameter that names the metadata file which stands."""
_KEPT: Final = 256
_NEWEST: Final = 2
"""The highest version of the format that is read."""
_NONE: Final = -1
"""What stands for no snapshot."""


@dataclass(frozen=True, slots=True)
class IcebergTable:
    """A table's metadata and where that lies; `at` is the snapshot that is looked at, None where
    nothing was ever written, and `travelled` says that it was asked for."""

    name: str
    database: str
    location: str
    document: Document
    at: Document | None
    travelled: bool = False

    @property
    def schema(self) -> Document:
        """The schema that stands, or that of the snapshot which was asked for."""
        if self.travelled and self.at is not None and "schema-id" in self.at:
            return _by(self.document["schemas"], "schema-id", self.at["schema-id"])
        found: Document = iceberg_metadata.current_schema(self.document)
        return found

    @property
    def fields(self) -> Sequence[Document]:
        """The columns, as metadata has them."""
        found: Sequence[Document] = self.schema["fields"]
        return found

    @property
    def spec(self) -> Document:
        """The partition spec of what is written."""
        return self.spec_of(self.document["default-spec-id"])

    def spec_of(self, number: int) -> Document:
        """The partition spec of a number."""
        return _by(self.document["partition-specs"], "spec-id", number)

    @property
    def properties(self) -> dict[str, str]:
        """The table's properties in metadata."""
        return dict(self.document.get("properties") or {})

    @property
    def snapshots(self) -> Sequence[Document]:
        """All snapshots that are kept, the oldest first."""
        found: Sequence[Document] = self.document.get("snapshots") or ()
        return found

    def snapshot(self, number: int | None) -> Document | None:
        """The snapshot of a number, None where there is none."""
        return next((each for each in self.snapshots if each["snapshot-id"] == number), None)


def _by(given: Sequence[Document], member: str, number: int) -> Document:
    return next(each for each in given if each.get(member, 0) == number)


class Metadata:
    """Reads metadata files, which never change; for all threads."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._known: OrderedDict[str, Document] = OrderedDict()
        self._lock = Lock()

    def of(self, table: Table) -> IcebergTable:
        """Raises TrinoError for a table whose metadata is missing or none."""
        location = table.parameters.get(LOCATION, "")
        document = self.at(location)
        current = document.get("current-snapshot-id", _NONE)
        found = IcebergTable(table.name, table.database, location, document, None)
        at = found.snapshot(None if current == _NONE else current)
        return IcebergTable(table.name, table.database, location, document, at)

    def at(self, location: str) -> Document:
        """The metadata file at an address. Raises TrinoError."""
        with self._lock:
            if location in self._known:
                self._known.move_to_end(location)
                return self._known[location]
        document = _checked(_read(self._storage, location), location)
        with self._lock:
            self._known[location] = document
            if len(self._known) > _KEPT:
                self._known.popitem(last=False)
        return document


def _read(storage: Storage, location: str) -> bytes:
    try:
        return storage.read(*split(location))
    except NotFound as failure:
        message = f"Metadata not found in metadata location for table: {location}"
        raise TrinoError("ICEBERG_MISSING_METADATA", message) from failure


def _checked(data: bytes, location: str) -> Document:
    try:
        packed = data.startswith(b"\x1f\x8b")
        document: Any = orjson.loads(gzip.decompress(data) if packed else data)
        version = document["format-version"]
        iceberg_metadata.current_schema(document)
        if version == 1:
            document = _upgraded(document)
    except (OSError, EOFError, ValueError, TypeError, KeyError, StopIteration) as failure:
        message = f"Invalid metadata file for table: {location}"
        raise TrinoError("ICEBERG_INVALID_METADATA", message) from failure
    if version > _NEWEST:
        raise TrinoError("NOT_SUPPORTED", f"Iceberg table version {version} is not supported")
    found: Document = document
    return found


def _upgraded(document: Document) -> Document:
    """Version 1 with what version 2 requires ("Version 2" of the specification's appendix E)."""
    schema = {"schema-id": 0, **(document.get("schema") or {})}
    fields = [
        {"field-id": 1000 + i, **each}
        for i, each in enumerate(document.get("partition-spec") or ())
    ]
    return {
        "schemas": [schema],
        "current-schema-id": 0,
        "partition-specs": [{"spec-id": 0, "fields": fields}],
        "default-spec-id": 0,
        "last-partition-id": max((each["field-id"] for each in fields), default=999),
        "last-sequence-number": 0,
        **document,
    }
