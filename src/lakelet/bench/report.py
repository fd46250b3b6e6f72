"""What a run found: layouts, measurements, and where they were made; kept as JSON."""

import statistics
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import orjson

from lakelet import pricing
from lakelet.bench import files
from lakelet.engines.explaining.profile import Operator
from lakelet.errors import LakeletError

VERSION: Final = 2
"""Of the JSON document."""

AS_THEY_ARE: Final = "as it is"
"""The layout of tables that are not laid out anew."""

_MANY: Final = 8
"""Layouts of one failure beyond which the first `_FEW` are named."""
_FEW: Final = 4


Place = tuple[str, str]
"""Where a query runs: the names of an engine and of a layout there."""


@dataclass(frozen=True, slots=True)
class Engine:
    """Where queries ran; `failure` says why it is not available, and how to get it."""

    name: str
    failure: str | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """A layout as it was made; `failure` says why it could not be. `seconds` is what it took."""

    engine: str
    name: str
    family: str
    fraction: float = 1.0
    rows: int = 0
    files: int = 0
    size: int = 0
    seconds: float = 0.0
    statements: tuple[str, ...] = ()
    failure: str | None = None

    @property
    def place(self) -> Place:
        return self.engine, self.name


@dataclass(frozen=True, slots=True)
class Measured:
    """A query on a layout: seconds of each run and of its phases (medians), bytes and counts.

    `stretches` are how many times longer each run took for waiting for a processor that others
    held; empty where that can't be told. `memory` is the most bytes that the process held beyond
    what it held before; None where that can't be told, as are row groups and `operators`, which are
    those of a run of its own. `failure` is why it has no times.
    """

    query: str
    engine: str
    layout: str
    seconds: tuple[float, ...] = ()
    phases: Mapping[str, float] = field(default_factory=dict)
    scanned: int = 0
    rows: int = 0
    files: int | None = None
    row_groups: int | None = None
    memory: int | None = None
    operators: Operator | None = None
    failure: str | None = None
    stretches: tuple[float, ...] = ()

    @property
    def place(self) -> Place:
        return self.engine, self.layout

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)

    @property
    def quartiles(self) -> tuple[float, float]:
        """What a quarter and three quarters of the runs stayed under."""
        return quartiles(self.seconds)

    @property
    def undisturbed(self) -> tuple[float, ...]:
        """The seconds of each run without the waiting for a processor."""
        if not self.stretches:
            return self.seconds
        return tuple(each / times for each, times in zip(self.seconds, self.stretches, strict=True))


@dataclass(frozen=True, slots=True)
class Winners:
    """A query's runs on the layout where it was fastest, and on that where it scanned least; or
    why there are none."""

    query: str
    fastest: Measured | None = None
    cheapest: Measured | None = None
    failure: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """A run of a suite. `complete` is False for one that was interrupted."""

    suite: str
    engines: tuple[Engine, ...]
    at: str
    machine: str
    versions: Mapping[str, str]
    price_per_tb: float
    warmup: int
    repeat: int
    queries: Mapping[str, str]
    layouts: tuple[Made, ...] = ()
    measured: tuple[Measured, ...] = ()
    complete: bool = False

    @property
    def waiting(self) -> float:
        """The share of the runs' time in which they waited for a processor that others held."""
        ran = [each for each in self.measured if each.stretches]
        whole = sum(sum(each.seconds) for each in ran)
        return 1 - sum(sum(each.undisturbed) for each in ran) / whole if whole else 0.0

    def dollars(self, found: Measured) -> float:
        """What one run of a query costs on Athena."""
        return pricing.dollars(found.scanned, self.price_per_tb)

    def label(self, place: Place) -> str:
        """A place's name: its layout's, and its engine's where there are several."""
        engine, layout = place
        if len(self.engines) == 1:
            return layout
        return engine if layout == AS_THEY_ARE else f"{layout}, on {engine}"

    def of(self, query: str) -> tuple[Measured, ...]:
        """A query's measurements, in the layouts' order."""
        return tuple(found for found in self.measured if found.query == query)

    def whole(self, query: str) -> tuple[Measured, ...]:
        """Those that ran over the most rows."""
        most = max((made.fraction for made in self.layouts), default=1.0)
        places = {made.place for made in self.layouts if made.fraction == most}
        return tuple(each for each in self.of(query) if each.seconds and each.place in places)

    def best(self, query: str) -> tuple[float, int] | None:
        """A query's least time and fewest bytes, over the most rows; None if it never ran."""
        ran = self.whole(query)
        if not ran:
            return None
        return min(each.median for each in ran), min(each.scanned for each in ran)

    def winners(self) -> Iterator[Winners]:
        """Which layouts were best for each query, over the most rows."""
        for query in self.queries:
            ran = self.whole(query)
            if ran:
                fastest = min(ran, key=lambda each: each.median)
                yield Winners(query, fastest, min(ran, key=lambda each: each.scanned))
            else:
                failed = (each.failure for each in self.of(query) if each.failure)
                yield Winners(query, failure=next(failed, "not run"))

    def unavailable(self) -> dict[str, str]:
        """Each engine that is not available, and why."""
        return {each.name: each.failure for each in self.engines if each.failure is not None}

    def unmade(self) -> dict[str, str]:
        """Each reason for which layouts could not be made, and which."""
        away = self.unavailable()
        found = [made for made in self.layouts if made.engine not in away]
        return by_reason((made.failure, self.label(made.place)) for made in found)

    def failures(self, query: str) -> dict[str, str]:
        """Each reason for which a query did not run, and on which of the layouts that were made
        on the engines that are available."""
        away = self.unavailable()
        missing = {made.place for made in self.layouts if made.failure is not None}
        found = [
            each for each in self.of(query) if each.place not in missing and each.engine not in away
        ]
        reasons = by_reason((each.failure, self.label(each.place)) for each in found)
        failed = sum(each.failure is not None for each in found)
        if len(reasons) == 1 and failed == len(found) > 1:
            return dict.fromkeys(reasons, "every layout")
        return reasons

    def without(self, engine: Engine) -> "Report":
        """With an engine that is not available after all."""
        return replace(
            self,
            engines=tuple(engine if each.name == engine.name else each for each in self.engines),
        )


