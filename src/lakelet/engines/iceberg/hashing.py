"""MurmurHash3 in 32 bits of Arrow arrays, each value that repeats once."""

from collections.abc import Callable
from typing import Any

from lakelet.formats.functions import Udf


def _each(data: Callable[[Any], bytes]) -> Callable[..., Any]:
    import mmh3
    import pyarrow

    def hashed(values: Any) -> Any:
        found = values.combine_chunks() if isinstance(values, pyarrow.ChunkedArray) else values
        encoded = found.dictionary_encode()
        hashes = [
            None if value is None else mmh3.hash(data(value), 0)
            for value in encoded.dictionary.to_pylist()
        ]
        return pyarrow.array(hashes, pyarrow.int32()).take(encoded.indices)

    return hashed


def _longs() -> Callable[..., Any]:
    return _each(lambda value: value.to_bytes(8, "little", signed=True))


def _bytes() -> Callable[..., Any]:
    return _each(bytes)


def _decimals() -> Callable[..., Any]:
    return _each(lambda text: unscaled(int(text)))


def unscaled(number: int) -> bytes:
    """An integer in two's complement, big-endian, as short as can be."""
    size = ((number if number >= 0 else ~number).bit_length() + 8) // 8
    return number.to_bytes(size, "big", signed=True)


UDFS = {
    "trino_iceberg_hash_of_long": Udf(_longs, ("BIGINT",), "INTEGER"),
    "trino_iceberg_hash": Udf(_bytes, ("BLOB",), "INTEGER"),
    "trino_iceberg_hash_of_decimal": Udf(_decimals, ("VARCHAR",), "INTEGER"),
}
"""What the engine makes where a statement's text mentions it."""
