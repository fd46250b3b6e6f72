"""Where a parser stands in its tokens, and how it says that it expected something else."""

from collections.abc import Callable, Iterable
from string import hexdigits
from typing import Final, TypeVar

from lakelet.errors import TrinoError
from lakelet.loading import loading
from lakelet.sql.syntax.lexer import (
    BACKQUOTED,
    DIGITS,
    EMPTY,
    END,
    QUOTED,
    RESERVED,
    SIGN,
    STRING,
    WORD,
    Text,
    Token,
    tokenize,
)
from lakelet.sql.syntax.nodes import Identifier

T = TypeVar("T")
K = TypeVar("K", bound=str)

_OPEN: Final = {"(", "[", "{"}

QUERY_WORDS: Final = frozenset(("SELECT", "WITH", "VALUES", "TABLE"))
_GOES_ON: Final = frozenset(
    (")", "UNION", "INTERSECT", "EXCEPT", "ORDER", "LIMIT", "OFFSET", "FETCH", "<EOF>")
)
"""What may follow a parenthesis that is a query's whole first part."""


_NO_ESCAPES: Final = frozenset(f"{hexdigits}+'\"")
"""What introduces no escape of U&'…': digits and signs that stand in them."""

_NO_NAMES: Final = {
    EMPTY: "Zero-length delimited identifier not allowed",
    BACKQUOTED: "backquoted identifiers are not supported; use double quotes to quote identifiers",
    DIGITS: "identifiers must not start with a digit; surround the identifier with double quotes",
}


