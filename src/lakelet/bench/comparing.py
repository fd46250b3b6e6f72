"""What changed between two reports beyond noise.

A change must stand out of the runs of its query, and of how much all queries differ between the
two: a machine that others use too runs now one, now another query at half its speed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import exp, log, sqrt
from statistics import median
from typing import Final

from lakelet.bench.report import Measured, Report, quartiles

LEAST: Final = 1.1
"""A median that changed by less than this ratio is the same: machines drift between runs."""

_ENOUGH: Final = 8
"""Pairs of medians from which the noise of two reports can be told."""
_DEVIATIONS: Final = 3 * 1.4826
"""Three standard deviations, in median absolute deviations of a normal distribution."""

_ALL_BUT: Final = 0.99
"""The share of runs whose distance from their median is noise."""
_FEW: Final = 3
"""Runs of a query whose median is no surer than one of them."""

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


@dataclass(frozen=True, slots=True)
class Comparison:
    """What changed since an earlier report, in the file `against`.

    `noise` is the ratio from which a time has changed; None where single runs tell nothing of it.
    `conditions` are what differs of the machine and the versions, `rewritten` the queries whose
    text is another one.
    """

    against: str
    changes: tuple[Change, ...] = ()
    noise: float | None = None
    conditions: tuple[str, ...] = ()
    rewritten: tuple[str, ...] = ()


def compare(old: Report, new: Report, against: str) -> Comparison:
    """Every query and place of the new report that is not as it was in the old one."""
    noise = _noise(old, new)
    found = tuple(each for each in changes(old, new, noise) if each.matters)
    return Comparison(against, found, noise, tuple(_conditions(old, new)), _rewritten(old, new))


def changes(old: Report, new: Report, noise: float | None) -> Iterator[Change]:
    """Every query and place of the new report, beside the old one, and what is there no more."""
    before = {(each.query, each.place): each for each in old.measured}
    for found in new.measured:
        earlier = before.pop((found.query, found.place), None)
        label = new.label(found.place)
        if earlier is None:
            yield Change(found.query, label, "new")
        else:
            yield _change(earlier, found, label, noise)
    if new.complete:
        for query, place in before:
            yield Change(query, old.label(place), "gone")


def _conditions(old: Report, new: Report) -> Iterator[str]:
    if old.machine != new.machine:
        yield f"{old.machine} → {new.machine}"
    for name, version in new.versions.items():
        if (was := old.versions.get(name)) != version:
            yield f"{name} {was or 'unknown'} → {version}"


def _rewritten(old: Report, new: Report) -> tuple[str, ...]:
    return tuple(
        query for query, text in new.queries.items() if text != old.queries.get(query, text)
    )


def _noise(old: Report, new: Report) -> float | None:
    """The ratio from which a median has changed: the wider of what tells the two reports apart and
    of what tells the runs of one query apart."""
    within = _within(old, new)
    return None if within is None else max(LEAST, within, _between(old, new))


def _within(old: Report, new: Report) -> float | None:
    """How far from their median all but one run in a hundred lie, in either report; of many runs
    the median is known the better."""
    ran = [each for report in (old, new) for each in report.measured if len(each.seconds) > 1]
    if not ran:
        return None
    deviations = sorted(abs(log(one / each.median)) for each in ran for one in each.seconds)
    most = deviations[int(_ALL_BUT * (len(deviations) - 1))]
    runs = min(len(each.seconds) for each in ran)
    return exp(most * sqrt(min(1.0, _FEW / runs)))


def _between(old: Report, new: Report) -> float:
    """How far apart the ratios of medians lie: where all are alike, all have changed."""
    before = {(each.query, each.place): each for each in old.measured if each.seconds}
    found = [
        log(each.median / before[each.query, each.place].median)
        for each in new.measured
        if each.seconds and (each.query, each.place) in before
    ]
    if len(found) < _ENOUGH:
        return LEAST
    middle = median(found)
    return exp(_DEVIATIONS * median(abs(each - middle) for each in found))


def _change(old: Measured, new: Measured, label: str, noise: float | None) -> Change:
    if new.failure is not None:
        return Change(new.query, label, "same" if old.failure is not None else "fails now")
    if old.failure is not None:
        return Change(new.query, label, "works now")
    scanned = (old.scanned, new.scanned) if _differ(old.scanned, new.scanned) else None
    ratio = new.median / old.median
    return Change(new.query, label, _verdict(old, new, noise), ratio, scanned)


def _differ(old: int, new: int) -> bool:
    return max(old, new) > LEAST_SCANNED * min(old, new)


def _verdict(old: Measured, new: Measured, noise: float | None) -> str:
    """The times must have changed, and so must what is left of them without the waiting for a
    processor: on a busy machine the one changes by chance, and the other does now and then."""
    if noise is None:
        return "same"
    whole = _changed(old.seconds, new.seconds, noise)
    return whole if whole == _changed(old.undisturbed, new.undisturbed, noise) else "same"


def _changed(old: Sequence[float], new: Sequence[float], noise: float) -> str:
    """Three quarters of the runs must lie beyond every run of the other report."""
    low, high = quartiles(new)
    ratio = median(new) / median(old)
    if ratio >= noise and low > max(old):
        return "slower"
    if ratio <= 1 / noise and high < min(old):
        return "faster"
    return "same"
