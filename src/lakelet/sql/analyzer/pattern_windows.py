"""Row patterns in windows: their rules, and the relation that a query with them reads.

A query with such windows becomes a query over another that has all its other parts; between them
stand relations that search the rows, one a window.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from lakelet.sql import tree
from lakelet.sql.analyzer.context import Context
from lakelet.sql.analyzer.expressions import ExpressionAnalyzer
from lakelet.sql.analyzer.row_patterns import Recognized
from lakelet.sql.analyzer.scopes import Field, Scope
from lakelet.sql.analyzer.windows import specification
from lakelet.sql.row_patterns.program import canonical
from lakelet.sql.syntax import nodes
from lakelet.types.model import BOOLEAN

_SEARCHED: Final = (tree.PatternWindowCall, tree.WindowMeasure)


@dataclass(frozen=True, slots=True)
class Searched:
    """A window's search and its measures by their canonical names, of which one may have more."""

    window: tree.PatternWindow
    measures: dict[str, list[tree.Expression]]


def recognized(
    at: ExpressionAnalyzer, node: nodes.Window | nodes.Identifier, window: tree.Window
) -> Searched:
    """The search of a window with a row pattern, whose other parts are analysed already."""
    written = specification(at, node)
    recognition, frame = written.recognition, written.frame
    assert recognition is not None
    assert frame is not None
    if frame.unit != "ROWS":
        raise at.error(
            "INVALID_WINDOW_FRAME", "Pattern recognition requires ROWS frame type", frame
        )
    if frame.end is None or frame.start.kind != "CURRENT ROW":
        raise at.error(
            "INVALID_WINDOW_FRAME",
            "Pattern recognition requires frame specified as BETWEEN CURRENT ROW AND ...",
            frame,
        )
    scope = at.source_scope
    bare = [Field(each.label, each.type, each.value) for each in scope.fields]
    found = Recognized(at.context, recognition, Scope(bare, scope.parent), window=True)
    measures: dict[str, list[tree.Expression]] = {}
    for each, (_, _, value) in zip(recognition.measures, found.measures(), strict=True):
        measures.setdefault(canonical(each.name), []).append(value)
    assert window.frame is not None
    seek = recognition.search is not None and recognition.search[0] == "SEEK"
    pattern = tree.PatternWindow(
        window.partition_by, window.order_by, window.frame.end, found.pattern(), seek
    )
    return Searched(pattern, measures)


def lowered(
    context: Context, select: tree.Select, sort_items: tuple[tree.SortItem, ...]
) -> tuple[tree.Select, tuple[tree.SortItem, ...]]:
    """The query over relations that search its windows; itself when it has none."""
    roots = (*select.items, *(each.expression for each in sort_items))
    found = [each for each in tree.descendants(roots) if isinstance(each, _SEARCHED)]
    if not found:
        return select, sort_items
    return _Lowering(context, select).lowered(found, sort_items)


