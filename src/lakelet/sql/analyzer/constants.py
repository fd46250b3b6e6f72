"""Literals: what is written in the text becomes a typed constant."""

import operator
from collections.abc import Callable
from decimal import Context as DecimalContext
from decimal import Decimal, localcontext
from math import isfinite
from typing import Any, Final

from lakelet.errors import TrinoError
from lakelet.sql import tree
from lakelet.sql.analyzer.context import Context
from lakelet.sql.analyzer.dialects import point_literal
from lakelet.sql.syntax import nodes
from lakelet.types import Type
from lakelet.types.literals import interval_literal, typed_literal
from lakelet.types.model import (
    BIGINT,
    BOOLEAN,
    DOUBLE,
    INTEGER,
    UNKNOWN,
    VARBINARY,
    varchar,
)

_FOLDED: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "||": operator.add,
}
_BITS: Final = {"tinyint": 8, "smallint": 16, "integer": 32, "bigint": 64}
_EXACT: Final = DecimalContext(prec=100)
_LONGEST_FOLDED: Final = 10_000
"""Characters of a text that is put together here."""


def constant(context: Context, node: nodes.Expression) -> tree.Constant:
    """The constant that a literal stands for."""
    match node:
        case nodes.Null():
            return tree.Constant(None, UNKNOWN)
        case nodes.Boolean(value=truth):
            return tree.Constant(truth, BOOLEAN)
        case nodes.String(value=text):
            return tree.Constant(text, varchar(len(text)))
        case nodes.Binary(value=data):
            return tree.Constant(data, VARBINARY)
        case nodes.Number():
            return number(context, node, "")
        case nodes.Interval():
            return _placed(context, node.at, lambda: _interval(node))
    assert isinstance(node, nodes.TypedLiteral)
    return _placed(context, node.at, lambda: typed_literal(node.type, node.value))


def number(context: Context, node: nodes.Number, sign: str) -> tree.Constant:
    """A number with its sign, which decides whether 2147483648 is an integer or a bigint."""
    if node.kind == "double":
        return tree.Constant(float(sign + node.text), DOUBLE)
    if node.kind == "decimal":
        return _placed(
            context, node.at, lambda: point_literal(sign + node.text, context.session.dialect)
        )
    value = node.integer
    assert value is not None
    value = -value if sign == "-" else value
    if not -(2**63) <= value < 2**63:
        raise context.error("SYNTAX_ERROR", f"Invalid numeric literal: {node.text}", node.at)
    of = INTEGER if -(2**31) <= value < 2**31 else BIGINT
    return tree.Constant(value, of)


def folded(call: tree.FunctionCall) -> tree.Expression:
    """What an operator makes of constants, where it certainly succeeds; else the call.

    Long chains of them would take DuckDB's binder a time that grows with their cube.
    """
    apply = _FOLDED.get(call.function.name)
    arguments = call.arguments
    if apply is None or not all(
        isinstance(each, tree.Constant) and each.value is not None for each in arguments
    ):
        return call
    kinds = {each.type.name for each in arguments}
    of = call.type
    if kinds != {of.name} or (of.name == "varchar") != (call.function.name == "||"):
        return call
    values = [each.value for each in arguments if isinstance(each, tree.Constant)]
    if of.name == "varchar" and sum(map(len, values)) > _LONGEST_FOLDED:
        return call
    with localcontext(_EXACT):
        value = apply(*values)
    return tree.Constant(value, of) if _fits(value, of) else call


def _fits(value: Any, of: Type) -> bool:
    if of.name == "decimal":
        return bool(abs(value) < Decimal(10) ** (of.precision - of.scale))
    if of.name == "double":
        return isfinite(value)
    bits = _BITS.get(of.name)
    return (
        of.name == "varchar"
        if bits is None
        else value in range(-(2 ** (bits - 1)), 2 ** (bits - 1))
    )


def _interval(node: nodes.Interval) -> tuple[Type, Any]:
    end = node.end.lower() if node.end else None
    return interval_literal(node.value, node.start.lower(), end, "-" if node.negative else "+")


def _placed(context: Context, at: int, read: Callable[[], tuple[Type, Any]]) -> tree.Constant:
    try:
        of, value = read()
    except TrinoError as failure:
        raise context.error(failure.name, failure.message, at) from None
    return tree.Constant(value, of)
