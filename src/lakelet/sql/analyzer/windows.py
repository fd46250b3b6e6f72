"""OVER (…): named windows, frames and the types their offsets may have."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Final

from lakelet.errors import TrinoError
from lakelet.sql import tree
from lakelet.sql.analyzer.clauses import calls_in, is_window
from lakelet.sql.analyzer.coercions import coerce
from lakelet.sql.analyzer.expressions import ExpressionAnalyzer, operator_binding
from lakelet.sql.analyzer.formatting import describe
from lakelet.sql.row_patterns.program import canonical
from lakelet.sql.syntax import nodes
from lakelet.types.coercion import is_comparable, is_orderable
from lakelet.types.model import BIGINT, UNKNOWN

_RANGED: Final = frozenset(
    (
        *("tinyint", "smallint", "integer", "bigint", "real", "double", "decimal"),
        *("date", "time", "time with time zone", "timestamp", "timestamp with time zone"),
        *("interval day to second", "interval year to month"),
    )
)
_FARTHEST: Final = 2**62
"""Rows beyond which a frame never reaches, and that DuckDB can still add to a row's number."""
_INTEGERS: Final = ("tinyint", "smallint", "integer", "bigint")


def analyze_window(at: ExpressionAnalyzer, node: nodes.Window | nodes.Identifier) -> tree.Window:
    """The window that a specification or a name stands for."""
    node = specification(at, node)
    partition, order, frame = resolved(at, node)
    keys = []
    for each in partition:
        key = at.analyze(each)
        if not is_comparable(key.type):
            raise at.mismatch(
                f"{key.type} is not comparable, and therefore cannot be used in window function"
                " PARTITION BY",
                each,
            )
        keys.append(key)
    items = _sort_items(at, order)
    return tree.Window(tuple(keys), items, _frame(at, frame, items, order))


def expressions_of(node: nodes.Window) -> Iterator[nodes.Expression]:
    """What a specification calculates with: its partition, order and offsets."""
    yield from node.partition_by
    yield from (each.expression for each in node.order_by)
    if node.frame is not None:
        bounds = (node.frame.start, node.frame.end)
        yield from (each.value for each in bounds if each is not None and each.value is not None)


def _sort_items(
    at: ExpressionAnalyzer, written: Sequence[nodes.SortItem]
) -> tuple[tree.SortItem, ...]:
    found = []
    for each in written:
        key = at.analyze(each.expression)
        if not is_orderable(key.type):
            raise at.mismatch(
                f"{key.type} is not orderable, and therefore cannot be used in window function"
                " ORDER BY",
                each.expression,
            )
        found.append(tree.SortItem(key, each.descending, bool(each.nulls_first)))
    return tuple(found)


def nested_windows(
    at: ExpressionAnalyzer, written: Iterable[nodes.Expression], part: str
) -> Iterator[TrinoError]:
    """NESTED_WINDOW for the window functions that a part of a window calls itself."""
    for each in written:
        for call in filter(is_window, calls_in(each)):
            message = "Cannot nest window functions or row pattern measures inside window"
            yield at.error("NESTED_WINDOW", f"{message} {part}", call)


def specification(at: ExpressionAnalyzer, node: nodes.Window | nodes.Identifier) -> nodes.Window:
    """The specification that stands there, or that a name stands for."""
    if isinstance(node, nodes.Window):
        return node
    found = at.named_windows.get(canonical(node))
    if found is None:
        raise at.error(
            "INVALID_WINDOW_REFERENCE", f"Cannot resolve WINDOW name {describe(node)}", node
        )
    return found


def resolved(
    at: ExpressionAnalyzer, node: nodes.Window
) -> tuple[tuple[nodes.Expression, ...], tuple[nodes.SortItem, ...], nodes.Frame | None]:
    """Partition, order and frame of a window together with those of the one it extends."""
    if node.base is None:
        return node.partition_by, node.order_by, node.frame
    base = at.named_windows.get(canonical(node.base))
    if base is None:
        raise at.error(
            "INVALID_WINDOW_REFERENCE", f"Cannot resolve WINDOW name {node.base.value}", node.base
        )
    partition, order, frame = resolved(at, base)
    if node.partition_by:
        raise at.error(
            "INVALID_PARTITION_BY",
            "WINDOW specification with named WINDOW reference cannot specify PARTITION BY",
            node.partition_by[0],
        )
    if node.order_by and order:
        raise at.context.error(
            "INVALID_ORDER_BY",
            "Cannot specify ORDER BY if referenced named WINDOW specifies ORDER BY",
            node.order_at,
        )
    if frame is not None:
        raise at.error(
            "INVALID_WINDOW_REFERENCE",
            "Cannot reference named WINDOW containing frame specification",
            node.base,
        )
    return partition, node.order_by or order, node.frame


