"""Set digests: a HyperLogLog of 2,048 buckets with the 8,192 least hashes and their counts, which
tell how much two sets have in common (MinHash)."""

import struct
from dataclasses import dataclass
from typing import Any, Final

from lakelet.errors import TrinoError
from lakelet.sql.functions.registry import Call, aggregate, scalar, udf
from lakelet.sql.functions.sketches import hyperloglog
from lakelet.sql.functions.sketches.hyperloglog import Hll, collected
from lakelet.sql.functions.sketches.lists import internal, of_lists
from lakelet.sql.functions.vectorised import rowwise

_FORMAT: Final = 1
_BUCKETS: Final = 11
"""Index bits of the HyperLogLog."""
_MOST: Final = 8192
"""Hashes that are kept."""
_GREATEST: Final = 2**15 - 1


@dataclass(frozen=True, slots=True)
class SetDigest:
    """`counts` has the least hashes, signed and in order, with how often each came."""

    hll: Hll
    counts: dict[int, int]
    most: int = _MOST

    @property
    def is_exact(self) -> bool:
        return len(self.counts) < self.most


def make(values: Any) -> SetDigest:
    """The digest of an Arrow array."""
    import numpy

    from lakelet.sql.functions.sketches import murmur

    hashes = murmur.of_array(values)
    found, counts = numpy.unique(hashes.view(numpy.int64), return_counts=True)
    least = zip(found[:_MOST].tolist(), counts[:_MOST].clip(0, _GREATEST).tolist(), strict=True)
    return SetDigest(hyperloglog.of_hashes(hashes, _BUCKETS), dict(least))


def merge(a: SetDigest, b: SetDigest) -> SetDigest:
    """The digest of what either has seen."""
    keys = sorted(a.counts.keys() | b.counts.keys())[: a.most]
    counts = {key: min(a.counts.get(key, 0) + b.counts.get(key, 0), _GREATEST) for key in keys}
    return SetDigest(hyperloglog.merge(a.hll, b.hll), counts, a.most)


def write(digest: SetDigest) -> bytes:
    """A digest in Trino's form."""
    hll = hyperloglog.write(digest.hll)
    count = len(digest.counts)
    return b"".join(
        (
            struct.pack("<bi", _FORMAT, len(hll)),
            hll,
            struct.pack("<ii", digest.most, count),
            struct.pack(f"<{count}q", *digest.counts),
            struct.pack(f"<{count}h", *digest.counts.values()),
        )
    )


def read(data: bytes) -> SetDigest:
    """The digest of a binary; GENERIC_INTERNAL_ERROR for one that is none."""
    try:
        form, length = struct.unpack_from("<bi", data)
        if form != _FORMAT:
            raise internal("Unexpected version")
        at = 5 + length
        most, count = struct.unpack_from("<ii", data, at)
        keys = struct.unpack_from(f"<{count}q", data, at + 8)
        counts = struct.unpack_from(f"<{count}h", data, at + 8 + 8 * count)
    except struct.error:
        raise internal("Cannot deserialize SetDigest") from None
    return SetDigest(hyperloglog.read(data[5:at]), dict(zip(keys, counts, strict=True)), most)


def cardinality(digest: SetDigest) -> int:
    """How many different values a digest has seen."""
    return len(digest.counts) if digest.is_exact else hyperloglog.cardinality(digest.hll)


def jaccard_index(a: SetDigest, b: SetDigest) -> float:
    """The share of the least hashes of both that are in both."""
    size = min(len(a.counts), len(b.counts))
    if not size:
        return float("nan")
    least = sorted(a.counts.keys() | b.counts.keys())[:size]
    return sum(key in a.counts and key in b.counts for key in least) / size


def intersection_cardinality(a: SetDigest, b: SetDigest) -> int:
    """How many values both have seen."""
    if a.is_exact and b.is_exact:
        return len(a.counts.keys() & b.counts.keys())
    sizes = cardinality(a), cardinality(b)
    both = cardinality(merge(a, b))
    return min(int(jaccard_index(a, b) * both + 0.5), *sizes)


