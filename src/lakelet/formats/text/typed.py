"""Columns of texts whose values Arrow gives, a block of lines at a time.

Arrow's casts are strict, so what they take is read by Hive in the same way but for a few texts,
which are looked for here. A column with any other text in a block stays text there, and its
type's rules in SQL decide (`values`): a dataset has both, under a name and under `text_of` it.
"""

from collections.abc import Callable, Container, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

from lakelet.types import Type
from lakelet.types.arrow import to_arrow

if TYPE_CHECKING:
    from pyarrow import Array, DataType

_SECONDS_LENGTH: Final = 19
"""Of `2024-01-02 03:04:05`; Arrow would take less, which is no timestamp of Hive's."""
_TYPED: Final = frozenset(
    ("tinyint", "smallint", "integer", "bigint", "real", "double", "decimal", "date", "boolean")
)


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
    """A block's texts as values where all of a column's are such, with the texts that are left."""
    import pyarrow

    found: dict[str, Any] = {}
    none = None
    for name, column in texts.items():
        if name not in given:
            found[name] = column
            continue
        made = values(column, given[name])
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
    **dict.fromkeys(("tinyint", "smallint", "integer", "bigint"), _integers),
    **dict.fromkeys(("real", "double"), _floating),
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
