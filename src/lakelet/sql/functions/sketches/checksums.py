"""checksum: the sum of the rows' xxHash64, so that their order does not matter.

How a value of each type is hashed is Trino's XX_HASH_64 operator of that type.
"""

from collections.abc import Callable
from typing import Any, Final

from lakelet.errors import TrinoError
from lakelet.sql.functions.binding import parameter
from lakelet.sql.functions.registry import Call, aggregate, macro, udf
from lakelet.sql.functions.vectorised import rowwise
from lakelet.types.duckdb import is_fine, row_fields
from lakelet.types.model import Type
from lakelet.types.quoting import identifier

_PRIMES: Final = (
    0x9E3779B185EBCA87,
    0xC2B2AE3D27D4EB4F,
    0x165667B19E3779F9,
    0x85EBCA77C2B2AE63,
    0x27D4EB2F165667C5,
)
_LENGTH: Final = 8
"""Bytes of a number."""
_WORD: Final = 1 << 64


def _load_of_numbers() -> Any:
    import numpy
    import pyarrow

    first, second, third, fourth, fifth = (numpy.uint64(each) for each in _PRIMES)

    def turned(values: Any, bits: int) -> Any:
        return (values << numpy.uint64(bits)) | (values >> numpy.uint64(64 - bits))

    def run(chunked: Any) -> Any:
        column = chunked.combine_chunks()
        values = column.fill_null(0).to_numpy(zero_copy_only=False).view(numpy.uint64)
        with numpy.errstate(over="ignore"):
            mixed = (fifth + numpy.uint64(_LENGTH)) ^ (turned(values * second, 31) * first)
            mixed = turned(mixed, 27) * first + fourth
            mixed = (mixed ^ (mixed >> numpy.uint64(33))) * second
            mixed = (mixed ^ (mixed >> numpy.uint64(29))) * third
        hashes = mixed ^ (mixed >> numpy.uint64(32))
        return pyarrow.array(hashes, mask=column.is_null().to_numpy(zero_copy_only=False))

    return run


def _load_of_bytes() -> Any:
    from xxhash import xxh64_intdigest

    return rowwise(xxh64_intdigest, "uint64")


def _load_hash_of_numbers() -> Any:
    import numpy
    import pyarrow

    first, second = (numpy.uint64(each) for each in _PRIMES[:2])

    def run(chunked: Any) -> Any:
        column = chunked.combine_chunks()
        values = column.fill_null(0).to_numpy(zero_copy_only=False).view(numpy.uint64)
        with numpy.errstate(over="ignore"):
            mixed = values * second
            mixed = ((mixed << numpy.uint64(31)) | (mixed >> numpy.uint64(33))) * first
        return pyarrow.array(mixed, mask=column.is_null().to_numpy(zero_copy_only=False))

    return run


udf("trino_xxhash_of_number", _load_of_numbers, ("BIGINT",), "UBIGINT", total=True)
udf("trino_hash_of_number", _load_hash_of_numbers, ("BIGINT",), "UBIGINT", total=True)
udf("trino_xxhash_of_bytes", _load_of_bytes, ("BLOB",), "UBIGINT", total=True)

# The hash of each type ---------------------------------------------------------------------


def _number(sql: str) -> str:
    return f"CAST(trino_xxhash_of_number(CAST({sql} AS BIGINT)) AS HUGEINT)"


def _bytes(sql: str) -> str:
    return f"CAST(trino_xxhash_of_bytes({sql}) AS HUGEINT)"


def _plain(sql: str, of: Type) -> str:
    return _number(sql)


def _text(sql: str, of: Type) -> str:
    return _bytes(f"encode({sql})")


def _binary(sql: str, of: Type) -> str:
    return _bytes(sql)


