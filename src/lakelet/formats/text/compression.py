"""Compressed files as Trino's Hive connector reads them: by the ending of the name, in its case.

LZ4 and Snappy are Hadoop's framing: blocks of a length and compressed chunks. A bzip2 file is one
stream of blocks; what stands behind it and holds no block is passed over, as is what stands behind
a gzip member and is none.
"""

import bz2
import itertools
import mmap
import struct
import zlib
from collections.abc import Callable, Iterable, Iterator
from io import BufferedIOBase
from typing import BinaryIO, Final, cast

CHUNK: Final = 4 << 20
"""Bytes that are read, or decompressed, at a time."""

_FIRST: Final = 64 << 10
"""What can be read of a broken file tells that it could be opened."""

_MAX_FRAME: Final = 256 << 20
_BZIP2_BLOCK: Final = b"1AY&SY"
"""What a block begins with."""

_GZIP_WORDS: Final = {
    "incorrect header check": "Not in GZIP format",
    "incorrect data check": "Corrupt GZIP trailer",
    "incorrect length check": "Corrupt GZIP trailer",
}
"""Java's words for zlib's reasons."""


class CorruptError(Exception):
    """A file that can't be decompressed; the message is the decompressor's."""


def chunks(file: BinaryIO, name: str) -> Iterator[bytes]:
    """The contents of a file in pieces of bounded size; raises CorruptError.

    `name` is the file's key; only its ending counts.
    """
    ending = name.rpartition("/")[2].rpartition(".")
    return _DECOMPRESS.get(ending[2] if ending[1] else "", _plain)(file)


def _plain(file: BinaryIO) -> Iterator[bytes]:
    """Pieces end where a line does, if one does in them, so that they need not be joined."""
    room = mmap.mmap(-1, CHUNK)
    held = 0
    while (filled := held + _filled(file, memoryview(room)[held:])) > held:
        end = room.rfind(b"\n", 0, filled) + 1 or filled
        yield room[:end]
        held = filled - end
        room[:held] = room[end:filled]
    if held:
        yield room[:held]


def _filled(file: BinaryIO, view: memoryview) -> int:
    """Bytes that were read, less than there is room for at the end only."""
    filled = 0
    read = cast("BufferedIOBase", file).readinto
    while filled < len(view) and (count := read(view[filled:])):
        filled += count
    return filled


def _read(file: BinaryIO) -> Iterator[bytes]:
    while chunk := file.read(CHUNK):
        yield chunk


def _lzo(file: BinaryIO) -> Iterator[bytes]:
    raise CorruptError("LZO is not available in lakelet")


def _gzip(file: BinaryIO) -> Iterator[bytes]:
    member = zlib.decompressobj(wbits=31)
    began = False
    for data in _read(file):
        while data:
            if member.eof:
                if not data.startswith(b"\x1f\x8b"):
                    return
                member = zlib.decompressobj(wbits=31)
            try:
                yield member.decompress(data, CHUNK)
            except zlib.error as failure:
                raise CorruptError(_GZIP_WORDS.get(_words(failure), _words(failure))) from None
            began = True
            data = member.unused_data if member.eof else member.unconsumed_tail
    if began and not member.eof:
        raise CorruptError("Unexpected end of ZLIB input stream")


def _deflate(file: BinaryIO) -> Iterator[bytes]:
    stream = zlib.decompressobj()
    for data in _read(file):
        while data:
            if stream.eof:
                stream = zlib.decompressobj()
            try:
                yield stream.decompress(data, CHUNK)
            except zlib.error as failure:
                words = f"java.util.zip.DataFormatException: {_words(failure)}"
                raise CorruptError(words) from None
            data = stream.unused_data if stream.eof else stream.unconsumed_tail
    if not stream.eof:
        raise CorruptError("Unexpected end of input stream")


