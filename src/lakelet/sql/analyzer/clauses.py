"""What a clause cannot hold."""

from collections.abc import Iterator, Sequence
from typing import Any

from lakelet.errors import TrinoError
from lakelet.sql.analyzer.expressions import ExpressionAnalyzer
from lakelet.sql.analyzer.formatting import describe
from lakelet.sql.functions.registry import FUNCTIONS
from lakelet.sql.syntax import nodes
from lakelet.sql.syntax.walking import children


def is_aggregate(node: nodes.Expression) -> bool:
    """Whether a call is one of an aggregate over its query's groups."""
    if isinstance(node, nodes.ListAgg):
        return node.window is None
    return (
        isinstance(node, nodes.FunctionCall) and node.window is None and _kind(node) == "aggregate"
    )


def is_window(node: nodes.Expression) -> bool:
    """Whether a call is one over a window, or should be."""
    if isinstance(node, nodes.MeasureReference):
        return True
    if isinstance(node, nodes.ListAgg):
        return node.window is not None
    return isinstance(node, nodes.FunctionCall) and (
        node.window is not None or _kind(node) == "window"
    )


def _kind(node: nodes.FunctionCall) -> str | None:
    entry = FUNCTIONS.get(node.name[-1].name)
    return entry.kind if entry is not None else None


def calls_in(node: nodes.Expression) -> list[nodes.Expression]:
    """Aggregates, window functions and grouping operations, in that order; none of subqueries."""
    found = list(_inside_out(node))
    return [
        *(each for each in found if is_aggregate(each) or _is_filtered(each)),
        *(each for each in found if is_window(each)),
        *(each for each in found if isinstance(each, nodes.Grouping)),
    ]


def _is_filtered(node: nodes.Expression) -> bool:
    """FILTER makes an aggregate of any call, until its name is looked up."""
    return (
        isinstance(node, nodes.FunctionCall)
        and node.filter is not None
        and node.window is None
        and not is_aggregate(node)
    )


def _inside_out(node: nodes.Expression) -> Iterator[nodes.Expression]:
    """What an expression is made of, each after its own parts."""
    found, waiting = [], [node]
    while waiting:
        current = waiting.pop()
        found.append(current)
        waiting.extend(children(current))
    return reversed(found)


def refuse_calls(at: ExpressionAnalyzer, clause: str, node: Any) -> None:
    """EXPRESSION_NOT_SCALAR when a clause holds aggregates or window functions; Trino looks for
    them before anything else."""
    _refuse(at, clause, node, calls_in(node))


def leave_aggregates(analyzer: ExpressionAnalyzer) -> None:
    """Notes aggregates and window functions where Trino's analyzer lets them be and its planner
    finds no place for them."""
    found = [*analyzer.aggregates, *analyzer.windows, *analyzer.groupings]
    if found:
        message = f"{describe(found[0])} is not a scalar function"
        analyzer.context.unplanned.append(TrinoError("GENERIC_INTERNAL_ERROR", message))


def refuse_aggregates(analyzer: ExpressionAnalyzer, clause: str, node: Any) -> None:
    """EXPRESSION_NOT_SCALAR when a clause holds aggregates or window functions."""
    _refuse(analyzer, clause, node, [*analyzer.aggregates, *analyzer.windows, *analyzer.groupings])


def _refuse(at: ExpressionAnalyzer, clause: str, node: Any, found: Sequence[Any]) -> None:
    if found:
        shown = ", ".join(map(describe, found))
        raise at.error(
            "EXPRESSION_NOT_SCALAR",
            f"{clause} cannot contain aggregations, window functions or grouping operations:"
            f" [{shown}]",
            node,
        )
