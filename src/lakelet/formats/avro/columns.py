"""The header of an Avro file ("Object Container Files", Avro 1.12 specification)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lakelet.formats.recognition.kinds import NULL, STRING, Kind

_MAGIC = 4
_SYNC = 16
_PRIMITIVES: Mapping[str, str] = {
    "boolean": "boolean",
    "int": "int",
    "long": "bigint",
    "float": "float",
    "double": "double",
    "bytes": "binary",
    "fixed": "binary",
    "string": "string",
    "enum": "string",
    "null": "string",
}
_LOGICAL: Mapping[str, str] = {
    "date": "date",
    "timestamp-millis": "timestamp",
    "timestamp-micros": "timestamp",
    "local-timestamp-millis": "timestamp",
    "local-timestamp-micros": "timestamp",
}
_MAX_DEPTH = 100


@dataclass(frozen=True, slots=True)
class AvroSchema:
    """The schema as it stands in the file, and the columns that Hive reads of it."""

    literal: Any
    columns: tuple[tuple[str, Kind], ...]


def header(data: bytes) -> tuple[AvroSchema, str, int] | None:
    """The schema, the codec and where the blocks begin; None for what is no whole header."""
    try:
        metadata, place = _metadata(data)
        literal = json.loads(metadata["avro.schema"])
        if not isinstance(literal, dict) or literal.get("type") != "record":
            return None
        columns = _fields(literal, {}, 0)
    except (IndexError, KeyError, TypeError, ValueError, RecursionError):
        return None
    codec = metadata.get("avro.codec", b"null").decode("utf-8", "replace")
    return AvroSchema(literal, columns), codec, place + _SYNC


def _metadata(data: bytes) -> tuple[dict[str, bytes], int]:
    """Avro's map of bytes: blocks of pairs, each behind its count. Raises IndexError."""
    found: dict[str, bytes] = {}
    place = _MAGIC
    while True:
        count, place = _long(data, place)
        if count == 0:
            return found, place
        if count < 0:  # the block's size in bytes follows
            _, place = _long(data, place)
        for _ in range(abs(count)):
            key, place = _bytes(data, place)
            value, place = _bytes(data, place)
            found[key.decode()] = value


def _long(data: bytes, place: int) -> tuple[int, int]:
    """A zigzag number of seven bits a byte."""
    number = shift = 0
    while True:
        byte = data[place]
        place += 1
        number |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return (number >> 1) ^ -(number & 1), place


def _bytes(data: bytes, place: int) -> tuple[bytes, int]:
    length, place = _long(data, place)
    if length < 0 or place + length > len(data):
        raise IndexError
    return data[place : place + length], place + length


def _fields(record: Any, named: dict[str, Any], depth: int) -> tuple[tuple[str, Kind], ...]:
    return tuple((each["name"], _kind(each["type"], named, depth + 1)) for each in record["fields"])


def _kind(given: Any, named: dict[str, Any], depth: int) -> Kind:
    """A Hive type. A name stands for what was defined under it; one inside itself is a text."""
    if depth > _MAX_DEPTH:
        return STRING
    if isinstance(given, list):
        return _union(given, named, depth)
    if isinstance(given, str):
        return _kind(named[given], named, depth + 1) if given in named else Kind(_PRIMITIVES[given])
    if "name" in given and given["type"] in ("record", "enum", "fixed"):
        named[given["name"]] = "string"
        found = _complex(given, named, depth)
        named[given["name"]] = given
        return found
    return _complex(given, named, depth)


def _union(given: list[Any], named: dict[str, Any], depth: int) -> Kind:
    branches = [each for each in given if each != "null"]
    if len(branches) == 1:
        return _kind(branches[0], named, depth + 1)
    return NULL if not branches else STRING


def _complex(given: Any, named: dict[str, Any], depth: int) -> Kind:
    of = given["type"]
    if given.get("logicalType") == "decimal":
        return Kind(f"decimal({int(given['precision'])},{int(given.get('scale', 0))})")
    if given.get("logicalType") in _LOGICAL:
        return Kind(_LOGICAL[given["logicalType"]])
    if of == "record":
        fields = _fields(given, named, depth)
        return Kind("struct", tuple((name.lower(), kind) for name, kind in fields))
    if of == "array":
        return Kind("array", element=_kind(given["items"], named, depth + 1))
    if of == "map":
        return Kind(f"map<string,{_kind(given['values'], named, depth + 1).hive()}>")
    return _kind(of, named, depth + 1)
