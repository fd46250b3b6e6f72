"""`trino_match_rows`: the matches of a row pattern, over rows that DuckDB has sorted and tested.

Conditions that look back at the match are evaluated by a DuckDB instance of their own, many at a
time: those that the next rows will most likely ask for come with the first.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from lakelet.errors import TrinoError
from lakelet.loading import loading
from lakelet.sql.functions.registry import udf
from lakelet.sql.row_patterns.matching import Asked, Condition, Matcher
from lakelet.sql.row_patterns.search import (
    ConditionText,
    Recording,
    Search,
    read_specification,
)

if TYPE_CHECKING:
    from lakelet.engines.duckdb.session import DuckDb

_AHEAD: Final = 16
_FURTHEST: Final = 4096
"""How many rows ahead a condition is evaluated: at first, and at most."""
_LISTS: Final = 64
"""The same where whole lists of rows are evaluated."""
_REMEMBERED: Final = 200_000
_LABEL: Final = re.compile(r"\b(p\d+|u)\.label\b")
"""A label in a condition's text: of the row at a place or of those of a group."""

_RECORD: Final = (
    "STRUCT(match BIGINT, number BIGINT, row BIGINT, label INTEGER, start BIGINT, stop BIGINT,"
    " kept BOOLEAN, places STRUCT(row BIGINT, label INTEGER)[], labels INTEGER[])"
)


def _load() -> Any:
    import pyarrow

    place = pyarrow.struct([("row", pyarrow.int64()), ("label", pyarrow.int32())])
    record = pyarrow.struct(
        [
            *((name, pyarrow.int64()) for name in ("match", "number", "row")),
            ("label", pyarrow.int32()),
            *((name, pyarrow.int64()) for name in ("start", "stop")),
            ("kept", pyarrow.bool_()),
            ("places", pyarrow.list_(place)),
            ("labels", pyarrow.list_(pyarrow.int32())),
        ]
    )

    def match_rows(*columns: Any) -> Any:
        inputs = zip(*(column.to_pylist() for column in columns), strict=True)
        return pyarrow.array([list(_matches(*each)) for each in inputs], pyarrow.list_(record))

    return match_rows


udf(
    "trino_match_rows",
    _load,
    ("VARCHAR", "BIGINT[]", "BOOLEAN[][]", "VARCHAR[][]", "BIGINT[]"),
    f"{_RECORD}[]",
)


def _matches(
    text: str,
    parts: list[int] | None,
    local: list[list[bool]],
    values: list[list[str | None]],
    stops: list[int],
) -> Iterator[dict[str, Any]]:
    """The records of one input, whose partitions follow each other."""
    if not parts:
        return
    specification = read_specification(text)
    used = sorted(
        {
            column
            for each in specification.conditions
            if isinstance(each, ConditionText)
            for column, _ in each.columns
        }
    )
    columns = dict(zip(used, values, strict=True))
    conditions = [_condition(each, local) for each in specification.conditions]
    evaluators = {
        label: _Evaluator(each, label, specification.labels, columns)
        for label, each in enumerate(specification.conditions)
        if isinstance(each, ConditionText)
    }
    search = Search(specification, Matcher(specification.program, conditions))
    windows = specification.rows == "window"
    searches = [
        search.window(each, stops) if windows else search.partition(each) for each in _bounds(parts)
    ]
    for records in _together(searches, evaluators):
        yield from records


def _together(
    searches: list[Recording], evaluators: Mapping[int, "_Evaluator"]
) -> list[list[dict[str, Any]]]:
    """Runs searches side by side, so that what they ask is evaluated together."""
    found: list[list[dict[str, Any]]] = [[] for _ in searches]
    answers: dict[int, bool | None] = dict.fromkeys(range(len(searches)))
    while answers:
        asking: dict[int, Asked] = {}
        for i, answer in answers.items():
            try:
                asking[i] = next(searches[i]) if answer is None else searches[i].send(answer)
            except StopIteration as done:
                found[i] = done.value
        for label in {each.label for each in asking.values()}:
            evaluators[label].learn([each for each in asking.values() if each.label == label])
        answers = {i: evaluators[each.label].holds(each) for i, each in asking.items()}
    return found


def _bounds(parts: Sequence[int]) -> Iterator[tuple[int, int]]:
    low = 0
    for row in range(1, len(parts) + 1):
        if row == len(parts) or parts[row] != parts[low]:
            yield low, row
            low = row


def _condition(given: int | ConditionText | None, local: list[list[bool]]) -> Condition | None:
    if given is None:
        return None
    if isinstance(given, int):
        return Condition(local=local[given])
    labelled = _LABEL.search(given.sql) is not None
    return Condition(None, given.places, given.groups, given.numbered, labelled)


