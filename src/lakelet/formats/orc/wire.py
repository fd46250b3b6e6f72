"""Protocol Buffers' wire format, as far as ORC's tail needs it: fields by their numbers.

https://protobuf.dev/programming-guides/encoding/ (read 2026-11)
"""

import struct
from collections.abc import Iterator, Mapping
from typing import Any, Final

Message = Mapping[int, list[Any]]
"""The values of each field, in their order: ints, floats, or bytes of what has a length."""

_VARINT: Final = 0
_EIGHT_BYTES: Final = 1
_LENGTH: Final = 2
_FOUR_BYTES: Final = 5


def message(data: bytes) -> Message:
    """Raises ValueError or IndexError for what is no message."""
    found: dict[int, list[Any]] = {}
    for number, value, _ in fields(data):
        found.setdefault(number, []).append(value)
    return found


def fields(data: bytes) -> Iterator[tuple[int, Any, int]]:
    """The number and the value of each field in its order, and where it ends.

    Raises ValueError or IndexError for what is no message.
    """
    position = 0
    while position < len(data):
        value: Any
        tag, position = _varint(data, position)
        kind = tag & 7
        if kind == _VARINT:
            value, position = _varint(data, position)
        elif kind == _LENGTH:
            length, position = _varint(data, position)
            value, position = data[position : position + length], position + length
        elif kind == _EIGHT_BYTES:
            value, position = struct.unpack_from("<d", data, position)[0], position + 8
        elif kind == _FOUR_BYTES:
            value, position = struct.unpack_from("<f", data, position)[0], position + 4
        else:
            raise ValueError(f"wire type {kind}")
        yield tag >> 3, value, position


def _varint(data: bytes, position: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[position]
        value |= (byte & 127) << shift
        position += 1
        if byte < 128:
            return value, position
        shift += 7


def varints(values: list[Any]) -> Iterator[int]:
    """A repeated integer, packed or not."""
    for value in values:
        if isinstance(value, int):
            yield value
            continue
        position = 0
        while position < len(value):
            number, position = _varint(value, position)
            yield number


def signed(value: int) -> int:
    """A zigzag integer."""
    return (value >> 1) ^ -(value & 1)


def number_field(field: int, value: int) -> bytes:
    """A field that is a number, as it is written."""
    return encoded(field << 3 | _VARINT) + encoded(value)


def bytes_field(field: int, value: bytes) -> bytes:
    """A field that has a length, as it is written."""
    return encoded(field << 3 | _LENGTH) + encoded(len(value)) + value


def encoded(value: int) -> bytes:
    """A varint."""
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes((*out, value))


def first(given: Message, field: int, otherwise: Any = None) -> Any:
    return given[field][-1] if field in given else otherwise
