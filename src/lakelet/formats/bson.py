"""BSON: documents one behind the other, as mongodump writes them (bsonspec.org, version 1.1).

Crawlers know it; nothing reads it, as Athena does not.
"""

import struct
from collections.abc import Callable, Iterator, Mapping

from lakelet.formats.recognition.classified import NONE, Classified
from lakelet.formats.recognition.kinds import NULL, Kind, merge_schemas, merged_all
from lakelet.formats.recognition.samples import Sample

MAX_RECORDS = 1000
_LEAST = 5
_MAX_DEPTH = 100

_FIXED: Mapping[int, tuple[int, Kind]] = {
    0x01: (8, Kind("double")),
    0x07: (12, Kind("string")),  # an object's id
    0x08: (1, Kind("boolean")),
    0x09: (8, Kind("timestamp")),
    0x0A: (0, NULL),
    0x10: (4, Kind("int")),
    0x11: (8, Kind("bigint")),  # a moment of replication
    0x12: (8, Kind("bigint")),
    0x13: (16, Kind("decimal(34,17)")),
    0xFF: (0, NULL),
    0x7F: (0, NULL),
}
"""The lengths of values of types that have one, and their kinds."""


def recognise(sample: Sample) -> Classified | None:
    """By whole documents from the first byte on."""
    schema: dict[str, Kind] = {}
    count = 0
    try:
        for document in _documents(sample.head, sample.complete):
            schema = merge_schemas(schema, dict(_fields(document, 0)))
            count += 1
    except (ValueError, IndexError, struct.error):
        return None
    if not schema:
        return None
    measured = sample.measured(count)
    return Classified("bson", NONE, schema, sample.compression, *measured)


def _documents(data: bytes, complete: bool) -> Iterator[bytes]:
    """Raises ValueError for bytes that are no documents; one that is cut off is left out."""
    place = 0
    for _ in range(MAX_RECORDS):
        if place + 4 > len(data):
            break
        [length] = struct.unpack_from("<i", data, place)
        if length < _LEAST:
            raise ValueError(length)
        if place + length > len(data):
            if complete:
                raise ValueError(length)
            break
        if data[place + length - 1]:
            raise ValueError("a document ends with a zero")
        yield data[place : place + length]
        place += length


def _fields(document: bytes, depth: int) -> Iterator[tuple[str, Kind]]:
    """The elements of a document, each a type, a name and a value."""
    if depth > _MAX_DEPTH:
        raise ValueError("nested too deeply")
    place = 4
    while document[place]:
        end = document.index(0, place + 1)
        name = document[place + 1 : end].decode().lower()
        length, kind = _value(document, document[place], end + 1, depth)
        place = end + 1 + length
        if place >= len(document):
            raise ValueError("an element goes on behind its document")
        yield name, kind


def _value(document: bytes, tag: int, place: int, depth: int) -> tuple[int, Kind]:
    """The length of a value and its kind."""
    if tag in _FIXED:
        return _FIXED[tag]
    [length] = struct.unpack_from("<i", document, place)
    if length < 0 or tag not in _SIZED:
        raise ValueError(tag)
    return _SIZED[tag](document[place : place + 4 + length], length, depth)


def _text(value: bytes, length: int, depth: int) -> tuple[int, Kind]:
    return 4 + length, Kind("string")


def _binary(value: bytes, length: int, depth: int) -> tuple[int, Kind]:
    return 5 + length, Kind("binary")


def _struct(value: bytes, length: int, depth: int) -> tuple[int, Kind]:
    fields: dict[str, Kind] = dict(_fields(value[:length], depth + 1))
    return length, Kind("struct", tuple(fields.items()))


def _array(value: bytes, length: int, depth: int) -> tuple[int, Kind]:
    items = (kind for _, kind in _fields(value[:length], depth + 1))
    return length, Kind("array", element=merged_all(items))


_SIZED: Mapping[int, Callable[[bytes, int, int], tuple[int, Kind]]] = {
    0x02: _text,
    0x03: _struct,
    0x04: _array,
    0x05: _binary,
    0x0D: _text,  # JavaScript
    0x0E: _text,  # a symbol
}
"""Types whose values begin with their length."""
