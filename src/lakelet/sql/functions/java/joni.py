"""Regular expressions as Joni reads them, the engine of Trino's functions, in its Java syntax."""

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

from lakelet.sql.functions.java.regex import CATEGORIES, QUANTIFIER, JavaRegex, Translator
from lakelet.sql.functions.vectorised import invalid

_WORDS: Final = (
    ("missing >", "end pattern with unmatched parenthesis"),
    ("missing )", "end pattern with unmatched parenthesis"),
    ("unbalanced parenthesis", "unmatched close parenthesis"),
    ("nothing to repeat", "target of repeat operator is not specified"),
    ("unterminated character set", "premature end of char-class"),
    ("unterminated set", "premature end of char-class"),
    ("missing ]", "premature end of char-class"),
    ("bad character range", "empty range in char class"),
    ("bad escape (end", "end pattern at escape"),
    ("unknown property", "invalid POSIX bracket type"),
    ("min repeat greater", "upper is smaller than lower in repeat range"),
    ("unknown group", "undefined group reference"),
    ("invalid group reference", "invalid backref number/name"),
    ("unknown extension", "undefined group option"),
)
"""Joni's words for what the library says."""

_CHARACTERS: Final = {
    "javalowercase": r"\p{Lowercase}",
    "javauppercase": r"\p{Uppercase}",
    "javaalphabetic": r"\p{Alphabetic}",
    "javaideographic": r"\p{Ideographic}",
    "javatitlecase": r"\p{Lt}",
    "javadigit": r"\p{Nd}",
    "javaletter": r"\p{L}",
    "javaletterordigit": r"\p{L}\p{Nd}",
    "javadefined": r"\p{Assigned}",
    "javamirrored": r"\p{Bidi_Mirrored}",
    "javaspacechar": r"\p{Z}",
    "javaisocontrol": r"\x00-\x1f\x7f-\x9f",
    "javawhitespace": r"\t-\r\x1c-\x20\u1680\u2000-\u2006\u2008-\u200a\u2028\u2029\u205f\u3000",
    "ld": r"\p{L}\p{Nd}",
    "l1": r"\x00-\xff",
}
"""Names of `java.lang.Character`, as members of a class."""

_NEWER: Final = frozenset(("emoji", "extendedpictographic", "gcb", "wb", "sb"))
"""What the library knows and Joni's Unicode does not."""

_PROPERTY: Final = re.compile(r"[pP](?:\{([^}]*)\}|([^{]))", re.DOTALL)
_NAMED: Final = re.compile(r"k(?:<(\w+)>|'(\w+)')")
_LOOKS_BEHIND: Final = ("(?<=", "(?<!")


@lru_cache(maxsize=1024)
def translate(pattern: str) -> JavaRegex:
    """A pattern in the words of RE2 and of `regex`. Raises TrinoError in Joni's words."""
    return _Translator(pattern).run()


@lru_cache(maxsize=1024)
def compiled(pattern: str) -> Any:
    """The pattern of the `regex` library; TrinoError in Joni's words when it is none."""
    import regex

    if pattern.startswith(("*", "+", "?")):
        raise invalid("target of repeat operator is not specified")
    try:
        return regex.compile(translate(pattern).text, regex.VERSION1)
    except (regex.error, OverflowError, IndexError) as failure:
        said = str(failure)
        raise invalid(next((words for sign, words in _WORDS if sign in said), said)) from None


@lru_cache(maxsize=256)
def _is_property(name: str) -> bool:
    """Whether characters have such a property: Joni's names have neither spaces nor lines."""
    import regex

    if not name.isalnum() or name.lower().startswith("is") or name.lower() in _NEWER:
        return False
    try:
        regex.compile(f"\\p{{{name}}}")
    except regex.error:
        return False
    return True


@dataclass(slots=True)
class _Width:
    """How many characters a group takes, branch by branch; None for any number."""

    opening: str = ""
    start: int = 0
    branch: int | None = 0
    branches: list[int | None] = field(default_factory=list)

    def add(self, width: int | None) -> None:
        self.branch = None if self.branch is None or width is None else self.branch + width

    def all(self) -> list[int | None]:
        return [*self.branches, self.branch]


