"""Statements that hold a query, in Trino's grammar: CTAS, INSERT, CREATE VIEW, EXPLAIN."""

import re
from collections.abc import Mapping

from lakelet.sql.statements.model import (
    ChangeRows,
    CreateTableAs,
    CreateView,
    Deallocate,
    Execute,
    Explain,
    Insert,
    Optimize,
    Prepare,
    Query,
    TableName,
    Unload,
    Vacuum,
)
from lakelet.sql.statements.properties import read_properties
from lakelet.sql.syntax import parse_expression
from lakelet.sql.syntax.cursor import Cursor
from lakelet.sql.syntax.queries import QueryParser

QUERY_WORDS = ("SELECT", "WITH", "VALUES", "TABLE", "(")


def read_query(text: str) -> Query:
    return Query(text)


def read_explain(text: str) -> Explain:
    cursor = Cursor(text)
    cursor.expect("EXPLAIN")
    if cursor.take("ANALYZE"):
        verbose = cursor.take("VERBOSE")
        form = _explain_options(cursor, _ANALYZE_OPTIONS).get("FORMAT", "TEXT")
        return Explain(_from_here(cursor), analyze=True, verbose=verbose, format=form)  # type: ignore[arg-type]  # checked
    options = _explain_options(cursor, _EXPLAIN_OPTIONS)
    kind = options.get("TYPE", "DISTRIBUTED")
    form = options.get("FORMAT", "JSON" if kind == "IO" else "TEXT")
    return Explain(_from_here(cursor), type=kind, format=form)  # type: ignore[arg-type]  # checked


_EXPLAIN_OPTIONS: Mapping[str, tuple[str, ...]] = {
    "TYPE": ("LOGICAL", "DISTRIBUTED", "IO", "VALIDATE"),
    "FORMAT": ("TEXT", "JSON", "GRAPHVIZ"),
}
_ANALYZE_OPTIONS: Mapping[str, tuple[str, ...]] = {"FORMAT": ("TEXT", "JSON")}
"""Athena's own; Trino's EXPLAIN ANALYZE has none."""


def _explain_options(cursor: Cursor, known: Mapping[str, tuple[str, ...]]) -> Mapping[str, str]:
    """`(name value, …)`, if it is that."""
    options: dict[str, str] = {}
    if cursor.key == "(" and cursor.key_after() in known:
        cursor.advance()
        cursor.commas(lambda: options.update((_explain_option(cursor, known),)), ")")
    return options


def _explain_option(cursor: Cursor, known: Mapping[str, tuple[str, ...]]) -> tuple[str, str]:
    name = cursor.key
    if name not in known:
        raise cursor.mismatch()
    cursor.advance()
    if cursor.key not in known[name]:
        raise cursor.mismatch()
    return name, cursor.advance().key


def read_create_table_as(text: str) -> CreateTableAs:
    cursor = _statement(text)
    cursor.expect("CREATE", "TABLE")
    if_not_exists = cursor.take("IF", "NOT", "EXISTS")
    name = table_name(cursor)
    properties = read_properties(cursor) if cursor.take("WITH") else ()
    cursor.expect("AS")
    query = _rest(cursor)
    without = re.search(r"\bWITH\s+(NO\s+)?DATA\s*$", query, re.I)
    if without is None:
        return CreateTableAs(name, properties, query, if_not_exists)
    return CreateTableAs(
        name, properties, query[: without.start()], if_not_exists, without[1] is None
    )


def _statement(text: str) -> QueryParser:
    """A cursor that reads values too, over a whole statement."""
    cursor = QueryParser(text)
    cursor.start = Cursor.start
    return cursor


def read_insert(text: str) -> Insert:
    cursor = Cursor(text)
    cursor.expect("INSERT", "INTO")
    if cursor.key == "TABLE":
        cursor.advance()
    name = table_name(cursor)
    columns: tuple[str, ...] = ()
    if cursor.key == "(" and not cursor.opens_query(cursor.index):
        columns = tuple(each.value.lower() for each in cursor.names())
    return Insert(name, columns, _rest(cursor))


def read_unload(text: str) -> Unload:
    cursor = _statement(text)
    cursor.expect("UNLOAD")
    end = cursor.closing(cursor.index)
    cursor.expect("(")
    query = _rest(cursor)[: cursor.tokens[end].start]
    cursor.index = end
    cursor.expect(")", "TO")
    location = cursor.string()
    properties = read_properties(cursor) if cursor.take("WITH") else ()
    cursor.end()
    return Unload(query, location, properties)


def read_prepare(text: str) -> Prepare:
    cursor = Cursor(text)
    cursor.expect("PREPARE")
    name = cursor.identifier().value
    cursor.expect("FROM")
    return Prepare(name, text[cursor.at :])


def read_execute(text: str) -> Execute:
    cursor = Cursor(text)
    cursor.expect("EXECUTE")
    name = cursor.identifier().value
    parameters = []
    if cursor.take("USING"):
        start, depth = cursor.at, 0
        while cursor.token.kind != "end":
            depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(cursor.key, 0)
            if cursor.key == "," and not depth:
                parameters.append(text[start : cursor.at].strip())
                start = cursor.at + 1
            cursor.advance()
        parameters.append(text[start:].strip())
    cursor.end()
    return Execute(name, tuple(parameters))


def read_deallocate(text: str) -> Deallocate:
    cursor = Cursor(text)
    cursor.expect("DEALLOCATE", "PREPARE")
    name = cursor.identifier().value
    cursor.end()
    return Deallocate(name)


def read_change(text: str) -> ChangeRows:
    cursor = Cursor(text)
    kind = cursor.advance().key
    words = {"DELETE": ("FROM",), "MERGE": ("INTO",)}
    cursor.expect(*words.get(kind, ()))
    return ChangeRows(kind, table_name(cursor), text)


def read_optimize(text: str) -> Optimize:
    """OPTIMIZE is Athena's own, in words like Trino's."""
    cursor = Cursor(text)
    cursor.advance()
    name = table_name(cursor)
    cursor.expect("REWRITE", "DATA", "USING", "BIN_PACK")
    where = None
    if cursor.take("WHERE"):
        where = text[cursor.at :]
        parse_expression(where)
    else:
        cursor.end()
    return Optimize(name, where)


def read_vacuum(text: str) -> Vacuum:
    """VACUUM is Athena's own."""
    cursor = Cursor(text)
    cursor.advance()
    name = table_name(cursor)
    cursor.end()
    return Vacuum(name)


def read_create_view(text: str) -> CreateView:
    cursor = Cursor(text)
    cursor.expect("CREATE")
    replace = cursor.take("OR", "REPLACE")
    cursor.expect("VIEW")
    name = table_name(cursor)
    cursor.expect("AS")
    return CreateView(name, _rest(cursor), replace)


def table_name(cursor: Cursor) -> TableName:
    """A name of one to three parts; raises SYNTAX_ERROR."""
    at = cursor.at
    parts = [each.value.lower() for each in cursor.qualified_name()]
    if len(parts) > 3:
        raise cursor.error(f"Too many dots in table name: {'.'.join(parts)}", at)
    return TableName(*reversed(parts))


def _rest(cursor: Cursor) -> str:
    """What stands from here on, at its own lines and columns."""
    if cursor.key not in QUERY_WORDS:
        raise cursor.mismatch()
    return _from_here(cursor)


def _from_here(cursor: Cursor) -> str:
    """The text with blanks for what was read of it."""
    text = cursor.source.text
    return re.sub(r"[^\n]", " ", text[: cursor.at]) + text[cursor.at :]
