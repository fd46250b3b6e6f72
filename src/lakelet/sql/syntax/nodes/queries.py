"""Queries: SELECT, VALUES, set operations and what stands around them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from lakelet.sql.syntax.nodes import (
        Expression,
        Identifier,
        QueryBody,
        Relation,
        SortItem,
        Table,
        Window,
    )

SetOperator = Literal["UNION", "INTERSECT", "EXCEPT"]


@dataclass(frozen=True, slots=True, eq=False)
class SelectItem:
    """An expression with its alias."""

    at: int
    expression: Expression
    alias: Identifier | None


@dataclass(frozen=True, slots=True, eq=False)
class Star:
    """* or expression.* [AS (aliases)]."""

    at: int
    target: Expression | None
    aliases: tuple[Identifier, ...]


@dataclass(frozen=True, slots=True, eq=False)
class GroupingElement:
    """`kind` is SIMPLE, ROLLUP, CUBE, SETS or AUTO; each set is a tuple of expressions."""

    at: int
    kind: str
    sets: tuple[tuple[Expression, ...], ...]


@dataclass(frozen=True, slots=True, eq=False)
class GroupBy:
    """GROUP BY [DISTINCT] elements."""

    at: int
    distinct: bool
    elements: tuple[GroupingElement, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Select:
    """A query specification."""

    at: int
    distinct: bool
    items: tuple[SelectItem | Star, ...]
    source: Relation | None
    where: Expression | None
    group_by: GroupBy | None
    having: Expression | None
    windows: tuple[tuple[Identifier, Window], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Values:
    """VALUES rows."""

    at: int
    rows: tuple[Expression, ...]


@dataclass(frozen=True, slots=True, eq=False)
class TableQuery:
    """TABLE name."""

    at: int
    table: Table


@dataclass(frozen=True, slots=True, eq=False)
class SetOperation:
    """UNION, INTERSECT, EXCEPT; `corresponding` None when it does not stand."""

    at: int
    operator: SetOperator
    distinct: bool
    left: QueryBody
    right: QueryBody
    corresponding: tuple[Identifier, ...] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class WithQuery:
    """name (columns) AS (query)."""

    at: int
    name: Identifier
    columns: tuple[Identifier, ...] | None
    query: Query


@dataclass(frozen=True, slots=True, eq=False)
class Query:
    """A body with WITH before and ORDER BY, OFFSET, LIMIT behind it.

    `limit` None is no limit (LIMIT ALL too); `fetch` says that FETCH FIRST was written.
    """

    at: int
    recursive: bool
    with_queries: tuple[WithQuery, ...]
    body: QueryBody
    order_by: tuple[SortItem, ...]
    offset: Expression | None
    limit: Expression | None
    with_ties: bool = False
    fetch_at: int = 0
