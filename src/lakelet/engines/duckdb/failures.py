"""DuckDB's failures in Trino's words.

What our own SQL raises carries `trino:<NAME>:<message>`; the rest is told by DuckDB's text.
"""

import re
from collections.abc import Callable
from typing import Final

from lakelet.errors import TrinoError

_MARKER: Final = re.compile(r"trino:([A-Z][A-Z0-9_]*):(.*)", re.DOTALL)
_MARKER_ENDS: Final = ("' to INT32", "\n\nAt:\n", ". Detail: Python exception: ")
"""What stands behind a marker: DuckDB's failed cast, its or Arrow's traceback of a function."""

_INTEGERS: Final = {"INT8": "tinyint", "INT16": "smallint", "INT32": "integer", "INT64": "bigint"}

_TOO_LARGE: Final = {
    "-128": "128 exceeds MAX_BYTE",
    "-32768": "32768 exceeds MAX_SHORT for type smallint",
    "-2147483648": "2147483648 exceeds MAX_INT for type integer",
}
"""Of the dividends that overflow by -1 those whose quotient Trino fails to write into a block."""


def _overflow(match: re.Match[str]) -> str:
    operation, kind, operands = match.groups()
    return f"{_INTEGERS.get(kind, 'bigint')} {operation} overflow: {operands}"


def _quotient_overflow(match: re.Match[str]) -> str:
    return f"bigint division overflow: {match[1]} / -1"


def _quotient_too_large(match: re.Match[str]) -> str:
    return f"Value {_TOO_LARGE[match[1]]}"


def _out_of_range(match: re.Match[str]) -> str:
    return f"Out of range for {_INTEGERS.get(match[2], 'bigint')}: {match[1]}"


_RULES: Final[tuple[tuple[str, str, str | Callable[[re.Match[str]], str]], ...]] = (
    (
        r"Overflow in (\w+) of (INT\d+) \((.*)\)!",
        "NUMERIC_VALUE_OUT_OF_RANGE",
        _overflow,
    ),
    (
        r"Overflow in division of (-128|-32768|-2147483648) / -1",
        "GENERIC_INTERNAL_ERROR",
        _quotient_too_large,
    ),
    (
        r"Overflow in division of (-\d+) / -1",
        "NUMERIC_VALUE_OUT_OF_RANGE",
        _quotient_overflow,
    ),
    (
        r"Overflow in negation of numeric value",
        "NUMERIC_VALUE_OUT_OF_RANGE",
        "integer negation overflow",
    ),
    (
        r"Overflow in \w+ of DECIMAL|Could not cast value .* to DECIMAL|to type DECIMAL.* failed",
        "NUMERIC_VALUE_OUT_OF_RANGE",
        "Decimal overflow",
    ),
    (
        r"with value (\S+) can't be cast because the value is out of range for the destination "
        r"type (INT\d+)",
        "NUMERIC_VALUE_OUT_OF_RANGE",
        _out_of_range,
    ),
    (r"Overflow in \w+ of|Out of Range Error", "NUMERIC_VALUE_OUT_OF_RANGE", "Value out of range"),
    (
        r"More than one row returned by a subquery",
        "SUBQUERY_MULTIPLE_ROWS",
        "Scalar sub-query has returned multiple rows",
    ),
    (
        r"Invalid input for MIN/MAX: n value",
        "INVALID_FUNCTION_ARGUMENT",
        "second argument of max_n/min_n must be positive",
    ),
    (
        r"Escape string must be empty or one character",
        "INVALID_FUNCTION_ARGUMENT",
        "Escape string must be a single character",
    ),
    (
        r"Like pattern must not end with escape character",
        "INVALID_FUNCTION_ARGUMENT",
        "Escape character must be followed by '%', '_' or the escape character itself",
    ),
    (
        r"Max expression depth limit",
        "STACK_OVERFLOW",
        "statement is too large (stack overflow during analysis)",
    ),
    (
        r"Interrupted|INTERRUPT Error",
        "USER_CANCELED",
        "Query was canceled",
    ),
    (
        r"Out of Memory Error",
        "EXCEEDED_LOCAL_MEMORY_LIMIT",
        "Query exceeded per-node memory limit",
    ),
    (
        r"TProtocolException: (.*)",
        "GENERIC_INTERNAL_ERROR",
        # Of a harmed page, or of one of an encrypted column.
        lambda match: f"can not read class org.apache.parquet.format.PageHeader: {match[1]}",
    ),
    (
        r"No magic bytes found|too small to be a Parquet file|Invalid Parquet"
        r"|Failed to read Parquet|Parquet reader: |Snappy decompression"
        r"|ZSTD [Dd]ecompression|CSV Error|Malformed JSON|Input is not a GZIP stream",
        "HIVE_BAD_DATA",
        "",
    ),
    (
        r"No space left on device|File too large|Disk quota exceeded",
        "GENERIC_INSUFFICIENT_RESOURCES",
        lambda match: match[0],
    ),
    (
        r"No files found|Cannot open file|Permission Error|IO Error|HTTP Error",
        "HIVE_CANNOT_OPEN_SPLIT",
        "",
    ),
)


def translate(failure: BaseException) -> TrinoError:
    """The TrinoError that a failure of DuckDB stands for."""
    if isinstance(failure, TrinoError):
        return failure
    text = str(failure)
    marked = _MARKER.search(text)
    if marked:
        return TrinoError(marked[1], _message(marked[2]))
    for pattern, name, message in _RULES:
        match = re.search(pattern, text)
        if match:
            words = message(match) if callable(message) else message
            return TrinoError(name, words or _first_line(text))
    return TrinoError("GENERIC_INTERNAL_ERROR", _first_line(text))


_PLACE: Final = re.compile(r'file "(?:[^"]*[/\\])?([^"/\\]*)"')


def _message(text: str) -> str:
    for end in _MARKER_ENDS:
        position = text.rfind(end)
        if position >= 0:
            return text[:position]
    return text


def _first_line(text: str) -> str:
    """Without the place of a file on this machine and of a line of ours."""
    line = text.split("\n", 1)[0].partition(" Detail: Python exception")[0]
    return _PLACE.sub(r'file "\1"', line)
