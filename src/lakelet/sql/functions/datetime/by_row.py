"""Dates written and read by patterns that are columns: row by row, where a constant pattern is SQL.

`patterns` says what a pattern is; what its tokens mean is told there once more, as SQL.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, Final

from lakelet.errors import TrinoError
from lakelet.sql.functions.datetime import patterns
from lakelet.sql.functions.datetime.patterns import Reading, Token, invalid
from lakelet.sql.functions.registry import udf
from lakelet.sql.functions.vectorised import rowwise
from lakelet.types.zones import CYCLE, name_at, zone_id

_CENTURY: Final = 100
_BEFORE: Final = 80
_FIXED: Final = {"mysql": 70, "teradata": 100}
_LANGUAGES: Final[Mapping[str, Callable[[str], tuple[Token, ...]]]] = {
    "mysql": patterns.mysql,
    "joda": patterns.joda,
    "teradata": patterns.teradata,
}
_EPOCH: Final = datetime(1970, 1, 1)
_MINUTE: Final = 60_000_000


def pivot(language: str) -> int:
    """The least two-digit year that means the last century; Joda's moves with the years, so that
    eighty of those it reads are past."""
    return _FIXED.get(language, (date.today().year - _BEFORE) % _CENTURY)


@lru_cache(maxsize=1024)
def _tokens(language: str, pattern: str) -> tuple[Token, ...]:
    return _LANGUAGES[language](pattern)


@lru_cache(maxsize=1024)
def _reading(language: str, pattern: str) -> tuple[Reading, re.Pattern[str]]:
    read = patterns.reading(_tokens(language, pattern))
    return read, re.compile(read.pattern.removesuffix("$") + r"\Z", re.ASCII)


# Writing ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Clock:
    """A clock within 400 years of 2000, and the years that it was moved by; its zone."""

    at: datetime
    moved: int
    offset: int
    zone: str
    instant: int

    @property
    def year(self) -> int:
        return self.at.year + self.moved

    @property
    def week_year(self) -> int:
        return self.at.isocalendar().year + self.moved


def write(language: str, clock: int, offset: int, zone: str, pattern: str) -> str:
    """The text of a clock (microseconds since 1970) `offset` minutes east, in a zone ('' for a
    timestamp without one). Raises TrinoError INVALID_FUNCTION_ARGUMENT."""
    cycles, near = divmod(clock, CYCLE)
    at = _EPOCH + timedelta(microseconds=near)
    shown = _Clock(at, cycles * 400, offset, zone, clock - offset * _MINUTE)
    return "".join(_written(token, shown) for token in _tokens(language, pattern))


_NUMBERS: Final[Mapping[str, Callable[[_Clock], int]]] = {
    "C": lambda clock: abs(clock.year) // 100,
    "Y": lambda clock: clock.year if clock.year > 0 else 1 - clock.year,
    "w": lambda clock: clock.at.isocalendar().week,
    "e": lambda clock: clock.at.isoweekday(),
    "D": lambda clock: clock.at.timetuple().tm_yday,
    "M": lambda clock: clock.at.month,
    "d": lambda clock: clock.at.day,
    "K": lambda clock: clock.at.hour % 12,
    "h": lambda clock: (clock.at.hour + 11) % 12 + 1,
    "H": lambda clock: clock.at.hour,
    "k": lambda clock: (clock.at.hour + 23) % 24 + 1,
    "m": lambda clock: clock.at.minute,
    "s": lambda clock: clock.at.second,
}


def _written(token: Token, clock: _Clock) -> str:
    field, width = token.field, token.width
    if field == "text":
        return token.text
    if (field, width > 3) in patterns.TEXTS and (field == "E" or width > 2):
        return clock.at.strftime(patterns.TEXTS[field, width > 3])
    if field in "yYx" and width == 2:
        return f"{abs(clock.week_year if field == 'x' else clock.year) % 100:02}"
    if field in "yx":
        year = clock.week_year if field == "x" else clock.year
        return f"{'-' if year < 0 else ''}{abs(year):0{width}}"
    if field in _NUMBERS:
        return f"{_NUMBERS[field](clock):0{width}}"
    if field in "fS":
        return f"{clock.at.microsecond // 1000:03}".ljust(width, "0")[:width]
    if field == "G":
        return "AD" if clock.year > 0 else "BC"
    return clock.at.strftime("%p") if field == "a" else _zone(token, clock)


def _zone(token: Token, clock: _Clock) -> str:
    if not clock.zone:
        raise invalid(
            "format_datetime for TIMESTAMP type, cannot use 'Z' nor 'z' in format, as this type"
            " does not contain TZ information"
        )
    if token.field == "Z" and token.width > 2:
        return clock.zone
    if token.field == "Z":
        sign = "-" if clock.offset < 0 else "+"
        hours, minutes = divmod(abs(clock.offset), 60)
        return f"{sign}{hours:02}{':' if token.width == 2 else ''}{minutes:02}"
    if token.width > 3:
        raise TrinoError("NOT_SUPPORTED", "The full name of a time zone is not supported")
    return name_at(clock.zone, clock.instant)


# Reading ------------------------------------------------------------------------------------


def read(language: str, text: str, pattern: str) -> int:
    """The clock that a text gives, in microseconds since 1970.

    Raises TrinoError INVALID_FUNCTION_ARGUMENT.
    """
    groups = _groups(language, text, pattern)
    try:
        days = _day(groups, pivot(language))
        return (days * 86_400_000 + _milliseconds(groups)) * 1000
    except ValueError:
        raise _unread(text) from None


def read_zone(language: str, text: str, pattern: str) -> str:
    """The zone that a text gives, UTC without one."""
    groups = _groups(language, text, pattern)
    zone = groups.get("zone")
    if zone is None:
        name = groups.get("zone_name", "UTC")
        zone = _ZONES.get(name, name)
    found = zone_id(zone)
    if found is None:
        raise _unread(text)
    return found


_ZONES: Final = {
    **dict.fromkeys(("EST", "EDT"), "America/New_York"),
    **dict.fromkeys(("CST", "CDT"), "America/Chicago"),
    **dict.fromkeys(("MST", "MDT"), "America/Denver"),
    **dict.fromkeys(("PST", "PDT"), "America/Los_Angeles"),
    **dict.fromkeys(("UT", "GMT"), "UTC"),
}


def _groups(language: str, text: str, pattern: str) -> dict[str, str]:
    found, compiled = _reading(language, pattern)
    match = compiled.match(text)
    if match is None:
        raise _unread(text)
    return dict(zip(found.groups, match.groups(), strict=True))


def _unread(text: str) -> TrinoError:
    return invalid(f'Invalid format: "{text}"')


_DAYS: Final = ("month", "month_text", "day", "day_of_year", "day_of_week", "day_text", "week")
_MONTHS: Final = "janfebmaraprmayjunjulaugsepoctnovdec"
_WEEKDAYS: Final = "montuewedthufrisatsun"


def _year(groups: dict[str, str], name: str, least: int) -> int | None:
    if f"{name}2" in groups:
        year = int(groups[f"{name}2"])
        return year + (2000 if year < least else 1900)
    return int(groups[name]) if name in groups else None


def _day(groups: dict[str, str], least: int) -> int:
    """The day from 1970; raises ValueError for one that is none."""
    year = _year(groups, "year", least)
    if year is None and "century" in groups:
        year = int(groups["century"]) * 100
    if year is None:
        year = 2000 if any(each in groups for each in _DAYS) else 1970
    weekday = _number(groups, "day_of_week", None, (1, 7))
    if "day_text" in groups:
        weekday = _WEEKDAYS.index(groups["day_text"][:3].lower()) // 3 + 1
    dated = "month" in groups or "month_text" in groups
    week_year = _year(groups, "weekyear", least)
    if (week_year is not None or "week" in groups) and not dated:
        monday = _monday(_days_of(year if week_year is None else week_year, 1, 4))
        return monday + (int(groups.get("week", 1)) - 1) * 7 + (weekday or 1) - 1
    if "day_of_year" in groups:
        first = _days_of(year, 1, 1)
        return (
            first + _within(int(groups["day_of_year"]), 1, _days_of(year, 12, 31) - first + 1) - 1
        )
    month = int(groups.get("month", 1))
    if "month_text" in groups:
        month = _MONTHS.index(groups["month_text"][:3].lower()) // 3 + 1
    found = _days_of(year, month, int(groups.get("day", 1)))
    if weekday is None:
        return found
    moved = _monday(found) + weekday - 1
    if "day" in groups:
        return moved
    # Joda sets the fields twice, so a day in the year or month before comes back.
    near = date.fromordinal(moved % 146_097 + date(1970, 1, 1).toordinal())
    again = _days_of(year, month if dated else near.month, near.day)
    return _monday(again) + weekday - 1


def _days_of(year: int, month: int, day: int) -> int:
    cycles, near = divmod(year - 1970, 400)
    return (date(1970 + near, month, day) - date(1970, 1, 1)).days + cycles * 146_097


def _monday(day: int) -> int:
    """The Monday of a day's week; 1970 began on a Thursday."""
    return day - (day + 3) % 7


