"""Statistics of a group beyond the mean: covariance, regression, moments, and bits."""

from typing import Final

from lakelet.sql.functions.registry import Call, Emit, aggregate, macro

_ROOT: Final = "1e154"
PAIRS = ("(double, double) -> double", "(real, real) -> real")


def _of_pairs(name: str) -> Emit:
    def emit(call: Call) -> str:
        kind = "DOUBLE" if call.result.name == "double" else "FLOAT"
        both = ", ".join(call.arguments)
        if name.startswith("covar"):
            return f"CAST({name}({both}){call.over} AS {kind})"
        # Of numbers whose squares are infinite Trino makes NULL, and DuckDB fails.
        small = " AND ".join(f"abs({each}) < {_ROOT}" for each in call.arguments)
        among = ", ".join(f"CASE WHEN {small} THEN {each} END" for each in call.arguments)
        value = f"CAST({name}({among}){call.over} AS {kind})"
        whole = f"regr_count({both}){call.over} > 1 AND bool_and({small}){call.over}"
        return f"CASE WHEN {whole} AND isfinite({value}) THEN {value} END"

    return emit


for _name, _doc in (
    ("corr", "The correlation of two columns."),
    ("covar_pop", "The covariance of a population."),
    ("covar_samp", "The covariance of a sample."),
    ("regr_slope", "The slope of the line through the points."),
    ("regr_intercept", "Where the line through the points meets the axis."),
):
    aggregate(_name, *PAIRS, sql=_of_pairs(_name), doc=_doc)

NUMBERS = ("(bigint) -> double", "(double) -> double")


def _powers(call: Call, most: int) -> str:
    """The count and the means of the first powers, as a macro's arguments."""
    (value,) = call.arguments
    number = f"CAST({value} AS DOUBLE)"
    means = [f"avg({' * '.join([number] * power)}){call.over}" for power in range(1, most + 1)]
    return ", ".join([f"count({value}){call.over}", *means])


macro("trino_variance_of_means", "(m1, m2) AS m2 - m1 * m1")
macro(
    "trino_skewness",
    "(n, m1, m2, m3) AS CASE WHEN n >= 3 THEN (m3 - 3 * m1 * m2 + 2 * m1 * m1 * m1)"
    " / pow(trino_variance_of_means(m1, m2), 1.5) END",
)
macro(
    "trino_kurtosis",
    "(n, m1, m2, m3, m4) AS CASE WHEN n >= 4 THEN n * (n + 1.0) / ((n - 1) * (n - 2.0) * (n - 3))"
    " * n * (m4 - 4 * m1 * m3 + 6 * m1 * m1 * m2 - 3 * m1 * m1 * m1 * m1)"
    " / pow(n * trino_variance_of_means(m1, m2) / (n - 1), 2)"
    " - 3 * (n - 1.0) * (n - 1) / ((n - 2) * (n - 3.0)) END",
)
aggregate(
    "skewness",
    *NUMBERS,
    sql=lambda call: f"trino_skewness({_powers(call, 3)})",
    doc="How lopsided the values lie around their mean.",
)
aggregate(
    "kurtosis",
    *NUMBERS,
    sql=lambda call: f"trino_kurtosis({_powers(call, 4)})",
    doc="How heavy the tails of the values are, beside those of a normal distribution.",
)
macro(
    "trino_mean_log",
    "(x) AS CASE WHEN x > 0 THEN ln(x) WHEN x = 0 THEN '-Infinity'::DOUBLE"
    " WHEN x IS NOT NULL THEN 'NaN'::DOUBLE END",
)
aggregate(
    "geometric_mean",
    *NUMBERS,
    "(real) -> real",
    sql=lambda call: (
        f"CAST(exp(avg(trino_mean_log(CAST({call.arguments[0]} AS DOUBLE))){call.over}) AS"
        f" {'FLOAT' if call.result.name == 'real' else 'DOUBLE'})"
    ),
    doc="The mean whose factors multiply to what the values do.",
)

for _name, _sql, _doc in (
    ("bitwise_and_agg", "bit_and", "The bits that all values have."),
    ("bitwise_or_agg", "bit_or", "The bits that any value has."),
    ("bitwise_xor_agg", "bit_xor", "The bits that an odd number of values has."),
):
    aggregate(_name, "(bigint) -> bigint", sql=f"{_sql}({{distinct}}{{0}}){{over}}", doc=_doc)
