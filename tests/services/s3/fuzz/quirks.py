"""Where MinIO departs from S3, or has something to itself, with the source of each."""

from collections.abc import Callable
from typing import Any

from tests.services.s3.fuzz.comparing import Shown
from tests.services.s3.fuzz.sending import Ask

Holds = Callable[[Ask, Shown, Shown], bool]


def reason(ask: Ask, ours: Shown, theirs: Shown) -> str | None:
    """Why two answers may differ; None if they may not."""
    for text, holds in QUIRKS:
        if holds(ask, ours, theirs):
            return text
    return None


def before_it(ask: Ask, ours: Shown, theirs: Shown) -> str | None:
    """Why a lake that hands requests on to a server may answer otherwise than the server."""
    routed = _codes("MethodNotAllowed", "BadRequest")(ask, ours, theirs)
    return "what is no operation of S3's goes nowhere" if routed else None


def _code(shown: Shown) -> str:
    body = shown.get("body")
    return str(body["Error"]["Code"]) if isinstance(body, dict) and "Error" in body else ""


def _codes(ours: str, *theirs: str) -> Holds:
    return lambda ask, one, two: _code(one) == ours and _code(two) in theirs


def _asks(ask: Ask, *names: str) -> bool:
    return set(names) <= {name for name, _ in ask.query}


def _aborts_nothing(ask: Ask, ours: Shown, theirs: Shown) -> bool:
    aborts = ask.method == "DELETE" and _asks(ask, "uploadId")
    return aborts and _code(ours) == "NoSuchUpload" and theirs["status"] == 204


def _deletes_twice(ask: Ask, ours: Shown, theirs: Shown) -> bool:
    return _asks(ask, "delete") and _keys(ours) == _keys(theirs)


def _keys(shown: Shown) -> set[str]:
    body: Any = shown["body"]
    deleted = body.get("DeleteResult") or {} if isinstance(body, dict) else {}
    items = (deleted or {}).get("Deleted", [])
    items = items if isinstance(items, list) else [items]
    return {item["Key"] for item in items if item}


def _lists_uploads(ask: Ask, ours: Shown, theirs: Shown) -> bool:
    return _asks(ask, "uploads") and ask.method == "GET" and _uploads(ours) == _uploads(theirs)


def _uploads(shown: Shown) -> Any:
    body: Any = shown["body"]
    found = body if isinstance(body, dict) else {}
    listed = found.get("ListMultipartUploadsResult", {}).get("Upload", [])
    every = listed if isinstance(listed, list) else [listed]
    return [(each["Key"], each["UploadId"]) for each in every]


def _needs_a_prefix(ask: Ask, ours: Shown, theirs: Shown) -> bool:
    return _code(theirs) == "NotImplemented" and ours["status"] == 200


LOOKED_FOR = {"NoSuchKey", "NoSuchUpload", "NoSuchVersion", "NoSuchBucket"}
"""What is said when nothing else is wrong with a request, or before it is looked at."""


def _of_two_faults(ask: Ask, ours: Shown, theirs: Shown) -> bool:
    """One says that something is not there, the other what is wrong with the request."""
    if ask.method == "HEAD":
        return {ours["status"], theirs["status"]} <= {400, 404, 412, 416, 500}
    codes = _code(ours), _code(theirs)
    return all(codes) and (bool(LOOKED_FOR & set(codes)) or set(codes) <= OF_HEADERS)


OF_HEADERS = {
    "BadDigest",
    "InvalidArgument",
    "InvalidDigest",
    "InvalidRequest",
    "InvalidStorageClass",
    "InvalidTag",
    "MetadataTooLarge",
    "XAmzContentSHA256Mismatch",
}
"""What is said of a request's headers and body, in whatever order they are looked at."""


def _lists_parts(ask: Ask, ours: Shown, theirs: Shown) -> bool:
    return _asks(ask, "uploadId") and ask.method == "GET" and _parts(ours) == _parts(theirs)


def _parts(shown: Shown) -> Any:
    body: Any = shown["body"]
    listed = body.get("ListPartsResult") if isinstance(body, dict) else None
    names = (
        ("UploadId", "IsTruncated") if listed and listed["PartNumberMarker"] != "0" else _OF_PARTS
    )
    return listed and [_plain(listed.get(name)) for name in names]


