"""The syntax tree of a query, as it was written; `at` is a node's offset in the text.

Nodes are equal only to themselves: the analyzer keeps what it found out by node.
"""

from dataclasses import dataclass
from typing import Literal

from lakelet.sql.syntax.pattern_nodes import EmptyMatches, Recognition

FrameUnit = Literal["ROWS", "RANGE", "GROUPS"]
BoundKind = Literal[
    "UNBOUNDED PRECEDING", "PRECEDING", "CURRENT ROW", "FOLLOWING", "UNBOUNDED FOLLOWING"
]
SampleMethod = Literal["BERNOULLI", "SYSTEM"]
SetOperator = Literal["UNION", "INTERSECT", "EXCEPT"]

# Expressions -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class Identifier:
    """A name; `value` keeps its case, which matters for output columns' names only."""

    at: int
    value: str
    quoted: bool = False

    @property
    def name(self) -> str:
        return self.value.lower()


@dataclass(frozen=True, slots=True, eq=False)
class Dereference:
    """base.field: a qualified column or a field of a row."""

    at: int
    base: "Expression"
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
class Unary:
    """+ or - before a value."""

    at: int
    sign: str
    value: "Expression"


@dataclass(frozen=True, slots=True, eq=False)
class Arithmetic:
    """A binary operator, || among them; `at` is its left side's, `operator_at` the sign's."""

    at: int
    operator: str
    left: "Expression"
    right: "Expression"
    operator_at: int


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """= <> < <= > >= and IS DISTINCT FROM."""

    at: int
    operator: str
    left: "Expression"
    right: "Expression"


@dataclass(frozen=True, slots=True, eq=False)
class Quantified:
    """value operator ALL|SOME|ANY (query)."""

    at: int
    operator: str
    quantifier: str
    value: "Expression"
    query: "Query"


@dataclass(frozen=True, slots=True, eq=False)
class Between:
    """value BETWEEN low AND high."""

    at: int
    value: "Expression"
    low: "Expression"
    high: "Expression"


@dataclass(frozen=True, slots=True, eq=False)
class InList:
    """value IN (items)."""

    at: int
    value: "Expression"
    items: tuple["Expression", ...]


@dataclass(frozen=True, slots=True, eq=False)
class InQuery:
    """value IN (query)."""

    at: int
    value: "Expression"
    query: "Query"


@dataclass(frozen=True, slots=True, eq=False)
class Like:
    """value LIKE pattern [ESCAPE escape]."""

    at: int
    value: "Expression"
    pattern: "Expression"
    escape: "Expression | None"


@dataclass(frozen=True, slots=True, eq=False)
class IsNull:
    """value IS NULL."""

    at: int
    value: "Expression"


@dataclass(frozen=True, slots=True, eq=False)
class Not:
    """NOT value."""

    at: int
    value: "Expression"


@dataclass(frozen=True, slots=True, eq=False)
class Logical:
    """AND or OR of two or more terms."""

    at: int
    operator: str
    terms: tuple["Expression", ...]


@dataclass(frozen=True, slots=True, eq=False)
class Exists:
    """EXISTS (query)."""

    at: int
    query: "Query"


@dataclass(frozen=True, slots=True, eq=False)
class Subquery:
    """(query) as a value."""

    at: int
    query: "Query"


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """(a, b) or ROW(a, b)."""

    at: int
    items: tuple["Expression", ...]


@dataclass(frozen=True, slots=True, eq=False)
class Array:
    """ARRAY[a, b]."""

    at: int
    items: tuple["Expression", ...]


@dataclass(frozen=True, slots=True, eq=False)
class Subscript:
    """base[index]."""

    at: int
    base: "Expression"
    index: "Expression"


@dataclass(frozen=True, slots=True, eq=False)
class Lambda:
    """(a, b) -> body."""

    at: int
    parameters: tuple[Identifier, ...]
    body: "Expression"


@dataclass(frozen=True, slots=True, eq=False)
class SortItem:
    """`nulls_first` is None where the text does not say."""

    at: int
    expression: "Expression"
    descending: bool
    nulls_first: bool | None


@dataclass(frozen=True, slots=True, eq=False)
class FrameBound:
    """UNBOUNDED PRECEDING, n PRECEDING, CURRENT ROW, …"""

    at: int
    kind: BoundKind
    value: "Expression | None"


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
    partition_by: tuple["Expression", ...]
    order_by: tuple[SortItem, ...]
    frame: Frame | None
    recognition: Recognition | None = None
    order_at: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class MeasureReference:
    """name OVER window: a measure of the window's row pattern."""

    at: int
    name: Identifier
    window: "Window | Identifier"


