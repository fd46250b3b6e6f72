"""Uploads in parts."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from lakelet.errors import AwsError
from lakelet.model import Document
from lakelet.services.s3 import attributes, conditions, receiving
from lakelet.services.s3.errors import failure
from lakelet.services.s3.listing import encoder, max_keys
from lakelet.services.s3.ranges import MAX_PARTS, part_number
from lakelet.storage import checksums
from lakelet.storage.checksums import ChecksumType
from lakelet.storage.local import LocalStorage
from lakelet.storage.multipart import Upload, UploadedPart, Uploads
from lakelet.storage.objects import Attributes

PART_BYTES = 5 << 20
"""The least size of a part that is not the last (S3 user guide, "Multipart upload limits")."""


class Multipart:
    """The operations of multipart uploads."""

    _storage: LocalStorage
    _uploads: Uploads
    _owner: Document

    def create_multipart_upload(self, params: Document) -> Document:
        kept = attributes.of_request(params)
        algorithm, wanted = params.get("ChecksumAlgorithm"), params.get("ChecksumType")
        if algorithm is None and wanted is not None:
            raise failure(
                "InvalidRequest",
                "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm "
                "header.",
            )
        if algorithm is not None:
            kept = replace(kept, checksum_type=_checksum_type(algorithm, wanted))
        upload = self._uploads.create(params["Bucket"], params["Key"], algorithm, kept)
        answer: Document = {
            "Bucket": upload.bucket,
            "Key": upload.key,
            "UploadId": upload.id,
        }
        return answer | _checksum_members(upload)

    def upload_part(self, params: Document) -> Document:
        number = part_number(params)
        upload = self._uploads.get(params["Bucket"], params["Key"], params["UploadId"])
        with self._storage.draft(_part_algorithms(params, upload)) as draft:
            sums = receiving.receive(params, draft)
            asked = receiving.is_asked_for(params) or receiving.trailed(params)
            if not asked and upload.attributes.checksum_type == "COMPOSITE":
                raise _mismatch(upload, "null")
            uploaded = self._uploads.put_part(upload, number, draft)
        return {
            "ETag": f'"{uploaded.part.etag}"',
            **{f"Checksum{name}": value for name, value in sums.items() if asked},
        }

    def list_parts(self, params: Document) -> Document:
        upload = self._uploads.get(params["Bucket"], params["Key"], params["UploadId"])
        marker, limit = params.get("PartNumberMarker", 0), max_keys(params, "MaxParts")
        parts = self._uploads.parts(upload)
        behind = [uploaded for number, uploaded in parts.items() if number > marker]
        page = behind[:limit]
        return {
            "Bucket": upload.bucket,
            "Key": upload.key,
            "UploadId": upload.id,
            "PartNumberMarker": marker,
            "NextPartNumberMarker": page[-1].part.number if page else 0,
            "MaxParts": limit,
            "IsTruncated": len(behind) > len(page),
            "Initiator": self._owner,
            "Owner": self._owner,
            "StorageClass": upload.attributes.headers.get("StorageClass", "STANDARD"),
            "Parts": [_listed(upload, uploaded) for uploaded in page],
            **_checksum_members(upload),
        }

    def list_multipart_uploads(self, params: Document) -> Document:
        limit = max_keys(params, "MaxUploads")
        prefix, delimiter = params.get("Prefix", ""), params.get("Delimiter", "")
        key_marker, id_marker = params.get("KeyMarker", ""), params.get("UploadIdMarker", "")
        found = self._uploads.under(params["Bucket"], prefix, key_marker, id_marker, limit + 1)
        page, encode = found[:limit], encoder(params)
        cuts = {upload.id: upload.key.find(delimiter, len(prefix)) for upload in page}
        rolled = {
            upload.key[: cuts[upload.id] + len(delimiter)]: None
            for upload in page
            if delimiter and cuts[upload.id] >= 0
        }
        answer: Document = {
            "Bucket": params["Bucket"],
            "KeyMarker": encode(key_marker),
            "UploadIdMarker": id_marker,
            "Prefix": encode(prefix),
            "MaxUploads": limit,
            "IsTruncated": len(found) > limit,
            "Uploads": [
                {
                    "Key": encode(upload.key),
                    "UploadId": upload.id,
                    "Initiated": upload.initiated,
                    "StorageClass": upload.attributes.headers.get("StorageClass", "STANDARD"),
                    "Owner": self._owner,
                    "Initiator": self._owner,
                    **_checksum_members(upload),
                }
                for upload in page
                if not delimiter or cuts[upload.id] < 0
            ],
            "CommonPrefixes": [{"Prefix": encode(name)} for name in rolled],
        }
        if len(found) > limit and page:
            answer["NextKeyMarker"] = encode(page[-1].key)
            answer["NextUploadIdMarker"] = page[-1].id
        optional = {"Delimiter": encode(delimiter), "EncodingType": params.get("EncodingType")}
        return answer | {name: value for name, value in optional.items() if value}

    def complete_multipart_upload(self, params: Document) -> Document:
        upload = self._uploads.get(params["Bucket"], params["Key"], params["UploadId"])
        listed: list[Document] = (params.get("MultipartUpload") or {}).get("Parts") or []
        if not 0 < len(listed) <= MAX_PARTS:
            raise failure("MalformedXML")
        chosen = _chosen(upload, listed, self._uploads.parts(upload))
        size = sum(uploaded.part.size for uploaded in chosen)
        expected = params.get("MpuObjectSize")
        if expected is not None and int(expected) != size:
            raise failure(
                "InvalidRequest",
                f"The provided 'x-amz-mp-object-size' header value {expected} does not match what "
                f"was computed: {size}",
            )
        kept = _completed(params, upload, chosen)
        stored = self._uploads.complete(upload, chosen, kept, conditions.for_write(params))
        return {
            "Location": f"/{upload.bucket}/{upload.key}",
            "Bucket": upload.bucket,
            "Key": upload.key,
            "ETag": attributes.quoted(stored),
            **attributes.checksums(stored),
        }

    def abort_multipart_upload(self, params: Document) -> Document:
        self._uploads.abort(self._uploads.get(params["Bucket"], params["Key"], params["UploadId"]))
        return {}


def _checksum_type(algorithm: str, wanted: ChecksumType | None) -> ChecksumType:
    """The type of an upload's checksum. Raises InvalidRequest for a pair that cannot be."""
    chosen = wanted or checksums.default_type(algorithm)
    possible = algorithm in checksums.FULL_OBJECT if chosen == "FULL_OBJECT" else True
    if not possible or (algorithm == "CRC64NVME" and chosen == "COMPOSITE"):
        raise failure(
            "InvalidRequest",
            f"The {chosen} checksum type cannot be used with the {algorithm.lower()} checksum "
            "algorithm.",
        )
    return chosen


