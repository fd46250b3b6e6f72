"""Bytes in blocks, told by array operations, which let other threads go on."""

from collections.abc import Iterator
from typing import Any, Final

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


def _parts(block: bytes, more: int = 0) -> Iterator[Any]:
    """Each with so many bytes of the next one."""
    import numpy

    data = numpy.frombuffer(block, numpy.uint8)
    for start in range(0, len(data), _CACHED):
        yield data[start : start + _CACHED + more]
