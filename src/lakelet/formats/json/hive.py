"""Hive's JsonSerDe, line by line (Trino's JsonDeserializer over Jackson's parser).

Strict JSON; what follows the object is not read. A number column takes numbers alone and cuts
their fractions; a string column takes any scalar as it stands in the text. A column that a line
has twice fails the query, a field of a struct's counts the last time.
"""

import json
import re
from collections.abc import Callable, Sequence
from typing import Any, Final

from lakelet.formats.json.rows import (
    BadValueError,
    Bare,
    Decode,
    Spec,
    by_value,
    cut,
    names,
    text,
    unsupported,
)
from lakelet.formats.text import java
from lakelet.formats.text.timestamp_formats import escaped_list
from lakelet.types import Type
from lakelet.types.json import refuse_constant

Pairs = list[tuple[str, Any]]

_BLANKS: Final = " \t\r\n"
_ORDINAL: Final = re.compile(r"_col([0-9]+)")


class _Object(tuple[Any, ...]):
    """The pairs of an object, in their order."""

    __slots__ = ()


_PARSE: Final = json.JSONDecoder(
    object_pairs_hook=_Object,
    parse_int=Bare,
    parse_float=Bare,
    parse_constant=refuse_constant,
).raw_decode


def decoder(spec: Spec) -> Callable[[str], Any]:
    """A line → its canonical row; raises BadValueError."""
    timestamps = java.timestamps(escaped_list(spec.properties.get("timestamp.formats", "")))
    readers = {name: (name, _reader(of, timestamps)) for name, of in spec.types}
    by_position = {position: readers[name] for name, _, position in spec.columns}

    def decode(line: str) -> Any:
        row: dict[str, Any] = {}
        for key, value in _pairs(line):
            found = readers.get(key.lower())
            if found is None:
                ordinal = _ORDINAL.fullmatch(key)
                if ordinal is None:
                    continue
                found = by_position.get(int(ordinal[1]))
                if found is None:
                    raise BadValueError
            name, read = found
            if name in row:
                raise BadValueError
            row[name] = None if value is None else read(value)
        return row

    return decode


def _pairs(line: str) -> Pairs:
    start = 0
    while start < len(line) and line[start] in _BLANKS:
        start += 1
    try:
        found, _ = _PARSE(line, start)
    except (ValueError, StopIteration):
        raise BadValueError from None
    if not isinstance(found, _Object):
        raise BadValueError
    return list(found)


def _reader(of: Type, timestamps: java.Timestamps) -> Decode:
    match of.name:
        case "array":
            return _array(of, timestamps)
        case "map":
            return _map(of, timestamps)
        case "row":
            return _row(of, timestamps)
    read = _scalar(of, timestamps)

    def decode(value: Any) -> Any:
        if isinstance(value, list | _Object):
            raise BadValueError
        return read(value)

    return decode


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _scalar(of: Type, timestamps: java.Timestamps) -> Decode:
    match of.name:
        case "boolean":
            return lambda value: _text(value).lower() == "true"
        case "tinyint" | "smallint" | "integer" | "bigint":
            return lambda value: _integer(value, of.name)
        case "real" | "double":
            return _floating
        case "decimal":
            return lambda value: _decimal(_text(value), of)
        case "date":
            return lambda value: _needed(java.date(_text(value)))
        case "timestamp":
            return lambda value: _needed(timestamps(_text(value)))
        case "varbinary":
            return lambda value: text(_text(value)).encode().hex()
        case "varchar" | "char":
            return lambda value: cut(_text(value), of)
    raise unsupported(of)


def _needed(value: Any) -> Any:
    if value is None:
        raise BadValueError
    return value


def _decimal(given: str, of: Type) -> str | None:
    """What is no number is NULL; one that has too many digits fails the query."""
    if java.big_decimal(given) is None:
        return None
    found: str = _needed(java.decimal(given, of.precision, of.scale))
    return found


def _integer(value: Any, kind: str) -> int:
    """Jackson's getIntValue and its kind; a byte may also be 128 to 255, and wraps."""
    if not isinstance(value, Bare):
        raise BadValueError
    try:
        number = int(value)
    except ValueError:
        real = float(value)
        if not abs(real) < 2**63:
            raise BadValueError from None
        number = int(real)
    if kind == "tinyint" and 128 <= number <= 255:
        return number - 256
    if not java.in_range(number, kind):
        raise BadValueError
    return number


def _floating(value: Any) -> str:
    if not isinstance(value, Bare):
        raise BadValueError
    whole = value.lstrip("-").isdigit()
    return str(int(value)) if whole else _needed(java.floating(value))


def _array(of: Type, timestamps: java.Timestamps) -> Decode:
    read = _reader(of.element, timestamps)

    def decode(value: Any) -> Any:
        if not isinstance(value, list):
            raise BadValueError
        return [None if each is None else read(each) for each in value]

    return decode


def _map(of: Type, timestamps: java.Timestamps) -> Decode:
    key = by_value(_key(of.key, timestamps), of.key)
    read = _reader(of.value, timestamps)

    def decode(value: Any) -> Any:
        if not isinstance(value, _Object):
            raise BadValueError
        found = {_needed(key(k)): None if v is None else read(v) for k, v in value}
        return [{"k": k, "v": v} for k, v in found.items()]

    return decode


def _key(of: Type, timestamps: java.Timestamps) -> Decode:
    match of.name:
        case "tinyint" | "smallint" | "integer" | "bigint":
            return lambda key: java.integer(key, of.name)
        case "real" | "double":
            return java.floating
        case "array" | "map" | "row":
            raise unsupported(of)
    return _scalar(of, timestamps)


def _row(of: Type, timestamps: java.Timestamps) -> Decode:
    readers = {name: (ours, _reader(each, timestamps)) for name, ours, each in names(of)}
    in_order: Sequence[tuple[str, Decode]] = list(readers.values())

    def decode(value: Any) -> Any:
        if not isinstance(value, _Object):
            raise BadValueError
        row: dict[str, Any] = {}
        for key, each in value:
            found = readers.get(key.lower())
            if found is None:
                ordinal = _ORDINAL.fullmatch(key)
                if ordinal is None or int(ordinal[1]) >= len(in_order):
                    continue
                found = in_order[int(ordinal[1])]
            row[found[0]] = None if each is None else found[1](each)
        return row

    return decode
