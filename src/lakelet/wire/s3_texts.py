"""Scalars of S3's headers and queries, which S3 reads with more patience than it reads documents.

What is refused is refused in S3's words, measured on AWS (versity/versitygw, its tests of lists).
"""

import re
from typing import Any

from lakelet.errors import AwsError
from lakelet.wire import timestamps

_INTEGER = re.compile(r"[+-]?[0-9]{1,10}")
_LONG = re.compile(r"[0-9]{1,19}")
_OWN = {"partNumber": "Part number must be an integer between 1 and 10000, inclusive"}


def read(shape: Any, name: str, text: str) -> Any:
    """A scalar by the header or the query's name that it has; None where S3 takes it for none.

    Raises AwsError InvalidArgument for a number that is none.
    """
    return _READERS.get(shape.type_name, _text)(name, text)


def _text(name: str, text: str) -> Any:
    return text


def _integer(name: str, text: str) -> int | None:
    if not text:
        return None
    if not _INTEGER.fullmatch(text) or not -(2**31) <= int(text) < 2**31:
        raise _refused(name, text, f"Provided {name} not an integer or within integer range")
    return int(text)


def _long(name: str, text: str) -> int:
    if not _LONG.fullmatch(text) or int(text) >= 2**63:
        raise _refused(name, text, f"Value for {name} header is invalid.")
    return int(text)


def _refused(name: str, text: str, message: str) -> AwsError:
    members = {"ArgumentName": name, "ArgumentValue": text}
    return AwsError("InvalidArgument", _OWN.get(name, message), members=members)


def _boolean(name: str, text: str) -> bool:
    return text.lower() == "true"


def _timestamp(name: str, text: str) -> Any:
    """When an object expires is a text to S3; a condition on no date is none (RFC 9110 §13.1.3)."""
    expires = name in ("expires", "response-expires")
    try:
        moment = timestamps.read(text)
        return text if expires and timestamps.write(moment, "rfc822") != text else moment
    except (ValueError, OverflowError):
        if expires:
            return text
        if name == "x-amz-if-match-last-modified-time":  # a delete's: nothing is lost by a refusal
            raise _refused(name, text, f"Value for {name} header is invalid.") from None
        return None


_READERS = {
    "integer": _integer,
    "long": _long,
    "boolean": _boolean,
    "timestamp": _timestamp,
}
