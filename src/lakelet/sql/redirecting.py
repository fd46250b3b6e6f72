"""A query's text over other tables than those that it names, and with values for its `?`."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from lakelet.sql.syntax import parse_query
from lakelet.sql.syntax.nodes import Identifier, Parameter, Query, Table
from lakelet.sql.syntax.walking import descendants, parts
from lakelet.types.quoting import identifier

Name = tuple[str, str]
"""Database and table, in lower case."""

_SIMPLE: Final = re.compile(r"[\w.]+|'[^']*'")
"""A value that needs no parentheses around it, such as LIMIT's, which takes none."""


def redirected(text: str, database: str, others: Mapping[Name, tuple[str, ...]]) -> str:
    """The text with the names of some tables replaced; `database` is meant by names without one.
    What takes their places may begin with a catalogue.

    What a WITH clause names is no table. Nothing else of the text changes. Raises TrinoError
    SYNTAX_ERROR.
    """
    written, start = [], 0
    named = _tables(parse_query(text), frozenset())
    for table in sorted(named, key=lambda each: each.name[0].at):
        name = _name(table, database)
        if name in others:
            written += [text[start : table.name[0].at], ".".join(map(identifier, others[name]))]
            start = _end(table.name[-1])
    return "".join((*written, text[start:]))


def tables(text: str, database: str) -> frozenset[Name]:
    """The tables and views that a query names; `database` is meant by names without one.

    Raises TrinoError SYNTAX_ERROR.
    """
    return frozenset(_name(each, database) for each in _tables(parse_query(text), frozenset()))


def filled(text: str, values: Sequence[str]) -> str:
    """The text with an expression in the place of each `?`. Raises TrinoError SYNTAX_ERROR."""
    written, start = [], 0
    parameters = (each for each in descendants(parse_query(text)) if isinstance(each, Parameter))
    for each in sorted(parameters, key=lambda found: found.at):
        value = values[each.index]
        value = value if _SIMPLE.fullmatch(value) else f"({value})"
        written += [text[start : each.at], value]
        start = each.at + 1
    return "".join((*written, text[start:]))


def _name(table: Table, database: str) -> Name:
    *before, last = (each.name for each in table.name)
    return before[-1] if before else database, last


def _tables(node: Any, named: frozenset[str]) -> Iterator[Table]:
    if isinstance(node, Table):
        if len(node.name) > 1 or node.name[0].name not in named:
            yield node
    elif isinstance(node, Query):
        yield from _tables_of_query(node, named)
    else:
        for part in parts(node):
            yield from _tables(part, named)


def _tables_of_query(query: Query, named: frozenset[str]) -> Iterator[Table]:
    for each in query.with_queries:
        itself = frozenset((each.name.name,))
        yield from _tables(each.query, named | itself if query.recursive else named)
        named |= itself
    for part in parts(replace(query, with_queries=())):
        yield from _tables(part, named)


def _end(name: Identifier) -> int:
    quotes = 2 + name.value.count('"') if name.quoted else 0
    return name.at + len(name.value) + quotes
