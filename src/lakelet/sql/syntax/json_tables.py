"""The grammar of JSON_TABLE: paths, their columns and the plan that combines them."""

from typing import TYPE_CHECKING, Final

from lakelet.sql.syntax import nodes
from lakelet.sql.syntax.json import (
    Behaviour,
    behaviour,
    json_format,
    json_input,
    passed_argument,
    quotes_of,
    wrapper_of,
)
from lakelet.sql.syntax.nodes import Identifier, JsonTablePlan
from lakelet.sql.syntax.types import type_text

if TYPE_CHECKING:
    from lakelet.sql.syntax.queries import QueryParser

ITEM: Final = "item of the row"
"""The name under which a column's call means the item that its path gave."""

_PARENTAL: Final = ("OUTER", "INNER")
_SIBLING: Final = ("UNION", "CROSS")


def json_table(parser: "QueryParser") -> nodes.JsonTable:
    """JSON_TABLE(input, path [AS name] [PASSING …] COLUMNS (…) [PLAN …] [… ON ERROR])."""
    at = parser.advance().start
    parser.expect("(")
    given = json_input(parser)
    parser.expect(",")
    path_at = parser.at
    path = parser.string()
    name = parser.identifier() if parser.take("AS") else None
    passing: tuple[tuple[Identifier, nodes.JsonValue], ...] = ()
    if parser.take("PASSING"):
        passing = parser.commas(lambda: passed_argument(parser))
    root = nodes.JsonTablePath(path_at, path_at, path, name, _columns(parser))
    plan, default = _plan(parser)
    word = parser.take_any(("ERROR", "EMPTY"))
    if word is not None:
        parser.expect("ON", "ERROR")
    parser.expect(")")
    return nodes.JsonTable(at, given, root, passing, plan, default, word == "ERROR")


def _columns(
    parser: "QueryParser",
) -> tuple[nodes.JsonTableOrdinality | nodes.JsonTableColumn | nodes.JsonTablePath, ...]:
    parser.expect("COLUMNS", "(")
    return parser.commas(lambda: _column(parser), ")")


def _column(
    parser: "QueryParser",
) -> nodes.JsonTableOrdinality | nodes.JsonTableColumn | nodes.JsonTablePath:
    at = parser.at
    if parser.key == "NESTED" and (
        parser.key_after() == "PATH" or parser.tokens[parser.index + 1].kind == "string"
    ):
        parser.advance()
        parser.take("PATH")
        path_at = parser.at
        path = parser.string()
        name = parser.identifier() if parser.take("AS") else None
        return nodes.JsonTablePath(at, path_at, path, name, _columns(parser))
    if not parser.is_name(parser.token):
        raise parser.mismatch()
    name = parser.identifier()
    if parser.take("FOR", "ORDINALITY"):
        return nodes.JsonTableOrdinality(at, name)
    return nodes.JsonTableColumn(at, name, _call(parser, name))


def _call(parser: "QueryParser", name: Identifier) -> nodes.JsonPathCall:
    """A column as a call: JSON_QUERY when its format is JSON."""
    of = type_text(parser)
    form = json_format(parser)
    canonical = name.value if name.quoted else name.value.upper()
    written = parser.take("PATH")
    path_at = parser.at
    member = canonical.replace('"', '""')
    path = parser.string() if written else f'lax $."{member}"'
    wrapper = quotes = None
    if form is not None:
        wrapper, quotes = wrapper_of(parser), quotes_of(parser)
    empty: Behaviour = behaviour(parser, "EMPTY")
    error: Behaviour = behaviour(parser, "ERROR")
    item = nodes.JsonValue(Identifier(name.at, ITEM), None)
    function = "json_value" if form is None else "json_query"
    return nodes.JsonPathCall(
        name.at, function, item, path_at, path, (), of, form, wrapper, quotes, empty, error
    )


# Plans ---------------------------------------------------------------------------------------


def _plan(parser: "QueryParser") -> tuple[JsonTablePlan | None, tuple[str, ...] | None]:
    if not parser.take("PLAN"):
        return None, None
    if parser.take("DEFAULT"):
        parser.expect("(")
        words = parser.commas(lambda: _default_word(parser), ")")
        return None, words
    parser.expect("(")
    plan = _specific(parser)
    parser.expect(")")
    return plan, None


def _default_word(parser: "QueryParser") -> str:
    return parser.expect_any((*_PARENTAL, *_SIBLING))


def _specific(parser: "QueryParser") -> JsonTablePlan:
    at = parser.at
    plan = _primary(parser)
    parental = parser.take_any(_PARENTAL)
    if parental is not None:
        return JsonTablePlan(at, parental, (plan, _primary(parser)))
    sibling = parser.take_any(_SIBLING)
    if sibling is None:
        return plan
    parts = [plan, _primary(parser)]
    while parser.take(sibling):
        parts.append(_primary(parser))
    return JsonTablePlan(at, sibling, tuple(parts))


def _primary(parser: "QueryParser") -> JsonTablePlan:
    at = parser.at
    if parser.take("("):
        plan = _specific(parser)
        parser.expect(")")
        return plan
    name = parser.identifier()
    return JsonTablePlan(at, "PATH", (), name)
