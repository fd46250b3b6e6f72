"""Avro's container files: a header with the writer's schema, then blocks of records.

https://avro.apache.org/docs/1.12.0/specification/#object-container-files (read 2026-11)
"""

import bz2
import io
import lzma
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

from lakelet.errors import TrinoError

MAGIC: Final = b"Obj\x01"
_SYNC: Final = 16


@dataclass(frozen=True, slots=True)
class Header:
    """The writer's schema as JSON, the codec of the blocks, the mark behind each block."""

    schema: str
    codec: str
    sync: bytes


def header(opened: BinaryIO) -> Header:
    """Leaves the reader at the first block. Raises TrinoError for what is no Avro file."""
    if opened.read(4) != MAGIC:
        raise TrinoError("HIVE_CANNOT_OPEN_SPLIT", "Not an Avro data file.")
    try:
        told = _metadata(opened)
        schema, codec = told["avro.schema"].decode(), told.get("avro.codec", b"null").decode()
        sync = opened.read(_SYNC)
    except (EOFError, KeyError, IndexError, ValueError) as failure:
        message = "Unable to read the header of an Avro data file."
        raise TrinoError("HIVE_CANNOT_OPEN_SPLIT", message) from failure
    if codec not in _CODECS:
        message = f"Unrecognized codec: {codec}"
        raise TrinoError("GENERIC_INTERNAL_ERROR", message)
    return Header(schema, codec, sync)


def _metadata(opened: BinaryIO) -> dict[str, bytes]:
    told: dict[str, bytes] = {}
    end = _end(opened)
    while count := _long(opened):
        if count < 0:
            _long(opened)
        for _ in range(abs(count)):
            name = _read(opened, _long(opened), end).decode()
            told[name] = _read(opened, _long(opened), end)
    return told


def blocks(opened: BinaryIO, head: Header) -> Iterator[tuple[int, bytes]]:
    """The number of records of each block, and their bytes. Raises ValueError for a bad one."""
    decompress = _CODECS[head.codec]
    end = _end(opened)
    while first := opened.read(1):
        count = _long(opened, first)
        data = _read(opened, _long(opened), end)
        if opened.read(_SYNC) != head.sync:
            raise ValueError("Invalid sync!")
        yield count, decompress(data)


def _end(opened: BinaryIO) -> int:
    here = opened.tell()
    end = opened.seek(0, io.SEEK_END)
    opened.seek(here)
    return end


def _read(opened: BinaryIO, size: int, end: int) -> bytes:
    """Nothing is made room for that the file does not have."""
    if not 0 <= size <= end - opened.tell():
        raise ValueError("Unexpected end of file")
    return opened.read(size)


def uncompressed(head: Header) -> bytes:
    """A header of the same schema for blocks that are not compressed."""
    return headed(head.schema, "null", head.sync)


def headed(schema: str, codec: str, sync: bytes) -> bytes:
    """A header of a schema, a codec and the mark that stands behind each block."""
    told = {b"avro.schema": schema.encode(), b"avro.codec": codec.encode()}
    inside = b"".join(_sized(name) + _sized(value) for name, value in told.items())
    return MAGIC + encoded(len(told)) + inside + encoded(0) + sync


def encoded(number: int) -> bytes:
    """A long: zigzag, seven bits a byte."""
    value, out = (number << 1) ^ (number >> 63), bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes((*out, value))


def _sized(data: bytes) -> bytes:
    return encoded(len(data)) + data


def _long(opened: BinaryIO, given: bytes = b"") -> int:
    value = shift = 0
    while True:
        byte = given or opened.read(1)
        given = b""
        if not byte:
            raise ValueError("Unexpected end of file")
        value |= (byte[0] & 127) << shift
        if byte[0] < 128:
            return (value >> 1) ^ -(value & 1)
        shift += 7


# Codecs ---------------------------------------------------------------------------------------


def _snappy(data: bytes) -> bytes:
    """Four bytes of checksum stand behind the block, whose size stands at its start."""
    import pyarrow

    size = shift = 0
    for byte in data:
        size |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            break
    return bytes(pyarrow.decompress(data[:-4], size, "snappy"))


def _zstandard(data: bytes) -> bytes:
    import pyarrow

    with pyarrow.CompressedInputStream(pyarrow.BufferReader(data), "zstd") as stream:
        return bytes(stream.read())


_CODECS: Final[dict[str, Callable[[bytes], bytes]]] = {
    "null": bytes,
    "deflate": lambda data: zlib.decompress(data, -zlib.MAX_WBITS),
    "bzip2": bz2.decompress,
    "xz": lzma.decompress,
    "snappy": _snappy,
    "zstandard": _zstandard,
}