# Functions ---------------------------------------------------------------------------------


def _load_merge() -> Any:
    from functools import reduce

    return of_lists(lambda each: write(reduce(merge, map(read, each.to_pylist()))), "binary")


def _load_hash_counts() -> Any:
    import pyarrow

    def run(column: Any) -> Any:
        found = [
            None if data is None else list(read(data).counts.items()) for data in column.to_pylist()
        ]
        return pyarrow.array(found, pyarrow.map_(pyarrow.int64(), pyarrow.int16()))

    return run


for _name, _kind in {"bigint": "BIGINT", "varchar": "VARCHAR"}.items():
    udf(
        f"trino_make_set_digest_{_name}",
        lambda: of_lists(lambda values: write(make(values)), "binary"),
        (f"{_kind}[]",),
        "BLOB",
    )
udf("trino_set_digest_merge", _load_merge, ("BLOB[]",), "BLOB")
udf("trino_set_digest_counts", _load_hash_counts, ("BLOB",), "MAP(BIGINT, SMALLINT)")
udf(
    "trino_set_digest_cardinality",
    lambda: rowwise(lambda data: cardinality(read(data)), "int64"),
    ("BLOB",),
    "BIGINT",
)
udf(
    "trino_set_digest_hll",
    lambda: rowwise(lambda data: hyperloglog.write(read(data).hll), "binary"),
    ("BLOB",),
    "BLOB",
)
udf(
    "trino_jaccard_index",
    lambda: rowwise(lambda a, b: jaccard_index(read(a), read(b)), "double"),
    ("BLOB", "BLOB"),
    "DOUBLE",
)
udf(
    "trino_intersection_cardinality",
    lambda: rowwise(lambda a, b: intersection_cardinality(read(a), read(b)), "int64"),
    ("BLOB", "BLOB"),
    "BIGINT",
)

_SHORT: Final = 18
"""Digits of a decimal that Trino holds in 64 bits."""
_WHOLE: Final = ("tinyint", "smallint", "integer", "bigint")


def _make_set_digest(call: Call) -> str:
    (value,) = call.arguments
    name = call.types[0].name
    if name == "decimal" and call.types[0].precision <= _SHORT:
        value = f"CAST({value} AS DECIMAL(38,{call.types[0].scale})) * {10 ** call.types[0].scale}"
    elif name == "date":
        value = f"datediff('day', DATE '1970-01-01', {value})"
    elif name not in (*_WHOLE, "varchar", "unknown"):
        raise TrinoError(
            "FUNCTION_IMPLEMENTATION_MISSING",
            f"Unsupported type parameters (system.builtin.make_set_digest({call.types[0]}):"
            "SetDigest) for <T>(t):setdigest",
        )
    if name == "varchar":
        return f"trino_make_set_digest_varchar({collected(call, value)})"
    return f"trino_make_set_digest_bigint({collected(call, f'CAST({value} AS BIGINT)')})"


aggregate(
    "make_set_digest",
    "(T) -> SetDigest",
    sql=_make_set_digest,
    doc="The set digest of a group's values.",
)
aggregate(
    "merge_set_digest",
    "(SetDigest) -> SetDigest",
    sql=lambda call: f"trino_set_digest_merge({collected(call, call.arguments[0])})",
    doc="The set digest of all that a group's digests have seen.",
)
scalar(
    "hash_counts",
    "(SetDigest) -> map(bigint,smallint)",
    sql="trino_set_digest_counts({0})",
    doc="The hashes of a set digest, with how often each came.",
)
scalar(
    "jaccard_index",
    "(SetDigest, SetDigest) -> double",
    sql="trino_jaccard_index({0}, {1})",
    doc="The share of the values of two sets that are in both, about.",
)
scalar(
    "intersection_cardinality",
    "(SetDigest, SetDigest) -> bigint",
    sql="trino_intersection_cardinality({0}, {1})",
    doc="How many values two sets have in common, about.",
)
