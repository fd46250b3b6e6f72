"""Numbers: rounding, powers and logarithms, trigonometry, buckets and constants.

Where Java's doubles give NaN or an infinity DuckDB raises; those domains are guarded here.
"""

from collections.abc import Mapping
from typing import Final

from lakelet.sql.functions.binding import bound
from lakelet.sql.functions.registry import (
    FUNCTIONS,
    Call,
    Emit,
    alias,
    macro,
    scalar,
)
from lakelet.sql.functions.vectorised import once, strict

BITS: Final[Mapping[str, int]] = {"tinyint": 8, "smallint": 16, "integer": 32, "bigint": 64}
DOUBLE: Final = "(double) -> double"


def integers(signature: str) -> tuple[str, ...]:
    """The signature for each integer type, written with N for the type."""
    return tuple(signature.replace("N", name) for name in BITS)


NUMBERS: Final = (*integers("(N) -> N"), "(real) -> real", DOUBLE)
WHOLE_DECIMAL: Final = "(decimal(p,s)) -> decimal(p - s + min(s, 1), 0)"


# Signs and rounding -------------------------------------------------------------------------


def _abs(call: Call) -> str:
    """The least value of an integer type has no positive counterpart."""
    (value,) = call.arguments
    name = call.result.name
    if name not in BITS:
        return f"abs({value})"
    least = -(2 ** (BITS[name] - 1))
    message = f"Value {least} is out of range for abs({name})"
    fails = f"CAST(trino_fail('NUMERIC_VALUE_OUT_OF_RANGE', '{message}') AS {name})"
    return f"CASE WHEN {value} = ({least}) THEN {fails} ELSE abs({value}) END"


def _by_kind(of_double: str, of_decimal: str) -> Emit:
    """Integers are whole already; doubles and decimals each have their template."""

    def emit(call: Call) -> str:
        (value,) = call.arguments
        if call.result.name in BITS:
            return value
        if call.result.name == "decimal":
            precision, scale = call.result.numbers
            return f"CAST({of_decimal.format(value)} AS DECIMAL({precision},{scale}))"
        return of_double.format(value)

    return emit


def _digits(call: Call) -> str:
    """Rounds to a number of digits, which may lie before the point."""
    value, digits = call.arguments
    name = call.result.name
    if name == "decimal":
        precision, scale = call.result.numbers
        return _by_digits("round", call, f"CAST({value} AS DECIMAL({precision},{scale}))")
    if name in BITS:
        return f"CAST(trino_round_integer({value}, {digits}) AS {name})"
    return f"trino_round({value}, {digits})"


_MOST_DIGITS: Final = 38


def _by_digits(function: str, call: Call, value: str) -> str:
    """DuckDB rounds decimals to constants only: each number of digits has its branch."""
    digits = call.arguments[1]
    precision, scale = call.result.numbers
    kind = f"DECIMAL({precision},{scale})"
    known = call.constants[1]
    if isinstance(known, int):
        near = max(known, -_MOST_DIGITS)
        return f"CAST({function}({value}, {near}) AS {kind})"

    def body(value: str, digits: str) -> str:
        whens = " ".join(
            f"WHEN {n} THEN CAST({function}({value}, {n}) AS {kind})"
            for n in range(scale - precision, scale)
        )
        few = f"WHEN {digits} < {scale - precision} THEN {value} * 0"
        return (
            f"CASE {few} WHEN {digits} >= {scale} THEN {value} ELSE CASE {digits} {whens} END END"
        )

    return bound((value, digits), body)


def _round(call: Call) -> str:
    if len(call.arguments) == 2:
        return _digits(call)
    return _by_kind("trino_round({0}, 0)", "round({0})")(call)


def _truncate(call: Call) -> str:
    if len(call.arguments) == 1:
        return _by_kind("trunc({0})", "trunc({0})")(call)
    return _by_digits("trino_truncate_decimal", call, call.arguments[0])


def _sign(call: Call) -> str:
    (value,) = call.arguments
    if call.result.name in ("double", "real"):
        return f"trino_sign({value})"
    if call.result.name == "decimal":
        return f"CAST(sign({value}) AS DECIMAL(1,0))"
    return f"CAST(sign({value}) AS {call.result.name})"