def _decimal(sql: str, of: Type) -> str:
    whole = f"CAST({sql} * {10**of.scale} AS HUGEINT)" if of.scale else f"CAST({sql} AS HUGEINT)"
    if of.precision <= _SHORT:
        return _number(f"CAST({sql} AS DECIMAL(38,{of.scale})) * {10**of.scale}")
    return f"trino_xxhash_of_wide({whole})"


_SHORT: Final = 18
macro(
    "trino_xxhash_of_wide",
    f"(v) AS xor(CAST(trino_xxhash_of_number(trino_signed(v & {_WORD - 1})) AS HUGEINT),"
    " CAST(trino_xxhash_of_number(CAST(v >> 64 AS BIGINT)) AS HUGEINT))",
)
macro(
    "trino_signed",
    f"(v) AS CAST(CASE WHEN v >= {_WORD // 2} THEN v - {_WORD} ELSE v END AS BIGINT)",
)


def _timestamp(sql: str, of: Type) -> str:
    if not is_fine(of):
        return _number(f"epoch_us({sql})")
    micros = f"CAST(trino_whole_units({sql}, 1000000) AS BIGINT)"
    rest = f"CAST(trino_floor_mod({sql}, 1000000) AS BIGINT)"
    return f"xor({_number(micros)}, {_number(rest)})"


def _zoned(sql: str, of: Type) -> str:
    """Milliseconds, and of what has more digits the picoseconds within one."""
    if is_fine(of):
        whole = f"CAST(trino_whole_units({sql}.instant, 1000000000) AS BIGINT)"
        rest = f"CAST(trino_floor_mod({sql}.instant, 1000000000) AS BIGINT)"
    else:
        at = f"epoch_us(CAST({sql}.instant AS TIMESTAMP))"  # a NULL's parts have no type
        whole = f"CAST(trino_whole_units({at}, 1000) AS BIGINT)"
        rest = f"trino_floor_mod({at}, 1000) * 1000000"
    return _number(whole) if of.precision <= 3 else f"xor({_number(whole)}, {_number(rest)})"


def _time(sql: str, of: Type) -> str:
    return _number(sql if is_fine(of) else f"epoch_us({sql}) * CAST(1000000 AS BIGINT)")


def _zoned_time(sql: str, of: Type) -> str:
    """Up to nine digits Trino counts nanoseconds of UTC's day, else picoseconds."""
    if not is_fine(of):
        return _number(f"trino_time_instant({sql}) * 1000")
    count = f"trino_time_instant_ps({sql})"
    return _number(count if of.precision > 9 else f"{count} // 1000")


def _array(sql: str, of: Type) -> str:
    name = parameter(sql)
    element = hashed(name, of.element)
    hashes = f"list_transform({sql}, lambda {name}: coalesce({element}, 0))"
    start = "CAST(0 AS HUGEINT)"
    return f"list_reduce({hashes}, lambda _h, _e: (_h * 31 + _e) % {_WORD}, {start})"


def _field(sql: str, of: Type) -> str:
    """A row hashes its fields by another operator, HASH_CODE, which differs for numbers."""
    if of.name in ("tinyint", "smallint", "integer", "bigint"):
        return f"CAST(trino_hash_of_number(CAST({sql} AS BIGINT)) AS HUGEINT)"
    return hashed(sql, of)


def _row(sql: str, of: Type) -> str:
    text = "CAST(1 AS HUGEINT)"
    for name, part in zip(row_fields(of), of.arguments, strict=True):
        field = _field(f"({sql}).{identifier(name)}", part)
        text = f"((31 * {text} + coalesce({field}, 0)) % {_WORD})"
    return f"CASE WHEN {sql} IS NOT NULL THEN {text} END"


def _map(sql: str, of: Type) -> str:
    name = parameter(sql)
    key, value = hashed(f"{name}.key", of.key), hashed(f"{name}.value", of.value)
    entry = f"xor({key}, coalesce({value}, 0))"
    total = f"list_sum(list_transform(map_entries({sql}), lambda {name}: {entry}))"
    return f"CASE WHEN {sql} IS NOT NULL THEN coalesce({total}, 0) % {_WORD} END"


