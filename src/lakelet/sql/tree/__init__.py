"""The typed tree: what a query means, every name resolved and every coercion explicit.

The analyzer makes it, the emitter writes it as DuckDB SQL. Relations carry aliases that are
unique in the whole statement, so a column reference needs no scope. Equal expressions are equal
values, wherever they stood in the text.
"""

from lakelet.sql.tree.calls import AggregateCall as AggregateCall
from lakelet.sql.tree.calls import BoundKind as BoundKind
from lakelet.sql.tree.calls import Frame as Frame
from lakelet.sql.tree.calls import FrameBound as FrameBound
from lakelet.sql.tree.calls import FrameUnit as FrameUnit
from lakelet.sql.tree.calls import SortItem as SortItem
from lakelet.sql.tree.calls import Window as Window
from lakelet.sql.tree.calls import WindowCall as WindowCall
from lakelet.sql.tree.expressions import Expression as Expression
from lakelet.sql.tree.patterns import Classifier as Classifier
from lakelet.sql.tree.patterns import MatchNumber as MatchNumber
from lakelet.sql.tree.patterns import Navigation as Navigation
from lakelet.sql.tree.patterns import PatternAggregate as PatternAggregate
from lakelet.sql.tree.patterns import PatternWindow as PatternWindow
from lakelet.sql.tree.patterns import PatternWindowCall as PatternWindowCall
from lakelet.sql.tree.patterns import RowPattern as RowPattern
from lakelet.sql.tree.patterns import WindowMeasure as WindowMeasure
from lakelet.sql.tree.queries import CommonTable as CommonTable
from lakelet.sql.tree.queries import Output as Output
from lakelet.sql.tree.queries import Query as Query
from lakelet.sql.tree.queries import Scan as Scan
from lakelet.sql.tree.queries import Select as Select
from lakelet.sql.tree.queries import SetOperation as SetOperation
from lakelet.sql.tree.queries import Values as Values
from lakelet.sql.tree.relations import CteReference as CteReference
from lakelet.sql.tree.relations import Derived as Derived
from lakelet.sql.tree.relations import Join as Join
from lakelet.sql.tree.relations import JoinKind as JoinKind
from lakelet.sql.tree.relations import MatchRecognize as MatchRecognize
from lakelet.sql.tree.relations import Relation as Relation
from lakelet.sql.tree.relations import Sample as Sample
from lakelet.sql.tree.relations import Sequence as Sequence
from lakelet.sql.tree.relations import TableScan as TableScan
from lakelet.sql.tree.relations import Unnest as Unnest
from lakelet.sql.tree.relations import Version as Version
from lakelet.sql.tree.scalars import ArrayConstructor as ArrayConstructor
from lakelet.sql.tree.scalars import Between as Between
from lakelet.sql.tree.scalars import Case as Case
from lakelet.sql.tree.scalars import Cast as Cast
from lakelet.sql.tree.scalars import Coalesce as Coalesce
from lakelet.sql.tree.scalars import ColumnReference as ColumnReference
from lakelet.sql.tree.scalars import Constant as Constant
from lakelet.sql.tree.scalars import Exists as Exists
from lakelet.sql.tree.scalars import FieldReference as FieldReference
from lakelet.sql.tree.scalars import Fitted as Fitted
from lakelet.sql.tree.scalars import FunctionCall as FunctionCall
from lakelet.sql.tree.scalars import Grouping as Grouping
from lakelet.sql.tree.scalars import InList as InList
from lakelet.sql.tree.scalars import InQuery as InQuery
from lakelet.sql.tree.scalars import IsNull as IsNull
from lakelet.sql.tree.scalars import Lambda as Lambda
from lakelet.sql.tree.scalars import LambdaReference as LambdaReference
from lakelet.sql.tree.scalars import Like as Like
from lakelet.sql.tree.scalars import Logical as Logical
from lakelet.sql.tree.scalars import Not as Not
from lakelet.sql.tree.scalars import NullIf as NullIf
from lakelet.sql.tree.scalars import OutputReference as OutputReference
from lakelet.sql.tree.scalars import Quantified as Quantified
from lakelet.sql.tree.scalars import RowConstructor as RowConstructor
from lakelet.sql.tree.scalars import ScalarQuery as ScalarQuery
from lakelet.sql.tree.scalars import Try as Try
from lakelet.sql.tree.walking import conjuncts as conjuncts
from lakelet.sql.tree.walking import descendants as descendants
from lakelet.sql.tree.walking import has_aggregate as has_aggregate
from lakelet.sql.tree.walking import is_node as is_node
from lakelet.sql.tree.walking import part_names as part_names
from lakelet.sql.tree.walking import parts as parts
from lakelet.sql.tree.walking import rebuilt as rebuilt
