"""Compares rows with Trino's: exactly, but for the last digits of floating numbers.

`canonical` brings a value of a case and a Python value of an answer into one form, by its type.
"""

import base64
import math
import struct
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta, tzinfo
from decimal import Context, Decimal
from typing import Any, Final

from lakelet.types import Type

_WIDE: Final = Context(prec=80)
_RELATIVE: Final = {"double": 1e-9, "real": 1e-6}


class Floating:
    """A real or double, equal to what is within its relative error."""

    def __init__(self, value: Any, of: str) -> None:
        self.value = float(value.replace("Infinity", "inf")) if isinstance(value, str) else value
        if of == "real" and math.isfinite(self.value):
            self.value = struct.unpack("f", struct.pack("f", self.value))[0]
        self.error = _RELATIVE[of]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Floating):
            return False
        a, b = self.value, other.value
        if math.isnan(a) or math.isnan(b):
            return math.isnan(a) and math.isnan(b)
        return a == b or math.isclose(a, b, rel_tol=self.error, abs_tol=1e-300)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"{self.value:.6e}"


def canonical(value: Any, of: Type) -> Any:
    """A value in a form that is equal for equal values."""
    if value is None:
        return None
    return _FORMS.get(of.name, _text)(value, of)


def _integer(value: Any, of: Type) -> Any:
    return value if isinstance(value, int) and not isinstance(value, bool) else repr(value)


def _boolean(value: Any, of: Type) -> Any:
    return value if isinstance(value, bool) else repr(value)


def _floating(value: Any, of: Type) -> Any:
    return repr(value) if isinstance(value, bool) else Floating(value, of.name)


def _decimal(value: Any, of: Type) -> Any:
    return Decimal(str(value)).normalize(_WIDE)


def _binary(value: Any, of: Type) -> Any:
    return bytes(value).hex() if isinstance(value, bytes | bytearray | memoryview) else value


def _sketch(value: Any, of: Type) -> Any:
    """Sketches are recorded in base 64."""
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value


def _char(value: Any, of: Type) -> Any:
    return value.rstrip(" ")


def _clock(value: Any, of: Type) -> Any:
    """Times without the zeros behind their last digit."""
    head, point, rest = _text(value, of).partition(".")
    if not point:
        return head
    digits = len(rest) - len(rest.lstrip("0123456789"))
    fraction = rest[:digits].rstrip("0")
    return f"{head}{'.' if fraction else ''}{fraction}{rest[digits:]}"


def _array(value: Any, of: Type) -> Any:
    return [canonical(each, of.element) for each in value]


def _row(value: Any, of: Type) -> Any:
    return [canonical(each, part) for each, part in zip(value, of.arguments, strict=True)]


def _map(value: Any, of: Type) -> Any:
    pairs = value.items() if isinstance(value, dict) else value
    return sorted(([_key(k, of.key), canonical(v, of.value)] for k, v in pairs), key=repr)


def _key(value: Any, of: Type) -> Any:
    """Keys that are arrays or rows are recorded as Java's text of them."""
    return _key_text(value) if of.arguments else canonical(value, of)


def _key_text(value: Any) -> str:
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_key_text, value))}]"
    if isinstance(value, float):
        return str(value).replace("nan", "NaN").replace("inf", "Infinity")
    return (
        str(value).lower() if isinstance(value, bool) else "null" if value is None else str(value)
    )


def _text(value: Any, of: Type) -> Any:
    if isinstance(value, datetime):
        shown = value.replace(tzinfo=None).isoformat(sep=" ")
        return f"{shown} {_zone(value.tzinfo)}" if value.tzinfo else shown
    if isinstance(value, time):
        return value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, timedelta):
        return _interval(value)
    return value if isinstance(value, str) else str(value)


def _zone(zone: tzinfo) -> str:
    return str(zone).removeprefix("UTC") or "UTC"


def _interval(value: timedelta) -> str:
    milliseconds = abs(value) // timedelta(milliseconds=1)
    seconds, thousandths = divmod(milliseconds, 1000)
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    days, hour = divmod(hours, 24)
    sign = "-" if value < timedelta() else ""
    return f"{sign}{days} {hour:02}:{minute:02}:{second:02}.{thousandths:03}"


_FORMS: Final[dict[str, Callable[[Any, Type], Any]]] = {
    **dict.fromkeys(("tinyint", "smallint", "integer", "bigint"), _integer),
    **dict.fromkeys(("real", "double"), _floating),
    **dict.fromkeys(
        (
            "time",
            "time with time zone",
            "timestamp",
            "timestamp with time zone",
            "interval day to second",
        ),
        _clock,
    ),
    "boolean": _boolean,
    "decimal": _decimal,
    "char": _char,
    "varbinary": _binary,
    **dict.fromkeys(("HyperLogLog", "P4HyperLogLog", "SetDigest", "tdigest", "qdigest"), _sketch),
    "array": _array,
    "row": _row,
    "map": _map,
}


def rows_differ(expected: Sequence[Any], actual: Sequence[Any], *, in_order: bool) -> bool:
    """Whether canonical rows differ."""
    if len(expected) != len(actual):
        return True
    if in_order:
        return list(expected) != list(actual)
    if sorted(expected, key=repr) == sorted(actual, key=repr):
        return False
    # Rounding may have changed how rows sort: look for each among the rest.
    rest = list(actual)
    for row in expected:
        if row not in rest:
            return True
        rest.remove(row)
    return False
