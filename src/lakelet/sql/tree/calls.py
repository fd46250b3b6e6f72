"""Calls over many rows: aggregates over a group, functions over a window."""

from dataclasses import dataclass
from typing import TYPE_CHECKING
from typing import Literal as OneOf

from lakelet.sql.functions.registry import Function
from lakelet.types import Type

if TYPE_CHECKING:
    from lakelet.sql.tree.expressions import Expression


@dataclass(frozen=True, slots=True)
class SortItem:
    """`nulls_first` is resolved: Trino sorts NULLs last unless told."""

    expression: "Expression"
    descending: bool = False
    nulls_first: bool = False


@dataclass(frozen=True, slots=True)
class AggregateCall:
    """An aggregate over the rows of a group."""

    function: Function
    arguments: tuple["Expression", ...]
    type: Type
    distinct: bool = False
    order_by: tuple[SortItem, ...] = ()
    filter: "Expression | None" = None


FrameUnit = OneOf["ROWS", "RANGE", "GROUPS"]

BoundKind = OneOf[
    "UNBOUNDED PRECEDING", "PRECEDING", "CURRENT ROW", "FOLLOWING", "UNBOUNDED FOLLOWING"
]


@dataclass(frozen=True, slots=True)
class FrameBound:
    """Where a frame starts or ends; `value` for PRECEDING and FOLLOWING, `certain` when it is known
    to be right."""

    kind: BoundKind
    value: "Expression | None" = None
    certain: bool = False


@dataclass(frozen=True, slots=True)
class Frame:
    """Which rows around the current one a window function sees."""

    unit: FrameUnit
    start: FrameBound
    end: FrameBound


@dataclass(frozen=True, slots=True)
class Window:
    """OVER (…); no frame is the default one."""

    partition_by: tuple["Expression", ...] = ()
    order_by: tuple[SortItem, ...] = ()
    frame: Frame | None = None


@dataclass(frozen=True, slots=True)
class WindowCall:
    """An aggregate or a window function over a window."""

    function: Function
    arguments: tuple["Expression", ...]
    type: Type
    window: Window
    distinct: bool = False
    ignore_nulls: bool = False
    filter: "Expression | None" = None
    order_by: tuple[SortItem, ...] = ()