macro("trino_sign", "(x) AS CASE WHEN isnan(x) OR x = 0 THEN x ELSE sign(x) END")
macro(
    "trino_round",
    # A power of ten below all doubles is 0, by which Trino divides.
    "(x, n) AS CASE WHEN isfinite(x) THEN CASE WHEN n < -323 THEN 'NaN'"
    " ELSE round(x, CAST(n AS INTEGER)) END ELSE x END",
)
macro("trino_power_of_ten", "(n) AS CAST(CAST('1' || repeat('0', n) AS HUGEINT) AS HUGEINT)")
# Half away from zero; digits after the point change nothing. A power of ten must fit a bigint.
macro(
    "trino_round_integer",
    "(x, n) AS CASE WHEN n >= 0 THEN CAST(x AS HUGEINT) WHEN n < -18 AND x IS NOT NULL THEN"
    " CAST(trino_fail('NUMERIC_VALUE_OUT_OF_RANGE', 'numerical overflow: ' || x) AS HUGEINT) ELSE "
    "(CAST(x AS HUGEINT) + sign(x) * (trino_power_of_ten(-n) // 2)) // trino_power_of_ten(-n)"
    " * trino_power_of_ten(-n) END",
)
macro(
    "trino_truncate_decimal",
    "(x, n) AS CASE WHEN n >= 0 THEN trunc(x, CAST(n AS INTEGER)) ELSE "
    "CAST(trunc(x) AS HUGEINT) // trino_power_of_ten(-n) * trino_power_of_ten(-n) END",
)

scalar("abs", *NUMBERS, "(decimal(p,s)) -> decimal(p,s)", sql=_abs, doc="The absolute value.")
scalar(
    "sign",
    *NUMBERS,
    "(decimal(p,s)) -> decimal(1,0)",
    sql=_sign,
    doc="-1, 0 or 1 by the sign of the number; NaN for NaN.",
)
scalar(
    "ceiling",
    *NUMBERS,
    WHOLE_DECIMAL,
    sql=_by_kind("ceil({0})", "ceil({0})"),
    doc="The least whole number that is not below the value.",
)
alias("ceil", of="ceiling")
scalar(
    "floor",
    *NUMBERS,
    WHOLE_DECIMAL,
    sql=_by_kind("floor({0})", "floor({0})"),
    doc="The greatest whole number that is not above the value.",
)
scalar(
    "round",
    *NUMBERS,
    WHOLE_DECIMAL,
    *integers("(N, integer) -> N"),
    "(real, integer) -> real",
    "(double, integer) -> double",
    "(decimal(p,s), integer) -> decimal(min(38, p + 1), s)",
    sql=_round,
    doc="The nearest whole number, or number of that many digits; halves go away from zero.",
)
scalar(
    "truncate",
    DOUBLE,
    "(real) -> real",
    "(decimal(p,s)) -> decimal(max(p - s, 1), 0)",
    "(decimal(p,s), integer) -> decimal(p,s)",
    sql=_truncate,
    doc="The number without its digits after the point, or after that many digits.",
)


def _mod(call: Call) -> str:
    """The operator, but for what whole numbers say of a divisor of 0."""
    text = FUNCTIONS["%"].emit(call)
    if call.result.name not in ("tinyint", "smallint", "integer", "bigint"):
        return text
    fails = f"CAST(trino_fail_anyway('GENERIC_INTERNAL_ERROR', '/ by zero') AS {call.result})"
    if isinstance(call.constants[1], int) and call.constants[1] != 0:
        return text
    return bound(
        (call.arguments[1],),
        lambda divisor: (
            f"CASE WHEN {divisor} = 0 AND {call.arguments[0]} IS NOT NULL"
            f" THEN {fails} ELSE {text} END"
        ),
    )


scalar(
    "mod",
    *integers("(N, N) -> N"),
    "(real, real) -> real",
    "(double, double) -> double",
    "(decimal(a_precision,a_scale), decimal(b_precision,b_scale)) -> decimal("
    "min(a_precision - a_scale, b_precision - b_scale) + max(a_scale, b_scale),"
    " max(a_scale, b_scale))",
    sql=_mod,
    doc="The remainder of a division, with the sign of the dividend.",
)