def _words(failure: zlib.error) -> str:
    """zlib's own reason: `Error -3 while decompressing data: incorrect header check`."""
    return str(failure).rpartition(": ")[2]


def _bzip2(file: BinaryIO) -> Iterator[bytes]:
    stream = bz2.BZ2Decompressor()
    pieces = _read(file)
    for data in pieces:
        try:
            while not stream.eof and (data or not stream.needs_input):
                yield stream.decompress(data, CHUNK)
                data = b""
        except (OSError, EOFError):
            raise CorruptError("bad block header") from None
        if stream.eof:
            _last(itertools.chain((stream.unused_data or data,), pieces))
            return
    if not stream.eof:
        raise CorruptError("unexpected end of stream")


def _last(rest: Iterable[bytes]) -> None:
    """Raises CorruptError where a block stands behind the end of a bzip2 stream."""
    end = b""
    for data in rest:
        if _BZIP2_BLOCK in end + data:
            raise CorruptError("bad block header")
        end = (end + data)[1 - len(_BZIP2_BLOCK) :]


def _zstd(file: BinaryIO) -> Iterator[bytes]:
    import pyarrow

    try:
        with pyarrow.CompressedInputStream(pyarrow.PythonFile(file, "r"), "zstd") as stream:
            yield stream.read(_FIRST)
            while chunk := stream.read(CHUNK):
                yield chunk
    except OSError as failure:
        truncated = "Truncated" in str(failure)
        raise CorruptError("Not enough input bytes" if truncated else str(failure)) from None


def _framed(codec: str) -> Callable[[BinaryIO], Iterator[bytes]]:
    def read(file: BinaryIO) -> Iterator[bytes]:
        import pyarrow

        decompress = pyarrow.Codec(codec).decompress
        while (length := _length(file, at_start=True)) is not None:
            block = 0
            while block < length:
                size = _length(file)
                data = file.read(size or 0)
                if size is None or len(data) < size:
                    raise CorruptError("encountered EOF while reading block data")
                try:
                    chunk = _chunk(decompress, codec, data, length - block)
                except OSError as failure:
                    raise CorruptError(str(failure)) from None
                block += len(chunk)
                yield chunk

    return read


_LZ4_CHUNK: Final = (1 << 18) + 8
"""Bytes of the largest LZ4 chunk that Trino unpacks; Hadoop packs 256 KiB at most."""


def _chunk(decompress: Callable[..., object], codec: str, data: bytes, left: int) -> bytes:
    size = _snappy_size(data) if codec == "snappy" else left
    chunk = bytes(memoryview(decompress(data, decompressed_size=size)))  # type: ignore[arg-type]  # pyarrow has no types
    if codec != "snappy" and len(chunk) > _LZ4_CHUNK:
        raise CorruptError("Unknown error occurred during decompression")
    return chunk


def _snappy_size(data: bytes) -> int:
    """The length that a snappy block begins with: seven bits a byte, the lowest first."""
    size = shift = 0
    for byte in data[:5]:
        size |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return size
    raise CorruptError("encountered EOF while reading block data")


def _length(file: BinaryIO, at_start: bool = False) -> int | None:
    data = file.read(4)
    if not data and at_start:
        return None
    if len(data) < 4:
        raise CorruptError("encountered EOF while reading block data")
    length = int(struct.unpack(">I", data)[0])
    if length > _MAX_FRAME:
        raise CorruptError("encountered EOF while reading block data")
    return length


_DECOMPRESS: Final[dict[str, Callable[[BinaryIO], Iterator[bytes]]]] = {
    "lzo": _lzo,
    "lzop": _lzo,
    "lzo_deflate": _lzo,
    "gz": _gzip,
    "deflate": _deflate,
    "bz2": _bzip2,
    "zst": _zstd,
    "lz4": _framed("lz4_raw"),
    "snappy": _framed("snappy"),
}

ENDINGS: Final = frozenset(_DECOMPRESS)
"""Of the names of compressed files."""