def quartiles(values: Sequence[float]) -> tuple[float, float]:
    """What a quarter and three quarters of some values stay under."""
    if len(values) == 1:
        return values[0], values[0]
    low, _, high = statistics.quantiles(values, n=4, method="inclusive")
    return low, high


def by_reason(failures: Iterable[tuple[str | None, str]]) -> dict[str, str]:
    """Each reason, and the names of what failed for it; None is no failure."""
    found: dict[str, list[str]] = {}
    for reason, name in failures:
        if reason is not None:
            found.setdefault(reason, []).append(name)
    return {reason: _listed(names) for reason, names in found.items()}


def _listed(names: Sequence[str]) -> str:
    """Names, but not all of very many."""
    if len(names) <= _MANY:
        return "; ".join(names)
    return f"{'; '.join(names[:_FEW])} and {len(names) - _FEW} more"


def save(report: Report, path: Path) -> None:
    """Writes a report as JSON; raises LakeletError for a path that can't be written."""
    document = {"version": VERSION, **asdict(report)}
    files.write(path, orjson.dumps(document, option=orjson.OPT_INDENT_2))


def load(path: Path) -> Report:
    """A report that was saved; raises LakeletError for any other file."""
    try:
        document = orjson.loads(files.read(path))
    except orjson.JSONDecodeError:
        document = None
    version = document.pop("version", None) if isinstance(document, dict) else None
    if version is None:
        raise LakeletError(f"{path} is no report of lakelet bench")
    if version != VERSION:
        raise LakeletError(f"{path} is of another lakelet bench; run its suite again")
    try:
        return _report(document)
    except (AttributeError, KeyError, TypeError) as error:
        raise LakeletError(f"{path} is no whole report of lakelet bench: {error}") from error


def _report(document: dict[str, Any]) -> Report:
    engines = tuple(Engine(**each) for each in document.pop("engines"))
    layouts = _all(Made, document.pop("layouts"), "statements")
    measured = tuple(
        replace(each, operators=_operator(each.operators))
        for each in _all(Measured, document.pop("measured"), "seconds", "stretches")
    )
    return Report(**document, engines=engines, layouts=layouts, measured=measured)


def _all(of: Any, documents: Sequence[dict[str, Any]], *listed: str) -> tuple[Any, ...]:
    return tuple(
        of(**{**each, **{name: tuple(each.get(name, ())) for name in listed}}) for each in documents
    )


def _operator(document: Any) -> Operator | None:
    if document is None:
        return None
    inputs = tuple(filter(None, map(_operator, document["inputs"])))
    return Operator(**{**document, "inputs": inputs})
