"""Thrift's compact protocol, as footers of Parquet files need it: a struct is a list of fields,
whose values stay bytes."""

from collections.abc import Iterable, Iterator
from typing import Final

BOOLEANS, BYTE, NUMBERS, DOUBLE, BINARY, LISTS, MAP, STRUCT = (
    (1, 2),
    3,
    (4, 5, 6),
    7,
    8,
    (9, 10),
    11,
    12,
)
I32: Final = 5

Field = tuple[int, int, bytes]
"""Number, type and value."""


def struct(fields: Iterable[Field]) -> bytes:
    """A struct of fields in the order of their numbers."""
    parts = []
    last = 0
    for number, kind, value in fields:
        step = number - last
        short = 0 < step < 16
        head = bytes([step << 4 | kind]) if short else bytes([kind]) + write_varint(number << 1)
        parts.append(head + value)
        last = number
    return b"".join((*parts, b"\x00"))


def fields(data: bytes, at: int) -> tuple[list[Field], int]:
    """The fields of the struct at a place, and where it ends."""
    found: list[Field] = []
    number = 0
    while data[at]:
        kind, step = data[at] & 15, data[at] >> 4
        at += 1
        if step:
            number += step
        else:
            value, at = varint(data, at)
            number = value >> 1
        end = _end(data, at, kind)
        found.append((number, kind, data[at:end]))
        at = end
    return found, at + 1


def _end(data: bytes, at: int, kind: int) -> int:
    """Where a value ends."""
    if kind in BOOLEANS:
        return at
    if kind == BYTE:
        return at + 1
    if kind in NUMBERS:
        return varint(data, at)[1]
    if kind == DOUBLE:
        return at + 8
    if kind == BINARY:
        length, at = varint(data, at)
        return at + length
    if kind == STRUCT:
        return fields(data, at)[1]
    return _end_of_many(data, at, kind)


def _end_of_many(data: bytes, at: int, kind: int) -> int:
    if kind in LISTS:
        count, start = list_header(data[at : at + 16])
        kinds: tuple[int, ...] = (data[at] & 15,)
        at += start
    else:
        count, at = varint(data, at)
        kinds = (data[at] >> 4, data[at] & 15) if count else ()
        at += bool(count)
    for _ in range(count):
        for each in kinds:
            at = at + 1 if each in BOOLEANS else _end(data, at, each)
    return at


def list_header(data: bytes) -> tuple[int, int]:
    """How many values a list has, and where they begin."""
    count = data[0] >> 4
    return (count, 1) if count < 15 else varint(data, 1)


def varint(data: bytes, at: int) -> tuple[int, int]:
    """The number at a place, and where it ends."""
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at


def write_varint(value: int) -> bytes:
    """A number that is not below zero."""
    return bytes(_septets(value))


def _septets(value: int) -> Iterator[int]:
    while value > 127:
        yield value & 127 | 128
        value >>= 7
    yield value
