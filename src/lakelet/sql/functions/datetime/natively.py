"""Patterns of dates as DuckDB's own (`strftime`, `strptime`), for what both write and read alike:
years of four digits, and fields that stand where a plain pattern has them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from lakelet.sql.functions.datetime.patterns import Token

_WRITTEN: Final[Mapping[tuple[str, int], str]] = {
    ("y", 4): "%Y",
    ("y", 2): "%y",
    ("M", 1): "%-m",
    ("M", 2): "%m",
    ("M", 3): "%b",
    ("M", 4): "%B",
    ("d", 1): "%-d",
    ("d", 2): "%d",
    ("D", 1): "%-j",
    ("D", 3): "%j",
    ("E", 3): "%a",
    ("E", 4): "%A",
    ("H", 1): "%-H",
    ("H", 2): "%H",
    ("h", 1): "%-I",
    ("h", 2): "%I",
    ("m", 1): "%-M",
    ("m", 2): "%M",
    ("s", 1): "%-S",
    ("s", 2): "%S",
    ("S", 3): "%g",
    ("S", 6): "%g000",
    ("f", 6): "%g000",
    ("a", 1): "%p",
}


def written(tokens: tuple[Token, ...]) -> str | None:
    """The format for years from 1000 to 9999; None where DuckDB has no word for a token."""
    found = [
        token.text.replace("%", "%%")
        if token.field == "text"
        else _WRITTEN.get((token.field, token.width))
        for token in tokens
    ]
    words = [each for each in found if each is not None]
    return "".join(words) if len(words) == len(found) else None


_HOUR: Final = "(?:[01]?[0-9]|2[0-3])"
_SIXTY: Final = "[0-5]?[0-9]"
_READ: Final[Mapping[str, tuple[str, str]]] = {
    "y": ("%Y", "[1-9][0-9]{3}"),
    "M": ("%m", "(?:0?[1-9]|1[0-2])"),
    "d": ("%d", "(?:0?[1-9]|[12][0-9]|3[01])"),
    "H": ("%H", _HOUR),
    "h": ("%I", "(?:0?[1-9]|1[0-2])"),
    "m": ("%M", _SIXTY),
    "s": ("%S", _SIXTY),
    "S": ("%g", "[0-9]{3}"),
    "a": ("%p", "[AP]M"),
}
_MONTH: Final = ("%b", "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)")
_WIDTHS: Final[Mapping[str, tuple[int, ...]]] = {"y": (4,), "S": (3,), "a": (1,)}
_OFFSET: Final = "(?:Z|[+-](?:0[0-9]|1[0-3]):?[0-5][0-9])"
_SIGNS: Final = re.compile(r"[^0-9A-Za-z%\n\x80-\U0010ffff]*")
_WORDS: Final = re.compile(r"[^0-9%\n\x80-\U0010ffff]*")


@dataclass(frozen=True, slots=True)
class Plain:
    """Texts that DuckDB reads: their format, the regular expression of all of them, and whether
    an offset stands behind what has the format."""

    format: str
    pattern: str
    offset: bool = False


def plain(tokens: tuple[Token, ...]) -> Plain | None:
    """What DuckDB reads of a pattern: each field once, a whole date among them."""
    fields = [token.field for token in tokens if token.field != "text"]
    whole = {"y", "M", "d"} <= set(fields) and len(fields) == len(set(fields))
    if not whole or ("h" in fields) != ("a" in fields) or {"H", "h"} <= set(fields):
        return None
    last = tokens[-1]
    offset = last.field == "Z" and last.width in (1, 2)
    parts = [_part(tokens, i) for i in range(len(tokens) - offset)]
    known = [each for each in parts if each is not None]
    if len(known) < len(parts):
        return None
    pattern = "".join(pattern for _, pattern in known) + (_OFFSET if offset else "")
    return Plain("".join(word for word, _ in known), pattern, offset)


def _part(tokens: tuple[Token, ...], index: int) -> tuple[str, str] | None:
    """A token's word in a format and its pattern; None for one that DuckDB may read otherwise."""
    token = tokens[index]
    if token.field == "text":
        named = any(each.field == "a" or _is_named(each) for each in tokens)
        known = (_SIGNS if named else _WORDS).fullmatch(token.text)
        return (token.text, re.escape(token.text)) if known else None
    if _is_named(token):
        return _MONTH
    if token.field not in _READ or token.width not in _WIDTHS.get(token.field, (1, 2)):
        return None
    word, pattern = _READ[token.field]
    # A field beside another has just its digits.
    beside = [tokens[i].field for i in (index - 1, index + 1) if 0 <= i < len(tokens)]
    if token.field == "a" or all(each == "text" for each in beside):
        return word, pattern
    return (word, pattern.replace("]?", "]").replace("0?", "0")) if token.width > 1 else None


def _is_named(token: Token) -> bool:
    return token.field == "M" and token.width > 2
