"""DELETE, UPDATE and MERGE in Trino's grammar, and the queries that find what they change.

A query's first columns are where a row is (`"$path"` and `"$row_id"`) and which of the cases it
meets; the values of each case follow.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from lakelet.errors import TrinoError
from lakelet.sql.syntax import ParsedQuery, nodes
from lakelet.sql.syntax.queries import QueryParser

if TYPE_CHECKING:
    from lakelet.sql.syntax.nodes import Expression, Identifier, Relation

CaseKind = Literal["UPDATE", "DELETE", "INSERT"]
PLACE: Final = ("$path", "$row_id")
_WHOLE: Final = "integer"
"""The lexer's word for a number of digits."""


@dataclass(frozen=True, slots=True)
class Case:
    """What is done with rows that meet a condition: the columns' names and their new values."""

    kind: CaseKind
    condition: Expression | None
    columns: tuple[Identifier, ...] = ()
    values: tuple[Expression, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """`source` and `on` are those of MERGE, `where` that of DELETE and UPDATE, whose rows are
    of one case."""

    parser: QueryParser
    table: nodes.Table
    alias: Identifier | None
    cases: tuple[Case, ...]
    where: Expression | None = None
    source: Relation | None = None
    on: Expression | None = None


class _Parser(QueryParser):
    start = "athena"


def parse_change(text: str) -> Change:
    """Reads a whole statement; raises TrinoError SYNTAX_ERROR."""
    parser = _Parser(text)
    try:
        found = _READERS[parser.advance().key](parser)
        parser.end()
    except RecursionError:
        message = "statement is too large (stack overflow while parsing)"
        raise TrinoError("SYNTAX_ERROR", message, line=1, column=1) from None
    return found


def _delete(parser: QueryParser) -> Change:
    parser.expect("FROM")
    table = _table(parser)
    return Change(parser, table, None, (Case("DELETE", None),), _where(parser))


def _update(parser: QueryParser) -> Change:
    table = _table(parser)
    parser.expect("SET")
    case = _assigned(parser, None)
    return Change(parser, table, None, (case,), _where(parser))


def _merge(parser: QueryParser) -> Change:
    parser.expect("INTO")
    table = _table(parser)
    alias = None
    if parser.take("AS") or parser.key != "USING":
        alias = parser.identifier()
    parser.expect("USING")
    source = parser.relation()
    parser.expect("ON")
    on = parser.expression()
    cases = [_case(parser)]
    while parser.key == "WHEN":
        cases.append(_case(parser))
    return Change(parser, table, alias, tuple(cases), None, source, on)


def _case(parser: QueryParser) -> Case:
    parser.expect("WHEN")
    matched = not parser.take("NOT")
    parser.expect("MATCHED")
    condition = parser.expression() if parser.take("AND") else None
    parser.expect("THEN")
    if not matched:
        parser.expect("INSERT")
        columns = parser.names() if parser.key == "(" else ()
        parser.expect("VALUES", "(")
        return Case("INSERT", condition, columns, parser.commas(parser.expression, ")"))
    if parser.take("DELETE"):
        return Case("DELETE", condition)
    parser.expect("UPDATE", "SET")
    return _assigned(parser, condition)


def _assigned(parser: QueryParser, condition: Expression | None) -> Case:
    columns, values = [], []

    def one() -> None:
        columns.append(parser.identifier())
        parser.expect("=")
        values.append(parser.expression())

    parser.commas(lambda: one())
    return Case("UPDATE", condition, tuple(columns), tuple(values))


def _table(parser: QueryParser) -> nodes.Table:
    at = parser.at
    if not parser.is_name(parser.token):
        raise parser.mismatch()
    return nodes.Table(at, parser.qualified_name())


def _where(parser: QueryParser) -> Expression | None:
    return parser.expression() if parser.take("WHERE") else None


_READERS: Final = {"DELETE": _delete, "UPDATE": _update, "MERGE": _merge}


# The query -----------------------------------------------------------------------------------


def query(change: Change, columns: Sequence[str]) -> ParsedQuery:
    """Of a change of a table with these columns: `"$path"`, `"$row_id"`, the number of the case
    (from 1), all columns as they are where some case changes a row, then each case's values."""
    at, name = change.table.at, _target(change)
    place = [_column(at, name, each) for each in PLACE]
    number = _number(change, place[1])
    items = [*place, number]
    if any(case.kind == "UPDATE" for case in change.cases):
        items += [_column(at, name, each) for each in columns]
    items += [
        nodes.Case(at, None, ((_equal(at, number, place_of), value),), None)
        if len(change.cases) > 1
        else value
        for place_of, case in enumerate(change.cases, 1)
        for value in case.values
    ]
    select = nodes.Select(
        at,
        False,
        tuple(nodes.SelectItem(at, each, None) for each in items),
        _from(change),
        change.where,
        None,
        None,
        (),
    )
    whole = nodes.Query(at, False, (), select, (), None, None)
    return ParsedQuery(change.parser.source, whole, change.parser.parameters)


def _target(change: Change) -> str:
    return change.alias.value if change.alias is not None else change.table.name[-1].value


def _from(change: Change) -> Relation:
    target: Relation = change.table
    if change.alias is not None:
        target = nodes.Aliased(change.table.at, change.table, change.alias, None)
    if change.source is None:
        return target
    at = change.table.at
    outer = any(case.kind == "INSERT" for case in change.cases)
    return nodes.Join(at, "LEFT" if outer else "INNER", change.source, target, change.on)


def _column(at: int, table: str, name: str) -> Expression:
    return nodes.Dereference(
        at, nodes.Identifier(at, table, True), nodes.Identifier(at, name, True)
    )


def _number(change: Change, row: Expression) -> Expression:
    """The number of the first case that a row meets, NULL for none."""
    at = change.table.at
    if change.source is None:
        return nodes.Number(at, _WHOLE, "1")
    whens = tuple(
        (_met(at, case, row), nodes.Number(at, _WHOLE, str(number)))
        for number, case in enumerate(change.cases, 1)
    )
    return nodes.Case(at, None, whens, None)


def _met(at: int, case: Case, row: Expression) -> Expression:
    missing = nodes.IsNull(at, row)
    matched: Expression = missing if case.kind == "INSERT" else nodes.Not(at, missing)
    if case.condition is None:
        return matched
    return nodes.Logical(at, "AND", (matched, case.condition))


def _equal(at: int, number: Expression, wanted: int) -> Expression:
    return nodes.Comparison(at, "=", number, nodes.Number(at, _WHOLE, str(wanted)))
