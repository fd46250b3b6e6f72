"""Lines of LazySimpleSerDe with ESCAPED BY: those of scalars as blocks in which other characters
stand for escapes (`standing`), others taken apart one by one.

What an escape character does depends on where it stands. Between columns and in a row it keeps the
next byte from being a separator; in an array or a map it does only while it stands less far into
the line than the value is long, as in Trino (`ListEncoding`). A string loses it, other values keep
it and are NULL. Values inside arrays, maps and rows are put together anew, with separators that no
text has.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from lakelet.formats.delimited.options import Options
from lakelet.formats.text import marks
from lakelet.formats.text.values import Nesting
from lakelet.types import Type

if TYPE_CHECKING:
    from pyarrow import Array

COMPOSED: Final = frozenset({"array", "map", "row"})

# Noncharacters of Unicode, which are in no text that is meant for others.
NESTING: Final = Nesting("".join(map(chr, range(0xFDD0, 0xFDEF))), chr(0xFDEF))
"""How `values.nested` reads what comes of a composed value."""

_STRINGS: Final = frozenset({"varchar", "char"})


def columns(
    block: bytes, wanted: Sequence[tuple[str, int, Type]], options: Options, width: int
) -> Mapping[str, "Array"]:
    """The named columns of a block of lines, by their places and types; varbinary as bytes."""
    import pyarrow

    found: dict[str, list[str | bytes | None]] = {name: [] for name, _, _ in wanted}
    for line in block[:-1].split(b"\n"):
        reader = _Line(line, options)
        spans = list(reader.fields(width))
        for name, place, of in wanted:
            span = spans[place] if place < len(spans) else None
            found[name].append(None if span is None else reader.column(span, of))
    kinds = {
        name: pyarrow.binary() if of.name == "varbinary" else pyarrow.string()
        for name, _, of in wanted
    }
    return {name: pyarrow.array(each, kinds[name]) for name, each in found.items()}


_RARE: Final = tuple(range(1, 9)) + tuple(range(14, 32))
"""Characters that few texts hold."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A block without escapes, and how it is read: `escape` and `separator` stand for an escape
    character and for a separator behind one."""

    block: bytes
    options: Options
    escape: str
    separator: str
    given: Options

    def text(self, column: "Array", of: Type) -> "Array":
        """A column's texts: a string loses its escapes, any other value keeps them."""
        from pyarrow import compute

        first, kept = self.given.separators[0], self.given.escape or ""
        behind = first if of.name in _STRINGS else kept + first
        before = "" if of.name in _STRINGS else kept
        for pattern, replacement in ((self.separator, behind), (self.escape, before)):
            column = compute.replace_substring(column, pattern=pattern, replacement=replacement)
        return column


def standing(block: bytes, options: Options) -> Standing | None:
    """None where no characters are left to stand for others."""
    import numpy

    separator, escape = options.separators[0], options.escape or ""
    if options.takes_rest or escape in (separator, "\n", "\r") or not separator.isascii():
        return None
    taken = block + options.null.encode() + options.separators.encode()
    free = [chr(each) for each in _RARE if each not in taken]
    if len(free) < 2:
        return None
    data = numpy.frombuffer(block, numpy.uint8).copy()
    at = marks.escapes(block, ord(escape))
    at = at[data[at + 1] != ord("\n")]  # at the end of a line it means itself
    parts = data[at + 1] == ord(separator)
    kept = numpy.ones(len(data), bool)
    kept[at[parts]] = False
    data[at[parts] + 1] = ord(free[1])
    data[at[~parts]] = ord(free[0])
    null = _null(options.null, escape, separator, free)
    read = replace(options, null=null, escape=None)
    return Standing(data[kept].tobytes(), read, free[0], free[1], options)


def _null(null: str, escape: str, separator: str, free: Sequence[str]) -> str:
    """The text of NULL as it stands in such a block."""
    found, at = [], 0
    while at < len(null):
        if null[at] == escape and at + 1 < len(null):
            at += 1
            found.append(free[1] if null[at] == separator else free[0] + null[at])
        else:
            found.append(null[at])
        at += 1
    return "".join(found)


