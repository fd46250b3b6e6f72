"""GetPartitions' Expression as one condition of SQLite over typed values.

The grammar is Glue's: comparisons of a partition key with a literal, IN, BETWEEN, LIKE and
IS NULL, joined by AND, OR, NOT and parentheses. Values compare by their key's type.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from lakelet.errors import InvalidInput
from lakelet.model import Column

NULL_PARTITION = "__HIVE_DEFAULT_PARTITION__"
SEPARATOR = "\x1f"
"""Stands between the values in a partition's key."""

_TOKENS = re.compile(
    r"""\s*(?:(?P<string>'(?:[^']|'')*'|"(?:[^"]|"")*")|(?P<number>[+-]?\d+(?:\.\d+)?)"""
    r"""|(?P<name>`[^`]+`|[A-Za-z_][\w.]*)|(?P<sign><=|>=|<>|!=|=|<|>|\(|\)|,))"""
)
_INTEGERS = {"tinyint", "smallint", "int", "integer", "bigint", "long"}
_SIGNS = {"=", "<>", "!=", "<", "<=", ">", ">="}
_WORDS = {"date", "timestamp"}


@dataclass(frozen=True, slots=True)
class Condition:
    """SQL over the column `vals`, a JSON array of the values, with its parameters.

    `prefix` holds the values that the leading keys must equal: a range of the primary key.
    """

    sql: str
    parameters: tuple[Any, ...]
    prefix: tuple[str, ...] = ()


EVERYTHING = Condition("1", ())


def condition(expression: str, keys: Sequence[Column]) -> Condition:
    """The condition of an expression; a blank one keeps everything.

    Raises InvalidInput for what Glue's grammar has not and for a column that is no partition key.
    """
    if not expression.strip():
        return EVERYTHING
    parser = _Parser(expression, keys)
    sql = parser.disjunction()
    parser.end()
    return Condition(sql, tuple(parser.parameters), parser.prefix())


def value_sql(position: int) -> str:
    """SQL for a partition's value by the position of its key."""
    return f"json_extract(vals, '$[{position}]')"


