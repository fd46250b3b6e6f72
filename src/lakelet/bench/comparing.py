"""What changed between two reports beyond noise."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from lakelet.bench.report import Measured, Report

LEAST: Final = 1.1
"""A median that changed by less than this ratio is the same: machines drift between runs."""

LEAST_SCANNED: Final = 1.05
"""The same for bytes: rows come in no order, so files that hold the same differ by a little."""


@dataclass(frozen=True, slots=True)
class Change:
    """A query on a layout in both reports. `verdict` is faster, slower, same, or what became of
    it; `ratio` is new time by old."""

    query: str
    layout: str
    verdict: str
    ratio: float | None = None
    scanned: tuple[int, int] | None = None

    @property
    def matters(self) -> bool:
        """Whether there is something to look at."""
        return self.verdict != "same" or self.scanned is not None


def changes(old: Report, new: Report) -> Iterator[Change]:
    """Every query and layout of the new report, beside the old one."""
    before = {(each.query, each.layout): each for each in old.measured}
    for found in new.measured:
        earlier = before.get((found.query, found.layout))
        if earlier is None:
            yield Change(found.query, found.layout, "new")
        else:
            yield _change(earlier, found)


def _change(old: Measured, new: Measured) -> Change:
    if new.failure is not None:
        return Change(new.query, new.layout, "same" if old.failure is not None else "fails now")
    if old.failure is not None:
        return Change(new.query, new.layout, "works now")
    scanned = (old.scanned, new.scanned) if _differ(old.scanned, new.scanned) else None
    ratio = new.median / old.median
    return Change(new.query, new.layout, _verdict(old, new, ratio), ratio, scanned)


def _differ(old: int, new: int) -> bool:
    return max(old, new) > LEAST_SCANNED * min(old, new)


def _verdict(old: Measured, new: Measured, ratio: float) -> str:
    """Three quarters of the runs must lie beyond every run of the other report."""
    if ratio >= LEAST and new.quartiles[0] > max(old.seconds):
        return "slower"
    if ratio <= 1 / LEAST and new.quartiles[1] < min(old.seconds):
        return "faster"
    return "same"
