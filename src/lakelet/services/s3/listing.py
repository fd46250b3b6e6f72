"""ListObjects, ListObjectsV2 and ListObjectVersions."""

import base64
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote_plus

from lakelet.model import Document
from lakelet.services.s3.attributes import quoted
from lakelet.services.s3.errors import failure
from lakelet.storage.local import LocalStorage, Page
from lakelet.storage.objects import StoredObject

MAX_KEYS = 1000

_PAST = "\U0010ffff" * 256
"""Behind a prefix: after every key that begins with it, since no key has more characters."""


def owner(account: str) -> Document:
    """The account as S3 names an owner; its canonical id is made of the account's number."""
    return {"DisplayName": "lakelet", "ID": account.rjust(64, "0")}


class Listing:
    """The operations that list objects."""

    _storage: LocalStorage
    _owner: Document

    def list_objects(self, params: Document) -> Document:
        marker = params.get("Marker", "")
        page, answer = self._page(params, _behind(marker, params))
        answer["Marker"] = encoder(params)(marker)
        if page.last is not None and params.get("Delimiter"):
            answer["NextMarker"] = encoder(params)(page.last)
        return answer

    def list_objects_v2(self, params: Document) -> Document:
        token = params.get("ContinuationToken")
        start_after = params.get("StartAfter", "")
        after = start_after if token is None else _from_token(token)
        owned = bool(params.get("FetchOwner"))
        page, answer = self._page(params, _behind(after, params), owned=owned)
        answer["KeyCount"] = len(page.objects) + len(page.prefixes)
        if token is not None:
            answer["ContinuationToken"] = token
        elif start_after:
            answer["StartAfter"] = encoder(params)(start_after)
        if page.last is not None:
            answer["NextContinuationToken"] = _to_token(page.last)
        return answer

    def list_object_versions(self, params: Document) -> Document:
        """Every object as its only version, as S3 lists a bucket without versioning."""
        marker = params.get("KeyMarker", "")
        page, answer = self._page(params, _behind(marker, params), owned=True)
        versions = answer.pop("Contents")
        answer["Versions"] = [
            version | {"VersionId": "null", "IsLatest": True} for version in versions
        ]
        answer["KeyMarker"] = encoder(params)(marker)
        if page.last is not None:
            answer["NextKeyMarker"] = encoder(params)(page.last)
            answer["NextVersionIdMarker"] = "null"
        return answer

    def _page(self, params: Document, after: str, *, owned: bool = True) -> tuple[Page, Document]:
        prefix, delimiter = params.get("Prefix", ""), params.get("Delimiter", "")
        limit = max_keys(params, "MaxKeys")
        page = self._storage.page(params["Bucket"], prefix, after, delimiter, limit)
        encode = encoder(params)
        answer: Document = {
            "Name": params["Bucket"],
            "Prefix": encode(prefix),
            "MaxKeys": limit,
            "IsTruncated": page.last is not None,
            "Contents": [self._content(stored, encode, owned) for stored in page.objects],
            "CommonPrefixes": [{"Prefix": encode(name)} for name in page.prefixes],
        }
        if delimiter:
            answer["Delimiter"] = encode(delimiter)
        if params.get("EncodingType"):
            answer["EncodingType"] = params["EncodingType"]
        return page, answer

    def _content(self, stored: StoredObject, encode: Callable[[str], str], owned: bool) -> Document:
        content: Document = {
            "Key": encode(stored.key),
            "LastModified": stored.last_modified,
            "ETag": quoted(stored),
            "Size": stored.size,
            "StorageClass": stored.attributes.headers.get("StorageClass", "STANDARD"),
        }
        if stored.attributes.checksums:
            content["ChecksumAlgorithm"] = list(stored.attributes.checksums)
            content["ChecksumType"] = stored.attributes.checksum_type
        return content | ({"Owner": self._owner} if owned else {})


def max_keys(params: Mapping[str, Any], name: str) -> int:
    """A page's size: S3's limit if none or more is asked for. Raises InvalidArgument."""
    asked: int = params.get(name, MAX_KEYS)
    if asked < 0:
        header = "".join(f"-{letter}" if letter.isupper() else letter for letter in name).lower()
        raise failure(
            "InvalidArgument", f"Argument {header[1:]} must be an integer between 0 and 2147483647"
        )
    return min(asked, MAX_KEYS)


def encoder(params: Mapping[str, Any]) -> Callable[[str], str]:
    """How keys are written in an answer. Raises InvalidArgument for an unknown EncodingType."""
    encoding = params.get("EncodingType")
    if not encoding:
        return str
    if encoding.lower() != "url":
        raise failure("InvalidArgument", "Invalid Encoding Method specified in Request")
    return _url_encoded


def _url_encoded(text: str) -> str:
    """As Java's URLEncoder has it, but for the slash; MinIO does the same."""
    return quote_plus(text, safe="/*").replace("~", "%7E")


def _behind(marker: str, params: Mapping[str, Any]) -> str:
    """Where a page after a marker begins: one that lies in a common prefix stands for all of it,
    as MinIO and Ceph have it."""
    prefix, delimiter = params.get("Prefix", ""), params.get("Delimiter", "")
    end = marker.find(delimiter, len(prefix)) if delimiter and marker.startswith(prefix) else -1
    return marker if end < 0 else marker[: end + len(delimiter)] + _PAST


def _to_token(last: str) -> str:
    return base64.urlsafe_b64encode(last.encode()).decode()


def _from_token(token: str) -> str:
    try:
        key = base64.b64decode(token, altchars=b"-_", validate=True).decode()
    except ValueError:
        key = ""
    if not key:
        raise failure("InvalidArgument", "The continuation token provided is incorrect")
    return key
