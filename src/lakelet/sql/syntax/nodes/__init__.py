"""The syntax tree of a query, as it was written; `at` is a node's offset in the text.

Nodes are equal only to themselves: the analyzer keeps what it found out by node.
"""

from lakelet.sql.syntax.nodes.calls import (
    BoundKind,
    Frame,
    FrameBound,
    FrameUnit,
    FunctionCall,
    Grouping,
    Lambda,
    ListAgg,
    MeasureReference,
    SortItem,
    Window,
)
from lakelet.sql.syntax.nodes.conditions import (
    Between,
    Comparison,
    Exists,
    InList,
    InQuery,
    IsNull,
    Like,
    Logical,
    Not,
    Quantified,
)
from lakelet.sql.syntax.nodes.json import (
    JsonArray,
    JsonObject,
    JsonPathCall,
    JsonTable,
    JsonTableColumn,
    JsonTableOrdinality,
    JsonTablePath,
    JsonTablePlan,
    JsonValue,
)
from lakelet.sql.syntax.nodes.names import Identifier
from lakelet.sql.syntax.nodes.queries import (
    GroupBy,
    GroupingElement,
    Query,
    Select,
    SelectItem,
    SetOperation,
    SetOperator,
    Star,
    TableQuery,
    Values,
    WithQuery,
)
from lakelet.sql.syntax.nodes.relations import (
    Aliased,
    Join,
    JoinKind,
    MatchRecognize,
    Sampled,
    SampleMethod,
    Table,
    TableArgument,
    TableFunction,
    TableSubquery,
    Unnest,
)
from lakelet.sql.syntax.nodes.values import (
    Arithmetic,
    Array,
    AtTimeZone,
    Binary,
    Boolean,
    Case,
    Cast,
    CurrentTime,
    Dereference,
    Extract,
    Interval,
    Null,
    Number,
    Parameter,
    Row,
    String,
    Subquery,
    Subscript,
    TypedLiteral,
    Unary,
)

__all__ = [
    "Aliased",
    "Arithmetic",
    "Array",
    "AtTimeZone",
    "Between",
    "Binary",
    "Boolean",
    "BoundKind",
    "Case",
    "Cast",
    "Comparison",
    "CurrentTime",
    "Dereference",
    "Exists",
    "Expression",
    "Extract",
    "Frame",
    "FrameBound",
    "FrameUnit",
    "FunctionCall",
    "GroupBy",
    "Grouping",
    "GroupingElement",
    "Identifier",
    "InList",
    "InQuery",
    "Interval",
    "IsNull",
    "Join",
    "JoinKind",
    "JsonArray",
    "JsonObject",
    "JsonPathCall",
    "JsonTable",
    "JsonTableColumn",
    "JsonTableOrdinality",
    "JsonTablePath",
    "JsonTablePlan",
    "JsonValue",
    "Lambda",
    "Like",
    "ListAgg",
    "Logical",
    "MatchRecognize",
    "MeasureReference",
    "Not",
    "Null",
    "Number",
    "Parameter",
    "Quantified",
    "Query",
    "QueryBody",
    "Relation",
    "Row",
    "SampleMethod",
    "Sampled",
    "Select",
    "SelectItem",
    "SetOperation",
    "SetOperator",
    "SortItem",
    "Star",
    "String",
    "Subquery",
    "Subscript",
    "Table",
    "TableArgument",
    "TableFunction",
    "TableQuery",
    "TableSubquery",
    "TypedLiteral",
    "Unary",
    "Unnest",
    "Values",
    "Window",
    "WithQuery",
]

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

QueryBody = Select | Values | TableQuery | SetOperation | Query
