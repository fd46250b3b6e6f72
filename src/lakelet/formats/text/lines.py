"""Text files as blocks of whole lines, and blocks as Arrow batches that DuckDB scans.

A line ends at \\n, \\r\\n or \\r; a byte order mark at the start of a file is no data; the first
`skip.header.line.count` and the last `skip.footer.line.count` lines of every file are left out.
Bytes that are no UTF-8 are read as U+FFFD. Memory is bounded by a block and the longest line.
"""

import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, BinaryIO, Final, cast

from lakelet.errors import TrinoError
from lakelet.formats.scanning import PATH, Request
from lakelet.formats.streams import ahead, gathered, stream
from lakelet.formats.text import marks
from lakelet.formats.text.compression import CorruptError, chunks
from lakelet.model import DataFile

if TYPE_CHECKING:
    from pyarrow import Array, DataType, RecordBatch, Schema
    from pyarrow.dataset import Dataset

_LARGE: Final = 128 << 10
"""Bytes from which a block is worth a thread."""

_GATHERED: Final = 256 << 10
"""Bytes of small files that are decoded together."""

MAX_LINE: Final = 100_000_000
"""Bytes of a line (Trino's hive.text.max-line-length)."""

URI: Final = "$uri"
"""A column of every batch: where the file is, as messages say it."""

_HEAD: Final = 64 << 10
"""Bytes of a file whose lines are looked at before it is read."""
_OPENING: Final = 1024
"""A file that fails within so many bytes could not be opened; later, it could not be read."""

_SURROGATE: Final = re.compile(rb"\xed[\xa0-\xbf][\x80-\xbf]?")
_REPLACEMENT: Final = "\ufffd".encode()
"""Half a surrogate pair is one wrong letter to Java, to Python it is one for each byte."""

Piece = tuple[DataFile, bytes]
"""A block of a file's lines."""

Decode = Callable[[bytes, Sequence[str]], Mapping[str, "Array"]]
"""The named columns of a block of lines, each of which ends in \\n."""

Check = Callable[[Iterator[bytes]], Iterator[bytes]]


@dataclass(frozen=True, slots=True)
class Trimming:
    """Lines at the start and at the end of every file that are no rows."""

    header: int
    footer: int

    @classmethod
    def of(cls, parameters: Mapping[str, str]) -> "Trimming":
        """Raises TrinoError HIVE_INVALID_METADATA for what is no count."""
        return cls(
            _count(parameters, "skip.header.line.count"),
            _count(parameters, "skip.footer.line.count"),
        )


def _count(parameters: Mapping[str, str], name: str) -> int:
    text = parameters.get(name, "0")
    count = int(text)  # `properties.check` has seen that it is one
    if count < 0:
        raise TrinoError("HIVE_INVALID_METADATA", f"Invalid value for {name} property: {text}")
    return count


def dataset(
    request: Request,
    columns: Sequence[str] | Mapping[str, "DataType"],
    decode: Decode,
    check: Check = iter,
    *,
    apart: bool = False,
    java: bool = True,
    end: Callable[[], None] | None = None,
) -> "Dataset":
    """The files of a request as a dataset of columns, with `"$path"` and `"$uri"`.

    Columns without types are text; those of binary types keep bytes that are no UTF-8. `check` sees
    the bytes of each file before lines are made of them, and may refuse them or put others in their
    place. Blocks are decoded side by side, in threads, and small files together; `apart` says that
    a line may be more than one row, so that each file has to be decoded by itself. `java`: what is
    no UTF-8 is read as Java's strings read it, else as Trino shows bytes. `end` is called once all
    has been read.
    """
    import pyarrow

    trimming = Trimming.of(request.parameters)
    paths = pyarrow.dictionary(pyarrow.int32(), pyarrow.string())
    types = columns if isinstance(columns, Mapping) else dict.fromkeys(columns, pyarrow.string())
    schema = pyarrow.schema([*types.items(), (PATH, paths), (URI, paths)])

    def batches(names: Sequence[str]) -> Iterator["RecordBatch"]:
        asked = _Asked.of(pyarrow.schema([schema.field(name) for name in names]), decode, java)
        together = gathered(_pieces(request, trimming, check), 1 if apart else _GATHERED)
        yield from ahead(asked.batch, together, lambda given: len(given[0][1]) >= _LARGE)
        if end is not None:
            end()

    return stream(schema, batches)