class _Lowering:
    """Gathers what the searches and the outer query need of the inner one."""

    def __init__(self, context: Context, select: tree.Select) -> None:
        self.context = context
        self.select = select
        self.columns: dict[tree.Expression, str] = {}
        self.results: dict[tree.Expression, tree.Expression] = {}

    def lowered(
        self, searched: Sequence[Any], sort_items: tuple[tree.SortItem, ...]
    ) -> tuple[tree.Select, tuple[tree.SortItem, ...]]:
        alias = self.context.names.unique("rows")
        windows = list(dict.fromkeys(each.window for each in searched))
        items = {
            window: list(dict.fromkeys(each for each in searched if each.window == window))
            for window in windows
        }
        top = self.context.names.unique("matches") if len(windows) == 1 else ""
        for window in windows:
            self._gather(window)
            for each in items[window]:
                self._gather(each.value if isinstance(each, tree.WindowMeasure) else each.arguments)
        aliases = [alias, *(self.context.names.unique("matches") for _ in windows[1:])]
        top = top or self.context.names.unique("matches")
        outer_items = tuple(self._outer(each, top, items) for each in self.select.items)
        sorting = tuple(
            replace(each, expression=self._outer(each.expression, top, items))
            for each in sort_items
        )
        relation = self._searches(windows, items, aliases, top)
        outer = tree.Select(
            outer_items, self.select.outputs, relation, distinct=self.select.distinct
        )
        return outer, sorting

    def _column(self, value: tree.Expression) -> str:
        return self.columns.setdefault(value, f"c{len(self.columns)}")

    def _gather(self, node: Any) -> None:
        """Columns for what a search asks of the rows."""
        if isinstance(node, tuple):
            for each in node:
                self._gather(each)
        elif isinstance(node, tree.Navigation):
            if not isinstance(node.value, tree.Classifier):
                self._column(node.value)
        elif isinstance(node, tree.PatternAggregate):
            self._gather(node.call.arguments)
        elif isinstance(node, tree.ColumnReference | tree.AggregateCall | tree.WindowCall):
            self._column(node)
        elif tree.is_node(node):
            for part in tree.parts(node):
                self._gather(part)

    def _outer(self, node: Any, alias: str, items: dict[Any, list[Any]]) -> Any:
        """An expression of the outer query."""
        if isinstance(node, _SEARCHED):
            windows = list(items)
            window = windows.index(node.window)
            name = f"w{window}_{items[node.window].index(node)}"
            return tree.ColumnReference(alias, name, node.type)
        if isinstance(node, tree.OutputReference | tree.Constant):
            return node
        if tree.is_node(node) and not _is_searched(node):
            return tree.ColumnReference(alias, self._column(node), node.type)
        return tree.rebuilt(node, lambda each: self._outer(each, alias, items))

    def _searches(
        self,
        windows: list[tree.PatternWindow],
        items: dict[Any, list[Any]],
        aliases: list[str],
        top: str,
    ) -> tree.Relation:
        select = self.select
        if not self.columns:
            self._column(tree.Constant(True, BOOLEAN))
        values = tuple(self.columns)
        outputs = tuple(tree.Output(None, name, value.type) for value, name in self.columns.items())
        query = tree.Query(replace(select, items=values, outputs=outputs, distinct=False))
        relation: tree.Relation | None = None
        passed = [(name, value.type) for value, name in self.columns.items()]
        for i, window in enumerate(windows):
            rows = aliases[i]
            found = [self._inside(each, rows) for each in items[window]]
            kept = [tree.ColumnReference(rows, name, of) for name, of in passed]
            names = [f"w{i}_{j}" for j in range(len(found))]
            alias = top if i == len(windows) - 1 else self.context.names.unique("searched")
            searched = self._inside(window, rows)
            relation = tree.MatchRecognize(
                alias,
                rows,
                query,
                searched.partition_by,
                searched.order_by,
                searched.pattern,
                None,
                (*kept, *found),
                (*(name for name, _ in passed), *names),
                searched,
            )
            passed += [(name, each.type) for name, each in zip(names, found, strict=True)]
            query = self._whole(relation, passed)
        assert relation is not None
        return relation

    def _whole(self, relation: tree.MatchRecognize, columns: list[tuple[str, Any]]) -> tree.Query:
        values = tuple(tree.ColumnReference(relation.alias, name, of) for name, of in columns)
        outputs = tuple(tree.Output(None, name, of) for name, of in columns)
        return tree.Query(tree.Select(values, outputs, relation))

    def _inside(self, node: Any, rows: str) -> Any:
        """A search's expression over the columns of its rows."""
        if tree.is_node(node) and not isinstance(node, tree.Constant) and node in self.columns:
            return tree.ColumnReference(rows, self.columns[node], node.type)
        if isinstance(node, tree.WindowMeasure):
            return replace(node, value=self._inside(node.value, rows))
        return tree.rebuilt(node, lambda each: self._inside(each, rows))


def _is_searched(node: Any) -> bool:
    return any(isinstance(each, _SEARCHED) for each in tree.descendants(node))