def _plain(part: Any) -> Any:
    """Parts without checksums, which MinIO keeps where their upload has none."""
    if isinstance(part, list):
        return [_plain(each) for each in part]
    if isinstance(part, dict):
        return {name: text for name, text in part.items() if "Checksum" not in name}
    return part


_OF_PARTS = ("UploadId", "IsTruncated", "Part")
"""What is alike, but for a marker, which MinIO takes for a count."""


def _lists(ask: Ask, ours: Shown, theirs: Shown) -> bool:
    return ask.key is None and _list(ours) is not None and _list(ours) == _list(theirs)


def _list(shown: Shown) -> Any:
    body: Any = shown.get("body")
    listed = body.get("ListBucketResult") if isinstance(body, dict) else None
    if not listed:
        return None
    return {name: listed[name] for name in listed.keys() - {"MaxKeys"}}


def _beyond_integers(ask: Ask, ours: Shown, theirs: Shown) -> bool:
    return _code(ours) == "InvalidArgument" and any(len(text) > 10 for _, text in ask.query)


def _condition_on_a_write(ask: Ask, ours: Shown, theirs: Shown) -> bool:
    said = dict(ask.headers)
    return _code(ours) == "NotImplemented" and said.get("if-none-match", "*") != "*"


def _names_a_checksum(ask: Ask, ours: Shown, theirs: Shown) -> bool:
    said = dict(ask.headers)
    return _code(ours) == "InvalidRequest" and "x-amz-sdk-checksum-algorithm" in said


def _last_before_first(ask: Ask, ours: Shown, theirs: Shown) -> bool:
    return theirs["status"] == 416 and dict(ask.headers).get("range") in ("bytes=5-2",)


def _tells_more(*names: str) -> Holds:
    """Whether nothing but some headers differs."""

    def holds(ask: Ask, ours: Shown, theirs: Shown) -> bool:
        plain = [
            {name: text for name, text in each.get("headers", {}).items() if name not in names}
            for each in (ours, theirs)
        ]
        rest = [{name: each[name] for name in each if name != "headers"} for each in (ours, theirs)]
        return plain[0] == plain[1] and rest[0] == rest[1]

    return holds


def _tags_in_any_language(ask: Ask, ours: Shown, theirs: Shown) -> bool:
    said = dict(ask.headers).get("x-amz-tagging", "") + ask.body.decode("utf-8", "replace")
    return _code(theirs) == "InvalidTag" and not said.isascii()


def _says_a_root(ask: Ask, ours: Shown, theirs: Shown) -> bool:
    body = theirs.get("body")
    return (
        _asks(ask, "attributes")
        and isinstance(body, dict)
        and (
            _attributes(body.get("getObjectAttributesResponse"))
            == _attributes(ours["body"].get("GetObjectAttributesResponse", 0))
        )
    )


def _attributes(found: Any) -> Any:
    """Without the checksum that MinIO does not add, and its one part of what came in one piece."""
    left_out: tuple[Any, ...] = ({}, None)
    kept = {
        n: v
        for n, v in (found or {}).items()
        if v not in left_out and n not in ("ObjectParts", "ObjectSize")
    }
    return kept or ""


def _hides_what_is_below(ask: Ask, ours: Shown, theirs: Shown) -> bool:
    """A key that another key stands below is a folder with a file beside it in MinIO."""
    lists = ask.key is None and ours["status"] == theirs["status"] == 200
    below = "'a/" in str(ours) and len(str(theirs)) < len(str(ours))
    ends = "'IsTruncated': 'false'" in str(theirs) and "'IsTruncated': 'true'" in str(ours)
    return lists and "'Key': 'a" in str(ours) and (below or ends)


def _dot(ask: Ask, ours: Shown, theirs: Shown) -> bool:
    return any(text == "." for _, text in ask.query) and _refuses(theirs) and not _refuses(ours)


def _refuses(shown: Shown) -> bool:
    return bool(shown["status"] >= 400 or shown.get("pages") == ["status 400"])


