"""Where a parser stands in its tokens, and how it says that it expected something else."""

from collections.abc import Callable, Iterable
from typing import Final, TypeVar

from lakelet.errors import TrinoError
from lakelet.sql.syntax.lexer import (
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
_NESTING: Final = {"(": 1, "[": 1, "<": 1, ")": -1, "]": -1, ">": -1}

_AFTER_TYPE: Final = frozenset(
    ("FORMAT", "PATH", "DEFAULT", "NULL", "ERROR", "EMPTY", "KEEP", "OMIT", "WITHOUT", "EXISTS")
)
QUERY_WORDS: Final = frozenset(("SELECT", "WITH", "VALUES", "TABLE"))
_GOES_ON: Final = frozenset(
    (")", "UNION", "INTERSECT", "EXCEPT", "ORDER", "LIMIT", "OFFSET", "FETCH", "<EOF>")
)
"""What may follow a parenthesis that is a query's whole first part."""


class Cursor:
    """The tokens of one text and a position among them."""

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
                raise self.mismatch(f"'{key}'")
            self.index += 1

    def mismatch(self, *expected: str) -> TrinoError:
        """SYNTAX_ERROR at the current token."""
        token = self.token
        shown = token.value if token.kind == END else self.source.text[token.start : token.end]
        if token.kind == "unknown":
            shown = token.value
        message = f"mismatched input '{shown}'"
        if expected:
            message += f". Expecting: {', '.join(sorted(expected))}"
        return self.error(message, token.start)

    def error(self, message: str, at: int) -> TrinoError:
        return self.source.error("SYNTAX_ERROR", message, at)

    def is_name(self, token: Token) -> bool:
        return token.kind == QUOTED or (token.kind == WORD and token.key not in RESERVED)

    def identifier(self) -> Identifier:
        token = self.token
        if not self.is_name(token):
            raise self.mismatch("<identifier>")
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
            raise self.mismatch(f"'{end}'", "','")
        return tuple(found)

    def string(self) -> str:
        token = self.token
        if token.kind == "unicode":
            return self.unicode_string()
        if token.kind != STRING:
            raise self.mismatch("<string>")
        self.index += 1
        return token.value

    def unicode_string(self) -> str:
        r"""U&'\0061' [UESCAPE '!']."""
        token = self.advance()
        escape = "\\"
        if self.take("UESCAPE"):
            escape = self.string()
            if len(escape) != 1:
                raise self.error("Invalid Unicode escape character", token.start)
        return _decoded(token.value, escape, lambda message: self.error(message, token.start))

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
            try:
                code = int(digits, 16)
                if len(digits) != (6 if long else 4) or 0xD800 <= code < 0xE000:
                    raise ValueError
                found.append(chr(code))
            except ValueError:
                raise error("Incomplete escape sequence: " + digits) from None
            i += 8 if long else 5
    return "".join(found)