def _frame(
    at: ExpressionAnalyzer,
    node: nodes.Frame | None,
    order_by: tuple[tree.SortItem, ...],
    written: Sequence[nodes.SortItem],
) -> tree.Frame | None:
    if node is None:
        return None
    end = node.end or nodes.FrameBound(node.at, "CURRENT ROW", None)
    _check_bounds(at, node, node.start.kind, end.kind)
    unit = {"ROWS": "ROWS", "RANGE": "RANGE", "GROUPS": "GROUPS"}[node.unit]
    needs_order = node.unit == "GROUPS" or (
        node.unit == "RANGE" and (node.start.value is not None or end.value is not None)
    )
    if needs_order and not order_by:
        raise at.error(
            "MISSING_ORDER_BY",
            f"Window frame of type {unit} PRECEDING or FOLLOWING requires ORDER BY"
            if node.unit == "RANGE"
            else "Window frame of type GROUPS PRECEDING or FOLLOWING requires ORDER BY",
            node,
        )
    if node.unit == "RANGE" and needs_order and len(order_by) > 1:
        raise at.context.error(
            "INVALID_ORDER_BY",
            "Window frame of type RANGE PRECEDING or FOLLOWING requires single sort item in ORDER"
            f" BY (actual: {len(order_by)})",
            written[0].at - len("ORDER BY "),
        )
    if node.unit == "RANGE" and needs_order and order_by[0].expression.type.name not in _RANGED:
        raise at.mismatch(
            "Window frame of type RANGE PRECEDING or FOLLOWING requires that sort item type be"
            f" numeric, datetime or interval (actual: {order_by[0].expression.type})",
            written[0],
        )
    start, stop = (
        _bound(at, node.unit, each, word, order_by)
        for each, word in ((node.start, "start"), (end, "end"))
    )
    return tree.Frame(node.unit, start, stop)


def _check_bounds(at: ExpressionAnalyzer, node: nodes.Frame, start: str, end: str) -> None:
    message = None
    if start == "UNBOUNDED FOLLOWING":
        message = "Window frame start cannot be UNBOUNDED FOLLOWING"
    elif end == "UNBOUNDED PRECEDING":
        message = "Window frame end cannot be UNBOUNDED PRECEDING"
    elif start == "CURRENT ROW" and end == "PRECEDING":
        message = "Window frame starting from CURRENT ROW cannot end with PRECEDING"
    elif start == "FOLLOWING" and end in ("PRECEDING", "CURRENT ROW"):
        message = f"Window frame starting from FOLLOWING cannot end with {end}"
    if message is not None:
        raise at.error("INVALID_WINDOW_FRAME", message, node)


def _bound(
    at: ExpressionAnalyzer,
    unit: str,
    node: nodes.FrameBound,
    word: str,
    order_by: tuple[tree.SortItem, ...],
) -> tree.FrameBound:
    kind = node.kind
    if node.value is None:
        return tree.FrameBound(kind)
    value = at.analyze(node.value)
    if unit == "RANGE":
        sort_type = order_by[0].expression.type
        sign = "-" if (kind == "PRECEDING") != order_by[0].descending else "+"
        if value.type == UNKNOWN or operator_binding(sign, (sort_type, value.type)) is None:
            raise at.mismatch(
                f"Window frame RANGE value type ({value.type}) not compatible with sort item type"
                f" ({sort_type})",
                node.value,
            )
        return tree.FrameBound(kind, value)
    whole = value.type.name in _INTEGERS or (value.type.name == "decimal" and value.type.scale == 0)
    if not whole:
        raise at.mismatch(
            f"Window frame {unit} {word} value type must be exact numeric type with scale 0"
            f" (actual {value.type})",
            node.value,
        )
    if isinstance(value, tree.Constant) and isinstance(value.value, int | Decimal):
        return tree.FrameBound(kind, tree.Constant(min(int(value.value), _FARTHEST), BIGINT))
    if value.type.name == "decimal":
        return tree.FrameBound(kind, tree.Cast(value, BIGINT))
    return tree.FrameBound(kind, coerce(value, BIGINT))