def _acl(ask: Ask, ours: Shown, theirs: Shown) -> bool:
    return _asks(ask, "acl") and ours["status"] == theirs["status"]


def _beyond_64_bits(ask: Ask, ours: Shown, theirs: Shown) -> bool:
    return "99999999999999999999" in dict(ask.headers).get("range", "")


def _empty_checksum(ask: Ask, ours: Shown, theirs: Shown) -> bool:
    return _code(ours) == "InvalidRequest" and any(
        name.startswith("x-amz-checksum-") and not text for name, text in ask.headers
    )


def _broken_inside(ask: Ask, ours: Shown, theirs: Shown) -> bool:
    return theirs["status"] == 500 and ours["status"] == 400


def _weak(ask: Ask, ours: Shown, theirs: Shown) -> bool:
    said = dict(ask.headers).get("if-none-match", "")
    return ours["status"] == 304 and theirs["status"] in (200, 206) and said.startswith("W/")


def _old_dates(ask: Ask, ours: Shown, theirs: Shown) -> bool:
    return any(text.startswith(("Saturday,", "Sat Jan", "2000-01")) for _, text in ask.headers)


def _strict_xml(ask: Ask, ours: Shown, theirs: Shown) -> bool:
    return _code(ours) == "MalformedXML"


def _beyond_ascii(ask: Ask, ours: Shown, theirs: Shown) -> bool:
    mine, other = (each.get("headers", {}).get("x-amz-meta-who", "") for each in (ours, theirs))
    return mine.startswith("=?UTF-8?B?") and other.startswith("=?UTF-8?q?")


def _two_conditions(ask: Ask, ours: Shown, theirs: Shown) -> bool:
    said = {name.removeprefix("x-amz-copy-source-") for name, _ in ask.headers}
    return len(said & {"if-match", "if-none-match", "if-modified-since", "if-unmodified-since"}) > 1


def _marker(ask: Ask, ours: Shown, theirs: Shown) -> bool:
    said = dict(ask.query)
    inside = said.get("marker", said.get("start-after")) and said.get("delimiter")
    return ask.key is None and bool(inside or said.get("max-keys") == "0")


def _copies_to_itself(ask: Ask, ours: Shown, theirs: Shown) -> bool:
    copies = "x-amz-copy-source" in dict(ask.headers)
    return copies and "InvalidRequest" in (_code(ours), _code(theirs))


def _adds_checksum(ask: Ask, ours: Shown, theirs: Shown) -> bool:
    plain = not any(name.startswith("x-amz-checksum-") for name, _ in ask.headers)
    refused = _code(theirs) == "InvalidArgument" and ours["status"] == 200
    return refused and plain and _asks(ask, "partNumber")


def _part_of_nothing(ask: Ask, ours: Shown, theirs: Shown) -> bool:
    return (ours["status"], theirs["status"]) == (200, 206) and _asks(ask, "partNumber")


def _composite(ask: Ask, ours: Shown, theirs: Shown) -> bool:
    return _code(ours) == "InvalidRequest" and ("x-amz-checksum-type", "COMPOSITE") in ask.headers


def _numbers_of_parts(ask: Ask, ours: Shown, theirs: Shown) -> bool:
    return ours["status"] >= 400 <= theirs["status"] and dict(ask.query).get("partNumber", "1") in (
        "0", "-1", "10001", "x", "",
    )  # fmt: skip


def _holds_no_folder(ask: Ask, ours: Shown, theirs: Shown) -> bool:
    return _code(theirs) == "XMinioInvalidObjectName"


_REDIRECT = "x-amz-website-redirect-location"

