"""approx_percentile: the TDigest of a group, so that it answers as Trino does.

What Trino answers over tables depends on how many parts it reads them in, each of which has a
digest of its own: there the values are sorted, which is fast and exact. So are groups of more than
`DIGESTED` values.
"""

import math
from typing import Any, Final

from lakelet.sql.functions.filtering import complete
from lakelet.sql.functions.registry import NOT_CONSTANT, Call, aggregate, macro, udf
from lakelet.sql.functions.sketches import tdigest
from lakelet.sql.functions.sketches.hyperloglog import collected
from lakelet.sql.functions.sketches.lists import of_lists
from lakelet.sql.functions.sketches.quantiles import NUMBERS, pairs, weighed
from lakelet.sql.functions.vectorised import invalid
from lakelet.types.duckdb import physical

DIGESTED: Final = 100_000
_EXACT: Final = 2**53
"""Whole numbers up to here are doubles too."""


def _checked(percentiles: list[float | None]) -> list[float]:
    for each in percentiles:
        if each is None:
            raise invalid("Percentile cannot be null")
        if not 0 <= each <= 1:
            raise invalid("Percentile must be between 0 and 1")
    return [each for each in percentiles if each is not None]


def _digested(values: list[float], weights: list[float], percentiles: list[float]) -> list[float]:
    """What a group's digest says, once it has been sent on as Trino's parts send theirs."""
    for value in values:
        if not math.isfinite(value):
            shown = "NaN" if math.isnan(value) else f"{'-' if value < 0 else ''}Infinity"
            raise invalid(f"value must be finite; was {shown}")
        if isinstance(value, int) and abs(value) > _EXACT and int(float(value)) != value:
            raise invalid(f"no exact double representation for long: {value}")
    digest = tdigest.TDigest()
    digest.extend(list(map(float, values)), weights)
    return tdigest.read(digest.write()).values_at(percentiles)


def _percentiles(values: Any, percentiles: list[float | None]) -> list[float]:
    wanted = _checked(percentiles)
    count = len(values)
    if count > DIGESTED:
        return _ranked(values, [min(int(each * count), count - 1) for each in wanted])
    return _digested(values.to_pylist(), [1.0] * count, wanted)


def _ranked(values: Any, ranks: list[int]) -> list[float]:
    """The values at places of the sorted list."""
    import numpy

    if not ranks:
        return []
    found = numpy.partition(values.to_numpy(zero_copy_only=False), sorted(set(ranks)))
    return [float(found[rank]) for rank in ranks]


def _weighed_percentiles(values: Any, percentiles: list[float | None]) -> list[float]:
    return _digested(*weighed(values), _checked(percentiles))


def _load(function: Any) -> Any:
    def load() -> Any:
        import pyarrow

        return of_lists(function, pyarrow.list_(pyarrow.float64()))

    return load


for _kind in ("BIGINT", "DOUBLE"):
    _name = f"trino_percentiles_{_kind.lower()}"
    udf(_name, _load(_percentiles), (f"{_kind}[]", "DOUBLE[]"), "DOUBLE[]")
    _pair = f"STRUCT(v {_kind}, w DOUBLE)[]"
    _name = f"trino_weighed_percentiles_{_kind.lower()}"
    udf(_name, _load(_weighed_percentiles), (_pair, "DOUBLE[]"), "DOUBLE[]")

# Trino's rank is floor(p * n) from 0, DuckDB's ceil(p * n) - 1: a hair more p makes them one.
macro(
    "trino_rank",
    "(p) AS CASE WHEN p < 0 OR p > 1 THEN CAST(trino_fail('INVALID_FUNCTION_ARGUMENT',"
    " 'Percentile must be between 0 and 1') AS DOUBLE) ELSE least(p + 1e-9, 1) END",
)


def _percentile(call: Call) -> str:
    weighed_by = len(call.arguments) - (len(call.arguments) == 4) == 3
    value, *_, percentile = call.arguments[: 3 if weighed_by else 2]
    of = call.types[2 if weighed_by else 1]
    sorted_ = " OVER (" in call.over or call.reads_tables()
    if not weighed_by and sorted_ and _is_fixed(call, percentile):
        return _ranked_by_engine(call, several=of.name == "array")
    call = complete(call)
    kind = "BIGINT" if call.types[0].name == "bigint" else "DOUBLE"
    several = of.name == "array"
    wanted = percentile if several else f"[{percentile}]"
    # Trino goes by the last row's; over a window `last` is no aggregate.
    one_of = "any_value" if " OVER (" in call.over else "last"
    wanted = f"{one_of}(CAST({wanted} AS DOUBLE[])){call.over}"
    if weighed_by:
        values = pairs(call, value, call.arguments[1], kind)
        found = f"trino_weighed_percentiles_{kind.lower()}({values}, {wanted})"
    else:
        values = collected(call, f"CAST({value} AS {kind})")
        found = f"trino_percentiles_{kind.lower()}({values}, {wanted})"
    if kind == "BIGINT":
        found = f"list_transform({found}, lambda _v: floor(_v + 0.5))"
    return f"CAST({found}{'' if several else '[1]'} AS {physical(call.result)})"


def _is_fixed(call: Call, percentile: str) -> bool:
    """Whether the percentiles are a constant or an array of constants."""
    return call.constants[1] is not NOT_CONSTANT or not any(c in percentile for c in '"_')


def _ranked_by_engine(call: Call, *, several: bool) -> str:
    value, percentile = call.arguments
    ranks = f"trino_rank({percentile})"
    if several:
        ranks = f"list_transform({percentile}, lambda p: trino_rank(p))"
    found = f"quantile_disc({call.distinct}{value}, {ranks}{call.order}){call.over}"
    return f"CAST({found} AS {physical(call.result)})"


aggregate(
    "approx_percentile",
    *(f"({name}, double) -> {name}" for name in NUMBERS),
    *(f"({name}, array(double)) -> array({name})" for name in NUMBERS),
    *(f"({name}, double, double) -> {name}" for name in NUMBERS),
    *(f"({name}, double, double, double) -> {name}" for name in NUMBERS),
    *(f"({name}, double, array(double)) -> array({name})" for name in NUMBERS),
    sql=_percentile,
    doc="The value at a fraction of the sorted values; exact over tables unless weighed.",
)
