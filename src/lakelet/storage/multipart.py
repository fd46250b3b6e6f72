"""Uploads in parts: each part a file under `uploads/<id>`, put together by the kernel at the end.

A part's row names its file, so replacing a part is one transaction; what a killed process leaves
goes with the upload's folder.
"""

import os
import shutil
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

from lakelet.database import Database
from lakelet.errors import NoSuchUpload
from lakelet.storage.checksums import multipart_etag
from lakelet.storage.drafts import Draft
from lakelet.storage.local import Check, LocalStorage
from lakelet.storage.objects import Attributes, Part, StoredObject, dump, load


@dataclass(frozen=True, slots=True)
class Upload:
    """An upload under way; `attributes` become the object's."""

    id: str
    bucket: str
    key: str
    initiated: datetime
    algorithm: str | None
    attributes: Attributes


@dataclass(frozen=True, slots=True)
class UploadedPart:
    """A part that has arrived, and the file that holds it."""

    part: Part
    file: str
    modified: datetime


class Uploads:
    """The multipart uploads of an embedded store."""

    def __init__(self, storage: LocalStorage, database: Database) -> None:
        self._storage = storage
        self._database = database

    def create(
        self, bucket: str, key: str, algorithm: str | None, attributes: Attributes
    ) -> Upload:
        """Raises `NoSuchBucket`."""
        self._storage.require(bucket)
        upload = Upload(uuid.uuid4().hex, bucket, key, _now(), algorithm, attributes)
        folder = self._folder(upload.id)
        os.makedirs(folder)
        try:
            self._keep(upload)
        except BaseException:
            os.rmdir(folder)
            raise
        return upload

    def _keep(self, upload: Upload) -> None:
        with self._database.transaction() as transaction:
            transaction.execute(
                "INSERT INTO upload VALUES (?, ?, ?, ?, ?, ?)",
                (
                    upload.id,
                    upload.bucket,
                    upload.key,
                    upload.initiated.timestamp(),
                    upload.algorithm,
                    dump(upload.attributes),
                ),
            )

    def get(self, bucket: str, key: str, upload_id: str) -> Upload:
        """Raises `NoSuchBucket`, `NoSuchUpload`."""
        rows = self._database.query(
            "SELECT id, bucket, key, initiated, algorithm, attributes FROM upload "
            "WHERE id = ? AND bucket = ? AND key = ?",
            (upload_id, bucket, key),
        )
        for row in rows:
            return _upload(row)
        self._storage.require(bucket)
        raise NoSuchUpload(
            "The specified multipart upload does not exist. The upload ID may be invalid, or the "
            "upload may have been aborted or completed.",
            subject=upload_id,
        )

    def under(
        self, bucket: str, prefix: str, key_marker: str, id_marker: str, limit: int
    ) -> Sequence[Upload]:
        """Uploads under a prefix and behind the markers, by key and the time they began.

        A marker of an upload that has ended leaves out the rest of its key. Raises `NoSuchBucket`.
        """
        self._storage.require(bucket)
        rows = self._database.query(
            "SELECT id, bucket, key, initiated, algorithm, attributes FROM upload "
            "WHERE bucket = ? AND substr(key, 1, length(?)) = ? "
            "AND (key > ? OR (key = ? AND (initiated, id) > "
            "(SELECT initiated, id FROM upload WHERE id = ?))) ORDER BY key, initiated, id LIMIT ?",
            (bucket, prefix, prefix, key_marker, key_marker, id_marker, limit),
        )
        return [_upload(row) for row in rows]

    def put_part(self, upload: Upload, number: int, draft: Draft) -> UploadedPart:
        """Makes a finished draft a part, in place of one of the same number.

        Raises `NoSuchUpload` if the upload ended in the meantime.
        """
        draft.finish(fsync=self._storage.fsync)
        part = Part(number, draft.size, draft.digests.md5.hex(), draft.digests.values())
        file = f"{self._folder(upload.id)}/{number}.{uuid.uuid4().hex}"
        uploaded = UploadedPart(part, file, _now())
        try:
            os.replace(draft.path, file)
        except FileNotFoundError:
            self.get(upload.bucket, upload.key, upload.id)
            raise
        with self._database.transaction() as transaction:
            earlier = transaction.execute(
                "SELECT file FROM upload_part WHERE upload = ? AND number = ?", (upload.id, number)
            ).fetchall()
            transaction.execute(
                "INSERT OR REPLACE INTO upload_part "
                "SELECT id, ?, ?, ?, ?, ?, ? FROM upload WHERE id = ?",
                (
                    number,
                    os.path.basename(file),
                    part.size,
                    part.etag,
                    orjson.dumps(dict(part.checksums)).decode(),
                    uploaded.modified.timestamp(),
                    upload.id,
                ),
            )
        for (name,) in earlier:
            os.unlink(f"{self._folder(upload.id)}/{name}")
        return uploaded

    def parts(self, upload: Upload) -> dict[int, UploadedPart]:
        """The parts that have arrived, by number, in order."""
        rows = self._database.query(
            "SELECT number, size, etag, checksums, file, modified FROM upload_part "
            "WHERE upload = ? ORDER BY number",
            (upload.id,),
        )
        folder = self._folder(upload.id)
        return {
            number: UploadedPart(
                Part(number, size, etag, orjson.loads(checksums)),
                f"{folder}/{file}",
                datetime.fromtimestamp(modified, UTC),
            )
            for number, size, etag, checksums, file, modified in rows
        }

    def complete(
        self,
        upload: Upload,
        parts: Sequence[UploadedPart],
        attributes: Attributes,
        check: Check | None = None,
    ) -> StoredObject:
        """Puts the parts together, in the order given, and ends the upload."""
        with self._storage.draft() as draft:
            for uploaded in parts:
                with open(uploaded.file, "rb") as file:
                    draft.append(file.fileno(), uploaded.part.size)
            stored = self._storage.commit(
                draft,
                upload.bucket,
                upload.key,
                attributes,
                etag=multipart_etag(uploaded.part.etag for uploaded in parts),
                check=check,
            )
        self.abort(upload)
        return stored

    def abort(self, upload: Upload) -> None:
        """Ends an upload and frees its parts."""
        with self._database.transaction() as transaction:
            transaction.execute("DELETE FROM upload_part WHERE upload = ?", (upload.id,))
            transaction.execute("DELETE FROM upload WHERE id = ?", (upload.id,))
        shutil.rmtree(self._folder(upload.id), ignore_errors=True)

    def forget_bucket(self, bucket: str) -> None:
        """Ends a removed bucket's uploads."""
        rows = self._database.query(
            "SELECT id, bucket, key, initiated, algorithm, attributes FROM upload WHERE bucket = ?",
            (bucket,),
        )
        for row in rows:
            self.abort(_upload(row))

    def _folder(self, upload_id: str) -> str:
        return os.path.join(self._storage.layout.uploads, upload_id)


def _upload(row: tuple[Any, ...]) -> Upload:
    upload_id, bucket, key, initiated, algorithm, attributes = row
    begun = datetime.fromtimestamp(initiated, UTC)
    return Upload(upload_id, bucket, key, begun, algorithm, load(attributes))


def _now() -> datetime:
    return datetime.fromtimestamp(time.time(), UTC)
