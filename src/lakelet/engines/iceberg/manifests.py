"""Manifest lists and manifests: which files a snapshot has ("Manifests" of the specification)."""

import io
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Final, Generic, TypeVar

from lakelet.engines.iceberg import avro_files
from lakelet.engines.iceberg.metadata import IcebergTable
from lakelet.engines.locations import split
from lakelet.errors import NotFound, TrinoError
from lakelet.interfaces import Storage
from lakelet.model import Document

DATA, POSITIONS, EQUALITY = 0, 1, 2
"""What a file holds: rows, positions of deleted rows, values of deleted rows."""
EXISTING, ADDED, DELETED = 0, 1, 2
"""What a manifest says of a file."""
_KEPT: Final = 512
Key = TypeVar("Key")
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of a manifest. `partition` are the values of its spec's fields by their names, the
    counts and bounds stand under fields' numbers; `bounds` are bytes ("Binary single-value
    serialization")."""

    content: int
    path: str
    format: str
    spec: int
    partition: Mapping[str, Any]
    rows: int
    size: int
    snapshot: int | None = None
    sequence: int | None = None
    file_sequence: int | None = None
    status: int = ADDED
    sizes: Mapping[int, int] | None = None
    counts: Mapping[int, int] | None = None
    nulls: Mapping[int, int] | None = None
    nans: Mapping[int, int] | None = None
    lower: Mapping[int, bytes] | None = None
    upper: Mapping[int, bytes] | None = None
    splits: Sequence[int] | None = None
    equality: Sequence[int] | None = None
    order: int | None = None
    key: bytes | None = None

    @property
    def place(self) -> str:
        """The file's partition, as no other is."""
        return repr((self.spec, sorted(self.partition.items())))


@dataclass(frozen=True, slots=True)
class Manifest:
    """A line of a manifest list."""

    path: str
    length: int
    spec: int
    content: int
    sequence: int
    least_sequence: int
    snapshot: int
    files: tuple[int, int, int]
    rows: tuple[int, int, int]
    partitions: Sequence[Document] = field(default_factory=tuple)


class Manifests:
    """Reads the files of snapshots; manifests never change."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._lists: Newest[str, Sequence[Manifest]] = Newest()
        self._entries: Newest[tuple[str, int, int], Sequence[Entry]] = Newest()

    def of(self, table: IcebergTable) -> list[Manifest]:
        """The manifests of the snapshot that is looked at. Raises TrinoError."""
        if table.at is None:
            return []
        if "manifest-list" not in table.at:
            return [_bare(path) for path in table.at.get("manifests") or ()]
        path = table.at["manifest-list"]
        return [*self._lists.of(path, lambda: [*map(_manifest, _read(self._storage, path))])]

    def entries(self, manifest: Manifest) -> Sequence[Entry]:
        """All files of a manifest, those that it says are deleted too. Raises TrinoError."""
        return self._entries.of(
            (manifest.path, manifest.sequence, manifest.spec),
            lambda: [_entry(each, manifest) for each in _read(self._storage, manifest.path)],
        )

    def live(self, manifests: Iterable[Manifest]) -> list[Entry]:
        """The files that are there. Raises TrinoError."""
        return [
            entry
            for manifest in manifests
            for entry in self.entries(manifest)
            if entry.status != DELETED
        ]


class Newest(Generic[Key, Value]):
    """What was asked for last; for all threads."""

    def __init__(self, kept: int = _KEPT) -> None:
        self._kept = kept
        self._known: OrderedDict[Key, Value] = OrderedDict()
        self._lock = Lock()

    def of(self, key: Key, made: Callable[[], Value]) -> Value:
        """What `made` makes, or made before. Raises what it raises."""
        with self._lock:
            if key in self._known:
                self._known.move_to_end(key)
                return self._known[key]
        found = made()
        with self._lock:
            self._known[key] = found
            if len(self._known) > self._kept:
                self._known.popitem(last=False)
        return found


def _read(storage: Storage, path: str) -> Sequence[Document]:
    try:
        return [*avro_files.records(io.BytesIO(storage.read(*split(path))))]
    except NotFound as failure:
        message = f"File does not exist: {path}"
        raise TrinoError("ICEBERG_INVALID_METADATA", message) from failure
    except Exception as failure:
        # fastavro raises what it comes across, of many kinds, where a file is none of Avro's.
        message = f"Failed to read manifest: {path}"
        raise TrinoError("ICEBERG_INVALID_METADATA", message) from failure


def _bare(path: str) -> Manifest:
    """Of version 1, where a snapshot may list its manifests itself."""
    return Manifest(path, 0, 0, DATA, 0, 0, 0, (0, 0, 0), (0, 0, 0))


def _manifest(given: Document) -> Manifest:
    def three(what: str) -> tuple[int, int, int]:
        names = [f"{each}_{what}_count" for each in ("added", "existing", "deleted")]
        added, existing, deleted = (
            given.get(name) or given.get(name.replace("files", "data_files")) or 0 for name in names
        )
        return added, existing, deleted

    return Manifest(
        given["manifest_path"],
        given["manifest_length"],
        given["partition_spec_id"],
        given.get("content") or DATA,
        given.get("sequence_number") or 0,
        given.get("min_sequence_number") or 0,
        given.get("added_snapshot_id") or 0,
        three("files"),
        three("rows"),
        given.get("partitions") or (),
    )


def _entry(given: Document, manifest: Manifest) -> Entry:
    """With the numbers that an added file inherits from its manifest."""
    file = given["data_file"]
    sequence = given.get("sequence_number")
    file_sequence = given.get("file_sequence_number")
    inherits = sequence is None and given["status"] == ADDED
    return Entry(
        file.get("content") or DATA,
        file["file_path"],
        file["file_format"].upper(),
        manifest.spec,
        file.get("partition") or {},
        file["record_count"],
        file["file_size_in_bytes"],
        given.get("snapshot_id") or manifest.snapshot,
        manifest.sequence if inherits else sequence or 0,
        manifest.sequence if file_sequence is None else file_sequence,
        given["status"],
        sizes=_map(file.get("column_sizes")),
        counts=_map(file.get("value_counts")),
        nulls=_map(file.get("null_value_counts")),
        nans=_map(file.get("nan_value_counts")),
        lower=_map(file.get("lower_bounds")),
        upper=_map(file.get("upper_bounds")),
        splits=file.get("split_offsets"),
        equality=file.get("equality_ids"),
        order=file.get("sort_order_id"),
        key=file.get("key_metadata"),
    )


def _map(given: Sequence[Document] | None) -> dict[int, Any] | None:
    return None if given is None else {each["key"]: each["value"] for each in given}
