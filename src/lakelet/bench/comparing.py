"""What changed between two reports beyond noise.

A change must stand out of the runs of its query, and of how much all queries differ between the
two: a machine that others use too runs now one, now another query at half its speed.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import exp, log
from statistics import median
from typing import Final

from lakelet.bench.report import Measured, Report

LEAST: Final = 1.1
"""A median that changed by less than this ratio is the same: machines drift between runs."""

_ENOUGH: Final = 8
"""Pairs of medians from which the noise of two reports can be told."""
_DEVIATIONS: Final = 3 * 1.4826
"""Three standard deviations, in median absolute deviations of a normal distribution."""

LEAST_SCANNED: Final = 1.05
"""The same for bytes: rows come in no order, so files that hold the same differ by a little."""


@dataclass(frozen=True, slots=True)
class Change:
    """A query in a place, by its label, in both reports. `verdict` is faster, slower, same, or what
    became of it; `ratio` is new time by old."""

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
    """Every query and place of the new report, beside the old one, and what is there no more."""
    before = {(each.query, each.place): each for each in old.measured}
    pairs = [(before.pop((found.query, found.place), None), found) for found in new.measured]
    least = _least(
        found.median / earlier.median
        for earlier, found in pairs
        if earlier is not None and earlier.seconds and found.seconds
    )
    for earlier, found in pairs:
        label = new.label(found.place)
        if earlier is None:
            yield Change(found.query, label, "new")
        else:
            yield _change(earlier, found, label, least)
    if new.complete:
        for query, place in before:
            yield Change(query, old.label(place), "gone")


def _least(ratios: Iterable[float]) -> float:
    """The ratio from which a median has changed. It is by how far the ratios lie apart: where all
    are alike, all have changed."""
    found = [log(ratio) for ratio in ratios]
    if len(found) < _ENOUGH:
        return LEAST
    middle = median(found)
    spread = median(abs(each - middle) for each in found)
    return max(LEAST, exp(_DEVIATIONS * spread))


def _change(old: Measured, new: Measured, label: str, least: float) -> Change:
    if new.failure is not None:
        return Change(new.query, label, "same" if old.failure is not None else "fails now")
    if old.failure is not None:
        return Change(new.query, label, "works now")
    scanned = (old.scanned, new.scanned) if _differ(old.scanned, new.scanned) else None
    ratio = new.median / old.median
    return Change(new.query, label, _verdict(old, new, ratio, least), ratio, scanned)


def _differ(old: int, new: int) -> bool:
    return max(old, new) > LEAST_SCANNED * min(old, new)


def _verdict(old: Measured, new: Measured, ratio: float, least: float) -> str:
    """Three quarters of the runs must lie beyond every run of the other report."""
    if ratio >= least and new.quartiles[0] > max(old.seconds):
        return "slower"
    if ratio <= 1 / least and new.quartiles[1] < min(old.seconds):
        return "faster"
    return "same"
