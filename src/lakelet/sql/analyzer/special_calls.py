"""What looks like a function and is typed by rules of its own: IF, NULLIF, COALESCE, format …"""

from collections.abc import Callable
from typing import Final

from lakelet.sql import tree
from lakelet.sql.analyzer.coercions import coerce
from lakelet.sql.analyzer.expressions import ExpressionAnalyzer
from lakelet.sql.functions.java.formatter import java_type
from lakelet.sql.syntax import nodes
from lakelet.types import Type
from lakelet.types.casting import can_cast
from lakelet.types.model import VARCHAR


def _count(at: ExpressionAnalyzer, node: nodes.FunctionCall, low: int, high: int) -> None:
    if not low <= len(node.arguments) <= high:
        name = node.name[0].value.lower()
        raise at.error("SYNTAX_ERROR", f"Invalid number of arguments for '{name}' function", node)


def _if(at: ExpressionAnalyzer, node: nodes.FunctionCall) -> tree.Expression:
    _count(at, node, 2, 3)
    condition = at.boolean(node.arguments[0], "IF condition must evaluate to a boolean")
    results = [at.analyze(each) for each in node.arguments[1:]]
    message = "Result types for IF must be the same: {0} vs {1}"
    of = at.common(results, message, [node] * len(results))
    values = [coerce(each, of) for each in results]
    default = values[1] if len(values) > 1 else None
    return tree.Case(None, ((condition, values[0]),), default, of)


def _nullif(at: ExpressionAnalyzer, node: nodes.FunctionCall) -> tree.Expression:
    _count(at, node, 2, 2)
    first, second = (at.analyze(each) for each in node.arguments)
    message = "Types are not comparable with NULLIF: {0} vs {1}"
    of = at.common([first, second], message, [node, node])
    return tree.NullIf(first, second, of, first.type)


def _coalesce(at: ExpressionAnalyzer, node: nodes.FunctionCall) -> tree.Expression:
    if len(node.arguments) < 2:
        raise at.error(
            "SYNTAX_ERROR", "The 'coalesce' function must have at least two arguments", node
        )
    operands = [at.analyze(each) for each in node.arguments]
    of = at.common_of_all(operands, "All COALESCE operands", node.arguments)
    return tree.Coalesce(tuple(coerce(each, of) for each in operands), of)


def _try(at: ExpressionAnalyzer, node: nodes.FunctionCall) -> tree.Expression:
    if len(node.arguments) != 1:
        raise at.error("SYNTAX_ERROR", "The 'try' function must have exactly one argument", node)
    value = at.analyze(node.arguments[0])
    return tree.Try(value, value.type)


def _typeof(at: ExpressionAnalyzer, node: nodes.FunctionCall) -> tree.Expression:
    if len(node.arguments) != 1:
        raise at.error("FUNCTION_NOT_FOUND", "Unexpected parameters for function typeof", node)
    if isinstance(node.arguments[0], nodes.Lambda):
        message = "Unexpected parameters (<function>) for function typeof. Expected: typeof(t) T"
        raise at.error("FUNCTION_NOT_FOUND", message, node)
    value = at.analyze(node.arguments[0])
    name = tree.Constant(str(value.type), VARCHAR)
    if isinstance(value, tree.Constant | tree.ColumnReference):
        return name
    # The value is computed all the same: it may fail.
    return tree.Case(None, ((tree.IsNull(value), name),), name, VARCHAR)


def _format(at: ExpressionAnalyzer, node: nodes.FunctionCall) -> tree.Expression:
    """format(pattern, values of any types)."""
    if len(node.arguments) < 2:
        raise at.error(
            "SYNTAX_ERROR", "The 'format' function must have at least two arguments", node
        )
    pattern, *values = (at.analyze(each) for each in node.arguments)
    if pattern.type.name != "varchar":
        raise at.mismatch(
            f"Type of first argument to format() must be VARCHAR (actual: {pattern.type})",
            node.arguments[0],
        )
    for value, argument in zip(values, node.arguments[1:], strict=True):
        if not can_cast(value.type, VARCHAR):
            raise at.error(
                "NOT_SUPPORTED", f"Type not supported for formatting: {value.type}", argument
            )
    types = tree.Constant(",".join(java_type(each.type.name) for each in values), VARCHAR)
    texts = tuple(_text(at, each, node) for each in values)
    arguments = (coerce(pattern, VARCHAR), types, *texts)
    return tree.FunctionCall(at.entry("format", node), arguments, VARCHAR)


_NANOSECONDS: Final = 9
_PLAIN_SCALE: Final = 6
"""Digits behind a decimal's point up to which BigDecimal writes no exponent."""


def _text(
    at: ExpressionAnalyzer, value: tree.Expression, node: nodes.FunctionCall
) -> tree.Expression:
    """What format() writes of a value; of JSON it is the whole text, quotes and all. Java's times
    hold nanoseconds, and a decimal is BigDecimal's text, as in JSON."""
    of = value.type
    if of.name == "decimal" and of.scale > _PLAIN_SCALE:
        value = tree.Cast(value, Type("json"))
    if value.type.name == "json":
        return tree.FunctionCall(at.entry("json_format", node), (value,), VARCHAR)
    if of.name in ("time", "timestamp", "timestamp with time zone") and of.precision > _NANOSECONDS:
        value = tree.Cast(value, Type(of.name, (_NANOSECONDS,)))
    return tree.Cast(value, VARCHAR)


SPECIAL: Final[dict[str, Callable[[ExpressionAnalyzer, nodes.FunctionCall], tree.Expression]]] = {
    "if": _if,
    "nullif": _nullif,
    "coalesce": _coalesce,
    "try": _try,
    "typeof": _typeof,
    "format": _format,
}
