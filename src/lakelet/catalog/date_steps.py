"""Moments at equal steps, counted in units of the calendar, without listing them."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

FIXED: Final = {
    "WEEKS": timedelta(weeks=1),
    "DAYS": timedelta(days=1),
    "HOURS": timedelta(hours=1),
    "MINUTES": timedelta(minutes=1),
    "SECONDS": timedelta(seconds=1),
    "MILLISECONDS": timedelta(milliseconds=1),
}
"""Units that are always as long."""

MONTHS: Final = {"MONTHS": 1, "YEARS": 12}
UNITS: Final = (*FIXED, *MONTHS)


def moved(moment: datetime, count: int, unit: str) -> datetime:
    """A moment so many units later; a day that a month lacks is its last."""
    if unit in FIXED:
        return moment + count * FIXED[unit]
    months = moment.year * 12 + moment.month - 1 + count * MONTHS[unit]
    year, month = divmod(months, 12)
    day = min(moment.day, monthrange(year, month + 1)[1])
    return moment.replace(year=year, month=month + 1, day=day)


@dataclass(frozen=True, slots=True)
class Steps:
    """The moments from `low` on, `interval` units apart, none after `high`."""

    low: datetime
    high: datetime
    interval: int
    unit: str

    def __len__(self) -> int:
        last = self.near(self.high)
        while last >= 0 and self[last] > self.high:
            last -= 1
        return last + 1

    def __getitem__(self, index: int) -> datetime:
        return moved(self.low, index * self.interval, self.unit)

    def near(self, moment: datetime) -> int:
        """The index of a step that is at most one off the last before a moment."""
        if self.unit in FIXED:
            return (moment - self.low) // FIXED[self.unit] // self.interval
        months = (moment.year - self.low.year) * 12 + moment.month - self.low.month
        return months // (MONTHS[self.unit] * self.interval)
