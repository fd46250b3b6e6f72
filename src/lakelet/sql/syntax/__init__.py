"""Trino's grammar of queries: text → `nodes`, or SYNTAX_ERROR in Trino's words."""

from dataclasses import dataclass
from functools import lru_cache

from lakelet.errors import TrinoError
from lakelet.sql.depth import make_room
from lakelet.sql.syntax.lexer import Text
from lakelet.sql.syntax.nodes import Expression, Query
from lakelet.sql.syntax.queries import QueryParser

__all__ = ["ParsedQuery", "parse_expression", "parse_query"]


@dataclass(frozen=True, slots=True)
class ParsedQuery:
    """A query's syntax tree with the text it came from; `parameters` counts its `?`."""

    source: Text
    query: Query
    parameters: int


@lru_cache(maxsize=256)
def parse_query(text: str) -> ParsedQuery:
    """Reads one query, with nothing behind it.

    Raises TrinoError SYNTAX_ERROR, for a text that nests too deeply too.
    """
    make_room()
    try:
        parser = QueryParser(text)
        query = parser.statement()
    except RecursionError:
        raise TrinoError(
            "SYNTAX_ERROR",
            "statement is too large (stack overflow while parsing)",
            line=1,
            column=1,
        ) from None
    return ParsedQuery(parser.source, query, parser.parameters)


def parse_expression(text: str) -> Expression:
    """Reads one value, with nothing behind it; raises TrinoError SYNTAX_ERROR."""
    parser = QueryParser(text)
    parser.start = "value"
    expression = parser.expression()
    parser.end()
    return expression