@dataclass(frozen=True, slots=True, eq=False)
class FunctionCall:
    """name(arguments) with everything that may stand around it.

    `star` is count(*), or count(label.*) when the label is the argument; `window` a specification
    or the name of one; `null_treatment` "IGNORE" or "RESPECT"; `mode` "RUNNING" or "FINAL".
    """

    at: int
    name: tuple[Identifier, ...]
    arguments: tuple["Expression", ...]
    star: bool = False
    distinct: bool = False
    order_by: tuple[SortItem, ...] = ()
    filter: "Expression | None" = None
    window: "Window | Identifier | None" = None
    null_treatment: str | None = None
    mode: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """CASE, with an operand or without."""

    at: int
    operand: "Expression | None"
    whens: tuple[tuple["Expression", "Expression"], ...]
    default: "Expression | None"


@dataclass(frozen=True, slots=True, eq=False)
class Cast:
    """CAST and TRY_CAST; `type` is a type's text."""

    at: int
    value: "Expression"
    type: str
    safe: bool


@dataclass(frozen=True, slots=True, eq=False)
class Extract:
    """EXTRACT(field FROM value)."""

    at: int
    field: str
    value: "Expression"


@dataclass(frozen=True, slots=True, eq=False)
class AtTimeZone:
    """value AT TIME ZONE zone."""

    at: int
    value: "Expression"
    zone: "Expression"


@dataclass(frozen=True, slots=True, eq=False)
class CurrentTime:
    """CURRENT_TIMESTAMP(p) and its kind."""

    at: int
    function: str
    precision: int | None


@dataclass(frozen=True, slots=True, eq=False)
class Grouping:
    """GROUPING(a, b)."""

    at: int
    arguments: tuple["Expression", ...]


@dataclass(frozen=True, slots=True, eq=False)
class ListAgg:
    """LISTAGG([DISTINCT] value, separator [ON OVERFLOW …]) WITHIN GROUP (ORDER BY …).

    `overflow` is None for an error, else (filler, whether the count is written).
    """

    at: int
    value: "Expression"
    separator: str
    distinct: bool
    overflow: tuple[str, bool] | None
    order_by: tuple[SortItem, ...]
    filter: "Expression | None"
    window: "Window | Identifier | None"


@dataclass(frozen=True, slots=True, eq=False)
class JsonValue:
    """A value that goes into a JSON function; `format` is its encoding when FORMAT JSON stands."""

    expression: "Expression"
    format: str | None


@dataclass(frozen=True, slots=True, eq=False)
class JsonPathCall:
    """JSON_EXISTS, JSON_VALUE and JSON_QUERY.

    `on_empty` and `on_error` are "NULL", "ERROR", "EMPTY ARRAY" … or a default's expression.
    """

    at: int
    function: str
    input: JsonValue
    path_at: int
    path: str
    passing: tuple[tuple[Identifier, JsonValue], ...]
    returning: str | None
    format: str | None
    wrapper: str | None
    quotes: str | None
    on_empty: "str | Expression | None"
    on_error: "str | Expression | None"


@dataclass(frozen=True, slots=True, eq=False)
class JsonObject:
    """JSON_OBJECT."""

    at: int
    members: tuple[tuple["Expression", JsonValue], ...]
    null_on_null: bool
    unique_keys: bool
    returning: str | None
    format: str | None


@dataclass(frozen=True, slots=True, eq=False)
class JsonArray:
    """JSON_ARRAY."""

    at: int
    items: tuple[JsonValue, ...]
    null_on_null: bool
    returning: str | None
    format: str | None


Expression = (
    Identifier
    | Dereference
    | Null
    | Boolean
    | String
    | Binary
    | Number
    | TypedLiteral
    | Interval
    | Parameter
    | Unary
    | Arithmetic
    | Comparison
    | Quantified
    | Between
    | InList
    | InQuery
    | Like
    | IsNull
    | Not
    | Logical
    | Exists
    | Subquery
    | Row
    | Array
    | Subscript
    | Lambda
    | FunctionCall
    | MeasureReference
    | Case
    | Cast
    | Extract
    | AtTimeZone
    | CurrentTime
    | Grouping
    | ListAgg
    | JsonPathCall
    | JsonObject
    | JsonArray
)

