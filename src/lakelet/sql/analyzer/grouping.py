"""GROUP BY: grouping sets, and the rule that what is selected is grouped or aggregated."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, combinations, product

from lakelet.sql import tree
from lakelet.sql.analyzer.clauses import is_aggregate, refuse_calls
from lakelet.sql.analyzer.expressions import ExpressionAnalyzer
from lakelet.sql.analyzer.formatting import describe
from lakelet.sql.analyzer.ordering import ordinal
from lakelet.sql.syntax import nodes
from lakelet.sql.syntax.nodes.patterns import Definition, Recognition
from lakelet.sql.syntax.walking import children, descendants
from lakelet.types.coercion import is_comparable

MAX_GROUPING_SETS = 2048


@dataclass(frozen=True, slots=True)
class Grouped:
    """The keys of a GROUP BY; `sets` are positions among them, None for a plain one."""

    keys: tuple[tree.Expression, ...]
    sets: tuple[tuple[int, ...], ...] | None


def analyze_group_by(
    analyzer: ExpressionAnalyzer, node: nodes.GroupBy, items: Sequence[tree.Expression]
) -> Grouped:
    """The keys and sets; a whole number stands for the item of the select list."""
    keys: dict[tree.Expression, int] = {}
    _refuse_many(analyzer, node)

    def key(expression: nodes.Expression, kind: str) -> int:
        if kind in ("ROLLUP", "CUBE", "SETS"):
            typed = _column(analyzer, expression)
        else:
            typed = _key(analyzer, expression, items)
        return keys.setdefault(typed, len(keys))

    element_sets = []
    for element in node.elements:
        if element.kind == "AUTO":
            scalar = [each for each in items if not tree.has_aggregate(each)]
            parts = [tuple(keys.setdefault(each, len(keys)) for each in scalar)]
        else:
            parts = [tuple(key(each, element.kind) for each in part) for part in element.sets]
        element_sets.append(_sets(element.kind, parts))
    simple = all(len(each) == 1 for each in element_sets) and any(each[0] for each in element_sets)
    if simple:
        return Grouped(tuple(keys), None)
    sets = [tuple(dict.fromkeys(chain.from_iterable(each))) for each in product(*element_sets)]
    if node.distinct:
        sets = list({frozenset(each): each for each in sets}.values())
    return Grouped(tuple(keys), tuple(sets))


def _refuse_many(analyzer: ExpressionAnalyzer, node: nodes.GroupBy) -> None:
    """Before they are made: so many sets as Trino takes."""
    count = 1
    for element in node.elements:
        parts = len(element.sets)
        count *= {"ROLLUP": parts + 1, "CUBE": 2**parts, "SETS": parts}.get(element.kind, 1)
    if count > MAX_GROUPING_SETS:
        shown = count if count < 2**31 else f"more than {2**31 - 1}"
        raise analyzer.error(
            "TOO_MANY_GROUPING_SETS",
            f"GROUP BY has {shown} grouping sets but can contain at most {MAX_GROUPING_SETS}",
            node.elements[0],
        )


def _column(analyzer: ExpressionAnalyzer, node: nodes.Expression) -> tree.Expression:
    """Sets are of columns alone: neither of a row's field nor of anything computed."""
    inner = ExpressionAnalyzer(analyzer.context, analyzer.scope, scalar=True)
    typed = inner.analyze(node)
    named = isinstance(node, nodes.Identifier | nodes.Dereference)
    if not named or isinstance(typed, tree.FieldReference):
        raise analyzer.error(
            "INVALID_COLUMN_REFERENCE",
            f"GROUP BY expression must be a column reference: {describe(node)}",
            node,
        )
    analyzer.typed.update(inner.typed)
    return _comparable(analyzer, node, typed)


def _key(
    analyzer: ExpressionAnalyzer, node: nodes.Expression, items: Sequence[tree.Expression]
) -> tree.Expression:
    position = ordinal(node)
    if position is not None:
        if not 1 <= position <= len(items):
            raise analyzer.error(
                "INVALID_COLUMN_REFERENCE",
                f"GROUP BY position {position} is not in select list",
                node,
            )
        typed = items[position - 1]
        analyzer.typed[node] = typed
        inside = set(tree.descendants(typed))
        calls = (*analyzer.aggregates, *analyzer.windows, *analyzer.groupings)
        found = [describe(each) for each in calls if analyzer.typed.get(each) in inside]
        if found:
            raise analyzer.error(
                "EXPRESSION_NOT_SCALAR",
                "GROUP BY clause cannot contain aggregations, window functions or grouping"
                f" operations: [{', '.join(found)}]",
                node,
            )
    else:
        refuse_calls(analyzer, "GROUP BY clause", node)
        inner = ExpressionAnalyzer(analyzer.context, analyzer.scope, scalar=True)
        typed = inner.analyze(node)
        analyzer.typed.update(inner.typed)
    return _comparable(analyzer, node, typed)


def _comparable(
    analyzer: ExpressionAnalyzer, node: nodes.Expression, typed: tree.Expression
) -> tree.Expression:
    if not is_comparable(typed.type):
        raise analyzer.mismatch(
            f"{typed.type} is not comparable, and therefore cannot be used in GROUP BY", node
        )
    return typed


