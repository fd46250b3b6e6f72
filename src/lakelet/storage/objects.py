"""What the embedded store keeps about an object beside its bytes, and the table that holds it.

A row belongs to one version of a file, by its fingerprint. A put writes its row first and renames
its file second, so the rename alone decides which version, bytes and metadata together, is the
object; rows that match no file are dead and do no harm. A file of which nothing is known has none.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import orjson

from lakelet.database import Database
from lakelet.model import ObjectInfo
from lakelet.storage.checksums import ChecksumType
from lakelet.storage.files import Fingerprint

_KEYS_A_QUERY = 500


@dataclass(frozen=True, slots=True)
class Part:
    """A part of an object that was uploaded in parts; `size` in bytes."""

    number: int
    size: int
    etag: str
    checksums: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Attributes:
    """What a writer says of an object. `headers` are by S3's member names (`ContentType`)."""

    headers: Mapping[str, str] = field(default_factory=dict)
    metadata: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    checksums: Mapping[str, str] = field(default_factory=dict)
    checksum_type: ChecksumType | None = None
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An object of the embedded store as it was at one moment."""

    bucket: str
    key: str
    path: str
    fingerprint: Fingerprint
    etag: str | None
    attributes: Attributes

    @property
    def size(self) -> int:
        return self.fingerprint.size

    @property
    def last_modified(self) -> datetime:
        seconds, nanoseconds = divmod(self.fingerprint.mtime, 1_000_000_000)
        whole = datetime.fromtimestamp(seconds, UTC)
        return whole.replace(microsecond=nanoseconds // 1_000_000 * 1000)

    def at(self, path: str) -> "StoredObject":
        """The same in another place."""
        return StoredObject(
            self.bucket, self.key, path, self.fingerprint, self.etag, self.attributes
        )

    @property
    def info(self) -> ObjectInfo:
        return ObjectInfo(self.bucket, self.key, self.size, self.etag or "", self.last_modified)


Row = tuple[str | None, Attributes]


def dump(attributes: Attributes) -> str:
    """Attributes as JSON."""
    return orjson.dumps(attributes).decode()


def load(text: str) -> Attributes:
    """Attributes from their JSON."""
    document: dict[str, Any] = orjson.loads(text)
    parts = tuple(Part(**part) for part in document.pop("parts"))
    return Attributes(parts=parts, **document)


class ObjectTable:
    """Rows of objects by bucket, key and fingerprint."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(
        self,
        bucket: str,
        key: str,
        fingerprint: Fingerprint,
        etag: str | None,
        kept: Attributes,
    ) -> None:
        """Keeps what is known of a version."""
        with self._database.transaction() as transaction:
            transaction.execute(
                "INSERT OR REPLACE INTO object VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    bucket,
                    key,
                    *_columns(fingerprint),
                    etag,
                    dump(kept),
                ),
            )

    def replace(
        self,
        stored: StoredObject,
        standing: Fingerprint | None,
    ) -> None:
        """Keeps what is known of a version that shall stand in the place of another, and of no
        third: the row of the one that stands goes with the next write."""
        with self._database.transaction() as transaction:
            transaction.execute(
                "DELETE FROM object WHERE bucket = ? AND key = ?"
                " AND NOT (size = ? AND mtime = ? AND inode = ?)",
                (stored.bucket, stored.key, *_columns(standing or stored.fingerprint)),
            )
            self.put(stored.bucket, stored.key, stored.fingerprint, stored.etag, stored.attributes)

    def versions(self, bucket: str, keys: Iterable[str]) -> dict[tuple[str, Fingerprint], Row]:
        """What is known of some keys, for each version of their files."""
        found: dict[tuple[str, Fingerprint], Row] = {}
        pending = list(keys)
        for start in range(0, len(pending), _KEYS_A_QUERY):
            some = pending[start : start + _KEYS_A_QUERY]
            rows = self._database.query(
                "SELECT key, size, mtime, inode, etag, attributes FROM object "
                f"WHERE bucket = ? AND key IN ({', '.join('?' * len(some))})",
                (bucket, *some),
            )
            for key, size, mtime, inode, etag, attributes in rows:
                found[key, Fingerprint(size, mtime, inode)] = (etag, load(attributes))
        return found

    def forget(self, bucket: str, key: str, versions: Iterable[Fingerprint]) -> None:
        """Removes the rows of versions that are gone."""
        with self._database.transaction() as transaction:
            for version in versions:
                transaction.execute(
                    "DELETE FROM object WHERE bucket = ? AND key = ? "
                    "AND size = ? AND mtime = ? AND inode = ?",
                    (bucket, key, *_columns(version)),
                )

    def forget_bucket(self, bucket: str) -> None:
        with self._database.transaction() as transaction:
            transaction.execute("DELETE FROM object WHERE bucket = ?", (bucket,))


def _columns(version: Fingerprint) -> tuple[int, int, int]:
    return version.size, version.mtime, version.inode
