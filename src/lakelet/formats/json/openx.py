"""OpenX's JsonSerDe, line by line (Trino's OpenXJsonDeserializer).

A line that begins with neither `{` nor `[` is a row of NULLs, and so is a malformed one under
`ignore.malformed.json`. Texts and numbers are read for each other, what is no value of its type is
NULL; an object or an array in a number column fails the query. A string column takes anything, as
canonical JSON. An array in place of an object gives the fields by position.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import ROUND_DOWN
from typing import Any, Final

from lakelet.errors import TrinoError
from lakelet.formats.json.lenient import Object, reader
from lakelet.formats.json.rows import (
    BadValueError,
    Bare,
    Decode,
    Spec,
    by_value,
    cut,
    names,
    unsupported,
)
from lakelet.formats.text import java
from lakelet.formats.text.date_patterns import parser
from lakelet.types import Type

_DATE: Final = re.compile(r"(-?\d{1,4})-(-?\d{1,2})-(-?\d{1,2})", re.ASCII)
_OFFSET: Final = re.compile(r"(.*?)(?:[zZ]|([+-])(\d{2}):?(\d{2}))", re.DOTALL | re.ASCII)
_NUMERIC: Final = re.compile(r"[-+.0-9]*")
_MILLIS_LENGTH: Final = 13
_FIFTY_DIGITS: Final = 50
_BASE64: Final = re.compile("(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?")


def _true(properties: Mapping[str, str], name: str, default: str = "false") -> bool:
    return properties.get(name, default).lower() == "true"


class _Names:
    """How a row's fields find their keys."""

    def __init__(self, properties: Mapping[str, str]) -> None:
        self.folds = _true(properties, "case.insensitive", "true")
        self.dots = _true(properties, "dots.in.keys")
        self.mappings = {
            key.removeprefix("mapping."): value
            for key, value in properties.items()
            if key.startswith("mapping.")
        }

    def key(self, name: str) -> str:
        return name.lower() if self.folds else name

    def value(self, row: Object, field: str) -> Any:
        found = row.get(self.key(self.mappings.get(field, field)))
        if found is not None:
            return found[1]
        if self.dots and "_" in field:
            for name, value in row.values():
                if "." in name and self.key(name.replace(".", "_")) == self.key(field):
                    return value
        return None


def _tells_time(pattern: str) -> bool:
    """Whether texts of a pattern of java.time give a time, without which there is no timestamp.

    Raises TrinoError for Hive's own word.
    """
    if pattern.lower() == "millis":
        message = "Unknown pattern letter: i"
        raise TrinoError("GENERIC_INTERNAL_ERROR", message)
    return any(letter in re.sub("'[^']*'", "", pattern) for letter in "HhKk")


def decoder(spec: Spec) -> Callable[[str], Any]:
    """A line → its canonical row, None for one of NULLs; raises BadValueError."""
    keys = _Names(spec.properties)
    read = reader(keys.key)
    given = spec.properties.get("timestamp.formats", "")
    patterns = [parser(each) for each in given.split(",") if _tells_time(each)]
    fields = [(name, name, _reader(of, keys, patterns)) for name, of in spec.types]
    positions = [position for _, _, position in spec.columns]
    ignore = _true(spec.properties, "ignore.malformed.json")

    def decode(line: str) -> Any:
        trimmed = line.strip(java.BLANK)
        if not trimmed.startswith(("{", "[")):
            return None
        try:
            found = read(trimmed)
        except BadValueError:
            if ignore:
                return None
            raise
        return _row_of(found, fields, keys, positions)

    return decode


def _row_of(
    value: Any,
    fields: Sequence[tuple[str, str, Decode]],
    keys: _Names,
    positions: Sequence[int],
) -> Any:
    if isinstance(value, bool):
        raise BadValueError
    if isinstance(value, str):
        if value.strip(java.BLANK):
            raise BadValueError
        return {}
    row = {}
    for (name, ours, read), position in zip(fields, positions, strict=True):
        if isinstance(value, list):
            found = value[position] if position < len(value) else None
        else:
            found = keys.value(value, name)
        if found is not None:
            row[ours] = read(found)
    return row


def _reader(of: Type, keys: _Names, patterns: Sequence[Callable[[str], int | None]]) -> Decode:
    match of.name:
        case "array":
            return _array(_reader(of.element, keys, patterns))
        case "map":
            key = by_value(_reader(of.key, keys, patterns), of.key)
            return _map(key, _reader(of.value, keys, patterns))
        case "row":
            fields = [(name, ours, _reader(e, keys, patterns)) for name, ours, e in names(of)]
            positions = range(len(fields))
            return lambda value: _row_of(value, fields, keys, positions)
        case "varchar" | "char":
            return lambda value: cut(_canonical(value), of)
        case "boolean":
            return lambda value: isinstance(value, str | bool) and _text(value).lower() == "true"
        case "varbinary":
            return _binary
    read = _scalar(of, patterns)

    def decode(value: Any) -> Any:
        if isinstance(value, list | dict):
            raise BadValueError
        return read(_text(value))

    return decode


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    if isinstance(value, Bare) and text.startswith("-") and not text.strip("-0."):
        return text[1:]  # a BigDecimal has no zero below zero
    return text


