"""Text → tokens, as Trino's lexer cuts it."""

import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import Final

from lakelet.errors import TrinoError

WORD: Final = "word"
QUOTED: Final = "quoted"
EMPTY: Final = "empty"
BACKQUOTED: Final = "backquoted"
DIGITS: Final = "digits"
STRING: Final = "string"
BINARY: Final = "binary"
INTEGER: Final = "integer"
DECIMAL: Final = "decimal"
DOUBLE: Final = "double"
SIGN: Final = "sign"
UNKNOWN: Final = "unknown"
END: Final = "end"

RESERVED: Final = frozenset(
    [
        "ALTER",
        "AND",
        "AS",
        "BETWEEN",
        "BY",
        "CASE",
        "CAST",
        "CONSTRAINT",
        "CREATE",
        "CROSS",
        "CUBE",
        "CURRENT_CATALOG",
        "CURRENT_DATE",
        "CURRENT_PATH",
        "CURRENT_ROLE",
        "CURRENT_SCHEMA",
        "CURRENT_TIME",
        "CURRENT_TIMESTAMP",
        "CURRENT_USER",
        "DEALLOCATE",
        "DELETE",
        "DESCRIBE",
        "DISTINCT",
        "DROP",
        "ELSE",
        "END",
        "ESCAPE",
        "EXCEPT",
        "EXECUTE",
        "EXISTS",
        "EXTRACT",
        "FALSE",
        "FOR",
        "FROM",
        "FULL",
        "GROUP",
        "GROUPING",
        "HAVING",
        "IN",
        "INNER",
        "INSERT",
        "INTERSECT",
        "INTO",
        "IS",
        "JOIN",
        "JSON_ARRAY",
        "JSON_EXISTS",
        "JSON_OBJECT",
        "JSON_QUERY",
        "JSON_TABLE",
        "JSON_VALUE",
        "LEFT",
        "LIKE",
        "LISTAGG",
        "LOCALTIME",
        "LOCALTIMESTAMP",
        "NATURAL",
        "NORMALIZE",
        "NOT",
        "NULL",
        "ON",
        "OR",
        "ORDER",
        "OUTER",
        "PREPARE",
        "RECURSIVE",
        "RIGHT",
        "ROLLUP",
        "SELECT",
        "SKIP",
        "TABLE",
        "THEN",
        "TRIM",
        "TRUE",
        "UESCAPE",
        "UNION",
        "UNNEST",
        "USING",
        "VALUES",
        "WHEN",
        "WHERE",
        "WITH",
    ]
)
"""Words that are names only in double quotes."""

_TOKEN: Final = re.compile(
    r"""
      (?P<skip>(?:\s+|--[^\r\n]*|/\*.*?\*/)+)
    | (?P<unicode>U&'(?:[^']|'')*')
    | (?P<binary>X'(?:[^']|'')*')
    | (?P<word>[A-Z_][A-Z0-9_]*)
    | (?P<double>(?:\d+\.\d*|\.\d+)E[+-]?\d+|\d+E[+-]\d+|\d+E\d+(?![A-Z0-9_]))
    | (?P<decimal>\d+(?:_\d+)*\.(?:\d+(?:_\d+)*)?|\.\d+(?:_\d+)*)
    | (?P<integer>0X(?:_?[0-9A-F])+|0B(?:_?[01])+|0O(?:_?[0-7])+|\d+(?:_\d+)*)(?![A-Z0-9_])
    | (?P<digits>\d[A-Z0-9_]+)
    | (?P<quoted>"(?:[^"]|"")*")
    | (?P<backquoted>`(?:[^`]|``)*`)
    | (?P<string>'(?:[^']|'')*')
    | (?P<sign><>|!=|<=|>=|=>|->|<-|\|\||\{-|-\}|[-+*/%=<>(),.\[\]?;^$|{}:])
    | (?P<unknown>.)
    """,
    re.VERBOSE | re.DOTALL | re.ASCII | re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Token:
    """`key` is what the grammar looks at: a word in upper case or a sign; `value` a name's or
    constant's content; `start` and `end` are offsets in the text."""

    kind: str
    key: str
    value: str
    start: int
    end: int


class Text:
    """A statement's text, which knows lines and columns of offsets."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._lines: list[int] | None = None

    def place(self, offset: int) -> tuple[int, int]:
        """Line and column, both from 1."""
        if self._lines is None:
            self._lines = [0, *(m.end() for m in re.finditer(r"\n", self.text))]
        line = bisect_right(self._lines, offset)
        return line, offset - self._lines[line - 1] + 1

    def error(self, name: str, message: str, offset: int) -> TrinoError:
        line, column = self.place(offset)
        return TrinoError(name, message, line=line, column=column)


def tokenize(source: Text) -> list[Token]:
    """All tokens of a text, the last of them its end."""
    found = []
    text, position = source.text, 0
    match = _TOKEN.match
    while position < len(text):
        m = match(text, position)
        assert m is not None
        kind, start = m.lastgroup, position
        position = m.end()
        if kind == "skip":
            continue
        part = m[0]
        if kind == "word":
            found.append(Token(WORD, part.upper(), part, start, position))
        elif kind == "sign":
            found.append(Token(SIGN, "<>" if part == "!=" else part, part, start, position))
        else:
            found.append(_constant(str(kind), part, start, position))
    found.append(Token(END, "<EOF>", "<EOF>", len(text), len(text)))
    return found


def _constant(kind: str, part: str, start: int, end: int) -> Token:
    match kind:
        case "string":
            return Token(STRING, "", part[1:-1].replace("''", "'"), start, end)
        case "quoted":
            name = part[1:-1].replace('""', '"')
            return Token(QUOTED if name else EMPTY, "", name, start, end)
        case "unicode":
            return Token("unicode", "", part[3:-1].replace("''", "'"), start, end)
        case "binary":
            return Token(BINARY, "", part[2:-1], start, end)
        case "digits" | "backquoted":
            return Token(kind, "", part, start, end)
        case "integer" | "decimal" | "double":
            return Token(kind, "", part.replace("_", ""), start, end)
    return Token(UNKNOWN, part, part, start, end)
