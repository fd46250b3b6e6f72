"""Files of lines: DuckDB makes each line's text, their bytes go through a codec as they lie.

Snappy, LZ4 and zlib are framed as Hadoop's codecs frame them, which is how Hive's text files are
read everywhere.
"""

import struct
from collections.abc import Callable
from typing import TYPE_CHECKING, BinaryIO, Final, Protocol

from lakelet.formats.writers.writing import Sink, WriteRequest, Writing, codec

if TYPE_CHECKING:
    from pyarrow import Table

EXTENSIONS: Final = {
    "NONE": "",
    "UNCOMPRESSED": "",
    "GZIP": ".gz",
    "BZIP2": ".bz2",
    "ZSTD": ".zst",
    "SNAPPY": ".snappy",
    "LZ4": ".lz4",
    "DEFLATE": ".deflate",
}
"""The endings by which Hive knows a compressed text file."""

_BLOCK: Final = 256 * 1024
"""Bytes of a Hadoop block before it is compressed (io.compression.codec.*.buffersize)."""


def writing(parts: str, request: WriteRequest, form: str) -> Writing:
    """Lines put together of SQL expressions, none of them NULL, without their ends."""
    extension = codec(EXTENSIONS, request, "GZIP", form)
    level = request.level
    return Writing(
        [f"concat({parts}, chr(10))"], extension, lambda file: _Lines(file, extension, level)
    )


class _Lines:
    """A FileWriter of one text column."""

    def __init__(self, file: BinaryIO, extension: str, level: int | None) -> None:
        self._stream = STREAMS[extension](file, level)

    def write(self, rows: "Table") -> None:
        for chunk in rows.column(0).chunks:
            _, offsets, data = chunk.buffers()
            if data is None or not len(chunk):
                continue
            ends = memoryview(offsets).cast("i")
            start, end = ends[chunk.offset], ends[chunk.offset + len(chunk)]
            self._stream.write(data.slice(start, end - start))

    def close(self) -> None:
        self._stream.close()


class Stream(Protocol):
    """Takes a file's bytes as they are, and writes them as a codec has them."""

    def write(self, data: memoryview) -> object: ...

    def close(self) -> None: ...


class _Plain:
    """Bytes as they are; the file stays open."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def write(self, data: memoryview) -> None:
        self._file.write(data)

    def close(self) -> None:
        self._file.flush()


_LEVEL: Final = 6
"""Of zlib, as in Hadoop's codecs."""
_ZLIB, _GZIP = 15, 31
"""The headers that zlib writes (`wbits`)."""


class _Deflate:
    """zlib's format, Hadoop's DefaultCodec, or gzip's."""

    def __init__(self, file: BinaryIO, header: int) -> None:
        import zlib

        self._file = file
        self._compressor = zlib.compressobj(_LEVEL, zlib.DEFLATED, header)

    def write(self, data: memoryview) -> None:
        self._file.write(self._compressor.compress(data))

    def close(self) -> None:
        self._file.write(self._compressor.flush())


class _Blocks:
    """Hadoop's BlockCompressorStream: lengths before and after compression, then the bytes."""

    def __init__(self, file: BinaryIO, name: str) -> None:
        import pyarrow

        self._file = file
        self._codec = pyarrow.Codec(name)

    def write(self, data: memoryview) -> None:
        view = memoryview(data)
        for start in range(0, len(view), _BLOCK):
            block = view[start : start + _BLOCK]
            compressed = self._codec.compress(block, asbytes=True)
            self._file.write(struct.pack(">II", len(block), len(compressed)))
            self._file.write(compressed)

    def close(self) -> None:
        self._file.flush()


class _Frames:
    """zstd, a frame for each part: together they are one stream."""

    def __init__(self, file: BinaryIO, level: int | None) -> None:
        import pyarrow

        self._file = file
        self._codec = pyarrow.Codec("zstd", compression_level=level)

    def write(self, data: memoryview) -> None:
        self._file.write(self._codec.compress(data, asbytes=True))

    def close(self) -> None:
        self._file.flush()


class _Arrow:
    """A codec of Arrow's."""

    def __init__(self, file: BinaryIO, name: str) -> None:
        import pyarrow

        self._sink = Sink(file)
        self._stream = pyarrow.CompressedOutputStream(pyarrow.PythonFile(self._sink, "w"), name)

    def write(self, data: memoryview) -> None:
        self._stream.write(data)
        self._sink.check()

    def close(self) -> None:
        self._stream.close()
        self._sink.check()


STREAMS: Final[dict[str, Callable[[BinaryIO, int | None], Stream]]] = {
    "": lambda file, level: _Plain(file),
    ".gz": lambda file, level: _Deflate(file, _GZIP),
    ".bz2": lambda file, level: _Arrow(file, "bz2"),
    ".zst": _Frames,
    ".snappy": lambda file, level: _Blocks(file, "snappy"),
    ".lz4": lambda file, level: _Blocks(file, "lz4_raw"),
    ".deflate": lambda file, level: _Deflate(file, _ZLIB),
}
"""By a file's ending: from the open file and the codec's level, if one is asked for."""
