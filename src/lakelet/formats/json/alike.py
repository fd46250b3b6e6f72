"""Blocks of lines that all have the same keys in the same order, as those that a program writes.

Such lines are told by where the colons behind their keys are, by array operations over a whole
block, and are taken apart without being parsed. No answer says nothing of them: other lines, nested
values and strings with escapes are left to the readers that parse.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from lakelet.formats.json.clean import Sample

if TYPE_CHECKING:
    from pyarrow import Array, DataType

_NEAR: Final = 1 << 17
"""Bytes that are looked at at a time, so that they are still near."""
_WORD: Final = 8
_LEAST: Final = 4096
"""Bytes of a block that is worth it, and in which no first key is too near to the start."""
_NULL: Final = int.from_bytes(b"null", "little")
_TRUE: Final = int.from_bytes(b"true", "little")
_FALSE: Final = int.from_bytes(b"alse", "little")


@dataclass(frozen=True, slots=True)
class Lines:
    """The keys of each line, in their order; `gap` stands behind a colon and a comma (` ` or
    nothing), `types` are what is read of some, of which others are only looked at."""

    keys: tuple[str, ...]
    gap: str
    types: Mapping[str, "DataType"]

    def read(self, block: bytes) -> "Mapping[str, Array] | None":
        """The columns of a block by key; None if its lines are not just like that.

        Strings are read as strings, numbers as numbers and `true` and `false` as booleans; any
        may be `null`.
        """
        from pyarrow import ArrowInvalid

        places = Places.of(block, self.keys, self.gap)
        if places is None:
            return None
        found: dict[str, Array] = {}
        for position, key in enumerate(self.keys):
            try:
                column = places.column(position, self.types.get(key))
            except ArrowInvalid:
                return None
            if column is None:
                return None
            found[key] = column
        return found if places.are_all_quotes() else None


def of(
    types: Mapping[str, "DataType"], keys: Mapping[str, Sample], *, spaced: bool
) -> Lines | None:
    """The lines that have these keys, of which some are read; None for what is never so simple."""
    from pyarrow import types as kinds

    composed = any(kinds.is_nested(each) for each in types.values())
    inside = any(each.keys for each in keys.values())
    if composed or inside or not are_plain(keys) or not types.keys() <= keys.keys():
        return None
    return Lines(tuple(keys), " " if spaced else "", types)


def are_plain(keys: Iterable[str]) -> bool:
    """Whether no key looks like the end of another."""
    return not any(key.startswith(":") or '"' in key for key in keys)


class Places:
    """Where the values of a block begin and end."""

    def __init__(self, block: bytes, begins: Any, ends: Any) -> None:
        import numpy
        import pyarrow

        self.data = numpy.frombuffer(block, numpy.uint8)
        self.words = _words(block)
        self.begins = begins
        self.ends = ends
        self.rows: int = len(begins[0])
        self.quotes: int = 2 * begins.size
        self._buffer = pyarrow.py_buffer(block)
        self._every_other = pyarrow.array(numpy.arange(0, 2 * self.rows, 2, dtype=numpy.int32))

    @classmethod
    def of(cls, block: bytes, keys: Sequence[str], gap: str) -> "Places | None":
        """None unless each line has just these keys, parted so."""
        if len(block) < _LEAST or b"\\" in block or not block.endswith(b"}\n"):
            return None
        return cls._of(block, [_before(key, gap, first=key == keys[0]) for key in keys])

    @classmethod
    def _of(cls, block: bytes, before: Sequence[bytes]) -> "Places | None":
        """None unless each line has just these texts before its values."""
        import numpy

        data = numpy.frombuffer(block, numpy.uint8)
        colons = _colons(data)
        if not len(colons) or len(colons) % len(before):
            return None
        rows = len(colons) // len(before)
        if _count(data, lambda part: part < ord(" ")) != rows:
            return None
        at = numpy.ascontiguousarray(colons.reshape(rows, len(before)).T)
        gap = len(before[0]) - before[0].rindex(b":")
        begins = at + gap
        opening = (before[0].removeprefix(b"}\n"), *before[1:])
        stands = zip(opening, begins[:, 0].tolist(), strict=True)
        if not all(block.endswith(text, 0, place) for text, place in stands):
            return None
        if begins[0][0] != len(opening[0]) or not _stand(_words(block), begins[:, 1:], before):
            return None
        ends = numpy.empty_like(begins)
        lengths = numpy.array([len(text) for text in before])
        ends[:-1] = begins[1:] - lengths[1:, None]
        ends[-1][:-1] = begins[0][1:] - len(before[0])
        ends[-1][-1] = len(block) - len(b"}\n")
        return cls(block, begins, ends)

    def column(self, position: int, of: "DataType | None") -> "Array | None":
        """The values of a column as a type, of any type without one; None if some are others."""
        from pyarrow import types

        begins, ends = self.begins[position], self.ends[position]
        first = self.data[begins]
        lacks = self.nulls(begins, ends)
        strings = types.is_string(of) if of is not None else bool((first == ord('"')).any())
        if strings:
            return self._strings(first, begins, ends, lacks)
        truths = types.is_boolean(of) if of is not None else bool((first > ord("n")).any())
        if truths:
            return self._booleans(begins, ends, lacks)
        return self._numbers(first, begins, ends, lacks, of)

    def are_all_quotes(self) -> bool:
        """Whether there are no more than around the keys and strings that were met."""
        found = _count(self.data, lambda part: part == ord('"'))
        return found == self.quotes

    def nulls(self, begins: Any, ends: Any) -> Any:
        """Which values are null; None where there are none."""
        found = self.data[begins] == ord("n")
        if not found.any():
            return None
        return found & (ends - begins == 4) & (self._last_four(ends) == _NULL)

    def _last_four(self, ends: Any) -> Any:
        return self.words[ends - _WORD] >> 32

    def _strings(self, first: Any, begins: Any, ends: Any, lacks: Any) -> "Array | None":
        fine = (first == ord('"')) & (self.data[ends - 1] == ord('"')) & (ends - begins > 1)
        if lacks is None:
            if not fine.all():
                return None
            self.quotes += 2 * self.rows
            return self._texts(begins + 1, ends - 1, None)
        if not (fine | lacks).all():
            return None
        self.quotes += 2 * int(fine.sum())
        return self._texts(begins + fine, ends - fine, lacks)

    def _booleans(self, begins: Any, ends: Any, lacks: Any) -> "Array | None":
        import pyarrow

        true = self.truths(begins, ends, lacks)
        return None if true is None else pyarrow.array(true, mask=lacks)

    def truths(self, begins: Any, ends: Any, lacks: Any = None) -> Any:
        """Which values are true; None if some are neither true nor false."""
        length, last = ends - begins, self._last_four(ends)
        true = (length == 4) & (last == _TRUE)
        fine = true | ((length == 5) & (last == _FALSE) & (self.data[begins] == ord("f")))
        return true if (fine if lacks is None else fine | lacks).all() else None

    def _numbers(
        self, first: Any, begins: Any, ends: Any, lacks: Any, of: "DataType | None"
    ) -> "Array | None":
        """As JSON has them, whose form is stricter than that of Arrow's casts."""
        import pyarrow

        signed = first == ord("-")
        start = begins + signed if signed.any() else begins
        lead = self.data[start]
        zero = lead == ord("0")
        if zero.any():
            second = self.data[start + 1]
            zero &= (ends - start > 1) & (second != ord(".")) & ((second | 0x20) != ord("e"))
        fine = are_digits(lead) & are_digits(self.data[ends - 1]) & ~zero
        if not (fine if lacks is None else fine | lacks).all():
            return None
        texts = self._texts(begins, ends, lacks)
        whole = of is not None and pyarrow.types.is_integer(of)
        if not whole and not _have_even_points(texts):
            return None
        return texts.cast(pyarrow.float64() if of is None else of)

    def _texts(self, begins: Any, ends: Any, lacks: Any) -> "Array":
        import numpy
        import pyarrow
        from pyarrow import compute

        # Every other text of an array is what stands between two values.
        offsets = numpy.empty(2 * self.rows, numpy.int32)
        offsets[::2] = begins
        offsets[1::2] = ends
        both = pyarrow.StringArray.from_buffers(
            2 * self.rows - 1, pyarrow.py_buffer(offsets), self._buffer
        )
        which = self._every_other
        if lacks is not None:
            which = pyarrow.array(which.to_numpy(), mask=lacks)
        return compute.take(both, which, boundscheck=False)


