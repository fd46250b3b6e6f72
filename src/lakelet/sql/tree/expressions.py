"""Every node that gives a value."""

from lakelet.sql.tree.calls import AggregateCall, WindowCall
from lakelet.sql.tree.patterns import (
    Classifier,
    MatchNumber,
    Navigation,
    PatternAggregate,
    PatternWindowCall,
    WindowMeasure,
)
from lakelet.sql.tree.scalars import (
    ArrayConstructor,
    Between,
    Case,
    Cast,
    Coalesce,
    ColumnReference,
    Constant,
    Exists,
    FieldReference,
    Fitted,
    FunctionCall,
    Grouping,
    InList,
    InQuery,
    IsNull,
    Lambda,
    LambdaReference,
    Like,
    Logical,
    Not,
    NullIf,
    OutputReference,
    Quantified,
    RowConstructor,
    ScalarQuery,
    Try,
)

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
