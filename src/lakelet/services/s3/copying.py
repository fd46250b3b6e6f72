"""Copies and renames, inside the lake's own disk."""

from dataclasses import replace

from lakelet.model import Document
from lakelet.services.s3 import attributes, choices, conditions, ranges, receiving
from lakelet.services.s3.errors import failure
from lakelet.services.s3.ranges import ByteRange
from lakelet.services.s3.sources import parse
from lakelet.storage.drafts import OpenObject
from lakelet.storage.local import LocalStorage
from lakelet.storage.multipart import Uploads
from lakelet.storage.objects import Attributes, StoredObject

_BYTES = 5 << 30
"""S3's limit for one CopyObject."""

_CHANGES = ("StorageClass", "WebsiteRedirectLocation", "ServerSideEncryption", "ChecksumAlgorithm")


class Copying:
    """CopyObject, UploadPartCopy and RenameObject."""

    _storage: LocalStorage
    _uploads: Uploads

    def copy_object(self, params: Document) -> Document:
        source = parse(params["CopySource"])
        attributes.check_key(params["Key"])
        choices.check(params)
        self._storage.require(params["Bucket"])
        with self._storage.open_object(*source) as opened:
            if source == (params["Bucket"], params["Key"]) and not _changes(params):
                raise failure(
                    "InvalidRequest",
                    "This copy request is illegal because it is trying to copy an object to itself "
                    "without changing the object's metadata, storage class, website redirect "
                    "location or encryption attributes.",
                )
            conditions.for_copy(params, opened.described)
            if opened.described.size > _BYTES:
                raise failure(
                    "InvalidRequest",
                    "The specified copy source is larger than the maximum allowable size for a "
                    f"copy source: {_BYTES}",
                )
            stored = self._copy(params, opened)
        result = {"ETag": attributes.quoted(stored), "LastModified": stored.last_modified}
        return {"CopyObjectResult": result | attributes.checksums(stored)}

    def _copy(self, params: Document, opened: OpenObject) -> StoredObject:
        source = opened.described
        kept = _kept(params, source.attributes)
        algorithm = _algorithm(params, source.attributes)
        known = source.attributes.checksums
        whole = source.attributes.checksum_type == "FULL_OBJECT" and algorithm in known
        is_md5 = source.etag is not None and "-" not in source.etag
        with self._storage.draft((algorithm,)) as draft:
            if whole and is_md5:
                draft.append(opened.fileno(), source.size)
                checksums, etag = {algorithm: known[algorithm]}, source.etag
            else:
                for data in opened.blocks(0, source.size):
                    draft.write(data)
                checksums, etag = draft.digests.values(), None
            return self._storage.commit(
                draft,
                params["Bucket"],
                params["Key"],
                replace(kept, checksums=checksums, checksum_type="FULL_OBJECT"),
                etag=etag,
                check=conditions.for_write(params),
            )

    def upload_part_copy(self, params: Document) -> Document:
        number = ranges.part_number(params)
        upload = self._uploads.get(params["Bucket"], params["Key"], params["UploadId"])
        with self._storage.open_object(*parse(params["CopySource"])) as opened:
            conditions.for_copy(params, opened.described)
            header, size = params.get("CopySourceRange"), opened.described.size
            span = ranges.of_source(header, size) if header else ByteRange(0, size)
            algorithm = upload.algorithm or receiving.DEFAULT_ALGORITHM
            with self._storage.draft((algorithm,)) as draft:
                for data in opened.blocks(span.start, span.length):
                    draft.write(data)
                uploaded = self._uploads.put_part(upload, number, draft)
        result: Document = {"ETag": f'"{uploaded.part.etag}"', "LastModified": uploaded.modified}
        if upload.algorithm:
            result[f"Checksum{algorithm}"] = uploaded.part.checksums[algorithm]
        return {"CopyPartResult": result}

    def rename_object(self, params: Document) -> Document:
        """A copy by the kernel, with all that is kept beside the bytes; then the source goes."""
        bucket, key = params["Bucket"], params["Key"]
        source = parse(f"{bucket}/{params['RenameSource'].lstrip('/')}")[1]
        attributes.check_key(key)
        with self._storage.open_object(bucket, source) as opened:
            conditions.for_copy(params, opened.described, "Source")
            stored = opened.described
            if source == key:
                return {}
            with self._storage.draft() as draft:
                draft.append(opened.fileno(), stored.size)
                self._storage.commit(
                    draft,
                    bucket,
                    key,
                    stored.attributes,
                    etag=stored.etag,
                    check=conditions.for_write(params, "Destination"),
                )
        self._storage.remove(bucket, source, conditions.unchanged(stored))
        return {}


def _changes(params: Document) -> bool:
    return params.get("MetadataDirective") == "REPLACE" or any(
        params.get(name) for name in _CHANGES
    )


def _kept(params: Document, source: Attributes) -> Attributes:
    """What the copy keeps: the source's, or what the request says instead."""
    said = attributes.of_request(params)
    tags = said.tags if params.get("TaggingDirective") == "REPLACE" else source.tags
    if params.get("MetadataDirective") == "REPLACE":
        return replace(said, tags=tags)
    moved = {name: said.headers[name] for name in _CHANGES if name in said.headers}
    own = {name: text for name, text in source.headers.items() if name not in _CHANGES}
    return Attributes(headers=own | moved, metadata=source.metadata, tags=tags)


def _algorithm(params: Document, source: Attributes) -> str:
    named: str | None = params.get("ChecksumAlgorithm")
    if named:
        return named
    return next(iter(source.checksums), receiving.DEFAULT_ALGORITHM)
