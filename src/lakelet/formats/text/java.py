"""Single values from texts as Java and Trino's HiveFormatUtils read them, for lines that DuckDB
can't take as they are. What a text can't be is None.

A date is the days and a timestamp the microseconds since 1970; both may be far from it.
"""

import re
from collections.abc import Callable, Sequence
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from typing import Final

from lakelet.formats.text.date_patterns import parser

Timestamps = Callable[[str], int | None]
"""A text → microseconds since 1970, whole milliseconds."""

BLANK: Final = "".join(map(chr, range(33)))
"""What Java's String.trim takes away."""

_DAY: Final = 86_400
_FIELD: Final = r"([+-]?\d{1,9})"
_INTEGER: Final = re.compile(r"[+-]?[0-9]+")
_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_NAMED: Final = re.compile(r"([+-]?)(NaN|Infinity)")
_HEXADECIMAL: Final = re.compile(r"[+-]?0[xX][0-9a-fA-F]*\.?[0-9a-fA-F]*[pP][+-]?[0-9]+")
_DATE: Final = re.compile(f"{_FIELD}-{_FIELD}-{_FIELD}", re.ASCII)
_TIMESTAMP: Final = re.compile(
    f"{_FIELD}-{_FIELD}-{_FIELD}"
    rf"(?: {_FIELD}:{_FIELD}:{_FIELD}(?:\.(\d{{0,9}}))?"
    rf"|[Tt]{_FIELD}:{_FIELD}(?::{_FIELD}(?:\.(\d{{0,9}}))?)?)",
    re.ASCII,
)
_EXACT: Final = Context(prec=100, Emax=999_999, Emin=-999_999)
_LIMITS: Final = {
    "tinyint": 1 << 7,
    "smallint": 1 << 15,
    "integer": 1 << 31,
    "bigint": 1 << 63,
}


def in_range(number: int, kind: str) -> bool:
    """Whether an integer type holds a number."""
    return -_LIMITS[kind] <= number < _LIMITS[kind]


def integer(text: str, kind: str) -> int | None:
    """`Long.parseLong` and its kind."""
    if not _INTEGER.fullmatch(text) or not in_range(int(text[:40]), kind):
        return None
    return int(text)


def big_decimal(text: str) -> Decimal | None:
    """`new BigDecimal(text)`."""
    if not _NUMBER.fullmatch(text):
        return None
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def decimal(text: str, precision: int, scale: int) -> str | None:
    """A decimal's text, rounded half up; None when it has too many digits."""
    number = big_decimal(text)
    if number is None or number.adjusted() > precision:
        return None
    try:
        rounded = number.quantize(Decimal(1).scaleb(-scale), ROUND_HALF_UP, _EXACT)
    except InvalidOperation:
        return None
    if abs(rounded) >= Decimal(10) ** (precision - scale):
        return None
    return f"{rounded:f}"


def floating(text: str) -> str | None:
    """A text that `Double.parseDouble` takes, as DuckDB casts it to a DOUBLE or FLOAT."""
    trimmed = text.strip(BLANK)
    named = _NAMED.fullmatch(trimmed)
    if named:
        return named[2] if named[2] == "NaN" else f"{named[1]}{named[2]}".lstrip("+")
    digits = trimmed[:-1] if trimmed[-1:] in tuple("dDfF") else trimmed
    if _NUMBER.fullmatch(digits):
        return _finite(digits)
    if _HEXADECIMAL.fullmatch(digits) and digits.strip("+-")[2:3] not in ("p", "P"):
        return repr(float.fromhex(digits))
    return None


def _finite(digits: str) -> str:
    number = float(digits)
    if number in (float("inf"), float("-inf")):
        return "Infinity" if number > 0 else "-Infinity"
    return digits.lstrip("+")


def date(text: str) -> int | None:
    """`parseHiveDate`: what stands behind a space is no part of it, fields may run over."""
    match = _DATE.fullmatch(text.strip(BLANK).partition(" ")[0])
    return None if match is None else _days(*map(int, match.groups()))


def _days(year: int, month: int, day: int) -> int:
    """Days since 1970 in the proleptic calendar (Hinnant's days_from_civil)."""
    year += (month - 1) // 12
    month = (month - 1) % 12 + 1
    year -= month <= 2
    of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    of_era = year * 365 + year // 4 - year // 100 + year // 400
    return of_era + of_year - 719_468


def timestamp(text: str) -> int | None:
    """`parseHiveTimestamp`, rounded to milliseconds."""
    match = _TIMESTAMP.fullmatch(text.strip(BLANK))
    if match is None:
        return None
    year, month, day, *rest = match.groups()
    hour, minute, second, fraction = rest[:4] if rest[0] is not None else rest[4:]
    seconds = int(hour) * 3600 + int(minute) * 60 + int(second or 0)
    days = _days(int(year), int(month), int(day))
    return (days * _DAY + seconds) * 1_000_000 + milliseconds(fraction or "") * 1000


def milliseconds(fraction: str) -> int:
    """Digits behind a second's point, rounded half up."""
    return (int(fraction.ljust(9, "0")[:9]) + 500_000) // 1_000_000


def timestamps(formats: Sequence[str]) -> Timestamps:
    """A parser that tries Joda's patterns before Hive's own form (`timestamp.formats`)."""
    if not formats:
        return timestamp
    parsers = [parser(each) for each in formats]

    def parse(text: str) -> int | None:
        trimmed = text.strip(BLANK)
        for each in parsers:
            found = each(trimmed)
            if found is not None:
                return found
        return timestamp(trimmed)

    return parse
