"""The typed tree: what a query means, every name resolved and every coercion explicit.

The analyzer makes it, the emitter writes it as DuckDB SQL. Relations carry aliases that are
unique in the whole statement, so a column reference needs no scope. Equal expressions are equal
values, wherever they stood in the text.
"""

import operator
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any
from typing import Literal as OneOf

from lakelet.sql.functions.registry import Function
from lakelet.sql.metadata import TableMetadata
from lakelet.types import Type
from lakelet.types.model import BIGINT, BOOLEAN, VARCHAR

# Expressions -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Constant:
    """A literal; `value` is in the form that `emitter.literals` reads."""

    value: Any
    type: Type


@dataclass(frozen=True, slots=True)
class ColumnReference:
    """A column of a relation, perhaps of an outer query; `name` is its physical name."""

    relation: str
    name: str
    type: Type


@dataclass(frozen=True, slots=True)
class LambdaReference:
    """A parameter of a lambda around it."""

    name: str
    type: Type


@dataclass(frozen=True, slots=True)
class FunctionCall:
    """A scalar function or an operator; arguments are of the signature's types."""

    function: Function
    arguments: tuple["Expression", ...]
    type: Type


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


@dataclass(frozen=True, slots=True)
class Cast:
    """CAST, TRY_CAST (`safe`) and coercions. `day`, counted from 1970-01-01, is the date of
    times that become timestamps."""

    value: "Expression"
    type: Type
    safe: bool = False
    day: int | None = None


@dataclass(frozen=True, slots=True)
class Fitted:
    """A number as a decimal type that it is known to fit."""

    value: "Expression"
    type: Type


@dataclass(frozen=True, slots=True)
class Case:
    """CASE; with an operand the conditions are values of its type that it is compared with."""

    operand: "Expression | None"
    whens: tuple[tuple["Expression", "Expression"], ...]
    default: "Expression | None"
    type: Type


@dataclass(frozen=True, slots=True)
class Coalesce:
    """The first operand that is not NULL."""

    operands: tuple["Expression", ...]
    type: Type


@dataclass(frozen=True, slots=True)
class NullIf:
    """`first` unless it equals the second when both are of `compared`."""

    first: "Expression"
    second: "Expression"
    compared: Type
    type: Type


@dataclass(frozen=True, slots=True)
class Try:
    """NULL where the value fails."""

    value: "Expression"
    type: Type


@dataclass(frozen=True, slots=True)
class Logical:
    """AND or OR of two or more."""

    operator: OneOf["AND", "OR"]
    operands: tuple["Expression", ...]
    type: Type = BOOLEAN


@dataclass(frozen=True, slots=True)
class Not:
    """NOT."""

    value: "Expression"
    type: Type = BOOLEAN


@dataclass(frozen=True, slots=True)
class IsNull:
    """IS NULL."""

    value: "Expression"
    type: Type = BOOLEAN


@dataclass(frozen=True, slots=True)
class Between:
    """Low and high included."""

    value: "Expression"
    low: "Expression"
    high: "Expression"
    type: Type = BOOLEAN


@dataclass(frozen=True, slots=True)
class InList:
    """value IN (items), all of one type."""

    value: "Expression"
    items: tuple["Expression", ...]
    type: Type = BOOLEAN


@dataclass(frozen=True, slots=True)
class InQuery:
    """value IN (query)."""

    value: "Expression"
    query: "Query"
    type: Type = BOOLEAN


@dataclass(frozen=True, slots=True)
class Exists:
    """Whether the query has a row."""

    query: "Query"
    type: Type = BOOLEAN


@dataclass(frozen=True, slots=True)
class Quantified:
    """`value operator ALL|ANY (query)`."""

    operator: str
    quantifier: OneOf["ALL", "ANY"]
    value: "Expression"
    query: "Query"
    type: Type = BOOLEAN


@dataclass(frozen=True, slots=True)
class ScalarQuery:
    """The only value of a query of one column and at most one row."""

    query: "Query"
    type: Type


@dataclass(frozen=True, slots=True)
class Like:
    """LIKE; no escape character unless one is given."""

    value: "Expression"
    pattern: "Expression"
    escape: "Expression | None"
    type: Type = BOOLEAN


@dataclass(frozen=True, slots=True)
class RowConstructor:
    """ROW(…)."""

    items: tuple["Expression", ...]
    type: Type