# Relations ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """A named relation; `period` is (TIMESTAMP|VERSION, expression) of FOR … AS OF."""

    at: int
    name: tuple[Identifier, ...]
    period: tuple[str, Expression] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class TableSubquery:
    """(query) or LATERAL (query)."""

    at: int
    query: "Query"
    lateral: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Unnest:
    """UNNEST(…) [WITH ORDINALITY]."""

    at: int
    arguments: tuple[Expression, ...]
    ordinality: bool


@dataclass(frozen=True, slots=True, eq=False)
class TableArgument:
    """An argument of a table function: a value, `DESCRIPTOR(…)` or `TABLE(…)`."""

    at: int
    name: Identifier | None
    value: "Expression | Relation | tuple[Identifier, ...]"


@dataclass(frozen=True, slots=True, eq=False)
class TableFunction:
    """TABLE(function(arguments))."""

    at: int
    name: tuple[Identifier, ...]
    arguments: tuple[TableArgument, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Aliased:
    """relation AS alias (columns)."""

    at: int
    relation: "Relation"
    alias: Identifier
    columns: tuple[Identifier, ...] | None


@dataclass(frozen=True, slots=True, eq=False)
class Sampled:
    """relation TABLESAMPLE method (percentage)."""

    at: int
    relation: "Relation"
    method: SampleMethod
    percentage: Expression


@dataclass(frozen=True, slots=True, eq=False)
class Join:
    """A join; `using` or `on` or neither."""

    at: int
    kind: str
    left: "Relation"
    right: "Relation"
    on: Expression | None = None
    using: tuple[Identifier, ...] | None = None
    natural: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class JsonTableOrdinality:
    """name FOR ORDINALITY."""

    at: int
    name: Identifier


@dataclass(frozen=True, slots=True, eq=False)
class JsonTableColumn:
    """name type [FORMAT JSON] [PATH path] …; `call` is the JSON_VALUE or JSON_QUERY over a row's
    item that it stands for."""

    at: int
    name: Identifier
    call: JsonPathCall


@dataclass(frozen=True, slots=True, eq=False)
class JsonTablePath:
    """A path with its columns: that of JSON_TABLE itself, or NESTED PATH."""

    at: int
    path_at: int
    path: str
    name: Identifier | None
    columns: tuple["JsonTableOrdinality | JsonTableColumn | JsonTablePath", ...]


@dataclass(frozen=True, slots=True, eq=False)
class JsonTablePlan:
    """How rows of paths are combined: `operator` is OUTER, INNER, UNION or CROSS over parts, or
    PATH for the path `name`."""

    at: int
    operator: str
    parts: tuple["JsonTablePlan", ...] = ()
    name: Identifier | None = None


@dataclass(frozen=True, slots=True, eq=False)
class JsonTable:
    """JSON_TABLE(…); `plan` is the specific plan, `default_plan` the words of PLAN DEFAULT."""

    at: int
    input: JsonValue
    root: JsonTablePath
    passing: tuple[tuple[Identifier, JsonValue], ...]
    plan: JsonTablePlan | None
    default_plan: tuple[str, ...] | None
    error_on_error: bool


@dataclass(frozen=True, slots=True, eq=False)
class MatchRecognize:
    """relation MATCH_RECOGNIZE (…); `all_rows` says what ALL ROWS PER MATCH does with empty
    matches, None is ONE ROW PER MATCH."""

    at: int
    relation: "Relation"
    partition_by: tuple[Expression, ...]
    order_by: tuple[SortItem, ...]
    all_rows: EmptyMatches | None
    recognition: Recognition


Relation = (
    Table
    | TableSubquery
    | Unnest
    | TableFunction
    | JsonTable
    | Aliased
    | Sampled
    | Join
    | MatchRecognize
)

# Queries -----------------------------------------------------------------------------------


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
    left: "QueryBody"
    right: "QueryBody"
    corresponding: tuple[Identifier, ...] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class WithQuery:
    """name (columns) AS (query)."""

    at: int
    name: Identifier
    columns: tuple[Identifier, ...] | None
    query: "Query"


@dataclass(frozen=True, slots=True, eq=False)
class Query:
    """A body with WITH before and ORDER BY, OFFSET, LIMIT behind it.

    `limit` None is no limit (LIMIT ALL too); `fetch` says that FETCH FIRST was written.
    """

    at: int
    recursive: bool
    with_queries: tuple[WithQuery, ...]
    body: "QueryBody"
    order_by: tuple[SortItem, ...]
    offset: Expression | None
    limit: Expression | None
    with_ties: bool = False
    fetch_at: int = 0


QueryBody = Select | Values | TableQuery | SetOperation | Query
