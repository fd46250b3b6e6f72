"""MATCH_RECOGNIZE as DuckDB SQL.

The input's rows are numbered through all partitions (`gid`); conditions that need no look back at
the match are columns of them. One call of `trino_match_rows`, which the engine makes, gives the
matched rows with the numbers of the rows that measures look at, and these are joined.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from lakelet.sql import tree
from lakelet.sql.emitter.expressions import ExpressionEmitter
from lakelet.sql.emitter.literals import quote
from lakelet.sql.emitter.names import identifier
from lakelet.sql.functions.registry import FUNCTIONS
from lakelet.sql.row_patterns.matching import Labels, Place
from lakelet.sql.row_patterns.search import ConditionText, Specification
from lakelet.types import Type
from lakelet.types.duckdb import physical
from lakelet.types.model import BIGINT, INTEGER, VARCHAR, array, row

_MATCH: Final = "m"
_CURRENT: Final = "r"

_RECORDS: Final = (
    "SELECT *, CASE WHEN stop > start THEN start - row ELSE 1 END AS first,"
    " CASE WHEN stop > start THEN stop - 1 - row ELSE 0 END AS final"
    " FROM (SELECT unnest(records, recursive := true) FROM matched)"
)
"""The records with the match as a frame from each row, which has no rows where there is none."""

WriteQuery = Callable[[tree.Query], str]


class RowPatternEmitter:
    """Writes one MATCH_RECOGNIZE."""

    def __init__(
        self, node: tree.MatchRecognize, expressions: ExpressionEmitter, query: WriteQuery
    ) -> None:
        self.node = node
        self.expressions = expressions
        self.query = query
        self.numbers = {each: i for i, each in enumerate(node.pattern.variables)}
        self.places: dict[Place, str] = {}
        self.listed = False

    def emit(self) -> str:
        """The relation's text."""
        node = self.node
        items = [self._item(item) for item in node.items]
        conditions = list(map(self._condition, node.pattern.conditions, node.pattern.variables))
        every = node.window is None and any(
            isinstance(each, tree.PatternAggregate) for each in tree.descendants(node.items)
        )
        local = [each for each in conditions if isinstance(each, str)]
        positions = {text: i for i, text in enumerate(local)}
        used = sorted(
            {c for each in conditions if isinstance(each, ConditionText) for c, _ in each.columns}
        )
        specification = Specification(
            [list(each) for each in node.pattern.program],
            node.pattern.variables,
            tuple(positions[each] if isinstance(each, str) else each for each in conditions),
            tuple(self.places),
            node.pattern.skip,
            self._labels(node.pattern.skip_variables),
            "window" if node.window else "one" if node.all_rows is None else "all",
            empty=node.all_rows != "OMIT",
            unmatched=node.all_rows == "UNMATCHED",
            every=every,
            seek=node.window is not None and node.window.seek,
        )
        columns = ", ".join(
            f"{text} AS {name}" for text, name in zip(items, node.columns, strict=True)
        )
        joins = "".join(
            f" LEFT JOIN numbered AS {alias} ON {alias}.gid = {_MATCH}.places[{i}].row"
            for i, alias in enumerate(self.places.values(), 1)
            if alias != _CURRENT
        )
        return (
            f"(WITH numbered AS MATERIALIZED ({self._numbered(local)}),"
            f" matched AS (SELECT {self._matched(specification, local, used)})"
            f" SELECT {columns} FROM ({self._records()})"
            f" AS {_MATCH} JOIN numbered AS {_CURRENT} ON {_CURRENT}.gid = {_MATCH}.row{joins}"
            f" {'QUALIFY' if every else 'WHERE'} {_MATCH}.kept) AS {identifier(node.alias)}"
        )

    # The rows that are searched ----------------------------------------------------------------

    def _numbered(self, local: list[str]) -> str:
        node, rows = self.node, identifier(self.node.rows)
        keys = ", ".join(map(self.expressions.key, node.partition_by))
        sorting = self.expressions.order_by(node.order_by).removeprefix(" ORDER BY ")
        order = ", ".join(each for each in (keys, sorting) if each)
        part = f"dense_rank() OVER (ORDER BY {keys})" if keys else "1"
        number = f"row_number() OVER ({f'ORDER BY {order}' if order else ''}) - 1"
        text = (
            f"SELECT *, {part} AS part, {number} AS gid FROM ({self.query(node.input)}) AS {rows}"
        )
        columns = "".join(f", {each} AS x{i}" for i, each in enumerate(local))
        if node.window is not None:
            columns += f", {self._stop(node.window.end)} AS stop"
        if not columns:
            return text
        return f"SELECT *{columns} FROM ({text}) AS {rows}"

    def _stop(self, end: tree.FrameBound) -> str:
        """The row behind a frame's last."""
        if end.kind == "CURRENT ROW":
            return "gid + 1"
        last = "max(gid) OVER (PARTITION BY part) + 1"
        if end.value is None:
            return last
        return f"least({last}, gid + 1 + {self.expressions.emit(end.value)})"

    def _matched(self, specification: Specification, local: list[str], used: list[int]) -> str:
        def listed(text: str) -> str:
            return f"list({text} ORDER BY gid)"

        conditions = ", ".join(listed(f"coalesce(x{i}, false)") for i in range(len(local)))
        values = ", ".join(listed(f"CAST(c{i} AS VARCHAR)") for i in used)
        return (
            f"trino_match_rows({quote(specification.text())}, {listed('part')},"
            f" CAST([{conditions}] AS BOOLEAN[][]), CAST([{values}] AS VARCHAR[][]),"
            f" {listed('stop') if self.node.window else 'CAST([] AS BIGINT[])'}) AS records"
            " FROM numbered"
        )

    def _labels(self, variables: tuple[str, ...]) -> Labels:
        return tuple(sorted(self.numbers[each] for each in variables))

    def _place(self, node: tree.Navigation) -> Place:
        return Place(
            self._labels(node.labels), node.last, node.logical, node.physical, node.running
        )

    # Conditions --------------------------------------------------------------------------------

    def _condition(
        self, condition: tree.Expression | None, variable: str
    ) -> str | ConditionText | None:
        if condition is None or condition == tree.Constant(True, condition.type):
            return None
        framed = self.node.window is not None
        if all(_is_local(each, variable, framed) for each in tree.descendants(condition)):
            return self.expressions.emit(self._beside(condition, variable))
        return _LookingBack(self, condition).text()

    def _beside(self, node: Any, variable: str) -> Any:
        """A condition with rows before and after the current one as window functions."""
        if not isinstance(node, tree.Navigation):
            return tree.rebuilt(node, lambda each: self._beside(each, variable))
        if isinstance(node.value, tree.Classifier):
            return tree.Constant(variable, VARCHAR)
        if not node.physical:
            return node.value
        part = tree.ColumnReference(self.node.rows, "part", BIGINT)
        number = tree.ColumnReference(self.node.rows, "gid", BIGINT)
        window = tree.Window((part,), (tree.SortItem(number),))
        name = "lag" if node.physical < 0 else "lead"
        offset = tree.Constant(abs(node.physical), INTEGER)
        return tree.WindowCall(FUNCTIONS[name], (node.value, offset), node.type, window)

    # Measures ----------------------------------------------------------------------------------

    def _item(self, item: tree.Expression) -> str:
        if isinstance(item, tree.ColumnReference):
            return f"{_CURRENT}.{item.name}"
        if isinstance(item, tree.PatternWindowCall):
            return self.expressions.emit(self._called(item))
        value = item.value if isinstance(item, tree.WindowMeasure) else item
        text = self.expressions.emit(self._measured(value))
        if self.node.all_rows != "UNMATCHED" and self.node.window is None:
            return text
        return f"CASE WHEN {_MATCH}.match IS NOT NULL THEN {text} END"

    def _measured(self, node: Any) -> Any:
        if isinstance(node, tree.MatchNumber):
            return tree.ColumnReference(_MATCH, "number", BIGINT)
        if isinstance(node, tree.PatternAggregate):
            return self._aggregated(node)
        if not isinstance(node, tree.Navigation):
            return tree.rebuilt(node, self._measured)
        place = self._place(node)
        position = list(self.places).index(place) if place in self.places else len(self.places)
        alias = self.places.setdefault(place, f"p{position}")
        if isinstance(node.value, tree.Classifier):
            return self._variable(_PlaceLabel(position + 1))
        assert isinstance(node.value, tree.ColumnReference)
        return tree.ColumnReference(alias, node.value.name, node.type)

    def _variable(self, label: "_PlaceLabel | tree.ColumnReference") -> tree.Expression:
        """The name of a variable, whose number is at hand."""
        number: tree.Expression
        number = label.reference() if isinstance(label, _PlaceLabel) else label
        whens = tuple(
            (tree.Constant(i, INTEGER), tree.Constant(name, VARCHAR))
            for name, i in self.numbers.items()
        )
        return tree.Case(number, whens, None, VARCHAR)

    def _called(self, node: tree.PatternWindowCall) -> tree.Expression:
        """A function over the rows of the match, which are the frame."""
        part = tree.ColumnReference(_CURRENT, "part", BIGINT)
        number = tree.ColumnReference(_CURRENT, "gid", BIGINT)
        frame = tree.Frame(
            "ROWS",
            tree.FrameBound(
                "FOLLOWING", tree.ColumnReference(_MATCH, "first", BIGINT), certain=True
            ),
            tree.FrameBound(
                "FOLLOWING", tree.ColumnReference(_MATCH, "final", BIGINT), certain=True
            ),
        )
        window = tree.Window((part,), (tree.SortItem(number),), frame)
        arguments = tuple(map(self._of_row, node.arguments))
        return tree.WindowCall(
            node.function, arguments, node.type, window, ignore_nulls=node.ignore_nulls
        )

    def _aggregated(self, node: tree.PatternAggregate) -> tree.Expression:
        if self.node.window is not None:
            return self._framed(node)
        label = tree.ColumnReference(_MATCH, "label", INTEGER)
        condition: tree.Expression = tree.Not(tree.IsNull(label))
        if node.labels:
            numbers = self._labels(node.labels)
            condition = tree.InList(label, tuple(tree.Constant(i, INTEGER) for i in numbers))
        match = tree.ColumnReference(_MATCH, "match", BIGINT)
        number = tree.ColumnReference(_MATCH, "row", BIGINT)
        end: tree.BoundKind = "CURRENT ROW" if node.running else "UNBOUNDED FOLLOWING"
        frame = tree.Frame("ROWS", tree.FrameBound("UNBOUNDED PRECEDING"), tree.FrameBound(end))
        window = tree.Window((match,), (tree.SortItem(number),), frame)
        arguments = tuple(map(self._of_row, node.call.arguments))
        return tree.WindowCall(node.call.function, arguments, node.type, window, filter=condition)

    def _framed(self, node: tree.PatternAggregate) -> tree.Expression:
        """A measure's aggregate in a window, over the members of the match."""
        self.listed = True
        members = tree.ColumnReference(_MATCH, "members", array(_row_type(self._types())))
        return over_members(node, members, self._types())

    def _types(self) -> dict[int, Type]:
        """The columns of the input that searches use."""
        outputs = self.node.input.outputs
        return {int(each.physical[1:]): each.type for each in outputs if each.physical[0] == "c"}

    def _records(self) -> str:
        """The records; with the rows of the match as a list where aggregates need them."""
        if not self.listed:
            return _RECORDS
        fields = "".join(f", c{i} := n.c{i}" for i in self._types())
        names = ", ".join(map(quote, self.node.pattern.variables))
        listed = (
            f"list(struct_pack(gid := n.gid{fields})) OVER (PARTITION BY n.part ORDER BY n.gid"
            " ROWS BETWEEN e.first FOLLOWING AND e.final FOLLOWING)"
        )
        kept = "".join(f", c{i} := x[1].c{i}" for i in self._types())
        member = f"struct_pack(gid := x[1].gid, label := [{names}][x[2] + 1]{kept})"
        return (
            f"SELECT e.*, list_transform(list_zip({listed}, e.labels), lambda x: {member})"
            f" AS members FROM ({_RECORDS}) AS e JOIN numbered AS n ON n.gid = e.row"
        )

    def _of_row(self, node: Any) -> Any:
        """An aggregate's argument for each row of the match."""
        if isinstance(node, tree.ColumnReference) and node.relation == self.node.rows:
            return tree.ColumnReference(_CURRENT, node.name, node.type)
        if isinstance(node, tree.Classifier):
            return self._variable(tree.ColumnReference(_MATCH, "label", INTEGER))
        if isinstance(node, tree.MatchNumber):
            return tree.ColumnReference(_MATCH, "number", BIGINT)
        return tree.rebuilt(node, self._of_row)


