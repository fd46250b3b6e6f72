"""Dates written by patterns that are columns: row by row, where a constant pattern is SQL.

`patterns` says what a pattern is; what its tokens mean is told there once more, as SQL.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final

from lakelet.sql.functions.datetime import patterns
from lakelet.sql.functions.datetime.patterns import LANGUAGES, Token
from lakelet.sql.functions.registry import udf
from lakelet.sql.functions.vectorised import invalid, rowwise
from lakelet.types.zones import CYCLE, name_at

_EPOCH: Final = datetime(1970, 1, 1)
_MINUTE: Final = 60_000_000


@lru_cache(maxsize=1024)
def _tokens(language: str, pattern: str) -> tuple[Token, ...]:
    return LANGUAGES[language](pattern)


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
    return name_at(clock.zone, clock.instant, full=token.width > 3)


udf(
    "trino_write_moment",
    lambda: rowwise(write, "string"),
    ("VARCHAR", "BIGINT", "BIGINT", "VARCHAR", "VARCHAR"),
    "VARCHAR",
)
