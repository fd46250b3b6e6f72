"""A partition's values by the types of their keys, in forms that SQLite orders as Glue does."""

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Context, InvalidOperation
from typing import Any

import orjson

from lakelet.errors import InvalidInput
from lakelet.model import Column

NULL_PARTITION = "__HIVE_DEFAULT_PARTITION__"
COLUMNS = 4
"""Values that have a column of their own; the others stand in a JSON array."""

_UNSAFE = "\"#%'*/:=?\\\x7f{[]^"
_TIMESTAMP = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?")
_DIGITS = 39
_OFFSET = 10**38
_EXACT = Context(prec=2 * _DIGITS)

Reader = Callable[[str], Any]


def key(values: Sequence[str]) -> str:
    """What a partition is found by."""
    return orjson.dumps(list(values)).decode()


def part_name(keys: Sequence[Column], values: Sequence[str]) -> str:
    """`key=value/…`, what a folder's name may not hold as %XX (FileUtils.makePartName)."""
    names = (each.name.lower() for each in keys)
    return "/".join(
        f"{escaped(name)}={escaped(value)}" for name, value in zip(names, values, strict=True)
    )


def escaped(text: str) -> str:
    """Hive's FileUtils.escapePathName."""
    return "".join(f"%{ord(c):02X}" if c < " " or c in _UNSAFE else c for c in text)


def sql(position: int) -> str:
    """SQL of a partition's value by its type."""
    if position < COLUMNS:
        return f"k{position}"
    return f"json_extract(more, '$[{position - COLUMNS}]')"


def typed(values: Sequence[str], readers: Sequence[Reader]) -> tuple[Any, ...]:
    """k0 … k3 and `more`. What is no value of its key's type is NULL."""
    found = [_read(reader, value) for reader, value in zip(readers, values, strict=True)]
    more = orjson.dumps(found[COLUMNS:]).decode() if len(found) > COLUMNS else None
    return (*found[:COLUMNS], *[None] * (COLUMNS - len(found)), more)


def readers(keys: Sequence[Column]) -> list[Reader]:
    """How the values of keys are read. A type that Glue does not filter by is read as text."""
    return [_READERS.get(kind(column), str) for column in keys]


def reader(column: Column) -> Reader:
    """How a literal that is compared with a key is read; it raises InvalidInput.

    The types are those of GetPartitions' documentation, and Hive's other texts.
    """
    of = _READERS.get(kind(column))
    if of is None:
        raise InvalidInput(f"Unknown type : '{column.type}'")

    def read(text: str) -> Any:
        try:
            return of(text)
        except (ValueError, InvalidOperation) as error:
            raise InvalidInput(f'"{text}" is not {_WORDS[kind(column)]}.') from error

    return read


def kind(column: Column) -> str:
    """The name of a key's type, without its numbers."""
    return column.type.lower().partition("(")[0].strip()


def _read(reader: Reader, value: str) -> Any:
    try:
        return reader(value)
    except (ValueError, InvalidOperation):
        return None


def _integer(text: str) -> int:
    number = int(text)
    if not -(2**63) <= number < 2**63:
        raise ValueError(text)
    return number


def _decimal(text: str) -> str:
    """A text that orders as the number: its floor moved above zero, then the fraction's digits."""
    number = _EXACT.create_decimal(text)
    if not number.is_finite() or not -_DIGITS < number.adjusted() < _DIGITS:
        raise ValueError(text)
    floor = int(number.to_integral_value("ROUND_FLOOR"))
    if abs(floor) > _OFFSET:
        raise ValueError(text)
    fraction = f"{_EXACT.subtract(number, floor):f}".partition(".")[2].rstrip("0")
    return f"{floor + _OFFSET:0{_DIGITS}d}{fraction}"


def _date(text: str) -> str:
    return date.fromisoformat(text).isoformat()


def _timestamp(text: str) -> str:
    match = _TIMESTAMP.fullmatch(text)
    if match is None:
        raise ValueError(text)
    datetime.fromisoformat(f"{match[1]} {match[2]}")
    fraction = (match[3] or "").rstrip("0")
    return f"{match[1]} {match[2]}.{fraction}" if fraction else f"{match[1]} {match[2]}"


_READERS: dict[str, Reader] = {
    **dict.fromkeys(("tinyint", "smallint", "int", "integer", "bigint", "long"), _integer),
    **dict.fromkeys(("string", "varchar", "char"), str),
    "decimal": _decimal,
    "date": _date,
    "timestamp": _timestamp,
}
_WORDS = {
    **dict.fromkeys(_READERS, "an integer"),
    "decimal": "a decimal",
    "date": "a date",
    "timestamp": "a timestamp",
}