def _checksum_members(upload: Upload) -> Document:
    if upload.algorithm is None:
        return {}
    return {
        "ChecksumAlgorithm": upload.algorithm,
        "ChecksumType": upload.attributes.checksum_type,
    }


def _part_algorithms(params: Document, upload: Upload) -> tuple[str, ...]:
    """The checksums to compute for a part: the upload's, and what the client sends."""
    sent = receiving.algorithms(params)
    if upload.algorithm is None:
        return tuple(dict.fromkeys((*sent, receiving.DEFAULT_ALGORITHM)))
    if receiving.is_asked_for(params) and upload.algorithm not in sent:
        raise _mismatch(upload, sent[0].lower())
    return (upload.algorithm,)


def _mismatch(upload: Upload, actual: str) -> AwsError:
    """A part of a composite checksum needs its own (measured on AWS: OpenStack Swift's tests)."""
    return failure(
        "InvalidRequest",
        "Checksum Type mismatch occurred, expected checksum Type: "
        f"{str(upload.algorithm).lower()}, actual checksum Type: {actual}",
    )


def _listed(upload: Upload, uploaded: UploadedPart) -> Document:
    part = uploaded.part
    listed: Document = {
        "PartNumber": part.number,
        "LastModified": uploaded.modified,
        "ETag": f'"{part.etag}"',
        "Size": part.size,
    }
    if upload.algorithm:
        listed[f"Checksum{upload.algorithm}"] = part.checksums[upload.algorithm]
    return listed


def _chosen(
    upload: Upload, listed: Sequence[Document], parts: dict[int, UploadedPart]
) -> list[UploadedPart]:
    """The parts that a CompleteMultipartUpload names.

    Raises InvalidPartOrder, InvalidPart, EntityTooSmall.
    """
    if any("PartNumber" not in item for item in listed):
        raise failure("MalformedXML")
    numbers: list[int] = [item["PartNumber"] for item in listed]
    if any(after <= before for before, after in pairwise(numbers)):
        raise failure("InvalidPartOrder", UploadId=upload.id)
    chosen = []
    for item in listed:
        uploaded = parts.get(item["PartNumber"])
        if uploaded is None or not _is_part(item, uploaded):
            raise failure(
                "InvalidPart",
                UploadId=upload.id,
                PartNumber=str(item["PartNumber"]),
                ETag=item.get("ETag", ""),
            )
        chosen.append(uploaded)
    for uploaded in chosen[:-1]:
        if uploaded.part.size < PART_BYTES:
            raise failure(
                "EntityTooSmall",
                ProposedSize=str(uploaded.part.size),
                MinSizeAllowed=str(PART_BYTES),
                PartNumber=str(uploaded.part.number),
                ETag=uploaded.part.etag,
            )
    return chosen


def _is_part(item: Document, uploaded: UploadedPart) -> bool:
    """Whether a part is the one that the client means: its entity tag and its checksums."""
    known = uploaded.part.checksums
    return item.get("ETag", "").strip('"') == uploaded.part.etag and all(
        item.get(f"Checksum{name}", value) == value for name, value in known.items()
    )


def _completed(params: Document, upload: Upload, chosen: Sequence[UploadedPart]) -> Attributes:
    """What is kept beside the finished object: its parts and its checksum, which is verified."""
    algorithm = upload.algorithm or receiving.DEFAULT_ALGORITHM
    kind = upload.attributes.checksum_type or checksums.default_type(algorithm)
    values = [(uploaded.part.checksums[algorithm], uploaded.part.size) for uploaded in chosen]
    if kind == "FULL_OBJECT":
        value = checksums.full_object(algorithm, values)
    else:
        value = checksums.composite(algorithm, [text for text, _ in values])
    said = params.get(f"Checksum{algorithm}")
    if said is not None and said not in (value, value.partition("-")[0]):
        raise failure(
            "BadDigest",
            f"The {algorithm.lower()} you specified did not match the calculated checksum.",
        )
    return replace(
        upload.attributes,
        checksums={algorithm: value},
        checksum_type=kind,
        parts=tuple(
            replace(uploaded.part, checksums={algorithm: uploaded.part.checksums[algorithm]})
            for uploaded in chosen
        ),
    )
