"""Constants as DuckDB SQL, exactly of their physical type.

Temporal values are texts in Trino's own form: `2020-01-02`, `10:11:12.999`,
`2020-01-02 03:04:05.678`; a timestamp with time zone is (text of the instant in UTC, zone), a time
with time zone (local text, minutes east). Intervals are ints (months, milliseconds), uuid and json
texts, binaries and IP addresses bytes.
"""

import math
import re
from datetime import date
from typing import Any, Final

from lakelet.types.duckdb import is_fine, local, physical, row_fields
from lakelet.types.literals import picoseconds
from lakelet.types.model import Type
from lakelet.types.quoting import quoted


def literal(value: Any, of: Type) -> str:
    """The text of a constant; None is a NULL of the type."""
    if value is None:
        return "NULL" if of.name == "unknown" else f"CAST(NULL AS {physical(of)})"
    if of.name in _COMPOSED:
        return _composed(value, of)
    if of.name in _TEXTS:
        return quote(value)
    if isinstance(value, float):
        return _floating(value, of)
    if isinstance(value, tuple):
        return _zoned(value, of)
    if isinstance(value, bytes):
        return f"from_hex('{value.hex()}')"
    if of.name == "boolean":
        return "true" if value else "false"
    if of.name in _WHOLE and value > _LEAST:
        # In brackets, since a minus before a minus begins a comment.
        return str(value) if value >= 0 else f"({value})"
    if of.name in ("time", "timestamp"):
        return _clock(value, of)
    text = f"{value:f}" if of.name == "decimal" else str(value)
    return f"CAST({quote(text)} AS {physical(of)})"


def _clock(text: str, of: Type) -> str:
    value = str(picoseconds(text)) if is_fine(of) else quote(text)
    return f"CAST({value} AS {local(of)})"


def is_date(value: Any, of: Type) -> bool:
    """Whether a text is, as it stands, a constant of type date."""
    if of.name != "date" or not isinstance(value, str) or not _DATE.fullmatch(value):
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_COMPOSED: Final = ("array", "map", "row")
_TEXTS: Final = ("varchar", "char", "json", "JsonPath", "JoniRegExp", "Re2JRegExp", "LikePattern")
_WHOLE: Final = ("integer", "color")
_LEAST: Final = -(2**31)
"""DuckDB takes this one for a bigint."""


def quote(text: str) -> str:
    """A string constant; characters that no SQL text can hold are put together."""
    if "\0" not in text:
        return quoted(text)
    return "(" + " || chr(0) || ".join(map(quote, text.split("\0"))) + ")"


def _floating(value: float, of: Type) -> str:
    if of.name == "double" and math.isfinite(value):
        text = repr(value)
        text = text if "e" in text else f"{text}e0"
        return f"({text})" if text.startswith("-") else text
    name = repr(value) if math.isfinite(value) else str(value)
    return f"CAST('{name}' AS {physical(of)})"


def _zoned(value: tuple[str, Any], of: Type) -> str:
    clock, zone = value
    inside = _clock(clock, of)
    if of.name.startswith("timestamp"):
        return f"{{'instant': {inside}, 'zone': {quote(zone)}}}"
    return f"{{'local': {inside}, 'zone': CAST({zone} AS SMALLINT)}}"


def _composed(value: Any, of: Type) -> str:
    if of.name == "array":
        return f"[{', '.join(literal(each, of.element) for each in value)}]"
    if of.name == "map":
        keys = ", ".join(literal(key, of.key) for key, _ in value)
        values = ", ".join(literal(each, of.value) for _, each in value)
        return f"MAP([{keys}], [{values}])"
    parts = zip(row_fields(of), value, of.arguments, strict=True)
    return f"{{{', '.join(f'{quote(n)}: {literal(v, t)}' for n, v, t in parts)}}}"
