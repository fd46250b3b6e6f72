"""Finds a program's matches among the rows of partitions.

A search goes depth first and remembers where it has been: coming again to a place of the program
at the same row, with the same rows (and labels, where a condition asks for labels) in what
conditions look back at, can only fail again. So a search whose conditions do not look back takes
no more steps than the program has places for each row, whatever the pattern.
"""

from bisect import bisect_right
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from lakelet.errors import TrinoError

Labels = tuple[int, ...]
Bounds = tuple[int, int]
"""The first row of a partition, or of a frame, and the row behind its last."""


@dataclass(frozen=True, slots=True)
class Place:
    """A row of a match: the first or last that has one of the labels (none: any), so many such
    rows further in, then so many rows away from it, counted in the partition. The last one is none
    behind the current row when it is `running`."""

    labels: Labels
    last: bool
    logical: int
    physical: int
    running: bool = True

    def row(self, rows: Sequence[int], bounds: Bounds) -> int | None:
        """The row, among those that have the labels, within the bounds."""
        index = len(rows) - 1 - self.logical if self.last else self.logical
        if not 0 <= index < len(rows):
            return None
        found = rows[index] + self.physical
        return found if bounds[0] <= found < bounds[1] else None


@dataclass(frozen=True, slots=True)
class Asked:
    """What a label's condition that looks back sees in rows that end at `high`: the match's number
    (0 unless it asks for it), the rows at its places with their labels, and each of its groups as
    (row, label) pairs."""

    label: int
    high: int
    number: int
    rows: tuple[int | None, ...]
    labels: tuple[int | None, ...]
    groups: tuple[tuple[tuple[int, int], ...], ...]


@dataclass(frozen=True, slots=True)
class Condition:
    """What must hold for a row that takes a label.

    With `local` it is known for each row. Else it depends on the rows of the match so far: on
    those at `places` and on all that have the labels of one of `groups`, and when it is `labelled`
    on which labels those rows have.
    """

    local: Sequence[bool] | None = None
    places: tuple[Place, ...] = ()
    groups: tuple[Labels, ...] = ()
    numbered: bool = False
    labelled: bool = False


@dataclass(slots=True)
class Match:
    """Rows from `start`, their labels, and which of them are excluded."""

    start: int
    labels: list[int]
    excluded: frozenset[int] = frozenset()

    @property
    def end(self) -> int:
        """The row behind its last."""
        return self.start + len(self.labels)


