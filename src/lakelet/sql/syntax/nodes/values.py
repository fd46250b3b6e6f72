"""Values: constants, operators, constructors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from lakelet.sql.syntax.nodes import Expression, Identifier, Query


@dataclass(frozen=True, slots=True, eq=False)
class Dereference:
    """base.field: a qualified column or a field of a row."""

    at: int
    base: Expression
    field: Identifier


@dataclass(frozen=True, slots=True, eq=False)
class Null:
    """NULL."""

    at: int


@dataclass(frozen=True, slots=True, eq=False)
class Boolean:
    """TRUE, FALSE."""

    at: int
    value: bool


@dataclass(frozen=True, slots=True, eq=False)
class String:
    """'text'."""

    at: int
    value: str


@dataclass(frozen=True, slots=True, eq=False)
class Binary:
    """X'00'."""

    at: int
    value: bytes


@dataclass(frozen=True, slots=True, eq=False)
class Number:
    """A number's text without underscores; `kind` is the lexer's."""

    at: int
    kind: str
    text: str

    @property
    def integer(self) -> int | None:
        """What an integer's digits say, in their base; None of digits with a point."""
        if self.kind != "integer":
            return None
        try:
            return int(self.text, _BASES.get(self.text[:2].lower(), 10))
        except ValueError:  # beyond the digits that Python reads
            return 1 << 64


_BASES: Final = {"0x": 16, "0b": 2, "0o": 8}


@dataclass(frozen=True, slots=True, eq=False)
class TypedLiteral:
    """DATE '2020-01-01'."""

    at: int
    type: str
    value: str


@dataclass(frozen=True, slots=True, eq=False)
class Interval:
    """INTERVAL [-] '1' DAY [TO SECOND]."""

    at: int
    value: str
    negative: bool
    start: str
    end: str | None


@dataclass(frozen=True, slots=True, eq=False)
class Parameter:
    """?, counted from 0."""

    at: int
    index: int


@dataclass(frozen=True, slots=True, eq=False)
class CurrentTime:
    """CURRENT_TIMESTAMP(p) and its kind."""

    at: int
    function: str
    precision: int | None


@dataclass(frozen=True, slots=True, eq=False)
class Unary:
    """+ or - before a value; a - right before a number's digits is part of the `literal`."""

    at: int
    sign: str
    value: Expression
    literal: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Arithmetic:
    """A binary operator, || among them; `at` is the sign's."""

    at: int
    operator: str
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True, eq=False)
class AtTimeZone:
    """value AT TIME ZONE zone."""

    at: int
    value: Expression
    zone: Expression


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """(a, b) or ROW(a, b)."""

    at: int
    items: tuple[Expression, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Array:
    """ARRAY[a, b]."""

    at: int
    items: tuple[Expression, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Subscript:
    """base[index]."""

    at: int
    base: Expression
    index: Expression


@dataclass(frozen=True, slots=True, eq=False)
class Subquery:
    """(query) as a value."""

    at: int
    query: Query


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """CASE, with an operand or without."""

    at: int
    operand: Expression | None
    whens: tuple[tuple[Expression, Expression], ...]
    default: Expression | None


@dataclass(frozen=True, slots=True, eq=False)
class Cast:
    """CAST and TRY_CAST; `type` is a type's text."""

    at: int
    value: Expression
    type: str
    safe: bool


@dataclass(frozen=True, slots=True, eq=False)
class Extract:
    """EXTRACT(field FROM value)."""

    at: int
    field: str
    value: Expression
