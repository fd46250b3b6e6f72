"""Relations: what stands in FROM. Their aliases are unique in the whole statement."""

from dataclasses import dataclass
from typing import TYPE_CHECKING
from typing import Literal as OneOf

from lakelet.sql.metadata import TableMetadata
from lakelet.sql.tree.calls import SortItem
from lakelet.sql.tree.expressions import Expression
from lakelet.sql.tree.patterns import PatternWindow, RowPattern

if TYPE_CHECKING:
    from lakelet.sql.tree.queries import Query


@dataclass(frozen=True, slots=True)
class Version:
    """FOR TIMESTAMP|VERSION AS OF: an instant, or a snapshot's id or name."""

    kind: OneOf["TIMESTAMP", "VERSION"]
    value: Expression


@dataclass(frozen=True, slots=True)
class TableScan:
    """A use of a table; `Analysis.scans` says what it reads. `id` is unique in the statement."""

    id: int
    alias: str
    table: TableMetadata
    version: "Version | None" = None


@dataclass(frozen=True, slots=True)
class Derived:
    """A query in FROM; `lateral` when it refers to relations beside it."""

    alias: str
    query: "Query"
    lateral: bool = False


@dataclass(frozen=True, slots=True)
class CteReference:
    """A use of a named query; its columns have the names of the query's outputs."""

    alias: str
    name: str


@dataclass(frozen=True, slots=True)
class Unnest:
    """Arrays, maps and arrays of rows side by side, NULLs where one is shorter.

    `columns` are the physical names of what comes out, the ordinality last. `alone` says that a
    lateral query reads nothing else, `whole` that a row is one column instead of one a field.
    """

    alias: str
    arguments: tuple[Expression, ...]
    columns: tuple[str, ...]
    ordinality: bool
    alone: bool = False
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Sequence:
    """The table function sequence(start, stop, step)."""

    alias: str
    start: Expression
    stop: Expression
    step: Expression


@dataclass(frozen=True, slots=True)
class Sample:
    """TABLESAMPLE; `percentage` of 0 to 100."""

    relation: "Relation"
    method: OneOf["BERNOULLI", "SYSTEM"]
    percentage: Expression


JoinKind = OneOf["CROSS", "INNER", "LEFT", "RIGHT", "FULL"]


@dataclass(frozen=True, slots=True)
class Join:
    """Two relations; a cross join has no condition."""

    kind: JoinKind
    left: "Relation"
    right: "Relation"
    condition: Expression | None = None


@dataclass(frozen=True, slots=True)
class MatchRecognize:
    """The rows of `input`, seen under the alias `rows`, searched for a pattern.

    `items` are the columns that come out, under the physical names `columns`: input columns, or
    expressions over navigations, aggregates and the match. `all_rows` is what ALL ROWS PER MATCH
    does with empty matches (SHOW, OMIT, UNMATCHED), None for one row per match. With `window` each
    row of the input comes out once, with the match in its frame.
    """

    alias: str
    rows: str
    input: "Query"
    partition_by: tuple[Expression, ...]
    order_by: tuple[SortItem, ...]
    pattern: RowPattern
    all_rows: str | None
    items: tuple[Expression, ...]
    columns: tuple[str, ...]
    window: PatternWindow | None = None


Relation = TableScan | Derived | CteReference | Unnest | Sequence | Sample | Join | MatchRecognize
