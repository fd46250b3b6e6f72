"""Where the values of a block of lines are that all have the same keys in the same order.

They are told by where the colons behind the keys are, by array operations over the whole block.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from lakelet.formats.json.escapes import Escaped

_NEAR: Final = 1 << 19
"""Bytes that are looked at at a time, so that they are still near."""
_WORD: Final = 8
LEAST: Final = 4096
"""Bytes of a block that is worth it."""
_NULL: Final = int.from_bytes(b"null", "little")
_TRUE: Final = int.from_bytes(b"true", "little")
_FALSE: Final = int.from_bytes(b"alse", "little")


def are_plain(keys: Iterable[str]) -> bool:
    """Whether no key looks like the end of another, and none is written by escapes."""
    return not any(key.startswith(":") or '"' in key or "\\" in key for key in keys)


class Places:
    """Where the values of a block begin and end; `escaped` are its strings with escapes."""

    def __init__(self, block: bytes, begins: Any, ends: Any, escaped: Escaped | None) -> None:
        import numpy

        self.block = block
        self.data = numpy.frombuffer(block, numpy.uint8)
        self.words = _words(block)
        self.begins = begins
        self.ends = ends
        self.escaped = escaped
        self.rows: int = len(begins[0])
        self.quotes: int = 2 * begins.size + (escaped.quotes if escaped is not None else 0)

    @classmethod
    def of(
        cls, block: bytes, keys: Sequence[str], gap: str, *, escapes: bool = False
    ) -> "Places | None":
        """None unless each line has just these keys, parted so, and no `escapes` if there may be
        none."""
        escaped = b"\\" in block
        if len(block) < LEAST or escaped > escapes or not block.endswith(b"}\n"):
            return None
        before = [_before(key, gap, first=key == keys[0]) for key in keys]
        return cls._of(block, before, escaped=escaped)

    @classmethod
    def _of(cls, block: bytes, before: Sequence[bytes], *, escaped: bool) -> "Places | None":
        """None unless each line has just these texts before its values."""
        import numpy

        data = numpy.frombuffer(block, numpy.uint8)
        colons = _colons(data)
        if escaped:
            colons = colons[data[colons - 2] != ord("\\")]
        if not len(colons) or len(colons) % len(before):
            return None
        rows = len(colons) // len(before)
        if count(data, lambda part: part < ord(" ")) != rows:
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
        found = Escaped.of(block, begins, ends) if escaped else None
        return None if escaped and found is None else cls(block, begins, ends, found)

    def are_all_quotes(self) -> bool:
        """Whether there are no more than around the keys and strings that were met."""
        found = count(self.data, lambda part: part == ord('"'))
        return found == self.quotes

    def nulls(self, begins: Any, ends: Any) -> Any:
        """Which values are null; None where there are none."""
        found = self.data[begins] == ord("n")
        if not found.any():
            return None
        return found & (ends - begins == 4) & (self._last_four(ends) == _NULL)

    def _last_four(self, ends: Any) -> Any:
        return self.words[ends - _WORD] >> 32

    def truths(self, begins: Any, ends: Any, lacks: Any = None) -> Any:
        """Which values are true; None if some are neither true nor false."""
        length, last = ends - begins, self._last_four(ends)
        true = (length == 4) & (last == _TRUE)
        fine = true | ((length == 5) & (last == _FALSE) & (self.data[begins] == ord("f")))
        return true if (fine if lacks is None else fine | lacks).all() else None


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


def places_of(data: Any, fits: Callable[[Any], Any]) -> Any:
    """The places of the bytes that fit."""
    import numpy

    return numpy.concatenate(
        [
            numpy.flatnonzero(fits(data[start : start + _NEAR])) + start
            for start in range(0, len(data), _NEAR)
        ]
    )


def count(data: Any, fits: Callable[[Any], Any]) -> int:
    """How many bytes fit."""
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
