"""Bytes in blocks, told by array operations, which let other threads go on."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from pyarrow import Array

_CACHED: Final = 512 << 10
"""Bytes that are looked at at a time, so that they are still near."""


def count(block: bytes, byte: int) -> int:
    """How often a byte stands in a block."""
    import numpy

    return sum(int(numpy.count_nonzero(part == byte)) for part in _parts(block))


def are_paired(block: bytes) -> bool:
    """Whether a \\r stands before each \\n of a block, and nowhere else."""
    if block.startswith(b"\n") or block.endswith(b"\r"):
        return False
    for part in _parts(block, more=1):
        if ((part[:-1] == ord("\r")) != (part[1:] == ord("\n"))).any():
            return False
    return True


def has_pair(block: bytes, pair: bytes) -> bool:
    """Whether two bytes stand in a block one behind the other."""
    return any(
        ((part[:-1] == pair[0]) & (part[1:] == pair[1])).any() for part in _parts(block, more=1)
    )


def without(block: bytes, byte: int) -> bytes:
    """A block but for a byte, wherever it stands."""
    return b"".join(part[part != byte].tobytes() for part in _parts(block))


def escapes(block: bytes, byte: int) -> Any:
    """Where an escape character stands that is not escaped itself."""
    import numpy

    data = numpy.frombuffer(block, numpy.uint8)
    at = numpy.flatnonzero(data == byte)
    begins = numpy.ones(len(at), bool)
    begins[1:] = at[1:] != at[:-1] + 1
    first = numpy.maximum.accumulate(numpy.where(begins, at, 0))
    return at[(at - first) % 2 == 0]


def slices(block: bytes, begins: Any, ends: Any, which: "Array | None" = None) -> "Array":
    """The texts of a block between places that rise; `which` are the double numbers of those that
    are taken, NULL where nothing is."""
    import numpy
    import pyarrow
    from pyarrow import compute

    # Every other text of an array is what stands between two values.
    offsets = numpy.empty(2 * len(begins), numpy.int32)
    offsets[::2] = begins
    offsets[1::2] = ends
    both = pyarrow.StringArray.from_buffers(
        len(offsets) - 1, pyarrow.py_buffer(offsets), pyarrow.py_buffer(block)
    )
    if which is None:
        which = pyarrow.array(numpy.arange(0, len(offsets), 2, dtype=numpy.int32))
    return compute.take(both, which, boundscheck=False)


def _parts(block: bytes, more: int = 0) -> Iterator[Any]:
    """Each with so many bytes of the next one."""
    import numpy

    data = numpy.frombuffer(block, numpy.uint8)
    for start in range(0, len(data), _CACHED):
        yield data[start : start + _CACHED + more]
