"""Python values → Trino's SQL, for the parameters of statements."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from lakelet.errors import TrinoError
from lakelet.types.quoting import quoted


def literal(value: Any) -> str:
    """A value as an expression of Trino; raises TrinoError for a Python type that has none."""
    if value is None:
        return "NULL"
    for kind, write in _WRITERS.items():
        if isinstance(value, kind):
            return write(value)
    raise TrinoError(
        "INVALID_PARAMETER_USAGE", f"A value of Python's {type(value).__name__} has no SQL"
    )


def _double(value: float) -> str:
    words = {"inf": "infinity()", "-inf": "-infinity()", "nan": "nan()"}
    return words.get(repr(value)) or f"DOUBLE {quoted(repr(value))}"


def _timestamp(value: datetime) -> str:
    zone = value.strftime("%z")
    offset = f" {zone[:3]}:{zone[3:5]}" if zone else ""
    moment = value.replace(tzinfo=None).isoformat(" ", "microseconds")
    return f"TIMESTAMP {quoted(moment + offset)}"


def _interval(value: timedelta) -> str:
    sign = "-" if value < timedelta() else ""
    seconds, micros = divmod(abs(value) // timedelta(microseconds=1), 1_000_000)
    clock = f"{seconds // 3600 % 24:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    text = f"{seconds // 86_400} {clock}.{micros // 1000:03}"
    return f"INTERVAL {sign}{quoted(text)} DAY TO SECOND"


def _array(values: Sequence[Any]) -> str:
    return f"ARRAY[{', '.join(map(literal, values))}]"


def _map(values: Mapping[Any, Any]) -> str:
    return f"MAP({_array(list(values))}, {_array(list(values.values()))})"


_WRITERS: Final[Mapping[type, Callable[[Any], str]]] = {
    bool: lambda value: str(value).lower(),
    int: str,
    float: _double,
    Decimal: lambda value: f"DECIMAL {quoted(format(value, 'f'))}",
    str: quoted,
    bytes: lambda value: f"X'{value.hex()}'",
    datetime: _timestamp,
    date: lambda value: f"DATE '{value.isoformat()}'",
    time: lambda value: f"TIME '{value.isoformat()}'",
    timedelta: _interval,
    UUID: lambda value: f"UUID '{value}'",
    list: _array,
    tuple: lambda value: f"ROW({', '.join(map(literal, value))})",
    dict: _map,
}
"""In the order of asking: a bool is an int, and a datetime a date."""
