"""Aggregates: counting, summing, averaging, extremes, collecting, statistics."""

from typing import Final

from lakelet.sql.emitter.comparison import equal, extreme, is_partial, key
from lakelet.sql.functions.binding import bound
from lakelet.sql.functions.filtering import condition
from lakelet.sql.functions.numbers.decimals import rescale, unscale
from lakelet.sql.functions.registry import Call, Emit, aggregate, alias, macro
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
    if not call.arguments:
        return f"count(*){call.over}"
    (value,) = call.arguments
    return _one("count", key(value, call.types[0]) if call.distinct else value, call)


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
        mean = f"floor({mean} + 0.5)"
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
    sql="CAST(coalesce(count_if({distinct}{0}{order}){over}, 0) AS BIGINT)",
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

# Extremes ----------------------------------------------------------------------------------


def _extreme(call: Call) -> str:
    """The least or greatest value; NaN only where there is nothing else."""
    of, value = call.types[0], call.arguments[0]
    if len(call.arguments) == 2:
        return _extremes(call.name, value, value, of, call)
    if of.name in _FLOATING and call.name == "max":
        number = f"CASE WHEN {value} <= CAST('Infinity' AS DOUBLE) THEN {value} END"
        return f"coalesce({_one('max', number, call)}, {_one('max', value, call)})"
    if is_partial(of):
        return _decided(call, value, of)
    if key(value, of) != value:
        return f"arg_{call.name}({value}, {key(value, of)}{call.order}){call.over}"
    return _one(call.name, value, call)


def _decided(call: Call, value: str, of: Type) -> str:
    """Values that may hold NULLs: the best of those that do not, compared with those that do."""
    whole = f"{equal(value, value, of)} IS NOT NULL"
    best = f"arg_{call.name}({value}, {key(value, of)}){condition(call, whole)}"
    partial = f"array_agg({value}){condition(call, f'{value} IS NOT NULL AND NOT ({whole})')}"

    def compared(first: str, rest: str) -> str:
        values = f"list_filter(list_prepend({first}, {rest}), lambda _v: _v IS NOT NULL)"
        sign = ">" if call.name == "max" else "<"
        return f"CASE WHEN {rest} IS NULL THEN {first} ELSE {extreme(values, sign, of)} END"

    return bound((best, partial), compared, once=True)


def _extreme_by(call: Call) -> str:
    value, by, of = call.arguments[0], call.arguments[1], call.types[1]
    if len(call.arguments) == 3:
        return _extremes(call.name[:3], value, by, of, call)
    return f"arg_{call.name[:3]}_null({value}, {_rank(call.name, by, of)}{call.order}){call.over}"


def _rank(name: str, by: str, of: Type) -> str:
    """What DuckDB compares: NaN, its greatest number, must not win as a maximum either."""
    if of.name in _FLOATING and name.startswith("max"):
        return f"CASE WHEN isnan({by}) THEN '-Infinity' ELSE {by} END"
    return key(by, of)


_MOST: Final = 10_000


def _checked_count(name: str, function: str, count: str) -> str:
    """How many values are wanted, in the words of MaxNByAggregation and MaxNAggregation."""
    which, what, long = "third", "a positive integer", function
    if name == function:
        which, what, long, function = "second", "positive", f"{name}_n", "max_n/min_n"
    few = f"'{which} argument of {function} must be {what}'"
    many = f"'{which} argument of {long} must be less than or equal to {_MOST}; found ' || {count}"
    return (
        f"CASE WHEN {count} <= 0 THEN trino_fail('INVALID_FUNCTION_ARGUMENT', {few})"
        f" WHEN {count} > {_MOST} THEN trino_fail('INVALID_FUNCTION_ARGUMENT', {many})"
        f" ELSE {count} END"
    )


def _extremes(name: str, value: str, by: str, of: Type, call: Call) -> str:
    """The values of the n least or greatest; a value in a struct may be NULL."""
    if call.constants[-1] is None:
        return f"any_value(CAST(NULL AS {physical(call.result)})){call.over}"
    count, over = call.arguments[-1], call.over
    fixed = isinstance(call.constants[-1], int)
    if not fixed or not 0 < call.constants[-1] <= _MOST:
        count = bound((count,), lambda n: _checked_count(name, call.name, n))
    if not fixed:
        # Rows whose key or number is NULL are not looked at.
        seen = f"{by} IS NOT NULL AND {call.arguments[-1]} IS NOT NULL"
        over, count = condition(call, seen), f"CASE WHEN {seen} THEN {count} ELSE 1 END"
    found = f"arg_{name}(struct_pack(v := {value}), {_rank(name, by, of)}, {count}){over}"
    return f"list_transform({found}, lambda _e: _e.v)"


for _name, _word in {"min": "least", "max": "greatest"}.items():
    aggregate(
        _name,
        "(T:orderable) -> T",
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


def _array_agg(call: Call) -> str:
    (value,) = call.arguments
    of = call.types[0]
    if not call.distinct or key("_e", of) == "_e":
        return _one("array_agg", value, call)
    collected = f"array_agg({value}{call.order}){call.over}"
    first = f"trino_first_places(list_transform(_l, lambda _e: {key('_e', of)}))"
    return f"list_transform([{collected}], lambda _l: list_select(_l, {first}))[1]"


aggregate(
    "array_agg",
    "(T) -> array(T)",
    sql=_array_agg,
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


def _spread(name: str) -> Emit:
    """A variance or its root; NaN where a value is not finite, and infinite where its square is
    not, which DuckDB refuses. Numbers as great are made small, which still tells equal ones."""

    def emit(call: Call) -> str:
        number = f"CAST({call.arguments[0]} AS DOUBLE)"
        if call.types[0].name != "double":
            return _one(name, number, call)
        most = f"max(abs({number})){call.over}"
        return f"trino_spread({_one(name, f'trino_squarable({number})', call)}, {most})"

    return emit


macro(
    "trino_squarable",
    "(x) AS CASE WHEN abs(x) < 6e153 THEN x WHEN isfinite(x) THEN x * 1e-200"
    " WHEN x IS NOT NULL THEN 0 END",
)
macro(
    "trino_spread",
    "(found, most) AS CASE WHEN most < 6e153 OR found IS NULL THEN found"
    " WHEN NOT isfinite(most) THEN 'NaN'::DOUBLE WHEN found > 0 THEN 'Infinity'::DOUBLE"
    " ELSE found END",
)
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
        sql=_spread(_duckdb),
        doc=_doc,
    )
alias("stddev", "stddev_samp")
alias("variance", "var_samp")
