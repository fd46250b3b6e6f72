"""The schema in a Parquet file's footer, with the annotations that Trino writes on integers.

pyarrow leaves integers of 32 and 64 bits bare, which means the same. The footer is a FileMetaData
in Thrift's compact protocol; only its list of SchemaElements is looked into (parquet.thrift).
"""

from collections.abc import Iterator
from typing import BinaryIO, Final

_MAGIC: Final = b"PAR1"
_SCHEMA: Final = 2
"""FileMetaData's field."""
_TYPE, _CONVERTED, _LOGICAL = 1, 6, 10
"""SchemaElement's fields."""
_BARE: Final = {1: (17, 32), 2: (18, 64)}
"""Physical INT32 and INT64: the converted type, and the bits of the logical one."""
_BOOLEANS, _BYTE, _NUMBERS, _DOUBLE, _BINARY, _LISTS, _MAP, _STRUCT = (
    (1, 2),
    3,
    (4, 5, 6),
    7,
    8,
    (9, 10),
    11,
    12,
)
_I32: Final = 5

Field = tuple[int, int, bytes]
"""Number, type and value."""


def annotate(file: BinaryIO) -> None:
    """Says of a finished file's integers that they are signed and how wide."""
    size = file.seek(0, 2)
    file.seek(size - 8)
    length = int.from_bytes(file.read(4), "little")
    start = size - 8 - length
    file.seek(start)
    footer = _annotated(file.read(length))
    file.seek(start)
    file.truncate()
    file.write(footer + len(footer).to_bytes(4, "little") + _MAGIC)


def _annotated(footer: bytes) -> bytes:
    fields, end = _fields(footer, 0)
    changed = [
        (number, kind, _schema(value) if number == _SCHEMA else value)
        for number, kind, value in fields
    ]
    return _struct(changed) + footer[end:]


def _schema(elements: bytes) -> bytes:
    count, at = _list_header(elements)
    parts = [elements[:at]]
    for _ in range(count):
        fields, at = _fields(elements, at)
        parts.append(_struct(_element(fields)))
    return b"".join(parts)


def _element(fields: list[Field]) -> list[Field]:
    known = {number: value for number, _, value in fields}
    physical = _BARE.get(_varint(known[_TYPE], 0)[0] >> 1) if _TYPE in known else None
    if physical is None or _CONVERTED in known or _LOGICAL in known:
        return fields
    converted, bits = physical
    integer = _struct([(1, _BYTE, bytes([bits])), (2, _BOOLEANS[0], b"")])
    logical = _struct([(10, _STRUCT, integer)])
    added = [(_CONVERTED, _I32, bytes([converted << 1])), (_LOGICAL, _STRUCT, logical)]
    return sorted([*fields, *added])


# Thrift's compact protocol --------------------------------------------------------------------


def _struct(fields: list[Field]) -> bytes:
    parts = []
    last = 0
    for number, kind, value in fields:
        step = number - last
        short = 0 < step < 16
        head = bytes([step << 4 | kind]) if short else bytes([kind]) + _write_varint(number << 1)
        parts.append(head + value)
        last = number
    return b"".join((*parts, b"\x00"))


def _fields(data: bytes, at: int) -> tuple[list[Field], int]:
    """The fields of the struct at a place, and where it ends."""
    found: list[Field] = []
    number = 0
    while data[at]:
        kind, step = data[at] & 15, data[at] >> 4
        at += 1
        if step:
            number += step
        else:
            value, at = _varint(data, at)
            number = value >> 1
        end = _end(data, at, kind)
        found.append((number, kind, data[at:end]))
        at = end
    return found, at + 1


def _end(data: bytes, at: int, kind: int) -> int:
    """Where a value ends."""
    if kind in _BOOLEANS:
        return at
    if kind == _BYTE:
        return at + 1
    if kind in _NUMBERS:
        return _varint(data, at)[1]
    if kind == _DOUBLE:
        return at + 8
    if kind == _BINARY:
        length, at = _varint(data, at)
        return at + length
    if kind == _STRUCT:
        return _fields(data, at)[1]
    return _end_of_many(data, at, kind)


def _end_of_many(data: bytes, at: int, kind: int) -> int:
    if kind in _LISTS:
        count, start = _list_header(data[at : at + 16])
        kinds: tuple[int, ...] = (data[at] & 15,)
        at += start
    else:
        count, at = _varint(data, at)
        kinds = (data[at] >> 4, data[at] & 15) if count else ()
        at += bool(count)
    for _ in range(count):
        for each in kinds:
            at = at + 1 if each in _BOOLEANS else _end(data, at, each)
    return at


def _list_header(data: bytes) -> tuple[int, int]:
    count = data[0] >> 4
    return (count, 1) if count < 15 else _varint(data, 1)


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at


def _write_varint(value: int) -> bytes:
    return bytes(_septets(value))


def _septets(value: int) -> Iterator[int]:
    while value > 127:
        yield value & 127 | 128
        value >>= 7
    yield value