# Powers, roots and logarithms ---------------------------------------------------------------

macro("trino_sqrt", "(x) AS CASE WHEN x < 0 THEN 'NaN'::DOUBLE ELSE sqrt(x) END")
macro(
    "trino_log",
    "(x, logarithm) AS CASE WHEN x > 0 THEN logarithm WHEN x = 0 THEN '-Infinity'::DOUBLE"
    " WHEN x IS NOT NULL THEN 'NaN'::DOUBLE END",
)
macro("trino_ln", "(x) AS trino_log(x, ln(CASE WHEN x > 0 THEN x END))")
macro("trino_log2", "(x) AS trino_log(x, log2(CASE WHEN x > 0 THEN x END))")
macro("trino_log10", "(x) AS trino_log(x, log10(CASE WHEN x > 0 THEN x END))")

scalar("sqrt", DOUBLE, sql="trino_sqrt({0})", doc="The square root; NaN below zero.")
scalar("cbrt", DOUBLE, sql="cbrt({0})", doc="The cube root.")
scalar("exp", DOUBLE, sql="exp({0})", doc="Euler's number to that power.")
scalar("ln", DOUBLE, sql="trino_ln({0})", doc="The natural logarithm.")
scalar("log2", DOUBLE, sql="trino_log2({0})", doc="The logarithm to base 2.")
scalar("log10", DOUBLE, sql="trino_log10({0})", doc="The logarithm to base 10.")
scalar(
    "log",
    "(double, double) -> double",
    sql="(trino_ln({1}) / trino_ln({0}))",
    doc="The logarithm of the second argument to the base of the first.",
)
# Java's power of one, or of minus one, to no number or an infinite one is no number.
macro(
    "trino_power",
    "(x, y) AS CASE WHEN abs(x) = 1 AND NOT isfinite(y) THEN 'NaN'::DOUBLE ELSE pow(x, y) END",
)
scalar(
    "power",
    "(double, double) -> double",
    sql=once("trino_power"),
    doc="The first argument to the power of the second.",
)
alias("pow", of="power")

# Trigonometry -------------------------------------------------------------------------------

for _name, _domain, _doc in (
    ("acos", "abs(x) <= 1", "The arc cosine, in radians."),
    ("asin", "abs(x) <= 1", "The arc sine, in radians."),
    ("cos", "isfinite(x)", "The cosine of an angle in radians."),
    ("sin", "isfinite(x)", "The sine of an angle in radians."),
    ("tan", "isfinite(x)", "The tangent of an angle in radians."),
):
    macro(
        f"trino_{_name}",
        f"(x) AS CASE WHEN {_domain} THEN {_name}(x) WHEN x IS NOT NULL THEN 'NaN'::DOUBLE END",
    )
    scalar(_name, DOUBLE, sql=f"trino_{_name}({{0}})", doc=_doc)
for _name, _doc in {
    "atan": "The arc tangent, in radians.",
    "cosh": "The hyperbolic cosine.",
    "sinh": "The hyperbolic sine.",
    "tanh": "The hyperbolic tangent.",
    "degrees": "Radians as degrees.",
    "radians": "Degrees as radians.",
}.items():
    scalar(_name, DOUBLE, sql=f"{_name}({{0}})", doc=_doc)
scalar(
    "atan2",
    "(double, double) -> double",
    sql="atan2({0}, {1})",
    doc="The arc tangent of the first argument over the second.",
)

# Constants and what a double is -------------------------------------------------------------

scalar("e", "() -> double", sql="exp(1.0::DOUBLE)", doc="Euler's number.")
scalar("pi", "() -> double", sql="pi()", doc="The ratio of a circle's circumference to its width.")
scalar("infinity", "() -> double", sql="'Infinity'::DOUBLE", doc="Positive infinity.")
scalar("nan", "() -> double", sql="'NaN'::DOUBLE", doc="The double that is not a number.")
scalar("is_finite", "(double) -> boolean", sql="isfinite({0})", doc="Whether it is finite.")
scalar("is_infinite", "(double) -> boolean", sql="isinf({0})", doc="Whether it is infinite.")
scalar(
    "is_nan",
    "(double) -> boolean",
    "(real) -> boolean",
    sql="isnan({0})",
    doc="Whether it is not a number.",
)

