"""What Trino's operators do: arithmetic, comparison, concatenation.

DuckDB checks integer and decimal overflow itself; engines.duckdb words it as Trino does. Division
and remainder raise here, row by row.
"""

import math
from decimal import Decimal
from typing import Any, Final

from lakelet.errors import TrinoError
from lakelet.sql.emitter import zoned
from lakelet.sql.emitter.comparison import compare, compare_with_number
from lakelet.sql.emitter.literals import literal
from lakelet.sql.functions.binding import atom, bound, failing
from lakelet.sql.functions.numbers.decimals import quotient, remainder
from lakelet.sql.functions.registry import Call, macro, operator
from lakelet.types.duckdb import is_fine, physical
from lakelet.types.model import Type, timestamp

macro("trino_fail", "(name, message) AS CAST('trino:' || name || ':' || message AS INTEGER)")
# What reads a plan says that the text holds an error instead, as a failure of the parser, which
# DuckDB's TRY lets through.
macro(
    "trino_fail_anyway",
    "(name, message) AS CAST(json_deserialize_sql(json_object('error', true, 'error_type', 'Trino',"
    " 'error_message', 'trino:' || name || ':' || message)) AS INTEGER)",
)

INTEGERS: Final = ("tinyint", "smallint", "integer", "bigint")
NUMBERS: Final = (*INTEGERS, "real", "double")

_DAY: Final = 86_400_000


def _same(*names: str) -> tuple[str, ...]:
    return tuple(f"({name}, {name}) -> {name}" for name in names)


def fail(name: str, message: str, result: Type) -> str:
    """An expression of a type that raises when a row evaluates it; `message` is SQL."""
    return f"CAST({failing(name, message)} AS {physical(result)})"


# Addition and subtraction ------------------------------------------------------------------

_SUM: Final = (
    "(decimal(a,b), decimal(c,d)) -> decimal(min(38, max(a - b, c - d) + max(b, d) + 1), max(b, d))"
)
_INTERVALS: Final = ("interval day to second", "interval year to month")
_MOMENTS: Final = ("timestamp(p)", "timestamp(p) with time zone", "time(p)")


def _moment_signatures(*, both_ways: bool) -> tuple[str, ...]:
    """A day-to-second interval has milliseconds, and so has what it is added to."""
    found = []
    for interval in _INTERVALS:
        for moment in ("date", *_MOMENTS, "time(p) with time zone"):
            if moment.startswith("time(") and interval == "interval year to month":
                continue
            fine = interval == "interval day to second"
            result = moment.replace("(p)", "(max(p, 3))") if fine else moment
            found.append(f"({moment}, {interval}) -> {result}")
            if both_ways:
                found.append(f"({interval}, {moment}) -> {result}")
    return tuple(found)


def _is_interval(of: Type) -> bool:
    return of.name.startswith("interval")


def _widened(call: Call) -> str:
    """The left operand; wide enough that DuckDB does not hold a wide decimal to 64 bits."""
    if call.result.name == "decimal" and call.result.precision > _NARROW:
        narrow = max(of.precision for of in call.types) <= _NARROW
        if narrow:
            return f"CAST({call.arguments[0]} AS DECIMAL({_NARROW + 1},{call.types[0].scale}))"
    return call.arguments[0]


_NARROW: Final = 18
"""Digits of a decimal that DuckDB keeps in 64 bits; it gives no more to a result of two such."""


def _add(call: Call) -> str:
    left, right = call.arguments
    if _is_interval(call.types[0]) and not _is_interval(call.types[1]):
        return _shift(right, call.types[1], left, call.types[0], call.constants[0])
    if _is_interval(call.types[1]) and not _is_interval(call.types[0]):
        return _shift(left, call.types[0], right, call.types[1], call.constants[1])
    return f"({_widened(call)} + {right})"


def _subtract(call: Call) -> str:
    left, right = call.arguments
    moment, other = call.types
    if _is_interval(other) and not _is_interval(moment):
        constant = call.constants[1]
        negative = -constant if isinstance(constant, int) else constant
        text = literal(negative, other) if isinstance(negative, int) else f"(-{right})"
        return _shift(left, moment, text, other, negative, _SUBTRACT)
    if not moment.name.startswith("time"):
        return f"({_widened(call)} - {right})"
    return f"CAST(round(({_micros(left, moment)} - {_micros(right, moment)}) / 1000.0) AS BIGINT)"