_TOLD: Final[Mapping[str, Callable[[DataFile], str]]] = {
    PATH: lambda file: file.url,
    URI: lambda file: file.info.uri,
}
"""The columns that are known of a file without its lines."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """The columns that are asked of a dataset."""

    schema: "Schema"
    decode: Decode
    texts: Sequence[str]
    binary: Sequence[str]
    java: bool

    @classmethod
    def of(cls, schema: "Schema", decode: Decode, java: bool) -> "_Asked":
        import pyarrow

        own = [field for field in schema if field.name not in _TOLD]
        texts = [field.name for field in own if field.type != pyarrow.binary()]
        others = [each.name for each in own if each.name not in texts]
        return cls(schema, decode, texts, others, java)

    def batch(self, pieces: Sequence[Piece]) -> "RecordBatch":
        """The rows of some files' blocks."""
        import pyarrow

        block = b"".join(block for _, block in pieces)
        found = dict(self.decode(_utf8(block, java=self.java), self.texts))
        if self.binary:
            bare = self.decode(block, self.binary)
            found |= {name: bare[name].cast(pyarrow.binary()) for name in self.binary}
        if found and len(pieces) == 1:
            rows = [len(next(iter(found.values())))]
        else:
            rows = [marks.count(block, ord("\n")) for _, block in pieces]
        arrays = [
            found[name]
            if name in found
            else _repeated([_TOLD[name](file) for file, _ in pieces], rows)
            for name in self.schema.names
        ]
        return pyarrow.record_batch(arrays, schema=self.schema)


def _pieces(request: Request, trimming: Trimming, check: Check) -> Iterator[Piece]:
    for file in request.files:
        for block in _raw(request, file, trimming, check):
            yield file, block


def _repeated(texts: Sequence[str], counts: Sequence[int]) -> "Array":
    """Each text so many times, as a dictionary's."""
    import numpy
    import pyarrow

    positions = numpy.repeat(numpy.arange(len(texts), dtype=numpy.int32), counts)
    return pyarrow.DictionaryArray.from_arrays(positions, pyarrow.array(texts))


def has_empty(block: bytes) -> bool:
    """Whether some line of a block is empty."""
    return block.startswith(b"\n") or marks.has_pair(block, b"\n\n")


def split(block: bytes) -> "Array":
    """The lines of a block, which for columns of bytes need be no UTF-8."""
    import pyarrow
    from pyarrow import compute

    whole = pyarrow.array([memoryview(block)[:-1]], pyarrow.large_binary())
    lines = compute.split_pattern(whole, pattern="\n").values
    as_given = compute.CastOptions(target_type=pyarrow.string(), allow_invalid_utf8=True)
    return lines.cast(options=as_given)


def blocks(
    request: Request, file: DataFile, trimming: Trimming, check: Check = iter
) -> Iterator[bytes]:
    """A file's rows in blocks of lines, valid UTF-8, each line ending in \\n.

    Raises TrinoError HIVE_CANNOT_OPEN_SPLIT or HIVE_CURSOR_ERROR for a broken file.
    """
    return map(_utf8, _raw(request, file, trimming, check))


def _raw(request: Request, file: DataFile, trimming: Trimming, check: Check) -> Iterator[bytes]:
    read = 0

    def counted() -> Iterator[bytes]:
        nonlocal read
        with request.open(file) as reader:
            for chunk in chunks(reader, file.info.key):
                read += len(chunk)
                yield chunk

    try:
        whole = _whole_lines(check(counted()))
        yield from _without_footer(_without_header(whole, trimming), trimming)
    except CorruptError as failure:
        raise _broken(file, str(failure), opened=read >= _OPENING) from None
    except UnreadableError:
        raise unreadable(file.info.uri) from None


