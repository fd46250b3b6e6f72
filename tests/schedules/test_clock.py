"""What looks at the clock."""

import threading
from datetime import datetime

import pytest

from lakelet.schedules import clock
from lakelet.schedules.clock import Clock


def test_a_minute_that_fails_does_not_keep_the_next_from_its_work(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    class LastMoment(datetime):
        """Always just before a minute's end."""

        @classmethod
        def now(cls, tz: object = None) -> "LastMoment":
            return cls(2024, 1, 1, 0, 0, 59, 999_999)

    monkeypatch.setattr(clock, "datetime", LastMoment)
    seen: list[datetime] = []
    again = threading.Event()

    def tick(moment: datetime) -> None:
        seen.append(moment)
        if len(seen) == 1:
            raise ValueError("full")
        again.set()

    watched = Clock("clock", tick)
    watched.start()
    assert again.wait(10)
    watched.close()
    assert "could not be begun" in caplog.text
