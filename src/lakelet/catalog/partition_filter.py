"""GetPartitions' Expression as one condition of SQLite over typed values.

The grammar is Glue's ("GetPartitions" of the Glue API reference): comparisons of a partition key
with a literal, IN, BETWEEN, LIKE and IS NULL, joined by AND, OR, NOT and parentheses. Values
compare by their key's type.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from lakelet.catalog.partition_values import NULL_PARTITION, kind, reader, sql
from lakelet.errors import InvalidInput
from lakelet.model import Column

_TOKENS = re.compile(
    r"""\s*(?:(?P<string>'(?:\\'|''|[^'])*')|(?P<number>[+-]?\d+(?:\.\d+)?(?![\w.]))"""
    r"""|(?P<name>`[^`]+`|"[^"]+"|[A-Za-z_0-9][\w.]*)|(?P<sign><=|>=|<>|!=|=|<|>|\(|\)|,))"""
)
_QUOTES = re.compile(r"''|\\'")
"""A quote inside of a text: twice as in SQL, or as the Hive client of Glue writes it."""

_SIGNS = {"=", "<>", "!=", "<", "<=", ">", ">="}
_TEXTS = {"string", "varchar", "char"}
_NAMED_TYPES = {"date", "timestamp"}
_MAX_DEPTH = 100
_LAST = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class Leg:
    """A comparison that all kept partitions pass, so that an index may find them by it."""

    position: int
    equal: bool
    sql: str
    parameters: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Condition:
    """A WHERE over the columns of glue_partition, with its parameters and its legs."""

    sql: str
    parameters: tuple[Any, ...]
    legs: tuple[Leg, ...] = ()


EVERYTHING = Condition("1", ())


def condition(expression: str, keys: Sequence[Column]) -> Condition:
    """The condition of an expression; a blank one keeps everything.

    Raises InvalidInput for what Glue's grammar has not and for a column that is no partition key.
    """
    if not expression.strip():
        return EVERYTHING
    return _Parser(expression, keys).whole()


class _Parser:
    """One pass over the tokens; each rule answers its SQL, parameters and legs."""

    def __init__(self, expression: str, keys: Sequence[Column]) -> None:
        self._expression = expression
        self._keys = {column.name.lower(): (i, column) for i, column in enumerate(keys)}
        self._tokens = list(self._split())
        self._at = 0
        self._depth = 0

    def whole(self) -> Condition:
        found = self._disjunction()
        if self._at < len(self._tokens):
            raise self._unsupported()
        return found

    def _disjunction(self) -> Condition:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise self._unsupported()
        parts = [self._conjunction()]
        while self._word("or"):
            parts.append(self._conjunction())
        self._depth -= 1
        return parts[0] if len(parts) == 1 else _joined(" OR ", parts)

    def _conjunction(self) -> Condition:
        parts = [self._negation()]
        while self._word("and"):
            parts.append(self._negation())
        if len(parts) == 1:
            return parts[0]
        legs = tuple(leg for part in parts for leg in part.legs)
        joined = _joined(" AND ", parts)
        return Condition(joined.sql, joined.parameters, legs)

    def _negation(self) -> Condition:
        negations = 0
        while self._word("not"):
            negations += 1
        inner = self._primary()
        return _negated(inner) if negations % 2 else inner

    def _primary(self) -> Condition:
        if self._peek(0) == ("sign", "(") and self._peek(2) != ("sign", ")"):
            self._at += 1
            inner = self._disjunction()
            self._need_sign(")")
            return inner
        return self._predicate()

    def _predicate(self) -> Condition:
        position, column = self._column()
        negated = self._word("not")
        if self._word("in"):
            return self._in(position, column, negated)
        if self._word("between"):
            return self._between(position, column, negated)
        if self._word("like"):
            return self._like(position, column, negated)
        if not negated and self._word("is"):
            return self._is_null(position, column)
        if not negated:
            return self._comparison(position, column)
        raise self._unsupported()

    def _in(self, position: int, column: Column, negated: bool) -> Condition:
        read = reader(column)
        self._need_sign("(")
        values = [read(self._literal())]
        while self._sign(","):
            values.append(read(self._literal()))
        self._need_sign(")")
        found = _leg(position, f"{sql(position)} IN ({', '.join('?' * len(values))})", values)
        return _negated(found) if negated else found

    def _between(self, position: int, column: Column, negated: bool) -> Condition:
        read = reader(column)
        low = read(self._literal())
        self._need_word("and")
        value, high = sql(position), read(self._literal())
        found = _leg(position, f"{value} >= ? AND {value} <= ?", [low, high])
        return _negated(found) if negated else found

    def _like(self, position: int, column: Column, negated: bool) -> Condition:
        named = kind(column)
        if named not in _TEXTS:
            word = named.capitalize() if named in ("date", "decimal", "timestamp") else "Integral"
            raise InvalidInput(f"{word} data type doesn't support operation 'LIKE'")
        value, pattern = sql(position), self._literal()
        glob, start = _glob(pattern), re.split("[%_]", pattern)[0]
        if negated or not start:
            return Condition(f"{value} {'NOT ' if negated else ''}GLOB ?", (glob,))
        # A text that begins so is in a range, which an index finds.
        test = f"{value} >= ? AND {value} < ? AND {value} GLOB ?"
        return _leg(position, test, [start, f"{start}{_LAST}", glob])

    def _is_null(self, position: int, column: Column) -> Condition:
        negated = self._word("not")
        self._need_word("null")
        if kind(column) in _TEXTS:
            sign = "<>" if negated else "="
            return Condition(f"{sql(position)} {sign} ?", (NULL_PARTITION,))
        return Condition(f"{sql(position)} IS {'NOT ' if negated else ''}NULL", ())

    def _comparison(self, position: int, column: Column) -> Condition:
        name, sign = self._next()
        if name != "sign" or sign not in _SIGNS:
            raise self._unsupported()
        value = reader(column)(self._literal())
        if sign in ("<>", "!="):
            return Condition(f"{sql(position)} <> ?", (value,))
        return _leg(position, f"{sql(position)} {sign} ?", [value], equal=sign == "=")

    def _literal(self) -> str:
        opened = 0
        while self._sign("("):
            opened += 1
        text = self._bare_literal()
        for _ in range(opened):
            self._need_sign(")")
        return text

    def _bare_literal(self) -> str:
        name, text = self._next()
        if name == "name" and text.lower() in _NAMED_TYPES:
            name, text = self._next()
        if name == "string":
            return _QUOTES.sub("'", text[1:-1])
        if name == "number":
            return text
        raise self._unsupported()

    def _column(self) -> tuple[int, Column]:
        if self._sign("("):
            inner = self._column()
            self._need_sign(")")
            return inner
        token, text = self._next()
        if token != "name" or self._peek(0) == ("sign", "("):
            raise self._unsupported()
        name = text[1:-1] if text[0] in '`"' else text.rpartition(".")[2]
        name = name.lower()
        if name not in self._keys:
            raise InvalidInput(f"Unknown column '{text}'")
        return self._keys[name]

    # Tokens ---------------------------------------------------------------------------------

    def _split(self) -> Iterator[tuple[str, str]]:
        position = 0
        text = self._expression.rstrip()
        while position < len(text):
            match = _TOKENS.match(text, position)
            if match is None or match.lastgroup is None:
                raise self._unsupported()
            position = match.end()
            yield match.lastgroup, match[match.lastgroup]

    def _peek(self, ahead: int) -> tuple[str, str] | None:
        place = self._at + ahead
        return self._tokens[place] if place < len(self._tokens) else None

    def _next(self) -> tuple[str, str]:
        found = self._peek(0)
        if found is None:
            raise self._unsupported()
        self._at += 1
        return found

    def _word(self, word: str) -> bool:
        found = self._peek(0)
        return self._taken(found is not None and (found[0], found[1].lower()) == ("name", word))

    def _sign(self, sign: str) -> bool:
        return self._taken(self._peek(0) == ("sign", sign))

    def _taken(self, fits: bool) -> bool:
        self._at += fits
        return fits

    def _need_word(self, word: str) -> None:
        if not self._word(word):
            raise self._unsupported()

    def _need_sign(self, sign: str) -> None:
        if not self._sign(sign):
            raise self._unsupported()

    def _unsupported(self) -> InvalidInput:
        return InvalidInput(f"Unsupported expression '{self._expression}'")


def _joined(word: str, parts: Sequence[Condition]) -> Condition:
    parameters = tuple(value for part in parts for value in part.parameters)
    return Condition(_balanced(word, [part.sql for part in parts]), parameters)


def _balanced(word: str, parts: Sequence[str]) -> str:
    """In pairs of halves: SQLite takes no tree that is deeper than 1000."""
    if len(parts) == 1:
        return parts[0]
    half = len(parts) // 2
    return f"({_balanced(word, parts[:half])}{word}{_balanced(word, parts[half:])})"


def _negated(condition: Condition) -> Condition:
    return Condition(f"NOT ({condition.sql})", condition.parameters)


def _leg(position: int, test: str, values: Sequence[Any], *, equal: bool = False) -> Condition:
    parameters = tuple(values)
    return Condition(f"({test})", parameters, (Leg(position, equal, test, parameters),))


def _glob(pattern: str) -> str:
    """LIKE with its case kept: SQLite's GLOB."""
    escaped = re.sub(r"([*?\[])", r"[\1]", pattern)
    return escaped.replace("%", "*").replace("_", "?")
