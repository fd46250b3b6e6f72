"""Calls by name: of scalar functions here, of the others in modules of their own."""

from lakelet.sql import tree
from lakelet.sql.analyzer import clock
from lakelet.sql.analyzer.aggregate_calls import aggregate_call, analyze_listagg, pattern_aggregate
from lakelet.sql.analyzer.arguments import bind
from lakelet.sql.analyzer.expressions import ANALYZERS, ExpressionAnalyzer
from lakelet.sql.analyzer.special_calls import SPECIAL
from lakelet.sql.analyzer.window_calls import measure, window_call
from lakelet.sql.functions.registry import FUNCTIONS, Function
from lakelet.sql.syntax import nodes


def analyze_call(at: ExpressionAnalyzer, node: nodes.FunctionCall) -> tree.Expression:
    """A call by name."""
    found = _in_pattern(at, node) or _without_entry(at, node)
    if found is not None:
        return found
    name = node.name[-1].name
    entry = FUNCTIONS.get(name)
    if entry is None or entry.kind == "operator" or len(node.name) == 2:
        shown = ".".join(part.name for part in node.name)
        raise at.error("FUNCTION_NOT_FOUND", f"Function '{shown}' not registered", node)
    if node.window is not None:
        return window_call(at, node, entry)
    if entry.kind == "window":
        arguments, binding = bind(at, node, entry)
        if at.scalar:
            at.windows.append(node)
            return tree.FunctionCall(entry, arguments, binding.result)
        raise at.error(
            "MISSING_OVER",
            f"Window function system.builtin.{name} requires an OVER clause",
            node,
        )
    if entry.kind == "aggregate":
        if at.pattern is not None:
            return pattern_aggregate(at, at.pattern, node, entry)
        return aggregate_call(at, node, entry)
    return _scalar_call(at, node, entry)


def _in_pattern(at: ExpressionAnalyzer, node: nodes.FunctionCall) -> tree.Expression | None:
    """What only row patterns have."""
    if at.pattern is not None:
        return at.pattern.call(at, node)
    if node.star and node.arguments:
        raise at.error(
            "INVALID_FUNCTION_ARGUMENT",
            "label.* syntax is only supported as the only argument of row pattern count function",
            node.arguments[0],
        )
    if node.mode is not None:
        raise at.error(
            "INVALID_PROCESSING_MODE",
            f"{node.mode} semantics is not supported out of pattern recognition context",
            node,
        )
    return None


def _without_entry(at: ExpressionAnalyzer, node: nodes.FunctionCall) -> tree.Expression | None:
    """What looks like a function, and the functions that are constants of the session."""
    if len(node.name) > 1:
        return None
    name = node.name[0].name
    special = SPECIAL.get(name)
    if special is not None:
        return special(at, node)
    found = clock.session_value(at.context, name, None)
    if found is not None:
        _refuse_clauses(at, node)
    return None if node.arguments or node.star else found


def _refuse_clauses(at: ExpressionAnalyzer, node: nodes.FunctionCall) -> None:
    """Refuses what only aggregates have."""
    for present, message in (
        (node.distinct, "DISTINCT is not supported for non-aggregation functions"),
        (node.filter is not None, "Filter is only valid for aggregation functions"),
        (bool(node.order_by), "ORDER BY is only valid for aggregation functions"),
    ):
        if present:
            raise at.error("FUNCTION_NOT_AGGREGATE", message, node)


def _scalar_call(
    at: ExpressionAnalyzer, node: nodes.FunctionCall, entry: Function
) -> tree.Expression:
    _refuse_clauses(at, node)
    arguments, binding = bind(at, node, entry)
    return tree.FunctionCall(entry, arguments, binding.result)


ANALYZERS.update(
    {
        nodes.FunctionCall: analyze_call,
        nodes.ListAgg: analyze_listagg,
        nodes.MeasureReference: measure,
    }
)
