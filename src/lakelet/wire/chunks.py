"""Bodies in aws-chunked form: signed or unsigned chunks, and the headers that trail them.

See "Signature calculations for the Authorization header: transferring payload in multiple chunks"
of the S3 API reference. Signatures of chunks are not checked here.
"""

from collections.abc import Mapping

from lakelet.errors import AwsError
from lakelet.wire.messages import Reader, Request

_BLOCK = 1 << 18
_MAX_LINE = 16_384


class ChunkedReader:
    """The bytes inside the chunks; `trailers` are filled once they have all been read.

    `length` is what the client says that there are.
    """

    def __init__(self, source: Reader, length: int | None = None) -> None:
        self._source = source
        self._missing = length
        self._buffer = b""
        self._left = 0
        self._ended = False
        self.trailers: dict[str, str] = {}

    def read(self, size: int = -1, /) -> bytes:
        """At most `size` bytes, all that is left for -1, none at the end.

        Raises AwsError IncompleteBody for a body that ends inside a chunk or has another length
        than was said.
        """
        if size < 0:
            return b"".join(iter(lambda: self.read(_BLOCK), b""))
        if not self._left and not self._ended:
            self._next_chunk()
        if self._ended or not size:
            return b""
        if not self._buffer:
            self._fill()
        taken = self._buffer[: min(size, self._left)]
        self._buffer = self._buffer[len(taken) :]
        self._left -= len(taken)
        if self._missing is not None:
            self._missing -= len(taken)
        if not self._left:
            self._line()
        return taken

    def _next_chunk(self) -> None:
        header = self._line().partition(b";")[0].strip()
        try:
            self._left = int(header, 16)
        except ValueError as error:
            raise _incomplete() from error
        if not self._left:
            if self._missing:
                raise _incomplete()
            self._ended = True
            self._read_trailers()

    def _read_trailers(self) -> None:
        while line := self._line(at_end=True):
            name, _, value = line.partition(b":")
            self.trailers[name.decode("latin-1").strip().lower()] = value.decode("latin-1").strip()

    def _line(self, *, at_end: bool = False) -> bytes:
        while b"\n" not in self._buffer:
            if len(self._buffer) > _MAX_LINE:
                raise _incomplete()
            more = self._source.read(_BLOCK)
            if not more:
                if at_end:
                    line, self._buffer = self._buffer, b""
                    return line.rstrip(b"\r\n")
                raise _incomplete()
            self._buffer += more
        line, _, self._buffer = self._buffer.partition(b"\n")
        return line.rstrip(b"\r")

    def _fill(self) -> None:
        self._buffer = self._source.read(_BLOCK)
        if not self._buffer:
            raise _incomplete()


def _incomplete() -> AwsError:
    return AwsError(
        "IncompleteBody",
        "You did not provide the number of bytes specified by the Content-Length HTTP header",
    )


def decoded(request: Request) -> Reader:
    """The body without its chunks' framing."""
    if not is_chunked(request.headers):
        return request.body
    said = request.headers.get("x-amz-decoded-content-length", "")
    return ChunkedReader(request.body, int(said) if said.isdecimal() else None)


def is_chunked(headers: Mapping[str, str]) -> bool:
    """Whether a body comes in aws-chunked form."""
    return headers.get("x-amz-content-sha256", "").startswith("STREAMING-") or (
        "aws-chunked" in headers.get("content-encoding", "")
    )
