"""Objects in one piece: put, get, head, delete, attributes."""

from dataclasses import replace

from lakelet.errors import LakeletError
from lakelet.model import Document
from lakelet.services.s3 import attributes, choices, conditions, ranges, receiving, sending
from lakelet.services.s3.errors import failure, needed, translate
from lakelet.services.s3.ranges import ByteRange
from lakelet.services.s3.sources import check_version, existing
from lakelet.storage.local import LocalStorage
from lakelet.storage.objects import StoredObject

_KEYS_A_DELETE = 1000
_PARTS_A_PAGE = 1000
_AS_IN_DELETE = {
    "ETag": "IfMatch",
    "LastModifiedTime": "IfMatchLastModifiedTime",
    "Size": "IfMatchSize",
}
"""The conditions of DeleteObjects by their names in DeleteObject."""


class Objects:
    """The operations on one object, and DeleteObjects."""

    _storage: LocalStorage

    def put_object(self, params: Document) -> Document:
        kept = attributes.of_request(params)
        bucket, key = params["Bucket"], params["Key"]
        self._storage.require(bucket)
        with self._storage.draft(receiving.algorithms(params)) as draft:
            checksums = receiving.receive(params, draft)
            stored = self._storage.commit(
                draft,
                bucket,
                key,
                replace(kept, checksums=checksums, checksum_type="FULL_OBJECT"),
                check=conditions.for_write(params),
            )
        return {"ETag": attributes.quoted(stored), **attributes.checksums(stored)}

    def get_object(self, params: Document) -> Document:
        bucket, key = params["Bucket"], params["Key"]
        opened = existing(params, lambda: self._storage.open_object(bucket, key))
        try:
            stored = opened.described
            answer, wanted = _described(params, stored)
            span = wanted or ByteRange(0, stored.size)
            answer["Body"] = sending.body(opened, span)
        except BaseException:
            opened.close()
            raise
        return answer

    def head_object(self, params: Document) -> Document:
        stored = existing(params, lambda: self._storage.head(params["Bucket"], params["Key"]))
        return _described(params, stored)[0]

    def get_object_attributes(self, params: Document) -> Document:
        choices.check(params)
        stored = existing(params, lambda: self._storage.head(params["Bucket"], params["Key"]))
        kept = stored.attributes
        known: Document = {
            "ETag": stored.etag,
            "ObjectSize": stored.size,
            "StorageClass": kept.headers.get("StorageClass", "STANDARD"),
        }
        if kept.checksums:
            known["Checksum"] = attributes.checksums(stored)
        if kept.parts:
            known["ObjectParts"] = _parts(params, stored)
        wanted = params["ObjectAttributes"]
        answer = {name: value for name, value in known.items() if name in wanted}
        return answer | {"LastModified": stored.last_modified}

    def delete_object(self, params: Document) -> Document:
        check_version(params.get("VersionId"))
        check = conditions.for_delete(params)
        self._storage.remove(params["Bucket"], params["Key"], check)
        return {}

    def delete_objects(self, params: Document) -> Document:
        wanted = needed(params, "Delete", "Objects")
        if not 0 < len(wanted) <= _KEYS_A_DELETE:
            raise failure("MalformedXML")
        self._storage.require(params["Bucket"])
        deleted, errors = [], []
        for item in wanted:
            needed(item, "Key")
            try:
                self.delete_object(
                    {"Bucket": params["Bucket"]}
                    | {_AS_IN_DELETE.get(name, name): value for name, value in item.items()}
                )
            except LakeletError as error:
                refused = translate(error)
                errors.append(
                    {"Key": item["Key"], "Code": refused.code, "Message": refused.message}
                )
            else:
                deleted.append({"Key": item["Key"]})
        quiet = params["Delete"].get("Quiet", False)
        return {"Deleted": [] if quiet else deleted, "Errors": errors}


def _described(params: Document, stored: StoredObject) -> tuple[Document, ByteRange | None]:
    """What GetObject and HeadObject say, and the range asked for; their conditions checked."""
    conditions.for_read(params, stored)
    answer = attributes.of_object(stored)
    wanted = _wanted(params, stored)
    if wanted is not None:
        answer["ContentLength"] = wanted.length
        answer["ContentRange"] = wanted.header(stored.size)
    if params.get("PartNumber") is not None and stored.attributes.parts:
        answer["PartsCount"] = len(stored.attributes.parts)
    if stored.attributes.tags:
        answer["TagCount"] = len(stored.attributes.tags)
    if params.get("ChecksumMode") == "ENABLED" and wanted is None:
        answer |= attributes.checksums(stored)
    for name, header in attributes.OVERRIDES.items():
        if params.get(name) is not None:
            answer[header] = params[name]
    return answer, wanted


def _wanted(params: Document, stored: StoredObject) -> ByteRange | None:
    if params.get("PartNumber") is None:
        return ranges.of(params.get("Range"), stored.size)
    number = ranges.part_number(params)
    if params.get("Range") is not None:
        raise failure(
            "InvalidRequest", "Cannot specify both Range header and partNumber query parameter"
        )
    parts = stored.attributes.parts
    if number > max(1, len(parts)):
        raise failure("InvalidPartNumber")
    if not stored.size:
        return None
    if not parts:
        return ByteRange(0, stored.size)
    return ByteRange(sum(part.size for part in parts[: number - 1]), parts[number - 1].size)


def _parts(params: Document, stored: StoredObject) -> Document:
    """A page of the parts of an object; only parts with a checksum of their own are listed."""
    marker, limit = params.get("PartNumberMarker", 0), params.get("MaxParts", _PARTS_A_PAGE)
    behind = [part for part in stored.attributes.parts if part.number > marker]
    page = behind[:limit]
    return {
        "TotalPartsCount": len(stored.attributes.parts),
        "PartNumberMarker": marker,
        "NextPartNumberMarker": page[-1].number if page else 0,
        "MaxParts": limit,
        "IsTruncated": len(behind) > len(page),
        "Parts": [
            {
                "PartNumber": part.number,
                "Size": part.size,
                **{f"Checksum{name}": value for name, value in part.checksums.items()},
            }
            for part in page
        ],
    }
