"""Values that begin with a word that has a grammar of its own: CASE, CAST, EXTRACT, TRIM …"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from lakelet.sql.syntax import nodes
from lakelet.sql.syntax.calls import filter_condition
from lakelet.sql.syntax.json import JSON_CALLS
from lakelet.sql.syntax.lexer import END, INTEGER, SIGN, STRING
from lakelet.sql.syntax.nodes import Expression, Identifier
from lakelet.sql.syntax.ordering import sort_items
from lakelet.sql.syntax.types import INTERVAL_UNITS, type_text
from lakelet.sql.syntax.windows import over, starts_window

if TYPE_CHECKING:
    from lakelet.sql.syntax.expressions import ExpressionParser

_TERMS: Final = frozenset(("+", "-"))
_CURRENT: Final = {
    "CURRENT_DATE": "current_date",
    "CURRENT_TIME": "current_time",
    "CURRENT_TIMESTAMP": "current_timestamp",
    "LOCALTIME": "localtime",
    "LOCALTIMESTAMP": "localtimestamp",
    "CURRENT_USER": "current_user",
    "CURRENT_CATALOG": "current_catalog",
    "CURRENT_SCHEMA": "current_schema",
    "CURRENT_PATH": "current_path",
}
_WITH_PRECISION: Final = frozenset(
    ("CURRENT_TIME", "CURRENT_TIMESTAMP", "LOCALTIME", "LOCALTIMESTAMP")
)
_EXTRACT_FIELDS: Final = (
    "YEAR",
    "QUARTER",
    "MONTH",
    "WEEK",
    "DAY",
    "DAY_OF_MONTH",
    "DAY_OF_WEEK",
    "DOW",
    "DAY_OF_YEAR",
    "DOY",
    "YEAR_OF_WEEK",
    "YOW",
    "HOUR",
    "MINUTE",
    "SECOND",
    "TIMEZONE_MINUTE",
    "TIMEZONE_HOUR",
)


def _constant(parser: "ExpressionParser") -> Expression:
    token = parser.advance()
    if token.key == "NULL":
        return nodes.Null(token.start)
    return nodes.Boolean(token.start, token.key == "TRUE")


def interval(parser: "ExpressionParser") -> Expression | None:
    """INTERVAL [+|-] 'value' unit [TO unit]."""
    at = parser.index + 1
    signed = parser.tokens[at].key in _TERMS
    value_at = min(at + signed, len(parser.tokens) - 1)
    if parser.tokens[value_at].kind not in (STRING, "unicode"):
        return None
    if not signed and parser.tokens[value_at + 1].key not in (*INTERVAL_UNITS, "UESCAPE"):
        return None
    start = parser.advance().start
    negative = parser.take_any(_TERMS) == "-"
    value = parser.string()
    first = parser.expect_any(INTERVAL_UNITS)
    last = None
    if parser.key == "TO" and parser.key_after() in INTERVAL_UNITS:
        parser.advance()
        last = parser.expect_any(INTERVAL_UNITS)
    return nodes.Interval(start, value, negative, first, last)


def _double_precision(parser: "ExpressionParser") -> Expression | None:
    if parser.key_after() != "PRECISION" or parser.tokens[parser.index + 2].kind != STRING:
        return None
    at = parser.at
    parser.index += 2
    return nodes.TypedLiteral(at, "double", parser.string())


def _case(parser: "ExpressionParser") -> Expression:
    at = parser.advance().start
    operand = None if parser.key == "WHEN" else parser.expression()
    whens = []
    while parser.take("WHEN"):
        condition = parser.expression()
        parser.expect("THEN")
        whens.append((condition, parser.expression()))
    if not whens:
        raise parser.mismatch()
    default = parser.expression() if parser.take("ELSE") else None
    parser.expect("END")
    return nodes.Case(at, operand, tuple(whens), default)


def _cast(parser: "ExpressionParser") -> Expression | None:
    if parser.key_after() != "(":
        return None
    start, token = parser.index, parser.advance()
    parser.expect("(")
    if token.key == "TRY_CAST" and parser.key == ")":
        parser.index = start
        return None
    value = parser.expression()
    if token.key == "TRY_CAST" and parser.key in (",", ")"):
        # The word is not reserved: anything else is a call of a function of that name.
        parser.index = start
        return None
    parser.expect("AS")
    of = type_text(parser)
    parser.expect(")")
    return nodes.Cast(token.start, value, of, token.key == "TRY_CAST")


def _array(parser: "ExpressionParser") -> Expression | None:
    if parser.key_after() != "[":
        return None
    return array_items(parser, parser.advance().start)


def array_items(parser: "ExpressionParser", at: int) -> Expression:
    """[a, b], with ARRAY before it or not."""
    parser.expect("[")
    if parser.take("]"):
        return nodes.Array(at, ())
    return nodes.Array(at, parser.commas(parser.expression, "]"))


def _row(parser: "ExpressionParser") -> Expression | None:
    if parser.key_after() != "(" or parser.tokens[parser.index + 2].key == ")":
        return None
    at = parser.advance().start
    parser.advance()
    return nodes.Row(at, parser.commas(parser.expression, ")"))


def _exists(parser: "ExpressionParser") -> Expression:
    at = parser.advance().start
    return nodes.Exists(at, parser.parenthesized_query())


def _extract(parser: "ExpressionParser") -> Expression:
    at = parser.advance().start
    parser.expect("(")
    field = parser.identifier().value.upper()
    parser.expect("FROM")
    value = parser.value()
    parser.expect(")")
    if field not in _EXTRACT_FIELDS:
        valid = ", ".join(_EXTRACT_FIELDS)
        raise parser.refusal(
            f"Invalid EXTRACT field {field.lower()}, valid fields are: {valid}", at
        )
    return nodes.Extract(at, field, value)


def _current(parser: "ExpressionParser") -> Expression:
    token = parser.advance()
    precision = None
    if token.key in _WITH_PRECISION and parser.take("("):
        if parser.token.kind != INTEGER:
            raise parser.mismatch()
        precision = int(parser.advance().value)
        parser.expect(")")
    return nodes.CurrentTime(token.start, _CURRENT[token.key], precision)


def _grouping(parser: "ExpressionParser") -> Expression:
    at = parser.advance().start
    parser.expect("(")
    if parser.take(")"):
        return nodes.Grouping(at, ())
    return nodes.Grouping(at, parser.commas(lambda: _column(parser), ")"))


def _column(parser: "ExpressionParser") -> Expression:
    value: Expression = parser.identifier()
    while parser.take("."):
        value = nodes.Dereference(value.at, value, parser.identifier())
    return value


def _simple_call(at: int, name: str, *arguments: Expression) -> Expression:
    return nodes.FunctionCall(at, (Identifier(at, name),), arguments)


def _position(parser: "ExpressionParser") -> Expression | None:
    if parser.key_after() != "(":
        return None
    start = parser.index
    at = parser.advance().start
    parser.advance()
    needle = parser.value()
    if not parser.take("IN"):
        parser.index = start
        return None
    text = parser.value()
    parser.expect(")")
    return _simple_call(at, "strpos", text, needle)


def _substring(parser: "ExpressionParser") -> Expression | None:
    if parser.key_after() != "(":
        return None
    start = parser.index
    at = parser.advance().start
    parser.advance()
    arguments = [parser.value()]
    if not parser.take("FROM"):
        parser.index = start
        return None
    arguments.append(parser.value())
    if parser.take("FOR"):
        arguments.append(parser.value())
    parser.expect(")")
    return _simple_call(at, "substr", *arguments)


def _trim(parser: "ExpressionParser") -> Expression:
    """TRIM([[side] [characters] FROM] text) and TRIM(text, characters)."""
    at = parser.advance().start
    parser.expect("(")
    side = parser.advance().key if _is_side(parser) else None
    name = {"LEADING": "ltrim", "TRAILING": "rtrim"}.get(side or "", "trim")
    characters: tuple[Expression, ...] = ()
    if parser.key != "FROM":
        characters = (parser.value(),)
    if side is not None or parser.key == "FROM":
        parser.expect("FROM")
        text = parser.value()
    else:
        (text,) = characters
        characters = (parser.value(),) if parser.take(",") else ()
    parser.expect(")")
    return _simple_call(at, name, text, *characters)


def _is_side(parser: "ExpressionParser") -> bool:
    """Whether LEADING, TRAILING or BOTH are no name here."""
    if parser.key not in ("LEADING", "TRAILING", "BOTH"):
        return False
    return parser.key_after() == "FROM" or parser.tokens[parser.index + 1].kind not in (SIGN, END)


def _normalize(parser: "ExpressionParser") -> Expression:
    at = parser.advance().start
    parser.expect("(")
    text = parser.value()
    form = "NFC"
    if parser.take(","):
        found = parser.expect_any(("NFD", "NFC", "NFKD", "NFKC"))
        form = found
    parser.expect(")")
    return _simple_call(at, "normalize", text, nodes.String(at, form))


def _listagg(parser: "ExpressionParser") -> Expression:
    at = parser.advance().start
    parser.expect("(")
    distinct = parser.take_any(("DISTINCT", "ALL")) == "DISTINCT"
    value = parser.expression()
    separator = parser.string() if parser.take(",") else ""
    overflow = None
    if parser.take("ON"):
        parser.expect("OVERFLOW")
        if not parser.take("ERROR"):
            parser.expect("TRUNCATE")
            filler = "..." if parser.key in ("WITH", "WITHOUT") else parser.string()
            counted = parser.take_any(("WITH", "WITHOUT")) == "WITH"
            parser.expect("COUNT")
            overflow = (filler, counted)
    parser.expect(")")
    parser.expect("WITHIN", "GROUP", "(")
    order_by = sort_items(parser)
    if not order_by:
        raise parser.mismatch()
    parser.expect(")")
    condition = filter_condition(parser)
    window = None
    if starts_window(parser):
        parser.advance()
        window = over(parser)
    return nodes.ListAgg(at, value, separator, distinct, overflow, order_by, condition, window)


SPECIAL: Final[dict[str, Callable[["ExpressionParser"], Expression | None]]] = {
    "NULL": _constant,
    "TRUE": _constant,
    "FALSE": _constant,
    "INTERVAL": interval,
    "DOUBLE": _double_precision,
    "CASE": _case,
    "CAST": _cast,
    "TRY_CAST": _cast,
    "ARRAY": _array,
    "ROW": _row,
    "EXISTS": _exists,
    "EXTRACT": _extract,
    "GROUPING": _grouping,
    "POSITION": _position,
    "SUBSTRING": _substring,
    "TRIM": _trim,
    "NORMALIZE": _normalize,
    "LISTAGG": _listagg,
    **dict.fromkeys(_CURRENT, _current),
    **JSON_CALLS,
}
"""What reads them; None where the word is a name after all."""
