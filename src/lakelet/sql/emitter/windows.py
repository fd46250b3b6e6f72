"""Windows: partitions, orders and frames."""

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from lakelet.errors import TrinoError
from lakelet.sql import tree
from lakelet.sql.emitter.datetime_casts import suffix
from lakelet.types.duckdb import physical
from lakelet.types.model import UNKNOWN, Type

if TYPE_CHECKING:
    from lakelet.sql.emitter.expressions import ExpressionEmitter


def over(at: "ExpressionEmitter", window: tree.Window) -> str:
    """What stands between the parentheses of OVER."""
    parts = []
    if window.partition_by:
        parts.append(f"PARTITION BY {', '.join(map(at.key, window.partition_by))}")
    if window.order_by:
        parts.append(at.order_by(_widened(window)).lstrip())
    if window.frame is not None:
        start, end = (_bound(at, each, window) for each in (window.frame.start, window.frame.end))
        parts.append(f"{window.frame.unit} BETWEEN {start} AND {end}")
    return " ".join(parts)


_WIDTHS: Final = ("tinyint", "smallint", "integer", "bigint")


def _widened(window: tree.Window) -> tuple[tree.SortItem, ...]:
    """What is sorted by; an integer under RANGE is as wide as what is added to it."""
    frame, first = window.frame, window.order_by[0]
    if frame is None or frame.unit != "RANGE" or first.expression.type.name not in _WIDTHS:
        return window.order_by
    added = [each.value.type for each in (frame.start, frame.end) if each.value is not None]
    types = [each for each in (first.expression.type, *added) if each.name in _WIDTHS]
    widest = max(types, key=lambda each: _WIDTHS.index(each.name))
    if widest == first.expression.type:
        return window.order_by
    return (replace(first, expression=tree.Cast(first.expression, widest)),)


_DAY: Final = 86_400_000


def _refuse_time(bound: tree.FrameBound, window: tree.Window) -> None:
    """A date is moved by whole days."""
    value = bound.value.value if isinstance(bound.value, tree.Constant) else None
    if isinstance(value, int) and value % _DAY:
        back = (bound.kind == "PRECEDING") != window.order_by[0].descending
        moved = (
            "subtract hour, minutes or seconds from" if back else "add hour, minutes or seconds to"
        )
        raise TrinoError("INVALID_FUNCTION_ARGUMENT", f"Cannot {moved} a date")


def _bound(at: "ExpressionEmitter", bound: tree.FrameBound, window: tree.Window) -> str:
    if bound.value is None:
        return bound.kind
    value = at.emit(bound.value) if bound.certain else _offset(at, bound.value)
    ordered = window.order_by[0].expression.type if window.order_by else UNKNOWN
    if ordered.name.startswith("interval"):
        return f"{value} {bound.kind}"
    if suffix(ordered):
        return f"{_picoseconds(value, bound.value.type)} {bound.kind}"
    if bound.value.type.name == "interval day to second":
        if ordered.name == "date":
            _refuse_time(bound, window)
        value = f"to_milliseconds({value})"
    elif bound.value.type.name == "interval year to month":
        value = f"to_months({value})"
    return f"{value} {bound.kind}"


def _offset(at: "ExpressionEmitter", node: tree.Expression) -> str:
    """How far a frame reaches, which must be neither negative nor NULL."""
    value = at.emit(node)
    if isinstance(node, tree.Constant) and node.value is not None and node.value >= 0:
        return value
    failed = (
        "trino_fail('INVALID_WINDOW_FRAME',"
        " 'Window frame offset value must not be negative or null')"
    )
    return f"CASE WHEN {value} >= 0 THEN {value} ELSE CAST({failed} AS {physical(node.type)}) END"


def _picoseconds(interval: str, of: Type) -> str:
    """How far a frame over times or timestamps that are counts of picoseconds reaches."""
    if of.name == "interval year to month":
        raise TrinoError("NOT_SUPPORTED", "RANGE of months over nanoseconds is not supported")
    return f"CAST({interval} AS HUGEINT) * 1000000000"