def _milliseconds(groups: dict[str, str]) -> int:
    hour = _number(groups, "hour24", None, (0, 23))
    if hour is None and "clock24" in groups:
        hour = _within(int(groups["clock24"]), 1, 24) % 24
    if hour is None:
        hour = (
            _number(groups, "clock12", None, (1, 12))
            or _number(groups, "hour12", None, (0, 11))
            or 0
        ) % 12
        if "clock12" in groups or "hour12" in groups:
            hour += 12 * (groups.get("half", "").lower() == "pm")
    minute = _number(groups, "minute", 0, (0, 59)) or 0
    second = _number(groups, "second", 0, (0, 59)) or 0
    fraction = int(groups.get("fraction", "")[:3].ljust(3, "0"))
    return ((hour * 60 + minute) * 60 + second) * 1000 + fraction


def _number(
    groups: dict[str, str], name: str, default: int | None, bounds: tuple[int, int]
) -> int | None:
    return _within(int(groups[name]), *bounds) if name in groups else default


def _within(value: int, least: int, most: int) -> int:
    if not least <= value <= most:
        raise ValueError(value)
    return value


# Functions in DuckDB --------------------------------------------------------------------------


def _load(function: Callable[..., Any], result: str) -> Callable[[], Callable[..., Any]]:
    return lambda: rowwise(function, result)


udf(
    "trino_write_moment",
    _load(write, "string"),
    ("VARCHAR", "BIGINT", "BIGINT", "VARCHAR", "VARCHAR"),
    "VARCHAR",
)
udf("trino_read_moment", _load(read, "int64"), ("VARCHAR", "VARCHAR", "VARCHAR"), "BIGINT")
udf(
    "trino_read_moment_zone",
    _load(read_zone, "string"),
    ("VARCHAR", "VARCHAR", "VARCHAR"),
    "VARCHAR",
)
