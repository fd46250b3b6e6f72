"""Expressions over the values of one row, and those that hold a query."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from typing import Literal as OneOf

from lakelet.sql.functions.registry import Function
from lakelet.types import Type
from lakelet.types.model import BOOLEAN

if TYPE_CHECKING:
    from lakelet.sql.tree.expressions import Expression
    from lakelet.sql.tree.queries import Query


@dataclass(frozen=True, slots=True)
class Constant:
    """A literal; `value` is in the form that `emitter.literals` reads."""

    value: Any
    type: Type


@dataclass(frozen=True, slots=True)
class ColumnReference:
    """A column of a relation, perhaps of an outer query; `name` is its physical name, `finite` that
    its values are known to be finite numbers."""

    relation: str
    name: str
    type: Type
    finite: bool = field(default=False, compare=False)


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
