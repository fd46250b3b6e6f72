"""Records of primitives as columns, many blocks of a file side by side.

A record's place is known only once the one before has been read, but every block starts anew: the
first records of all blocks are read at once by numpy, then the second ones, and so on. Whatever is
not just as the specification has it is refused, for fastavro to judge.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from lakelet.formats.avro.schemas import Schema, branch
from lakelet.formats.text import marks

if TYPE_CHECKING:
    from pyarrow import Array

Block = tuple[int, bytes]
"""The number of records, and their bytes."""

LEAST: Final = 24
"""Blocks that are worth it; fewer are read as fast one record after the other."""
_BEHIND: Final = 64
"""Bytes behind the last block that a wrong number may lead to before it is noticed."""
_LONGEST: Final = 10
"""Bytes of a number."""
_MOST: Final = (1 << 31) - 1


def columns(
    blocks: Sequence[Block], writer: Schema, wanted: Collection[str]
) -> "Mapping[str, Array]":
    """The wanted fields of all records. Raises ValueError or IndexError for bytes that are not the
    schema's."""
    lanes = _Lanes(blocks)
    fields = [_Field(each, each["name"] in wanted, lanes.records) for each in writer["fields"]]
    for rows in lanes.steps():
        for each in fields:
            each.read(lanes, rows)
    lanes.ended()
    return {each.name: each.array(lanes.data) for each in fields if each.wanted}


class _Lanes:
    """Blocks, those with the most records first, and how far each has been read (`places`)."""

    def __init__(self, blocks: Sequence[Block]) -> None:
        import numpy

        counts = numpy.array([count for count, _ in blocks], numpy.int64)
        if (counts < 0).any():
            raise ValueError("A block of less than no records")
        ends = numpy.cumsum([len(data) for _, data in blocks])
        starts = ends - [len(data) for _, data in blocks]
        order = numpy.argsort(-counts, kind="stable")
        self.data = numpy.frombuffer(
            b"".join([*(data for _, data in blocks), bytes(_BEHIND)]), "u1"
        )
        self.records = int(counts.sum())
        self.places = starts[order]
        self._ends = ends[order]
        self._counts = counts[order]
        self._rows = (numpy.cumsum(counts) - counts)[order]

    def steps(self) -> Any:
        """The rows that stand next in the blocks that have some left."""
        import numpy

        left = len(self._counts)
        for step in range(int(self._counts[0]) if left else 0):
            left = int(numpy.searchsorted(-self._counts, -step, side="left"))
            yield self._rows[:left] + step
            if (self.places[:left] > self._ends[:left]).any():
                raise ValueError("A record is longer than its block")

    def ended(self) -> None:
        """Raises ValueError for bytes behind the last record of a block."""
        if (self.places != self._ends).any():
            raise ValueError("A block is longer than its records")


class _Field:
    """A field of the records, and where its values gather if they are wanted: numbers as they are,
    of texts and bytes the places of the first byte and the lengths."""

    def __init__(self, field: Mapping[str, Any], wanted: bool, records: int) -> None:
        import numpy

        union = field["type"]
        self.name: str = field["name"]
        self.wanted = wanted
        self._kind = str(branch(union))
        self._present = union.index(self._kind) if isinstance(union, list) else None
        self._is_given = numpy.ones(records, bool)
        self._values = numpy.zeros(records, _STORED.get(self._kind, "i8"))
        self._starts = numpy.zeros(records if self._kind in _SIZED else 0, "i8")

    def read(self, lanes: _Lanes, rows: Any) -> None:
        """One value of each row, at the lanes' places, which move behind it."""
        places = lanes.places[: len(rows)]
        given: Any = slice(None)
        if self._present is not None:
            branches = lanes.data[places]
            if (branches & 0xFD).any():  # neither of two branches
                raise ValueError("No branch of a union")
            places += 1
            is_given = branches == 2 * self._present
            if not is_given.all():
                self._is_given[rows] = is_given
                given = is_given.nonzero()[0]
        places[given], values, starts = _READ[self._kind](lanes.data, places[given])
        if self.wanted:
            self._values[rows[given]] = values
            if starts is not None:
                self._starts[rows[given]] = starts

    def array(self, data: Any) -> "Array":
        """All values; texts may be no UTF-8. Raises ValueError for an int that is none."""
        import pyarrow

        if self._kind in _SIZED:
            return self._texts(data)
        if self._kind == "int" and (self._values != self._values.astype("i4")).any():
            raise ValueError("An int of more than 32 bits")
        kept = self._values.astype("i4") if self._kind == "int" else self._values
        return pyarrow.array(kept, mask=~self._is_given, from_pandas=False)

    def _texts(self, data: Any) -> "Array":
        import numpy
        import pyarrow

        if len(data) > _MOST:
            raise ValueError("More bytes than places of 32 bits tell")
        ends = numpy.maximum.accumulate(self._starts + self._values)
        starts = numpy.where(self._is_given, self._starts, ends)
        which = numpy.arange(0, 2 * len(ends), 2, dtype="i4")
        found = marks.slices(data, starts, ends, pyarrow.array(which, mask=~self._is_given))
        return found if self._kind == "string" else found.cast(pyarrow.binary())


# Values: from the bytes and where each stands, where each ends, what it is, and where its bytes
# start if it has any ----------------------------------------------------------------------------

_Read = Callable[[Any, Any], tuple[Any, Any, Any]]


def _number(data: Any, places: Any) -> tuple[Any, Any, Any]:
    """Seven bits a byte, zigzag."""
    import numpy

    octets = data[places]
    value = (octets & 127).astype("u8")
    more = (octets > 127).nonzero()[0]
    ends = places + 1
    for index in range(1, _LONGEST + 1):
        if not len(more):
            break
        if index == _LONGEST:
            raise ValueError("A number of more than 64 bits")
        octets = data[places[more] + index]
        if index == _LONGEST - 1 and (octets > 1).any():
            raise ValueError("A number of more than 64 bits")
        value[more] |= (octets & 127).astype("u8") << numpy.uint64(7 * index)
        ends[more] += 1
        more = more[octets > 127]
    return ends, (value >> numpy.uint64(1)).view("i8") ^ -(value & numpy.uint64(1)).view("i8"), None


def _bytes(data: Any, places: Any) -> tuple[Any, Any, Any]:
    starts, sizes, _ = _number(data, places)
    ends = starts + sizes
    if (sizes < 0).any() or (ends < starts).any() or (ends > len(data)).any():
        raise ValueError("A text that ends nowhere")
    return ends, sizes, starts


def _boolean(data: Any, places: Any) -> tuple[Any, Any, Any]:
    octets = data[places]
    if (octets > 1).any():
        raise ValueError("Neither true nor false")
    return places + 1, octets, None


def _floating(size: int) -> _Read:
    def read(data: Any, places: Any) -> tuple[Any, Any, Any]:
        import numpy

        every = numpy.ndarray((len(data) - size + 1,), f"<u{size}", data, 0, (1,))
        return places + size, every[places].view(f"<f{size}"), None

    return read


_SIZED: Final = ("string", "bytes")
_STORED: Final = {"boolean": "?", "float": "f4", "double": "f8"}
_READ: Final[Mapping[str, _Read]] = {
    "boolean": _boolean,
    "int": _number,
    "long": _number,
    "float": _floating(4),
    "double": _floating(8),
    "bytes": _bytes,
    "string": _bytes,
}
