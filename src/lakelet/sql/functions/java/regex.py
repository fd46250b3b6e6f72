"""Java's regular expressions in the words of two other engines: what `joni` and `util_regex` share.

RE2, which DuckDB has, takes the plain ones; the `regex` library all. Both are given texts in which
\\w, \\d and \\s are ASCII's, as they are in Joni, and \\b is Unicode's.
"""

import re
from dataclasses import dataclass
from typing import Final

from lakelet.sql.functions.vectorised import invalid

_CLASSES: Final = {"w": "A-Za-z0-9_", "d": "0-9", "s": r"\t-\r\x20"}
_SAME: Final = "tnrfav"
"""Letters whose escapes mean the same everywhere."""

_FOLDED: Final = re.compile("ss|ff|fi|fl|st", re.IGNORECASE)
"""Letters that one character (ß, ﬁ …) equals without regard to case, of which RE2 knows nothing."""

_FEW_STEPS: Final = 10_000_000
_MOST_REPEATS: Final = 100_000
_MOST_COPIES: Final = 1_000_000
"""How often an atom may stand by repeats that lie in each other: the library writes each out."""
_PLACES: Final = {"A": r"\A", "z": r"\z", "Z": r"\z", "b": r"\b", "B": r"\B"}
"""RE2's words for places in a text."""
QUANTIFIER: Final = re.compile(r"(?:[*+?]|\{(\d+)(?:,\d*)?\})[?+]?")
_PROPERTY: Final = re.compile(r"[pP](?:\{\^?(\w+)\}|(\w))")
CATEGORIES: Final = re.compile("C[cfo]?|L[lmotu]?|M[cen]?|N[dlo]?|P[cdefios]?|S[ckmo]?|Z[lps]?")


@dataclass(frozen=True, slots=True)
class JavaRegex:
    """A pattern for the `regex` library, the same for RE2 when RE2 can answer as Joni does, and
    whether it may match the empty string.

    `at_end` is whether it has a `$`, which RE2 reads as Joni does in texts that end in no line feed
    (Joni's also stands before a last one); `in_ascii` whether RE2 answers so in ASCII texts only;
    `looks_back` whether it asks what stands before a match; `empty_loops` whether a repeated group
    may be empty, of which the two keep different rounds.
    `sure` are the groups that are part of every match, `filled` those that are never empty.
    Texts up to a length of `short` are searched in no time worth measuring.
    """

    text: str
    re2: str | None
    may_be_empty: bool
    at_end: bool = False
    in_ascii: bool = False
    looks_back: bool = False
    empty_loops: bool = False
    sure: frozenset[int] = frozenset()
    filled: frozenset[int] = frozenset()
    short: int = 0


@dataclass(slots=True)
class _Group:
    """An open group: its number if it is one that is kept, whether the branch at hand and all
    before it hold something that is never empty, and the groups in it that always match."""

    number: int = 0
    looks: bool = False
    filled: bool = False
    others: bool = True
    choice: bool = False
    sure: frozenset[int] = frozenset()

    def always(self) -> frozenset[int]:
        """The groups that are part of each match of this one."""
        return frozenset() if self.choice or self.looks else self.sure


