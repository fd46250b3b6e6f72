"""Aggregates: counting, summing, averaging, extremes, collecting, statistics."""

from typing import Final

from lakelet.sql.emitter.comparison import key
from lakelet.sql.functions.decimals import rescale, unscale
from lakelet.sql.functions.registry import Call, aggregate, alias, macro
from lakelet.types.duckdb import physical
from lakelet.types.model import Type, decimal

_FLOATING: Final = ("real", "double")


def _one(name: str, argument: str, call: Call) -> str:
    """DuckDB's aggregate over one argument with what the call adds to it."""
    return f"{name}({call.distinct}{argument}{call.order}){call.over}"


def _cast(sql: str, of: Type) -> str:
    return f"CAST({sql} AS {physical(of)})"


# Counting, summing, averaging --------------------------------------------------------------


def _count(call: Call) -> str:
    return _one("count", call.arguments[0] if call.arguments else "*", call)


def _sum(call: Call) -> str:
    total = _one("sum", call.arguments[0], call)
    if call.result.name == "decimal" and call.types[0].precision > _SAFE:
        failure = _cast("trino_fail('NUMERIC_VALUE_OUT_OF_RANGE', 'Decimal overflow')", call.result)
        return f"trino_decimal_sum({total}, {_most(call.result)}, {failure})"
    return total if call.result.name in ("double", "decimal") else _cast(total, call.result)


def _most(of: Type) -> str:
    digits = "9" * (38 - of.scale)
    return f"CAST('{digits or '0'}.{'9' * of.scale}' AS {physical(of)})"


_ROWS: Final = 10
"""Digits of more rows than an aggregate meets."""
_SAFE: Final = 38 - _ROWS
"""Digits of a decimal whose sum stays within 38."""
macro(
    "trino_decimal_sum",
    "(total, most, failure) AS"
    " CASE WHEN total IS NULL OR abs(total) <= most THEN total ELSE failure END",
)


def _avg(call: Call) -> str:
    if call.result.name == "decimal":
        return _avg_decimal(call)
    mean = _one("avg", call.arguments[0], call)
    if call.result.name.startswith("interval"):
        mean = f"trunc({mean})"
    return mean if call.result.name == "double" else _cast(mean, call.result)


def _avg_decimal(call: Call) -> str:
    """Exact: the sum over the count, rounded half up to the argument's scale."""
    precision, scale = call.types[0].numbers
    most = decimal(min(precision + _ROWS, 38), scale)
    total = unscale(_one("sum", call.arguments[0], call), most)
    count = f"nullif({_one('count', call.arguments[0], call)}, 0)"
    return rescale(f"trino_divide_half_up({total}, {count})", *call.result.numbers)


aggregate(
    "count",
    "() -> bigint",
    "(T) -> bigint",
    sql=_count,
    doc="How many rows there are, or how many have a value.",
)
aggregate(
    "count_if",
    "(boolean) -> bigint",
    sql="CAST(count_if({distinct}{0}{order}){over} AS BIGINT)",
    doc="How many rows are true.",
)
aggregate(
    "sum",
    *(
        f"({name}) -> {name}"
        for name in ("bigint", "real", "double", "interval day to second", "interval year to month")
    ),
    "(decimal(p,s)) -> decimal(38,s)",
    sql=_sum,
    doc="The sum of the values.",
)
aggregate(
    "avg",
    "(bigint) -> double",
    *(
        f"({name}) -> {name}"
        for name in ("real", "double", "interval day to second", "interval year to month")
    ),
    "(decimal(p,s)) -> decimal(p,s)",
    sql=_avg,
    doc="The mean of the values.",
)
aggregate(
    "approx_distinct",
    "(T) -> bigint",
    "(T, double) -> bigint",
    sql="count(DISTINCT {0}){over}",
    doc="How many different values there are (counted exactly here).",
)

# Extremes ----------------------------------------------------------------------------------


