"""The embedded store: objects as plain files, what else is known of them in SQLite."""

import hashlib
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import accumulate, compress, islice
from pathlib import Path
from typing import BinaryIO

from lakelet.database import Database
from lakelet.errors import (
    AlreadyExists,
    Conflict,
    InvalidInput,
    LakeError,
    NoSuchBucket,
    NoSuchKey,
    NotEmpty,
)
from lakelet.model import Finished, ObjectInfo
from lakelet.storage import files, walking
from lakelet.storage.checksums import multipart_etag
from lakelet.storage.drafts import Draft, OpenObject
from lakelet.storage.files import Fingerprint, KeyLocks, PlaceTaken, Scratch
from lakelet.storage.keys import Layout, is_bucket_name
from lakelet.storage.objects import Attributes, ObjectTable, StoredObject

Names = list[str]

Check = Callable[[StoredObject | None], None]
"""A condition on the object that stands at the moment of a write; it raises to refuse."""

BINARY = "binary/octet-stream"

_RACY = 2_000_000_000
"""A file changed less than so many nanoseconds ago may change again and keep its time stamp (the
clock of FAT ticks every two seconds): its hash is not kept. The same care as git's index takes."""

_NO_ATTRIBUTES = Attributes()


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a listing; `last` is where the next one goes on, None at the end."""

    objects: tuple[StoredObject, ...]
    prefixes: tuple[str, ...]
    last: str | None


class LocalStorage:
    """`interfaces.Storage` over a folder, and what the S3 API needs beyond it.

    Several processes may have the same folder open. `fsync` makes every write wait for the disk.
    """

    def __init__(self, root: Path, database: Database, *, fsync: bool = False) -> None:
        root.mkdir(parents=True, exist_ok=True)
        self.layout = Layout(os.path.realpath(root))
        self.database = database
        self.fsync = fsync
        os.makedirs(self.layout.objects, exist_ok=True)
        self.locks = KeyLocks(os.path.join(self.layout.root, "locks"))
        self._scratch = Scratch(self.layout.scratch, self.locks)
        self.scratch = Path(self._scratch.path)
        self._rows = ObjectTable(database)
        self._folds_case = _folds_case(self._scratch.path)

    def close(self) -> None:
        """Removes this process's unfinished files."""
        self._scratch.close()
        self.locks.close()

    def buckets(self) -> Names:
        with os.scandir(self.layout.objects) as scan:
            return sorted(
                entry.name
                for entry in scan
                if is_bucket_name(entry.name) and entry.is_dir(follow_symlinks=False)
            )

    def created(self, bucket: str) -> datetime:
        """When a bucket's folder was made, as far as the file system remembers."""
        self.require(bucket)
        status = os.stat(self.layout.bucket(bucket))
        return datetime.fromtimestamp(getattr(status, "st_birthtime", status.st_ctime), UTC)

    def require(self, bucket: str) -> None:
        """Raises `NoSuchBucket` if there is no such bucket."""
        if not files.is_folder(self.layout.bucket(bucket)):
            raise NoSuchBucket(bucket)

    def create_bucket(self, bucket: str) -> None:
        """Raises `AlreadyExists`, or `InvalidInput` for a name against S3's rules."""
        if not is_bucket_name(bucket):
            raise InvalidInput("The specified bucket is not valid.", subject=bucket)
        try:
            os.mkdir(self.layout.bucket(bucket))
        except FileExistsError:
            raise AlreadyExists("The bucket exists already", subject=bucket) from None

    def delete_bucket(self, bucket: str) -> None:
        """Raises `NoSuchBucket`, or `NotEmpty` while an object is in it."""
        self.require(bucket)
        escaped = self.layout.escaped_bucket(bucket)
        empty = next(walking.walk(self.layout, bucket), None) is None
        if (
            not empty
            or not files.remove_empty_tree(escaped)
            or not files.remove_empty_tree(self.layout.bucket(bucket))
        ):
            raise NotEmpty("The bucket you tried to delete is not empty", subject=bucket)
        self._rows.forget_bucket(bucket)

    def list(self, bucket: str, prefix: str = "", start_after: str = "") -> Iterator[ObjectInfo]:
        """As `Storage.list`; the etag of a file that nobody has asked for yet is ''."""
        self.require(bucket)
        entries = walking.walk(self.layout, bucket, prefix, start_after)
        while some := list(islice(entries, 1000)):
            yield from (stored.info for stored in self._known(bucket, some))

    def page(self, bucket: str, prefix: str, start_after: str, delimiter: str, limit: int) -> Page:
        """The next objects and common prefixes, together not more than `limit`."""
        self.require(bucket)
        entries = walking.walk(self.layout, bucket, prefix, start_after, delimiter)
        some = list(islice(entries, limit))
        more = next(entries, None) is not None
        return Page(
            tuple(self._listed(bucket, some)),
            tuple(entry.key for entry in some if entry.stat is None),
            some[-1].key if some and more else None,
        )

    def _listed(self, bucket: str, entries: Iterable[walking.Entry]) -> Iterator[StoredObject]:
        for stored in self._known(bucket, entries):
            with suppress(NoSuchKey):  # removed since its folder was read
                yield self._with_etag(stored)

    def _known(self, bucket: str, entries: Iterable[walking.Entry]) -> Iterator[StoredObject]:
        some = [(entry, entry.stat) for entry in entries]
        rows = self._rows.versions(bucket, (entry.key for entry, _ in some))
        for entry, status in some:
            if status is not None:
                version = Fingerprint.of(status)
                etag, kept = rows.get((entry.key, version), (None, _NO_ATTRIBUTES))
                yield StoredObject(bucket, entry.key, entry.path, version, etag, kept)

    def _candidates(self, bucket: str, key: str) -> Iterator[str]:
        """Where an object may stand: few buckets have an escaped area."""
        plain = self.layout.plain(bucket, key)
        if plain is not None:
            yield plain
        if files.is_folder(self.layout.escaped_bucket(bucket)):
            yield self.layout.escaped(bucket, key)

    def _places(self, bucket: str, key: str, standing: str | None) -> Iterator[str]:
        """Where an object may be put: where it stands, under its name, else escaped."""
        if standing is not None:
            yield standing
        plain = self.layout.plain(bucket, key)
        if plain is not None:
            yield plain
        yield self.layout.escaped(bucket, key)

    def _find(self, bucket: str, key: str) -> StoredObject | None:
        while (place := self._look(bucket, key)) is not None:
            stored = self._describe(bucket, key, *place)
            if stored is not None:
                return stored
        return None

    def _look(self, bucket: str, key: str) -> tuple[str, Fingerprint] | None:
        """The file that holds a key, and its version."""
        for path in self._candidates(bucket, key):
            status = files.status_of(path, self.layout.root)
            if status is not None and self._is_spelled(path):
                return path, Fingerprint.of(status)
        return None

    def _is_spelled(self, path: str) -> bool:
        """Whether a path found on a disk that folds case has just these letters."""
        if not self._folds_case:
            return True
        below = os.path.relpath(path, self.layout.root).split(os.sep)
        folder = self.layout.root
        for name in below:
            if name not in os.listdir(folder):
                return False
            folder = os.path.join(folder, name)
        return True

    def _describe(
        self, bucket: str, key: str, path: str, version: Fingerprint
    ) -> StoredObject | None:
        """What is known of a file's version; None if the file was replaced while we asked, and
        its row with it: the caller looks again."""
        row = self._rows.versions(bucket, (key,)).get((key, version))
        if row is None:
            now = files.status_of(path, self.layout.root)
            if now is None or Fingerprint.of(now) != version:
                return None
            row = (None, _NO_ATTRIBUTES)
        return StoredObject(bucket, key, path, version, *row)

    def _missing(self, bucket: str, key: str) -> NoSuchKey:
        """The error for a missing key. Raises `NoSuchBucket` if that is what is missing."""
        self.require(bucket)
        return NoSuchKey(key)

    def open_object(self, bucket: str, key: str) -> OpenObject:
        """The object of this moment, its etag computed. Raises `NoSuchBucket`, `NoSuchKey`."""
        for path in self._candidates(bucket, key):
            while (opened := files.open_regular(path, self.layout.root)) is not None:
                descriptor, status = opened
                try:
                    found = self._is_spelled(path)
                    version = Fingerprint.of(status)
                    stored = self._describe(bucket, key, path, version) if found else None
                    if stored is not None:
                        return OpenObject(descriptor, self._with_etag(stored, descriptor))
                except BaseException:
                    os.close(descriptor)
                    raise
                os.close(descriptor)
                if not found:
                    break
        raise self._missing(bucket, key)

    def head(self, bucket: str, key: str) -> StoredObject:
        """As `open_object`, without the bytes."""
        stored = self._find(bucket, key)
        if stored is None:
            raise self._missing(bucket, key)
        return self._with_etag(stored)

    def _with_etag(self, stored: StoredObject, descriptor: int | None = None) -> StoredObject:
        """Computes an etag that nobody has asked for before, from the bytes it is for."""
        if stored.etag is not None:
            return stored
        if descriptor is not None:
            return self._hashed(stored, descriptor)
        with self.open_object(stored.bucket, stored.key) as opened:
            return opened.described

    def _hashed(self, stored: StoredObject, descriptor: int) -> StoredObject:
        while True:
            status = os.fstat(descriptor)
            version = Fingerprint.of(status)
            etag, kept = self._recognised(stored, version, descriptor)
            if Fingerprint.of(os.fstat(descriptor)) == version:
                break
        if time.time_ns() - version.mtime > _RACY:
            with suppress(LakeError):  # a full disk: it is found again then
                self._rows.put(stored.bucket, stored.key, version, etag, kept)
        return replace(stored, fingerprint=version, etag=etag, attributes=kept)

    def _recognised(
        self, stored: StoredObject, version: Fingerprint, descriptor: int
    ) -> tuple[str, Attributes]:
        """The etag of a file, and what is known of it.

        A lake that was copied as a whole (`cp -a`, a backup) has new inodes; size and time then
        name the row, and the bytes must prove it.
        """
        rows = self._rows.versions(stored.bucket, (stored.key,))
        for (_, known), (etag, kept) in rows.items():
            if (
                etag is not None
                and (known.size, known.mtime) == (version.size, version.mtime)
                and _etag(descriptor, version.size, kept) == etag
            ):
                return etag, kept
        kept = replace(stored.attributes, parts=(), checksums={}, checksum_type=None)
        return _etag(descriptor, version.size, kept), kept

    def draft(self, algorithms: Iterable[str] = ()) -> Draft:
        """Begins an object; checksums of `algorithms` are computed beside its MD5."""
        return Draft(self._scratch.new(), algorithms)

    def commit(
        self,
        draft: Draft,
        bucket: str,
        key: str,
        attributes: Attributes,
        *,
        etag: str | None = None,
        check: Check | None = None,
    ) -> StoredObject:
        """Makes a draft the object, by one rename. `etag` is the draft's MD5 by default."""
        draft.finish(fsync=self.fsync)
        put = _described(draft.path, bucket, key, etag or draft.digests.md5.hex(), attributes)
        with self.locks(f"{bucket}/{key}"):
            if check is not None:
                found = self._find(bucket, key)
                check(found and self._with_etag(found))
            return self._moved_in([put])[0]

    def _moved_in(self, puts: Sequence[StoredObject]) -> Sequence[StoredObject]:
        """Makes files objects, their keys being locked: the rows of all, then one rename each."""
        standing = [self._look(put.bucket, put.key) or (None, None) for put in puts]
        known = [put.etag is not None or put.attributes != _NO_ATTRIBUTES for put in puts]
        if any(known):
            with self.database.transaction():
                for put, (_, version) in compress(zip(puts, standing, strict=True), known):
                    self._rows.replace(put, version)
        moved = []
        for number, (put, (place, _)) in enumerate(zip(puts, standing, strict=True)):
            try:
                path = self._place(put.path, put.bucket, put.key, place)
            except BaseException:
                for left in compress(puts[number:], known[number:]):
                    self._rows.forget(left.bucket, left.key, (left.fingerprint,))
                raise
            moved.append(put.at(path))
        return moved

    def _place(self, source: str, bucket: str, key: str, standing: str | None) -> str:
        """Puts a file in the first of an object's places that takes it."""
        for path in self._places(bucket, key, standing):
            if self._folds_case and path != standing and os.path.lexists(path):
                continue  # another spelling of the key stands there
            try:
                top = self._top(bucket, path)
                files.put_in_place(
                    source,
                    path,
                    top,
                    self.layout.root,
                    replaces=path == standing,
                    fsync=self.fsync,
                )
            except PlaceTaken:
                continue
            except FileNotFoundError:
                self.require(bucket)
                raise
            return path
        raise Conflict("The object's place changes under the write", subject=key)

    def amend(
        self, bucket: str, key: str, change: Callable[[Attributes], Attributes]
    ) -> StoredObject:
        """Changes what is kept beside the bytes. Raises `NoSuchBucket`, `NoSuchKey`."""
        with self.locks(f"{bucket}/{key}"):
            stored = self.head(bucket, key)
            kept = change(stored.attributes)
            self._rows.put(bucket, key, stored.fingerprint, stored.etag, kept)
        return replace(stored, attributes=kept)

    def remove(self, bucket: str, key: str, check: Check | None = None) -> None:
        """Removes an object if there is one. Raises `NoSuchBucket`."""
        self.require(bucket)
        with self.locks(f"{bucket}/{key}"):
            standing = self._find(bucket, key)
            if check is not None:
                check(standing and self._with_etag(standing))
            if standing is None:
                return
            for path in self._candidates(bucket, key):
                if files.status_of(path, self.layout.root) is not None and self._is_spelled(path):
                    os.unlink(path)
                    files.prune(os.path.dirname(path), self._top(bucket, path))
            known = self._rows.versions(bucket, (key,))
            self._rows.forget(bucket, key, (version for _, version in known))

    def _top(self, bucket: str, path: str) -> str:
        """The folder that stays, above an object's file."""
        folder = self.layout.bucket(bucket)
        return folder if path.startswith(f"{folder}/") else self.layout.root

    def stat(self, bucket: str, key: str) -> ObjectInfo:
        stored = self._find(bucket, key)
        if stored is None:
            raise self._missing(bucket, key)
        return stored.info

    def read(self, bucket: str, key: str, start: int = 0, length: int | None = None) -> bytes:
        with self.open(bucket, key) as reader:
            reader.seek(start)
            return reader.read(-1 if length is None else length)

    def open(self, bucket: str, key: str) -> BinaryIO:
        for path in self._candidates(bucket, key):
            opened = files.open_regular(path, self.layout.root)
            if opened is not None:
                return os.fdopen(opened[0], "rb")
        raise self._missing(bucket, key)

    def write(
        self,
        bucket: str,
        key: str,
        data: bytes,
        content_type: str = BINARY,
        headers: Mapping[str, str] | None = None,
    ) -> ObjectInfo:
        with self.draft() as draft:
            draft.write(data)
            return self.commit(draft, bucket, key, _kept(content_type, headers)).info

    def adopt(
        self,
        finished: Sequence[Finished],
        content_type: str = BINARY,
        headers: Mapping[str, str] | None = None,
    ) -> Sequence[ObjectInfo]:
        if self.fsync:
            for file in finished:
                with file.path.open("rb") as opened:
                    files.sync(opened.fileno())
        kept = _kept(content_type, headers)
        puts = [_described(str(f.path), f.bucket, f.key, None, kept) for f in finished]
        with self.locks.all(f"{put.bucket}/{put.key}" for put in puts):
            return [put.info for put in self._moved_in(puts)]

    def delete(self, bucket: str, keys: Iterable[str]) -> None:
        for key in keys:
            self.remove(bucket, key)

    def url(self, bucket: str, key: str) -> str:
        for path in self._candidates(bucket, key):
            if os.path.isfile(path):
                return path
        raise self._missing(bucket, key)


