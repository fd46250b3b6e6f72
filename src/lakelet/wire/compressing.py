"""Request bodies that botocore compresses (`requestcompression` of the models).

S3's objects keep their Content-Encoding: it is their metadata, and their bytes stay as they are.
"""

import zlib
from dataclasses import replace

from lakelet.wire.faults import MalformedError
from lakelet.wire.messages import Reader, Request

_BLOCK = 1 << 18
_GZIP = 16 + zlib.MAX_WBITS


class GunzipReader:
    """The bytes inside a gzip stream, a block at a time; raises MalformedError."""

    def __init__(self, source: Reader) -> None:
        self._source = source
        self._inflate = zlib.decompressobj(_GZIP)

    def read(self, size: int = -1, /) -> bytes:
        """At most `size` bytes, all that is left for -1, none at the end."""
        if size < 0:
            return b"".join(iter(lambda: self.read(_BLOCK), b""))
        try:
            while size and not self._inflate.eof:
                block = self._inflate.unconsumed_tail or self._source.read(_BLOCK)
                if not block:
                    raise MalformedError("The compressed request body is truncated")
                found = self._inflate.decompress(block, size)
                if found:
                    return found
        except zlib.error as error:
            raise MalformedError("The request body is not in the gzip format") from error
        return b""


def unzipped(request: Request, service: str) -> Request:
    """The request with a body as it was before compression."""
    if service == "s3" or request.headers.get("content-encoding", "").strip().lower() != "gzip":
        return request
    return replace(request, body=GunzipReader(request.body))
