"""Bodies that are read whole before anything is done: documents, not objects."""

from typing import Final

from lakelet.wire.faults import TooLargeError
from lakelet.wire.messages import Reader

MOST: Final = 1 << 26
"""Bytes of a document, also once it is unpacked. The largest of AWS's own are far below."""
_BLOCK: Final = 1 << 18


def whole(body: Reader, *, of_s3: bool = False) -> bytes:
    """All of a body. Raises TooLargeError."""
    first = body.read(_BLOCK)
    if not first:
        return first
    blocks, size = [first], len(first)
    while block := body.read(_BLOCK):
        blocks.append(block)
        size += len(block)
        if size > MOST:
            raise TooLargeError(MOST, of_s3=of_s3)
    return b"".join(blocks)
