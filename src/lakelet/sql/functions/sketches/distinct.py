"""approx_distinct: the HyperLogLog of the values' xxHash64, so that it answers as Trino does."""

import math
from functools import lru_cache
from typing import Any, Final

from lakelet.sql.functions.registry import NOT_CONSTANT, Call, aggregate, udf
from lakelet.sql.functions.sketches import hyperloglog
from lakelet.sql.functions.sketches.checksums import hashed
from lakelet.sql.functions.sketches.hyperloglog import collected
from lakelet.sql.functions.vectorised import invalid

_ERROR: Final = 0.023
_LEAST_ERROR: Final = 0.0040625
_GREATEST_ERROR: Final = 0.26
_FEW: Final = 64
_FINE: Final = 9
"""Up to so many values a sketch of so many index bits is sparse: it counts their prefixes."""


@lru_cache(maxsize=256)
def _index_bits(error: float) -> int:
    """Index bits for a standard error (ApproximateCountDistinctAggregation)."""
    if not _LEAST_ERROR <= error <= _GREATEST_ERROR:
        bounds = f"[{_LEAST_ERROR}, {_GREATEST_ERROR}]"
        raise invalid(f"Max standard error must be in {bounds}: {error!r}")
    return math.ceil(math.log2(math.ceil(1.0816 / (error * error))))


def _load() -> Any:
    import pyarrow

    def count(hashes: Any, error: float) -> int:
        bits = _index_bits(error)
        if len(hashes) <= _FEW and bits >= _FINE:
            return len({each >> (64 - hyperloglog.PREFIX) for each in hashes.to_pylist()})
        values = hashes.to_numpy(zero_copy_only=False)
        return hyperloglog.cardinality(hyperloglog.of_hashes(values, bits))

    def run(chunked: Any, errors: Any) -> Any:
        lists = chunked.combine_chunks()
        offsets = lists.offsets.to_pylist()
        present = lists.is_valid().to_pylist()
        found = [
            count(lists.values[offsets[i] : offsets[i + 1]], error) if present[i] else 0
            for i, error in enumerate(errors.to_pylist())
        ]
        return pyarrow.array(found, pyarrow.int64())

    return run


udf("trino_distinct_hashes", _load, ("UBIGINT[]", "DOUBLE"), "BIGINT")


def _approx_distinct(call: Call) -> str:
    value = call.arguments[0]
    hashes = f"CAST({hashed(value, call.types[0])} AS UBIGINT)"
    error = str(_ERROR)
    if len(call.arguments) == 2:
        given = call.arguments[1]
        hashes = f"CASE WHEN {given} IS NOT NULL THEN {hashes} END"
        fixed = call.constants[1] is not NOT_CONSTANT and call.constants[1] is not None
        error = given if fixed else f"coalesce(any_value({given}){call.over}, {_ERROR})"
    return f"trino_distinct_hashes({collected(call, hashes, distinct=True)}, {error})"


aggregate(
    "approx_distinct",
    "(T) -> bigint",
    "(T, double) -> bigint",
    sql=_approx_distinct,
    doc="How many different values there are, about, within a standard error of 2.3 % or another.",
)