class _Parser:
    """One pass over the tokens; parameters gather in the order of their marks."""

    def __init__(self, expression: str, keys: Sequence[Column]) -> None:
        self._expression = expression
        self._keys = {column.name.lower(): (i, column) for i, column in enumerate(keys)}
        self._tokens = list(self._split())
        self._at = 0
        self.parameters: list[Any] = []
        self._equal: dict[int, str] = {}
        self._alternatives = False

    def prefix(self) -> tuple[str, ...]:
        """Values of the leading keys that a conjunction of equalities fixes."""
        values: list[str] = []
        while not self._alternatives and len(values) in self._equal:
            values.append(self._equal[len(values)])
        return tuple(values)

    def end(self) -> None:
        if self._at < len(self._tokens):
            raise self._unsupported()

    def disjunction(self) -> str:
        parts = [self._conjunction()]
        while self._word("or"):
            self._alternatives = True
            parts.append(self._conjunction())
        return f"({' OR '.join(parts)})" if len(parts) > 1 else parts[0]

    def _conjunction(self) -> str:
        parts = [self._negation()]
        while self._word("and"):
            parts.append(self._negation())
        return f"({' AND '.join(parts)})" if len(parts) > 1 else parts[0]

    def _negation(self) -> str:
        if self._word("not"):
            self._alternatives = True
            return f"NOT ({self._negation()})"
        if self._sign("("):
            inner = self.disjunction()
            self._need_sign(")")
            return inner
        return self._predicate()

    def _predicate(self) -> str:
        position, column = self._column()
        value, read = _typed(position, column)
        negated = self._word("not")
        self._alternatives = self._alternatives or negated
        no = "NOT " if negated else ""
        if self._word("in"):
            return f"{value} {no}IN ({self._list(read)})"
        if self._word("between"):
            low = self._mark(read)
            self._need_word("and")
            return f"{value} {no}BETWEEN {low} AND {self._mark(read)}"
        if self._word("like"):
            self.parameters.append(_glob(self._literal()))
            return f"{value_sql(position)} {no}GLOB ?"
        if not negated and self._word("is"):
            return self._is_null(position)
        return self._comparison(position, value, read)

    def _is_null(self, position: int) -> str:
        sign = "<>" if self._word("not") else "="
        self._need_word("null")
        self.parameters.append(NULL_PARTITION)
        return f"{value_sql(position)} {sign} ?"

    def _comparison(self, position: int, value: str, read: Callable[[str], Any]) -> str:
        kind, sign = self._next()
        if kind != "sign" or sign not in _SIGNS:
            raise self._unsupported()
        mark = self._mark(read)
        if sign == "=" and isinstance(self.parameters[-1], str):
            self._equal.setdefault(position, self.parameters[-1])
        return f"{value} {sign.replace('!=', '<>')} {mark}"

    def _list(self, read: Callable[[str], Any]) -> str:
        self._need_sign("(")
        marks = [self._mark(read)]
        while self._sign(","):
            marks.append(self._mark(read))
        self._need_sign(")")
        return ", ".join(marks)

    def _mark(self, read: Callable[[str], Any]) -> str:
        self.parameters.append(read(self._literal()))
        return "?"

    def _literal(self) -> str:
        kind, text = self._next()
        if kind == "name" and text.lower() in _WORDS:
            kind, text = self._next()
        if kind == "string":
            return text[1:-1].replace(text[0] * 2, text[0])
        if kind == "number":
            return text
        raise self._unsupported()

    def _column(self) -> tuple[int, Column]:
        kind, text = self._next()
        if kind not in ("name", "string") or (kind == "string" and text[0] == "'"):
            raise self._unsupported()
        name = text.strip('`"').rpartition(".")[2].lower()
        if name not in self._keys:
            raise InvalidInput(f"Unknown column: {name} in the expression {self._expression}")
        return self._keys[name]

    # Tokens ---------------------------------------------------------------------------------

    def _split(self) -> Any:
        position = 0
        text = self._expression.rstrip()
        while position < len(text):
            match = _TOKENS.match(text, position)
            if match is None:
                raise self._unsupported()
            position = match.end()
            yield match.lastgroup, match[match.lastgroup or 0]

    def _next(self) -> tuple[str, str]:
        if self._at >= len(self._tokens):
            raise self._unsupported()
        self._at += 1
        found: tuple[str, str] = self._tokens[self._at - 1]
        return found

    def _word(self, word: str) -> bool:
        return self._take(lambda kind, text: kind == "name" and text.lower() == word)

    def _sign(self, sign: str) -> bool:
        return self._take(lambda kind, text: kind == "sign" and text == sign)

    def _take(self, fits: Callable[[str, str], bool]) -> bool:
        if self._at < len(self._tokens) and fits(*self._tokens[self._at]):
            self._at += 1
            return True
        return False

    def _need_word(self, word: str) -> None:
        if not self._word(word):
            raise self._unsupported()

    def _need_sign(self, sign: str) -> None:
        if not self._sign(sign):
            raise self._unsupported()

    def _unsupported(self) -> InvalidInput:
        return InvalidInput(f"Unsupported expression '{self._expression}'")


def _typed(position: int, column: Column) -> tuple[str, Callable[[str], Any]]:
    """SQL of a key's value by its type, and how a literal that it is compared with is read."""
    kind = column.type.lower().partition("(")[0]
    value = value_sql(position)
    if kind in _INTEGERS:
        return f"CAST({value} AS INTEGER)", lambda text: _number(text, int, column)
    if kind == "decimal":
        return f"CAST({value} AS REAL)", lambda text: _number(text, float, column)
    return value, str


def _number(text: str, read: Callable[[str], Any], column: Column) -> Any:
    try:
        return read(text)
    except ValueError as error:
        raise InvalidInput(f"'{text}' is not a value of {column.name} {column.type}") from error


def _glob(pattern: str) -> str:
    """LIKE with its case kept: SQLite's GLOB."""
    escaped = re.sub(r"([*?\[])", r"[\1]", pattern)
    return escaped.replace("%", "*").replace("_", "?")
