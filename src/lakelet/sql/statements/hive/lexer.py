"""Hive's words: where each stands, what it is, and what a string's text means.

Hive knows no block comments: `/` and `*` are signs of their own, which no statement takes. What
stands in double quotes is a string, never a name.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from lakelet.errors import TrinoError

Kind = Literal["word", "name", "string", "sign", "end"]

_TOKEN: Final = re.compile(
    r"""(?P<blank>\s+|--[^\n]*)
    |(?P<string>(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")+)
    |(?P<name>`(?:[^`]|``)*`)
    |(?P<open>['"`].*)
    |(?P<word>\d+\.\d+(?:[eE][+-]?\d+)?|[0-9A-Za-z_]+)
    |(?P<unknown>[@\#\\]|[^\x00-\x7f])
    |(?P<sign><>|!=|<=|>=|==|.)""",
    re.X | re.S,
)
_STRING: Final = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\"""", re.S)
"""Those that stand at each other are one token, those with a blank between them are not."""
_KINDS: Final[dict[str | None, Kind]] = {
    "string": "string",
    "name": "name",
    "word": "word",
    "sign": "sign",
}
_ESCAPE: Final = re.compile(r"\\(u[0-9a-fA-F]{4}|[0-3][0-7]{2}|.)", re.S)
_ESCAPES: Final = {
    "0": "\0",
    "b": "\b",
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "Z": "\x1a",
    "%": "\\%",
    "_": "\\_",
}
"""What Hive's unescapeSQLString makes of a letter behind a backslash; any other is itself."""


@dataclass(frozen=True, slots=True)
class Token:
    """A word, a name in backticks, a string, a sign or the end; `line` counts from 1, `place`
    from 0. `text` is as written, `value` what it means."""

    kind: Kind
    text: str
    value: str
    line: int
    place: int

    @property
    def key(self) -> str:
        """A word or sign in upper case; '' for what is quoted."""
        return self.text.upper() if self.kind in ("word", "sign") else ""


@dataclass(frozen=True, slots=True)
class Stray:
    """A character that begins no token, and how many tokens stand before it."""

    before: int
    token: Token


def tokens(text: str) -> tuple[tuple[Token, ...], tuple[Stray, ...]]:
    """The tokens of a text, `<EOF>` at its end, and what is none."""
    found: list[Token] = []
    strays = []
    line, start = 1, 0
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        assert match is not None, "the last alternative takes any character"
        part = match[0]
        kind = _KINDS.get(match.lastgroup)
        if kind is not None:
            found.append(Token(kind, part, _value(kind, part), line, at - start))
        if match.lastgroup == "unknown":
            token = Token("sign", part.upper(), "", line, at - start)
            strays.append(Stray(len(found), token))
        newlines = part.count("\n")
        if newlines:
            line, start = line + newlines, at + part.rindex("\n") + 1
        at = match.end()
        if match.lastgroup == "open":
            token = Token("end", "<EOF>", "", line, at - start)
            strays.append(Stray(len(found), token))
    found.append(Token("end", "<EOF>", "", line, at - start))
    return tuple(found), tuple(strays)


def _value(kind: str, text: str) -> str:
    if kind == "name":
        return text[1:-1].replace("``", "`")
    if kind == "string":
        return "".join(_ESCAPE.sub(_unescaped, each[1:-1]) for each in _STRING.findall(text))
    return text


def _unescaped(match: re.Match[str]) -> str:
    what = match[1]
    if len(what) == 5:
        return chr(int(what[1:], 16))
    if len(what) == 3:
        return chr(int(what, 8))
    return _ESCAPES.get(what, what)


def exception(told: Sequence[tuple[Token, str]]) -> TrinoError:
    """Hive's ParseException: messages, each of a token."""
    lines = "\n".join(f"line {token.line}:{token.place} {message}" for token, message in told)
    return TrinoError("PARSE_EXCEPTION", f"FAILED: ParseException {lines}")
