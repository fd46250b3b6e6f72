"""Blocks of lines with the same keys in the same order whose values are plainly what their columns
take, told by array operations over a whole block.

A faster way to what a pattern says (`shape`); no answer says nothing of a block.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from lakelet.formats.json.places import Places, are_digits, are_plain
from lakelet.types import Type

_WORD: Final = 8
_EVERY: Final = 0x0101010101010101
_HIGH: Final = 0x80 * _EVERY
_LOW: Final = 0x7F * _EVERY
_ZEROS: Final = ord("0") * _EVERY
_ABOVE_NINE: Final = (0x80 - 10) * _EVERY
"""Added to digits' values, what is more than nine gets its high bit."""
_POINTS: Final = (ord(".") ^ ord("0")) * _EVERY
_DIGITS: Final = {"tinyint": 2, "smallint": 4, "integer": 9, "bigint": 18}
"""Of numbers that are surely in range."""
_REAL: Final = 24
"""Characters of a number that is surely finite."""
_MONTHS: Final = (0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31, *([0] * 6))
"""Days that each month of any year has."""

Check = tuple[str, int, int]
"""A kind of values, and numbers that say more of it."""


@dataclass(frozen=True, slots=True)
class Lines:
    """The keys of each line, in their order, and what they are parted by (` ` or nothing). `read`
    are the checks of those that are read by their places, of which others are only looked at."""

    keys: tuple[str, ...]
    gap: str
    read: Mapping[int, Check]

    def hold(self, block: bytes) -> bool:
        """Whether a block has just such lines; a false answer says nothing."""
        places = Places.of(block, self.keys, self.gap)
        if places is None:
            return False
        every = range(len(self.keys))
        return fit(places, every, self.read) and places.are_all_quotes()


def fit(places: Places, which: Sequence[int], read: Mapping[int, Check]) -> bool:
    """Whether the values of some keys, by their places, fit their checks, or are of one kind where
    they have none; if so their quotes are counted."""
    same: dict[Check, list[int]] = {}
    for place in which:
        same.setdefault(read.get(place) or _seen(places, place), []).append(place)
    quotes = 0
    for (kind, *more), found in same.items():
        values = Values.of(places, found)
        if not _CHECKS[kind](values, *more):
            return False
        quotes += values.quotes
    places.quotes += quotes
    return True


def of(types: Mapping[str, Type], keys: Sequence[str], *, spaced: bool) -> Lines | None:
    """The lines that have these keys, some of which are of types; None for what is never so."""
    if not types.keys() <= set(keys) or not are_plain(keys):
        return None
    read = {}
    for key, each in types.items():
        check = _check(each)
        if check is None:
            return None
        read[keys.index(key)] = check
    return Lines(tuple(keys), " " if spaced else "", read)


def _check(of: Type) -> Check | None:
    if of.name in _DIGITS:
        return ("whole", _DIGITS[of.name], 0)
    if of.name == "decimal":
        return ("decimal", of.precision - of.scale, of.scale) if of.scale < _WORD else None
    kind = _KINDS.get(of.name)
    return None if kind is None else (kind, 0, 0)


def _seen(places: Places, place: int) -> Check:
    """What values are by the first one that is not null."""
    first = places.data[places.begins[place]]
    given = first[first != ord("n")]
    kind = chr(given[0]) if len(given) else '"'
    return ({'"': "string", "t": "truth", "f": "truth"}.get(kind, "number"), 0, 0)


