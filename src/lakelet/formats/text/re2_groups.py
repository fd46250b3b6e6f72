"""The groups of plain Java patterns by RE2, a batch of ASCII lines at a time.

Of plain patterns RE2 finds the same match and the same groups. A pattern with anything else
(anchors inside, look-arounds, back references, possessive quantifiers, a group that is repeated or
that may take part with nothing) is left to Python's own search.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pyarrow import Array

_OPENING: Final = re.compile(r"\((?:\?(?:(:)|<([A-Za-z][A-Za-z0-9]*)>|(i:)))?")
_QUANTIFIER: Final = re.compile(r"(?:[*+?]|\{(\d+)(,(\d*))?\})(\??)")
_CLASS: Final = re.compile(r"\[\^?(?:\\[dws]|\\[^\sA-Za-z0-9]|[^\\\[\]&^~|\x80-\U0010ffff])+\]")
_ESCAPES: Final = {
    "d": "[0-9]",
    "D": "[^0-9]",
    "w": "[0-9A-Za-z_]",
    "W": "[^0-9A-Za-z_]",
    "s": r"[\t-\r ]",
    "S": r"[^\t-\r ]",
    "b": r"\b",
    "t": r"\t",
}
_MEMBERS: Final = {r"\d": "0-9", r"\w": "0-9A-Za-z_", r"\s": r"\t-\r "}
_MOST: Final = 200
"""Rounds of a quantifier that RE2 counts."""


class _OtherError(Exception):
    """The pattern is not plain."""


@dataclass(slots=True)
class _Group:
    """An open group: the number of its capture, whether something must stand in the alternative at
    hand, and in all before; how many these are, and the captures inside."""

    capture: int | None = None
    filled: bool = False
    all_filled: bool = True
    alternatives: int = 0
    inside: list[int] = field(default_factory=list)

    def end(self) -> None:
        """An alternative ends."""
        self.all_filled &= self.filled
        self.filled = False
        self.alternatives += 1


@dataclass(frozen=True, slots=True)
class Re2Groups:
    """A pattern for Arrow, whose groups have names, and which of them are NULL where empty."""

    pattern: str
    optional: tuple[bool, ...]

    def of(self, lines: "Array") -> "Sequence[Array]":
        """The groups of ASCII lines, NULL where one takes no part or a line does not match."""
        from pyarrow import compute

        parts = compute.extract_regex(lines, pattern=self.pattern).flatten()
        return [
            compute.if_else(compute.equal(compute.binary_length(part), 0), None, part)
            if optional
            else part
            for part, optional in zip(parts, self.optional, strict=True)
        ]


@lru_cache(maxsize=256)
def re2_groups(pattern: str, flags: str) -> Re2Groups | None:
    """None for a pattern that is not plain, or has no groups; flags as in `trino_regex_groups`."""
    import pyarrow

    try:
        found = _Reader(pattern, flags).read()
        found.of(pyarrow.array([""]))
    except (_OtherError, pyarrow.ArrowInvalid):  # it may be too large for RE2
        return None
    return found


class _Reader:
    def __init__(self, pattern: str, flags: str) -> None:
        self.whole = "f" not in flags
        if self.whole:  # there they say nothing
            pattern = pattern.removeprefix("^")
            pattern = re.sub(r"(?<!\\)\$\Z", "", pattern)
        self.pattern = pattern
        self.named = "n" in flags
        self.folds = "i" in flags
        self.any = r"(?s:.)" if "s" in flags else r"[^\n\r]"
        self.at = 0
        self.out: list[str] = []
        self.open = [_Group()]
        self.optional: list[bool] = []
        self.empty: list[bool] = []

    def read(self) -> Re2Groups:
        if not self.pattern.isascii():
            raise _OtherError
        while self.at < len(self.pattern):
            self._next(self.pattern[self.at])
        if len(self.open) > 1 or not self.optional:
            raise _OtherError
        if self.open[0].alternatives:
            self._may_miss(self.open[0].inside)
        if any(map(bool.__and__, self.optional, self.empty)):
            raise _OtherError
        text = "".join(self.out)
        text = rf"\A(?:{text})\z" if self.whole else text
        return Re2Groups(f"(?i){text}" if self.folds else text, tuple(self.optional))

    def _next(self, char: str) -> None:
        if char == "(":
            self._opened()
        elif char == ")":
            self._closed()
        elif char == "|":
            self.open[-1].end()
            self._take("|", 1)
        elif char == "\\":
            self._escaped()
        elif char == "[":
            self._class()
        elif char in "^$*+?{}]":
            raise _OtherError
        else:
            self._take(self.any if char == "." else re.escape(char), 1)
            self._atom()

    def _take(self, text: str, length: int) -> None:
        self.out.append(text)
        self.at += length

    def _opened(self) -> None:
        match = _OPENING.match(self.pattern, self.at)
        assert match is not None
        plain, name, folds = match.groups()
        if match[0] == "(" and self.pattern.startswith("?", self.at + 1):
            raise _OtherError
        group = _Group()
        opening = "(?i:" if folds else "(?:"
        if name or not (plain or folds or self.named):
            group.capture = len(self.optional)
            opening = f"(?P<g{group.capture}>"
            self.optional.append(False)
            self.empty.append(False)
        self._take(opening, len(match[0]))
        self.open.append(group)

    def _closed(self) -> None:
        if len(self.open) == 1:
            raise _OtherError
        group = self.open.pop()
        group.end()
        self._take(")", 1)
        if group.alternatives > 1:
            self._may_miss(group.inside)
        captures = list(group.inside)
        if group.capture is not None:
            self.empty[group.capture] = not group.all_filled
            captures.append(group.capture)
        self.open[-1].inside += captures
        self._atom(captures, filled=group.all_filled)

    def _may_miss(self, captures: list[int]) -> None:
        for each in captures:
            self.optional[each] = True

    def _atom(self, captures: list[int] | None = None, *, filled: bool = True) -> None:
        """Behind an atom, with the captures in it."""
        match = _QUANTIFIER.match(self.pattern, self.at)
        if match is None:
            self.open[-1].filled |= filled
            return
        text = match[0]
        least = {"*": 0, "?": 0, "+": 1}.get(text[0], int(match[1] or 0))
        most = max(int(match[1] or 0), int(match[3] or 0))
        repeated = text[0] != "?"
        behind = self.pattern[match.end() : match.end() + 1]
        if (
            most > _MOST
            or behind in ("+", "*", "?", "{")
            or (repeated and (captures or not filled))
        ):
            raise _OtherError
        if least == 0:
            self._may_miss(captures or [])
        self.open[-1].filled |= filled and least > 0
        self._take(text, len(text))

    def _escaped(self) -> None:
        char = self.pattern[self.at + 1 : self.at + 2]
        if char in _ESCAPES:
            self._take(_ESCAPES[char], 2)
        elif char and not char.isalnum():
            self._take(re.escape(char), 2)
        else:
            raise _OtherError
        if char == "b":
            if _QUANTIFIER.match(self.pattern, self.at):
                raise _OtherError
            return
        self._atom()

    def _class(self) -> None:
        match = _CLASS.match(self.pattern, self.at)
        if match is None or "--" in match[0]:
            raise _OtherError
        text = re.sub(r"\\[dws]", lambda each: _MEMBERS[each[0]], match[0])
        self._take(text, len(match[0]))
        self._atom()