def _extreme(call: Call) -> str:
    """The least or greatest value; NaN only where there is nothing else."""
    of, value = call.types[0], call.arguments[0]
    if len(call.arguments) == 2:
        return f"{call.name}({call.distinct}{', '.join(call.arguments)}{call.order}){call.over}"
    if of.name in _FLOATING and call.name == "max":
        number = f"CASE WHEN {value} <= CAST('Infinity' AS DOUBLE) THEN {value} END"
        return f"coalesce({_one('max', number, call)}, {_one('max', value, call)})"
    if key(value, of) != value:
        return f"arg_{call.name}({value}, {key(value, of)}{call.order}){call.over}"
    return _one(call.name, value, call)


def _extreme_by(call: Call) -> str:
    value, by = call.arguments[0], key(call.arguments[1], call.types[1])
    if len(call.arguments) == 3:
        return f"arg_{call.name[:3]}({value}, {by}, {call.arguments[2]}){call.over}"
    return f"arg_{call.name[:3]}_null({value}, {by}{call.order}){call.over}"


for _name, _word in {"min": "least", "max": "greatest"}.items():
    aggregate(
        _name,
        "(E:orderable) -> E",
        "(E:orderable, bigint) -> array(E)",
        sql=_extreme,
        doc=f"The {_word} value, or the n {_word} values.",
    )
    aggregate(
        f"{_name}_by",
        "(V, K:orderable) -> V",
        "(V, K:orderable, bigint) -> array(V)",
        sql=_extreme_by,
        doc=f"The value of the row whose second argument is {_word}, or of the n such rows.",
    )

# Collecting --------------------------------------------------------------------------------

aggregate(
    "any_value",
    "(T) -> T",
    sql="any_value({distinct}{0}{order}){over}",
    doc="Some value that is not NULL.",
)
alias("arbitrary", "any_value")
aggregate(
    "array_agg",
    "(T) -> array(T)",
    sql="array_agg({distinct}{0}{order}){over}",
    doc="All values as an array, NULLs too.",
)
for _name in ("bool_and", "bool_or"):
    aggregate(
        _name,
        "(boolean) -> boolean",
        sql=f"{_name}({{distinct}}{{0}}{{order}}){{over}}",
        doc=f"Whether {'every' if _name == 'bool_and' else 'some'} value is true.",
    )
alias("every", "bool_and")

# Statistics --------------------------------------------------------------------------------

for _name, _duckdb, _doc in (
    ("stddev_samp", "stddev_samp", "The standard deviation of a sample."),
    ("stddev_pop", "stddev_pop", "The standard deviation of a population."),
    ("var_samp", "var_samp", "The variance of a sample."),
    ("var_pop", "var_pop", "The variance of a population."),
):
    aggregate(
        _name,
        "(bigint) -> double",
        "(double) -> double",
        sql=f"{_duckdb}({{distinct}}CAST({{0}} AS DOUBLE){{order}}){{over}}",
        doc=_doc,
    )
alias("stddev", "stddev_samp")
alias("variance", "var_samp")

# Trino's rank is floor(p * n) from 0, DuckDB's ceil(p * n) - 1: a hair more p makes them one.
macro(
    "trino_rank",
    "(p) AS CASE WHEN p < 0 OR p > 1 THEN CAST(trino_fail('INVALID_FUNCTION_ARGUMENT',"
    " 'Percentile must be between 0 and 1') AS DOUBLE) ELSE least(p + 1e-9, 1) END",
)


def _percentile(call: Call) -> str:
    ranks = f"trino_rank({call.arguments[1]})"
    if call.types[1].name == "array":
        ranks = f"list_transform({call.arguments[1]}, lambda p: trino_rank(p))"
    found = f"quantile_disc({call.distinct}{call.arguments[0]}, {ranks}{call.order}){call.over}"
    return _cast(found, call.result)


aggregate(
    "approx_percentile",
    *(f"({name}, double) -> {name}" for name in ("bigint", "double", "real")),
    *(f"({name}, array(double)) -> array({name})" for name in ("bigint", "double", "real")),
    sql=_percentile,
    doc="The value at a fraction of the sorted values (exact here).",
)
