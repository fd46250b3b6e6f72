"""MATCH_RECOGNIZE: the variables of a row pattern, its conditions and its measures."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain
from typing import Any, Final

from lakelet.errors import TrinoError
from lakelet.sql import tree
from lakelet.sql.analyzer.coercions import coerce
from lakelet.sql.analyzer.context import Context
from lakelet.sql.analyzer.expressions import ExpressionAnalyzer
from lakelet.sql.analyzer.formatting import describe
from lakelet.sql.analyzer.pattern_calls import PatternExpressions
from lakelet.sql.analyzer.scopes import Field, Scope
from lakelet.sql.row_patterns.program import canonical, compiled
from lakelet.sql.syntax import nodes
from lakelet.sql.syntax.nodes import patterns as pattern_nodes
from lakelet.sql.syntax.walking import descendants
from lakelet.types.coercion import is_comparable, is_orderable
from lakelet.types.model import BOOLEAN, UNKNOWN, Type

_LARGEST: Final = 2**31 - 1

Column = tuple[str | None, Type, tree.Expression]
"""A column that comes out: its name, and what it is made of."""


def match_recognize(
    context: Context,
    node: nodes.MatchRecognize,
    outer: Scope,
    source: tree.Relation,
    fields: Sequence[Field],
    alias: str | None,
) -> tuple[tree.Relation, list[Field]]:
    """MATCH_RECOGNIZE over a relation with these fields."""
    visible = [each for each in fields if not each.hidden]
    rows = context.names.unique("rows")
    columns = [tree.ColumnReference(rows, f"c{i}", each.type) for i, each in enumerate(visible)]
    outputs = tuple(tree.Output(each.label, f"c{i}", each.type) for i, each in enumerate(visible))
    query = tree.Query(tree.Select(tuple(each.value for each in visible), outputs, source))
    inside = [replace(each, value=column) for each, column in zip(visible, columns, strict=True)]
    plain = ExpressionAnalyzer(context, Scope(inside))
    keys = [_partition_key(plain, each) for each in node.partition_by]
    order_by = [_sort_item(plain, each) for each in node.order_by]
    bare = [Field(each.label, each.type, each.value) for each in inside]
    recognized = Recognized(context, node.recognition, Scope(bare, outer))
    _refuse_in_match_recognize(context, node)
    measures = recognized.measures()
    given = _columns(inside, keys, order_by, measures, all_rows=node.all_rows is not None)
    if not given:
        raise context.error(
            "TABLE_HAS_NO_COLUMNS", "pattern recognition output table has no columns", node.at
        )
    physical = context.names.unique(alias or "matches")
    names = tuple(f"c{i}" for i in range(len(given)))
    relation = tree.MatchRecognize(
        physical,
        rows,
        query,
        tuple(keys),
        tuple(order_by),
        recognized.pattern(),
        node.all_rows,
        tuple(item for _, _, item in given),
        names,
    )
    return relation, [
        Field(label, of, tree.ColumnReference(physical, name, of))
        for name, (label, of, _) in zip(names, given, strict=True)
    ]


def _partition_key(plain: ExpressionAnalyzer, node: nodes.Expression) -> tree.ColumnReference:
    key = _column(plain, node)
    if not is_comparable(key.type):
        raise plain.mismatch(
            f"{key.type} is not comparable, and therefore cannot be used in PARTITION BY", node
        )
    return key


def _sort_item(plain: ExpressionAnalyzer, node: nodes.SortItem) -> tree.SortItem:
    key = _column(plain, node.expression)
    if not is_orderable(key.type):
        raise plain.mismatch(
            f"{key.type} is not orderable, and therefore cannot be used in ORDER BY", node
        )
    return tree.SortItem(key, node.descending, bool(node.nulls_first))


def _column(plain: ExpressionAnalyzer, node: nodes.Expression) -> tree.ColumnReference:
    if not isinstance(node, nodes.Identifier | nodes.Dereference):
        raise plain.error(
            "INVALID_COLUMN_REFERENCE",
            f"Expected column reference. Actual: {describe(node)}",
            node,
        )
    try:
        found = plain.analyze(node)
    except TrinoError as failure:
        if failure.name != "COLUMN_NOT_FOUND":
            raise
        raise plain.error(
            failure.name, f"Column {describe(node)} is not present in the input relation", node
        ) from None
    assert isinstance(found, tree.ColumnReference)
    return found


def _refuse_in_match_recognize(context: Context, node: nodes.MatchRecognize) -> None:
    search = node.recognition.search
    if search is not None:
        raise context.error(
            "NOT_SUPPORTED",
            f"Pattern search modifier: {search[0]} is not allowed in MATCH_RECOGNIZE clause",
            search[1],
        )
    if node.all_rows == "UNMATCHED":
        for each in parts(node.recognition.pattern):
            if isinstance(each, pattern_nodes.Exclusion):
                raise context.error(
                    "INVALID_ROW_PATTERN",
                    "Pattern exclusion syntax is not allowed when ALL ROWS PER MATCH WITH"
                    " UNMATCHED ROWS is specified",
                    each.at,
                )


def _columns(
    fields: Sequence[Field],
    keys: Sequence[tree.Expression],
    order_by: Sequence[tree.SortItem],
    measures: Sequence[Column],
    *,
    all_rows: bool,
) -> list[Column]:
    """Partition keys, then with all rows the sort keys, the measures and the other columns."""
    by_value = {each.value: (each.label, each.type, each.value) for each in fields}
    given = [by_value[each] for each in keys]
    if not all_rows:
        return [*given, *measures]
    sorted_by = [each.expression for each in order_by]
    rest = [by_value[each] for each in by_value if each not in keys and each not in sorted_by]
    return [*given, *(by_value[each] for each in sorted_by), *measures, *rest]


# Patterns ------------------------------------------------------------------------------------


class Recognized:
    """The clauses that MATCH_RECOGNIZE and windows share, checked; `scope` has the input's
    columns. With `window` the rules of windows hold."""

    def __init__(
        self,
        context: Context,
        node: pattern_nodes.Recognition,
        scope: Scope,
        *,
        window: bool = False,
    ) -> None:
        self.context, self.node, self.scope, self.window = context, node, scope, window
        variables = [e.name for e in parts(self.node.pattern) if _is_variable(e)]
        self.variables = tuple(dict.fromkeys(map(canonical, variables)))
        self.labels: dict[str, tuple[str, ...]] = {each: (each,) for each in self.variables}
        self._refuse_nesting()
        self._check_pattern()
        self._subsets()
        self._conditions = self._definitions()

    def _refuse_nesting(self) -> None:
        for each in descendants((self.node.measures, self.node.definitions)):
            if isinstance(each, nodes.FunctionCall | nodes.MeasureReference) and self.window:
                window = each.window
                if isinstance(window, nodes.Window) and window.recognition is not None:
                    raise self.context.error(
                        "NESTED_WINDOW",
                        "Cannot nest window functions or row pattern measures inside window"
                        " specification",
                        each.at,
                    )
            if isinstance(each, nodes.MatchRecognize | nodes.Window) and each.recognition:
                raise self.context.error(
                    "NESTED_ROW_PATTERN_RECOGNITION",
                    "nested row pattern recognition in row pattern recognition",
                    each.at,
                )

    def measures(self) -> list[Column]:
        """The measures by their names."""
        found: list[Column] = []
        for each in self.node.measures:
            value = self._analyzer("MEASURES").analyze(each.expression)
            found.append((each.name.value, value.type, value))
        return found

    def pattern(self) -> tree.RowPattern:
        """What is looked for."""
        numbers = {each: i for i, each in enumerate(self.variables)}
        program = tuple(map(tuple, compiled(self.node.pattern, numbers)))
        conditions = tuple(self._conditions.get(each) for each in self.variables)
        skip = self.node.skip
        mode = "PAST LAST" if skip is None else skip.mode
        targets: tuple[str, ...] = ()
        if skip is not None and skip.target is not None:
            target = canonical(skip.target)
            if target not in self.labels:
                raise self._invalid(
                    f"{target} is not a primary or union pattern variable", skip.target.at
                )
            targets = self.labels[target]
        return tree.RowPattern(program, self.variables, conditions, mode, targets)

    def _analyzer(self, clause: str) -> ExpressionAnalyzer:
        analyzer = ExpressionAnalyzer(self.context, self._navigable())
        analyzer.pattern = PatternExpressions(self.labels, clause, window=self.window)
        return analyzer

    def _navigable(self) -> Scope:
        fields = [
            replace(each, value=tree.Navigation(each.value, each.type))
            for each in self.scope.fields
        ]
        return Scope(fields, self.scope.parent)

    def _invalid(self, message: str, at: int) -> Exception:
        return self.context.error("INVALID_LABEL", message, at)

    def _check_pattern(self) -> None:
        for each in parts(self.node.pattern):
            if isinstance(each, pattern_nodes.Quantified):
                self._check_quantifier(each)
            if self.window and isinstance(each, pattern_nodes.Anchor):
                raise self.context.error(
                    "INVALID_ROW_PATTERN", "Anchor pattern syntax is not allowed in window", each.at
                )

    def _check_quantifier(self, node: pattern_nodes.Quantified) -> None:
        wrong = None
        name = "NUMERIC_VALUE_OUT_OF_RANGE"
        if node.low > _LARGEST:
            wrong = f"Pattern quantifier lower bound must not exceed {_LARGEST}"
        elif node.high is not None and node.high < 1:
            wrong = "Pattern quantifier upper bound must be greater than or equal to 1"
        elif node.high is not None and node.high > _LARGEST:
            wrong = f"Pattern quantifier upper bound must not exceed {_LARGEST}"
        elif node.high is not None and node.high < node.low:
            name = "INVALID_RANGE"
            wrong = "Pattern quantifier lower bound must not exceed upper bound"
        if wrong is not None:
            raise self.context.error(name, wrong, node.quantifier_at)

    def _subsets(self) -> None:
        unions: set[str] = set()
        for subset in self.node.subsets:
            name = canonical(subset.name)
            if name in self.variables:
                raise self._invalid(
                    f"union pattern variable name: {name} is a duplicate of primary pattern"
                    " variable name",
                    subset.at,
                )
            if name in unions:
                raise self._invalid(
                    f"union pattern variable name: {name} is declared twice", subset.at
                )
            unions.add(name)
            for element in subset.variables:
                if canonical(element) not in self.variables:
                    raise self._invalid(
                        f"subset element: {canonical(element)} is not a primary pattern variable",
                        element.at,
                    )
            self.labels[name] = tuple(dict.fromkeys(map(canonical, subset.variables)))

    def _definitions(self) -> dict[str, tree.Expression]:
        found: dict[str, tree.Expression] = {}
        self._refuse_names()
        for definition in self.node.definitions:
            value = self._analyzer("DEFINE").analyze(definition.condition)
            if value.type not in (BOOLEAN, UNKNOWN):
                raise self.context.error(
                    "TYPE_MISMATCH",
                    f"Expression defining a label must be boolean (actual type: {value.type})",
                    definition.condition.at,
                )
            found[canonical(definition.name)] = coerce(value, BOOLEAN)
        return found

    def _refuse_names(self) -> None:
        """Each variable of the pattern is defined once at most, and no other."""
        seen: set[str] = set()
        for definition in self.node.definitions:
            name = canonical(definition.name)
            if name not in self.variables:
                message = f"defined variable: {name} is not a primary pattern variable"
                raise self._invalid(message, definition.at)
            if name in seen:
                message = f"pattern variable with name: {name} is defined twice"
                raise self._invalid(message, definition.at)
            seen.add(name)


def _is_variable(node: Any) -> bool:
    return isinstance(node, pattern_nodes.Variable)


def parts(pattern: pattern_nodes.Pattern) -> list[Any]:
    """A pattern and all its parts, in the order in which they are written."""
    inner: Sequence[pattern_nodes.Pattern] = ()
    if isinstance(pattern, pattern_nodes.Quantified | pattern_nodes.Exclusion):
        inner = (pattern.pattern,)
    elif isinstance(
        pattern,
        pattern_nodes.Concatenation | pattern_nodes.Alternation | pattern_nodes.Permutation,
    ):
        inner = pattern.parts
    return [pattern, *chain.from_iterable(map(parts, inner))]
