"""Dates and moments of texts, a row at a time inside DuckDB, as `joda` reads them."""

from collections.abc import Callable
from typing import Any, Final

from lakelet.errors import TrinoError
from lakelet.sql.functions.datetime.calendar import DAY
from lakelet.sql.functions.datetime.fields import ZONED
from lakelet.sql.functions.datetime.joda import read
from lakelet.sql.functions.datetime.patterns import INVALID
from lakelet.sql.functions.registry import udf
from lakelet.sql.functions.vectorised import invalid, rowwise
from lakelet.types.model import DATE, Type
from lakelet.types.zones import instant_of

_LONG: Final = 2**63
_INTEGER: Final = 2**31
_PACKED: Final = 2**51
"""Trino packs an instant and its zone into 64 bits."""


def _overflow(millis: int) -> TrinoError:
    return invalid(f"Millis overflow: {millis}")


def _clock(language: str, text: str, pattern: str) -> int:
    millis, _ = read(language, text, pattern)
    if not -_LONG <= millis * 1000 < _LONG:
        raise _overflow(millis)
    return millis * 1000


def _day(language: str, text: str, pattern: str) -> int:
    days = read(language, text, pattern)[0] // DAY
    if not -_INTEGER <= days < _INTEGER:
        message = f"Value {days} exceeds MAX_INT for type date"
        raise TrinoError("GENERIC_INTERNAL_ERROR", message)
    return days


def _zone_read(language: str, text: str, pattern: str) -> str:
    clock, zone = read(language, text, pattern)
    instant = instant_of(zone, clock * 1000)
    millis = clock if instant is None else instant // 1000
    if not -_PACKED <= millis < _PACKED:
        raise _overflow(millis)
    return zone


def _or_null(function: Callable[..., Any]) -> Callable[..., Any]:
    """What is None where `function` refuses its argument."""

    def attempt(*row: Any) -> Any:
        try:
            return function(*row)
        except TrinoError as failure:
            if failure.name == INVALID:
                return None
            raise

    return attempt


def _register(name: str, function: Callable[..., Any], arrow: str, result: str) -> None:
    given = ("VARCHAR", "VARCHAR", "VARCHAR")
    udf(f"trino_read_{name}", lambda: rowwise(function, arrow), given, result)
    udf(f"trino_try_read_{name}", lambda: rowwise(_or_null(function), arrow), given, result)


_register("day", _day, "int32", "INTEGER")
_register("moment", _clock, "int64", "BIGINT")
_register("zone", _zone_read, "string", "VARCHAR")


def first_plainly(text: str, plainly: str, whole: str) -> str:
    """What DuckDB reads of a text, and else the longer way: not for NULLs either, since what stands
    in its lambdas is prepared again for each block in which one row comes to it."""
    return f"CASE WHEN {text} IS NOT NULL THEN coalesce({plainly}, {whole}) END"


def read_by_row(result: Type, given: str, *, tried: bool) -> str:
    """SQL for the value that `read` gives; `given` is SQL for its arguments.

    One that is `tried` is NULL where the text is refused.
    """
    name = "trino_try_read" if tried else "trino_read"
    if result == DATE:
        return f"(DATE '1970-01-01' + {name}_day({given}))"
    moment = f"make_timestamp({name}_moment({given}))"
    if result.name != ZONED:
        return moment
    return f"trino_zoned_clock({moment}, {name}_zone({given}))"
