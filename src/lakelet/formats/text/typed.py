"""Columns of texts whose values Arrow gives, a block of lines at a time.

Arrow's casts are strict, so what they take is read by Hive in the same way but for a few texts,
which are looked for here. A column with any other text in a block stays text there, and its
type's rules in SQL decide (`values`): a dataset has both, under a name and under `text_of` it.
Arrow's CSV reader casts while it splits, which is faster; it takes a few texts more than the casts
do (`is_tight`, `at_once`).
"""

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from lakelet.types import Type
from lakelet.types.arrow import to_arrow

if TYPE_CHECKING:
    from pyarrow import Array, DataType

_SECONDS_LENGTH: Final = 19
"""Of `2024-01-02 03:04:05`; Arrow would take less, which is no timestamp of Hive's."""
INTEGERS: Final = ("tinyint", "smallint", "integer", "bigint")
_FLOATING: Final = ("real", "double")
_TYPED: Final = frozenset((*INTEGERS, *_FLOATING, "decimal", "date", "boolean"))
_SHORT_DECIMAL: Final = 18
"""Digits of a decimal up to which Arrow's CSV reader is sure not to overflow."""
_EXACT: Final = 15
"""Digits of a decimal up to which a double tells them apart."""
_NEAR: Final = 0.25
_CACHED: Final = 512 << 10
"""Bytes that are looked at at a time, so that they are still near."""


def text_of(name: str) -> str:
    """The name of the texts of a column, NULL where its values are given."""
    return f"$text {name}"


def is_asked(name: str, names: Container[str]) -> bool:
    """Whether a column, or what is left of its texts, is among some of a dataset's."""
    return name in names or text_of(name) in names


def arrow_type(of: Type) -> "DataType | None":
    """The Arrow type of a type's values; None for what stays text."""
    import pyarrow

    if of.name == "timestamp":
        return pyarrow.timestamp("us")
    return to_arrow(of) if of.name in _TYPED else None


def types(columns: Iterable[tuple[str, Type]]) -> Mapping[str, Type]:
    """Those columns whose values Arrow may give."""
    return {name: of for name, of in columns if arrow_type(of) is not None}


def read_at_once(given: Mapping[str, Type]) -> Mapping[str, "DataType"]:
    """What Arrow's CSV reader may cast columns to, of which `at_once` makes values."""
    import pyarrow

    return {
        name: pyarrow.float64() if _is_counted(of) else arrow_type(of)
        for name, of in given.items()
        if of.name in _TYPED and (of.name != "decimal" or of.precision <= _SHORT_DECIMAL)
    }


def _is_counted(of: Type) -> bool:
    """A decimal that a double tells exactly is read as one, which takes half the time."""
    return of.name == "decimal" and of.precision <= _EXACT


def is_tight(block: bytes, separator: bytes, *, integers: bool) -> bool:
    """Whether no field of a block's lines begins or ends with a blank, which Arrow's CSV reader
    trims, or begins with 0x, which it reads where there are integers."""
    blanks = [each for each in b" \t" if each in block and each != separator[0]]
    if blanks and _has_blank_ends(block, separator, blanks):
        return False
    has_x = integers and (b"x" in block or b"X" in block)
    return not (has_x and _has_hexadecimal(block, separator))


def _has_blank_ends(block: bytes, separator: bytes, blanks: Sequence[int]) -> bool:
    import numpy

    data = numpy.frombuffer(block, numpy.uint8)
    for start in range(0, len(data), _CACHED):
        part = data[start : start + _CACHED + 1]
        ends = (part == separator[0]) | (part == ord("\n"))
        for blank in blanks:
            found = part == blank
            if (found[1:] & ends[:-1]).any() or (found[:-1] & ends[1:]).any():
                return True
    return block[0] in blanks


def _has_hexadecimal(block: bytes, separator: bytes) -> bool:
    import numpy

    data = numpy.frombuffer(block, numpy.uint8)
    for start in range(0, len(data), _CACHED):
        part = data[start : start + _CACHED]
        at = numpy.flatnonzero((part | 0x20) == ord("x")) + start
        before = data[at[data[at - 1] == ord("0")] - 2]  # a line's end is before the first line
        if ((before == separator[0]) | (before == ord("\n"))).any():
            return True
    return False


def at_once(
    found: Mapping[str, "Array"], given: Mapping[str, Type]
) -> Mapping[str, "Array"] | None:
    """What `values` gives from what Arrow's CSV reader has cast in a tight block; None where that
    is something else. Texts stay texts."""
    import pyarrow

    made = {}
    for name, column in found.items():
        value: Array | None = column
        if name in given and column.type != pyarrow.string():
            value = _CHECKED.get(given[name].name, _same)(column, given[name])
        if value is None:
            return None
        made[name] = value
    return made


def _same(column: "Array", of: Type) -> "Array":
    return column


def _finite(column: "Array", of: Type) -> "Array | None":
    """Words and powers that are not finite are read too."""
    from pyarrow import compute

    return column if compute.all(compute.is_finite(column)).as_py() is not False else None


