"""ORDER BY inside of aggregates and windows, and the positions that whole numbers mean."""

from collections.abc import Sequence
from typing import Final

from lakelet.sql import tree
from lakelet.sql.analyzer.expressions import ExpressionAnalyzer
from lakelet.sql.analyzer.formatting import describe
from lakelet.sql.syntax import nodes
from lakelet.types.coercion import is_orderable

_COLUMNS: Final = (nodes.Identifier, nodes.Dereference)


def sort_items(
    at: ExpressionAnalyzer, items: Sequence[nodes.SortItem], call: nodes.Expression
) -> tuple[tree.SortItem, ...]:
    """ORDER BY of a call, where errors point to."""
    found = []
    for each in items:
        key = at.analyze(each.expression)
        if not is_orderable(key.type):
            raise at.mismatch(
                f"ORDER BY can only be applied to orderable types (actual: {key.type})", call
            )
        found.append(tree.SortItem(key, each.descending, bool(each.nulls_first)))
    return tuple(found)


def refuse_other_keys(at: ExpressionAnalyzer) -> None:
    """Aggregates of DISTINCT values are ordered by their arguments only, as they are written."""
    for node in at.aggregates:
        if isinstance(node, nodes.FunctionCall | nodes.ListAgg) and node.distinct:
            written = node.arguments if isinstance(node, nodes.FunctionCall) else (node.value,)
            for each in node.order_by:
                _refuse_other_key(at, written, each.expression)


def _refuse_other_key(
    at: ExpressionAnalyzer, arguments: Sequence[nodes.Expression], key: nodes.Expression
) -> None:
    for argument in arguments:
        if isinstance(argument, _COLUMNS) and isinstance(key, _COLUMNS):
            same = at.typed[argument] == at.typed[key]
        else:
            same = describe(argument) == describe(key)
        if same:
            return
    raise at.error(
        "EXPRESSION_NOT_IN_DISTINCT",
        "For aggregate function with DISTINCT, ORDER BY expressions must appear in arguments",
        key,
    )


def ordinal(node: nodes.Expression) -> int | None:
    """The position that a whole number in ORDER BY or GROUP BY means."""
    if isinstance(node, nodes.Unary) and node.literal:
        position = ordinal(node.value)
        return None if position is None else -position
    return node.integer if isinstance(node, nodes.Number) else None
