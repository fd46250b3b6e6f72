"""Date patterns of `timestamp.formats`, as parsers of whole texts.

Joda's and java.time's letters that stand in files: y M d H h m s S a E Z z X, quotes around
literal text, and Hive's own word `millis`.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final

from lakelet.errors import TrinoError

Parser = Callable[[str], int | None]
"""A text → microseconds since 1970; None for a text that is not of the pattern."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MONTHS: Final = "janfebmaraprmayjunjulaugsepoctnovdec"
_MILLIS: Final = re.compile(r"(-?\d+)(?:\.\d+)?", re.ASCII)
_TOKEN: Final = re.compile(r"'((?:[^']|'')*)'|([A-Za-z])\2*|(.)", re.DOTALL)
_NUMERIC: Final = frozenset("yYudHkhKmsS")
_TWO: Final = r"\d{1,2}+"
_FIELDS: Final = {
    "d": ("day", _TWO),
    "H": ("hour", _TWO),
    "k": ("clock", _TWO),
    "h": ("halfclock", _TWO),
    "K": ("half", _TWO),
    "m": ("minute", _TWO),
    "s": ("second", _TWO),
    "S": ("fraction", r"\d{1,9}+"),
    "a": ("meridiem", "[AaPp][Mm]"),
}


@lru_cache(maxsize=256)
def parser(pattern: str) -> Parser:
    """A pattern's parser; raises TrinoError for a letter that is not known."""
    if pattern.lower() == "millis":
        return _millis
    expression = re.compile(_expression(pattern), re.ASCII | re.IGNORECASE)

    def parse(text: str) -> int | None:
        match = expression.fullmatch(text)
        if match is None:
            return None
        try:
            return _microseconds({k: v for k, v in match.groupdict().items() if v is not None})
        except (ValueError, OverflowError):
            return None

    return parse


def _millis(text: str) -> int | None:
    match = _MILLIS.fullmatch(text)
    return None if match is None else int(match[1]) * 1000


def _expression(pattern: str) -> str:
    tokens = list(_TOKEN.finditer(pattern))
    return "".join(map(_part, tokens, [*tokens[1:], None]))


def _part(token: re.Match[str], after: re.Match[str] | None) -> str:
    literal, letter, other = token.groups()
    if letter is None:
        return re.escape(other or (literal.replace("''", "'") if literal else "'"))
    length = len(token[0])
    if letter in "yYu":
        return _year(length, after is not None and _is_numeric(after))
    if letter in "ML":
        return r"(?P<name>[^\W\d_]+)" if length > 2 else f"(?P<month>{_TWO})"
    if letter == "E":
        return r"[^\W\d_]+"
    if letter in "ZXxz":
        return r"(?P<zone>[+-]\d{2}:?\d{2}|[+-]\d{2}|Z|UTC|GMT)"
    if letter not in _FIELDS:
        raise TrinoError("HIVE_INVALID_METADATA", f"Illegal pattern component: {token[0]}")
    name, digits = _FIELDS[letter]
    return f"(?P<{name}>{digits})"


def _is_numeric(token: re.Match[str]) -> bool:
    return token[2] is not None and (
        token[2] in _NUMERIC or (token[2] in "ML" and len(token[0]) < 3)
    )


def _year(length: int, before_number: bool) -> str:
    """A year takes no more digits than letters where a number follows at once."""
    if length == 2:
        return r"(?P<year>[+-]?\d{2})"
    return rf"(?P<year>[+-]?\d{{1,{length if before_number else 9}}}+)"


def _microseconds(found: Mapping[str, str]) -> int:
    year = int(found.get("year", "1970"))
    if len(found.get("year", "").lstrip("+-")) == 2:
        year += 2000
    month = int(found.get("month", "1"))
    if "name" in found:
        month = _MONTHS.index(found["name"][:3].lower()) // 3 + 1
    moment = datetime(
        year,
        month,
        int(found.get("day", "1")),
        _hour(found),
        int(found.get("minute", "0")),
        int(found.get("second", "0")),
        tzinfo=UTC,
    )
    milliseconds = int(found.get("fraction", "0").ljust(3, "0")[:3])
    moment += timedelta(milliseconds=milliseconds) - _offset(found.get("zone", "Z"))
    return (moment - _EPOCH) // timedelta(microseconds=1)


def _hour(found: Mapping[str, str]) -> int:
    """Hours from 0 or, of a clock, from 1; raises ValueError beyond the day or its half."""
    if "hour" in found:
        return int(found["hour"])
    if "clock" in found:
        return _clock(found["clock"], 24)
    half = _clock(found["halfclock"], 12) if "halfclock" in found else int(found.get("half", "0"))
    if half > 11:
        raise ValueError(half)
    return half + (12 if found.get("meridiem", "").lower() == "pm" else 0)


def _clock(text: str, hours: int) -> int:
    if not 1 <= int(text) <= hours:
        raise ValueError(text)
    return int(text) % hours


def _offset(zone: str) -> timedelta:
    digits = zone[1:].replace(":", "") if zone[0] in "+-" else "0000"
    minutes = int(digits[:2]) * 60 + int(digits[2:] or 0)
    return timedelta(minutes=-minutes if zone[0] == "-" else minutes)