class _Evaluator:
    """Tells whether a condition that looks back holds; remembers what it has found out."""

    def __init__(
        self,
        condition: ConditionText,
        label: int,
        labels: Sequence[str],
        columns: dict[int, list[str | None]],
    ) -> None:
        self._condition = condition
        self._label = label
        self._labels = labels
        self._columns = columns
        self._known: dict[Asked, bool] = {}
        self._ahead = _AHEAD
        self._moving = [
            place.last and (not place.labels or label in place.labels) for place in condition.places
        ]
        self._growing = [not group or label in group for group in condition.groups]
        self._sql = _statement(condition)

    def holds(self, asked: Asked) -> bool:
        """Whether it holds; it was learned."""
        return self._known[asked]

    def learn(self, asked: Sequence[Asked]) -> None:
        """Finds out what is not known, and what may be asked for next; raises TrinoError."""
        unknown = [each for each in asked if each not in self._known]
        if not unknown:
            return
        if len(self._known) > _REMEMBERED:
            self._known = {each: self._known[each] for each in asked if each in self._known}
        ahead = max(self._ahead // len(unknown), 1)
        self._ahead = min(self._ahead * 2, _FURTHEST)
        likely = [each for start in unknown for each in self._likely(start, ahead)]
        together = list(dict.fromkeys(likely))
        try:
            answers = self._evaluated(together)
        except TrinoError:
            # What failed may be what nobody will ask for.
            together = list(dict.fromkeys(unknown))
            answers = self._evaluated(together)
        self._known.update(zip(together, answers, strict=True))

    def _likely(self, asked: Asked, ahead: int) -> Iterator[Asked]:
        """What is asked for, and then what it becomes while rows take the same label."""
        ahead = min(ahead, _LISTS) if any(self._growing) else ahead
        high = asked.high
        rows = list(asked.rows)
        groups = list(asked.groups)
        yield asked
        for _ in range(ahead):
            if not any(self._moving) and not any(self._growing):
                return
            for i, moves in enumerate(self._moving):
                row = rows[i]
                if moves and row is not None:
                    rows[i] = row + 1 if row + 1 < high else None
            for i, grows in enumerate(self._growing):
                if grows and groups[i] and groups[i][-1][0] + 1 < high:
                    groups[i] = (*groups[i], (groups[i][-1][0] + 1, self._label))
            yield replace(asked, rows=tuple(rows), groups=tuple(groups))

    def _evaluated(self, together: list[Asked]) -> list[bool]:
        import pyarrow

        columns: dict[str, Any] = {
            "number": pyarrow.array([each.number for each in together], pyarrow.int64())
        }
        for i in range(len(self._condition.places)):
            pairs = [(each.rows[i], each.labels[i]) for each in together]
            columns[f"p{i}"] = pyarrow.array(map(self._row, pairs), self._struct())
        for i in range(len(self._condition.groups)):
            lists = [list(map(self._row, each.groups[i])) for each in together]
            columns[f"g{i}"] = pyarrow.array(lists, pyarrow.list_(self._struct()))
        columns["id"] = pyarrow.array(range(len(together)), pyarrow.int64())
        tables = {"asked": pyarrow.table(columns)}
        with _instance().session() as session:
            answer = session.execute(self._sql, tables).read_all()
        return [bool(each) for each in answer.column(0).to_pylist()]

    def _row(self, pair: tuple[int | None, int | None]) -> dict[str, Any]:
        row, label = pair
        variable = None if label is None else self._labels[label]
        found: dict[str, Any] = {"gid": row, "label": variable}
        for column, _ in self._condition.columns:
            found[f"c{column}"] = None if row is None else self._columns[column][row]
        return found

    def _struct(self) -> Any:
        import pyarrow

        texts = ["label", *(f"c{column}" for column, _ in self._condition.columns)]
        return pyarrow.struct(
            [("gid", pyarrow.int64()), *((name, pyarrow.string()) for name in texts)]
        )


def _statement(condition: ConditionText) -> str:
    """The query over `asked`, whose values are texts of their types."""

    def typed(row: str) -> str:
        fields = [f"gid := {row}.gid", f"label := {row}.label"]
        fields += [f"c{c} := CAST({row}.c{c} AS {kind})" for c, kind in condition.columns]
        return f"struct_pack({', '.join(fields)})"

    parts = ["number", "id"]
    parts += [f"{typed(f'p{i}')} AS p{i}" for i in range(len(condition.places))]
    parts += [
        f"list_transform(g{i}, lambda e: {typed('e')}) AS g{i}"
        for i in range(len(condition.groups))
    ]
    return f"SELECT {condition.sql} FROM (SELECT {', '.join(parts)} FROM asked) ORDER BY id"


_INSTANCES: list["DuckDb"] = []


def _instance() -> "DuckDb":
    """The instance that evaluates conditions: a statement's own is busy with the statement."""
    with loading:
        from lakelet.engines.duckdb.session import DuckDb

    if not _INSTANCES:
        _INSTANCES.append(DuckDb(threads=1))
    return _INSTANCES[0]
