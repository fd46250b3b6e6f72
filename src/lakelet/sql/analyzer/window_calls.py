"""Calls and measures of row patterns OVER a window."""

from collections.abc import Iterator
from typing import Final

from lakelet.errors import TrinoError
from lakelet.sql import tree
from lakelet.sql.analyzer import pattern_windows
from lakelet.sql.analyzer.arguments import bind
from lakelet.sql.analyzer.expressions import ExpressionAnalyzer
from lakelet.sql.analyzer.formatting import describe
from lakelet.sql.analyzer.ordering import sort_items
from lakelet.sql.analyzer.windows import (
    analyze_window,
    expressions_of,
    nested_windows,
    resolved,
    specification,
)
from lakelet.sql.functions.registry import Function
from lakelet.sql.row_patterns.program import canonical
from lakelet.sql.syntax import nodes


def window_call(
    at: ExpressionAnalyzer, node: nodes.FunctionCall, entry: Function
) -> tree.Expression:
    """An aggregate or a window function over a window; what it cannot have is noted."""
    assert node.window is not None
    arguments, binding = bind(at, node, entry)
    order_by = sort_items(at, node.order_by, node)
    window = analyze_window(at, node.window)
    at.windows.append(node)
    wrong = next(_wrong_with(at, node, node.window, entry), None)
    if wrong is not None:
        at.refused[node] = wrong
    ignored = node.null_treatment == "IGNORE"
    if specification(at, node.window).recognition is not None:
        searched = pattern_windows.recognized(at, node.window, window)
        return tree.PatternWindowCall(entry, arguments, binding.result, searched.window, ignored)
    return tree.WindowCall(
        entry,
        arguments,
        binding.result,
        window,
        node.distinct,
        ignore_nulls=ignored,
        order_by=order_by,
    )


_RANKINGS: Final = frozenset(
    ("rank", "dense_rank", "percent_rank", "cume_dist", "row_number", "ntile")
)
_BESIDE: Final = ("lag", "lead")


def _wrong_with(
    at: ExpressionAnalyzer,
    node: nodes.FunctionCall,
    window: nodes.Window | nodes.Identifier,
    entry: Function,
) -> Iterator[TrinoError]:
    """What a function over a window cannot have."""
    found = specification(at, window)
    written = (*node.arguments, *(each.expression for each in node.order_by))
    yield from nested_windows(at, written, "function arguments")
    if isinstance(window, nodes.Window):
        yield from nested_windows(at, expressions_of(window), "specification")
    if node.filter is not None:
        message = "FILTER is not yet supported for window functions"
        yield at.context.error("NOT_SUPPORTED", message, at.query_at)
    if entry.kind == "window" and node.order_by:
        message = "Only aggregation window functions with ORDER BY are supported"
        yield at.error("NOT_SUPPORTED", message, node)
    if entry.kind == "window" and node.distinct:
        message = "Only aggregation window functions with DISTINCT are supported"
        yield at.context.error("NOT_SUPPORTED", f"{message}: {describe(node)}", at.query_at)
    if node.null_treatment and (entry.kind != "window" or entry.name in _RANKINGS):
        message = f"Cannot specify null treatment clause for {entry.name} function"
        yield at.error("NULL_TREATMENT_NOT_ALLOWED", message, node)
    if entry.kind == "scalar":
        yield at.context.error("FUNCTION_NOT_WINDOW", f"Not a window function: {entry.name}", 0)
    if entry.name in _RANKINGS or entry.name in _BESIDE:
        if found.frame is not None:
            message = f"Cannot specify window frame for {entry.name} function"
            yield at.error("INVALID_WINDOW_FRAME", message, found.frame)
        if entry.name in _BESIDE and not resolved(at, found)[1]:
            message = f"{entry.name} function requires an ORDER BY window clause"
            yield at.error("MISSING_ORDER_BY", message, window)


def measure(at: ExpressionAnalyzer, node: nodes.MeasureReference) -> tree.Expression:
    """measure OVER window."""
    window = analyze_window(at, node.window)
    at.windows.append(node)
    if specification(at, node.window).recognition is not None:
        searched = pattern_windows.recognized(at, node.window, window)
        found = searched.measures.get(canonical(node.name), ())
        if len(found) > 1:
            message = f"Measure {node.name.value} is defined more than once"
            raise at.error("AMBIGUOUS_NAME", message, node)
        if found:
            return tree.WindowMeasure(found[0], searched.window, found[0].type)
    raise at.error(
        "INVALID_WINDOW_MEASURE",
        f"Measure {node.name.value} is not defined in the corresponding window",
        node,
    )
