"""Integers as bits, and as texts of any base."""

from lakelet.sql.functions.binding import bound
from lakelet.sql.functions.numbers.math import BITS, integers
from lakelet.sql.functions.registry import Call, macro, scalar
from lakelet.sql.functions.vectorised import strict

# Bits ---------------------------------------------------------------------------------------


def _places(call: Call) -> str:
    """Java looks at the last six bits of a negative number of places."""
    count, places = call.arguments[1], call.constants[1]
    if isinstance(places, int) and places >= 0:
        return count
    return bound((count,), lambda n: f"(CASE WHEN {n} < 0 THEN {n} & 63 ELSE {n} END)")


def _shift_left(call: Call) -> str:
    bits = BITS[call.result.name]
    return f"trino_shift_left_{bits}({call.arguments[0]}, {_places(call)})"


def _shift_right(call: Call) -> str:
    """Zeros come in from the left: the bits are taken as an unsigned number."""
    name = call.result.name
    value, count = call.arguments[0], _places(call)
    unsigned = f"(CAST({value} AS HUGEINT) & {2 ** BITS[name] - 1}::HUGEINT)"
    return f"trino_shift_right_{BITS[name]}({unsigned}, {count})"


def _shift_right_arithmetic(call: Call) -> str:
    value, count = call.arguments[0], _places(call)
    last = BITS[call.result.name] - 1
    within = f"CAST(CASE WHEN {count} BETWEEN 0 AND {last} THEN {count} ELSE {last} END AS HUGEINT)"
    shifted = f"(CAST({value} AS HUGEINT) >> {within})"
    return f"CAST({_floor_shift(value, within, shifted)} AS {call.result.name})"


def _floor_shift(value: str, count: str, shifted: str) -> str:
    """DuckDB does not shift negative numbers right; -1 - (-1 - x >> n) does."""
    return (
        f"CASE WHEN {value} < 0 THEN -1 - ((-1 - CAST({value} AS HUGEINT)) >> {count})"
        f" ELSE {shifted} END"
    )


for _name, _bits in BITS.items():
    _all = 2**_bits
    macro(
        f"trino_signed_{_bits}",
        f"(x) AS CAST(CASE WHEN x >= {_all // 2}::HUGEINT THEN x - {_all}::HUGEINT ELSE x END"
        f" AS {_name})",
    )
    macro(
        f"trino_shift_left_{_bits}",
        f"(x, n) AS CASE WHEN n IS NULL THEN NULL WHEN n BETWEEN 0 AND {_bits - 1} THEN "
        f"trino_signed_{_bits}((((CAST(x AS HUGEINT) & {_all - 1}::HUGEINT)"
        f" & (({_all}::HUGEINT >> CAST(n AS HUGEINT)) - 1)) * trino_power_of_two(n)))"
        f" ELSE CAST(x * 0 AS {_name}) END",
    )
    macro(
        f"trino_shift_right_{_bits}",
        f"(x, n) AS CASE WHEN n BETWEEN 0 AND {_bits - 1} THEN "
        f"trino_signed_{_bits}(x >> CAST(n AS HUGEINT)) WHEN n IS NOT NULL"
        f" THEN CAST(x * 0 AS {_name}) END",
    )
macro("trino_power_of_two", "(n) AS (1::HUGEINT << CAST(n AS HUGEINT))")

for _name, _sql, _doc in (
    ("bitwise_and", "({0} & {1})", "The bits that both numbers have."),
    ("bitwise_or", "({0} | {1})", "The bits that either number has."),
    ("bitwise_xor", "xor({0}, {1})", "The bits that one of the two numbers has."),
):
    scalar(_name, "(bigint, bigint) -> bigint", sql=_sql, doc=_doc)
scalar("bitwise_not", "(bigint) -> bigint", sql="(~{0})", doc="Every bit turned.")
for _name, _emit, _doc in (
    ("bitwise_left_shift", _shift_left, "The bits moved to the left; zeros come in."),
    ("bitwise_right_shift", _shift_right, "The bits moved to the right; zeros come in."),
    (
        "bitwise_right_shift_arithmetic",
        strict(_shift_right_arithmetic),
        "The bits moved to the right; the sign comes in.",
    ),
):
    scalar(_name, *integers("(N, integer) -> N"), sql=_emit, doc=_doc)