def _sets(kind: str, parts: list[tuple[int, ...]]) -> list[tuple[int, ...]]:
    if kind == "ROLLUP":
        return [tuple(chain.from_iterable(parts[:n])) for n in range(len(parts), -1, -1)]
    if kind == "CUBE":
        return [
            tuple(chain.from_iterable(chosen))
            for n in range(len(parts), -1, -1)
            for chosen in combinations(parts, n)
        ]
    return parts


class GroupingVerifier:
    """Checks that expressions depend on groups alone.

    `keys` are the grouping keys, `known` further expressions that are known to be right (the
    select list, for ORDER BY), `relations` the aliases of the query's own relations.
    """

    def __init__(
        self,
        analyzer: ExpressionAnalyzer,
        grouped: Grouped,
        relations: set[str],
    ) -> None:
        self.analyzer = analyzer
        self.keys = set(grouped.keys)
        self.relations = relations

    def verify(
        self, node: nodes.Expression, known: frozenset[tree.Expression] = frozenset()
    ) -> None:
        """Raises TrinoError EXPRESSION_NOT_AGGREGATE for an expression that is neither."""
        self._check(node, known, "'{}'")

    def _check(
        self, node: nodes.Expression, known: frozenset[tree.Expression], called: str
    ) -> None:
        if not self._is_grouped(node, known):
            raise self.analyzer.error(
                "EXPRESSION_NOT_AGGREGATE",
                f"{called.format(describe(node)) if '{}' in called else called} must be an"
                " aggregate expression or appear in GROUP BY clause",
                node,
            )

    def _is_grouped(self, node: nodes.Expression, known: frozenset[tree.Expression]) -> bool:
        typed = self.analyzer.typed.get(node)
        # Looking for an expression takes as long as it is large, also where nothing is known.
        if typed is not None and any(typed in each for each in (self.keys, known) if each):
            return True
        if isinstance(typed, tree.ColumnReference | tree.Coalesce) and isinstance(
            node, nodes.Identifier | nodes.Dereference
        ):
            return not self._is_local(typed)
        if isinstance(node, nodes.Grouping):
            self._grouping(node)
            return True
        if isinstance(node, nodes.Subquery | nodes.Exists | nodes.InQuery | nodes.Quantified):
            self._subquery(node.query)
        if is_aggregate(node):
            if node in self.analyzer.refused:
                raise self.analyzer.refused[node]
            return True
        window = getattr(node, "window", None)
        if isinstance(window, nodes.Window):
            self._window(window, known)
        return all(self._is_grouped(child, known) for child in children(node))

    def _window(self, window: nodes.Window, known: frozenset[tree.Expression]) -> None:
        """The parts of a window are looked at one by one."""
        for part in window.partition_by:
            self._check(part, known, "PARTITION BY expression '{}'")
        for item in window.order_by:
            self._check(item.expression, known, "ORDER BY expression '{}'")
        self._recognition(window.recognition)
        if window.frame is not None:
            for bound, called in ((window.frame.start, "start"), (window.frame.end, "end")):
                if bound is not None and bound.value is not None:
                    self._check(bound.value, known, f"Window frame {called}")

    def _recognition(self, recognition: Recognition | None) -> None:
        """A row pattern is over what is grouped by."""
        if recognition is None:
            return
        parts: list[tuple[nodes.Expression, nodes.Expression | Definition, str]] = [
            (each.expression, each.expression, "Row pattern measure")
            for each in recognition.measures
        ]
        parts += [
            (each.condition, each, "Row pattern variable definition")
            for each in recognition.definitions
        ]
        for expression, place, called in parts:
            for each in descendants(expression):
                found = self.analyzer.context.referred.get(each)
                value = found.value if isinstance(found, tree.Navigation) else None
                local = isinstance(value, tree.ColumnReference) and self._is_local(value)
                if local and value not in self.keys:
                    raise self.analyzer.error(
                        "EXPRESSION_NOT_AGGREGATE",
                        f"{called} must be an aggregate expression or appear in GROUP BY clause",
                        place,
                    )

    def _subquery(self, query: nodes.Query) -> None:
        """A subquery may use what is grouped by only."""
        for each in descendants(query):
            found = self.analyzer.context.referred.get(each)
            if (
                isinstance(found, tree.ColumnReference)
                and found.relation in self.relations
                and found not in self.keys
            ):
                raise self.analyzer.error(
                    "EXPRESSION_NOT_AGGREGATE",
                    f"Subquery uses '{describe(each)}' which must appear in GROUP BY clause",
                    each,
                )

    def _is_local(self, typed: tree.ColumnReference | tree.Coalesce) -> bool:
        if isinstance(typed, tree.ColumnReference):
            return typed.relation in self.relations
        return True

    def _grouping(self, node: nodes.Grouping) -> None:
        for each in node.arguments:
            typed = self.analyzer.typed[each]
            if typed not in self.keys or isinstance(typed, tree.FieldReference):
                raise self.analyzer.error(
                    "INVALID_ARGUMENTS",
                    "The arguments to GROUPING() must be expressions referenced by the GROUP BY"
                    f" at the associated query level. Mismatch due to {describe(each)}.",
                    node,
                )
