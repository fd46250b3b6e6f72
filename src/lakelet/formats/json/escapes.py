"""The strings of a block that have escapes, found by where the block's values are."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from lakelet.formats.text import typed
from lakelet.formats.text.marks import slices

if TYPE_CHECKING:
    from pyarrow import Array


@dataclass(frozen=True, slots=True)
class Escaped:
    """The columns and rows of strings, by their numbers and ordered by row, what the strings say,
    and how many quotes stand within them."""

    columns: Any
    rows: Any
    texts: "Array"
    quotes: int

    @classmethod
    def of(cls, block: bytes, begins: Any, ends: Any) -> "Escaped | None":
        """Of a block whose values begin and end at places, rows of them for each column; None if
        what has escapes is no string."""
        import numpy

        places = begins.T.ravel()
        at = numpy.flatnonzero(numpy.frombuffer(block, numpy.uint8) == ord("\\"))
        which = numpy.searchsorted(places, at, side="right") - 1
        which = which[numpy.append(True, which[1:] != which[:-1])]
        rows, columns = numpy.divmod(which, len(begins))
        written = slices(block, places[which], ends[columns, rows])
        texts = read(written)
        if texts is None:
            return None
        quotes = int(numpy.count_nonzero(typed.data(written) == ord('"')))
        return cls(columns, rows, texts, quotes - 2 * len(which))

    def put_in(self, column: int, texts: "Array") -> "Array":
        """The texts of a column with what those with escapes say."""
        import numpy
        import pyarrow
        from pyarrow import compute

        ours = self.columns == column
        if not ours.any():
            return texts
        mask = numpy.zeros(len(texts), bool)
        mask[self.rows[ours]] = True
        return compute.replace_with_mask(texts, mask, self.texts.filter(pyarrow.array(ours)))


def read(written: "Array") -> "Array | None":
    """What strings of JSON say; None if one is more than a string, or none that UTF-8 can hold."""
    import pyarrow
    from pyarrow import ArrowTypeError, compute

    whole = pyarrow.ListArray.from_arrays([0, len(written)], written)
    parted = compute.binary_join(whole, ",\n")[0].as_buffer()  # no string goes on in the next line
    try:
        texts = orjson.loads(b"".join((b"[", memoryview(parted), b"]")))
        found = pyarrow.array(texts, pyarrow.string())
    except (orjson.JSONDecodeError, ArrowTypeError):
        return None
    return found if len(found) == len(written) and not found.null_count else None
