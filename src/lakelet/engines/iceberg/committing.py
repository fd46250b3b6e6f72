"""Commits: a change of files becomes a snapshot, in metadata that the catalogue points to."""

import copy
import os
import random
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import orjson

from lakelet.catalog import iceberg_metadata
from lakelet.engines.context import Context
from lakelet.engines.iceberg import manifest_writing
from lakelet.engines.iceberg.manifests import (
    ADDED,
    DATA,
    DELETED,
    EXISTING,
    POSITIONS,
    Entry,
    Manifest,
)
from lakelet.engines.iceberg.metadata import LOCATION, IcebergTable
from lakelet.engines.locations import split
from lakelet.errors import NotFound, TrinoError
from lakelet.model import Document, Finished

_OCTETS: Final = "application/octet-stream"
_PREVIOUS: Final = 100
"""Earlier metadata files that are remembered (`write.metadata.previous-versions-max`)."""
_TRIES: Final = 5
"""How often rows are added again where another process was first (`commit.retry.num-retries`)."""
_CONFLICT: Final = "ICEBERG_COMMIT_ERROR"
_LOCKS: Final = [threading.Lock() for _ in range(64)]


@dataclass(frozen=True, slots=True)
class Change:
    """What a snapshot does: `operation` in Iceberg's word, files that come and paths that go."""

    operation: str
    added: Sequence[Entry] = ()
    removed: frozenset[str] = frozenset()


@contextmanager
def alone(context: Context, database: str, name: str) -> Iterator[IcebergTable]:
    """The table as it stands, while no other thread of this process commits to it.

    Raises TrinoError for a table that is gone.
    """
    with _LOCKS[hash((database, name)) % len(_LOCKS)]:
        table = context.catalog.table(database, name)
        if table is None:
            raise TrinoError(_CONFLICT, f"Table {database}.{name} was dropped in the meantime")
        yield context.planner.iceberg.metadata.of(table)


def commit(
    context: Context, table: IcebergTable, folder: Path, data: Sequence[Finished], change: Change
) -> None:
    """Makes files objects, and a snapshot of them the table's. Raises TrinoError."""
    document, files = snapshot(context, table, folder, change)
    publish(context, table, folder, [*data, *files], document)


def append(
    context: Context, table: IcebergTable, folder: Path, data: Sequence[Finished], change: Change
) -> None:
    """Adds rows that were made for a table as it stood, to it as it stands: what others did
    meanwhile hinders none. Raises TrinoError."""
    for number in range(1, _TRIES + 1):
        with alone(context, table.database, table.name) as current:
            if current.document["table-uuid"] != table.document["table-uuid"]:
                raise conflict(table)
            try:
                return commit(context, current, folder, _linked(data, number), change)
            except TrinoError as failure:
                if failure.name != _CONFLICT or number == _TRIES:
                    raise
    return None


def _linked(data: Sequence[Finished], number: int) -> list[Finished]:
    """Other names of finished files, which a try may take away with it."""
    found = []
    for each in data:
        path = each.path.with_name(f"{number}-{each.path.name}")
        try:
            os.link(each.path, path)
        except OSError:
            shutil.copyfile(each.path, path)
        found.append(replace(each, path=path))
    return found


def publish(
    context: Context,
    table: IcebergTable,
    folder: Path,
    files: Sequence[Finished],
    document: Document,
) -> None:
    """Writes metadata and makes the table point to it, in one stroke with other files.

    Raises TrinoError ICEBERG_COMMIT_ERROR where another process was first.
    """
    location, written = metadata_file(folder, document, _version(table.location) + 1)
    context.stop.no_more()
    try:
        with context.journal.publishing(folder, [*files, written], _OCTETS):
            context.catalog.tables.change(
                table.database, table.name, lambda it: _pointed(it, table, document, location)
            )
    except NotFound as failure:
        raise conflict(table) from failure


def _pointed(it: Document, table: IcebergTable, document: Document, location: str) -> Document:
    parameters = it.get("Parameters") or {}
    if parameters.get(LOCATION) != table.location:
        raise conflict(table)
    return {
        **it,
        "Parameters": {
            **parameters,
            LOCATION: location,
            "previous_metadata_location": table.location,
        },
        "StorageDescriptor": {
            **(it.get("StorageDescriptor") or {}),
            "Columns": iceberg_metadata.columns_of(document),
        },
    }


def conflict(table: IcebergTable) -> TrinoError:
    """Where another process changed the table in the meantime."""
    message = f"Failed to commit the transaction to table: {table.database}.{table.name}"
    return TrinoError(_CONFLICT, message)


def metadata_file(folder: Path, document: Document, version: int) -> tuple[str, Finished]:
    """A metadata file in scratch: where it will be, and the file."""
    name = f"{version:05d}-{uuid4()}.metadata.json"
    location = f"{document['location']}/metadata/{name}"
    return location, _file(folder, location, orjson.dumps(document))


def _file(folder: Path, location: str, data: bytes) -> Finished:
    path = folder / location.rpartition("/")[2]
    path.write_bytes(data)
    return Finished(path, *split(location))


def _version(location: str) -> int:
    number = location.rpartition("/")[2].partition("-")[0]
    return int(number) if number.isdecimal() else 0


def changed(table: IcebergTable, work: Callable[[Document], None]) -> Document:
    """A table's metadata after a change, with the file that stands in its log."""
    document = copy.deepcopy(table.document)
    work(document)
    if table.location:
        log = document.setdefault("metadata-log", [])
        before = table.document["last-updated-ms"]
        log.append({"timestamp-ms": before, "metadata-file": table.location})
        document["metadata-log"] = log[-_PREVIOUS:]
    document["format-version"] = 2
    document["last-updated-ms"] = _now(table)
    return document


