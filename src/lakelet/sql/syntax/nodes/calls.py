"""Calls with what may stand around them: order, filters, windows, lambdas."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from lakelet.sql.syntax.nodes import Expression, Identifier
    from lakelet.sql.syntax.nodes.patterns import Recognition

FrameUnit = Literal["ROWS", "RANGE", "GROUPS"]
BoundKind = Literal[
    "UNBOUNDED PRECEDING", "PRECEDING", "CURRENT ROW", "FOLLOWING", "UNBOUNDED FOLLOWING"
]


@dataclass(frozen=True, slots=True, eq=False)
class SortItem:
    """`nulls_first` is None where the text does not say."""

    at: int
    expression: Expression
    descending: bool
    nulls_first: bool | None


@dataclass(frozen=True, slots=True, eq=False)
class FrameBound:
    """UNBOUNDED PRECEDING, n PRECEDING, CURRENT ROW, …"""

    at: int
    kind: BoundKind
    value: Expression | None


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """ROWS|RANGE|GROUPS BETWEEN start AND end; `end` None when only the start stands."""

    at: int
    unit: FrameUnit
    start: FrameBound
    end: FrameBound | None


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """A window's specification; `base` names one that it extends, `recognition` is the row
    pattern that its frames are searched for."""

    at: int
    base: Identifier | None
    partition_by: tuple[Expression, ...]
    order_by: tuple[SortItem, ...]
    frame: Frame | None
    recognition: Recognition | None = None
    order_at: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class MeasureReference:
    """name OVER window: a measure of the window's row pattern."""

    at: int
    name: Identifier
    window: Window | Identifier


@dataclass(frozen=True, slots=True, eq=False)
class FunctionCall:
    """name(arguments) with everything that may stand around it.

    `star` is count(*), or count(label.*) when the label is the argument; `window` a specification
    or the name of one; `null_treatment` "IGNORE" or "RESPECT"; `mode` "RUNNING" or "FINAL".
    """

    at: int
    name: tuple[Identifier, ...]
    arguments: tuple[Expression, ...]
    star: bool = False
    distinct: bool = False
    order_by: tuple[SortItem, ...] = ()
    filter: Expression | None = None
    window: Window | Identifier | None = None
    null_treatment: str | None = None
    mode: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Lambda:
    """(a, b) -> body."""

    at: int
    parameters: tuple[Identifier, ...]
    body: Expression


@dataclass(frozen=True, slots=True, eq=False)
class Grouping:
    """GROUPING(a, b)."""

    at: int
    arguments: tuple[Expression, ...]


@dataclass(frozen=True, slots=True, eq=False)
class ListAgg:
    """LISTAGG([DISTINCT] value, separator [ON OVERFLOW …]) WITHIN GROUP (ORDER BY …).

    `overflow` is None for an error, else (filler, whether the count is written).
    """

    at: int
    value: Expression
    separator: str
    distinct: bool
    overflow: tuple[str, bool] | None
    order_by: tuple[SortItem, ...]
    filter: Expression | None
    window: Window | Identifier | None