def _scalar(of: Type, patterns: Sequence[Callable[[str], int | None]]) -> Callable[[str], Any]:
    match of.name:
        case "tinyint" | "smallint" | "integer" | "bigint":
            return lambda text: _integer(text, of.name)
        case "real" | "double":
            return java.floating
        case "decimal":
            return lambda text: java.decimal(text, of.precision, of.scale)
        case "date":
            return _date
        case "timestamp":
            return lambda text: _bounded(_timestamp(text, patterns))
    raise unsupported(of)


def _bounded(number: int | None) -> int | None:
    return number if number is not None and java.in_range(number, "bigint") else None


def _integer(text: str, kind: str) -> int | None:
    number = _long(text)
    if number is None:
        exact = java.big_decimal(text)
        if exact is None or exact.adjusted() > _FIFTY_DIGITS:
            return None
        number = 0 if exact.adjusted() < 0 else int(exact.to_integral_value(ROUND_DOWN))
    return number if java.in_range(number, kind) else None


def _long(text: str) -> int | None:
    """A decimal, a hexadecimal (`0x1F`) or an octal number (`017`)."""
    base = 10
    if len(text) > 2 and text[0] == "0" and text[1] in "xX" and text[2] in "0123456789abcdefABCDEF":
        text, base = text[2:], 16
    elif len(text) > 1 and text[0] == "0" and text[1] in "012345678":
        text, base = text[1:], 8
    if "_" in text or text != text.strip():
        return None
    try:
        number = int(text, base)
    except ValueError:
        return None
    return number if java.in_range(number, "bigint") else None


def _date(text: str) -> int | None:
    match = _DATE.match(text.strip(java.BLANK))
    if match is not None:
        return java.date(match[0])
    number = _long(text)
    return number if number is not None and java.in_range(number, "integer") else None


def _timestamp(text: str, patterns: Sequence[Callable[[str], int | None]]) -> int | None:
    for pattern in patterns:
        found = pattern(text)
        if found is not None:
            return found
    if text.find(":") > 0:
        return _with_zone(text)
    return _epoch(text)


def _with_zone(text: str) -> int | None:
    match = _OFFSET.fullmatch(text)
    if match is None or "T" not in text.upper():
        return java.timestamp(text)
    local = java.timestamp(match[1])
    if local is None or match[2] is None:
        return local
    minutes = int(match[3]) * 60 + int(match[4])
    return local - (-minutes if match[2] == "-" else minutes) * 60_000_000


def _epoch(text: str) -> int | None:
    """Seconds with a point; else milliseconds from 13 characters on, seconds below."""
    if not _NUMERIC.fullmatch(text):
        return None
    if "." in text:
        seconds = java.big_decimal(text)
        return None if seconds is None else int(seconds * 1000) * 1000
    number = java.integer(text, "bigint")
    if number is None:
        return None
    return number * (1000 if len(text) >= _MILLIS_LENGTH else 1_000_000)


def _binary(value: Any) -> str:
    from base64 import b64decode

    if isinstance(value, Bare) or not isinstance(value, str) or not _BASE64.fullmatch(value):
        raise BadValueError
    return b64decode(value + "=" * (-len(value) % 4)).hex()


def _array(read: Decode) -> Decode:
    def decode(value: Any) -> Any:
        if isinstance(value, list):
            return [None if each is None else read(each) for each in value]
        return None if value == "" else [read(value)]

    return decode


def _map(key: Decode, read: Decode) -> Decode:
    """An entry whose key can't be read is left out; of equal keys the last counts."""

    def decode(value: Any) -> Any:
        if isinstance(value, str):
            if value.strip(java.BLANK):
                raise BadValueError
            return None
        if not isinstance(value, dict):
            raise BadValueError
        found = {key(name): (name, each) for name, each in value.values()}
        return [
            {"k": k, "v": None if each is None else read(each)}
            for k, (_, each) in found.items()
            if k is not None
        ]

    return decode


def _canonical(value: Any) -> str:
    """A value as the text of a string column."""
    if isinstance(value, list | dict):
        return _written(value)
    if isinstance(value, Bare | bool):
        return _canonical_bare(_text(value)) or _text(value)
    return str(value)


def _canonical_bare(text: str) -> str | None:
    if text.lower() in ("true", "false"):
        return text.lower()
    number = _long(text)
    if number is not None:
        return str(number)
    exact = java.big_decimal(text)
    return None if exact is None else str(exact)


def _written(value: Any) -> str:
    if isinstance(value, list):
        return f"[{','.join(map(_written, value))}]"
    if isinstance(value, dict):
        pairs = (f"{_string(name)}:{_written(each)}" for name, each in value.values())
        return f"{{{','.join(pairs)}}}"
    if value is None:
        return "null"
    if isinstance(value, Bare | bool):
        return _canonical_bare(_text(value)) or _string(_text(value))
    return _string(value)


_SHORT: Final = {'"': '\\"', "\\": "\\\\", "\t": "\\t", "\b": "\\b", "\n": "\\n", "\r": "\\r"}
_ESCAPED: Final = {
    **{code: f"\\u{code:04x}" for code in range(32)},
    **{ord(char): escape for char, escape in {**_SHORT, "\f": "\\f"}.items()},
}


def _string(text: str) -> str:
    return '"' + text.translate(_ESCAPED).replace("</", "<\\/") + '"'
