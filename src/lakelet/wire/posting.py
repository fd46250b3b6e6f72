"""PostObject: an object uploaded by a form of a web page, read as the PutObject that it means.

It is no operation of botocore's model, though boto3 signs its policies (`generate_presigned_post`).
Fields, policies and answers: "POST Object" and "POST policy" of the S3 API reference. A policy must
hold; its signature is not verified, as no signature is.
"""

import base64
import binascii
import io
import json
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import IO, Any
from urllib.parse import quote, unquote, urlencode
from xml.etree import ElementTree

from lakelet.errors import AwsError
from lakelet.wire.messages import Reader, Request, Response
from lakelet.wire.routing import path_style
from lakelet.wire.serializing import shown

_BLOCK = 1 << 18
_FIELDS_BYTES = 20_480
"""The most bytes before the file (S3 API reference)."""

_IN_MEMORY = 8 << 20
_BOUNDARY = re.compile(r'boundary="?([^";]{1,70})"?', re.IGNORECASE)
_NAME = re.compile(r'[; ]name="?([^";]*)"?', re.IGNORECASE)
_FILE = re.compile(r'filename="([^"]*)"', re.IGNORECASE)
_HEADERS = ("cache-control", "content-type", "content-disposition", "content-encoding", "expires")
_UNNAMED = ("policy", "x-amz-signature", "signature", "awsaccesskeyid", "file")
"""Fields that a policy need not name; beside those that begin with `x-ignore-`."""


@dataclass(frozen=True, slots=True)
class Form:
    """A form that was read: the request that it means, and how it wants to be answered."""

    request: Request
    fields: Mapping[str, str]
    bucket: str
    key: str

    def answered(self, response: Response) -> Response:
        """The answer to the form, by that to its request."""
        if response.status != 200:
            return response
        tag = response.headers.get("ETag", "")
        host = self.request.headers.get("host", "")
        where = f"http://{host}/{self.bucket}/{quote(self.key)}"
        headers = {**response.headers, "Location": where}
        there = self.fields.get("success_action_redirect") or self.fields.get("redirect", "")
        if there.startswith(("http://", "https://")):
            told = urlencode({"bucket": self.bucket, "key": self.key, "etag": tag})
            headers["Location"] = f"{there}{'&' if '?' in there else '?'}{told}"
            return Response(303, headers)
        status = self.fields.get("success_action_status")
        if status != "201":
            return Response(200 if status == "200" else 204, headers)
        parts = {"Location": where, "Bucket": self.bucket, "Key": self.key, "ETag": tag}
        inner = "".join(f"<{name}>{shown(text)}</{name}>" for name, text in parts.items())
        text = f'<?xml version="1.0" encoding="UTF-8"?>\n<PostResponse>{inner}</PostResponse>'
        return Response(201, {**headers, "Content-Type": "application/xml"}, text.encode())


def is_form(request: Request) -> bool:
    """Whether a request is a form with a file for a bucket."""
    kind = request.headers.get("content-type", "")
    if request.method != "POST" or not kind.lower().startswith("multipart/form-data"):
        return False
    return bool(_bucket(request)) and "/" not in _bucket(request) and not request.query


@contextmanager
def read(request: Request, now: datetime) -> Iterator[Form]:
    """A form whose policy holds; its file is gone afterwards. Raises AwsError."""
    boundary = _BOUNDARY.search(request.headers["content-type"])
    if boundary is None:
        raise _malformed()
    parts = _Parts(request.body, boundary[1].encode("latin-1"))
    with tempfile.SpooledTemporaryFile(_IN_MEMORY) as file:
        fields = _gathered(parts, file)
        size = file.seek(0, io.SEEK_END)
        file.seek(0)
        bucket, key = _bucket(request), fields["key"].replace("${filename}", parts.filename)
        if "policy" in fields:
            _check({**fields, "bucket": bucket, "key": key}, size, now)
        headers = _headers(fields)
        headers |= {"host": request.headers.get("host", ""), "content-length": str(size)}
        put = Request("PUT", f"/{bucket}/{quote(key)}", "", headers, file)
        yield Form(put, fields, bucket, key)


def _bucket(request: Request) -> str:
    return unquote(path_style(request).path.strip("/"))


def _headers(fields: Mapping[str, str]) -> dict[str, str]:
    """The headers of PutObject that a form's fields stand for."""
    headers = {name: text for name, text in fields.items() if name in _HEADERS}
    headers |= {name: text for name, text in fields.items() if _is_header_of_s3(name)}
    if "acl" in fields:
        headers["x-amz-acl"] = fields["acl"]
    if "tagging" in fields:
        headers["x-amz-tagging"] = _tags(fields["tagging"])
    return headers


def _is_header_of_s3(name: str) -> bool:
    signs = ("x-amz-signature", "x-amz-credential", "x-amz-algorithm", "x-amz-date")
    return name.startswith("x-amz-") and name not in signs


def _gathered(parts: "_Parts", file: IO[bytes]) -> dict[str, str]:
    """The fields by their names in lower case; what stands behind the file does not count.

    Raises AwsError for a form without a key or without a file.
    """
    fields: dict[str, str] = {}
    for name, blocks in parts:
        if name == "file":
            for block in blocks:
                file.write(block)
            break
        fields[name] = b"".join(blocks).decode("utf-8", "replace")
    else:
        raise AwsError("InvalidArgument", "POST requires exactly one file upload per request.")
    if not fields.get("key"):
        raise AwsError(
            "InvalidArgument",
            "Bucket POST must contain a field named 'key'.  If it is specified, please check the "
            "order of the fields.",
        )
    return fields


