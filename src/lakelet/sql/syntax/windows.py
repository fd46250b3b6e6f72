"""The grammar of windows and of their frames."""

from typing import TYPE_CHECKING, Final, Literal

from lakelet.sql.syntax import nodes
from lakelet.sql.syntax.nodes import Expression, Identifier
from lakelet.sql.syntax.ordering import sort_items
from lakelet.sql.syntax.patterns import measures, window_rules

if TYPE_CHECKING:
    from lakelet.sql.syntax.expressions import ExpressionParser

_FRAME_UNITS: Final[tuple[nodes.FrameUnit, ...]] = ("ROWS", "RANGE", "GROUPS")
_DIRECTIONS: Final[tuple[Literal["PRECEDING", "FOLLOWING"], ...]] = ("PRECEDING", "FOLLOWING")
_UNBOUNDED: Final[dict[str, nodes.BoundKind]] = {
    "PRECEDING": "UNBOUNDED PRECEDING",
    "FOLLOWING": "UNBOUNDED FOLLOWING",
}


def starts_window(parser: "ExpressionParser") -> bool:
    """Whether OVER comes and is no name here."""
    return parser.key == "OVER" and (parser.key_after() == "(" or parser.is_name(parser.following))


def over(parser: "ExpressionParser") -> nodes.Window | Identifier:
    if parser.key != "(":
        return parser.identifier()
    parser.advance()
    window = window_specification(parser)
    parser.expect(")")
    return window


def window_specification(parser: "ExpressionParser") -> nodes.Window:
    at = parser.at
    base = None
    words = ("PARTITION", "MEASURES", "ROWS", "RANGE", "GROUPS")
    if parser.is_name(parser.token) and (parser.key not in words or parser.key_after() == ")"):
        base = parser.identifier()
    partition: tuple[Expression, ...] = ()
    if parser.take("PARTITION", "BY"):
        partition = parser.commas(parser.expression)
    order_at = parser.at
    order_by = sort_items(parser)
    rules_at = parser.at
    chosen = measures(parser)
    frame = _frame(parser)
    if chosen and frame is None:
        raise parser.mismatch()
    rules = window_rules(parser, rules_at, frame.at, chosen) if frame is not None else None
    return nodes.Window(at, base, partition, order_by, frame, rules, order_at)


def _frame(parser: "ExpressionParser") -> nodes.Frame | None:
    at = parser.at
    unit = parser.take_any(_FRAME_UNITS)
    if unit is None:
        return None
    if parser.take("BETWEEN"):
        start = _frame_bound(parser)
        parser.expect("AND")
        return nodes.Frame(at, unit, start, _frame_bound(parser))
    return nodes.Frame(at, unit, _frame_bound(parser), None)


def _frame_bound(parser: "ExpressionParser") -> nodes.FrameBound:
    at = parser.at
    if parser.take("UNBOUNDED"):
        word = parser.expect_any(_DIRECTIONS)
        return nodes.FrameBound(at, _UNBOUNDED[word], None)
    if parser.take("CURRENT", "ROW"):
        return nodes.FrameBound(at, "CURRENT ROW", None)
    value = parser.expression()
    word = parser.expect_any(_DIRECTIONS)
    return nodes.FrameBound(at, word, value)
