"""HyperLogLog: how many different values there are, in airlift's sparse and dense forms (its
stats/docs/hll.md)."""

import math
import struct
from dataclasses import dataclass
from typing import Any, Final

from lakelet.sql.functions.filtering import present
from lakelet.sql.functions.registry import Call, aggregate, scalar, udf
from lakelet.sql.functions.sketches.lists import internal, of_lists
from lakelet.sql.functions.vectorised import rowwise

SPARSE: Final = 2
DENSE: Final = 3
PREFIX: Final = 26
"""Bits of a hash that a sparse entry keeps."""
VALUE_BITS: Final = 6
BUCKETS: Final = 12
"""Index bits of approx_set: 4,096 buckets, an error of 1.6 %."""
_MOST_DELTA: Final = 15
_LINEAR: Final = 0.4
"""The share of empty buckets above which they are simply counted."""


@dataclass(frozen=True, slots=True)
class Hll:
    """A sketch: sorted entries (uint32), or the value (uint8) of each bucket, never both."""

    bits: int
    entries: Any = None
    values: Any = None


def _leading_zeros(hashes: Any, bits: int) -> Any:
    """Zeros at the top of what is left of each hash behind its first bits."""
    import numpy

    rest = (hashes << numpy.uint64(bits)) | numpy.uint64(1 << (bits - 1))
    found = numpy.zeros(len(rest), numpy.uint8)
    for step in (32, 16, 8, 4, 2, 1):
        low = rest < (numpy.uint64(1) << numpy.uint64(64 - step))
        found += (low * step).astype(numpy.uint8)
        rest = numpy.where(low, rest << numpy.uint64(step), rest)
    return found


def _capacity(count: int) -> int:
    """Entries that the array of a sparse sketch has room for: it grows by ten."""
    return 1 + 10 * math.ceil((count - 1) / 10) if count > 1 else 1


def _must_be_dense(bits: int, capacity: int) -> bool:
    """Whether the sparse form would take more memory in Java than the dense one."""
    return 40 + 4 * capacity > 56 + (1 << bits) // 2


def of_hashes(hashes: Any, bits: int = BUCKETS) -> Hll:
    """The sketch of hashes (uint64)."""
    import numpy

    prefix = (hashes >> numpy.uint64(64 - PREFIX)).astype(numpy.uint32)
    entries = (prefix << numpy.uint32(VALUE_BITS)) | _leading_zeros(hashes, PREFIX)
    found = _greatest(entries)
    if not _must_be_dense(bits, _capacity(len(found))):
        return Hll(bits, entries=found)
    return Hll(bits, values=_dense(found, bits))


def _greatest(entries: Any) -> Any:
    """Sorted entries, of each bucket the one with the greatest value."""
    import numpy

    ordered = numpy.unique(entries)
    buckets = ordered >> numpy.uint32(VALUE_BITS)
    last = numpy.ones(len(ordered), bool)
    last[:-1] = buckets[:-1] != buckets[1:]
    return ordered[last]


def _dense(entries: Any, bits: int) -> Any:
    """The value of each bucket of sparse entries."""
    import numpy

    tail = (entries.astype(numpy.uint64) << numpy.uint64(32 + bits)) | numpy.uint64(1)
    zeros = _leading_zeros(tail >> numpy.uint64(1), 1)
    kept = PREFIX - bits
    value = entries & numpy.uint32((1 << VALUE_BITS) - 1)
    zeros = numpy.where(zeros >= kept, kept + value, zeros)
    values = numpy.zeros(1 << bits, numpy.uint8)
    numpy.maximum.at(values, entries >> numpy.uint32(32 - bits), zeros.astype(numpy.uint8) + 1)
    return values


def write(sketch: Hll) -> bytes:
    """A sketch in airlift's form."""
    if sketch.entries is not None:
        head = struct.pack("<bbH", SPARSE, sketch.bits, len(sketch.entries))
        return head + bytes(sketch.entries.astype("<u4").tobytes())
    base = int(sketch.values.min())
    deltas = sketch.values - base
    (over,) = (deltas > _MOST_DELTA).nonzero()
    packed = deltas.clip(0, _MOST_DELTA)
    slots = (packed[::2] << 4) | packed[1::2]
    head = struct.pack("<bbb", DENSE, sketch.bits, base) + bytes(slots.tobytes())
    tail = over.astype("<u2").tobytes() + (deltas[over] - _MOST_DELTA).astype("u1").tobytes()
    return head + struct.pack("<H", len(over)) + bytes(tail)