class Translator:
    """One pass over a pattern; knows of each open group whether something must stand in it."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.at = 0
        self.out: list[str] = []
        self.re2: list[str] | None = []
        self.at_end = self.in_ascii = self.looks_back = self.empty_loops = False
        self.groups = [_Group()]
        self.number = 0
        self.names: set[str] = set()
        self.filled: set[int] = set()
        self.quantifiers = 0
        self.explosive = False
        self.copies = [1]  # for each open group: of the atom in it that must stand most often

    def run(self) -> JavaRegex:
        if "(?" in self.pattern and "i" in self.pattern:
            if not self.pattern.isascii():
                self.re2 = None
            self.in_ascii = _FOLDED.search(self.pattern) is not None
        while self.at < len(self.pattern):
            self._next()
        whole = self.groups[0]
        return JavaRegex(
            "".join(self.out),
            None if self.re2 is None else "".join(self.re2),
            not (whole.filled and whole.others),
            self.at_end,
            self.in_ascii,
            self.looks_back,
            self.empty_loops,
            whole.always(),
            frozenset(self.filled),
            self._short(),
        )

    def _short(self) -> int:
        """How long a text may be for a search to end after `_FEW_STEPS`: as many as there are ways
        to spread a text over the quantifiers, unless groups are repeated."""
        return 0 if self.explosive else int(_FEW_STEPS ** (1 / (self.quantifiers + 1)))

    def emit(self, text: str, re2: str | None = "") -> None:
        """`re2` empty: the same; None: RE2 has no word for it."""
        self.out.append(text)
        if re2 is None:
            self.re2 = None
        elif self.re2 is not None:
            self.re2.append(re2 or text)

    def _next(self) -> None:
        getattr(self, _STEPS.get(self.pattern[self.at], "_literal"))()

    def _atom(self, copies: int = 1, *, filled: bool = True) -> bool:
        """Behind an atom, which holds so many and may be `filled`: it fills its group unless its
        quantifier allows none. Whether it is part of each match."""
        match = QUANTIFIER.match(self.pattern, self.at)
        always = match is None or not (match[0][0] in "*?" or set(match[1] or "1") == {"0"})
        self.groups[-1].filled |= always and filled
        if match is None:
            self._count(copies)
        else:
            self._quantifier(match, copies)
        return always

    def _count(self, copies: int) -> None:
        self.copies[-1] = max(self.copies[-1], copies)
        if copies > _MOST_COPIES:
            raise invalid("too big number for repeat range")

    def _quantifier(self, match: "re.Match[str]", copies: int = 1) -> None:
        possessive = match[0].endswith("+") and len(match[0]) > 1
        numbers = [int(number) for number in re.findall(r"\d+", match[0])]
        if any(number > _MOST_REPEATS for number in numbers):
            raise invalid("too big number for repeat range")
        self._count(copies * max(int(match[1] or 1), 1))
        self.quantifiers += 1
        large = any(number > 500 for number in numbers)
        self.emit(match[0], None if possessive or large else "")
        self.at = match.end()

    def _literal(self) -> None:
        char = self.pattern[self.at]
        self.at += 1
        self.emit(char)
        self._atom()

    def _anchor(self) -> None:
        char = self.pattern[self.at]
        self.at += 1
        self._place(char)
        self.emit(char)
        self._repeated_place()

    def _repeated_place(self) -> None:
        match = QUANTIFIER.match(self.pattern, self.at)
        if match is not None:
            self.re2 = None
            self._quantifier(match)

    def _place(self, char: str) -> None:
        """What is known of a place, which may stand at an edge only: DuckDB makes of a plain
        pattern a search for a text, whatever place is in its middle."""
        self.at_end |= char in "$Z"
        self.in_ascii |= char in "bB"
        self.looks_back |= char in "^AbB"
        begins = not self.out or self.out[-1].startswith("(") or self.out[-1] == "|"
        ends = self.pattern[self.at : self.at + 1] in ("", ")", "|")
        if (char in "^A" and not begins) or (char in "$Zz" and not ends):
            self.re2 = None

    def _choice(self) -> None:
        self.quantifiers += 1
        group = self.groups[-1]
        group.others &= group.filled
        group.filled, group.choice = False, True
        self.at += 1
        self.emit("|")

    def _open(self) -> None:
        match = re.compile(r"\((\?(?:<(\w+)>|<?[=!]|[>:#]|[a-zA-Z-]*[:)])?)?").match(
            self.pattern, self.at
        )
        opening = match[0] if match else "("
        self.at += len(opening)
        if opening.startswith("(?") and opening.endswith(")"):
            self._flags(opening)
            return
        name = match[2] if match else None
        if name:
            self.emit(opening, None if name in self.names else f"(?P<{name}>")
            self.names.add(name)
        else:
            plain = opening in ("(", "(?:", "(?i:", "(?s:")
            self.emit(opening, "" if plain else None)
        kept = opening == "(" or bool(name)
        look = opening in ("(?=", "(?!", "(?<=", "(?<!")
        self.number += kept
        self.groups.append(_Group(self.number if kept else 0, look))
        self.copies.append(1)

    def _flags(self, opening: str) -> None:
        known = set(opening[2:-1]) <= set("ism")
        self.emit(opening.replace("d", "").replace("u", ""), "" if known else None)

    def _close(self) -> None:
        self.at += 1
        self.emit(")")
        if len(self.groups) == 1:
            return
        group = self.groups.pop()
        filled = group.filled and group.others and not group.looks
        repeated = self.pattern[self.at : self.at + 1] in ("*", "+", "{")
        self.explosive |= repeated
        self.empty_loops |= repeated and not filled
        sure = group.always()
        if group.number:
            sure |= {group.number}
            self.filled |= {group.number} if filled else set()
        if self._atom(self.copies.pop(), filled=filled):
            self.groups[-1].sure |= sure

    def _escape(self) -> None:
        self.at += 1
        if self.at >= len(self.pattern):
            raise invalid("end pattern at escape")
        char = self.pattern[self.at]
        if char == "Q":
            self._quoted()
            return
        if char in "AzZbBG":
            self.at += 1
            text = {"z": r"\Z", "Z": r"(?=\n?\Z)"}.get(char, f"\\{char}")
            self._place(char)
            self.emit(text, _PLACES.get(char))
            self._repeated_place()
            return
        self.emit(*self._character(inside=False))
        self._atom()

    def _quoted(self) -> None:
        end = self.pattern.find(r"\E", self.at)
        literal = self.pattern[self.at + 1 : end if end >= 0 else None]
        self.at = end + 2 if end >= 0 else len(self.pattern)
        self.emit(re.escape(literal))
        if literal:
            self._atom()

    def _character(self, *, inside: bool) -> tuple[str, str | None]:
        """The escape at hand, for `regex` and RE2; `inside` a class."""
        char = self.pattern[self.at]
        self.at += 1
        if char.lower() in _CLASSES:
            members = _CLASSES[char.lower()]
            positive = members if inside else f"[{members}]"
            both = positive if char.islower() else f"[^{members}]"
            return both, None if inside and char.isupper() else both
        if char in "pP":
            return self._property(inside=inside)
        if char in "xu0c":
            return self._code(char)
        if char in _SAME or not char.isalnum():
            return f"\\{char}", f"\\{char}" if char.isascii() else None
        if char == "e":
            return r"\x1b", r"\x1b"
        if char.isdigit():
            self.explosive = True
            return f"\\{char}", None
        return char, char

    def _property(self, *, inside: bool) -> tuple[str, str | None]:
        match = _PROPERTY.match(self.pattern, self.at - 1)
        if match is None:
            return self.pattern[self.at - 1], None
        self.at = match.end()
        known = CATEGORIES.fullmatch(match[1] or match[2])
        return f"\\{match[0]}", f"\\{match[0]}" if known else None

    def _code(self, kind: str) -> tuple[str, str | None]:
        patterns = {
            "x": r"\{([0-9A-Fa-f]+)\}|([0-9A-Fa-f]{1,2})",
            "u": r"([0-9A-Fa-f]{4})",
            "0": r"([0-7]{0,2})",
            "c": r"(.)",
        }
        match = re.compile(patterns[kind]).match(self.pattern, self.at)
        if match is None:
            return kind, kind
        self.at = match.end()
        digits = match[match.lastindex or 0]
        base = 8 if kind == "0" else 16
        code = ord(digits) & 0x1F if kind == "c" else int(digits or "0", base)
        return f"\\U{code:08x}", f"\\x{{{code:x}}}"

    def _class(self) -> None:
        depth = 0
        while True:
            if self.at >= len(self.pattern):
                raise invalid("premature end of char-class")
            depth += self._class_part(first=depth == 0)
            if depth == 0:
                break
        self._atom()

    def _class_part(self, *, first: bool) -> int:
        """Takes one part of a class; by how much deeper it goes."""
        char = self.pattern[self.at]
        posix = re.compile(r"\[:\^?\w+:\]").match(self.pattern, self.at)
        if char == "[" and posix is not None and not first:
            self.emit(posix[0], None)
            self.at = posix.end()
            return 0
        if char == "[":
            return self._class_opening(first=first)
        self.at += 1
        if char == "]":
            self.emit("]")
            return -1
        if char == "\\":
            if self.at >= len(self.pattern):
                raise invalid("end pattern at escape")
            self.emit(*self._character(inside=True))
        elif char == "&" and self.pattern.startswith("&", self.at):
            self.at += 1
            self.emit("&&", None)
        else:
            doubled = char in "|~-" and self.pattern.startswith(char, self.at)
            self.emit(f"\\{char}" if char in "|~" or doubled else char)
        return 0

    def _class_opening(self, *, first: bool) -> int:
        self.at += 1
        opening = "["
        if self.pattern.startswith("^", self.at):
            opening, self.at = "[^", self.at + 1
        if self.pattern.startswith("]", self.at):
            if "]" not in self.pattern[self.at + 1 :]:
                raise invalid("empty char-class")
            opening, self.at = opening + r"\]", self.at + 1
        self.emit(opening, "" if first else None)
        return 1


_STEPS: Final = {
    "^": "_anchor",
    "$": "_anchor",
    "|": "_choice",
    "(": "_open",
    ")": "_close",
    "[": "_class",
    "\\": "_escape",
}
"""The method for each character that is not just itself."""