class _Parts:
    """The parts of a body as names and blocks, one after the other."""

    def __init__(self, body: Reader, boundary: bytes) -> None:
        self._body = body
        self._end = b"\r\n--" + boundary
        self._buffer = b"\r\n"
        self._read = 0
        self._in_file = False
        self.filename = ""

    def __iter__(self) -> Iterator[tuple[str, Iterator[bytes]]]:
        for _ in self._until(self._end):  # what stands before the first part
            pass
        while not self._starts_with(b"--"):
            head = b"".join(self._until(b"\r\n\r\n")).decode("utf-8", "replace")
            found = _NAME.search(head)
            if found is None:
                raise _malformed()
            name = found[1].lower()
            self._in_file = name == "file"
            named = _FILE.search(head)
            self.filename = re.split(r"[\\/]", named[1])[-1] if named else self.filename
            yield name, self._until(self._end)

    def _until(self, mark: bytes) -> Iterator[bytes]:
        """The bytes before a mark, which is passed over. Raises MalformedPOSTRequest."""
        while (place := self._buffer.find(mark)) < 0:
            sure = max(0, len(self._buffer) - len(mark))
            if sure:
                yield self._buffer[:sure]
                self._buffer = self._buffer[sure:]
            self._more()
        yield self._buffer[:place]
        self._buffer = self._buffer[place + len(mark) :]

    def _starts_with(self, mark: bytes) -> bool:
        while len(self._buffer) < len(mark):
            self._more()
        return self._buffer.startswith(mark)

    def _more(self) -> None:
        block = self._body.read(_BLOCK if self._in_file else 4096)
        if not block:
            raise _malformed()
        self._read += 0 if self._in_file else len(block)
        if self._read > _FIELDS_BYTES + 4096:
            raise AwsError(
                "MaxPostPreDataLengthExceeded",
                "Your POST request fields preceding the upload file were too large.",
            )
        self._buffer += block


def _tags(text: str) -> str:
    """The tags of a field, an XML document, as PutObject's header has them."""
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        raise AwsError("MalformedXML", "The tagging field is not well-formed XML") from error
    pairs = [(tag.findtext("{*}Key") or "", tag.findtext("{*}Value") or "") for tag in root.iter()]
    return urlencode([(key, value) for key, value in pairs if key])


# Policies -----------------------------------------------------------------------------------


@dataclass(slots=True)
class _Policy:
    """Which fields a policy has named so far."""

    fields: Mapping[str, str]
    size: int
    named: set[str] = field(default_factory=set)

    def check(self, condition: Any) -> None:
        """Raises AwsError for a condition that does not hold, or is none."""
        if isinstance(condition, Mapping):
            for name, text in condition.items():
                self._compare(["eq", f"${name}", text])
        elif isinstance(condition, list) and len(condition) == 3:
            self._compare(condition)
        else:
            raise _invalid("Invalid Condition.")

    def _compare(self, condition: list[Any]) -> None:
        kind = str(condition[0]).lower()
        if kind == "content-length-range":
            self._measure(condition)
            return
        if kind not in _HOLDS:
            raise _invalid(f"Invalid Condition: unknown operation '{condition[0]}'.")
        name = str(condition[1]).removeprefix("$").lower()
        self.named.add(name)
        if not _HOLDS[kind](self.fields.get(name, ""), str(condition[2])):
            raise _denied(f"Policy Condition failed: {json.dumps(condition)}")

    def _measure(self, condition: list[Any]) -> None:
        try:
            least, most = int(condition[1]), int(condition[2])
        except (TypeError, ValueError) as error:
            raise _invalid("Invalid Condition: content-length-range needs two numbers.") from error
        said = {"MinSizeAllowed": str(least), "MaxSizeAllowed": str(most)}
        if self.size < least:
            message = "Your proposed upload is smaller than the minimum allowed size"
            raise AwsError("EntityTooSmall", message, members=said)
        if self.size > most:
            message = "Your proposed upload exceeds the maximum allowed size"
            raise AwsError("EntityTooLarge", message, members=said)


_HOLDS: Mapping[str, Callable[[str, str], bool]] = {
    "eq": lambda given, wanted: given == wanted,
    "starts-with": lambda given, start: given.startswith(start),
}


def _check(fields: Mapping[str, str], size: int, now: datetime) -> None:
    """Raises AwsError unless a form is as its policy says."""
    try:
        document = json.loads(base64.b64decode(fields["policy"]))
        until = datetime.fromisoformat(document["expiration"])
        conditions = document["conditions"]
    except (binascii.Error, ValueError, KeyError, TypeError, RecursionError) as error:
        raise _invalid("Invalid JSON.") from error
    if now > (until if until.tzinfo else until.replace(tzinfo=UTC)):
        raise _denied("Policy expired.")
    if not isinstance(conditions, list):
        raise _invalid("Invalid JSON.")
    policy = _Policy(fields, size)
    for condition in conditions:
        policy.check(condition)
    free = {name for name in fields if name in _UNNAMED or name.startswith("x-ignore-")}
    strange = fields.keys() - policy.named - free - {"bucket"}
    if strange:
        raise _denied(f"Extra input fields: {', '.join(sorted(strange))}")


def _denied(why: str) -> AwsError:
    return AwsError("AccessDenied", f"Invalid according to Policy: {why}", 403)


def _invalid(why: str) -> AwsError:
    return AwsError("InvalidPolicyDocument", f"Invalid Policy: {why}")


def _malformed() -> AwsError:
    return AwsError(
        "MalformedPOSTRequest",
        "The body of your POST request is not well-formed multipart/form-data.",
    )
