"""The answer of a report in a few words: what is fastest, what is cheapest, and by how much."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from lakelet import pricing
from lakelet.bench import units
from lakelet.bench.comparing import Comparison
from lakelet.bench.report import Report
from lakelet.bench.standing import Lead, Standing, cheapest, lead, standings

_BUSY: Final = 0.1
"""The share of waiting from which it is told."""


@dataclass(frozen=True, slots=True)
class Told:
    """A question's word, the place that is its answer, and the reason in a sentence."""

    question: str
    place: str
    reason: str


def told(report: Report) -> tuple[Told, ...]:
    """Fastest, cheapest and least bytes; nothing where nothing is to be compared."""
    places = standings(report)
    if len(places) < 2:
        return ()
    return tuple(_told(report, places))


def busy(report: Report) -> str:
    """What others that used the machine did to the times; nothing where that was little."""
    if report.waiting < _BUSY:
        return ""
    return (
        f"The machine was busy: {_percent(report.waiting)} of the time, runs waited for a"
        " processor that other programs held."
    )


def compared(found: Comparison) -> Iterator[str]:
    """What was held to be noise, and what else is not as it was."""
    if found.noise is None:
        yield "One run of each can't tell a change of its time from noise; use --repeat 3."
    else:
        which = "Nothing changed" if not found.changes else "This changed"
        yield f"{which} beyond noise, which is {_noise(found.noise)} by how far the runs lie apart."
    if found.conditions:
        yield f"The earlier report was made elsewhere: {', '.join(found.conditions)}."
    if found.rewritten:
        yield f"These queries had another text then: {', '.join(found.rewritten)}."


def _told(report: Report, places: Sequence[Standing]) -> Iterator[Told]:
    count = sum(bool(report.whole(query)) for query in report.queries)
    first, second = places[:2]
    yield Told("Fastest", first.label, _faster(lead(report, first, second), second, count))
    if len({(each.dollars, each.scanned) for each in places}) == 1:
        return
    best = cheapest(places)
    yield Told("Cheapest", best.label, _cheaper(best, places))
    least = min(places, key=lambda each: each.scanned)
    yield Told("Scans least", least.label, _less(least, places, count))


def _faster(found: Lead, second: Standing, count: int) -> str:
    over = ", in the geometric mean of all queries" if count > 1 else ""
    head = f"{_times(found.ratio)} as fast as the next ({second.label}){over}"
    if found.noise is None:
        return f"{head}; one run of each can't tell whether that is noise."
    noise = f"noise ({_noise(found.noise)})"
    return f"{head}, beyond {noise}." if found.beyond else f"{head}, which is within {noise}."


def _cheaper(best: Standing, places: Sequence[Standing]) -> str:
    price = f"{units.money(best.dollars * 1e6)} for a million runs of each query"
    others = [each for each in places if each is not best]
    same = [each for each in others if _near(each.dollars, best.dollars)]
    if same:
        who = "one other costs" if len(same) == 1 else f"{len(same)} others cost"
        least = units.size(pricing.LEAST)
        why = f": Athena bills {least} at least for a query" if _is_least(best, places) else ""
        return f"{price}; {who} the same{why}."
    second = min(others, key=lambda each: each.dollars)
    share = _percent(1 - best.dollars / second.dollars)
    return f"{price}: {share} less than the next ({second.label})."


def _less(least: Standing, places: Sequence[Standing], count: int) -> str:
    head = f"{units.size(least.scanned)} for {'one run of each query' if count > 1 else 'a run'}"
    others = [each for each in places if each is not least]
    second = min(others, key=lambda each: each.scanned)
    if second.scanned == least.scanned:
        return f"{head}, as does {second.label}."
    if not least.scanned:
        return f"{head}; the next ({second.label}) {units.size(second.scanned)}."
    share = _percent(1 - least.scanned / second.scanned)
    return f"{head}: {share} less than the next ({second.label})."


def _is_least(best: Standing, places: Sequence[Standing]) -> bool:
    """Whether the price is that of queries that scan next to nothing."""
    scanned = max(each.scanned for each in places if _near(each.dollars, best.dollars))
    return best.scanned != scanned


def _near(left: float, right: float) -> bool:
    return abs(left - right) <= 1e-9 * max(left, right)


def _times(ratio: float) -> str:
    return f"{ratio:.3g} ×" if ratio < 100 else f"{ratio:,.0f} ×"


def _noise(ratio: float) -> str:
    return f"± {_percent(max(ratio - 1, 0.001))}" if ratio < 2 else f"a factor of {ratio:.2g}"


def _percent(share: float) -> str:
    return f"{100 * share:.{2 if share < 1 else 3}g} %" if share >= 0.001 else "hardly"
