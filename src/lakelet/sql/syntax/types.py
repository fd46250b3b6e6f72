"""The grammar of types; what their texts mean is for `types.parsing`."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from lakelet.sql.syntax.lexer import INTEGER

if TYPE_CHECKING:
    from lakelet.sql.syntax.cursor import Cursor

INTERVAL_UNITS: Final = ("YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND")
_BEHIND_A_TYPE: Final = frozenset((",", ")", "ARRAY", "["))


def type_text(parser: "Cursor") -> str:
    """The text of a type that stands here."""
    start = parser.at
    _type(parser)
    return parser.source.text[start : parser.tokens[parser.index - 1].end]


def _type(parser: "Cursor") -> None:
    key, after = parser.key, parser.key_after()
    if key == "ROW" and after == "(":
        parser.advance()
        _in_parentheses(
            parser, _parameter if parser.tokens[parser.index + 1].kind == INTEGER else _field
        )
    elif key == "INTERVAL" and after in INTERVAL_UNITS:
        parser.index += 2
        if parser.take("TO"):
            parser.expect_any(INTERVAL_UNITS)
    elif key in ("TIME", "TIMESTAMP"):
        _time(parser)
    elif not parser.take("DOUBLE", "PRECISION"):
        _named(parser)
    while parser.take("ARRAY"):
        if parser.take("["):
            _length(parser)
            parser.expect("]")


def _time(parser: "Cursor") -> None:
    """TIME and TIMESTAMP with their precision and zone."""
    parser.advance()
    if parser.key == "(":
        _in_parentheses(parser, _parameter, one=True)
    if parser.key == "WITHOUT" or (parser.key == "WITH" and parser.key_after() == "TIME"):
        parser.advance()
        parser.expect("TIME", "ZONE")


def _named(parser: "Cursor") -> None:
    """A name with its parameters, or the old spellings ARRAY<…> and MAP<…>."""
    key, after = parser.key, parser.key_after()
    parser.identifier()
    if key in ("ARRAY", "MAP") and after == "<":
        parser.advance()
        _type(parser)
        if key == "MAP":
            parser.expect(",")
            _type(parser)
        parser.expect(">")
    elif after == "(":
        _in_parentheses(parser, _parameter)


def _in_parentheses(parser: "Cursor", item: Callable[["Cursor"], None], one: bool = False) -> None:
    parser.expect("(")
    item(parser)
    while not one and parser.take(","):
        item(parser)
    parser.expect(")")


def _parameter(parser: "Cursor") -> None:
    if parser.token.kind == INTEGER:
        parser.advance()
    else:
        _type(parser)


def _length(parser: "Cursor") -> None:
    if parser.token.kind != INTEGER:
        raise parser.mismatch()
    parser.advance()


def _field(parser: "Cursor") -> None:
    """A field of a row: a type, with its name before it or not."""
    if _is_named_field(parser):
        parser.identifier()
    _type(parser)


def _is_named_field(parser: "Cursor") -> bool:
    key, after = parser.key, parser.key_after()
    if not parser.is_name(parser.tokens[parser.index + 1]):
        return False
    beyond = parser.key_after(2)
    if after == "ARRAY":
        return beyond not in _BEHIND_A_TYPE
    if key == "DOUBLE" and after == "PRECISION":
        return beyond not in _BEHIND_A_TYPE
    if key == "INTERVAL" and after in INTERVAL_UNITS:
        return beyond not in _BEHIND_A_TYPE and beyond != "TO"
    return key not in ("TIME", "TIMESTAMP") or after != "WITHOUT"