def _described(
    path: str, bucket: str, key: str, etag: str | None, kept: Attributes
) -> StoredObject:
    """The object that a file is to be."""
    return StoredObject(bucket, key, path, Fingerprint.of(os.stat(path)), etag, kept)


def _kept(content_type: str, headers: Mapping[str, str] | None) -> Attributes:
    """What a file of ours says of itself; nothing where that is what any file says."""
    if content_type == BINARY and not headers:
        return _NO_ATTRIBUTES
    return Attributes(headers={"ContentType": content_type, **(headers or {})})


def _etag(descriptor: int, size: int, kept: Attributes) -> str:
    """The entity tag of an open file: of its parts if it was uploaded in parts, else its MD5."""
    if not kept.parts:
        return _md5(descriptor, 0, size)
    starts = accumulate((part.size for part in kept.parts), initial=0)
    return multipart_etag(
        _md5(descriptor, start, part.size) for start, part in zip(starts, kept.parts, strict=False)
    )


def _md5(descriptor: int, start: int, length: int) -> str:
    digest = hashlib.md5(usedforsecurity=False)
    for data in files.blocks(descriptor, start, length):
        digest.update(data)
    return digest.hexdigest()


def _folds_case(folder: str) -> bool:
    """Whether the disk takes two spellings for one name (macOS, Windows)."""
    probe = os.path.join(folder, "case")
    with open(probe, "wb"):
        folds = os.path.exists(os.path.join(folder, "CASE"))
    os.unlink(probe)
    return folds
