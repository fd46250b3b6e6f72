"""The grammar of SQL/JSON: JSON_EXISTS, JSON_VALUE, JSON_QUERY, JSON_OBJECT, JSON_ARRAY."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from lakelet.sql.syntax import nodes
from lakelet.sql.syntax.nodes import Expression, Identifier, JsonValue
from lakelet.sql.syntax.types import type_text

if TYPE_CHECKING:
    from lakelet.sql.syntax.expressions import ExpressionParser

Behaviour = str | Expression | None


def json_input(parser: "ExpressionParser") -> JsonValue:
    return JsonValue(parser.expression(), json_format(parser))


def json_format(parser: "ExpressionParser") -> str | None:
    if not parser.take("FORMAT"):
        return None
    parser.expect("JSON")
    if not parser.take("ENCODING"):
        return "JSON"
    return parser.expect_any(("UTF8", "UTF16", "UTF32"))


def passed_argument(parser: "ExpressionParser") -> tuple[Identifier, JsonValue]:
    value = json_input(parser)
    parser.expect("AS")
    return parser.identifier(), value


def path_invocation(
    parser: "ExpressionParser",
) -> tuple[JsonValue, int, str, Identifier | None, tuple[tuple[Identifier, JsonValue], ...]]:
    """input, 'path' [AS name] [PASSING value AS name, …]."""
    value = json_input(parser)
    parser.expect(",")
    at = parser.at
    path = parser.string()
    name = parser.identifier() if parser.take("AS") else None
    if not parser.take("PASSING"):
        return value, at, path, name, ()
    return value, at, path, name, parser.commas(lambda: passed_argument(parser))


def behaviour(parser: "ExpressionParser", event: str) -> Behaviour:
    """ERROR | NULL | TRUE | … | DEFAULT value, before ON EMPTY or ON ERROR."""
    start = parser.index
    found: Behaviour = None
    if parser.take("DEFAULT"):
        found = parser.expression()
    elif parser.take("EMPTY"):
        found = f"EMPTY {parser.expect_any(('ARRAY', 'OBJECT'))}"
    else:
        found = parser.take_any(("ERROR", "NULL", "TRUE", "FALSE", "UNKNOWN"))
    if found is not None and not parser.take("ON", event):
        parser.index = start
        return None
    return found


def _returning(parser: "ExpressionParser") -> tuple[str | None, str | None]:
    if not parser.take("RETURNING"):
        return None, None
    return type_text(parser), json_format(parser)


def wrapper_of(parser: "ExpressionParser") -> str | None:
    word = parser.take_any(("WITHOUT", "WITH"))
    if word is None:
        return None
    if word == "WITH":
        word = parser.take_any(("CONDITIONAL", "UNCONDITIONAL")) or "UNCONDITIONAL"
    parser.take("ARRAY")
    parser.expect("WRAPPER")
    return word


def quotes_of(parser: "ExpressionParser") -> str | None:
    word = parser.take_any(("KEEP", "OMIT"))
    if word is not None:
        parser.expect("QUOTES")
        parser.take("ON", "SCALAR", "STRING")
    return word


def _path_call(parser: "ExpressionParser") -> Expression:
    token = parser.advance()
    parser.expect("(")
    value, path_at, path, path_name, passing = path_invocation(parser)
    returning = form = wrapper = quotes = None
    empty: Behaviour = None
    if token.key != "JSON_EXISTS":
        returning, form = _returning(parser)
    if token.key == "JSON_QUERY":
        wrapper, quotes = wrapper_of(parser), quotes_of(parser)
    if token.key != "JSON_EXISTS":
        empty = behaviour(parser, "EMPTY")
    error = behaviour(parser, "ERROR")
    parser.expect(")")
    return nodes.JsonPathCall(
        token.start,
        token.key.lower(),
        value,
        path_at,
        path,
        passing,
        returning,
        form,
        wrapper,
        quotes,
        empty,
        error,
        path_name,
    )


def _null_treatment(parser: "ExpressionParser") -> str | None:
    word = parser.take_any(("NULL", "ABSENT"))
    if word is not None:
        parser.expect("ON", "NULL")
    return word


def _member(parser: "ExpressionParser") -> tuple[Expression, JsonValue]:
    keyed = parser.key == "KEY" and parser.key_after() not in ("VALUE", ":", "(", ".", "[")
    if keyed:
        parser.advance()
    key = parser.expression()
    if keyed or not parser.take(":"):
        parser.expect("VALUE")
    return key, json_input(parser)


def _object(parser: "ExpressionParser") -> Expression:
    at = parser.advance().start
    parser.expect("(")
    members: tuple[tuple[Expression, JsonValue], ...] = ()
    nulls, unique = None, False
    if parser.key not in (")", "RETURNING"):
        members = parser.commas(lambda: _member(parser))
        nulls = _null_treatment(parser)
        word = parser.take_any(("WITH", "WITHOUT"))
        if word is not None:
            parser.expect("UNIQUE")
            parser.take("KEYS")
            unique = word == "WITH"
    returning, form = _returning(parser)
    parser.expect(")")
    return nodes.JsonObject(at, members, nulls != "ABSENT", unique, returning, form)


def _array(parser: "ExpressionParser") -> Expression:
    at = parser.advance().start
    parser.expect("(")
    items: tuple[JsonValue, ...] = ()
    nulls = None
    if parser.key not in (")", "RETURNING"):
        items = parser.commas(lambda: json_input(parser))
        nulls = _null_treatment(parser)
    returning, form = _returning(parser)
    parser.expect(")")
    return nodes.JsonArray(at, items, nulls == "NULL", returning, form)


JSON_CALLS: Final[dict[str, Callable[["ExpressionParser"], Expression | None]]] = {
    "JSON_EXISTS": _path_call,
    "JSON_VALUE": _path_call,
    "JSON_QUERY": _path_call,
    "JSON_OBJECT": _object,
    "JSON_ARRAY": _array,
}
