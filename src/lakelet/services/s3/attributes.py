"""What a request says of an object, and what an answer says of it, in botocore's members."""

import base64
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qsl

from lakelet.model import Document
from lakelet.services.s3 import choices
from lakelet.services.s3.errors import failure, needed
from lakelet.storage.objects import Attributes, StoredObject

_OF_THE_CONTENT = (
    "CacheControl",
    "ContentDisposition",
    "ContentEncoding",
    "ContentLanguage",
    "ContentType",
    "Expires",
)
HEADERS = (
    *_OF_THE_CONTENT,
    "WebsiteRedirectLocation",
    "ServerSideEncryption",
    "SSEKMSKeyId",
    "BucketKeyEnabled",
    "StorageClass",
)
"""What is kept as it came and given back with the object."""

OVERRIDES = {f"Response{name}": name for name in _OF_THE_CONTENT}
"""What a request may ask an answer to say instead, and the header that says it."""

METADATA_BYTES = 2048
"""S3's limit for all of an object's own metadata."""

TAGS_A_BUCKET = 50
_TAGS_AN_OBJECT = 10
_KEY_BYTES = 1024
_TAG_KEY, _TAG_VALUE = 128, 256
_DEFAULT_TYPE = "binary/octet-stream"


def of_request(params: Mapping[str, Any]) -> Attributes:
    """What a PutObject, CreateMultipartUpload or CopyObject with REPLACE says.

    Raises MetadataTooLarge, InvalidTag, NotImplemented for customers' own keys, and what a choice
    that is none is refused with.
    """
    check_key(params["Key"])
    choices.check(params)
    if params.get("SSECustomerAlgorithm"):
        raise failure("NotImplemented", "Encryption with customer-provided keys is not built")
    metadata = {name.lower(): value for name, value in params.get("Metadata", {}).items()}
    if sum(len(name.encode()) + len(value.encode()) for name, value in metadata.items()) > (
        METADATA_BYTES
    ):
        raise failure("MetadataTooLarge")
    headers = {name: _text(params[name]) for name in HEADERS if params.get(name) is not None}
    return Attributes(headers=_kept(headers), metadata=metadata, tags=_said_tags(params))


def check_key(key: str) -> None:
    """Raises KeyTooLongError."""
    if len(key.encode("utf-8", "surrogatepass")) > _KEY_BYTES:
        raise failure("KeyTooLongError")


def _kept(headers: dict[str, str]) -> dict[str, str]:
    if headers.get("StorageClass") == "STANDARD":
        del headers["StorageClass"]
    coding = headers.pop("ContentEncoding", "")
    if "aws-chunked" in coding:  # how the body came, not what it is
        codings = [each.strip() for each in coding.split(",")]
        coding = ",".join(each for each in codings if each not in ("", "aws-chunked"))
    headers["ContentType"] = headers.get("ContentType") or _DEFAULT_TYPE
    return headers | ({"ContentEncoding": coding} if coding else {})


def _text(value: Any) -> str:
    if isinstance(value, datetime):
        return format_datetime(value, usegmt=True)
    return str(value).lower() if isinstance(value, bool) else str(value)


def _said_tags(params: Mapping[str, Any]) -> dict[str, str]:
    """A copy's tags are looked at only where they are to replace its source's."""
    if params.get("CopySource") and params.get("TaggingDirective") != "REPLACE":
        return {}
    return tags_of_header(params.get("Tagging"))


def tags_of_header(text: str | None) -> dict[str, str]:
    """The tags of an x-amz-tagging header, which is a query string."""
    pairs = parse_qsl(text or "", keep_blank_values=True)
    return tags_of([{"Key": key, "Value": value} for key, value in pairs])


def tags_of(tag_set: list[Document], limit: int = _TAGS_AN_OBJECT) -> dict[str, str]:
    """Tags from a TagSet. Raises BadRequest and InvalidTag in S3's words."""
    if len(tag_set) > limit:
        raise failure("BadRequest", f"Object tags cannot be greater than {limit}")
    tags: dict[str, str] = {}
    for tag in tag_set:
        key, value = needed(tag, "Key"), needed(tag, "Value")
        if not 0 < len(key) <= _TAG_KEY or not _is_tag_text(key):
            raise failure("InvalidTag", "The TagKey you have provided is invalid")
        if len(value) > _TAG_VALUE or not _is_tag_text(value):
            raise failure("InvalidTag", "The TagValue you have provided is invalid")
        if key in tags:
            raise failure("InvalidTag", "Cannot provide multiple Tags with the same key")
        tags[key] = value
    return tags


def _is_tag_text(text: str) -> bool:
    """Letters, spaces and numbers of any language, and a few signs (the pattern of tags in the S3
    user guide, "Categorizing your storage using tags")."""
    return all(char in "_.:/=+-@" or unicodedata.category(char)[0] in "LZN" for char in text)


def tag_set(tags: Mapping[str, str]) -> list[Document]:
    """Tags as S3 lists them."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def of_object(stored: StoredObject) -> Document:
    """The members that GetObject and HeadObject share."""
    kept = stored.attributes
    answer: Document = {
        "AcceptRanges": "bytes",
        "LastModified": stored.last_modified,
        "ContentLength": stored.size,
        "ETag": quoted(stored),
        "ContentType": _DEFAULT_TYPE,
        "Metadata": {name: _header_text(text) for name, text in kept.metadata.items()},
        **kept.headers,
    }
    if "BucketKeyEnabled" in kept.headers:
        answer["BucketKeyEnabled"] = kept.headers["BucketKeyEnabled"] == "true"
    return answer


def _header_text(text: str) -> str:
    """Metadata in a header: beyond ASCII as an encoded word of RFC 2047, made of what S3 takes for
    Latin-1 (S3 user guide, "Working with object metadata", its example)."""
    if text.isascii():
        return text
    data = text.encode("utf-8").decode("latin-1").encode()
    return f"=?UTF-8?B?{base64.b64encode(data).decode()}?="


def quoted(stored: StoredObject) -> str:
    """An entity tag as HTTP writes it."""
    return f'"{stored.etag}"'


def checksums(stored: StoredObject) -> Document:
    """An object's checksums and their type."""
    kept = stored.attributes
    answer: Document = {f"Checksum{name}": value for name, value in kept.checksums.items()}
    return answer | ({"ChecksumType": kept.checksum_type} if kept.checksum_type else {})