def _now(table: IcebergTable) -> int:
    """A moment later than that of the metadata which stands."""
    before = table.document["last-updated-ms"]
    return int(max(time.time() * 1000, before + bool(table.location)))


# Snapshots -----------------------------------------------------------------------------------


def snapshot(
    context: Context, table: IcebergTable, folder: Path, change: Change
) -> tuple[Document, list[Finished]]:
    """The metadata with a new snapshot, and the files that say what it has."""
    number = random.getrandbits(62) | 1
    sequence = table.document["last-sequence-number"] + 1
    work = _Manifests(context, table, folder, number, sequence)
    manifests = work.manifests(change)
    parent = None if table.at is None else table.at["snapshot-id"]
    place = f"{table.document['location']}/metadata/snap-{number}-1-{uuid4()}.avro"
    data = manifest_writing.manifest_list(manifests, number, parent, sequence)
    work.files.append(_file(folder, place, data))
    summary = _summary(table, change, work.gone)
    summary["trino_query_id"] = context.session.query_id or "lakelet"

    def add(document: Document) -> None:
        moment = _now(table)
        snapshot = {
            "sequence-number": sequence,
            "snapshot-id": number,
            **({} if parent is None else {"parent-snapshot-id": parent}),
            "timestamp-ms": moment,
            "summary": summary,
            "manifest-list": place,
            "schema-id": table.document["current-schema-id"],
        }
        document["last-sequence-number"] = sequence
        document["current-snapshot-id"] = number
        document["snapshots"] = [*(document.get("snapshots") or ()), snapshot]
        reference = {"snapshot-id": number, "type": "branch"}
        document["refs"] = {**(document.get("refs") or {}), "main": reference}
        entry = {"snapshot-id": number, "timestamp-ms": moment}
        document["snapshot-log"] = [*(document.get("snapshot-log") or ()), entry]

    return changed(table, add), work.files


@dataclass(slots=True)
class _Manifests:
    """The manifests of a new snapshot while they are made."""

    context: Context
    table: IcebergTable
    folder: Path
    snapshot: int
    sequence: int

    files: list[Finished] = field(default_factory=list)
    gone: list[Entry] = field(default_factory=list)

    def manifests(self, change: Change) -> list[Manifest]:
        found = []
        kinds: dict[tuple[int, bool], list[Entry]] = {}
        for each in change.added:
            kinds.setdefault((each.spec, each.content != DATA), []).append(each)
        for (spec, _), entries in sorted(kinds.items()):
            own = [replace(e, snapshot=self.snapshot, status=ADDED) for e in entries]
            found.append(self._written(spec, own))
        reader = self.context.planner.iceberg.manifests
        for manifest in reader.of(self.table):
            found += self._kept(manifest, reader.entries(manifest), change.removed)
        return found

    def _kept(
        self, manifest: Manifest, entries: Sequence[Entry], removed: frozenset[str]
    ) -> list[Manifest]:
        """A manifest of before, written anew where files of it go."""
        live = [each for each in entries if each.status != DELETED]
        if not live:
            return []
        if not any(each.path in removed for each in live):
            return [manifest]
        gone = [each for each in live if each.path in removed]
        self.gone += gone
        kept = [replace(e, status=EXISTING) for e in live if e.path not in removed]
        deleted = [replace(e, status=DELETED, snapshot=self.snapshot) for e in gone]
        return [self._written(manifest.spec, [*kept, *deleted])]

    def _written(self, spec: int, entries: Sequence[Entry]) -> Manifest:
        place = f"{self.table.document['location']}/metadata/{uuid4()}-m0.avro"
        data, found = manifest_writing.manifest(
            self.table, spec, entries, place, self.snapshot, self.sequence
        )
        self.files.append(_file(self.folder, place, data))
        return found


def _summary(table: IcebergTable, change: Change, gone: Sequence[Entry]) -> dict[str, str]:
    """What a snapshot did and what there is then ("Optional Snapshot Summary Fields")."""
    data = [each for each in change.added if each.content == DATA]
    deletes = [each for each in change.added if each.content == POSITIONS]
    old_data = [each for each in gone if each.content == DATA]
    old_deletes = [each for each in gone if each.content == POSITIONS]
    done = {
        "added-data-files": len(data),
        "added-delete-files": len(deletes),
        "added-position-delete-files": len(deletes),
        "added-records": _rows(data),
        "added-position-deletes": _rows(deletes),
        "added-files-size": _size(change.added),
        "deleted-data-files": len(old_data),
        "removed-delete-files": len(old_deletes),
        "removed-position-delete-files": len(old_deletes),
        "deleted-records": _rows(old_data),
        "removed-position-deletes": _rows(old_deletes),
        "removed-files-size": _size(gone),
        "changed-partition-count": len({repr(each.partition) for each in (*change.added, *gone)}),
    }
    before: Mapping[str, Any] = (table.at or {}).get("summary") or {}
    totals = {
        "total-records": _rows(data) - _rows(old_data),
        "total-files-size": _size(change.added) - _size(gone),
        "total-data-files": len(data) - len(old_data),
        "total-delete-files": len(deletes) - len(old_deletes),
        "total-position-deletes": _rows(deletes) - _rows(old_deletes),
        "total-equality-deletes": 0,
    }
    shown = {name: str(value) for name, value in done.items() if value}
    after = {name: str(int(before.get(name, 0)) + more) for name, more in totals.items()}
    return {"operation": change.operation, **shown, **after}


def _rows(entries: Sequence[Entry]) -> int:
    return sum(each.rows for each in entries)


def _size(entries: Sequence[Entry]) -> int:
    return sum(each.size for each in entries)
