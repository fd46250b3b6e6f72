"""What is certain of an expression before any row is read."""

import math
from collections.abc import Sequence
from typing import Final

from lakelet.sql import tree
from lakelet.types.model import Type

FLOATING: Final = ("real", "double")


def is_null(node: tree.Expression, depth: int = 8) -> bool:
    """Whether a value is certainly NULL, as far as a few levels tell: DuckDB gives the parts of
    such a struct no type."""
    if isinstance(node, tree.Constant):
        return node.value is None
    if not depth:
        return False
    if isinstance(node, tree.Cast | tree.FieldReference):
        return is_null(node.value, depth - 1)
    if not isinstance(node, tree.FunctionCall):
        return False
    strict = node.arguments[: node.function.strict]
    return any(is_null(each, depth - 1) for each in strict)


def is_number(node: tree.Expression) -> bool:
    """Whether a value is certainly no NaN."""
    match node:
        case tree.Constant(value=float(value)):
            return math.isfinite(value)
        case tree.ColumnReference(finite=finite):
            return finite
        case tree.Cast(value=value, type=Type(name="double")) if value.type.name == "real":
            return is_number(value)
    return False


def are_numbers(nodes: Sequence[tree.Expression]) -> bool:
    """Whether values are reals or doubles, and certainly no NaN."""
    return all(each.type.name in FLOATING and is_number(each) for each in nodes)


def in_by_keys(node: tree.InList) -> bool:
    """Whether IN finds what `=` finds when both look at what stands for values."""
    of = node.value.type
    if of.name in FLOATING:
        return is_number(node.value) or all(map(is_number, node.items))
    return not of.arguments


def is_column(node: tree.Expression) -> bool:
    """Whether an expression is no more than a name."""
    return isinstance(node, tree.ColumnReference | tree.LambdaReference)
