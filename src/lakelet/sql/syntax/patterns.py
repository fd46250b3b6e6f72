"""The grammar of row pattern recognition: MATCH_RECOGNIZE, and patterns in windows."""

from typing import TYPE_CHECKING, Final

from lakelet.sql.syntax import nodes
from lakelet.sql.syntax.lexer import INTEGER
from lakelet.sql.syntax.nodes import patterns
from lakelet.sql.syntax.nodes.patterns import Pattern
from lakelet.sql.syntax.ordering import sort_items

if TYPE_CHECKING:
    from lakelet.sql.syntax.expressions import ExpressionParser
    from lakelet.sql.syntax.queries import QueryParser

_PRIMARIES: Final = ("'$'", "'('", "'PERMUTE'", "'^'", "'{-'", "<identifier>")


def match_recognize(parser: "QueryParser", relation: nodes.Relation) -> nodes.Relation:
    """MATCH_RECOGNIZE (…) behind a relation."""
    at = parser.at
    parser.expect("MATCH_RECOGNIZE", "(")
    partition_by: tuple[nodes.Expression, ...] = ()
    if parser.take("PARTITION", "BY"):
        partition_by = parser.commas(parser.expression)
    order_by = sort_items(parser)
    chosen = measures(parser)
    rows = _rows_per_match(parser)
    if parser.key not in ("AFTER", "INITIAL", "SEEK", "PATTERN"):
        raise parser.mismatch()
    found = rules(parser, at, chosen)
    parser.expect(")")
    return nodes.MatchRecognize(relation.at, relation, partition_by, order_by, rows, found)


def measures(parser: "ExpressionParser") -> tuple[patterns.Measure, ...]:
    """MEASURES expression AS name, …, or nothing."""
    if not parser.take("MEASURES"):
        return ()
    return parser.commas(lambda: _measure(parser))


def _measure(parser: "ExpressionParser") -> patterns.Measure:
    at = parser.at
    expression = parser.expression()
    parser.expect("AS")
    return patterns.Measure(at, expression, parser.identifier())


def _rows_per_match(parser: "ExpressionParser") -> patterns.EmptyMatches | None:
    """How ALL ROWS PER MATCH treats empty matches; None for one row per match."""
    if parser.take("ONE"):
        parser.expect("ROW", "PER", "MATCH")
        return None
    if not parser.take("ALL"):
        return None
    parser.expect("ROWS", "PER", "MATCH")
    if parser.take("WITH"):
        parser.expect("UNMATCHED", "ROWS")
        return "UNMATCHED"
    word: patterns.EmptyMatches | None = parser.take_any(("SHOW", "OMIT"))
    if word is not None:
        parser.expect("EMPTY", "MATCHES")
    return word or "SHOW"


def rules(
    parser: "ExpressionParser", at: int, chosen: tuple[patterns.Measure, ...]
) -> patterns.Recognition:
    """[AFTER MATCH SKIP …] [INITIAL|SEEK] PATTERN (…) [SUBSET …] DEFINE …"""
    skip, search = _skip(parser), _search(parser)
    pattern = _pattern(parser)
    subsets = _subsets(parser)
    parser.expect("DEFINE")
    definitions = parser.commas(lambda: _definition(parser))
    return patterns.Recognition(at, chosen, skip, search, pattern, subsets, definitions)


def window_rules(
    parser: "ExpressionParser", at: int, frame_at: int, chosen: tuple[patterns.Measure, ...]
) -> patterns.Recognition | None:
    """The same behind a window's frame, where nothing need stand; but what does needs PATTERN, and
    that DEFINE."""
    skip, search = _skip(parser), _search(parser)
    pattern = _pattern(parser) if parser.key == "PATTERN" else None
    subsets = _subsets(parser)
    definitions: tuple[patterns.Definition, ...] = ()
    if parser.take("DEFINE"):
        definitions = parser.commas(lambda: _definition(parser))
    if pattern is None:
        _refuse_without_pattern(parser, at, chosen, skip, search, subsets, definitions)
        return None
    if not definitions:
        message = "Pattern recognition requires DEFINE clause"
        raise parser.refusal(message, frame_at, "MISSING_VARIABLE_DEFINITIONS")
    return patterns.Recognition(at, chosen, skip, search, pattern, subsets, definitions)


