"""Relations: what stands behind FROM."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from lakelet.sql.syntax.nodes import Expression, Identifier, Query, Relation, SortItem
    from lakelet.sql.syntax.nodes.patterns import EmptyMatches, Recognition

JoinKind = Literal["CROSS", "INNER", "LEFT", "RIGHT", "FULL"]
SampleMethod = Literal["BERNOULLI", "SYSTEM"]


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """A named relation; `period` is (TIMESTAMP|VERSION, expression, place) of FOR … AS OF."""

    at: int
    name: tuple[Identifier, ...]
    period: tuple[str, Expression, int] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class TableSubquery:
    """(query) or LATERAL (query)."""

    at: int
    query: Query
    lateral: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Unnest:
    """UNNEST(…) [WITH ORDINALITY]."""

    at: int
    arguments: tuple[Expression, ...]
    ordinality: bool


@dataclass(frozen=True, slots=True, eq=False)
class TableArgument:
    """An argument of a table function: a value, `DESCRIPTOR(…)` or `TABLE(…)`.

    `clauses` are PARTITION, PRUNE, KEEP and ORDER behind a table with their places; `typed` says
    that a descriptor gives types.
    """

    at: int
    name: Identifier | None
    value: Expression | Relation | tuple[Identifier, ...]
    clauses: tuple[tuple[str, int], ...] = ()
    typed: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class TableFunction:
    """TABLE(function(arguments COPARTITION (tables), …)); the tables by their qualified names."""

    at: int
    name: tuple[Identifier, ...]
    arguments: tuple[TableArgument, ...]
    copartition: tuple[tuple[tuple[Identifier, ...], ...], ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Aliased:
    """relation AS alias (columns)."""

    at: int
    relation: Relation
    alias: Identifier
    columns: tuple[Identifier, ...] | None


@dataclass(frozen=True, slots=True, eq=False)
class Sampled:
    """relation TABLESAMPLE method (percentage)."""

    at: int
    relation: Relation
    method: SampleMethod
    percentage: Expression


@dataclass(frozen=True, slots=True, eq=False)
class Join:
    """A join; `using` or `on` or neither."""

    at: int
    kind: JoinKind
    left: Relation
    right: Relation
    on: Expression | None = None
    using: tuple[Identifier, ...] | None = None
    natural: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class MatchRecognize:
    """relation MATCH_RECOGNIZE (…); `all_rows` says what ALL ROWS PER MATCH does with empty
    matches, None is ONE ROW PER MATCH."""

    at: int
    relation: Relation
    partition_by: tuple[Expression, ...]
    order_by: tuple[SortItem, ...]
    all_rows: EmptyMatches | None
    recognition: Recognition
