"""Queries: relations made into rows with named outputs, and what they read of tables."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal as OneOf

from lakelet.sql.metadata import TableMetadata
from lakelet.sql.tree.calls import SortItem
from lakelet.sql.tree.expressions import Expression
from lakelet.sql.tree.relations import Relation, Version
from lakelet.types import Type


@dataclass(frozen=True, slots=True)
class Output:
    """A column that a query gives: Trino's name (None: unnamed) and the physical name, which
    is unique among the outputs."""

    name: str | None
    physical: str
    type: Type


@dataclass(frozen=True, slots=True)
class Select:
    """A query specification; `group_by` None means none, `()` an aggregate over all rows.

    `grouping_sets` lists each set's positions in `group_by`; None for a plain GROUP BY.
    """

    items: tuple[Expression, ...]
    outputs: tuple[Output, ...]
    source: Relation | None = None
    where: Expression | None = None
    group_by: tuple[Expression, ...] | None = None
    grouping_sets: tuple[tuple[int, ...], ...] | None = None
    having: Expression | None = None
    distinct: bool = False


@dataclass(frozen=True, slots=True)
class Values:
    """Rows written out; items have the types of the outputs."""

    rows: tuple[tuple[Expression, ...], ...]
    outputs: tuple[Output, ...]


@dataclass(frozen=True, slots=True)
class SetOperation:
    """Two queries whose outputs have the same types."""

    operator: OneOf["UNION", "INTERSECT", "EXCEPT"]
    distinct: bool
    left: "Query"
    right: "Query"
    outputs: tuple[Output, ...]


@dataclass(frozen=True, slots=True)
class CommonTable:
    """A named query of a WITH; `step` is the recursive part of one that refers to itself.

    A UNION that is `distinct` drops rows that it has already given.
    """

    name: str
    query: "Query"
    step: "Query | None" = None
    distinct: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """A query's body with what stands around it. `limit` and `offset` count rows."""

    body: "Select | Values | SetOperation | Query"
    common_tables: tuple[CommonTable, ...] = ()
    order_by: tuple[SortItem, ...] = ()
    offset: Expression | None = None
    limit: Expression | None = None
    with_ties: bool = False

    @property
    def outputs(self) -> tuple[Output, ...]:
        return self.body.outputs


@dataclass(frozen=True, slots=True)
class Scan:
    """What a statement reads of a table: the columns that it uses, in the table's order, hidden
    ones too, and those conjuncts of its filters that concern this scan alone (expressions over
    its columns). A row that breaks one of them need not be read. `fields` are the numbers of the
    fields that it uses of rows of which it uses no others. `unread` are columns that it mentions
    where no value comes of them, as in EXISTS (SELECT x …)."""

    id: int
    table: TableMetadata
    version: Version | None
    columns: tuple[str, ...]
    constraint: tuple[Expression, ...]
    fields: Mapping[str, frozenset[int]]
    unread: tuple[str, ...] = ()