@dataclass(slots=True)
class _Rows:
    """The rows of a match so far by the label sets that are asked for."""

    sets: tuple[Labels, ...]
    labels: list[int] = field(default_factory=list)
    by_set: dict[Labels, list[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.by_set = {each: [] for each in self.sets}

    def push(self, row: int, label: int) -> None:
        self.labels.append(label)
        for labels, rows in self.by_set.items():
            if not labels or label in labels:
                rows.append(row)

    def cut(self, length: int) -> None:
        while len(self.labels) > length:
            label = self.labels.pop()
            for labels, rows in self.by_set.items():
                if not labels or label in labels:
                    rows.pop()


@dataclass(slots=True)
class _State:
    """Where a search is: the rows it has taken, the marks of exclusions among them, where else it
    may go on, and where it has been."""

    start: int
    bounds: Bounds
    rows: _Rows
    seen: set[Any]
    marks: tuple[int, ...] = ()
    waiting: list[tuple[int, int, tuple[int, ...]]] = field(default_factory=lambda: [(0, 0, ())])


Searching = Generator[Asked, bool, Match | None]


class Matcher:
    """Searches from given rows; `conditions` are one a label, None where every row may have it.

    Searches are generators: they yield what a condition that looks back must tell, and are sent
    whether it holds, so that those of many partitions can ask together.
    """

    def __init__(
        self, program: Sequence[Sequence[Any]], conditions: Sequence[Condition | None]
    ) -> None:
        self.program = program
        self.conditions = conditions
        looking = [each for each in conditions if each is not None and each.local is None]
        self._places = tuple(place for each in looking for place in each.places)
        self._groups = tuple({labels for each in looking for labels in each.groups})
        self._sets = tuple({place.labels for place in self._places} | set(self._groups))
        self._looks_back = bool(looking)
        self._labelled = any(each.labelled for each in looking)
        self._behind = max((0, *(-place.physical for place in self._places)))

    def match(self, row: int, bounds: Bounds, number: int, failed: set[Any]) -> Searching:
        """The preferred match that begins at a row of a partition, None when there is none.

        `failed` keeps what is known to fail in the partition; it is for the searches of one
        partition with the same bounds, and empty at first.
        """
        seen = set() if self._looks_back else failed
        found = yield from self._search(row, bounds, number, seen)
        if found is not None:
            failed.clear()
        return found

    def _search(self, start: int, bounds: Bounds, number: int, seen: set[Any]) -> Searching:
        state = _State(start, bounds, _Rows(self._sets), seen)
        rows = state.rows
        while state.waiting:
            at, length, state.marks = state.waiting.pop()
            rows.cut(length)
            while at >= 0:
                operation = self.program[at]
                if operation[0] == "done":
                    return Match(start, rows.labels, _excluded(start, state.marks))
                if operation[0] != "row":
                    at = self._next(at, operation, state)
                    continue
                row, label = start + len(rows.labels), operation[1]
                if row >= bounds[1]:
                    break
                rows.push(row, label)
                condition = self.conditions[label]
                if condition is not None:
                    if condition.local is not None:
                        holds = condition.local[row]
                    else:
                        holds = yield self._asked(label, condition, row, rows, bounds, number)
                    if not holds:
                        break
                at += 1
        return None

    def _next(self, at: int, operation: Sequence[Any], state: "_State") -> int:
        """Where to go on after an operation that takes no row; -1 when that fails."""
        length = len(state.rows.labels)
        match operation[0]:
            case "split":
                key = self._key(at, state.start + length, state.rows)
                if key in state.seen:
                    return -1
                state.seen.add(key)
                state.waiting.append((operation[2], length, state.marks))
                return int(operation[1])
            case "jump":
                return int(operation[1])
            case "exclude":
                state.marks = (*state.marks, length + 1 if operation[1] else -length - 1)
                return at + 1
        edge = state.bounds[0] if operation[0] == "start" else state.bounds[1]
        return at + 1 if state.start + length == edge else -1

    def _key(self, at: int, row: int, rows: _Rows) -> Any:
        if not self._sets:
            return at, row
        seen: list[Any] = [at, row]
        for place in self._places:
            found, count = rows.by_set[place.labels], place.logical + 1
            seen.append(tuple(found[-count:] if place.last else found[:count]))
        seen += [tuple(rows.by_set[labels]) for labels in self._groups]
        if self._labelled:
            start = row - len(rows.labels)
            seen += [tuple(rows.labels[each - start] for each in found) for found in seen[2:]]
            seen.append(tuple(rows.labels[-self._behind :] if self._behind else ()))
        return tuple(seen)

    def _asked(
        self,
        label: int,
        condition: Condition,
        row: int,
        rows: _Rows,
        bounds: Bounds,
        number: int,
    ) -> Asked:
        start = row + 1 - len(rows.labels)
        found = [place.row(rows.by_set[place.labels], bounds) for place in condition.places]
        return Asked(
            label,
            bounds[1],
            number if condition.numbered else 0,
            tuple(found),
            tuple(
                rows.labels[each - start] if each is not None and start <= each <= row else None
                for each in found
            ),
            tuple(
                tuple((each, rows.labels[each - start]) for each in rows.by_set[labels])
                for labels in condition.groups
            ),
        )


def _excluded(start: int, marks: tuple[int, ...]) -> frozenset[int]:
    """Rows that are in an exclusion: marks are lengths at which one begins (from 1) or, negative,
    ends."""
    found: set[int] = set()
    begun: list[int] = []
    for mark in marks:
        if mark > 0:
            begun.append(mark - 1)
        else:
            found.update(range(start + begun.pop(), start - mark - 1))
    return frozenset(found)


_FAILED: Final = "AFTER MATCH SKIP failed: "


def next_start(match: Match, mode: str, labels: Labels) -> int:
    """Where the search goes on after a match that is not empty.

    Raises TrinoError GENERIC_USER_ERROR when the row to skip to is none.
    """
    if mode == "PAST LAST":
        return match.end
    if mode == "NEXT":
        return match.start + 1
    rows = [i for i, label in enumerate(match.labels) if label in labels]
    if not rows:
        raise TrinoError("GENERIC_USER_ERROR", _FAILED + "pattern variable is not present in match")
    target = rows[0] if mode == "FIRST" else rows[-1]
    if target == 0:
        raise TrinoError("GENERIC_USER_ERROR", _FAILED + "cannot skip to first row of match")
    return match.start + target


class Placing:
    """Where places are, seen from rows of one match."""

    def __init__(self, match: Match, places: Sequence[Place], bounds: Bounds) -> None:
        self._match = match
        self._bounds = bounds
        self._found = [(place, self._having(place.labels)) for place in places]

    def _having(self, labels: Labels) -> list[int]:
        numbered = enumerate(self._match.labels, self._match.start)
        return [row for row, label in numbered if not labels or label in labels]

    def at(self, row: int) -> list[dict[str, int | None]]:
        """The row and the label (None outside the match) at each place, seen from a row."""
        found = []
        for place, rows in self._found:
            if place.last and place.running:
                rows = rows[: bisect_right(rows, row)]
            target = place.row(rows, self._bounds)
            found.append({"row": target, "label": self._label(target)})
        return found

    def _label(self, row: int | None) -> int | None:
        inside = row is not None and self._match.start <= row < self._match.end
        return self._match.labels[row - self._match.start] if inside and row is not None else None
