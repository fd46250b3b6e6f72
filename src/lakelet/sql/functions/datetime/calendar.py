"""Joda-Time's fields of the ISO calendar: how each is set in a count of milliseconds since 1970.

Years go on before 1 and after 9999 by the same rules, as in `ISOChronology`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from math import inf
from typing import Final

_SECOND: Final = 1000
_MINUTE: Final = 60 * _SECOND
_HOUR: Final = 60 * _MINUTE
_HALF_DAY: Final = 12 * _HOUR
DAY: Final = 2 * _HALF_DAY
_WEEK: Final = 7 * DAY
_YEAR: Final = 31_556_952_000
_MONTH: Final = _YEAR // 12
_CENTURY: Final = 100 * _YEAR

_CYCLE: Final = 400
_CYCLE_DAYS: Final = 146_097
_EPOCH: Final = date(1970, 1, 1)

_Set = Callable[[int, int], int]
_Floor = Callable[[int], int]


class OutOfRangeError(ValueError):
    """A value that a field does not have, in Joda's words."""

    def __init__(self, name: str, value: int, least: int, most: int) -> None:
        super().__init__(f"Value {value} for {name} must be in the range [{least},{most}]")


@dataclass(frozen=True, slots=True)
class Field:
    """A field: `unit` and `span` are the milliseconds of one and of what it repeats in.

    `set` gives a moment with the field's value, or raises OutOfRangeError, and `floor`
    the field's start.
    """

    name: str
    unit: float
    span: float
    set: _Set
    floor: _Floor

    @property
    def order(self) -> tuple[float, float]:
        """Fields are set in this order."""
        return -self.span, -self.unit

    @property
    def is_of_a_year(self) -> bool:
        """Whether it needs a year: a month, a week or a day."""
        return DAY <= self.unit <= _MONTH


def days_of(year: int, month: int, day: int) -> int:
    """The days since 1970 of a date of any year."""
    cycles, near = divmod(year - _EPOCH.year, _CYCLE)
    return (date(_EPOCH.year + near, month, day) - _EPOCH).days + cycles * _CYCLE_DAYS


def _date(days: int) -> tuple[int, date]:
    """A day's year, and its like in the years from 1970 on."""
    cycles, near = divmod(days, _CYCLE_DAYS)
    found = date.fromordinal(_EPOCH.toordinal() + near)
    return found.year + cycles * _CYCLE, found


def _within(name: str, value: int, least: int, most: int) -> None:
    if not least <= value <= most:
        raise OutOfRangeError(name, value, least, most)


def _at(millis: int, day: int) -> int:
    """The same time on another day."""
    return day * DAY + millis % DAY