macro(
    "trino_bit_count",
    "(x, bits) AS CASE WHEN bits < 2 OR bits > 64 THEN CAST(trino_fail("
    "'INVALID_FUNCTION_ARGUMENT', 'Bits specified in bit_count must be between 2 and 64, got '"
    " || bits) AS BIGINT) "
    "WHEN bits < 64 AND (x >= trino_power_of_two(bits - 1) OR x < -trino_power_of_two(bits - 1))"
    " THEN CAST(trino_fail('INVALID_FUNCTION_ARGUMENT', 'Number must be representable with the"
    " bits specified. ' || x || ' cannot be represented with ' || bits || ' bits') AS BIGINT) "
    "ELSE CAST(bit_count(CAST(x AS HUGEINT) & (trino_power_of_two(bits) - 1)) AS BIGINT) END",
)
scalar(
    "bit_count",
    "(bigint, bigint) -> bigint",
    sql=strict(lambda call: f"trino_bit_count({', '.join(call.arguments)})"),
    doc="How many bits are set in the two's complement of that many bits.",
)

# Bases --------------------------------------------------------------------------------------

# Inside a guard the radix is 2 where it would make DuckDB raise its own error.
macro(
    "trino_radix",
    "(radix, guarded) AS CASE WHEN radix < 2 OR radix > 36 THEN CAST(trino_fail("
    "'INVALID_FUNCTION_ARGUMENT', 'Radix must be between 2 and 36') AS VARCHAR)"
    " ELSE guarded END",
)
macro(
    "trino_safe_radix",
    "(radix) AS CAST(CASE WHEN radix BETWEEN 2 AND 36 THEN radix ELSE 2 END AS INTEGER)",
)
# Minus 2^63 has no positive counterpart, so its last digit is written by itself.
macro(
    "trino_to_base",
    "(x, radix) AS trino_radix(radix, CASE WHEN x < 0 THEN '-' ELSE '' END || lower("
    "CASE WHEN x = -9223372036854775808 THEN to_base(-(x // radix), trino_safe_radix(radix))"
    " || to_base(-(x % radix), trino_safe_radix(radix))"
    " ELSE to_base(abs(x), trino_safe_radix(radix)) END))",
)
macro(
    "trino_digits",
    "(text) AS list_transform(string_split(lower(ltrim(text, '+-')), ''),"
    " lambda c: strpos('0123456789abcdefghijklmnopqrstuvwxyz', c) - 1)",
)
macro(
    "trino_base_value",
    "(text, radix) AS list_reduce(list_transform(trino_digits(text), lambda d: CAST(d AS HUGEINT)),"
    " lambda a, d: a * radix + d) * CASE WHEN text[1] = '-' THEN -1 ELSE 1 END",
)
# 64 digits of base 2 are the most that a valid text has beside leading zeros.
macro(
    "trino_from_base",
    "(text, radix) AS CASE WHEN radix < 2 OR radix > 36 THEN CAST(trino_fail("
    "'INVALID_FUNCTION_ARGUMENT', 'Radix must be between 2 and 36') AS BIGINT)"
    " WHEN regexp_full_match(text, '[+-]?[0-9A-Za-z]+') AND list_max(trino_digits(text)) < radix"
    " AND length(text) * log2(radix) < 126 AND"
    " trino_base_value(text, radix) BETWEEN -9223372036854775808 AND 9223372036854775807"
    " THEN CAST(trino_base_value(text, radix) AS BIGINT)"
    " WHEN text IS NOT NULL AND radix IS NOT NULL THEN CAST(trino_fail('INVALID_FUNCTION_ARGUMENT',"
    " 'Not a valid base-' || radix || ' number: ' || text) AS BIGINT) END",
)
scalar(
    "to_base",
    "(bigint, bigint) -> varchar(64)",
    sql=strict(lambda call: f"trino_to_base({', '.join(call.arguments)})"),
    doc="The number written with a radix from 2 to 36.",
)
scalar(
    "from_base",
    "(varchar(x), bigint) -> bigint",
    sql=strict(lambda call: f"trino_from_base({', '.join(call.arguments)})"),
    doc="The number that a text with a radix from 2 to 36 means.",
)
