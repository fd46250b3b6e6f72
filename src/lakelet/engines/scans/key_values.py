"""Partition values by their keys' types, as Trino's Hive connector reads them.

Trino reads every value of every partition that it is given, also of keys that nobody asks for
(`HiveUtil.parsePartition`).
"""

import re
from collections.abc import Callable, Sequence
from datetime import date
from typing import Final

from lakelet.catalog.partition_values import NULL_PARTITION, part_name
from lakelet.errors import TrinoError
from lakelet.formats.text import java, values
from lakelet.model import Column, Partition, Table
from lakelet.types import Type
from lakelet.types.duckdb import physical
from lakelet.types.hive import to_trino
from lakelet.types.quoting import identifier, quoted

_DAY: Final = re.compile(r"(\d{1,4}|\+\d{5,6})-(\d{1,2})-(\d{1,2})(?:[ T].*)?")
_ERA: Final = 400
"""Years after which the calendar comes again."""
_INTEGERS: Final = frozenset({"tinyint", "smallint", "integer", "bigint"})


def check(table: Table, partitions: Sequence[Partition]) -> None:
    """Raises TrinoError for the first value that is none of its key's type."""
    for position, key in enumerate(table.partition_keys):
        of = to_trino(key.type)
        given = {each.values[position] for each in partitions} - {NULL_PARTITION}
        bad = {text for text in given if not _is_value(text, of)}
        if bad:
            first = next(each for each in partitions if each.values[position] in bad)
            raise _invalid(table, first, first.values[position], of)


def _is_value(text: str, of: Type) -> bool:
    if of.name in _INTEGERS:
        return java.integer(text, of.name) is not None
    reader = _READERS.get(of.name)
    return reader is not None and text != "" and reader(text, of)


def _text(text: str, of: Type) -> bool:
    return not of.numbers or len(text) <= of.numbers[0]


def _decimal(text: str, of: Type) -> bool:
    number = java.big_decimal(text)
    precision, scale = of.numbers
    return (
        number is not None
        and number.adjusted() < precision - scale
        and number == round(number, scale)
    )


def _day(text: str, of: Type) -> bool:
    found = _DAY.fullmatch(text)
    if found is None:
        return False
    year, month, day = map(int, found.groups())
    try:
        return bool(date(year % _ERA + _ERA if year else 0, month, day))
    except ValueError:
        return False


_READERS: Final[dict[str, Callable[[str, Type], bool]]] = {
    "varchar": _text,
    "char": _text,
    "boolean": lambda text, of: text.lower() in ("true", "false"),
    "real": lambda text, of: java.floating(text) is not None,
    "double": lambda text, of: java.floating(text) is not None,
    "decimal": _decimal,
    "date": _day,
    "timestamp": _day,
}


def _invalid(table: Table, partition: Partition, text: str, of: Type) -> TrinoError:
    name = part_name(table.partition_keys, partition.values)
    if text == "":
        message = f"Partition {name}{NULL_PARTITION} no longer exists for"
        message = f"{message} {table.database}.{table.name}"
        return TrinoError("HIVE_PARTITION_DROPPED_DURING_QUERY", message)
    if of.name not in _READERS and of.name not in _INTEGERS:
        return TrinoError("NOT_SUPPORTED", f"Unsupported type [{of}] for partition: {name}")
    number = java.big_decimal(text) if of.name == "decimal" else None
    if number is not None and number != round(number, of.numbers[1]):
        message = "Rounding necessary"
        return TrinoError("GENERIC_INTERNAL_ERROR", message)
    message = f"Invalid partition value '{text}' for {_shown(of)} partition key: {name}"
    return TrinoError("HIVE_INVALID_PARTITION_VALUE", message)


def _shown(of: Type) -> str:
    return "TIMESTAMP" if of.name == "timestamp" else str(of) if of.numbers else of.name.upper()


def key_value(relation: str, key: Column) -> str:
    """SQL of a partition key's value of its type, from its text in a column of its name.

    Hive's word for NULL is NULL.
    """
    name = key.name.lower()
    text, of = f"{relation}.{identifier(name)}", to_trino(key.type)
    return f"{_value(f'nullif({text}, {quoted(NULL_PARTITION)})', of)} AS {identifier(name)}"


def _value(text: str, of: Type) -> str:
    if of.name in ("varchar", "char"):
        return text
    if of.name == "boolean":
        return f"CASE lower({text}) WHEN 'true' THEN TRUE WHEN 'false' THEN FALSE END"
    if of.name == "timestamp":
        moment = f"CAST(ltrim({text}, '+') AS TIMESTAMP)"
        return f"CAST(date_trunc('millisecond', {moment}) AS TIMESTAMP)"
    if of.name == "date":
        return f"TRY_CAST(ltrim({text}, '+') AS DATE)"
    if of.name == "decimal":
        return f"TRY_CAST({text} AS {physical(of)})"
    return values.value(text, of, "java")