def _micros(sql: str, of: Type) -> str:
    if of.name == "timestamp with time zone":
        instant = zoned.instant(sql)
        instant = instant if is_fine(of) else f"CAST({instant} AS TIMESTAMP)"
        return _micros(instant, timestamp(of.precision))
    if of.name == "time with time zone":
        sql = atom(sql)
        clock = f"{sql}.local // 1000000" if is_fine(of) else f"epoch_us(CAST({sql}.local AS TIME))"
        return f"({clock} - CAST({sql}.zone AS BIGINT) * 60000000)"
    return (
        f"CAST(trino_whole_units({sql}, 1000000) AS BIGINT)" if is_fine(of) else f"epoch_us({sql})"
    )


_ADD: Final = "Cannot add hour, minutes or seconds to a date"
_SUBTRACT: Final = "Cannot subtract hour, minutes or seconds from a date"


def _shift(
    moment: str, of: Type, interval: str, kind: Type, constant: Any, words: str = _ADD
) -> str:
    """A date, time or timestamp moved by an interval."""
    if kind.name == "interval year to month":
        return _shift_months(moment, of, interval)
    if of.name == "date":
        return _shift_days(moment, interval, constant, words)
    fine = "_ps" if is_fine(of) else ""
    if of.name in ("timestamp with time zone", "time with time zone"):
        return f"trino_{of.name.split()[0]}_tz{fine}_add({moment}, {interval})"
    if fine:
        return f"trino_{of.name}_ps_add({moment}, {interval})"
    return f"({moment} + to_microseconds({interval} * 1000))"


def _shift_days(moment: str, interval: str, constant: Any, words: str) -> str:
    if isinstance(constant, int) and constant % _DAY == 0:
        return f"({moment} + {constant // _DAY})"
    return bound((moment, interval), lambda m, i: f"trino_date_add_interval({m}, {i}, '{words}')")


def _shift_months(moment: str, of: Type, interval: str) -> str:
    if of.name == "date":
        return f"CAST({moment} + to_months({interval}) AS DATE)"
    if of.name == "timestamp with time zone":
        fine = "_ps" if is_fine(of) else ""
        return f"trino_timestamp_tz{fine}_add_months({moment}, {interval})"
    if is_fine(of):
        return f"trino_timestamp_ps_add_months({moment}, {interval})"
    return f"({moment} + to_months({interval}))"


macro(
    "trino_date_add_interval",
    "(d, i, words) AS CASE WHEN i % 86400000 <> 0 THEN"
    " CAST(trino_fail('INVALID_FUNCTION_ARGUMENT', words) AS DATE)"
    " ELSE d + CAST(i // 86400000 AS INTEGER) END",
)
macro("trino_timestamp_ps_add", "(c, i) AS c + CAST(i AS HUGEINT) * 1000000000")
macro(
    "trino_time_ps_add",
    "(c, i) AS trino_floor_mod(c + i % 86400000 * 1000000000, 86400000000000000)",
)
macro(
    "trino_timestamp_ps_add_months",
    "(c, m) AS trino_moved_ps(c, trino_timestamp_of_ps(c) + to_months(m))",
)

operator(
    "+",
    *_same(*NUMBERS, *_INTERVALS),
    _SUM,
    *_moment_signatures(both_ways=True),
    sql=_add,
    doc="Adds numbers, intervals, or an interval to a date or time.",
)
operator(
    "-",
    *_same(*NUMBERS, *_INTERVALS),
    _SUM,
    *(f"({moment}, {moment}) -> interval day to second" for moment in _MOMENTS),
    "(time(p) with time zone, time(p) with time zone) -> interval day to second",
    *_moment_signatures(both_ways=False),
    sql=_subtract,
    doc="Subtracts numbers, intervals, or an interval from a date or time; the time between two.",
)
operator(
    "negate",
    *(f"({name}) -> {name}" for name in (*NUMBERS, "decimal(p,s)", *_INTERVALS)),
    sql="(-{0})",
    doc="The number or interval of the opposite sign.",
)

# Multiplication ----------------------------------------------------------------------------