def _is_local(node: Any, variable: str, framed: bool) -> bool:
    """Whether a part of a variable's condition needs no look back: the last row of the variable is
    the current one. In a frame, rows before and after it may be outside."""
    if isinstance(node, tree.Navigation):
        here = node.last and not node.logical and (not node.labels or variable in node.labels)
        near = not node.physical or not (framed or isinstance(node.value, tree.Classifier))
        return here and near
    return not isinstance(node, tree.MatchNumber | tree.PatternAggregate)


class _PlaceLabel:
    """The number of the variable at one of the places of a matched row, counted from 1."""

    def __init__(self, position: int) -> None:
        self.position = position

    def reference(self) -> tree.Expression:
        struct = row(("row", BIGINT), ("label", INTEGER))
        places = tree.ColumnReference(_MATCH, "places", array(struct))
        subscript = tree.FunctionCall(
            FUNCTIONS["element_at"], (places, tree.Constant(self.position, BIGINT)), struct
        )
        return tree.FieldReference(subscript, 1, INTEGER)


class _LookingBack:
    """A condition that depends on the match so far, over the structs of `ConditionText`."""

    def __init__(self, emitter: RowPatternEmitter, condition: tree.Expression) -> None:
        self.emitter = emitter
        self.condition = condition
        self.places: dict[Place, str] = {}
        self.groups: dict[Labels, str] = {}
        self.columns: dict[int, str] = {}
        self.types: dict[int, Type] = {}
        self.numbered = False

    def text(self) -> ConditionText:
        for each in tree.descendants(self.condition):
            if isinstance(each, tree.ColumnReference) and each.relation == self.emitter.node.rows:
                self.types[int(each.name[1:])] = each.type
        lowered = self._lowered(self.condition)
        sql = self.emitter.expressions.emit(lowered)
        columns = tuple((c, physical(of)) for c, of in sorted(self.types.items()))
        return ConditionText(
            f"coalesce({sql}, false)",
            tuple(self.places),
            tuple(self.groups),
            self.numbered,
            columns,
        )

    def _lowered(self, node: Any) -> Any:
        if isinstance(node, tree.MatchNumber):
            self.numbered = True
            return tree.OutputReference("number", BIGINT)
        if isinstance(node, tree.PatternAggregate):
            return self._aggregated(node)
        if not isinstance(node, tree.Navigation):
            return tree.rebuilt(node, self._lowered)
        place = self.emitter._place(node)
        alias = self.places.setdefault(place, f"p{len(self.places)}")
        if isinstance(node.value, tree.Classifier):
            return tree.ColumnReference(alias, "label", VARCHAR)
        assert isinstance(node.value, tree.ColumnReference)
        return tree.ColumnReference(alias, node.value.name, node.type)

    def _aggregated(self, node: tree.PatternAggregate) -> tree.Expression:
        """The aggregate over the group's list."""
        labels = self.emitter._labels(node.labels)
        group = self.groups.setdefault(labels, f"g{len(self.groups)}")
        self.numbered |= any(isinstance(each, tree.MatchNumber) for each in tree.descendants(node))
        members = tree.OutputReference(group, array(_row_type(self.types)))
        return over_members(replace(node, labels=()), members, self.types)