@dataclass(frozen=True, slots=True)
class ArrayConstructor:
    """ARRAY[…], items of one type."""

    items: tuple["Expression", ...]
    type: Type


@dataclass(frozen=True, slots=True)
class FieldReference:
    """A field of a row by its number from 0."""

    value: "Expression"
    index: int
    type: Type


@dataclass(frozen=True, slots=True)
class Lambda:
    """Parameters have names that are unique in the statement."""

    parameters: tuple[LambdaReference, ...]
    body: "Expression"
    type: Type


@dataclass(frozen=True, slots=True)
class Grouping:
    """grouping(): which of the arguments the row's grouping set leaves out, as bits."""

    arguments: tuple["Expression", ...]
    type: Type


@dataclass(frozen=True, slots=True)
class OutputReference:
    """In ORDER BY: an output of the query that is sorted."""

    name: str
    type: Type


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


Expression = (
    Constant
    | ColumnReference
    | LambdaReference
    | FunctionCall
    | AggregateCall
    | WindowCall
    | Cast
    | Fitted
    | Case
    | Coalesce
    | NullIf
    | Try
    | Logical
    | Not
    | IsNull
    | Between
    | InList
    | InQuery
    | Exists
    | Quantified
    | ScalarQuery
    | Like
    | RowConstructor
    | ArrayConstructor
    | FieldReference
    | Lambda
    | Grouping
    | OutputReference
    | Classifier
    | Navigation
    | PatternAggregate
    | MatchNumber
    | PatternWindowCall
    | WindowMeasure
)

# Relations ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TableScan:
    """A use of a table; `Analysis.scans` says what it reads. `id` is unique in the statement."""

    id: int
    alias: str
    table: TableMetadata
    version: "Version | None" = None


@dataclass(frozen=True, slots=True)
class Version:
    """FOR TIMESTAMP|VERSION AS OF: an instant, or a snapshot's id or name."""

    kind: OneOf["TIMESTAMP", "VERSION"]
    value: Expression


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

    `columns` are the physical names of what comes out, the ordinality last.
    """

    alias: str
    arguments: tuple[Expression, ...]
    columns: tuple[str, ...]
    ordinality: bool


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
class RowPattern:
    """What to look for: a program over the variables, the condition of each (None: always true),
    and where to go on after a match."""

    program: tuple[tuple[Any, ...], ...]
    variables: tuple[str, ...]
    conditions: tuple[Expression | None, ...]
    skip: str
    skip_variables: tuple[str, ...] = ()


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

# Queries -----------------------------------------------------------------------------------


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
    its columns). A row that breaks one of them need not be read."""

    id: int
    table: TableMetadata
    version: Version | None
    columns: tuple[str, ...]
    constraint: tuple[Expression, ...]


_LEAVES = frozenset(("type", "function", "table", "outputs", "name", "alias", "program"))
"""Fields that hold no nodes."""


def is_node(value: Any) -> bool:
    """Whether a value is a node of the tree."""
    return type(value).__module__ == __name__


def part_names(node: Any) -> list[str]:
    """The fields of a node that may hold nodes, alone or in tuples."""
    return [name for name in node.__slots__ if name not in _LEAVES]


def parts(node: Any) -> list[Any]:
    """What the fields of a node hold; nothing for what is no node."""
    return [getattr(node, name) for name in part_names(node)] if is_node(node) else []


def descendants(root: Any) -> Iterator[Any]:
    """The nodes of a tree, itself first; a subquery's too."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if isinstance(node, tuple):
            waiting.extend(node)
        elif is_node(node):
            yield node
            waiting.extend(parts(node))


def rebuilt(node: Any, change: Callable[[Any], Any]) -> Any:
    """A node or tuple with its parts changed; itself if none of them is."""
    if isinstance(node, tuple):
        changed = tuple(map(change, node))
        return node if all(map(operator.is_, changed, node)) else changed
    if not is_node(node):
        return node
    changes = {}
    for name in part_names(node):
        before = getattr(node, name)
        after = change(before)
        if after is not before:
            changes[name] = after
    return replace(node, **changes) if changes else node


def has_aggregate(expression: Expression) -> bool:
    """Whether an expression holds an aggregate of its own query level."""
    return any(isinstance(each, AggregateCall) for each in descendants(expression))
