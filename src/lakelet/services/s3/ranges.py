"""Byte ranges of a request, and numbers of parts."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lakelet.services.s3.errors import failure

_RANGE = re.compile(r"bytes=(\d{0,19})-(\d{0,19})")
"""Offsets of 64 bits: a range of greater ones is none, as MinIO has it."""

MAX_PARTS = 10_000
"""The most parts that an object has."""


@dataclass(frozen=True, slots=True)
class ByteRange:
    """A part of an object, in bytes."""

    start: int
    length: int

    def header(self, size: int) -> str:
        """The Content-Range of an answer that holds this range of so many bytes."""
        return f"bytes {self.start}-{self.start + self.length - 1}/{size}"


def of(header: str | None, size: int) -> ByteRange | None:
    """The range a header asks for; None for the whole (no header, or one that is none).

    Raises InvalidRange if it begins behind the end.
    """
    found = _RANGE.fullmatch(header.strip()) if header else None
    if found is None or found.group(0) == "bytes=-":
        return None
    first, last = found.groups()
    if not first:
        start, end = max(0, size - int(last)), size - 1
    else:
        start, end = int(first), min(int(last), size - 1) if last else size - 1
        if last and int(last) < start:
            return None
    if start >= size or end < start:
        raise failure("InvalidRange", ActualObjectSize=str(size), RangeRequested=header or "")
    return ByteRange(start, end - start + 1)


def of_source(header: str, size: int) -> ByteRange:
    """The range of an UploadPartCopy, which must be `bytes=first-last` inside the source."""
    found = _RANGE.fullmatch(header)
    if found is None or not all(found.groups()):
        raise failure(
            "InvalidArgument",
            "The x-amz-copy-source-range value must be of the form bytes=first-last where first "
            "and last are the zero-based offsets of the first and last bytes to copy",
            ArgumentName="x-amz-copy-source-range",
            ArgumentValue=header,
        )
    first, last = (int(text) for text in found.groups())
    if first > last or last >= size:
        raise failure(
            "InvalidArgument",
            f"Range specified is not valid for source object of size: {size}",
            ArgumentName="x-amz-copy-source-range",
            ArgumentValue=header,
        )
    return ByteRange(first, last - first + 1)


def part_number(params: Mapping[str, Any]) -> int:
    """The part that a request means. Raises InvalidArgument."""
    number: int | None = params.get("PartNumber")
    if number is None or not 1 <= number <= MAX_PARTS:
        raise failure(
            "InvalidArgument",
            f"Part number must be an integer between 1 and {MAX_PARTS}, inclusive",
            ArgumentName="partNumber",
            ArgumentValue="" if number is None else str(number),
        )
    return number
