"""Conditions: comparisons, predicates and what combines them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lakelet.sql.syntax.nodes import Expression, Query


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """= <> < <= > >= and IS DISTINCT FROM."""

    at: int
    operator: str
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True, eq=False)
class Quantified:
    """value operator ALL|SOME|ANY (query)."""

    at: int
    operator: str
    quantifier: str
    value: Expression
    query: Query


@dataclass(frozen=True, slots=True, eq=False)
class Between:
    """value BETWEEN low AND high."""

    at: int
    value: Expression
    low: Expression
    high: Expression


@dataclass(frozen=True, slots=True, eq=False)
class InList:
    """value IN (items)."""

    at: int
    value: Expression
    items: tuple[Expression, ...]


@dataclass(frozen=True, slots=True, eq=False)
class InQuery:
    """value IN (query)."""

    at: int
    value: Expression
    query: Query


@dataclass(frozen=True, slots=True, eq=False)
class Like:
    """value LIKE pattern [ESCAPE escape]."""

    at: int
    value: Expression
    pattern: Expression
    escape: Expression | None


@dataclass(frozen=True, slots=True, eq=False)
class IsNull:
    """value IS NULL."""

    at: int
    value: Expression


@dataclass(frozen=True, slots=True, eq=False)
class Not:
    """NOT value."""

    at: int
    value: Expression


@dataclass(frozen=True, slots=True, eq=False)
class Logical:
    """AND or OR of two or more terms."""

    at: int
    operator: str
    terms: tuple[Expression, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Exists:
    """EXISTS (query)."""

    at: int
    query: Query
