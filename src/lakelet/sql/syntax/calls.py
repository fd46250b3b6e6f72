"""The grammar of calls: their arguments, and FILTER, IGNORE NULLS and OVER behind them."""

from dataclasses import replace
from typing import TYPE_CHECKING

from lakelet.sql.syntax import nodes
from lakelet.sql.syntax.nodes import Expression, Identifier
from lakelet.sql.syntax.ordering import sort_items
from lakelet.sql.syntax.windows import over, starts_window

if TYPE_CHECKING:
    from lakelet.sql.syntax.expressions import ExpressionParser


def moded_call(parser: "ExpressionParser") -> Expression | None:
    """RUNNING or FINAL before a call; None where they are names."""
    end = parser.index + 1
    while parser.tokens[end + 1].key == "." and parser.is_name(parser.tokens[end + 2]):
        end += 2
    if parser.tokens[end + 1].key != "(" or not parser.is_name(parser.tokens[end]):
        return None
    token = parser.advance()
    call = function_call(parser)
    assert isinstance(call, nodes.FunctionCall)
    return replace(call, at=token.start, mode=token.key)


def function_call(parser: "ExpressionParser") -> Expression:
    at = parser.at
    name = parser.qualified_name()
    parser.expect("(")
    if parser.take("*"):
        parser.expect(")")
        return _call_tail(parser, nodes.FunctionCall(at, name, (), star=True))
    if parser.is_name(parser.token) and (parser.key_after(), parser.key_after(2)) == (".", "*"):
        label = parser.identifier()
        parser.index += 2
        parser.expect(")")
        return _call_tail(parser, nodes.FunctionCall(at, name, (label,), star=True))
    if parser.take(")"):
        return _call_tail(parser, nodes.FunctionCall(at, name, ()))
    if (parser.key, parser.key_after()) == ("ORDER", "BY"):
        order_by = sort_items(parser)
        parser.expect(")")
        return _call_tail(parser, nodes.FunctionCall(at, name, (), order_by=order_by))
    distinct = False
    if parser.key in ("DISTINCT", "ALL") and parser.key_after() not in (",", ")"):
        distinct = parser.advance().key == "DISTINCT"
    arguments = parser.commas(parser.expression)
    order_by = sort_items(parser)
    parser.expect(")")
    return _call_tail(parser, nodes.FunctionCall(at, name, arguments, False, distinct, order_by))


def _call_tail(parser: "ExpressionParser", call: nodes.FunctionCall) -> Expression:
    condition = filter_condition(parser)
    nulls = None
    if parser.key in ("IGNORE", "RESPECT") and parser.key_after() == "NULLS":
        nulls = parser.advance().key
        parser.advance()
        if parser.key != "OVER":
            raise parser.mismatch()
    window: nodes.Window | Identifier | None = None
    if starts_window(parser):
        parser.advance()
        window = over(parser)
    if condition is None and nulls is None and window is None:
        return call
    return nodes.FunctionCall(
        call.at,
        call.name,
        call.arguments,
        call.star,
        call.distinct,
        call.order_by,
        condition,
        window,
        nulls,
    )


def filter_condition(parser: "ExpressionParser") -> Expression | None:
    if not (parser.key == "FILTER" and parser.key_after() == "("):
        return None
    parser.advance()
    parser.expect("(", "WHERE")
    condition = parser.expression()
    parser.expect(")")
    return condition