class Cursor:
    """The tokens of one text and a position among them; `start` is the rule of the grammar that
    the text should be, for errors."""

    start = "athena"

    def __init__(self, text: str) -> None:
        self.source = Text(text)
        self.tokens: list[Token] = tokenize(self.source)
        self.index = 0
        self.parameters = 0
        self._closing: dict[int, int] | None = None

    @property
    def token(self) -> Token:
        return self.tokens[self.index]

    @property
    def key(self) -> str:
        return self.tokens[self.index].key

    @property
    def at(self) -> int:
        return self.tokens[self.index].start

    @property
    def following(self) -> Token:
        """The token behind the next one, the last if there is none."""
        return self.tokens[min(self.index + 1, len(self.tokens) - 1)]

    def key_after(self, count: int = 1) -> str:
        index = min(self.index + count, len(self.tokens) - 1)
        return self.tokens[index].key

    def advance(self) -> Token:
        token = self.tokens[self.index]
        if token.kind != END:
            self.index += 1
        return token

    def take(self, *keys: str) -> bool:
        """Whether these words or signs come next; then they are passed."""
        tokens, index = self.tokens, self.index
        if tokens[index].key != keys[0]:
            return False
        for offset in range(1, len(keys)):
            if self.key_after(offset) != keys[offset]:
                return False
        self.index += len(keys)
        return True

    def take_any(self, keys: Iterable[K]) -> K | None:
        """The word or sign that comes next when it is one of these; it is passed."""
        key = self.key
        for each in keys:
            if each == key:
                self.index += 1
                return each
        return None

    def expect(self, *keys: str) -> None:
        for key in keys:
            if self.key != key:
                raise self.mismatch()
            self.index += 1

    def expect_any(self, keys: Iterable[K]) -> K:
        """The word or sign that comes next, which must be one of these; it is passed."""
        found = self.take_any(keys)
        if found is None:
            raise self.mismatch()
        return found

    def end(self) -> None:
        """Nothing more may come."""
        if self.token.kind != END:
            raise self.mismatch()

    def mismatch(self) -> TrinoError:
        """SYNTAX_ERROR, where the text stops being what it should be and with what could stand
        there; at the current token where the grammar finds nothing wrong."""
        with loading:
            from lakelet.sql.syntax.expecting import expectation

        found = expectation(self.tokens, self.start)
        met = self.token if found is None else self.tokens[found.met]
        shown = met.value if met.kind == END else self.source.text[met.start : met.end]
        message = f"mismatched input '{shown}'"
        if found is None:
            return self.error(message, met.start)
        message += f". Expecting: {', '.join(found.expected)}"
        return self.error(message, self.tokens[found.at].start)

    def refusal(self, message: str, at: int, name: str = "SYNTAX_ERROR") -> TrinoError:
        """An error for what the grammar takes and Trino does not: told only when the grammar
        takes the whole text."""
        with loading:
            from lakelet.sql.syntax.expecting import expectation

        if expectation(self.tokens, self.start) is not None:
            return self.mismatch()
        return self.source.error(name, message, at)

    def error(self, message: str, at: int) -> TrinoError:
        return self.source.error("SYNTAX_ERROR", message, at)

    def is_name(self, token: Token) -> bool:
        """Whether a token is read as a name; some are refused only then."""
        if token.kind == WORD:
            return token.key not in RESERVED
        return token.kind == QUOTED or token.kind in _NO_NAMES

    def identifier(self) -> Identifier:
        token = self.token
        if not self.is_name(token):
            raise self.mismatch()
        if token.kind in _NO_NAMES:
            raise self.error(_NO_NAMES[token.kind], token.start)
        self.index += 1
        return Identifier(token.start, token.value, token.kind == QUOTED)

    def names(self) -> tuple[Identifier, ...]:
        """(a, b, …)."""
        self.expect("(")
        return self.commas(self.identifier, ")")

    def qualified_name(self) -> tuple[Identifier, ...]:
        parts = [self.identifier()]
        while self.key == "." and self.is_name(self.tokens[self.index + 1]):
            self.index += 1
            parts.append(self.identifier())
        return tuple(parts)

    def commas(self, item: Callable[[], T], end: str | None = None) -> tuple[T, ...]:
        """One item or more, and the closing sign when there is one."""
        found = [item()]
        while self.take(","):
            found.append(item())
        if end is not None and not self.take(end):
            raise self.mismatch()
        return tuple(found)

    def string(self) -> str:
        token = self.token
        if token.kind == "unicode":
            return self.unicode_string()
        if token.kind != STRING:
            raise self.mismatch()
        self.index += 1
        return token.value

    def unicode_string(self) -> str:
        r"""U&'\0061' [UESCAPE '!']."""
        token = self.advance()
        escape = "\\"
        if self.take("UESCAPE"):
            escape = self.string()
            if not escape:
                raise self.refusal("Empty Unicode escape character", token.start)
            if len(escape) != 1 or not "!" <= escape <= "~" or escape in _NO_ESCAPES:
                raise self.refusal(f"Invalid Unicode escape character: {escape}", token.start)
        return _decoded(token.value, escape, lambda message: self.refusal(message, token.start))

    def closing(self, index: int) -> int:
        """The token that closes the parenthesis at `index`; the last token if none does."""
        if self._closing is None:
            self._closing = {}
            opened = []
            for i, token in enumerate(self.tokens):
                if token.kind == SIGN:
                    if token.key in _OPEN:
                        opened.append(i)
                    elif token.key in (")", "]", "}") and opened:
                        self._closing[opened.pop()] = i
        return self._closing.get(index, len(self.tokens) - 1)

    def opens_query(self, index: int) -> bool:
        """Whether the parenthesis at `index` holds a query, not a value or a relation."""
        inner = index + 1
        while self.tokens[inner].key == "(":
            inner += 1
        if self.tokens[inner].key not in QUERY_WORDS:
            return False
        if self.tokens[inner].key == "TABLE" and self.tokens[inner + 1].key == "(":
            return False
        while inner - 1 > index:
            inner -= 1
            after = min(self.closing(inner) + 1, len(self.tokens) - 1)
            if self.tokens[after].key not in _GOES_ON:
                return False
        return True


def _decoded(text: str, escape: str, error: Callable[[str], TrinoError]) -> str:
    found, i = [], 0
    while i < len(text):
        if text[i] != escape:
            found.append(text[i])
            i += 1
        elif text[i + 1 : i + 2] == escape:
            found.append(escape)
            i += 2
        else:
            long = text[i + 1 : i + 2] == "+"
            digits = text[i + 2 : i + 8] if long else text[i + 1 : i + 5]
            digits = digits[: next((k for k, c in enumerate(digits) if c not in hexdigits), 6)]
            if len(digits) != (6 if long else 4):
                raise error(f"Incomplete escape sequence: {digits}")
            found.append(_escaped(digits, error))
            i += 8 if long else 5
    return "".join(found)


def _escaped(digits: str, error: Callable[[str], TrinoError]) -> str:
    code = int(digits, 16)
    if 0xD800 <= code < 0xE000:
        raise error(
            f"Invalid escaped character: {digits}. Escaped character is a surrogate."
            " Use '\\+123456' instead."
        )
    if code > 0x10FFFF:
        raise error(f"Invalid escaped character: {digits}")
    return chr(code)