def _multiply(call: Call) -> str:
    left, right = call.arguments
    if not _is_interval(call.result):
        return f"({_widened(call)} * {right})"
    unit = _unit(call.result)
    if call.types[0].name == "double":
        return f"trino_interval_times_{unit}({right}, {left})"
    if call.types[1].name == "double":
        return f"trino_interval_times_{unit}({left}, {right})"
    product = f"trino_java_product({left}, {right})"
    return product if unit == "day" else f"trino_java_months({product})"


def _unit(interval: Type) -> str:
    return "day" if interval.name == "interval day to second" else "year"


operator(
    "*",
    *_same(*NUMBERS),
    "(decimal(a,b), decimal(c,d)) -> decimal(min(38, a + c), b + d)",
    *(
        signature
        for interval in _INTERVALS
        for factor in ("bigint", "double")
        for signature in (
            f"({interval}, {factor}) -> {interval}",
            f"({factor}, {interval}) -> {interval}",
        )
    ),
    sql=_multiply,
    doc="Multiplies numbers, or an interval by a number.",
)

# Division ----------------------------------------------------------------------------------

_BY_ZERO: Final = "trino_fail('DIVISION_BY_ZERO', 'Division by zero')"


def _is_not_zero(constant: Any) -> bool:
    return isinstance(constant, int | float | Decimal) and constant != 0


def _guarded(call: Call, template: str) -> str:
    """A division that raises for a divisor of zero; `template` is of both operands."""
    kind = physical(call.result)
    if _is_not_zero(call.constants[1]):
        return template.format(*call.arguments)

    def body(left: str, right: str) -> str:
        safe = template.format(left, right)
        # NULL divided by zero is NULL.
        return (
            f"CASE WHEN {right} = 0 AND {left} IS NOT NULL THEN CAST({_BY_ZERO} AS {kind})"
            f" ELSE {safe} END"
        )

    left, right = call.arguments
    return bound((left, right), body)


def _divide(call: Call) -> str:
    if call.result.name == "decimal":
        return _guarded(call, quotient(call.types[0], call.types[1], call.result))
    if call.result.name in INTEGERS:
        return _guarded(call, "({0} // {1})")
    if _is_interval(call.result):
        unit = _unit(call.result)
        return bound(call.arguments, lambda i, d: f"trino_interval_divide_{unit}({i}, {d})")
    return f"({call.arguments[0]} / {call.arguments[1]})"


def _remainder(call: Call) -> str:
    if call.result.name in ("real", "double"):
        return f"({call.arguments[0]} % {call.arguments[1]})"
    if call.result.name != "decimal":
        # The least integer has no opposite to divide by, yet leaves nothing over.
        return _guarded(call, "CASE WHEN {1} = -1 THEN {0} * 0 ELSE {0} % {1} END")
    return _guarded(call, remainder(call.types[0], call.types[1], call.result))


# A double becomes a long as in Java: cut, and held within the range of a long.
macro(
    "trino_java_long",
    "(x) AS CASE WHEN x >= 9223372036854775808e0 THEN 9223372036854775807"
    " WHEN x <= -9223372036854775808e0 THEN -9223372036854775808"
    " ELSE CAST(trunc(x) AS BIGINT) END",
)
# Two longs multiplied as in Java: the low 64 bits of the product.
macro(
    "trino_java_product",
    "(a, b) AS CAST(trino_floor_mod(CAST(a AS HUGEINT) * CAST(b AS HUGEINT)"
    " + 9223372036854775808, 18446744073709551616) - 9223372036854775808 AS BIGINT)",
)
macro(
    "trino_java_months",
    "(n) AS CASE WHEN n > 2147483647 THEN trino_fail_anyway('GENERIC_INTERNAL_ERROR', 'Value ' || n"
    " || ' exceeds MAX_INT for type interval year to month')"
    " WHEN n < -2147483648 THEN trino_fail_anyway('GENERIC_INTERNAL_ERROR', 'Value ' || n"
    " || ' is less than MIN_INT for type interval year to month') ELSE CAST(n AS INTEGER) END",
)
macro(
    "trino_interval_times_day",
    "(i, d) AS CASE WHEN isnan(d) THEN CAST(trino_fail('INVALID_FUNCTION_ARGUMENT',"
    " 'Cannot multiply by double NaN') AS BIGINT) ELSE trino_java_long(i * d) END",
)
macro("trino_interval_times_year", "(i, d) AS trino_java_months(trino_interval_times_day(i, d))")
macro(
    "trino_interval_divide_day",
    "(i, d) AS CASE WHEN d = 0 OR isnan(d) THEN CAST(trino_fail('INVALID_FUNCTION_ARGUMENT',"
    " 'Cannot divide by double ' || trino_java_double(d)) AS BIGINT)"
    " ELSE trino_java_long(i / d) END",
)
macro("trino_interval_divide_year", "(i, d) AS trino_java_months(trino_interval_divide_day(i, d))")

