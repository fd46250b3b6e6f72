"""tdigest and qdigest: their aggregates and their quantiles."""

import itertools
import struct
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from lakelet.sql.functions.filtering import complete
from lakelet.sql.functions.registry import Call, Emit, aggregate, scalar, udf
from lakelet.sql.functions.sketches import qdigest, tdigest
from lakelet.sql.functions.sketches.hyperloglog import collected
from lakelet.sql.functions.sketches.lists import internal, of_lists
from lakelet.sql.functions.vectorised import invalid, rowwise
from lakelet.types.duckdb import physical

NUMBERS: Final = ("bigint", "double", "real")

# Making them -------------------------------------------------------------------------------


def weighed(values: Any) -> tuple[list[Any], list[float]]:
    """The values and weights of an Arrow array of structs of both."""
    weights = values.field("w").to_pylist()
    for weight in weights:
        if not weight >= 1:
            raise invalid(f"weight must be >= 1, was {weight!r}")
    return values.field("v").to_pylist(), weights


def _make_tdigest(values: Any) -> bytes:
    digest = tdigest.TDigest()
    digest.extend(*weighed(values))
    return digest.write()


def _make_qdigest(encode: Callable[[Any], int]) -> Callable[..., bytes]:
    def make(values: Any, accuracy: float) -> bytes:
        if not 0 < accuracy < 1:
            raise invalid(
                f"Percentile accuracy must be exclusively between 0 and 1, was {accuracy!r}"
            )
        digest = qdigest.QuantileDigest(accuracy)
        for value, weight in zip(*weighed(values), strict=True):
            digest.add(encode(value), weight)
        return digest.write()

    return make


def _sortable(form: str, bits: int) -> tuple[Callable[[float], int], Callable[[int], float]]:
    """Floating numbers as whole ones in the same order, and back."""
    whole = "q" if bits == 64 else "i"
    greatest = (1 << (bits - 1)) - 1

    def encode(value: float) -> int:
        (found,) = struct.unpack(whole, struct.pack(form, value))
        return int(found ^ greatest if found < 0 else found)

    def decode(number: int) -> float:
        (found,) = struct.unpack(
            form, struct.pack(whole, number ^ greatest if number < 0 else number)
        )
        return float(found)

    return encode, decode


_CODES: Final[dict[str, tuple[Callable[[Any], int], Callable[[int], Any]]]] = {
    "bigint": (int, int),
    "double": _sortable("d", 64),
    "real": _sortable("f", 32),
}


def _merge_tdigests(values: Any) -> bytes:
    first, *rest = map(tdigest.read, values.to_pylist())
    for each in rest:
        first.join(each)
    return first.write()


def _merge_qdigests(values: Any) -> bytes:
    first, *rest = map(qdigest.read, values.to_pylist())
    for each in rest:
        first.join(each)
    return first.write()


def _lists(function: Callable[..., Any], result: str) -> Callable[[], Any]:
    return lambda: of_lists(function, result)


udf("trino_tdigest_agg", _lists(_make_tdigest, "binary"), ("STRUCT(v DOUBLE, w DOUBLE)[]",), "BLOB")
udf("trino_tdigest_merge", _lists(_merge_tdigests, "binary"), ("BLOB[]",), "BLOB")
udf("trino_qdigest_merge", _lists(_merge_qdigests, "binary"), ("BLOB[]",), "BLOB")


def pairs(call: Call, value: str, weight: str, kind: str = "DOUBLE") -> str:
    """The values of a group with their weights, as a list of structs; rows with a NULL are out."""
    packed = f"struct_pack(v := CAST({value} AS {kind}), w := CAST({weight} AS DOUBLE))"
    known = f"CASE WHEN {value} IS NOT NULL AND {weight} IS NOT NULL THEN {packed} END"
    return collected(call, known)


def _tdigest_agg(call: Call) -> str:
    value, weight = (*call.arguments, "1")[:2]
    return f"trino_tdigest_agg({pairs(call, value, weight)})"


def _qdigest_agg(call: Call) -> str:
    kind = call.types[0]
    call = complete(call)
    value, weight = (*call.arguments, "1")[:2]
    accuracy = str(qdigest.ACCURACY)
    if len(call.arguments) == 3:
        accuracy = f"any_value({call.arguments[2]}){call.over}"
    values = pairs(call, value, weight, physical(kind))
    return f"trino_qdigest_agg_{kind}({values}, CAST({accuracy} AS DOUBLE))"


aggregate(
    "tdigest_agg",
    "(double) -> tdigest",
    "(double, double) -> tdigest",
    sql=_tdigest_agg,
    doc="The TDigest of a group's values, perhaps weighed.",
)
aggregate(
    "qdigest_agg",
    *(
        f"({', '.join((of, *more))}) -> qdigest({of})"
        for of in NUMBERS
        for more in ((), ("bigint",), ("bigint", "double"))
    ),
    sql=_qdigest_agg,
    doc="The QuantileDigest of a group's values, perhaps weighed, of a given accuracy.",
)
_MERGES: Final = {
    "HyperLogLog": "trino_hll_merge",
    "tdigest": "trino_tdigest_merge",
    "qdigest": "trino_qdigest_merge",
}


