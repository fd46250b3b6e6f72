"""Who is fastest and who is cheapest over a whole suite, by how much, and whether that is noise.

A place's slowness is the geometric mean, over the queries, of its median time by the least median
of the query: a query of a second does not hide twenty of a millisecond.
"""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log, sqrt
from typing import Final

from lakelet.bench.report import Made, Measured, Report

_ERRORS: Final = 3
"""Standard errors that a lead must be wider than."""

_LEAST_LEAD: Final = 1.02
"""A lead of less is none, however sure it is: it would not be there on another day."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A place that answered every query that any place did: its slowness (1 is the best of each
    query), and the seconds, bytes and dollars of one run of each."""

    made: Made
    label: str
    slowness: float
    seconds: float
    scanned: int
    dollars: float


@dataclass(frozen=True, slots=True)
class Lead:
    """By which ratio the first is faster than the second, and how far that is from being noise:
    the `noise` is a ratio too, None where single runs tell nothing of it."""

    ratio: float
    noise: float | None

    @property
    def beyond(self) -> bool:
        """Whether it is more than noise."""
        return self.noise is not None and self.ratio > max(self.noise, _LEAST_LEAD)


def standings(report: Report) -> tuple[Standing, ...]:
    """Places over the most rows, the fastest first."""
    found = {
        made.place: [each for query in report.queries for each in report.whole(query)
                     if each.place == made.place]
        for made in report.layouts
    }  # fmt: skip
    most = max((len(each) for each in found.values()), default=0)
    standing = [
        _standing(report, made, found[made.place])
        for made in report.layouts
        if most and len(found[made.place]) == most
    ]
    return tuple(sorted(standing, key=lambda each: each.slowness))


def _standing(report: Report, made: Made, found: Sequence[Measured]) -> Standing:
    best = {each.query: report.best(each.query) for each in found}
    ratios = [log(each.median / least[0]) for each in found if (least := best[each.query])]
    return Standing(
        made,
        report.label(made.place),
        exp(statistics.fmean(ratios)),
        sum(each.median for each in found),
        sum(each.scanned for each in found),
        sum(report.dollars(each) for each in found),
    )


def cheapest(places: Sequence[Standing]) -> Standing:
    """The one with the least price; of several, the one that scans least, the fastest first."""
    return min(places, key=lambda each: (each.dollars, each.scanned))


def lead(report: Report, first: Standing, second: Standing) -> Lead:
    """How much faster the first is.

    Runs of one round were made beside each other, so they are compared in pairs; how the pairs of
    a query differ among themselves is the noise.
    """
    left = {each.query: each for each in report.measured if each.place == first.made.place}
    right = {each.query: each for each in report.measured if each.place == second.made.place}
    pairs = [
        [log(slow / fast) for fast, slow in zip(left[query].seconds, found.seconds, strict=False)]
        for query, found in right.items()
        if query in left and found.seconds and left[query].seconds
    ]
    return Lead(second.slowness / first.slowness, _noise(pairs))


def _noise(pairs: Sequence[Sequence[float]]) -> float | None:
    """Three standard errors of the mean of all pairs, as a ratio."""
    free = sum(len(each) - 1 for each in pairs)
    if free < 1:
        return None
    count = sum(map(len, pairs))
    variance = sum((one - statistics.fmean(each)) ** 2 for each in pairs for one in each) / free
    return exp(_ERRORS * sqrt(variance / count))