def _before(key: str, gap: str, *, first: bool) -> bytes:
    """What stands before a value."""
    start = "}\n{" if first else f",{gap}"
    return f'{start}"{key}":{gap}'.encode()


def _colons(data: Any) -> Any:
    """The places of colons behind a quote."""
    import numpy

    found = []
    for start in range(0, len(data), _NEAR):
        part = data[start : start + _NEAR + 1]
        fits = part[1:] == ord(":")
        fits &= part[:-1] == ord('"')
        places = numpy.flatnonzero(fits)
        places += start + 1
        found.append(places)
    return numpy.concatenate(found)


def _count(data: Any, fits: Any) -> int:
    import numpy

    parts = (data[start : start + _NEAR] for start in range(0, len(data), _NEAR))
    return sum(int(numpy.count_nonzero(fits(part))) for part in parts)


def _words(block: bytes) -> Any:
    """The eight bytes from every place on, as a number."""
    import numpy

    return numpy.ndarray((len(block) - _WORD + 1,), "<u8", block, 0, (1,))


def _stand(words: Any, ends: Any, texts: Sequence[bytes]) -> bool:
    """Whether texts stand before places, a row of them for each text."""
    import numpy

    for behind in range(0, max(map(len, texts)), _WORD):
        parts = [text[: max(0, len(text) - behind)][-_WORD:] for text in texts]
        rows = [row for row, part in enumerate(parts) if part]
        unasked = numpy.array([8 * (_WORD - len(parts[row])) for row in rows], numpy.uint64)
        wanted = numpy.array([int.from_bytes(parts[row], "little") for row in rows], numpy.uint64)
        found = words[(ends if len(rows) == len(texts) else ends[rows]) - (behind + _WORD)]
        found ^= (wanted << unasked)[:, None]
        found >>= unasked[:, None]
        if found.any():
            return False
    return True


def are_digits(bytes_: Any) -> Any:
    """Which bytes are digits."""
    return bytes_ - 48 < 10  # what is less wraps around


def _have_even_points(texts: "Array") -> bool:
    """Whether there are digits between a point and an exponent."""
    from pyarrow import compute

    from lakelet.formats.text import typed

    if not ((typed.data(texts) | 0x20) == ord("e")).any():
        return True
    bare = compute.match_substring_regex(texts, pattern=r"\.[eE]")
    return compute.any(bare).as_py() is not True
