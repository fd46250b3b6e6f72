"""One query that measures columns, and Glue's ColumnStatistics of its answer.

What is told of a type are the members of Glue's ColumnStatisticsData ("Column statistics", Glue web
API reference); columns of other types (arrays, maps, structs, timestamps) have none.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from lakelet.model import Column, Document
from lakelet.types import Type
from lakelet.types.hive import to_trino
from lakelet.types.quoting import identifier

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Measure:
    """A kind of statistics: its name in Glue, the SQL of what is asked of a column, in Trino's
    words, and the members that the answers make."""

    kind: str
    asks: tuple[str, ...]
    members: Callable[..., Document]


def query(database: str, table: str, columns: Sequence[Column], sample: float | None) -> str:
    """The query of all measures of columns that have a measure; `sample` is in percent of rows."""
    asked = ["count(*)"]
    for column in columns:
        name = identifier(column.name)
        asked += [ask.format(name) for ask in ("count({0})", *measure(column).asks)]
    source = f"{identifier(database)}.{identifier(table)}"
    if sample is not None and sample < 100:
        source += f" TABLESAMPLE BERNOULLI ({sample})"
    return f"SELECT {', '.join(asked)} FROM {source}"


def documents(columns: Sequence[Column], row: Sequence[Any]) -> list[Document]:
    """Glue's ColumnStatistics of the query's row."""
    answers = iter(row)
    rows, now = next(answers), datetime.now(UTC)
    found = []
    for column in columns:
        of = measure(column)
        nulls = rows - next(answers)
        told = {"NumberOfNulls": nulls, **of.members(*(next(answers) for _ in of.asks))}
        data = {"Type": of.kind, f"{_MEMBER[of.kind]}ColumnStatisticsData": told}
        found.append(
            {
                "ColumnName": column.name,
                "ColumnType": column.type,
                "AnalyzedTime": now,
                "StatisticsData": data,
            }
        )
    return found


def is_measured(column: Column) -> bool:
    """Whether columns of its type have statistics. Raises TrinoError for what is no type."""
    return _name(column) in _MEASURES


def measure(column: Column) -> Measure:
    return _MEASURES[_name(column)]


def _name(column: Column) -> str:
    of: Type = to_trino(column.type)
    return of.name


def _boolean(trues: int, falses: int) -> Document:
    return {"NumberOfTrues": trues, "NumberOfFalses": falses}


def _ordered(low: Any, high: Any, distinct: int) -> Document:
    ends = {"MinimumValue": low, "MaximumValue": high}
    return {
        **{name: value for name, value in ends.items() if value is not None},
        "NumberOfDistinctValues": distinct,
    }


def _double(low: float | None, high: float | None, distinct: int) -> Document:
    return _ordered(_finite(low), _finite(high), distinct)


def _finite(end: float | None) -> float | None:
    return end if end is not None and math.isfinite(end) else None


def _decimal(low: str | None, high: str | None, distinct: int) -> Document:
    return _ordered(_number(low), _number(high), distinct)


def _number(text: str | None) -> Document | None:
    """Glue's DecimalNumber: a big-endian integer and where its point stands."""
    if text is None:
        return None
    number = Decimal(text)
    scale = max(0, -int(number.as_tuple().exponent))
    unscaled = int(number.scaleb(scale))
    length = unscaled.bit_length() // 8 + 1
    return {"UnscaledValue": unscaled.to_bytes(length, "big", signed=True), "Scale": scale}


def _date(low: int | None, high: int | None, distinct: int) -> Document:
    return _ordered(_moment(low), _moment(high), distinct)


def _moment(day: int | None) -> datetime | None:
    """The day's start; None for one that is beyond a timestamp of the API."""
    try:
        return None if day is None else _EPOCH + timedelta(days=day)
    except OverflowError:
        return None


def _text(longest: int | None, average: float | None, distinct: int) -> Document:
    return {**_bytes(longest, average), "NumberOfDistinctValues": distinct}


def _bytes(longest: int | None, average: float | None) -> Document:
    return {"MaximumLength": longest or 0, "AverageLength": average or 0.0}


_DISTINCT = "approx_distinct({0})"
_ENDS = ("min({0})", "max({0})", _DISTINCT)
_DAYS = tuple(f"date_diff('day', DATE '1970-01-01', {end}({{0}}))" for end in ("min", "max"))
_WORDS = ("CAST(min({0}) AS varchar)", "CAST(max({0}) AS varchar)", _DISTINCT)
_LENGTHS = ("max(length({0}))", "avg(length({0}))")

_LONG = Measure("LONG", _ENDS, _ordered)
_DOUBLE = Measure("DOUBLE", _ENDS, _double)
_STRING = Measure("STRING", (*_LENGTHS, _DISTINCT), _text)
_MEASURES: Mapping[str, Measure] = {
    "boolean": Measure("BOOLEAN", ("count_if({0})", "count_if(NOT {0})"), _boolean),
    **dict.fromkeys(("tinyint", "smallint", "integer", "bigint"), _LONG),
    **dict.fromkeys(("real", "double"), _DOUBLE),
    "decimal": Measure("DECIMAL", _WORDS, _decimal),
    "date": Measure("DATE", (*_DAYS, _DISTINCT), _date),
    **dict.fromkeys(("varchar", "char"), _STRING),
    "varbinary": Measure("BINARY", _LENGTHS, _bytes),
}
_MEMBER: Mapping[str, str] = {
    "BOOLEAN": "Boolean",
    "LONG": "Long",
    "DOUBLE": "Double",
    "DECIMAL": "Decimal",
    "DATE": "Date",
    "STRING": "String",
    "BINARY": "Binary",
}
