"""An object's bytes on their way out."""

from collections.abc import Iterator

from lakelet.services.s3.ranges import ByteRange
from lakelet.storage.drafts import OpenObject


class ObjectBody:
    """A range of an open object: blocks to iterate over, closed at the end."""

    def __init__(self, opened: OpenObject, span: ByteRange) -> None:
        self._opened = opened
        self.span = span

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._opened.blocks(self.span.start, self.span.length)
        finally:
            self.close()

    def close(self) -> None:
        self._opened.close()