class _Translator(Translator):
    """Knows of each open group how wide it is: what is looked for behind has a fixed width."""

    def __init__(self, pattern: str) -> None:
        super().__init__(pattern)
        self.widths = [_Width()]
        self.start = 0
        self.width: int | None = 1

    def _next(self) -> None:
        self.start, self.width = len(self.out), 1
        super()._next()

    def _refuse_behind(self, *openings: str) -> None:
        """What may not stand in a group that looks behind, or in one of `openings`."""
        if any(each.opening in (openings or _LOOKS_BEHIND) for each in self.widths):
            raise invalid("invalid pattern in look-behind")

    def _atom(self, copies: int = 1, *, filled: bool = True) -> bool:
        match = QUANTIFIER.match(self.pattern, self.at)
        times = re.fullmatch(r"\{(\d+)\}[?+]?", match[0]) if match else None
        width = self.width
        if match is not None:
            width = width * int(times[1]) if times is not None and width is not None else None
        self.widths[-1].add(width)
        return super()._atom(copies, filled=filled)

    def _quantifier(self, match: "re.Match[str]", copies: int = 1) -> None:
        """A quantifier behind another repeats what that one makes."""
        super()._quantifier(match, copies)
        following = QUANTIFIER.match(self.pattern, self.at)
        if following is not None:
            self.out.insert(self.start, "(?:")
            self.emit(")", None)
            self.explosive = True
            self._quantifier(following, copies)

    def _place(self, char: str) -> None:
        if char in "$Zz":
            self._refuse_behind()
        super()._place(char)

    def _choice(self) -> None:
        super()._choice()
        width = self.widths[-1]
        width.branches.append(width.branch)
        width.branch = 0

    def _open(self) -> None:
        rest = self.pattern[self.at :]
        if rest.startswith("(?P"):
            raise invalid("undefined group option")
        if re.fullmatch(r"\(\?(?:[a-zA-Z-]*|#[^)]*)", rest):
            raise invalid("end pattern in group")
        numbered = re.match(r"\(\?<(\d\w*)>", rest)
        if numbered is not None:
            raise invalid(f"invalid group name <{numbered[1]}>")
        begins, depth = self.at, len(self.groups)
        super()._open()
        opening = self.pattern[begins : self.at]
        if opening in ("(?=", "(?!", "(?>") or re.match(r"\(\?[a-zA-Z-]", opening):
            self._refuse_behind()
        elif opening not in ("(?:", *_LOOKS_BEHIND):
            self._refuse_behind("(?<!")
        if len(self.groups) > depth:
            self.widths.append(_Width(opening, self.start))

    def _flags(self, opening: str) -> None:
        if set("du") & set(opening):
            raise invalid("undefined group option")
        if QUANTIFIER.match(self.pattern, self.at):
            raise invalid("target of repeat operator is not specified")
        super()._flags(opening)

    def _close(self) -> None:
        if len(self.widths) > 1:
            group = self.widths.pop()
            self.start = group.start
            widths = group.all()
            if group.opening in _LOOKS_BEHIND and None in widths:
                raise invalid("invalid pattern in look-behind")
            same = len(set(widths)) == 1 or (None not in widths and self._is_whole_branch(group))
            self.width = widths[0] if same else None
            if group.opening in ("(?=", "(?!", *_LOOKS_BEHIND):
                self.width = 0
        super()._close()

    def _is_whole_branch(self, group: _Width) -> bool:
        """Whether a plain group is all that a look behind is for: its branches are that one's."""
        around = self.widths[-1]
        ends = self.pattern[self.at + 1 : self.at + 2] in (")", "|")
        begins = around.branch == 0 and around.opening in _LOOKS_BEHIND
        return group.opening == "(?:" and begins and ends

    def _quoted(self) -> None:
        end = self.pattern.find(r"\E", self.at)
        self.width = (end if end >= 0 else len(self.pattern)) - self.at - 1
        super()._quoted()

    def _character(self, *, inside: bool) -> tuple[str, str | None]:
        char = self.pattern[self.at]
        named = _NAMED.match(self.pattern, self.at)
        if named is not None and not inside:
            name = named[1] or named[2]
            if name not in self.names:
                raise invalid(f"undefined name <{name}> reference")
            self.at = named.end()
            self.width = None
            return f"(?P={name})", None
        if char == "c" and self.at + 1 == len(self.pattern):
            raise invalid("end pattern at control")
        if char.isdigit() and char != "0" and not inside:
            self.width = None
        return super()._character(inside=inside)

    def _property(self, *, inside: bool) -> tuple[str, str | None]:
        match = re.compile(r"[pP](?:\{([^}]*)\}|([^{]))", re.DOTALL).match(
            self.pattern, self.at - 1
        )
        if match is None:
            raise invalid("internal parser error (bug)")
        name = match[1] if match[1] is not None else match[2]
        members = _CHARACTERS.get(name.lower())
        if members is not None:
            self.at = match.end()
            negative = match[0].startswith("P")
            if inside and not negative:
                return members, None
            return f"[{'^' if negative else ''}{members}]", None
        if not CATEGORIES.fullmatch(name) and not _is_property(name):
            raise invalid(f"invalid character property name <{name}>")
        return super()._property(inside=inside)
