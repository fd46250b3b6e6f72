"""The grammar of ORDER BY."""

from typing import TYPE_CHECKING

from lakelet.sql.syntax import nodes

if TYPE_CHECKING:
    from lakelet.sql.syntax.expressions import ExpressionParser


def sort_items(parser: "ExpressionParser") -> tuple[nodes.SortItem, ...]:
    """ORDER BY items, or nothing."""
    if not parser.take("ORDER"):
        return ()
    parser.expect("BY")
    return parser.commas(lambda: sort_item(parser))


def sort_item(parser: "ExpressionParser") -> nodes.SortItem:
    at = parser.at
    expression = parser.expression()
    descending = parser.take_any(("ASC", "DESC")) == "DESC"
    nulls = None
    if parser.take("NULLS"):
        word = parser.expect_any(("FIRST", "LAST"))
        nulls = word == "FIRST"
    return nodes.SortItem(at, expression, descending, nulls)
