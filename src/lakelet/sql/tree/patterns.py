"""Row patterns: what MATCH_RECOGNIZE and windows look for, and what they say of a match."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lakelet.sql.functions.registry import Function
from lakelet.sql.tree.calls import AggregateCall, FrameBound, SortItem
from lakelet.types import Type
from lakelet.types.model import BIGINT, VARCHAR

if TYPE_CHECKING:
    from lakelet.sql.tree.expressions import Expression


@dataclass(frozen=True, slots=True)
class RowPattern:
    """What to look for: a program over the variables, the condition of each (None: always true),
    and where to go on after a match."""

    program: tuple[tuple[Any, ...], ...]
    variables: tuple[str, ...]
    conditions: tuple["Expression | None", ...]
    skip: str
    skip_variables: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Classifier:
    """In a navigation: the variable that the row has in its match."""

    type: Type = VARCHAR


@dataclass(frozen=True, slots=True)
class Navigation:
    """In a row pattern: a column or the variable of a row of the match. It is the first or last
    row that has one of `labels` (none: any), `logical` such rows further in and `physical` rows
    away from there; `running` looks at no row behind the current one."""

    value: "Expression"
    type: Type
    labels: tuple[str, ...] = ()
    last: bool = True
    logical: int = 0
    physical: int = 0
    running: bool = True


@dataclass(frozen=True, slots=True)
class PatternAggregate:
    """In a row pattern: an aggregate over the rows of the match that have one of `labels` (none:
    any); columns in `call` are those of each row."""

    call: AggregateCall
    type: Type
    labels: tuple[str, ...] = ()
    running: bool = True


@dataclass(frozen=True, slots=True)
class MatchNumber:
    """The number of the match in its partition."""

    type: Type = BIGINT


@dataclass(frozen=True, slots=True)
class PatternWindow:
    """A window whose frames, from each row to `end`, are searched for a row pattern; with `seek`
    a match may begin behind the frame's first row."""

    partition_by: tuple["Expression", ...]
    order_by: tuple[SortItem, ...]
    end: FrameBound
    pattern: "RowPattern"
    seek: bool


@dataclass(frozen=True, slots=True)
class PatternWindowCall:
    """A function over the rows of the match in a row's frame."""

    function: Function
    arguments: tuple["Expression", ...]
    type: Type
    window: PatternWindow
    ignore_nulls: bool = False


@dataclass(frozen=True, slots=True)
class WindowMeasure:
    """An expression of navigations and aggregates over the match in a row's frame."""

    value: "Expression"
    window: PatternWindow
    type: Type
