"""The matches of a row pattern over all partitions, as the rows that a query gives of them.

`Specification` is what the emitter writes of a pattern, as JSON, and the engine reads back.
"""

import json
from collections.abc import Generator, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from lakelet.sql.row_patterns.matching import (
    Asked,
    Bounds,
    Labels,
    Match,
    Matcher,
    Place,
    Placing,
    Searching,
    next_start,
)

Recording = Generator[Asked, bool, list[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class ConditionText:
    """A condition that looks back, as a DuckDB expression over structs: `number`, `p0`, `p1` … the
    rows at its places and `g0`, `g1` … lists of rows; a row has the columns `c0`, `c1` … of
    `columns`, whose DuckDB types are given, its number `gid` and the text of its `label`."""

    sql: str
    places: tuple[Place, ...]
    groups: tuple[Labels, ...]
    numbered: bool
    columns: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Specification:
    """A pattern and what is asked of its matches.

    `conditions` are, label by label, None (always), the position among the conditions that are
    known for each row, or one that looks back. `rows` is "one" or "all" a match, or "window" for
    one a row of the input. `unmatched` gives rows that no match has, `empty` those where an empty
    match begins, and `every` those too that are not kept, since aggregates are over them.
    """

    program: list[list[Any]]
    labels: tuple[str, ...]
    conditions: tuple[int | ConditionText | None, ...]
    places: tuple[Place, ...]
    skip: str
    skip_labels: Labels
    rows: str
    empty: bool = True
    unmatched: bool = False
    every: bool = False
    seek: bool = False

    def text(self) -> str:
        return json.dumps(asdict(self))


def read_specification(text: str) -> Specification:
    """Reads what `Specification.text` wrote."""
    given = json.loads(text)
    conditions = tuple(
        _condition(each) if isinstance(each, dict) else each for each in given.pop("conditions")
    )
    places = tuple(map(_place, given.pop("places")))
    skip_labels = tuple(given.pop("skip_labels"))
    labels = tuple(given.pop("labels"))
    return Specification(
        conditions=conditions, places=places, skip_labels=skip_labels, labels=labels, **given
    )


def _place(given: dict[str, Any]) -> Place:
    return Place(**{**given, "labels": tuple(given["labels"])})


def _condition(given: dict[str, Any]) -> ConditionText:
    return ConditionText(
        given["sql"],
        tuple(map(_place, given["places"])),
        tuple(map(tuple, given["groups"])),
        given["numbered"],
        tuple((column, kind) for column, kind in given["columns"]),
    )


class Search:
    """Goes through partitions and gives records: `match` numbers the matches of all partitions
    (None: a row without one), `number` those of the partition, `row` is the input's row, `label`
    its label (None in an empty match), `start` and `stop` the match's rows, `kept` whether the
    row belongs to the answer, and `places` the rows and labels at the places."""

    def __init__(self, specification: Specification, matcher: Matcher) -> None:
        self._asked = specification
        self._matcher = matcher
        self._matches = 0

    def partition(self, bounds: Bounds) -> Recording:
        """The records of a partition's rows for MATCH_RECOGNIZE."""
        asked, number, failed = self._asked, 0, set[Any]()
        row = covered = bounds[0]
        records: list[dict[str, Any]] = []
        while row < bounds[1]:
            found = yield from self._matcher.match(row, bounds, number + 1, failed)
            if found is None:
                if asked.unmatched and row >= covered:
                    records.append(self._none(row))
                row += 1
                continue
            number += 1
            self._matches += 1
            if found.labels:
                records += self._records(found, number, bounds)
                row = next_start(found, asked.skip, asked.skip_labels)
                covered = max(covered, found.end)
            else:
                if asked.empty:
                    records.append(self._empty(found, number))
                row += 1
        return records

    def window(self, bounds: Bounds, ends: Sequence[int]) -> Recording:
        """The records for a window: one a row, whose frame ends before the row of `ends`."""
        number, next_row = 0, bounds[0]
        records: list[dict[str, Any]] = []
        for row in range(*bounds):
            found = None
            if row >= next_row:
                found = yield from self._in_frame(row, ends[row], number + 1)
            if found is None:
                records.append(self._none(row))
                continue
            number += 1
            self._matches += 1
            records.append(self._framed(row, found, number, ends[row]))
            next_row = row + 1
            if found.labels and self._asked.skip != "NEXT":
                next_row = next_start(found, self._asked.skip, self._asked.skip_labels)
        return records

    def _in_frame(self, row: int, end: int, number: int) -> Searching:
        last = end if self._asked.seek else row + 1
        failed: set[Any] = set()
        for start in range(row, max(last, row + 1)):
            found = yield from self._matcher.match(start, (row, end), number, failed)
            if found is not None:
                return found
        return None

    def _framed(self, row: int, found: Match, number: int, end: int) -> dict[str, Any]:
        if not found.labels:
            return {**self._empty(found, number), "row": row}
        last = found.end - 1
        places = Placing(found, self._asked.places, (row, end)).at(last)
        record = self._record(found, number, last, places)
        return {**record, "row": row, "kept": True}

    def _records(self, found: Match, number: int, bounds: Bounds) -> Iterator[dict[str, Any]]:
        placing = Placing(found, self._asked.places, bounds)
        for row in range(found.start, found.end):
            if self._asked.every or self._kept(found, row):
                yield self._record(found, number, row, placing.at(row))

    def _kept(self, found: Match, row: int) -> bool:
        if self._asked.rows == "one":
            return row == found.end - 1
        return row not in found.excluded

    def _record(
        self, found: Match, number: int, row: int, places: list[dict[str, int | None]]
    ) -> dict[str, Any]:
        return {
            "match": self._matches,
            "number": number,
            "row": row,
            "label": found.labels[row - found.start],
            "start": found.start,
            "stop": found.end,
            "kept": self._kept(found, row),
            "places": places,
            "labels": found.labels if self._asked.rows == "window" else None,
        }

    def _empty(self, found: Match, number: int) -> dict[str, Any]:
        return {
            "match": self._matches,
            "number": number,
            "row": found.start,
            "label": None,
            "start": found.start,
            "stop": found.start,
            "kept": True,
            "places": [{"row": None, "label": None} for _ in self._asked.places],
        }

    def _none(self, row: int) -> dict[str, Any]:
        return {
            "match": None,
            "number": None,
            "row": row,
            "label": None,
            "start": None,
            "stop": None,
            "kept": True,
            "places": [{"row": None, "label": None} for _ in self._asked.places],
        }