operator(
    "/",
    *_same(*NUMBERS),
    "(decimal(a,b), decimal(c,d)) -> decimal(min(38, a + d + max(d - b, 0)), max(b, d))",
    *(f"({interval}, double) -> {interval}" for interval in _INTERVALS),
    sql=_divide,
    doc="Divides; integers are cut, decimals keep the larger scale and round half up.",
)
operator(
    "%",
    *_same(*NUMBERS),
    "(decimal(a,b), decimal(c,d)) -> decimal(min(a - b, c - d) + max(b, d), max(b, d))",
    sql=_remainder,
    doc="The remainder, with the sign of the dividend.",
)

# Comparison --------------------------------------------------------------------------------

# Whether all are true: false if one is false, else NULL if one is NULL.
macro(
    "trino_all",
    "(flags) AS CASE WHEN list_contains(flags, false) THEN false"
    " WHEN list_count(flags) < len(flags) THEN NULL ELSE true END",
)
macro(
    "trino_first_difference",
    "(a, b) AS nullif(list_position(list_transform(range(1, least(len(a), len(b)) + 1),"
    " lambda i: a[i] IS NULL OR b[i] IS NULL OR a[i] <> b[i]), true), 0)",
)


def _compare(call: Call) -> str:
    left, right = call.arguments
    if call.types[0].name in ("real", "double"):
        first, second = map(_is_finite, call.constants)
        if first or second:
            return compare_with_number(call.name, left, right, number_is_left=first)
    return compare(call.name, left, right, call.types[0])


def _is_finite(constant: Any) -> bool:
    return isinstance(constant, float) and math.isfinite(constant)


for _sign, _doc in {
    "=": "Whether two values are equal.",
    "<>": "Whether two values are not equal.",
}.items():
    operator(_sign, "(T:comparable, T) -> boolean", sql=_compare, doc=_doc)
operator(
    "IS DISTINCT FROM",
    "(T:comparable, T) -> boolean",
    sql=_compare,
    doc="Whether two values differ, where NULL equals NULL.",
    strict=0,
)
for _sign, _doc in {
    "<": "Whether the first value comes before the second.",
    "<=": "Whether the first value does not come after the second.",
    ">": "Whether the first value comes after the second.",
    ">=": "Whether the first value does not come before the second.",
}.items():
    operator(_sign, "(T:orderable, T) -> boolean", sql=_compare, doc=_doc)

# Concatenation ------------------------------------------------------------------------------


def concat(call: Call) -> str:
    """Joins strings, binaries or arrays; NULL when an argument is, an element too."""
    if call.result.name == "char":
        left = f"rpad({call.arguments[0]}, {call.types[0].length}, ' ')"
        return f"rtrim({left} || {call.arguments[1]}, ' ')"
    if call.result.name == "array" and any(of != call.result for of in call.types):
        return _with_element(call)
    parts = call.arguments
    if len(parts) == 1:
        message = "There must be two or more concatenation arguments"
        raise TrinoError("INVALID_FUNCTION_ARGUMENT", message)
    return f"({' || '.join(parts)})"


def _with_element(call: Call) -> str:
    """An array and one element before or behind it."""
    at = 1 if call.types[0] == call.result else 0

    def body(*parts: str) -> str:
        joined = " || ".join(f"[{each}]" if i == at else each for i, each in enumerate(parts))
        return f"CASE WHEN {parts[at]} IS NOT NULL THEN {joined} END"

    return bound(call.arguments, body)


CONCAT: Final = (
    "(char(x), char(y)) -> char(x + y)",
    "(array(E), E) -> array(E)",
    "(E, array(E)) -> array(E)",
    "(array(E), ...) -> array(E)",
    "(varchar, ...) -> varchar",
    "(varbinary, ...) -> varbinary",
)
operator("||", *CONCAT, sql=concat, doc="Joins strings, binaries or arrays.", strict=0)
