"""An object's bytes on their way out."""

from collections.abc import Iterator

from lakelet.services.s3.ranges import ByteRange
from lakelet.storage.drafts import OpenObject

_AT_ONCE = 1 << 18
"""Ranges of up to so many bytes are read before the answer begins: it goes out in one piece."""


class ObjectBody:
    """A range of an open object: blocks to iterate over, closed by the one who iterates."""

    def __init__(self, opened: OpenObject, span: ByteRange) -> None:
        self._opened = opened
        self.start, self.length = span.start, span.length

    def __iter__(self) -> Iterator[bytes]:
        yield from self._opened.blocks(self.start, self.length)
        self.close()

    def fileno(self) -> int:
        """The open file, of which the range may be sent without being read here."""
        return self._opened.fileno()

    def close(self) -> None:
        """Ends the reading, early or not."""
        self._opened.close()


def body(opened: OpenObject, span: ByteRange) -> bytes | ObjectBody:
    """The bytes of a range, which closes the object when they have been read."""
    if span.length > _AT_ONCE:
        return ObjectBody(opened, span)
    with opened:
        return b"".join(opened.blocks(span.start, span.length))
