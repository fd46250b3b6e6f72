"""Patterns of `java.util.regex`, which RegexSerDe and GrokSerDe compile, for the `regex` library.

They differ from those of Trino's functions (Joni) in some escapes, in properties, which are ASCII's
under POSIX names, and in what is an error.
"""

import re
from functools import lru_cache
from typing import Any, Final

from lakelet.errors import TrinoError
from lakelet.sql.functions.java.regex import Translator

_SETS: Final = {
    "h": r"\t\x20\xa0\u1680\u180e\u2000-\u200a\u202f\u205f\u3000",
    "v": r"\n-\r\x85\u2028\u2029",
}
_ASCII: Final = {
    "Lower": "a-z",
    "Upper": "A-Z",
    "ASCII": r"\x00-\x7f",
    "Alpha": "a-zA-Z",
    "Digit": "0-9",
    "Alnum": "a-zA-Z0-9",
    "Punct": r"!-/:-@\[-`{-~",
    "Graph": "!-~",
    "Print": r"\x20-\x7e",
    "Blank": r"\x20\t",
    "Cntrl": r"\x00-\x1f\x7f",
    "XDigit": "0-9a-fA-F",
    "Space": r"\x20\t-\r",
    "javaWhitespace": r"\t-\r\x1c-\x20\u1680\u2000-\u2006\u2008-\u200a\u2028\u2029\u205f\u3000",
}
_CHARACTERS: Final = {
    "javaLowerCase": "Lowercase",
    "javaUpperCase": "Uppercase",
    "javaAlphabetic": "Alphabetic",
    "javaIdeographic": "Ideographic",
    "javaDigit": "Nd",
    "javaLetter": "L",
    "javaTitleCase": "Lt",
    "javaMirrored": "Bidi_Mirrored",
    "L1": "L",
}
_WORDS: Final = {
    "missing )": "Unclosed group",
    "unbalanced parenthesis": "Unmatched closing ')'",
    "premature end of char-class": "Unclosed character class",
    "empty char-class": "Unclosed character class",
    "end pattern at escape": "Unexpected internal error",
    "bad character range": "Illegal character range",
}
"""Java's words for what the two libraries say."""
_PROPERTY: Final = re.compile(r"([pP])(?:\{([^}]*)\}|(.))", re.DOTALL)
_BACK: Final = re.compile(r"k<([a-zA-Z][a-zA-Z0-9]*)>")
_ESCAPES: Final = frozenset("tnrfaecxuN0123456789dDsSwWbBAGzZQEpP")


@lru_cache(maxsize=64)
def compiled(pattern: str, flags: str) -> Any:
    """A pattern of the `regex` library; `flags`: i for no regard to case, s for a dot that takes
    line ends too. Raises TrinoError GENERIC_INTERNAL_ERROR in Java's words."""
    import regex

    given = regex.VERSION1
    given |= regex.IGNORECASE if "i" in flags else 0
    given |= regex.DOTALL if "s" in flags else 0
    translator = _Translator(pattern)
    try:
        text = translator.run().text
        # Without the flag u, letters beyond ASCII have no other case.
        given |= regex.ASCII if not translator.unicode else 0
        return regex.compile(text, given)
    except TrinoError as failure:
        if failure.name == "GENERIC_INTERNAL_ERROR":
            raise
        raise _invalid(_words(failure.message), len(pattern), pattern) from None
    except (regex.error, OverflowError, IndexError) as failure:
        raise _invalid(_words(str(failure)), len(pattern), pattern) from None


def _words(failure: str) -> str:
    bare = failure.partition(" at position")[0]
    return _WORDS.get(bare, bare.capitalize())


def _invalid(why: str, at: int, pattern: str) -> TrinoError:
    message = f"{why} near index {at}\n{pattern}"
    return TrinoError("GENERIC_INTERNAL_ERROR", message)


class _Translator(Translator):
    """`unicode` once a part of the pattern speaks of characters beyond ASCII."""

    def __init__(self, pattern: str) -> None:
        super().__init__(pattern)
        self.unicode = False
        self.classes = False

    def _refused(self, why: str) -> TrinoError:
        return _invalid(why, self.at, self.pattern)

    def _literal(self) -> None:
        char = self.pattern[self.at]
        if char in "*+?":
            raise self._refused(f"Dangling meta character '{char}'")
        if char == "{":
            raise self._refused("Illegal repetition")
        super()._literal()

    def _flags(self, opening: str) -> None:
        self.unicode = self.unicode or "u" in opening.lower()
        self.classes = self.classes or "U" in opening
        super()._flags(opening.replace("U", ""))

    def _class_part(self, *, first: bool) -> int:
        if self.pattern[self.at] == "[" and not first:
            return self._class_opening(first=first)  # Java has no [:alpha:]
        return super()._class_part(first=first)

    def _character(self, *, inside: bool) -> tuple[str, str | None]:
        char = self.pattern[self.at]
        if char.lower() in _SETS:
            self.at += 1
            return _set(_SETS[char.lower()], inside, negative=char.isupper()), None
        if char in "wWdDsS" and self.classes:
            self.at += 1
            return f"\\{char}", None
        if char in "RX" and not inside:
            self.at += 1
            return rf"(?:\r\n|[{_SETS['v']}])" if char == "R" else r"\X", None
        back = _BACK.match(self.pattern, self.at)
        if back is not None:
            self.at = back.end()
            return f"(?P={back[1]})", None
        if char.isascii() and char.isalpha() and char not in _ESCAPES:
            raise self._refused("Illegal/unsupported escape sequence")
        return super()._character(inside=inside)

    def _property(self, *, inside: bool) -> tuple[str, str | None]:
        match = _PROPERTY.match(self.pattern, self.at - 1)
        if match is None:
            raise self._refused("Unclosed character family")
        self.at = match.end()
        name = match[2] or match[3]
        negative = (match[1] == "P") != name.startswith("^")
        name = name.lstrip("^")
        if name in _ASCII and not self.classes:
            return _set(_ASCII[name], inside, negative=negative), None
        self.unicode = True
        known = _known(_CHARACTERS.get(name, name))
        if known is None:
            raise self._refused(f"Unknown character property name {{{name}}}")
        return f"\\{'P' if negative else 'p'}{{{known}}}", None


def _set(members: str, inside: bool, *, negative: bool) -> str:
    if inside and not negative:
        return members
    return f"[^{members}]" if negative else f"[{members}]"


@lru_cache(maxsize=256)
def _known(name: str) -> str | None:
    """A category, script, block or property in the library's words."""
    import regex

    bare = name.removeprefix("Is")
    for word in (f"InBlock={name[2:]}" if name.startswith("In") else bare, bare):
        try:
            regex.compile(f"\\p{{{word.replace('InBlock', 'Block')}}}")
        except regex.error:
            continue
        return word.replace("InBlock", "Block")
    return None
