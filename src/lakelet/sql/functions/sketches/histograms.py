"""Approximate histograms: of numbers in buckets that are merged where it matters least, and of
the most frequent values."""

import heapq
from typing import Any, Final

from lakelet.errors import TrinoError
from lakelet.sql.functions.filtering import complete
from lakelet.sql.functions.registry import Call, aggregate, udf
from lakelet.sql.functions.sketches.hyperloglog import collected
from lakelet.sql.functions.sketches.quantiles import pairs
from lakelet.sql.functions.vectorised import invalid
from lakelet.types.duckdb import physical

_BUFFER: Final = 100
"""Values that are taken in before buckets are merged (NumericHistogramAggregation)."""

Bucket = tuple[float, float]
"""A value and its weight."""


def numeric_histogram(buckets: int, values: list[Bucket]) -> list[Bucket]:
    """At most that many buckets for values with weights, in ascending order."""
    room = buckets + _BUFFER
    kept: list[Bucket] = []
    for each in values:
        if len(kept) == room:
            kept = _compacted(kept, buckets)
        kept.append(each)
    return _compacted(kept, buckets)


def _compacted(kept: list[Bucket], buckets: int) -> list[Bucket]:
    joined: list[Bucket] = []
    for value, weight in sorted(kept, key=lambda each: (each[0] != each[0], each[0])):
        if joined and joined[-1][0] == value:
            joined[-1] = (value, joined[-1][1] + weight)
        else:
            joined.append((value, weight))
    return joined if len(joined) <= buckets else _merged(joined, buckets)


def _merged(found: list[Bucket], buckets: int) -> list[Bucket]:
    """Merges the neighbours whose merging costs least, until few enough are left."""
    count = len(found)
    state: list[Bucket | None] = list(found)
    after: list[int] = [*range(1, count), -1]
    before: list[int] = list(range(-1, count - 1))
    version = [0] * count

    def entry(i: int) -> tuple[float, int, int]:
        here, right = state[i], state[after[i]] if after[i] >= 0 else None
        cost = float("inf") if here is None or right is None else _penalty(here, right)
        return cost, i, version[i]

    queue = [entry(i) for i in range(count)]
    heapq.heapify(queue)
    left = count
    while left > buckets:
        _, i, seen = heapq.heappop(queue)
        here = state[i]
        if here is None or seen != version[i]:
            continue
        j = after[i]
        other = state[j]
        if j < 0 or other is None:
            break
        weight = here[1] + other[1]
        state[i] = ((here[0] * here[1] + other[0] * other[1]) / weight, weight)
        state[j] = None
        after[i] = after[j]
        if after[j] >= 0:
            before[after[j]] = i
        left -= 1
        for changed in (i, before[i]):
            if changed >= 0:
                version[changed] += 1
                heapq.heappush(queue, entry(changed))
    return sorted(each for each in state if each is not None)


def _penalty(a: Bucket, b: Bucket) -> float:
    """How much merging two buckets adds to the squared distances from their means."""
    total = a[1] + b[1]
    return total * (a[0] - b[0]) ** 2 * (a[1] * b[1] / (total * total))


def most_frequent(buckets: int, values: list[Any], capacity: int) -> list[tuple[Any, int]]:
    """The most frequent values and how often they came, about: of those of the least count the
    last one gives way to a new value (Space-Saving)."""
    counts: dict[Any, int] = {}
    for value in values:
        if value in counts:
            counts[value] += 1
        elif len(counts) < capacity:
            counts[value] = 1
        else:
            least = min(counts, key=counts.__getitem__)
            counts[value] = counts.pop(least) + 1
    ordered = sorted(counts.items(), key=lambda each: -each[1])
    return ordered[:buckets]


# Functions ---------------------------------------------------------------------------------


def _load_numeric() -> Any:
    import pyarrow

    of = pyarrow.map_(pyarrow.float64(), pyarrow.float64())

    def histogram(values: list[Any] | None, buckets: int | None) -> Any:
        if values is None or buckets is None:
            return None
        if buckets < 2:
            raise invalid("numeric_histogram bucket count must be greater than one")
        if buckets >= 2**31:
            raise TrinoError("GENERIC_INTERNAL_ERROR", "integer overflow")
        return numeric_histogram(buckets, [(each["v"], each["w"]) for each in values])

    def run(lists: Any, buckets: Any) -> Any:
        rows = zip(lists.to_pylist(), buckets.to_pylist(), strict=True)
        return pyarrow.array([histogram(*row) for row in rows], of)

    return run


def _load_frequent() -> Any:
    import pyarrow

    def frequent(values: list[Any] | None, buckets: int | None, capacity: int | None) -> Any:
        if values is None or buckets is None or capacity is None:
            return None
        if buckets < 2:
            raise invalid("approx_most_frequent bucket count must be greater than one")
        return most_frequent(buckets, values, capacity)

    def run(lists: Any, *others: Any) -> Any:
        key = lists.type.value_type
        columns = [each.to_pylist() for each in (lists, *others)]
        found = [frequent(*row) for row in zip(*columns, strict=True)]
        return pyarrow.array(found, pyarrow.map_(key, pyarrow.int64()))

    return run


udf(
    "trino_numeric_histogram",
    _load_numeric,
    ("STRUCT(v DOUBLE, w DOUBLE)[]", "BIGINT"),
    "MAP(DOUBLE, DOUBLE)",
)
for _name, _kind in {"bigint": "BIGINT", "varchar": "VARCHAR"}.items():
    udf(
        f"trino_most_frequent_{_name}",
        _load_frequent,
        (f"{_kind}[]", "BIGINT", "BIGINT"),
        f"MAP({_kind}, BIGINT)",
    )


def _numeric_histogram(call: Call) -> str:
    call = complete(call)
    buckets, value, weight = (*call.arguments, "1")[:3]
    wanted = f"any_value({buckets}){call.over}"
    found = f"trino_numeric_histogram({pairs(call, value, weight)}, {wanted})"
    return found if call.types[1].name == "double" else f"CAST({found} AS {physical(call.result)})"


def _approx_most_frequent(call: Call) -> str:
    call = complete(call)
    buckets, value, capacity = call.arguments
    fixed = ", ".join(f"any_value({each}){call.over}" for each in (buckets, capacity))
    return f"trino_most_frequent_{call.types[1].name}({collected(call, value)}, {fixed})"


aggregate(
    "numeric_histogram",
    *(
        f"(bigint, {', '.join((of, *more))}) -> map({of},{of})"
        for of in ("double", "real")
        for more in ((), ("double",))
    ),
    sql=_numeric_histogram,
    doc="At most that many buckets of a group's numbers, each a mean with its weight.",
)
aggregate(
    "approx_most_frequent",
    "(bigint, bigint, bigint) -> map(bigint,bigint)",
    "(bigint, varchar, bigint) -> map(varchar,bigint)",
    sql=_approx_most_frequent,
    doc="The most frequent values of a group and how often they came, about.",
)
