"""Properties behind WITH, in Trino's grammar: literals are read, others become queries."""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

from lakelet.sql.statements.model import Property
from lakelet.sql.syntax import nodes
from lakelet.sql.syntax.lexer import DECIMAL, DOUBLE
from lakelet.sql.syntax.queries import QueryParser
from lakelet.types.quoting import quoted


def read_properties(parser: QueryParser) -> tuple[Property, ...]:
    """`(name = value, …)`; raises SYNTAX_ERROR."""
    parser.expect("(")
    return parser.commas(lambda: _property(parser), ")")


def _property(parser: QueryParser) -> Property:
    line, column = parser.source.place(parser.at)
    name = parser.identifier().value
    parser.expect("=")
    if parser.take("DEFAULT"):
        return Property(name, line, column, given=False)
    start = parser.at
    expression = parser.expression()
    end = parser.tokens[parser.index - 1].end
    found = _literal(expression)
    if found is not None:
        return Property(name, line, column, found[1], found[0])
    text = parser.source.text
    query = f"{_head(parser, start)}{text[start:end]}"
    return Property(name, line, column, text[start:end], query=query)


def _head(parser: QueryParser, start: int) -> str:
    """SELECT over the statement's first word, which is as long, and blanks up to the expression:
    so errors tell its place."""
    text, first = parser.source.text, parser.tokens[0].start
    blank = re.sub(r"[^\n]", " ", text[:start])
    return f"{blank[:first]}SELECT{blank[first + len('SELECT') :]}"


def _literal(node: Any) -> tuple[object, str] | None:
    """A literal's value and how Trino shows it; None of other expressions."""
    if isinstance(node, nodes.Unary) and node.literal and isinstance(node.value, nodes.Number):
        number = _number(node.value)
        return -number[0], f"-{number[1]}"
    if isinstance(node, nodes.Array):
        items = [_literal(each) for each in node.items]
        found = [each for each in items if each is not None]
        if len(found) < len(items):
            return None
        return tuple(each[0] for each in found), f"ARRAY[{','.join(each[1] for each in found)}]"
    read = _LITERALS.get(type(node))
    return read(node) if read is not None else None


def _number(node: nodes.Number) -> tuple[Any, str]:
    if node.kind == DECIMAL:
        return Decimal(node.text), f"DECIMAL '{node.text}'"
    if node.kind == DOUBLE:
        return float(node.text), _scientific(node.text)
    return node.integer, node.text


def _scientific(text: str) -> str:
    """A double as Trino lays it out: 12e0 is 1.2E1."""
    digits, exponent = f"{Decimal(repr(float(text))).normalize():E}".split("E")
    return f"{digits}E{int(exponent)}"


_LITERALS: Final[dict[type, Callable[[Any], tuple[object, str]]]] = {
    nodes.Null: lambda node: (None, "null"),
    nodes.Boolean: lambda node: (node.value, str(node.value).lower()),
    nodes.String: lambda node: (node.value, quoted(node.value)),
    nodes.Number: _number,
}