@dataclass(slots=True)
class Values:
    """The values of some keys but for those that are null, and how many quotes are around them."""

    places: Places
    begins: Any
    ends: Any
    quotes: int = 0

    @classmethod
    def of(cls, places: Places, found: Sequence[int]) -> "Values":
        begins, ends = places.begins[found].ravel(), places.ends[found].ravel()
        lacks = places.nulls(begins, ends)
        if lacks is not None:
            begins, ends = begins[~lacks], ends[~lacks]
        return cls(places, begins, ends)

    def are_strings(self) -> bool:
        data = self.places.data
        self.quotes = 2 * len(self.begins)
        fine = (data[self.begins] == ord('"')).all() and (data[self.ends - 1] == ord('"')).all()
        return bool(fine and (self.ends - self.begins > 1).all())

    def are_truths(self) -> bool:
        return self.places.truths(self.begins, self.ends) is not None

    def are_whole(self, digits: int) -> bool:
        """Whole numbers of so many digits."""
        begins = self._unsigned()
        return begins is not None and self._points(begins, digits, 0) is not None

    def are_numbers(self) -> bool:
        """Numbers with or without a point, of so few characters that they are finite."""
        begins = self._unsigned()
        if begins is None or not self._end_in_digits():
            return False
        return self._points(begins, _REAL, _REAL) is not None

    def are_decimals(self, whole: int, scale: int) -> bool:
        """Numbers with so many digits before and behind the point."""
        import numpy

        begins = self._unsigned()
        if begins is None or not self._end_in_digits():
            return False
        points = self._points(begins, _WORD * 2 - 1, scale)
        if points is None:
            return False
        most = numpy.full(len(begins), whole, numpy.int64)
        for behind in range(1, scale + 1):
            at = numpy.uint64(0x80 << 8 * (_WORD - 1 - behind))
            most += (points == at) * (1 + behind)
        return bool((self.ends - begins <= most).all())

    def _end_in_digits(self) -> bool:
        return bool(are_digits(self.places.data[self.ends - 1]).all())

    def _unsigned(self) -> Any:
        """Where the digits begin; None if some do not, or begin with a zero that is not alone."""
        data, begins = self.places.data, self.begins
        first = data[begins]
        signed = first == ord("-")
        if signed.any():
            begins = begins + signed
            first = data[begins]
        zero = first == ord("0")
        if zero.any():
            if (zero & signed).any():
                return None
            alone = (self.ends - begins == 1) | (data[begins + 1] == ord("."))
            if not (alone | ~zero).all():
                return None
        return begins if are_digits(first).all() else None

    def _points(self, begins: Any, longest: int, scale: int) -> Any:
        """Where there are points in the last eight characters, as high bits; None for what is no
        number or has more than `scale` digits behind a point."""
        import numpy

        lengths = self.ends - begins
        most = int(lengths.max(initial=0))
        if most > longest:
            return None
        masks = numpy.array([(1 << 64) - (1 << 64 - 8 * n) for n in range(_WORD + 1)], numpy.uint64)
        found = None
        met = None
        for behind in range(0, most, _WORD):
            left = numpy.clip(lengths - behind, 0, _WORD)
            words = self._words_before(self.ends - behind)
            words ^= numpy.uint64(_ZEROS)
            words &= masks[left]
            odd = ((words + numpy.uint64(_ABOVE_NINE)) | words) & numpy.uint64(_HIGH)
            if not odd.any():
                found = odd if found is None else found
                continue
            if not scale:
                return None
            words ^= numpy.uint64(_POINTS)
            points = ((words & numpy.uint64(_LOW)) + numpy.uint64(_LOW)) | words
            points = ~points & numpy.uint64(_HIGH)
            single = (points & (points - numpy.uint64(1))) == 0
            if (odd != points).any() or not (single | (points == 0)).all():
                return None
            if met is not None and ((points != 0) & met).any():
                return None
            met = points != 0 if met is None else met | (points != 0)
            found = points if found is None else found
            last = _WORD * (behind // _WORD + 1)
            if scale < last - 1 and self._are_before(points, scale - behind):
                return None
        return found if found is not None else numpy.zeros(len(begins), numpy.uint64)

    def _words_before(self, ends: Any) -> Any:
        """Eight bytes before each place, of which some are not there at a block's start."""
        import numpy

        at = ends - _WORD
        words = self.places.words[at]
        if at.min(initial=0) < 0:
            for each in numpy.flatnonzero(at < 0):
                held = self.places.data[: max(int(ends[each]), 0)].tobytes()
                words[each] = int.from_bytes(held.rjust(_WORD), "little")
        return words

    def _are_before(self, points: Any, scale: int) -> bool:
        """Whether a point stands further than so many digits from a word's end."""
        import numpy

        kept = max(0, min(_WORD, scale + 1))
        return bool((points & numpy.uint64((1 << 64 - 8 * kept) - 1)).any())

    def are_moments(self, *, time: bool) -> bool:
        """Dates, or timestamps of whole seconds, in quotes."""
        import numpy

        length = 21 if time else 12
        data, begins = self.places.data, self.begins
        self.quotes = 2 * len(begins)
        if not len(begins):
            return True
        if not (self.ends - begins == length).all():
            return False
        if not ((data[begins] == ord('"')) & (data[self.ends - 1] == ord('"'))).all():
            return False
        words = self.places.words
        date = _fields(words[begins + 1], "0000-00-", "29991919")
        rest = words[begins + 9] if time else words[begins + 3]
        day = _fields(rest, "00 00:00" if time else "00-00-00", "39 29:59" if time else "99-19-39")
        if date is None or day is None or (date & numpy.uint64(0xFF) == 0).any():
            return False
        if time:
            seconds = _fields(words[begins + 12], "00:00:00", "29:59:59")
            if seconds is None or (_number(seconds, 0) > 23).any():
                return False
        days = _number(day, 0 if time else 6)
        months = _number(date, 5)
        usual = (days >= 1) & (days <= numpy.array(_MONTHS, numpy.uint64)[months])
        return bool(usual.all()) or self._are_leap_days(date[~usual], months[~usual], days[~usual])

    def _are_leap_days(self, date: Any, months: Any, days: Any) -> bool:
        years = _number(date, 0) * 100 + _number(date, 2)
        leap = (years % 4 == 0) & ((years % 100 != 0) | (years % 400 == 0))
        return bool((leap & (months == 2) & (days == 29)).all())


def _fields(words: Any, form: str, most: str) -> Any:
    """Words as the values of their digits, 0 for what else a form has; None if one has another form
    or a digit that is more than `most` has at its place."""
    import numpy

    words = words ^ numpy.uint64(int.from_bytes(form.encode(), "little"))
    limits = [0x7F - int(m) if f == "0" else 0x7F for f, m in zip(form, most, strict=True)]
    above = (words + numpy.uint64(int.from_bytes(bytes(limits), "little"))) | words
    return None if (above & numpy.uint64(_HIGH)).any() else words


def _number(words: Any, place: int) -> Any:
    """The number that two digits at a place make."""
    import numpy

    tens = (words >> numpy.uint64(8 * place)) & numpy.uint64(0xF)
    return tens * numpy.uint64(10) + ((words >> numpy.uint64(8 * place + 8)) & numpy.uint64(0xF))


_KINDS: Final = {
    "double": "number",
    "boolean": "truth",
    "varchar": "string",
    "char": "string",
    "date": "date",
    "timestamp": "timestamp",
}
_CHECKS: Final[Mapping[str, Callable[[Values, int, int], bool]]] = {
    "whole": lambda values, digits, _: values.are_whole(digits),
    "decimal": Values.are_decimals,
    "number": lambda values, *_: values.are_numbers(),
    "truth": lambda values, *_: values.are_truths(),
    "string": lambda values, *_: values.are_strings(),
    "date": lambda values, *_: values.are_moments(time=False),
    "timestamp": lambda values, *_: values.are_moments(time=True),
}