def last_day(year: int, month: int) -> int:
    """How many days a month has."""
    first = days_of(year, month, 1)
    return days_of(year + month // 12, month % 12 + 1, 1) - first


# Years --------------------------------------------------------------------------------------


def _with_year(millis: int, year: int) -> int:
    _, found = _date(millis // DAY)
    day = min(found.day, last_day(year, found.month))
    return _at(millis, days_of(year, found.month, day))


def _set_year(millis: int, year: int) -> int:
    _within("year", year, -292_275_055, 292_278_994)
    return _with_year(millis, year)


def _year_of(millis: int) -> int:
    return _date(millis // DAY)[0]


def _floor_year(millis: int) -> int:
    return days_of(_year_of(millis), 1, 1) * DAY


def _set_year_of_era(millis: int, year: int) -> int:
    _within("yearOfEra", year, 1, 292_278_993)
    return _with_year(millis, year if _year_of(millis) > 0 else 1 - year)


def _set_century(millis: int, century: int) -> int:
    _within("centuryOfEra", century, 0, 2_922_789)
    year = _year_of(millis)
    moved = century * 100 + abs(year) % 100
    return _with_year(millis, moved if year >= 0 else -moved)


def _floor_century(millis: int) -> int:
    year = _year_of(millis)
    first = abs(year) // 100 * 100
    return days_of(first if year >= 0 else -first, 1, 1) * DAY


_BEFORE_ALL: Final = -(2**63)


def _set_era(millis: int, era: int) -> int:
    year = _year_of(millis)
    return millis if (year > 0) == bool(era) else _with_year(millis, -year)


def _floor_era(millis: int) -> int:
    return days_of(1, 1, 1) * DAY if _year_of(millis) > 0 else _BEFORE_ALL


# Weeks --------------------------------------------------------------------------------------


def _monday(days: int) -> int:
    return days - (days + 3) % 7


def _first_monday(week_year: int) -> int:
    return _monday(days_of(week_year, 1, 4))


def _week(millis: int) -> tuple[int, int]:
    """The year of a moment's week, and the week."""
    monday = _monday(millis // DAY)
    year = _year_of((monday + 3) * DAY)
    return year, (monday - _first_monday(year)) // 7 + 1


def _weeks(week_year: int) -> int:
    return (_first_monday(week_year + 1) - _first_monday(week_year)) // 7


def _set_week_year(millis: int, year: int) -> int:
    _within("weekyear", abs(year), -292_275_055, 292_278_994)
    week = min(_week(millis)[1], _weeks(year))
    days = millis // DAY
    return _at(millis, _first_monday(year) + (week - 1) * 7 + days - _monday(days))


def _set_week(millis: int, week: int) -> int:
    year, now = _week(millis)
    _within("weekOfWeekyear", week, 1, 52 if 1 <= week <= 52 else _weeks(year))
    return millis + (week - now) * _WEEK


def _floor_week(millis: int) -> int:
    return _monday(millis // DAY) * DAY


def _set_weekday(millis: int, weekday: int) -> int:
    _within("dayOfWeek", weekday, 1, 7)
    return _at(millis, _monday(millis // DAY) + weekday - 1)


# Months and days ----------------------------------------------------------------------------


def _set_month(millis: int, month: int) -> int:
    _within("monthOfYear", month, 1, 12)
    year, found = _date(millis // DAY)
    return _at(millis, days_of(year, month, min(found.day, last_day(year, month))))


def _floor_month(millis: int) -> int:
    year, found = _date(millis // DAY)
    return days_of(year, found.month, 1) * DAY


def _set_day(millis: int, day: int) -> int:
    year, found = _date(millis // DAY)
    _within("dayOfMonth", day, 1, last_day(year, found.month))
    return millis + (day - found.day) * DAY


def _set_day_of_year(millis: int, day: int) -> int:
    year = _year_of(millis)
    first = days_of(year, 1, 1)
    _within("dayOfYear", day, 1, days_of(year + 1, 1, 1) - first)
    return _at(millis, first + day - 1)


# Times --------------------------------------------------------------------------------------


def _floor_to(unit: int) -> _Floor:
    return lambda millis: millis // unit * unit


def _time(name: str, unit: int, span: int, least: int = 0) -> Field:
    """A field that counts from `least`; one that counts from 1 ends where the others begin."""
    count = span // unit

    def set_to(millis: int, value: int) -> int:
        _within(name, value, least, least + count - 1)
        return millis + (value % count - millis // unit % count) * unit

    return Field(name, unit, span, set_to, _floor_to(unit))


_ALL: Final = (
    Field("era", inf, inf, _set_era, _floor_era),
    Field("centuryOfEra", _CENTURY, inf, _set_century, _floor_century),
    Field("yearOfEra", _YEAR, inf, _set_year_of_era, _floor_year),
    Field("year", _YEAR, inf, _set_year, _floor_year),
    Field(
        "weekyear",
        _YEAR,
        inf,
        _set_week_year,
        lambda millis: _first_monday(_week(millis)[0]) * DAY,
    ),
    Field("monthOfYear", _MONTH, _YEAR, _set_month, _floor_month),
    Field("weekOfWeekyear", _WEEK, _YEAR, _set_week, _floor_week),
    Field("dayOfYear", DAY, _YEAR, _set_day_of_year, _floor_to(DAY)),
    Field("dayOfMonth", DAY, _MONTH, _set_day, _floor_to(DAY)),
    Field("dayOfWeek", DAY, _WEEK, _set_weekday, _floor_to(DAY)),
    _time("halfdayOfDay", _HALF_DAY, DAY),
    _time("hourOfDay", _HOUR, DAY),
    _time("clockhourOfDay", _HOUR, DAY, 1),
    _time("hourOfHalfday", _HOUR, _HALF_DAY),
    _time("clockhourOfHalfday", _HOUR, _HALF_DAY, 1),
    _time("minuteOfHour", _MINUTE, _HOUR),
    _time("secondOfMinute", _SECOND, _MINUTE),
    _time("millisOfSecond", 1, _SECOND),
    _time("millisOfMinute", 1, _MINUTE),
    _time("millisOfHour", 1, _HOUR),
)
FIELDS: Final[Mapping[str, Field]] = {each.name: each for each in _ALL}
"""By Joda's names."""