Span = tuple[int, int]
"""Where a value begins and ends, in bytes of the line."""


class _Line:
    """A line, and what its bytes mean."""

    def __init__(self, line: bytes, options: Options) -> None:
        self.line = line
        self.null = options.null.encode()
        self.escape = ord(options.escape or "\\")
        self.separators = [ord(each) for each in options.separators]
        self.takes_rest = options.takes_rest

    def fields(self, width: int) -> Iterator[Span]:
        rest = width - 1 if self.takes_rest else -1
        yield from self._parts((0, len(self.line)), self.separators[0], rest=rest)

    def _parts(
        self, span: Span, separator: int, *, limit: int | None = None, rest: int = -1
    ) -> Iterator[Span]:
        """Parts between separators; escapes count before `limit`. The part `rest` takes all that
        is left, but for the first, as in Trino."""
        start, end = span
        at, count = start, 0
        while at < end and (count == 0 or count != rest):
            byte = self.line[at]
            if byte == separator:
                yield start, at
                start = at + 1
                count += 1
            elif byte == self.escape and (limit is None or at + 1 < limit):
                at += 1
            at += 1
        yield start, end

    def column(self, span: Span, of: Type) -> str | bytes | None:
        if self._is_null(span):
            return None
        if of.name == "varbinary":
            return self.line[span[0] : span[1]]
        return self._value(span, of, 1)

    def _is_null(self, span: Span) -> bool:
        return self.line[span[0] : span[1]] == self.null

    def _member(self, span: Span, of: Type, depth: int) -> str:
        return NESTING.null if self._is_null(span) else self._value(span, of, depth)

    def _value(self, span: Span, of: Type, depth: int) -> str:
        if of.name == "array":
            return self._array(span, of, depth)
        if of.name == "map":
            return self._map(span, of, depth)
        if of.name == "row":
            return self._row(span, of, depth)
        text = self.line[span[0] : span[1]]
        return (self._unescaped(text) if of.name in _STRINGS else text).decode("utf-8", "replace")

    def _array(self, span: Span, of: Type, depth: int) -> str:
        if span[0] >= span[1]:
            return ""
        parts = self._parts(span, self.separators[depth], limit=span[1] - span[0])
        return NESTING.separators[depth].join(
            self._member(part, of.element, depth + 1) for part in parts
        )

    def _map(self, span: Span, of: Type, depth: int) -> str:
        if span[0] >= span[1]:
            return ""
        limit = span[1] - span[0]
        parts = self._parts(span, self.separators[depth], limit=limit)
        return NESTING.separators[depth].join(self._entry(part, of, depth, limit) for part in parts)

    def _entry(self, span: Span, of: Type, depth: int, limit: int) -> str:
        start, end = span
        _, middle = next(self._parts(span, self.separators[depth + 1], limit=limit))
        key = self._member((start, middle), of.key, depth + 2)
        if middle == end:
            return key
        given = self._member((middle + 1, end), of.value, depth + 2)
        return f"{key}{NESTING.separators[depth + 1]}{given}"

    def _row(self, span: Span, of: Type, depth: int) -> str:
        rest = len(of.arguments) - 1 if self.takes_rest else -1
        parts = self._parts(span, self.separators[depth], rest=rest)
        found = [
            self._member(part, each, depth + 1)
            for part, each in zip(parts, of.arguments, strict=False)
        ]
        if len(found) == len(of.arguments):
            found.append("")  # so that a row of one NULL, and more that is left out, is not NULL
        return NESTING.separators[depth].join(found)

    def _unescaped(self, text: bytes) -> bytes:
        """An escape character at the very end stays."""
        if self.escape not in text:
            return text
        out = bytearray()
        at = 0
        while at < len(text):
            if text[at] == self.escape and at + 1 < len(text):
                at += 1
            out.append(text[at])
            at += 1
        return bytes(out)
