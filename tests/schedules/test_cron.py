"""Schedules, by "Time-based schedules for jobs and crawlers" of Glue's developer guide."""

from datetime import UTC, datetime, timedelta

import pytest

from lakelet.errors import InvalidInput
from lakelet.schedules.cron import parsed

START = datetime(2024, 1, 1, tzinfo=UTC)


def first(expression: str, count: int) -> list[str]:
    """The first times in 2024."""
    schedule, moment = parsed(expression), START
    found: list[str] = []
    while len(found) < count and moment.year == 2024:
        if schedule.due(moment):
            found.append(f"{moment:%m-%d %H:%M}")
        moment += timedelta(minutes=1)
    return found


@pytest.mark.parametrize(
    ("expression", "times"),
    [
        ("cron(15 12 * * ? *)", ["01-01 12:15", "01-02 12:15"]),
        ("cron(0 18 ? * MON-FRI *)", ["01-01 18:00", "01-02 18:00", "01-03 18:00", "01-04 18:00"]),
        ("cron(0 8 1 * ? *)", ["01-01 08:00", "02-01 08:00"]),
        ("cron(0/15 * * * ? *)", ["01-01 00:00", "01-01 00:15", "01-01 00:30"]),
        ("cron(0/10 * ? * MON-FRI *)", ["01-01 00:00", "01-01 00:10"]),
        ("cron(0/5 8-17 ? * MON-FRI *)", ["01-01 08:00", "01-01 08:05"]),
        ("cron(0 9 L * ? *)", ["01-31 09:00", "02-29 09:00"]),
        ("cron(0 9 ? * 6L *)", ["01-26 09:00", "02-23 09:00"]),
        ("cron(0 9 ? * 3#2 *)", ["01-09 09:00", "02-13 09:00"]),
        ("cron(0 9 6W * ? *)", ["01-05 09:00", "02-06 09:00"]),
        ("cron(0 9 1W 1,6 ? *)", ["01-01 09:00", "06-03 09:00"]),
        ("cron(0 9 31W 1,3 ? *)", ["01-31 09:00", "03-29 09:00"]),
        ("cron(0 9 ? 1 7L *)", ["01-27 09:00"]),
        ("cron(0 9 ? 1 7#4 *)", ["01-27 09:00"]),
        ("cron(0 0 1 FEB,12 ? 2024-2025)", ["02-01 00:00", "12-01 00:00"]),
    ],
)
def test_a_schedule_is_due_when_the_guide_says(expression: str, times: list[str]) -> None:
    assert first(expression, len(times)) == times


@pytest.mark.parametrize(
    "expression",
    [
        "15 12 * * ? *",
        "cron(15 12 * * *)",
        "cron(60 12 * * ? *)",
        "cron(0 0 ? * ? *)",
        "cron(0 0 1 * MON *)",
        "cron(0 0 1 13 ? *)",
        "cron(a 0 1 1 ? *)",
        "cron(5-1 0 1 1 ? *)",
        "rate(5 minutes)",
        "cron(0 24 1 1 ? *)",
        "cron(0 0 0 1 ? *)",
        "cron(0 0 32 1 ? *)",
        "cron(0 0 0W 1 ? *)",
        "cron(0 0 32W 1 ? *)",
        "cron(0 0 ? 1 8 *)",
        "cron(0 0 ? 1 8L *)",
        "cron(0 0 ? 1 8#1 *)",
        "cron(0 0 ? 1 2#6 *)",
    ],
)
def test_what_is_no_schedule_is_refused(expression: str) -> None:
    with pytest.raises(InvalidInput, match="Invalid schedule expression"):
        parsed(expression)