def _row_type(columns: dict[int, Type]) -> Type:
    """A member of a match: its number, its variable and its columns."""
    fields = [(f"c{i}", of) for i, of in sorted(columns.items())]
    return row(("gid", BIGINT), ("label", VARCHAR), *fields)


def over_members(
    node: tree.PatternAggregate, members: tree.Expression, columns: dict[int, Type]
) -> tree.Expression:
    """An aggregate over a list of members, unnested."""
    of_members = _row_type(columns)
    names = tuple(str(name) for name in of_members.fields)
    source: tree.Relation = tree.Unnest("u", (members,), names, ordinality=False)
    if any(isinstance(each, tree.MatchNumber) for each in tree.descendants(node.call)):
        source = _numbered(members, names, of_members.arguments)

    def of_row(part: Any) -> Any:
        if isinstance(part, tree.ColumnReference):
            return tree.ColumnReference("u", part.name, part.type)
        if isinstance(part, tree.Classifier):
            return tree.ColumnReference("u", "label", VARCHAR)
        if isinstance(part, tree.MatchNumber):
            return tree.ColumnReference("u", "match_number", BIGINT)
        return tree.rebuilt(part, of_row)

    condition = None
    if node.labels:
        label = tree.ColumnReference("u", "label", VARCHAR)
        condition = tree.InList(label, tuple(tree.Constant(e, VARCHAR) for e in node.labels))
    output = tree.Output(None, "value", node.type)
    select = tree.Select((of_row(node.call),), (output,), source, condition, group_by=())
    return tree.ScalarQuery(tree.Query(select), node.type)


def _numbered(
    members: tree.Expression, names: tuple[str, ...], types: tuple[Type, ...]
) -> tree.Relation:
    """Members with the number of their match: an aggregate of nothing else would be the outer
    query's."""
    unnest = tree.Unnest("v", (members,), names, ordinality=False)
    columns = list(zip(names, types, strict=True))
    items: tuple[tree.Expression, ...] = (
        *(tree.ColumnReference("v", name, of) for name, of in columns),
        tree.OutputReference("number", BIGINT),
    )
    named = (*columns, ("match_number", BIGINT))
    outputs = tuple(tree.Output(None, name, of) for name, of in named)
    return tree.Derived("u", tree.Query(tree.Select(items, outputs, unnest)), lateral=True)