def _merge(call: Call) -> str:
    return f"{_MERGES[call.types[0].name]}({collected(call, call.arguments[0])})"


aggregate(
    "merge",
    "(HyperLogLog) -> HyperLogLog",
    "(tdigest) -> tdigest",
    "(qdigest(V)) -> qdigest(V)",
    sql=_merge,
    doc="The sketch of all that a group's sketches have seen.",
)

# Asking them -------------------------------------------------------------------------------


def _check(quantile: float) -> None:
    if not 0 <= quantile <= 1:
        raise internal("quantile must be between [0,1]")


def _tdigest_values(data: bytes, quantiles: list[float]) -> list[float]:
    if any(a > b for a, b in itertools.pairwise(quantiles)):
        raise invalid("percentiles must be sorted in increasing order")
    return tdigest.read(data).values_at(quantiles)


def _qdigest_value(decode: Callable[[int], Any]) -> Callable[[bytes, float], Any]:
    def value(data: bytes, quantile: float) -> Any:
        _check(quantile)
        return decode(qdigest.read(data).value_at(quantile))

    return value


def _qdigest_values(decode: Callable[[int], Any]) -> Callable[[bytes, list[float]], list[Any]]:
    def values(data: bytes, quantiles: list[float]) -> list[Any]:
        if any(a > b for a, b in itertools.pairwise(quantiles)):
            raise invalid("percentiles must be sorted in increasing order")
        for each in quantiles:
            _check(each)
        digest = qdigest.read(data)
        return [decode(digest.value_at(each)) for each in quantiles]

    return values


def _quantile_of(encode: Callable[[Any], int]) -> Callable[[bytes, Any], float | None]:
    return lambda data, value: qdigest.read(data).quantile_of(encode(value))


def _several(function: Callable[..., Any], element: str) -> Callable[[], Any]:
    """As `rowwise`, for functions that give lists."""

    def load() -> Any:
        import pyarrow

        return rowwise(function, pyarrow.list_(pyarrow.type_for_alias(element)))

    return load


def _register() -> None:
    aliases = {"bigint": "int64", "double": "double", "real": "float"}
    kinds = {"bigint": "BIGINT", "double": "DOUBLE", "real": "FLOAT"}
    for of, (encode, decode) in _CODES.items():
        kind, arrow = kinds[of], aliases[of]
        udf(
            f"trino_qdigest_agg_{of}",
            _lists(_make_qdigest(encode), "binary"),
            (f"STRUCT(v {kind}, w DOUBLE)[]", "DOUBLE"),
            "BLOB",
        )
        value = partial(rowwise, _qdigest_value(decode), arrow)
        udf(f"trino_qdigest_value_{of}", value, ("BLOB", "DOUBLE"), kind)
        values = _several(_qdigest_values(decode), arrow)
        udf(f"trino_qdigest_values_{of}", values, ("BLOB", "DOUBLE[]"), f"{kind}[]")
        place = partial(rowwise, _quantile_of(encode), "double")
        udf(f"trino_qdigest_quantile_{of}", place, ("BLOB", kind), "DOUBLE")
    udf(
        "trino_tdigest_value",
        partial(
            rowwise, lambda data, quantile: tdigest.read(data).values_at([quantile])[0], "double"
        ),
        ("BLOB", "DOUBLE"),
        "DOUBLE",
    )
    udf(
        "trino_tdigest_values",
        _several(_tdigest_values, "double"),
        ("BLOB", "DOUBLE[]"),
        "DOUBLE[]",
    )


_register()


def _of_digest(what: str) -> Emit:
    """The Arrow function for the kind of digest that a call is of."""

    def emit(call: Call) -> str:
        of = call.types[0]
        name = "tdigest" if of.name == "tdigest" else "qdigest"
        kind = "" if of.name == "tdigest" else f"_{of.element}"
        return f"trino_{name}_{what}{kind}({', '.join(call.arguments)})"

    return emit


scalar(
    "value_at_quantile",
    "(tdigest, double) -> double",
    *(f"(qdigest({of}), double) -> {of}" for of in NUMBERS),
    sql=_of_digest("value"),
    doc="The value of a digest at a quantile.",
)
scalar(
    "values_at_quantiles",
    "(tdigest, array(double)) -> array(double)",
    *(f"(qdigest({of}), array(double)) -> array({of})" for of in NUMBERS),
    sql=_of_digest("values"),
    doc="The values of a digest at quantiles.",
)
scalar(
    "quantile_at_value",
    *(f"(qdigest({of}), {of}) -> double" for of in NUMBERS),
    sql=_of_digest("quantile"),
    doc="The share of a digest's values below one; NULL outside of them.",
)
