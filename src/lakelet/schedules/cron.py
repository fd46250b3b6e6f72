"""Glue's schedules: `cron(minutes hours day-of-month month day-of-week year)`, in UTC
("Time-based schedules for jobs and crawlers", Glue developer guide)."""

import calendar
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from lakelet.errors import InvalidInput

_CRON = re.compile(r"cron\(\s*(\S+)\s+(\S+)\s+(\S+)\s+(\S+)\s+(\S+)\s+(\S+)\s*\)")
_MONTHS = {name.upper(): i for i, name in enumerate(calendar.month_abbr) if name}
_DAYS = {name: i for i, name in enumerate(("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"), 1)}
_RANGE = re.compile(r"(\*|\w+)(?:-(\w+))?(?:/(\d+))?")

Test = Callable[[date], bool]


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a schedule is due, to the minute; one of the tests of days is always true."""

    minutes: frozenset[int]
    hours: frozenset[int]
    months: frozenset[int]
    years: frozenset[int]
    day_of_month: Test
    day_of_week: Test

    def due(self, moment: datetime) -> bool:
        """Whether it is due in the minute of a moment in UTC."""
        return (
            moment.minute in self.minutes
            and moment.hour in self.hours
            and moment.month in self.months
            and moment.year in self.years
            and self.day_of_month(moment.date())
            and self.day_of_week(moment.date())
        )


def parsed(expression: str) -> Schedule:
    """Raises InvalidInput."""
    match = _CRON.fullmatch(expression.strip())
    if match is None:
        raise _invalid(expression)
    minutes, hours, day, month, weekday, year = (field.upper() for field in match.groups())
    if (day == "?") == (weekday == "?"):  # one of the two says nothing
        raise _invalid(expression)
    try:
        return Schedule(
            _numbers(minutes, 0, 59),
            _numbers(hours, 0, 23),
            _numbers(month, 1, 12, _MONTHS),
            _numbers(year, 1970, 2199),
            _any if day == "?" else _day_of_month(day),
            _any if weekday == "?" else _day_of_week(weekday),
        )
    except ValueError as error:
        raise _invalid(expression) from error


def _invalid(expression: str) -> InvalidInput:
    return InvalidInput(f"Invalid schedule expression: {expression}")


def _any(day: date) -> bool:
    return True


def _numbers(
    field: str, low: int, high: int, names: dict[str, int] | None = None
) -> frozenset[int]:
    """The numbers of `*`, `a`, `a-b`, `a/step` and lists of them. Raises ValueError."""
    found: set[int] = set()
    for part in field.split(","):
        match = _RANGE.fullmatch(part)
        if match is None:
            raise ValueError(part)
        first, last, step = match.groups()
        start = low if first == "*" else _number(first, names)
        end = _number(last, names) if last else high if first == "*" or step else start
        if not low <= start <= end <= high:
            raise ValueError(part)
        found.update(range(start, end + 1, int(step or 1)))
    return frozenset(found)


def _number(text: str, names: dict[str, int] | None) -> int:
    return names[text] if names and text in names else int(text)


def _day_of_month(field: str) -> Test:
    """`L` is the last day, `nW` the weekday nearest to the n-th. Raises ValueError."""
    if field == "L":
        return lambda day: day.day == _last(day)
    if field == "LW":
        return lambda day: day == _nearest(day, _last(day))
    if field.endswith("W"):
        (number,) = _numbers(field[:-1], 1, 31)
        return lambda day: day == _nearest(day, min(number, _last(day)))
    numbers = _numbers(field, 1, 31)
    return lambda day: day.day in numbers


def _day_of_week(field: str) -> Test:
    """`nL` is the month's last of a weekday, `n#k` its k-th; 1 is Sunday. Raises ValueError."""
    if field == "L":
        field = "7"
    if field.endswith("L"):
        (weekday,) = _numbers(field[:-1], 1, 7, _DAYS)
        return lambda day: _weekday(day) == weekday and day.day > _last(day) - 7
    if "#" in field:
        name, _, place = field.partition("#")
        (weekday,), (nth,) = _numbers(name, 1, 7, _DAYS), _numbers(place, 1, 5)
        return lambda day: _weekday(day) == weekday and (day.day - 1) // 7 + 1 == nth
    numbers = _numbers(field, 1, 7, _DAYS)
    return lambda day: _weekday(day) in numbers


def _weekday(day: date) -> int:
    return day.isoweekday() % 7 + 1


def _last(day: date) -> int:
    return calendar.monthrange(day.year, day.month)[1]


def _nearest(day: date, number: int) -> date:
    """The weekday nearest to a day of the same month."""
    wanted = day.replace(day=number)
    beside: Sequence[int] = {5: (-1, 2), 6: (1, -2)}.get(wanted.weekday(), (0,))
    moved = [wanted + timedelta(days=each) for each in beside]
    return next(each for each in moved if each.month == wanted.month)
