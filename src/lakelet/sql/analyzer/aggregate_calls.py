"""Aggregates: over groups, over the rows of a match, and LISTAGG."""

from dataclasses import replace

from lakelet.errors import TrinoError
from lakelet.sql import tree
from lakelet.sql.analyzer.arguments import bind
from lakelet.sql.analyzer.clauses import calls_in, is_aggregate, is_window
from lakelet.sql.analyzer.coercions import coerce
from lakelet.sql.analyzer.expressions import ExpressionAnalyzer, PatternRules
from lakelet.sql.analyzer.formatting import describe
from lakelet.sql.analyzer.ordering import sort_items
from lakelet.sql.analyzer.windows import analyze_window
from lakelet.sql.functions.registry import Function
from lakelet.sql.syntax import nodes
from lakelet.types.coercion import is_comparable
from lakelet.types.model import BOOLEAN, VARCHAR


def _refuse_nesting(
    at: ExpressionAnalyzer, node: nodes.FunctionCall | nodes.ListAgg, name: str
) -> None:
    """Notes the calls that an aggregate cannot take as arguments."""
    given = node.arguments if isinstance(node, nodes.FunctionCall) else (node.value,)
    written = [*(each.expression for each in node.order_by), *given]
    written += (node.filter,) if node.filter is not None else ()
    found = [call for each in written for call in calls_in(each)]
    inner = [each for each in found if is_aggregate(each)]
    arguments = [call for each in given for call in calls_in(each)]
    windows = [call for call in arguments if is_window(call)]
    nested = [call for call in arguments if is_aggregate(call)]
    if inner and not nested:
        # Trino looks at these no sooner than it plans the query.
        message = f"{describe(inner[0])} is not a scalar function"
        at.context.unplanned.append(TrinoError("GENERIC_INTERNAL_ERROR", message))
    elif nested:
        shown = ", ".join(map(describe, nested))
        at.refused[node] = at.error(
            "NESTED_AGGREGATION",
            f"Cannot nest aggregations inside aggregation '{name}': [{shown}]",
            node,
        )
    elif windows:
        shown = ", ".join(map(describe, windows))
        at.refused[node] = at.error(
            "NESTED_WINDOW",
            "Cannot nest window functions or row pattern measures inside aggregation"
            f" '{name}': [{shown}]",
            node,
        )
    elif any(map(is_window, found)):
        # Beside the arguments Trino's planner alone finds them.
        message = f"{describe(next(filter(is_window, found)))} is not a scalar function"
        at.context.unplanned.append(TrinoError("GENERIC_INTERNAL_ERROR", message))


def aggregate_call(
    at: ExpressionAnalyzer, node: nodes.FunctionCall, entry: Function
) -> tree.Expression:
    """An aggregate over a group."""
    arguments, binding = bind(at, node, entry)
    order_by = sort_items(at, node.order_by, node)
    condition = _filter(at, node.filter)
    _refuse_nesting(at, node, node.name[-1].value)
    if node.distinct and not node.arguments:
        raise at.error("SYNTAX_ERROR", "DISTINCT aggregation needs an argument", node)
    for each in arguments if node.distinct else ():
        if not is_comparable(each.type):
            raise at.mismatch(
                f"DISTINCT can only be applied to comparable types (actual: {each.type})", node
            )
    at.aggregates.append(node)
    return tree.AggregateCall(entry, arguments, binding.result, node.distinct, order_by, condition)


def pattern_aggregate(
    at: ExpressionAnalyzer, pattern: PatternRules, node: nodes.FunctionCall, entry: Function
) -> tree.Expression:
    """An aggregate over the rows of a match."""
    labels: tuple[str, ...] = ()
    if node.star and node.arguments:
        labels = pattern.counted(at, node)
        node = replace(node, arguments=())
    pattern.refuse_aggregate(at, node)
    arguments, binding = bind(at, node, entry)
    call = tree.AggregateCall(entry, arguments, binding.result)
    return pattern.aggregate(at, node, call, labels)


def _filter(at: ExpressionAnalyzer, node: nodes.Expression | None) -> tree.Expression | None:
    if node is None:
        return None
    return at.boolean(node, "Filter expression must evaluate to a boolean")


def analyze_listagg(at: ExpressionAnalyzer, node: nodes.ListAgg) -> tree.Expression:
    """LISTAGG; `overflow` decides what becomes of more than 1 MB."""
    value = at.analyze(node.value)
    if value.type.name not in ("varchar", "unknown"):
        raise at.mismatch(
            f"Expected expression of varchar, but '{describe(node.value)}' has {value.type} type",
            node,
        )
    order_by = sort_items(at, node.order_by, node)
    condition = _filter(at, node.filter)
    filler, counted = node.overflow or (None, False)
    arguments = (
        coerce(value, VARCHAR),
        tree.Constant(node.separator, VARCHAR),
        tree.Constant(filler, VARCHAR),
        tree.Constant(counted, BOOLEAN),
    )
    if node.window is not None:
        window = analyze_window(at, node.window)
        at.windows.append(node)
        return tree.WindowCall(
            at.entry("listagg", node),
            arguments,
            VARCHAR,
            window,
            node.distinct,
            filter=condition,
            order_by=order_by,
        )
    _refuse_nesting(at, node, "listagg")
    at.aggregates.append(node)
    return tree.AggregateCall(
        at.entry("listagg", node), arguments, VARCHAR, node.distinct, order_by, condition
    )
