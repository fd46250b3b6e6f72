"""The grammar of values: Trino's precedence, from OR down to a subscript."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final, Literal

from lakelet.sql.syntax import nodes
from lakelet.sql.syntax.cursor import Cursor
from lakelet.sql.syntax.json import JSON_CALLS
from lakelet.sql.syntax.lexer import (
    BINARY,
    DECIMAL,
    DOUBLE,
    END,
    INTEGER,
    QUOTED,
    RESERVED,
    STRING,
    WORD,
    Token,
)
from lakelet.sql.syntax.nodes import Expression, Identifier
from lakelet.sql.syntax.patterns import measures, window_rules

_COMPARISONS: Final = frozenset(("=", "<>", "<", "<=", ">", ">="))
_FACTORS: Final = frozenset(("*", "/", "%"))
_TERMS: Final = frozenset(("+", "-"))
_INTERVAL_UNITS: Final = frozenset(("YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND"))
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
_FRAME_UNITS: Final[tuple[nodes.FrameUnit, ...]] = ("ROWS", "RANGE", "GROUPS")
_DIRECTIONS: Final[tuple[Literal["PRECEDING", "FOLLOWING"], ...]] = ("PRECEDING", "FOLLOWING")
_UNBOUNDED: Final[dict[str, nodes.BoundKind]] = {
    "PRECEDING": "UNBOUNDED PRECEDING",
    "FOLLOWING": "UNBOUNDED FOLLOWING",
}
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
            return predicate(self, value)
        if key == "NOT":
            return self._negated_predicate(value)
        return value

    def _comparison(self, left: Expression) -> Expression:
        at = self.at
        operator = self.advance().key
        if self.key in ("ALL", "SOME", "ANY") and self.key_after() == "(":
            quantifier = "ALL" if self.advance().key == "ALL" else "ANY"
            return nodes.Quantified(at, operator, quantifier, left, self._parenthesized_query())
        return nodes.Comparison(at, operator, left, self.value())

    def _negated_predicate(self, value: Expression) -> Expression:
        at = self.at
        predicate = _PREDICATES.get(self.key_after())
        if predicate is None or self.key_after() == "IS":
            self.advance()
            raise self.mismatch("'BETWEEN'", "'IN'", "'LIKE'")
        self.advance()
        return nodes.Not(at, predicate(self, value))

    def _between(self, value: Expression) -> Expression:
        at = self.advance().start
        low = self.value()
        self.expect("AND")
        return nodes.Between(at, value, low, self.value())

    def _in(self, value: Expression) -> Expression:
        at = self.advance().start
        if self.key != "(":
            raise self.mismatch("'('")
        if self.opens_query(self.index):
            return nodes.InQuery(at, value, self._parenthesized_query())
        self.advance()
        return nodes.InList(at, value, self.commas(self.expression, ")"))

    def _like(self, value: Expression) -> Expression:
        at = self.advance().start
        pattern = self.value()
        escape = self.value() if self.take("ESCAPE") else None
        return nodes.Like(at, value, pattern, escape)

    def _is(self, value: Expression) -> Expression:
        at = self.advance().start
        negated = self.take("NOT")
        found: Expression
        if self.take("NULL"):
            found = nodes.IsNull(at, value)
        elif self.take("DISTINCT"):
            self.expect("FROM")
            found = nodes.Comparison(at, "IS DISTINCT FROM", value, self.value())
        else:
            expected = ("'DISTINCT'", "'NULL'") if negated else ("'DISTINCT'", "'NOT'", "'NULL'")
            raise self.mismatch(*expected)
        return nodes.Not(at, found) if negated else found

    # Operators -----------------------------------------------------------------------------

    def value(self) -> Expression:
        """Everything that binds tighter than a comparison."""
        at = self.at
        left = self._sum()
        while self.key == "||":
            sign = self.advance()
            left = nodes.Arithmetic(at, "||", left, self._sum(), sign.start)
        return left

    def _sum(self) -> Expression:
        at = self.at
        left = self._product()
        while self.key in _TERMS:
            sign = self.advance()
            left = nodes.Arithmetic(at, sign.key, left, self._product(), sign.start)
        return left

    def _product(self) -> Expression:
        at = self.at
        left = self._signed()
        while self.key in _FACTORS:
            sign = self.advance()
            left = nodes.Arithmetic(at, sign.key, left, self._signed(), sign.start)
        return left

    def _signed(self) -> Expression:
        token = self.token
        if token.key in _TERMS:
            self.advance()
            return nodes.Unary(token.start, token.key, self._signed())
        value = self._postfix()
        while self.key == "AT" and self.key_after() == "TIME":
            at = self.advance().start
            self.expect("TIME", "ZONE")
            if self.token.kind not in (STRING, "unicode") and self.key != "INTERVAL":
                raise self.mismatch("'INTERVAL'", "<string>")
            zone = self._interval() if self.key == "INTERVAL" else None
            if zone is None:
                zone = nodes.String(self.at, self.string())
            value = nodes.AtTimeZone(at, value, zone)
        return value

    def _postfix(self) -> Expression:
        value = self._primary()
        while True:
            if self.key == "[":
                self.advance()
                index = self.value()
                self.expect("]")
                value = nodes.Subscript(value.at, value, index)
            elif self.key == "." and self.key_after() != "*":
                self.advance()
                value = nodes.Dereference(value.at, value, self.identifier())
            else:
                return value

    # Primaries -----------------------------------------------------------------------------

    def _primary(self) -> Expression:
        token = self.token
        kind = token.kind
        if kind in (WORD, QUOTED):
            return self._word()
        if kind in (INTEGER, DECIMAL, DOUBLE):
            self.advance()
            return nodes.Number(token.start, kind, token.value)
        if kind in (STRING, "unicode"):
            return nodes.String(token.start, self.string())
        if kind == BINARY:
            return self._binary()
        if token.key == "(":
            return self._parenthesized()
        if token.key == "[":
            return self._array_items(token.start)
        if token.key == "?":
            self.advance()
            self.parameters += 1
            return nodes.Parameter(token.start, self.parameters - 1)
        raise self.mismatch(_EXPRESSION)

    def _word(self) -> Expression:
        """A word that has a grammar of its own, or a name."""
        special = _SPECIAL.get(self.key)
        found = special(self) if special is not None else None
        if found is not None:
            return found
        if self.key in RESERVED:
            raise self.mismatch(_EXPRESSION)
        return self._named()

    def _binary(self) -> Expression:
        token = self.advance()
        digits = "".join(token.value.split()).upper()
        if any(digit not in "0123456789ABCDEF" for digit in digits):
            raise self.error("Binary literal can only contain hexadecimal digits", token.start)
        if len(digits) % 2:
            raise self.error("Binary literal must contain an even number of digits", token.start)
        return nodes.Binary(token.start, bytes.fromhex(digits))

    def _parenthesized(self) -> Expression:
        at, opened = self.at, self.index
        if self.tokens[self.closing(opened) + 1 : self.closing(opened) + 2] and (
            self.tokens[self.closing(opened) + 1].key == "->"
        ):
            return self._lambda()
        if self.opens_query(opened):
            return nodes.Subquery(at, self._parenthesized_query())
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

    def _parenthesized_query(self) -> nodes.Query:
        self.expect("(")
        query = self.query()
        self.expect(")")
        return query

    def _named(self) -> Expression:
        """A column, a typed literal, a lambda of one parameter or a call."""
        after = self.tokens[self.index + 1]
        if after.key == "->":
            return self._lambda()
        if after.kind == STRING and self.token.kind == WORD:
            token = self.advance()
            return nodes.TypedLiteral(token.start, token.value, self.string())
        if after.key in ("(", "."):
            end = self.index
            while self.tokens[end + 1].key == "." and self.is_name(self.tokens[end + 2]):
                end += 2
            if self.tokens[end + 1].key == "(":
                return self._call()
        if self.key in ("RUNNING", "FINAL") and after.kind in (WORD, QUOTED):
            call = self._moded()
            if call is not None:
                return call
        name = self.identifier()
        if self.key == "OVER" and (self.key_after() == "(" or self.is_name(self._following())):
            self.advance()
            return nodes.MeasureReference(name.at, name, self._over())
        return name

    def _following(self) -> Token:
        return self.tokens[min(self.index + 1, len(self.tokens) - 1)]

    def _moded(self) -> Expression | None:
        """RUNNING or FINAL before a call; None where they are names."""
        end = self.index + 1
        while self.tokens[end + 1].key == "." and self.is_name(self.tokens[end + 2]):
            end += 2
        if self.tokens[end + 1].key != "(" or not self.is_name(self.tokens[end]):
            return None
        token = self.advance()
        call = self._call()
        assert isinstance(call, nodes.FunctionCall)
        return replace(call, at=token.start, mode=token.key)

    def _call(self) -> Expression:
        at = self.at
        name = self.qualified_name()
        self.expect("(")
        if self.take("*"):
            self.expect(")")
            return self._call_tail(nodes.FunctionCall(at, name, (), star=True))
        if self.is_name(self.token) and (self.key_after(), self.key_after(2)) == (".", "*"):
            label = self.identifier()
            self.index += 2
            self.expect(")")
            return self._call_tail(nodes.FunctionCall(at, name, (label,), star=True))
        if self.take(")"):
            return self._call_tail(nodes.FunctionCall(at, name, ()))
        distinct = False
        if self.key in ("DISTINCT", "ALL") and self.key_after() not in (",", ")"):
            distinct = self.advance().key == "DISTINCT"
        arguments = self.commas(self.expression)
        order_by = self.order_by()
        if not self.take(")"):
            raise self.mismatch("')'", "','", "'ORDER'")
        return self._call_tail(nodes.FunctionCall(at, name, arguments, False, distinct, order_by))

    def _call_tail(self, call: nodes.FunctionCall) -> Expression:
        condition = self._filter()
        nulls = None
        if self.key in ("IGNORE", "RESPECT") and self.key_after() == "NULLS":
            nulls = self.advance().key
            self.advance()
            if self.key != "OVER":
                raise self.mismatch("'OVER'")
        window: nodes.Window | Identifier | None = None
        if self.take("OVER"):
            window = self._over()
        if condition is None and nulls is None and window is None:
            return call
        return nodes.FunctionCall(
            call.at,
            call.name,
            call.arguments,
            call.star,
            call.distinct,
            call.order_by,
            condition,
            window,
            nulls,
        )

    def _filter(self) -> Expression | None:
        if not (self.key == "FILTER" and self.key_after() == "("):
            return None
        self.advance()
        self.expect("(", "WHERE")
        condition = self.expression()
        self.expect(")")
        return condition

    # Windows and sorting -------------------------------------------------------------------

    def _over(self) -> nodes.Window | Identifier:
        if self.key != "(":
            return self.identifier()
        self.advance()
        window = self.window_specification()
        self.expect(")")
        return window

    def window_specification(self) -> nodes.Window:
        at = self.at
        base = None
        words = ("PARTITION", "ORDER", "MEASURES", "ROWS", "RANGE", "GROUPS")
        if self.is_name(self.token) and self.key not in words:
            base = self.identifier()
        partition: tuple[Expression, ...] = ()
        if self.take("PARTITION", "BY"):
            partition = self.commas(self.expression)
        order_at = self.at
        order_by = self.order_by()
        rules_at = self.at
        chosen = measures(self)
        frame = self._frame()
        if chosen and frame is None:
            raise self.mismatch("','", "'GROUPS'", "'RANGE'", "'ROWS'")
        rules = window_rules(self, rules_at, chosen) if frame is not None else None
        return nodes.Window(at, base, partition, order_by, frame, rules, order_at)

    def order_by(self) -> tuple[nodes.SortItem, ...]:
        """ORDER BY items, or nothing."""
        if not self.take("ORDER"):
            return ()
        self.expect("BY")
        return self.commas(self._sort_item)

    def _sort_item(self) -> nodes.SortItem:
        at = self.at
        expression = self.expression()
        descending = self.take_any(("ASC", "DESC")) == "DESC"
        nulls = None
        if self.take("NULLS"):
            word = self.take_any(("FIRST", "LAST"))
            if word is None:
                raise self.mismatch("'FIRST'", "'LAST'")
            nulls = word == "FIRST"
        return nodes.SortItem(at, expression, descending, nulls)

    def _frame(self) -> nodes.Frame | None:
        at = self.at
        unit = self.take_any(_FRAME_UNITS)
        if unit is None:
            return None
        if self.take("BETWEEN"):
            start = self._frame_bound()
            self.expect("AND")
            return nodes.Frame(at, unit, start, self._frame_bound())
        return nodes.Frame(at, unit, self._frame_bound(), None)

    def _frame_bound(self) -> nodes.FrameBound:
        at = self.at
        if self.take("UNBOUNDED"):
            word = self.take_any(_DIRECTIONS)
            if word is None:
                raise self.mismatch("'FOLLOWING'", "'PRECEDING'")
            return nodes.FrameBound(at, _UNBOUNDED[word], None)
        if self.take("CURRENT", "ROW"):
            return nodes.FrameBound(at, "CURRENT ROW", None)
        value = self.expression()
        word = self.take_any(_DIRECTIONS)
        if word is None:
            raise self.mismatch("'FOLLOWING'", "'PRECEDING'")
        return nodes.FrameBound(at, word, value)

    # Words with a grammar of their own -----------------------------------------------------

    def _constant(self) -> Expression:
        token = self.advance()
        if token.key == "NULL":
            return nodes.Null(token.start)
        return nodes.Boolean(token.start, token.key == "TRUE")

    def _interval(self) -> Expression | None:
        if self.tokens[self.index + 1].kind != STRING and self.key_after() not in _TERMS:
            return None
        at = self.at
        if self.tokens[self.index + 1].kind == STRING:
            unit = self.tokens[self.index + 2].key
            if unit not in _INTERVAL_UNITS:
                return None
        self.advance()
        negative = self.take_any(_TERMS) == "-"
        value = self.string()
        start = self.take_any(_INTERVAL_UNITS)
        if start is None:
            raise self.mismatch(*(f"'{unit}'" for unit in _INTERVAL_UNITS))
        end = None
        if self.take("TO"):
            end = self.take_any(_INTERVAL_UNITS)
            if end is None:
                raise self.mismatch(*(f"'{unit}'" for unit in _INTERVAL_UNITS))
        return nodes.Interval(at, value, negative, start, end)

    def _double_precision(self) -> Expression | None:
        if self.key_after() != "PRECISION" or self.tokens[self.index + 2].kind != STRING:
            return None
        at = self.at
        self.index += 2
        return nodes.TypedLiteral(at, "double", self.string())

    def _case(self) -> Expression:
        at = self.advance().start
        operand = None if self.key == "WHEN" else self.expression()
        whens = []
        while self.take("WHEN"):
            condition = self.expression()
            self.expect("THEN")
            whens.append((condition, self.expression()))
        if not whens:
            raise self.mismatch("'WHEN'")
        default = self.expression() if self.take("ELSE") else None
        if not self.take("END"):
            raise self.mismatch("'ELSE'", "'END'", "'WHEN'")
        return nodes.Case(at, operand, tuple(whens), default)

    def _cast(self) -> Expression | None:
        if self.key_after() != "(":
            return None
        token = self.advance()
        self.expect("(")
        value = self.expression()
        self.expect("AS")
        type_text = self.type_text()
        self.expect(")")
        return nodes.Cast(token.start, value, type_text, token.key == "TRY_CAST")

    def type_text(self) -> str:
        """The text of a type that stands here; what it means is for `types.parsing`."""
        start, depth = self.at, 0
        end = start
        while self.token.kind != END and (depth or self._goes_on_type()):
            depth += _NESTING.get(self.key, 0)
            end = self.advance().end
        if end == start:
            raise self.mismatch("<type>")
        return self.source.text[start:end]

    def _goes_on_type(self) -> bool:
        if self.key in ("(", "[", "<"):
            return True
        if self.token.kind not in (WORD, QUOTED) or self.key in _AFTER_TYPE:
            return False
        return self.key != "WITH" or self.key_after() == "TIME"

    def _array(self) -> Expression | None:
        if self.key_after() != "[":
            return None
        return self._array_items(self.advance().start)

    def _array_items(self, at: int) -> Expression:
        """[a, b], with ARRAY before it or not."""
        self.expect("[")
        if self.take("]"):
            return nodes.Array(at, ())
        return nodes.Array(at, self.commas(self.expression, "]"))

    def _row(self) -> Expression | None:
        if self.key_after() != "(":
            return None
        at = self.advance().start
        self.advance()
        return nodes.Row(at, self.commas(self.expression, ")"))

    def _exists(self) -> Expression:
        at = self.advance().start
        return nodes.Exists(at, self._parenthesized_query())

    def _extract(self) -> Expression:
        at = self.advance().start
        self.expect("(")
        field = self.identifier().value.upper()
        self.expect("FROM")
        value = self.value()
        self.expect(")")
        if field not in _EXTRACT_FIELDS:
            valid = ", ".join(_EXTRACT_FIELDS)
            raise self.error(
                f"Invalid EXTRACT field {field.lower()}, valid fields are: {valid}", at
            )
        return nodes.Extract(at, field, value)

    def _current(self) -> Expression:
        token = self.advance()
        precision = None
        if token.key in _WITH_PRECISION and self.take("("):
            if self.token.kind != INTEGER:
                raise self.mismatch("<integer>")
            precision = int(self.advance().value)
            self.expect(")")
        return nodes.CurrentTime(token.start, _CURRENT[token.key], precision)

    def _grouping(self) -> Expression:
        at = self.advance().start
        self.expect("(")
        if self.take(")"):
            return nodes.Grouping(at, ())
        return nodes.Grouping(at, self.commas(self._column, ")"))

    def _column(self) -> Expression:
        value: Expression = self.identifier()
        while self.take("."):
            value = nodes.Dereference(value.at, value, self.identifier())
        return value

    def _simple_call(self, at: int, name: str, *arguments: Expression) -> Expression:
        return nodes.FunctionCall(at, (Identifier(at, name),), arguments)

    def _position(self) -> Expression | None:
        if self.key_after() != "(":
            return None
        start = self.index
        at = self.advance().start
        self.advance()
        needle = self.value()
        if not self.take("IN"):
            self.index = start
            return None
        text = self.value()
        self.expect(")")
        return self._simple_call(at, "strpos", text, needle)

    def _substring(self) -> Expression | None:
        if self.key_after() != "(":
            return None
        start = self.index
        at = self.advance().start
        self.advance()
        arguments = [self.value()]
        if not self.take("FROM"):
            self.index = start
            return None
        arguments.append(self.value())
        if self.take("FOR"):
            arguments.append(self.value())
        self.expect(")")
        return self._simple_call(at, "substr", *arguments)

    def _trim(self) -> Expression:
        at = self.advance().start
        self.expect("(")
        side = self.take_any(("LEADING", "TRAILING", "BOTH"))
        name = {"LEADING": "ltrim", "TRAILING": "rtrim"}.get(side or "", "trim")
        if self.take("FROM"):
            text = self.value()
            self.expect(")")
            return self._simple_call(at, name, text)
        first = self.value()
        if self.take("FROM"):
            text = self.value()
            self.expect(")")
            return self._simple_call(at, name, text, first)
        if side is None and self.take(","):
            characters = self.value()
            self.expect(")")
            return self._simple_call(at, name, first, characters)
        self.expect(")")
        return self._simple_call(at, name, first)

    def _normalize(self) -> Expression:
        at = self.advance().start
        self.expect("(")
        text = self.value()
        form = "NFC"
        if self.take(","):
            found = self.take_any(("NFD", "NFC", "NFKD", "NFKC"))
            if found is None:
                raise self.mismatch("'NFC'", "'NFD'", "'NFKC'", "'NFKD'")
            form = found
        self.expect(")")
        return self._simple_call(at, "normalize", text, nodes.String(at, form))

    def _listagg(self) -> Expression:
        at = self.advance().start
        self.expect("(")
        distinct = self.take_any(("DISTINCT", "ALL")) == "DISTINCT"
        value = self.expression()
        separator = self.string() if self.take(",") else ""
        overflow = None
        if self.take("ON"):
            self.expect("OVERFLOW")
            if not self.take("ERROR"):
                self.expect("TRUNCATE")
                filler = "..." if self.key in ("WITH", "WITHOUT") else self.string()
                counted = self.take_any(("WITH", "WITHOUT")) == "WITH"
                self.expect("COUNT")
                overflow = (filler, counted)
        self.expect(")")
        self.expect("WITHIN", "GROUP", "(")
        order_by = self.order_by()
        if not order_by:
            raise self.mismatch("'ORDER'")
        self.expect(")")
        condition = self._filter()
        window = self._over() if self.take("OVER") else None
        return nodes.ListAgg(at, value, separator, distinct, overflow, order_by, condition, window)


_NESTING: Final = {"(": 1, "[": 1, "<": 1, ")": -1, "]": -1, ">": -1}

_AFTER_TYPE: Final = frozenset(
    ("FORMAT", "PATH", "DEFAULT", "NULL", "ERROR", "EMPTY", "KEEP", "OMIT", "WITHOUT", "EXISTS")
)

_PREDICATES: Final[dict[str, Callable[[ExpressionParser, Expression], Expression]]] = {
    "BETWEEN": ExpressionParser._between,
    "IN": ExpressionParser._in,
    "LIKE": ExpressionParser._like,
    "IS": ExpressionParser._is,
}

_SPECIAL: Final[dict[str, Callable[[ExpressionParser], Expression | None]]] = {
    "NULL": ExpressionParser._constant,
    "TRUE": ExpressionParser._constant,
    "FALSE": ExpressionParser._constant,
    "INTERVAL": ExpressionParser._interval,
    "DOUBLE": ExpressionParser._double_precision,
    "CASE": ExpressionParser._case,
    "CAST": ExpressionParser._cast,
    "TRY_CAST": ExpressionParser._cast,
    "ARRAY": ExpressionParser._array,
    "ROW": ExpressionParser._row,
    "EXISTS": ExpressionParser._exists,
    "EXTRACT": ExpressionParser._extract,
    "GROUPING": ExpressionParser._grouping,
    "POSITION": ExpressionParser._position,
    "SUBSTRING": ExpressionParser._substring,
    "TRIM": ExpressionParser._trim,
    "NORMALIZE": ExpressionParser._normalize,
    "LISTAGG": ExpressionParser._listagg,
    **dict.fromkeys(_CURRENT, ExpressionParser._current),
    **JSON_CALLS,
}
