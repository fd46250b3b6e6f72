"""Where the values of a block of flat lines are that have any keys in any order.

They are told by what stands between strings: a colon, a comma or the end of a line, or one of these
with a number or a word. Each line is an object without objects or arrays inside.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from lakelet.formats.json import escapes, even
from lakelet.formats.json.escapes import Escaped
from lakelet.formats.json.places import Places, count, places_of
from lakelet.formats.text import marks

_WORD: Final = 8
_MOST: Final = 200
"""Keys that the lines of a block may have in all."""
_END: Final = b"}\n{"
"""What ends a line and begins the next."""
NUMBER: Final = r"^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$"
"""A number as JSON has it."""
_SPREAD: Final = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9)
_BITS: Final = 16
"""Of the places of a table of keys."""


class Scattered(Places):
    """The values of some keys, a row of them for each; where a line lacks one, it has no length."""

    def nulls(self, begins: Any, ends: Any) -> Any:
        """Which values are null or lacking; None where there are none."""
        lacks = begins == ends
        written = super().nulls(begins, ends)
        if written is not None:
            lacks |= written
        return lacks if lacks.any() else None

    def are_scalars(self, begins: Any, ends: Any) -> bool:
        """Whether values that are not wanted are strings, numbers and words of JSON."""
        from pyarrow import compute

        bare = self.data[begins] != ord('"')
        begins, ends = begins[bare], ends[bare]
        words = self.data[begins] >= ord("a")
        if words.any():
            found, behind = begins[words], ends[words]
            null = super().nulls(found, behind)
            if self.truths(found, behind, null) is None:
                return False
            begins, ends = begins[~words], ends[~words]
        if even.Values(self, begins, ends).are_numbers():
            return True
        texts = marks.slices(self.block, begins, ends)
        return compute.all(compute.match_substring_regex(texts, pattern=NUMBER)).as_py() is True


def of(block: bytes, wanted: Sequence[str], gap: str) -> tuple[Scattered, Sequence[str]] | None:
    """The values of wanted keys, and all keys that there are; None for lines that are not flat, or
    that have a wanted key twice. `gap` stands behind colons and commas (` ` or nothing)."""
    if not block.startswith(b'{"') or not block.endswith(b"}\n"):
        return None
    text = block + b"{" + b" " * _WORD
    strings = _Strings.of(text, len(block) + 1, b" " if gap else b"")
    if strings is None:
        return None
    keys = _Keys.of(text, strings, wanted)
    if keys is None:
        return None
    places = _placed(text, strings, keys, len(wanted))
    others = keys.which >= len(wanted)
    if places is None or not places.are_scalars(
        strings.value_begins[others], strings.value_ends[others]
    ):
        return None
    return places, keys.names


@dataclass(slots=True)
class _Strings:
    """The strings of a block by their numbers: where they begin and end, with their quotes; which
    are `keys`, in which lines these are, and where their values begin and end. Of each backslash
    the string that it is in."""

    begins: Any
    ends: Any
    keys: Any
    lines: Any
    starts: Any
    value_begins: Any
    value_ends: Any
    backslashes: Any

    @classmethod
    def of(cls, text: bytes, end: int, blank: bytes) -> "_Strings | None":
        import numpy

        data = numpy.frombuffer(text, numpy.uint8)
        quotes, backslashes = _quotes(text, data)
        if len(quotes) % 2:
            return None
        begins, ends = quotes[::2], quotes[1::2] + 1
        after = numpy.append(begins[1:], end)
        lengths = after - ends
        if not lengths.all():
            return None
        first, last = data[ends], data[after - 1]
        is_key = first == ord(":")
        is_end = last == ord("{")
        before_string = is_key & (lengths == 1 + len(blank))
        spaced = bool(blank)
        stops = numpy.where(is_end, len(_END), 1 + len(blank))
        fine = before_string | is_end | (data[after - 1 - spaced] == ord(","))
        if spaced:
            fine &= is_end | (last == ord(" "))
            fine &= ~is_key | (data[ends + 1] == ord(" "))
        fine &= is_key | (lengths == stops)
        fine[1:] &= is_key[1:] != before_string[:-1]
        at = after[is_end]
        whole = (data[at - 2] == ord("\n")) & (data[at - 3] == ord("}"))
        if not (fine.all() and is_key[0] and is_end[-1] and whole.all()):
            return None
        if count(data, lambda part: part < ord(" ")) != len(at):
            return None
        keys = numpy.flatnonzero(is_key)
        lines = numpy.cumsum(is_end)[keys] - is_end[keys]
        quoted = before_string[keys]
        following = numpy.minimum(keys + 1, len(begins) - 1)
        value_begins = numpy.where(quoted, begins[following], ends[keys] + 1 + len(blank))
        value_ends = numpy.where(quoted, ends[following], after[keys] - stops[keys])
        if not (value_begins < value_ends).all():
            return None
        starts = numpy.append(0, after[is_end] - 1)[:-1]
        held = numpy.searchsorted(begins, backslashes, side="right") - 1
        if len(held) and not ((held >= 0) & (backslashes < ends[held]) & ~is_key[held]).all():
            return None
        return cls(begins, ends, keys, lines, starts, value_begins, value_ends, held)


def _quotes(text: bytes, data: Any) -> tuple[Any, Any]:
    """Where strings begin and end, and where there are backslashes."""
    import numpy

    quotes = places_of(data, lambda part: part == ord('"'))
    if b"\\" not in text:
        return quotes, numpy.empty(0, numpy.int64)
    left = quotes[data[quotes - 1] == ord("\\")]
    escaped = numpy.zeros(len(left), bool)
    going = numpy.arange(len(left))
    behind = 1
    while len(going):  # a quote behind an odd number of backslashes is a string's
        going = going[data[left[going] - behind] == ord("\\")]
        escaped[going] = ~escaped[going]
        behind += 1
    backslashes = places_of(data, lambda part: part == ord("\\"))
    return numpy.setdiff1d(quotes, left[escaped], assume_unique=True), backslashes


@dataclass(slots=True)
class _Keys:
    """All keys, those that are wanted first, and of each one in the block which it is."""

    names: Sequence[str]
    which: Any

    @classmethod
    def of(cls, text: bytes, strings: _Strings, wanted: Sequence[str]) -> "_Keys | None":
        import numpy

        words = numpy.ndarray((len(text) - _WORD + 1,), "<u8", text, 0, (1,))
        begins, ends = strings.begins[strings.keys] + 1, strings.ends[strings.keys] - 1
        lengths = ends - begins
        masks = numpy.array([(1 << 8 * n) - 1 for n in range(_WORD + 1)], numpy.uint64)
        heads = words[begins] & masks[numpy.minimum(lengths, _WORD)]
        tails = words[numpy.maximum(ends - _WORD, 0)]
        tails = numpy.where(lengths > _WORD, tails, numpy.uint64(0))
        spread = [numpy.uint64(each) for each in _SPREAD]
        mixed = heads * spread[0] + tails * spread[1] + lengths.astype(numpy.uint64) * spread[2]
        table = _Table([each.encode() for each in wanted])
        which = table.found(heads, tails, lengths, mixed)
        while (missed := numpy.flatnonzero(which < 0)).size:
            at = missed[0]
            if not table.take(bytes(text[begins[at] : ends[at]])):
                return None
            others = table.found(heads[missed], tails[missed], lengths[missed], mixed[missed])
            which[missed] = others
        for number, name in enumerate(table.names):
            if len(name) > 2 * _WORD and not _are_all(words, begins[which == number], name):
                return None
        return cls([each.decode() for each in table.names], which)


class _Table:
    """Keys by their heads, tails and lengths."""

    def __init__(self, names: Sequence[bytes]) -> None:
        import numpy

        self.names: list[bytes] = []
        self._places = numpy.full(1 << _BITS, -1, numpy.int16)
        self._told: list[tuple[int, int, int]] = []
        for name in names:
            self.take(name)

    def take(self, name: bytes) -> bool:
        """Whether there is a place for one more key."""
        head = int.from_bytes(name[:_WORD], "little")
        tail = int.from_bytes(name[-_WORD:], "little") if len(name) > _WORD else 0
        one, other, third = _SPREAD
        place = (head * one + tail * other + len(name) * third & (1 << 64) - 1) >> 64 - _BITS
        if len(self.names) == _MOST or self._places[place] >= 0:
            return False
        self._places[place] = len(self.names)
        self.names.append(name)
        self._told.append((head, tail, len(name)))
        return True

    def found(self, heads: Any, tails: Any, lengths: Any, mixed: Any) -> Any:
        """Which keys these are, -1 for what is none."""
        import numpy

        which = self._places[mixed >> numpy.uint64(64 - _BITS)]
        told = [numpy.array(each, numpy.uint64) for each in zip(*self._told, strict=True)]
        same = (told[0][which] == heads) & (told[1][which] == tails)
        same &= told[2].astype(numpy.int64)[which] == lengths
        return numpy.where(same, which, numpy.int16(-1))


def _are_all(words: Any, begins: Any, name: bytes) -> bool:
    """Whether a long key stands at all of some places, of which its ends do."""
    return all(
        (words[begins + place] == int.from_bytes(name[place : place + _WORD], "little")).all()
        for place in range(_WORD, len(name) - _WORD, _WORD)
    )


def _placed(text: bytes, strings: _Strings, keys: _Keys, wanted: int) -> Scattered | None:
    import numpy

    rows = len(strings.starts)
    begins = numpy.empty((wanted, rows), numpy.int64)
    begins[:] = strings.starts
    ends = begins.copy()
    for number in range(wanted):
        at = numpy.flatnonzero(keys.which == number)
        lines = strings.lines[at]
        if not (lines[1:] > lines[:-1]).all():
            return None
        begins[number][lines] = strings.value_begins[at]
        ends[number][lines] = strings.value_ends[at]
    escaped = None
    if len(strings.backslashes):
        held = numpy.unique(strings.backslashes)
        texts = escapes.read(marks.slices(text, strings.begins[held], strings.ends[held]))
        if texts is None:
            return None
        at = numpy.searchsorted(strings.keys, held - 1)
        escaped = Escaped(keys.which[at], strings.lines[at], texts, 0)
    return Scattered(text, begins, ends, escaped)