def head(request: Request, file: DataFile) -> Iterator[bytes]:
    """A file's first rows; what stands behind the first block is cut off."""
    short = replace(request, open=lambda asked: cast("BinaryIO", _Head(request.open(asked))))
    return blocks(short, file, Trimming.of(request.parameters))


class _Head(io.RawIOBase):
    """A reader of the first bytes of another."""

    def __init__(self, reader: BinaryIO) -> None:
        super().__init__()
        self._reader = reader
        self._left = _HEAD

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        found = self._reader.read(min(len(memoryview(buffer)), self._left))
        memoryview(buffer)[: len(found)] = found
        self._left -= len(found)
        return len(found)

    def close(self) -> None:
        self._reader.close()
        super().close()


def unreadable(uri: str) -> TrinoError:
    """A line that its SerDe can't take."""
    return TrinoError("HIVE_CURSOR_ERROR", f"Failed to read file at {uri}")


def _broken(file: DataFile, why: str, *, opened: bool) -> TrinoError:
    if opened:
        return unreadable(file.info.uri)
    return TrinoError(
        "HIVE_CANNOT_OPEN_SPLIT",
        f"Error opening Hive split {file.info.uri} (offset=0, length={file.info.size}): {why}",
    )


class UnreadableError(Exception):
    """A line that no reader of the SerDe takes; the query fails."""


def _utf8(block: bytes, *, java: bool = True) -> bytes:
    if block.isascii():
        return block
    try:
        block.decode()
    except UnicodeDecodeError:
        given = _SURROGATE.sub(_REPLACEMENT, block) if java else block
        return given.decode("utf-8", "replace").encode()
    return block


def _whole_lines(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Pieces cut behind their last line's end, which is always \\n."""
    begun: list[bytes] = []
    length = 0
    for piece in _normalised(pieces):
        end = piece.rfind(b"\n") + 1
        if end:
            if length + piece.index(b"\n") > MAX_LINE:
                raise UnreadableError
            is_whole = not begun and end == len(piece)
            yield piece if is_whole else b"".join([*begun, memoryview(piece)[:end]])
            begun, length = [], 0
        rest = piece[end:]
        if rest:
            begun.append(rest)
            length += len(rest)
            if length > MAX_LINE:
                raise UnreadableError
    if begun:
        yield b"".join(begun) + b"\n"


def _normalised(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Without a byte order mark, and with no other line ends than \\n."""
    first = True
    held = b""
    for piece in pieces:
        if held or first:
            piece = held + piece
            held = b""
        if first and len(piece) < 3:
            held = piece
            continue
        if first:
            piece = piece.removeprefix(b"\xef\xbb\xbf")
            first = False
        if piece.endswith(b"\r"):
            piece, held = piece[:-1], b"\r"
        yield _line_feeds(piece)
    if held:
        yield _line_feeds(held)


def _line_feeds(piece: bytes) -> bytes:
    if b"\r" not in piece:
        return piece
    if marks.are_paired(piece):
        return marks.without(piece, ord("\r"))
    return piece.replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def _without_header(pieces: Iterator[bytes], trimming: Trimming) -> Iterator[bytes]:
    left = trimming.header
    for piece in pieces:
        start = 0
        while left and start < len(piece):
            start = piece.index(b"\n", start) + 1
            left -= 1
        if start < len(piece):
            yield piece[start:] if start else piece


def _without_footer(pieces: Iterator[bytes], trimming: Trimming) -> Iterator[bytes]:
    if not trimming.footer:
        yield from pieces
        return
    held = b""
    for piece in pieces:
        piece = held + piece
        end = len(piece) - 1
        for _ in range(trimming.footer):
            end = piece.rfind(b"\n", 0, end)
            if end < 0:
                break
        yielded, held = piece[: end + 1], piece[end + 1 :]
        if yielded:
            yield yielded
