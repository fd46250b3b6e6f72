"""The grammar of values: Trino's precedence, from OR down to a subscript."""

from collections.abc import Callable
from typing import Final

from lakelet.sql.syntax import nodes
from lakelet.sql.syntax.calls import function_call, moded_call
from lakelet.sql.syntax.cursor import Cursor
from lakelet.sql.syntax.lexer import (
    BINARY,
    DECIMAL,
    DOUBLE,
    INTEGER,
    QUOTED,
    RESERVED,
    STRING,
    WORD,
)
from lakelet.sql.syntax.nodes import Expression
from lakelet.sql.syntax.special import SPECIAL, array_items, interval
from lakelet.sql.syntax.windows import over, starts_window

_COMPARISONS: Final = frozenset(("=", "<>", "<", "<=", ">", ">="))
_FACTORS: Final = frozenset(("*", "/", "%"))
_TERMS: Final = frozenset(("+", "-"))
_NUMBERS: Final = (INTEGER, DECIMAL, DOUBLE)
_EXPRESSION: Final = "<expression>"


class ExpressionParser(Cursor):
    """Reads values; subqueries are read by the class over it."""

    def query(self) -> nodes.Query:
        """A whole query, WITH included."""
        raise self.mismatch()

    # Conditions ----------------------------------------------------------------------------

    def expression(self) -> Expression:
        at = self.at
        first = self._conjunction()
        if self.key != "OR":
            return first
        terms = [first]
        while self.take("OR"):
            terms.append(self._conjunction())
        return nodes.Logical(at, "OR", tuple(terms))

    def _conjunction(self) -> Expression:
        at = self.at
        first = self._negation()
        if self.key != "AND":
            return first
        terms = [first]
        while self.take("AND"):
            terms.append(self._negation())
        return nodes.Logical(at, "AND", tuple(terms))

    def _negation(self) -> Expression:
        at = self.at
        if self.take("NOT"):
            return nodes.Not(at, self._negation())
        value = self.value()
        key = self.key
        if key in _COMPARISONS:
            return self._comparison(value)
        predicate = _PREDICATES.get(key)
        if predicate is not None:
            return predicate(self, value, self.at)
        if key == "NOT":
            return self._negated_predicate(value)
        return value

    def _comparison(self, left: Expression) -> Expression:
        at = self.at
        operator = self.advance().key
        if self.key in ("ALL", "SOME", "ANY") and self.key_after() == "(":
            quantifier = "ALL" if self.advance().key == "ALL" else "ANY"
            return nodes.Quantified(at, operator, quantifier, left, self.parenthesized_query())
        return nodes.Comparison(at, operator, left, self.value())

    def _negated_predicate(self, value: Expression) -> Expression:
        at = self.at
        predicate = _PREDICATES.get(self.key_after())
        if predicate is None or self.key_after() == "IS":
            self.advance()
            raise self.mismatch()
        self.advance()
        return nodes.Not(at, predicate(self, value, at))

    def _between(self, value: Expression, at: int) -> Expression:
        self.advance()
        low = self.value()
        self.expect("AND")
        return nodes.Between(at, value, low, self.value())

    def _in(self, value: Expression, at: int) -> Expression:
        self.advance()
        if self.key == "(" and self.opens_query(self.index):
            return nodes.InQuery(at, value, self.parenthesized_query())
        self.expect("(")
        return nodes.InList(at, value, self.commas(self.expression, ")"))

    def _like(self, value: Expression, at: int) -> Expression:
        self.advance()
        pattern = self.value()
        escape = self.value() if self.take("ESCAPE") else None
        return nodes.Like(at, value, pattern, escape)

    def _is(self, value: Expression, at: int) -> Expression:
        self.advance()
        negated = self.take("NOT")
        found: Expression
        if self.take("NULL"):
            found = nodes.IsNull(at, value)
        elif self.take("DISTINCT"):
            self.expect("FROM")
            found = nodes.Comparison(at, "IS DISTINCT FROM", value, self.value())
        else:
            raise self.mismatch()
        return nodes.Not(at, found) if negated else found

    # Operators -----------------------------------------------------------------------------

    def value(self) -> Expression:
        """Everything that binds tighter than a comparison."""
        left = self._sum()
        while self.key == "||":
            sign = self.advance()
            left = nodes.Arithmetic(sign.start, "||", left, self._sum())
        return left

    def _sum(self) -> Expression:
        left = self._product()
        while self.key in _TERMS:
            sign = self.advance()
            left = nodes.Arithmetic(sign.start, sign.key, left, self._product())
        return left

    def _product(self) -> Expression:
        left = self._signed()
        while self.key in _FACTORS:
            sign = self.advance()
            left = nodes.Arithmetic(sign.start, sign.key, left, self._signed())
        return left

    def _signed(self) -> Expression:
        token = self.token
        if token.key in _TERMS:
            self.advance()
            literal = token.key == "-" and self.token.kind in _NUMBERS
            return nodes.Unary(token.start, token.key, self._signed(), literal)
        value = self._postfix()
        while self.key == "AT" and self.key_after() == "TIME":
            at = self.advance().start
            self.expect("TIME", "ZONE")
            if self.token.kind not in (STRING, "unicode") and self.key != "INTERVAL":
                raise self.mismatch()
            zone = interval(self) if self.key == "INTERVAL" else None
            if zone is None:
                zone = nodes.String(self.at, self.string())
            value = nodes.AtTimeZone(at, value, zone)
        return value

    def _postfix(self) -> Expression:
        at = self.at
        value = self._primary()
        while True:
            if self.key == "[":
                self.advance()
                index = self.value()
                self.expect("]")
                value = nodes.Subscript(at, value, index)
            elif self.key == "." and self.key_after() != "*":
                self.advance()
                value = nodes.Dereference(at, value, self.identifier())
            else:
                return value

    # Primaries -----------------------------------------------------------------------------

    def _primary(self) -> Expression:
        token = self.token
        kind = token.kind
        if kind == WORD or self.is_name(token):
            return self._word()
        if kind in _NUMBERS:
            self.advance()
            return nodes.Number(token.start, kind, token.value)
        if kind in (STRING, "unicode"):
            return nodes.String(token.start, self.string())
        if kind == BINARY:
            return self._binary()
        if token.key == "(":
            return self._parenthesized()
        if token.key == "[":
            return array_items(self, token.start)
        if token.key == "?":
            self.advance()
            self.parameters += 1
            return nodes.Parameter(token.start, self.parameters - 1)
        raise self.mismatch()

    def _word(self) -> Expression:
        """A word that has a grammar of its own, or a name."""
        special = SPECIAL.get(self.key)
        found = special(self) if special is not None else None
        if found is not None:
            return found
        if self.key in RESERVED:
            raise self.mismatch()
        return self._named()

    def _binary(self) -> Expression:
        token = self.advance()
        digits = "".join(token.value.split()).upper()
        if any(digit not in "0123456789ABCDEF" for digit in digits):
            raise self.refusal("Binary literal can only contain hexadecimal digits", token.start)
        if len(digits) % 2:
            raise self.refusal("Binary literal must contain an even number of digits", token.start)
        return nodes.Binary(token.start, bytes.fromhex(digits))

    def _parenthesized(self) -> Expression:
        at, opened = self.at, self.index
        if self.tokens[self.closing(opened) + 1 : self.closing(opened) + 2] and (
            self.tokens[self.closing(opened) + 1].key == "->"
        ):
            return self._lambda()
        if self.opens_query(opened):
            return nodes.Subquery(at, self.parenthesized_query())
        self.advance()
        items = self.commas(self.expression, ")")
        return items[0] if len(items) == 1 else nodes.Row(at, items)

    def _lambda(self) -> Expression:
        at = self.at
        if self.take("("):
            parameters = () if self.take(")") else self.commas(self.identifier, ")")
        else:
            parameters = (self.identifier(),)
        self.expect("->")
        return nodes.Lambda(at, parameters, self.expression())

    def parenthesized_query(self) -> nodes.Query:
        self.expect("(")
        query = self.query()
        self.expect(")")
        return query

    def _named(self) -> Expression:
        """A column, a typed literal, a lambda of one parameter or a call."""
        after = self.tokens[self.index + 1]
        if after.key == "->":
            return self._lambda()
        if after.kind in (STRING, "unicode"):
            written = self.source.text[self.token.start : self.token.end]
            return nodes.TypedLiteral(self.at, written, (self.identifier(), self.string())[1])
        if after.key in ("(", "."):
            end = self.index
            while self.tokens[end + 1].key == "." and self.is_name(self.tokens[end + 2]):
                end += 2
            if self.tokens[end + 1].key == "(":
                return function_call(self)
        if self.key in ("RUNNING", "FINAL") and after.kind in (WORD, QUOTED):
            call = moded_call(self)
            if call is not None:
                return call
        name = self.identifier()
        if starts_window(self):
            self.advance()
            return nodes.MeasureReference(name.at, name, over(self))
        return name


_PREDICATES: Final[dict[str, Callable[[ExpressionParser, Expression, int], Expression]]] = {
    "BETWEEN": ExpressionParser._between,
    "IN": ExpressionParser._in,
    "LIKE": ExpressionParser._like,
    "IS": ExpressionParser._is,
}