QUIRKS: list[tuple[str, Holds]] = [
    ("MinIO lists no key below another key", _hides_what_is_below),
    ("MinIO refuses a dot as a prefix", _dot),
    ("the type of a grantee is an attribute, as S3 writes it", _acl),
    ("S3 keeps Expires as it came", _tells_more("expires", _REDIRECT)),
    ("S3 writes metadata beyond ASCII in base64, of Latin-1", _beyond_ascii),
    ("If-Match and If-Unmodified-Since are looked at first (RFC 9110 §13.2.2)", _two_conditions),
    ("MinIO looks at a marker inside of a common prefix otherwise, or lists no keys", _marker),
    ("S3 takes new tags for no change of an object (CopyObject)", _copies_to_itself),
    ("MinIO has 206 for the part of an empty object", _part_of_nothing),
    (
        "a source of no bytes has no range (UploadPartCopy)",
        _codes("InvalidArgument", "InvalidRange"),
    ),
    ("S3 adds the checksum that a part of a whole object's lacks (Swift's tests)", _adds_checksum),
    ("S3's own type of what has none", _tells_more("content-type", "expires", _REDIRECT)),
    ("MinIO takes a range beyond 64 bits for none", _beyond_64_bits),
    ("MinIO takes an empty checksum for none", _empty_checksum),
    ("of several faults each tells its first", _of_two_faults),
    ("S3 says NoSuchUpload of an upload that is not there (AbortMultipartUpload)", _aborts_nothing),
    ("S3 tells of a key as often as it is named (DeleteObjects)", _deletes_twice),
    ("MinIO writes empty markers, and pages of 10,000 uploads", _lists_uploads),
    ("MinIO lists 10,000 parts at once, and empty checksums", _lists_parts),
    ("MinIO refuses a marker outside of the prefix", _needs_a_prefix),
    ("MinIO makes no upload of a key that ends in a slash", _holds_no_folder),
    ("S3 counts an object's tags before it looks at them", _codes("BadRequest", "InvalidTag")),
    ("tags may be of any language (S3 user guide, object tagging)", _tags_in_any_language),
    (
        "S3 says InvalidArgument of a part's number that is none",
        _codes("InvalidArgument", "InvalidPart", "XMinioAdminInvalidArgument"),
    ),
    ("S3 says InvalidRequest of a checksum's type", _codes("InvalidRequest", "InvalidArgument")),
    (
        "S3 says InvalidArgument of a payload's hash that is none (versitygw#1352)",
        _codes("InvalidArgument", "XAmzContentSHA256Mismatch"),
    ),
    ("S3 says BadDigest of a checksum", _codes("BadDigest", "XAmzContentChecksumMismatch")),
    ("a page's size is an integer of 32 bits (versitygw: its tests of AWS)", _beyond_integers),
    ("S3 takes only * in If-None-Match of a write (aws-sdk-ruby#3144)", _condition_on_a_write),
    ("S3 wants the checksum that is named (PutObject, ChecksumAlgorithm)", _names_a_checksum),
    ("a range whose end is before its start is none (RFC 9110 §14.1.1)", _last_before_first),
    ("MinIO keeps no redirect of a website", _tells_more(_REDIRECT)),
    ("MinIO tells no region of a bucket", _tells_more("x-amz-bucket-region", "content-type")),
    ("MinIO tells a copy's entity tag in a header too", _tells_more("etag")),
    ("GetObjectAttributesResponse is its name", _says_a_root),
    ("S3 writes at most 1000 as MaxKeys", _lists),
    ("MinIO fails inside", _broken_inside),
    ("If-None-Match compares weakly (RFC 9110 §13.1.2)", _weak),
    ("the obsolete forms of dates are read (RFC 9110 §5.6.7)", _old_dates),
    ("MinIO reads documents that are not S3's", _strict_xml),
    ("MinIO has a part's number, or its lack, said otherwise", _numbers_of_parts),
    ("a whole object's CRC-64/NVME cannot be a composite", _composite),
    (
        "MinIO keeps no public access block",
        _codes("NoSuchPublicAccessBlockConfiguration", "NotImplemented"),
    ),
    ("MinIO has a word of its own for it", _codes("MethodNotAllowed", "BadRequest")),
    (
        "MinIO tells a copy's checksum in headers",
        _tells_more(
            "etag",
            "x-amz-checksum-crc32",
            "x-amz-checksum-crc32c",
            "x-amz-checksum-sha1",
            "x-amz-checksum-sha256",
            "x-amz-checksum-crc64nvme",
            "x-amz-checksum-type",
        ),
    ),
]
