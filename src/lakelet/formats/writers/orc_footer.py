"""The types in an ORC file's footer (orc_proto.proto), changed where pyarrow has none for them.

The file ends with the footer, the postscript and one byte, the postscript's length. The footer is
written back as chunks that are not compressed, which every codec allows.
"""

import zlib
from collections.abc import Iterator, Sequence
from typing import BinaryIO, Final

from lakelet.types import Type

_TAIL: Final = 256
_KINDS: Final = {"varchar": 16, "char": 17}
_FOOTER_LENGTH, _COMPRESSION = 1, 2
"""Fields of the postscript."""
_TYPES: Final = 4
"""The footer's field of types, in the order of a walk down the table's type."""
_ORIGINAL: Final = 1 << 22
"""Bytes of a chunk; its header has 23 bits for them."""


def retype(file: BinaryIO, columns: Sequence[Type]) -> None:
    """Says `varchar(n)` and `char(n)` where a finished file says string."""
    flat = [Type("row"), *(each for of in columns for each in _walk(of))]
    if not any(of.name in _KINDS and of.numbers for of in flat):
        return
    size = file.seek(0, 2)
    file.seek(-min(_TAIL, size), 2)
    tail = file.read()
    script = tail[-1 - tail[-1] : -1]
    fields = {number: value for number, value, _ in _fields(script) if isinstance(value, int)}
    end = size - len(script) - 1
    start = end - fields[_FOOTER_LENGTH]
    file.seek(start)
    compression = fields.get(_COMPRESSION, 0)
    footer = _decompressed(file.read(end - start), compression)
    changed = _changed(footer, flat)
    written = b"".join(_chunks(changed)) if compression else changed
    told = b"".join(
        _key(1, 0) + _varint(len(written)) if number == _FOOTER_LENGTH else raw
        for number, _, raw in _fields(script)
    )
    file.seek(start)
    file.truncate()
    file.write(written + told + bytes([len(told)]))


def _walk(of: Type) -> Iterator[Type]:
    yield of
    for part in of.arguments:
        yield from _walk(part)


def _changed(footer: bytes, flat: Sequence[Type]) -> bytes:
    types = iter(flat)
    return b"".join(
        _type(next(types), raw) if number == _TYPES else raw for number, _, raw in _fields(footer)
    )


def _type(of: Type, standing: bytes) -> bytes:
    if of.name not in _KINDS or not of.numbers:
        return standing
    message = _key(1, 0) + _varint(_KINDS[of.name]) + _key(4, 0) + _varint(of.numbers[0])
    return _key(_TYPES, 2) + _varint(len(message)) + message


def _chunks(data: bytes) -> Iterator[bytes]:
    for start in range(0, len(data), _ORIGINAL):
        chunk = data[start : start + _ORIGINAL]
        yield (len(chunk) << 1 | 1).to_bytes(3, "little") + chunk


def _decompressed(data: bytes, compression: int) -> bytes:
    if not compression:
        return data
    parts, at = [], 0
    while at < len(data):
        header = int.from_bytes(data[at : at + 3], "little")
        chunk = data[at + 3 : at + 3 + (header >> 1)]
        parts.append(chunk if header & 1 else _inflated(chunk, compression))
        at += 3 + (header >> 1)
    return b"".join(parts)


def _inflated(chunk: bytes, compression: int) -> bytes:
    import pyarrow

    match compression:
        case 1:
            return zlib.decompress(chunk, -zlib.MAX_WBITS)
        case 2:
            size, _ = _read_varint(chunk, 0)
            return bytes(pyarrow.Codec("snappy").decompress(chunk, size, asbytes=True))
        case 4:
            return _lz4(chunk)
    return bytes(pyarrow.CompressedInputStream(pyarrow.BufferReader(chunk), "zstd").read())


def _lz4(block: bytes) -> bytes:
    """A raw LZ4 block; pyarrow's codec asks for its size, which ORC does not keep."""
    out = bytearray()
    at = 0
    while at < len(block):
        token = block[at]
        length, at = _lz4_length(block, at + 1, token >> 4)
        out += block[at : at + length]
        at += length
        if at >= len(block):
            break
        offset = int.from_bytes(block[at : at + 2], "little")
        length, at = _lz4_length(block, at + 2, token & 15)
        for _ in range(length + 4):
            out.append(out[-offset])
    return bytes(out)


def _lz4_length(block: bytes, at: int, length: int) -> tuple[int, int]:
    if length == 15:
        while True:
            byte = block[at]
            length, at = length + byte, at + 1
            if byte < 255:
                break
    return length, at


def _fields(message: bytes) -> Iterator[tuple[int, int | bytes, bytes]]:
    """Number, value and whole bytes of each field of a protobuf message."""
    at = 0
    while at < len(message):
        start = at
        key, at = _read_varint(message, at)
        value: int | bytes
        match key & 7:
            case 0:
                value, at = _read_varint(message, at)
            case 1:
                value, at = message[at : at + 8], at + 8
            case 5:
                value, at = message[at : at + 4], at + 4
            case _:
                length, at = _read_varint(message, at)
                value, at = message[at : at + length], at + length
        yield key >> 3, value, message[start:at]


def _read_varint(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at


def _key(number: int, kind: int) -> bytes:
    return _varint(number << 3 | kind)


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes((*out, value))