def _refuse_without_pattern(
    parser: "ExpressionParser",
    at: int,
    chosen: tuple[patterns.Measure, ...],
    skip: patterns.Skip | None,
    search: tuple[str, int] | None,
    subsets: tuple[patterns.Subset, ...],
    definitions: tuple[patterns.Definition, ...],
) -> None:
    """Raises TrinoError MISSING_ROW_PATTERN for the first thing that there is."""
    for there, what, place in (
        (chosen, "Row pattern measures require", at),
        (skip, "AFTER MATCH SKIP clause requires", skip.at if skip else 0),
        (search, f"{search[0] if search else ''} modifier requires", search[1] if search else 0),
        (subsets, "Union variable definitions require", subsets[0].at if subsets else 0),
        (
            definitions,
            "Primary pattern variable definitions require",
            definitions[0].at if definitions else 0,
        ),
    ):
        if there:
            raise parser.refusal(f"{what} PATTERN clause", place, "MISSING_ROW_PATTERN")


def _search(parser: "ExpressionParser") -> tuple[str, int] | None:
    at = parser.at
    word = parser.take_any(("INITIAL", "SEEK"))
    return None if word is None else (word, at)


def _pattern(parser: "ExpressionParser") -> Pattern:
    parser.expect("PATTERN", "(")
    found = _alternation(parser)
    parser.expect(")")
    return found


def _subsets(parser: "ExpressionParser") -> tuple[patterns.Subset, ...]:
    return parser.commas(lambda: _subset(parser)) if parser.take("SUBSET") else ()


def _skip(parser: "ExpressionParser") -> patterns.Skip | None:
    if not parser.take("AFTER"):
        return None
    parser.expect("MATCH")
    at = parser.at
    parser.expect("SKIP")
    if parser.take("PAST"):
        parser.expect("LAST", "ROW")
        return patterns.Skip(at, "PAST LAST")
    parser.expect("TO")
    if parser.take("NEXT", "ROW"):
        return patterns.Skip(at, "NEXT")
    mode: patterns.SkipMode = "LAST"
    if parser.key in ("FIRST", "LAST") and parser.is_name(parser.tokens[parser.index + 1]):
        mode = "FIRST" if parser.advance().key == "FIRST" else "LAST"
    return patterns.Skip(at, mode, parser.identifier())


def _subset(parser: "ExpressionParser") -> patterns.Subset:
    name = parser.identifier()
    parser.expect("=")
    return patterns.Subset(name.at, name, parser.names())


def _definition(parser: "ExpressionParser") -> patterns.Definition:
    name = parser.identifier()
    parser.expect("AS")
    return patterns.Definition(name.at, name, parser.expression())


# Patterns ------------------------------------------------------------------------------------


def _alternation(parser: "ExpressionParser") -> Pattern:
    at = parser.at
    parts = [_concatenation(parser)]
    while parser.take("|"):
        parts.append(_concatenation(parser))
    return parts[0] if len(parts) == 1 else patterns.Alternation(at, tuple(parts))


def _concatenation(parser: "ExpressionParser") -> Pattern:
    at = parser.at
    parts = [_quantified(parser)]
    while _begins_primary(parser):
        parts.append(_quantified(parser))
    return parts[0] if len(parts) == 1 else patterns.Concatenation(at, tuple(parts))


def _begins_primary(parser: "ExpressionParser") -> bool:
    return parser.key in ("(", "^", "$", "{-") or parser.is_name(parser.token)


def _primary(parser: "ExpressionParser") -> Pattern:
    at = parser.at
    if parser.take("(", ")"):
        return patterns.Empty(at)
    if parser.take("("):
        inner = _alternation(parser)
        parser.expect(")")
        return inner
    if parser.take("{-"):
        inner = _alternation(parser)
        parser.expect("-}")
        return patterns.Exclusion(at, inner)
    if parser.key in ("^", "$"):
        return patterns.Anchor(at, parser.advance().key)
    if parser.key == "PERMUTE" and parser.key_after() == "(":
        parser.index += 2
        return patterns.Permutation(at, parser.commas(lambda: _alternation(parser), ")"))
    if not parser.is_name(parser.token):
        raise parser.mismatch()
    return patterns.Variable(at, parser.identifier())


def _quantified(parser: "ExpressionParser") -> Pattern:
    pattern = _primary(parser)
    at = parser.at
    bounds = _bounds(parser)
    if bounds is None:
        return pattern
    found = patterns.Quantified(pattern.at, pattern, *bounds, not parser.take("?"), at)
    if parser.key in ("*", "+", "?", "{"):
        raise parser.mismatch()
    return found


def _bounds(parser: "ExpressionParser") -> tuple[int, int | None] | None:
    if parser.take("*"):
        return 0, None
    if parser.take("+"):
        return 1, None
    if parser.take("?"):
        return 0, 1
    if not parser.take("{"):
        return None
    low = high = _number(parser)
    if parser.take(","):
        high = _number(parser)
    elif low is None:
        raise parser.mismatch()
    parser.expect("}")
    return low or 0, high


def _number(parser: "ExpressionParser") -> int | None:
    if parser.token.kind != INTEGER:
        return None
    return int(parser.advance().value)