macro(
    "trino_xxhash_of_halves",
    "(h) AS xor(CAST(trino_xxhash_of_bytes(from_hex(left(h, 16))) AS HUGEINT),"
    " CAST(trino_xxhash_of_bytes(from_hex(right(h, 16))) AS HUGEINT))",
)
_HASHES: Final[dict[str, Callable[[str, Type], str]]] = {
    **dict.fromkeys(("tinyint", "smallint", "integer", "bigint", "boolean", "unknown"), _plain),
    **dict.fromkeys(("interval day to second", "interval year to month"), _plain),
    **dict.fromkeys(("varchar", "char", "json"), _text),
    "varbinary": _binary,
    "double": lambda sql, of: _number(f"trino_double_bits(CAST({sql} AS DOUBLE))"),
    "real": lambda sql, of: _number(f"trino_real_bits(CAST({sql} AS FLOAT))"),
    "decimal": _decimal,
    "date": lambda sql, of: _number(f"datediff('day', DATE '1970-01-01', {sql})"),
    "timestamp": _timestamp,
    "timestamp with time zone": _zoned,
    "time": _time,
    "time with time zone": _zoned_time,
    "uuid": lambda sql, of: f"trino_xxhash_of_halves(replace(CAST({sql} AS VARCHAR), '-', ''))",
    "ipaddress": lambda sql, of: f"trino_xxhash_of_halves(hex({sql}))",
    "array": _array,
    "row": _row,
    "map": _map,
}


def _load_bits(width: int) -> Callable[[], Any]:
    def load() -> Any:
        import numpy
        import pyarrow

        whole, floating = (
            (numpy.int64, numpy.float64) if width == 64 else (numpy.int32, numpy.float32)
        )

        def run(chunked: Any) -> Any:
            column = chunked.combine_chunks()
            values = column.fill_null(0).to_numpy(zero_copy_only=False).astype(floating)
            values[numpy.isnan(values)] = numpy.nan
            bits = (values + 0).view(whole).astype(numpy.int64)
            return pyarrow.array(bits, mask=column.is_null().to_numpy(zero_copy_only=False))

        return run

    return load


udf("trino_double_bits", _load_bits(64), ("DOUBLE",), "BIGINT", total=True)
udf("trino_real_bits", _load_bits(32), ("FLOAT",), "BIGINT", total=True)


def hashed(sql: str, of: Type) -> str:
    """The hash of a value as a HUGEINT from 0 to 2^64 - 1; NULL for NULL."""
    if of.name not in _HASHES:
        raise TrinoError("NOT_SUPPORTED", f"checksum of {of} is not supported")
    return _HASHES[of.name](sql, of)


# The sum -----------------------------------------------------------------------------------

macro(
    "trino_checksum",
    "(total, rows, nulls) AS CASE WHEN rows > 0 THEN trino_little_endian(CAST("
    f"(CAST((coalesce(total, 0) + nulls) % {_WORD} AS UHUGEINT) * {_PRIMES[0]}) % {_WORD}"
    " AS UBIGINT)) END",
)
macro(
    "trino_little_endian",
    "(v) AS from_hex(array_to_string(list_transform([15, 13, 11, 9, 7, 5, 3, 1],"
    " lambda i: substr(lpad(hex(v), 16, '0'), i, 2)), ''))",
)


def _checksum(call: Call) -> str:
    (value,) = call.arguments
    total = f"sum({call.distinct}{hashed(value, call.types[0])}){call.over}"
    nulls = f"count(CASE WHEN {value} IS NULL THEN 1 END){call.over}"
    return f"trino_checksum({total}, count(*){call.over}, {nulls})"


aggregate(
    "checksum",
    "(T:comparable) -> varbinary",
    sql=_checksum,
    doc="A checksum of a group's values that does not depend on their order.",
)