def read(data: bytes) -> Hll:
    """The sketch of a binary; GENERIC_INTERNAL_ERROR for one that is none."""
    import numpy

    if not data:
        raise internal("Range [0, 0 + 1) out of bounds for length 0")
    try:
        if data[0] == SPARSE:
            bits, count = struct.unpack_from("<bH", data, 1)
            return Hll(bits, entries=numpy.frombuffer(data, "<u4", count, 4))
        if data[0] != DENSE:
            raise internal("Cannot deserialize HyperLogLog")
        bits, base = struct.unpack_from("<bb", data, 1)
        slots = numpy.frombuffer(data, "u1", (1 << bits) // 2, 3)
        values = numpy.stack([slots >> 4, slots & 15], axis=1).ravel() + numpy.uint8(base)
        at = 3 + len(slots)
        (count,) = struct.unpack_from("<H", data, at)
        over = numpy.frombuffer(data, "<u2", count, at + 2)
        values[over] += numpy.frombuffer(data, "u1", count, at + 2 + 2 * count)
        return Hll(bits, values=values)
    except (struct.error, ValueError):
        raise internal("Cannot deserialize HyperLogLog") from None


def merge(a: Hll, b: Hll) -> Hll:
    """The sketch of what either has seen."""
    import numpy

    if a.bits != b.bits:
        raise internal(
            f"Cannot merge HLLs with different number of buckets: {1 << a.bits} vs {1 << b.bits}"
        )
    if a.entries is not None and b.entries is not None:
        found = _greatest(numpy.concatenate([a.entries, b.entries]))
        if not _must_be_dense(a.bits, len(found)):
            return Hll(a.bits, entries=found)
        return Hll(a.bits, values=_dense(found, a.bits))
    first, second = (
        each.values if each.entries is None else _dense(each.entries, each.bits) for each in (a, b)
    )
    return Hll(a.bits, values=numpy.maximum(first, second))


def cardinality(sketch: Hll) -> int:
    """How many different values a sketch has seen, about."""
    if sketch.entries is not None:
        return _rounded(_counted(1 << PREFIX, (1 << PREFIX) - len(sketch.entries)))
    buckets = 1 << sketch.bits
    empty = int((sketch.values == 0).sum())
    if empty > _LINEAR * buckets:
        return _rounded(_counted(buckets, empty))
    total = float((0.5 ** sketch.values.astype(float)).sum())
    estimate = _alpha(sketch.bits) * buckets * buckets / total
    return _rounded(estimate - _bias(sketch.bits, estimate))


def _rounded(value: float) -> int:
    return math.floor(value + 0.5)


def _counted(buckets: int, empty: int) -> float:
    return buckets * math.log(buckets / empty)


def _alpha(bits: int) -> float:
    few = {4: 0.673, 5: 0.697, 6: 0.709}
    return few.get(bits, 0.7213 / (1 + 1.079 / (1 << bits)))


def _bias(bits: int, estimate: float) -> float:
    """How much too high a raw estimate is; with other index bits in proportion to the buckets."""
    import numpy

    from lakelet.sql.functions.sketches.bias import BIAS

    measured = bits if bits in BIAS else max(BIAS)
    first, step, biases = BIAS[measured]
    scale = 2.0 ** (measured - bits)
    at = (estimate * scale - first) / step
    if not 0 <= at <= len(biases) - 1:
        return 0.0
    return float(numpy.interp(at, range(len(biases)), biases)) / scale


# Functions ---------------------------------------------------------------------------------


def _load_set() -> Any:
    from lakelet.sql.functions.sketches import murmur

    return of_lists(lambda values: write(of_hashes(murmur.of_array(values))), "binary")


def dense(sketch: Hll) -> Hll:
    """The sketch in its dense form."""
    return (
        sketch
        if sketch.entries is None
        else Hll(sketch.bits, None, _dense(sketch.entries, sketch.bits))
    )


def _load_merge() -> Any:
    from functools import reduce

    def merged(values: Any) -> bytes:
        return write(reduce(merge, map(read, values.to_pylist())))

    return of_lists(merged, "binary")


_KINDS: Final = {"bigint": "BIGINT", "double": "DOUBLE", "varchar": "VARCHAR"}
for _name, _kind in _KINDS.items():
    udf(f"trino_approx_set_{_name}", _load_set, (f"{_kind}[]",), "BLOB")
udf("trino_hll_merge", _load_merge, ("BLOB[]",), "BLOB")
udf(
    "trino_hll_dense",
    lambda: rowwise(lambda data: write(dense(read(data))), "binary"),
    ("BLOB",),
    "BLOB",
)
udf(
    "trino_hll_cardinality",
    lambda: rowwise(lambda data: cardinality(read(data)), "int64"),
    ("BLOB",),
    "BIGINT",
)


def collected(call: Call, value: str, *, distinct: bool = False) -> str:
    """The values of a group that are not NULL, as a list."""
    kind = "DISTINCT " if distinct else call.distinct
    return f"array_agg({kind}{value}{call.order}){present(call, value)}"


def _approx_set(call: Call) -> str:
    values = collected(call, call.arguments[0], distinct=True)
    return f"trino_approx_set_{call.types[0].name}({values})"


aggregate(
    "approx_set",
    "(bigint) -> HyperLogLog",
    "(double) -> HyperLogLog",
    "(varchar(x)) -> HyperLogLog",
    sql=_approx_set,
    doc="The HyperLogLog sketch of a group's values.",
)
scalar(
    "empty_approx_set",
    "() -> HyperLogLog",
    sql="from_hex('020C0000')",
    doc="The HyperLogLog sketch of no value.",
)
