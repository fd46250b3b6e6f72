"""The JSON that OpenX's SerDe takes: open-json's reader, which forgives much.

Strings may be in single quotes or in none, comments begin with `#`, `//` or `/*`, `=` or `=>`
stand for a colon and `;` for a comma, an array's missing members are null, and what follows the
value is not read. Strict JSON is left to Python's own reader, which is written in C.
"""

import json
from collections.abc import Callable
from typing import Any, Final

from lakelet.formats.json.rows import BadValueError, Bare
from lakelet.types.json import refuse_constant

Key = Callable[[str], str]
"""How two keys are told apart: in small letters, or as they are."""

Object = dict[str, tuple[str, Any]]
"""By key: the key as it was last written, and its value."""

_BLANKS: Final = " \t\r\n"
_ENDS: Final = frozenset(" \r\n\t\f{}[]/\\:,=;#")
_ESCAPES: Final = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f", "a": "\x07", "v": "\t"}
_SURROGATES: Final = (0xD800, 0xDC00, 0xE000)


def reader(key: Key) -> Callable[[str], Any]:
    """A text's first value: str for what was quoted, Bare for what was not, list, `Object` or
    None. The reader raises BadValueError."""

    def collected(pairs: list[tuple[str, Any]]) -> Object:
        found: Object = {}
        for name, value in pairs:
            folded = key(name)
            found.pop(folded, None)
            found[folded] = (name, value)
        return found

    strict = json.JSONDecoder(
        object_pairs_hook=collected,
        parse_int=Bare,
        parse_float=Bare,
        parse_constant=refuse_constant,
        strict=False,
    ).raw_decode

    def read(text: str) -> Any:
        try:
            return strict(text)[0]
        except (ValueError, StopIteration):
            return _Lenient(text, collected).value()

    return read


class _Lenient:
    """One pass over a text."""

    def __init__(self, text: str, collected: Callable[[list[tuple[str, Any]]], Object]) -> None:
        self.text = text
        self.at = 0
        self.collected = collected

    def value(self) -> Any:
        char = self._token()
        if char == "{":
            return self._object()
        if char == "[":
            return self._array()
        if char in ("'", '"'):
            return self._quoted(char)
        if not char:
            raise BadValueError
        self.at -= 1
        return self._literal()

    def _object(self) -> Object:
        pairs: list[tuple[str, Any]] = []
        first = self._token()
        if first == "}":
            return {}
        if first:
            self.at -= 1
        while True:
            name = self.value()
            if not isinstance(name, str):
                raise BadValueError
            separator = self._token()
            if separator not in (":", "=") or not separator:
                raise BadValueError
            if separator == "=" and self.text.startswith(">", self.at):
                self.at += 1
            pairs.append((str(name), self.value()))
            end = self._token()
            if end == "}":
                return self.collected(pairs)
            if end not in (",", ";"):
                raise BadValueError

    def _array(self) -> list[Any]:
        found: list[Any] = []
        open_ended = False
        while True:
            char = self._token()
            if not char:
                raise BadValueError
            if char == "]":
                return [*found, None] if open_ended else found
            if char in (",", ";"):
                found.append(None)
                open_ended = True
                continue
            self.at -= 1
            found.append(self.value())
            end = self._token()
            if end == "]":
                return found
            if end not in (",", ";"):
                raise BadValueError
            open_ended = True

    def _quoted(self, quote: str) -> str:
        out: list[str] = []
        while self.at < len(self.text):
            char = self.text[self.at]
            self.at += 1
            if char == quote:
                return _paired("".join(out))
            out.append(self._escaped() if char == "\\" else char)
        raise BadValueError

    def _escaped(self) -> str:
        char = self.text[self.at : self.at + 1]
        self.at += 1
        if not char:
            raise BadValueError
        if char != "u":
            return _ESCAPES.get(char, char)
        digits = self.text[self.at : self.at + 4]
        self.at += 4
        try:
            return chr(int(digits, 16)) if len(digits) == 4 else self._bad()
        except ValueError:
            raise BadValueError from None

    def _bad(self) -> str:
        raise BadValueError

    def _literal(self) -> Any:
        start = self.at
        while self.at < len(self.text) and self.text[self.at] not in _ENDS:
            self.at += 1
        literal = self.text[start : self.at]
        if not literal:
            raise BadValueError
        return None if literal.lower() == "null" else Bare(literal)

    def _token(self) -> str:
        """The next character that is no blank and in no comment; '' at the end."""
        while self.at < len(self.text):
            char = self.text[self.at]
            self.at += 1
            if char in _BLANKS:
                continue
            if char == "#" or (char == "/" and self.text.startswith("/", self.at)):
                self.at = len(self.text)  # a line has no second line
            elif char == "/" and self.text.startswith("*", self.at):
                end = self.text.find("*/", self.at + 1)
                if end < 0:
                    raise BadValueError
                self.at = end + 2
            else:
                return char
        return ""


def _paired(text: str) -> str:
    """Escaped halves of one character put together; half of one alone is `?`, as Java writes it."""
    if not any(_SURROGATES[0] <= ord(char) < _SURROGATES[2] for char in text):
        return text
    paired = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
    return paired.encode("utf-8", "replace").decode()