# Buckets ------------------------------------------------------------------------------------


def _refuse(*rules: tuple[str, str]) -> str:
    """WHEN branches that raise INVALID_FUNCTION_ARGUMENT, as (condition, message)."""
    return " ".join(
        f"WHEN {condition} THEN"
        f" CAST(trino_fail('INVALID_FUNCTION_ARGUMENT', '{message}') AS BIGINT)"
        for condition, message in rules
    )


macro(
    "trino_width_bucket",
    "(x, low, high, n) AS CASE "
    + _refuse(
        ("n <= 0", "bucketCount must be greater than 0"),
        ("isnan(x)", "operand must not be NaN"),
        ("NOT isfinite(low)", "first bound must be finite"),
        ("NOT isfinite(high)", "second bound must be finite"),
        ("low = high", "bounds cannot equal each other"),
    )
    + " WHEN x IS NULL OR n IS NULL OR low IS NULL OR high IS NULL THEN NULL"
    " WHEN x >= greatest(low, high) AND n = 9223372036854775807 THEN"
    " CAST(trino_fail('NUMERIC_VALUE_OUT_OF_RANGE',"
    " 'Bucket for value ' || trino_java_double(x) || ' is out of range') AS BIGINT)"
    " WHEN x < least(low, high) THEN CASE WHEN low < high THEN 0 ELSE n + 1 END"
    " WHEN x >= greatest(low, high) THEN CASE WHEN low < high THEN n + 1 ELSE 0 END"
    " WHEN low < high THEN CAST(floor(n * (x - low) / (high - low)) AS BIGINT) + 1"
    " ELSE n - CAST(floor(n * (x - high) / (low - high)) AS BIGINT) END",
)
macro(
    "trino_width_bucket_bins",
    "(x, bins) AS CASE "
    + _refuse(
        ("len(bins) = 0", "Bins cannot be an empty array"),
        ("isnan(x)", "Operand cannot be NaN"),
        (
            "len(list_filter(bins, lambda b: NOT isfinite(b))) > 0",
            "Bin value must be finite",
        ),
        ("bins <> list_sort(bins)", "Bin values are not sorted in ascending order"),
    )
    + " ELSE CAST(len(list_filter(bins, lambda b: coalesce(b, 0) <= x)) AS BIGINT) END",
)


def _width_bucket(call: Call) -> str:
    name = "trino_width_bucket" if len(call.arguments) == 4 else "trino_width_bucket_bins"
    return f"{name}({', '.join(call.arguments)})"


scalar(
    "width_bucket",
    "(double, double, double, bigint) -> bigint",
    "(double, array(double)) -> bigint",
    sql=strict(_width_bucket),
    doc="The number of the bucket in which a value lies: equal ones, or between given bounds.",
)

# Chance -------------------------------------------------------------------------------------


def _random(call: Call) -> str:
    if not call.arguments:
        return "random()"
    name = call.result.name
    if len(call.arguments) == 1:
        (stop,) = call.arguments
        fails = f"CAST(trino_fail('INVALID_FUNCTION_ARGUMENT', 'bound must be positive') AS {name})"
        return (
            f"CASE WHEN {stop} <= 0 THEN {fails} ELSE CAST(floor(random() * {stop}) AS {name}) END"
        )
    start, stop = call.arguments
    message = "start value must be less than stop value"
    fails = f"CAST(trino_fail('INVALID_FUNCTION_ARGUMENT', '{message}') AS {name})"
    return (
        f"CASE WHEN {start} >= {stop} THEN {fails}"
        f" ELSE CAST({start} + floor(random() * ({stop} - {start})) AS {name}) END"
    )


scalar(
    "random",
    "() -> double",
    *integers("(N) -> N"),
    *integers("(N, N) -> N"),
    sql=_random,
    doc="A random double below 1, or a random whole number in a range.",
    deterministic=False,
)
alias("rand", of="random")