def _fitting(column: "Array", of: Type) -> "Array | None":
    """Decimals of too many digits are read too."""
    from pyarrow import compute, types

    if types.is_floating(column.type):
        return _counted(column, of)
    limits = compute.min_max(column).as_py().values()
    fits = all(abs(each) < 10 ** (of.precision - of.scale) for each in limits if each is not None)
    return column if fits else None


def _counted(column: "Array", of: Type) -> "Array | None":
    """Doubles as decimals. Twice rounded, one is less than a quarter of the last digit away from
    the text's number as long as that has 15 digits; if it is as near to a whole number of last
    digits, so is the text's, and rounds to it."""
    import numpy
    import pyarrow

    with numpy.errstate(all="ignore"):
        exact = column.fill_null(0).to_numpy() * 10.0**of.scale
        counts = numpy.rint(exact)
        away = numpy.abs(exact - counts).max(initial=0)
    if not (away <= _NEAR and numpy.abs(counts).max(initial=0) < 10**of.precision):  # NaN is not
        return None
    words = numpy.empty((len(counts), 2), numpy.int64)
    words[:, 0] = counts
    words[:, 1] = words[:, 0] >> 63
    valid = column.is_valid() if column.null_count else None
    buffers = [None if valid is None else valid.buffers()[1], pyarrow.py_buffer(words)]
    return pyarrow.Array.from_buffers(arrow_type(of), len(column), buffers)


_CHECKED: Final[Mapping[str, Callable[["Array", Type], "Array | None"]]] = {
    **dict.fromkeys(_FLOATING, _finite),
    "decimal": _fitting,
}


def schema(
    names: Iterable[str], given: Mapping[str, Type], binary: Container[str]
) -> Mapping[str, "DataType"]:
    """The columns of a dataset of these columns, of which the given ones have values."""
    import pyarrow

    found = {}
    for name in names:
        if name in given:
            found[name] = arrow_type(given[name])
        kind = pyarrow.binary() if name in binary else pyarrow.string()
        found[text_of(name) if name in given else name] = kind
    return found


def divided(texts: Mapping[str, "Array"], given: Mapping[str, Type]) -> Mapping[str, "Array"]:
    """A block's texts as values where all of a column's are such, with the texts that are left;
    what is a value already stays so."""
    import pyarrow

    found: dict[str, Any] = {}
    none = None
    for name, column in texts.items():
        if name not in given:
            found[name] = column
            continue
        made = column if column.type != pyarrow.string() else values(column, given[name])
        if made is None:
            found[name] = pyarrow.nulls(len(column), arrow_type(given[name]))
            found[text_of(name)] = column
        else:
            none = pyarrow.nulls(len(column), pyarrow.string()) if none is None else none
            found[name], found[text_of(name)] = made, none
    return found


def values(texts: "Array", of: Type) -> "Array | None":
    """None if some text is none that Hive and Arrow read alike; an empty one is NULL to both."""
    from pyarrow import ArrowInvalid, compute

    lengths = compute.binary_length(texts)
    if compute.min(lengths).as_py() == 0:
        texts = compute.if_else(compute.equal(lengths, 0), None, texts)
    try:
        return _READERS.get(of.name, _plain)(texts, arrow_type(of))
    except ArrowInvalid:
        return None


def _integers(texts: "Array", kind: "DataType") -> "Array | None":
    """Arrow takes 0x1F too."""
    return texts.cast(kind) if data(texts).max(initial=0) <= ord("9") else None


def _floating(texts: "Array", kind: "DataType") -> "Array | None":
    """Arrow has more words for what is not finite."""
    from pyarrow import compute

    found = texts.cast(kind)
    return found if compute.all(compute.is_finite(found)).as_py() is not False else None


def _booleans(texts: "Array", kind: "DataType") -> "Array | None":
    """Arrow takes 0 and 1 too."""
    return texts.cast(kind) if data(texts).min(initial=ord("t")) > ord("9") else None


def _timestamps(texts: "Array", kind: "DataType") -> "Array | None":
    """More than milliseconds would have to be rounded."""
    import pyarrow
    from pyarrow import compute

    shortest = compute.min(compute.binary_length(texts)).as_py()
    if shortest is not None and shortest < _SECONDS_LENGTH:
        return None
    return texts.cast(pyarrow.timestamp("ms")).cast(kind)


def _plain(texts: "Array", kind: "DataType") -> "Array | None":
    return texts.cast(kind)


_READERS: Final[Mapping[str, Callable[["Array", "DataType"], "Array | None"]]] = {
    **dict.fromkeys(INTEGERS, _integers),
    **dict.fromkeys(_FLOATING, _floating),
    "boolean": _booleans,
    "timestamp": _timestamps,
}


def data(texts: "Array") -> Any:
    """The bytes of all texts of an array, one behind the other."""
    import numpy

    _, offsets, found = texts.buffers()
    if found is None:
        return numpy.empty(0, numpy.uint8)
    places = numpy.frombuffer(offsets, numpy.int32)
    start, end = places[texts.offset], places[texts.offset + len(texts)]
    return numpy.frombuffer(found, numpy.uint8)[start:end]
