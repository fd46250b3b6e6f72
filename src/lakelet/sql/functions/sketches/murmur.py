"""Murmur3, the 64 lower bits of its 128: the hash of HyperLogLog and of set digests."""

from typing import Any, Final

_FIRST: Final = 0x87C37B91114253D5
_SECOND: Final = 0x4CF5AD432745937F
_LENGTH: Final = 8
"""Bytes of a number."""


def of_numbers(values: Any) -> Any:
    """The hashes (uint64) of a numpy array of int64."""
    import numpy

    def word(number: int) -> Any:
        return numpy.uint64(number)

    def mixed(hashes: Any) -> Any:
        hashes = (hashes ^ (hashes >> word(33))) * word(0xFF51AFD7ED558CCD)
        hashes = (hashes ^ (hashes >> word(33))) * word(0xC4CEB9FE1A85EC53)
        return hashes ^ (hashes >> word(33))

    with numpy.errstate(over="ignore"):
        block = values.view(numpy.uint64) * word(_FIRST)
        block = ((block << word(31)) | (block >> word(33))) * word(_SECOND)
        first = (block ^ word(_LENGTH)) + word(_LENGTH)
        second = first + word(_LENGTH)
        return mixed(first) + mixed(second)


def of_bytes(values: list[bytes]) -> Any:
    """The hashes (uint64) of binaries."""
    import mmh3
    import numpy

    hashes = (mmh3.hash64(each, signed=False)[0] for each in values)
    return numpy.fromiter(hashes, numpy.uint64, len(values))


def of_array(values: Any) -> Any:
    """The hashes of an Arrow array of int64, double or string."""
    import numpy
    import pyarrow

    if pyarrow.types.is_floating(values.type):
        return of_numbers(values.to_numpy(zero_copy_only=False).view(numpy.int64))
    if pyarrow.types.is_integer(values.type):
        return of_numbers(values.to_numpy(zero_copy_only=False).astype(numpy.int64))
    return of_bytes(values.cast(pyarrow.binary()).to_pylist())
