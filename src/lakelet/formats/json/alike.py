"""Blocks of lines that all have the same keys in the same order, as those that a program writes.

Such lines are told by where the colons behind their keys are, by array operations over a whole
block, and are taken apart without being parsed. No answer says nothing of them: other lines, nested
values are left to the readers that parse.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from lakelet.formats.json import even, scattered
from lakelet.formats.json.clean import Sample
from lakelet.formats.json.places import LEAST, Places, are_digits, are_plain
from lakelet.formats.text import marks

if TYPE_CHECKING:
    from pyarrow import Array, DataType

_DIGITS: Final = 18
"""Of whole numbers of which every reader makes the same text."""
_NEAR: Final = 384 << 10
"""Bytes of scattered lines that are taken apart at a time, so that all that is told of them is
still near."""


@dataclass(frozen=True, slots=True)
class Read:
    """The columns of a block by key. `plain` says that every reader of JSON makes the same texts of
    what is no string. `keys` are all that its lines have."""

    columns: "Mapping[str, Array]"
    keys: Sequence[str]
    plain: bool = True


@dataclass(frozen=True, slots=True)
class Lines:
    """The keys of each line, in their order; `gap` stands behind a colon and a comma (` ` or
    nothing), `types` are what is read of some, of which others are only looked at. Texts with a
    pattern in `bare` may also be booleans and numbers as they stand, if these fit it; numbers and
    booleans in `quoted` may also be strings, which every reader takes alike where that is true."""

    keys: tuple[str, ...]
    gap: str
    types: Mapping[str, "DataType"]
    bare: Mapping[str, str] = field(default_factory=dict)
    quoted: Mapping[str, bool] = field(default_factory=dict)

    @property
    def has_all(self) -> bool:
        """Whether each line has all columns."""
        return self.types.keys() <= set(self.keys)

    def read(self, block: bytes) -> Read | None:
        """The columns with types at least; None if the block's lines are others.

        Strings are read as strings, numbers as numbers and `true` and `false` as booleans; any
        may be `null`.
        """
        from pyarrow import ArrowInvalid

        places = Places.of(block, self.keys, self.gap, escapes=True)
        if places is None:
            return None
        found = {}
        columns = _Columns.of(places)
        others = [place for place, key in enumerate(self.keys) if key not in self.types]
        plain = even.fit(places, others, {})
        for position, key in enumerate(self.keys):
            if plain and key not in self.types:
                continue
            try:
                column = columns.column(
                    position, self.types.get(key), self.bare.get(key), self.quoted.get(key)
                )
            except ArrowInvalid:
                return None
            if column is None:
                return None
            found[key] = column
        return Read(found, self.keys, columns.plain) if places.are_all_quotes() else None

    def read_scattered(self, block: bytes) -> Read | None:
        """The columns with types of a block whose lines have any keys in any order, NULL where a
        line has none; None if its lines are not flat."""
        import pyarrow

        if len(block) < LEAST:
            return None
        found: list[Read] = []
        start = 0
        while start < len(block):
            end = block.find(b"\n", start + _NEAR) + 1 or len(block)
            read = self._read_scattered(block[start:end])
            if read is None:
                return None
            found.append(read)
            start = end
        columns = {
            key: pyarrow.concat_arrays([each.columns[key] for each in found]) for key in self.types
        }
        keys = dict.fromkeys(key for each in found for key in each.keys)
        return Read(columns, tuple(keys), all(each.plain for each in found))

    def _read_scattered(self, block: bytes) -> Read | None:
        from pyarrow import ArrowInvalid

        told = scattered.of(block, tuple(self.types), self.gap)
        if told is None:
            return None
        places, keys = told
        found = {}
        columns = _Columns.of(places)
        for position, (key, of) in enumerate(self.types.items()):
            try:
                column = columns.column(position, of, self.bare.get(key), self.quoted.get(key))
            except ArrowInvalid:
                return None
            if column is None:
                return None
            found[key] = column
        return Read(found, keys, columns.plain)


def of(
    types: Mapping[str, "DataType"],
    keys: Mapping[str, Sample],
    *,
    spaced: bool,
    bare: Mapping[str, str],
    quoted: Mapping[str, bool],
) -> Lines | None:
    """The lines that have these keys, of which some are read; None for what is never so simple."""
    from pyarrow import types as kinds

    composed = any(kinds.is_nested(each) for each in types.values())
    inside = any(each.keys for each in keys.values())
    if composed or inside or not are_plain(keys):
        return None
    return Lines(tuple(keys), " " if spaced else "", types, bare, quoted)


@dataclass(slots=True)
class _Columns:
    """The values of a block as Arrow's."""

    places: Places
    every_other: Any
    plain: bool = True

    @classmethod
    def of(cls, places: Places) -> "_Columns":
        import numpy
        import pyarrow

        every_other = pyarrow.array(numpy.arange(0, 2 * places.rows, 2, dtype=numpy.int32))
        return cls(places, every_other)

    def column(
        self, position: int, of: "DataType | None", bare: str | None, quoted: bool | None
    ) -> "Array | None":
        """The values of a column as a type, of any type without one; None if some are others."""
        from pyarrow import types

        begins, ends = self.places.begins[position], self.places.ends[position]
        first = self.places.data[begins]
        lacks = self.places.nulls(begins, ends)
        strings = types.is_string(of) if of is not None else bool((first == ord('"')).any())
        if strings:
            texts = self._strings(first, begins, ends, lacks, bare)
            escaped = self.places.escaped
            return texts if texts is None or escaped is None else escaped.put_in(position, texts)
        if quoted is not None and (inside := first == ord('"')).any():
            self.plain = self.plain and quoted
            if not self._are_quoted(begins[inside], ends[inside]):
                return None
            begins, ends = begins + inside, ends - inside
        truths = types.is_boolean(of) if of is not None else bool((first > ord("n")).any())
        if truths:
            return self._booleans(begins, ends, lacks)
        return self._numbers(begins, ends, lacks, of)

    def _are_quoted(self, begins: Any, ends: Any) -> bool:
        """Whether values that begin with a quote are strings that are not empty."""
        self.places.quotes += 2 * len(begins)
        fine = (self.places.data[ends - 1] == ord('"')) & (ends - begins > 2)
        return bool(fine.all())

    def _strings(
        self, first: Any, begins: Any, ends: Any, lacks: Any, bare: str | None
    ) -> "Array | None":
        import numpy

        fine = (first == ord('"')) & (self.places.data[ends - 1] == ord('"')) & (ends - begins > 1)
        others = ~fine if lacks is None else ~(fine | lacks)
        if others.any() and not self._are_bare(begins[others], ends[others], bare):
            return None
        count = int(numpy.count_nonzero(fine))
        self.places.quotes += 2 * count
        if count == self.places.rows:
            return self._texts(begins + 1, ends - 1, None)
        return self._texts(begins + fine, ends - fine, lacks)

    def _are_bare(self, begins: Any, ends: Any, numbers: str | None) -> bool:
        """Whether values are booleans and numbers of a pattern."""
        from pyarrow import compute

        if numbers is None:
            return False
        words = self.places.data[begins] >= ord("a")
        if words.any():
            if self.places.truths(begins[words], ends[words]) is None:
                return False
            begins, ends = begins[~words], ends[~words]
        if even.Values(self.places, begins, ends).are_whole(_DIGITS):
            return True
        self.plain = False
        texts = marks.slices(self.places.block, begins, ends)
        found = compute.match_substring_regex(texts, pattern=numbers)
        return bool(compute.all(found).as_py())

    def _booleans(self, begins: Any, ends: Any, lacks: Any) -> "Array | None":
        import pyarrow

        true = self.places.truths(begins, ends, lacks)
        return None if true is None else pyarrow.array(true, mask=lacks)

    def _numbers(self, begins: Any, ends: Any, lacks: Any, of: "DataType | None") -> "Array | None":
        """As JSON has them, whose form is stricter than that of Arrow's casts."""
        import pyarrow

        signed = self.places.data[begins] == ord("-")
        start = begins + signed if signed.any() else begins
        lead = self.places.data[start]
        zero = lead == ord("0")
        if zero.any():
            second = self.places.data[start + 1]
            zero &= (ends - start > 1) & (second != ord(".")) & ((second | 0x20) != ord("e"))
        fine = are_digits(lead) & are_digits(self.places.data[ends - 1]) & ~zero
        if not (fine if lacks is None else fine | lacks).all():
            return None
        texts = self._texts(begins, ends, lacks)
        whole = of is not None and pyarrow.types.is_integer(of)
        if not whole and not _have_even_points(texts):
            return None
        found = texts.cast(pyarrow.float64() if of is None else of)
        floats = pyarrow.types.is_floating(found.type)
        return None if floats and _has_negative_zero(found, signed) else found

    def _texts(self, begins: Any, ends: Any, lacks: Any) -> "Array":
        which = self.every_other
        if lacks is not None:
            import pyarrow

            which = pyarrow.array(which.to_numpy(), mask=lacks)
        return marks.slices(self.places.block, begins, ends, which)


def _has_negative_zero(numbers: "Array", signed: Any) -> bool:
    """Whether a zero has a sign, which SerDes drop or keep by the way that it is written."""
    from pyarrow import compute

    if not signed.any():
        return False
    zeros = compute.equal(numbers, 0.0).fill_null(False).to_numpy(zero_copy_only=False)
    return bool((zeros & signed).any())


def _have_even_points(texts: "Array") -> bool:
    """Whether there are digits between a point and an exponent."""
    from pyarrow import compute

    from lakelet.formats.text import typed

    if not ((typed.data(texts) | 0x20) == ord("e")).any():
        return True
    bare = compute.match_substring_regex(texts, pattern=r"\.[eE]")
    return compute.any(bare).as_py() is not True
