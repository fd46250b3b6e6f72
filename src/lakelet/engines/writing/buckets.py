"""Hive's bucketing function (version 1), as SQL: a row's bucket from the values it is hashed by.

Source: Trino's HiveBucketingV1, measured; 31 · hash + hash of the next column, in 32 bits.
"""

from collections.abc import Callable
from typing import Final

from lakelet.engines.writing.target import Target
from lakelet.errors import TrinoError
from lakelet.types import Type
from lakelet.types.quoting import identifier, parameter

_WORD: Final = 4_294_967_296


def bucket(target: Target) -> str:
    """The number of the bucket, as an INTEGER over the target's columns.

    Raises TrinoError for a type that Hive's bucketing does not take.
    """
    types = dict(target.columns)
    total = "0"
    for name in target.bucket_columns:
        total = f"(({total}) * 31 + {_hash(identifier(name), types[name], 0)}) % {_WORD}"
    return f"CAST((({total}) % 2147483648) % {target.buckets} AS INTEGER)"


def _hash(sql: str, of: Type, depth: int) -> str:
    """A value's hash between 0 and 2³² - 1; 0 for NULL."""
    composed = _COMPOSED.get(of.name)
    if composed is not None:
        return composed(sql, of, depth)
    scalar = _SCALARS.get(of.name)
    if scalar is None:
        message = "Cannot create a table bucketed on an unsupported type"
        raise TrinoError("NOT_SUPPORTED", message)
    hashed = _text(sql, 1) if of.length is not None else scalar(sql)
    return f"coalesce({_word(hashed)}, 0)"


def _word(sql: str) -> str:
    return f"((({sql}) % {_WORD} + {_WORD}) % {_WORD})"


def _long(sql: str) -> str:
    """The halves of 64 bits, one over the other."""
    bits = f"CAST({sql} AS BIGINT)"
    high = f"(({bits} >> 32) & 4294967295)"
    return f"xor({high}, {bits} & 4294967295)"


def _text(sql: str, start: int = 0) -> str:
    """31 · hash + byte, bytes being signed; a varchar with a length starts with 1."""
    pairs = f"regexp_extract_all(hex(encode({sql})), '..')"
    numbers = f"list_transform({pairs}, lambda x: CAST(CAST('0x' || x AS INTEGER) AS BIGINT))"
    step = f"(h * 31 + CASE WHEN x > 127 THEN x - 256 ELSE x END) % {_WORD}"
    return f"list_reduce({numbers}, lambda h, x: {step}, CAST({start} AS BIGINT))"


def _floating(wide: str, bits: str) -> Callable[[str], str]:
    """The bits of a floating point number; both zeros are 0."""

    def hashed(sql: str) -> str:
        shown = f"CAST(CAST(CAST({sql} AS {wide}) AS BIT) AS {bits})"
        return f"CASE WHEN {sql} = 0 THEN 0 ELSE {_long(shown) if bits == 'BIGINT' else shown} END"

    return hashed


def _array(sql: str, of: Type, depth: int) -> str:
    name = parameter("v", depth)
    element = f"CAST({_hash(name, of.element, depth + 1)} AS BIGINT)"
    inside = f"list_transform({sql}, lambda {name}: {element})"
    folded = f"list_reduce({inside}, lambda h, x: (h * 31 + x) % {_WORD}, CAST(0 AS BIGINT))"
    return f"coalesce({folded}, 0)"


def _map(sql: str, of: Type, depth: int) -> str:
    name = parameter("v", depth)
    key = _hash(f"{name}.key", of.key, depth + 1)
    value = _hash(f"{name}.value", of.value, depth + 1)
    pair = f"xor(CAST({key} AS BIGINT), CAST({value} AS BIGINT))"
    pairs = f"list_transform(map_entries({sql}), lambda {name}: {pair})"
    return f"coalesce(CAST(list_sum({pairs}) % {_WORD} AS BIGINT), 0)"


_SCALARS: Final[dict[str, Callable[[str], str]]] = {
    "boolean": lambda sql: f"CAST({sql} AS BIGINT)",
    "tinyint": lambda sql: f"CAST({sql} AS BIGINT)",
    "smallint": lambda sql: f"CAST({sql} AS BIGINT)",
    "integer": lambda sql: f"CAST({sql} AS BIGINT)",
    "bigint": _long,
    "double": _floating("DOUBLE", "BIGINT"),
    "real": _floating("FLOAT", "INTEGER"),
    "varchar": _text,
    "date": lambda sql: f"CAST({sql} - DATE '1970-01-01' AS BIGINT)",
}
_COMPOSED: Final[dict[str, Callable[[str, Type, int], str]]] = {
    "array": _array,
    "map": _map,
}
