"""Exact division of decimals: as integers of their digits, rounded half up as Trino does.

128 bits hold what most types can hold; for wider ones Python's integers stand by.
"""

from decimal import Decimal
from typing import Any, Final

from lakelet.errors import TrinoError
from lakelet.sql.functions.binding import bound
from lakelet.sql.functions.registry import macro, udf
from lakelet.types.duckdb import physical
from lakelet.types.model import Type


def quotient(left: Type, right: Type, result: Type) -> str:
    """A template of a quotient's two operands, of which the second is not zero."""
    (p1, s1), (p2, s2) = left.numbers, right.numbers
    shift = result.scale - s1 + s2
    kind = "BIGINT" if p1 + shift <= 18 and p2 <= 18 else "HUGEINT"
    digits = unscale("{0}", left, kind), unscale("{1}", right, kind)
    if p1 + shift <= 37 and p2 <= 37:
        up = f"{digits[0]} * {10**shift}" if shift else digits[0]
        divide = "trino_divide_narrow" if kind == "BIGINT" else "trino_divide_half_up"
        whole = f"{divide}({up}, {digits[1]})"
    else:
        small = 10 ** max(37 - shift, 0)
        whole = f"trino_divide_wide({', '.join(digits)}, {shift}, {10**shift}, {small})"
    return rescale(whole, *result.numbers)


def remainder(left: Type, right: Type, result: Type) -> str:
    """A template of a remainder's two operands, of which the second is not zero."""
    (p1, s1), (p2, s2) = left.numbers, right.numbers
    scale = max(s1, s2)
    # Where no decimal holds both, DuckDB would take doubles.
    if max(p1 - s1, p2 - s2) + scale <= 38:
        return f"CAST({{0}} % {{1}} AS {physical(result)})"
    left_digits = f"CAST({unscale('{0}', left)} AS DECIMAL(38,0))"
    right_digits = f"CAST({unscale('{1}', right)} AS DECIMAL(38,0))"
    whole = f"trino_remainder_big({left_digits}, {right_digits}, {scale - s1}, {scale - s2})"
    return rescale(whole, *result.numbers)


def unscale(sql: str, of: Type, kind: str = "HUGEINT") -> str:
    """A decimal's digits as one integer: 1.25 is 125.

    DuckDB casts 128 bits with a scale to an integer a microsecond a value, so what has 18 digits
    goes through 64 bits, in two parts where a product would leave them.
    """
    precision, scale = of.numbers
    if not scale:
        return f"CAST({sql} AS {kind})"
    factor = f"CAST({10**scale} AS DECIMAL({scale + 1},0))"
    if precision + scale <= _NARROW:
        return f"CAST({sql} * {factor} AS {kind})"
    if scale > _NARROW // 2:
        return f"CAST(replace(CAST({sql} AS VARCHAR), '.', '') AS {kind})"
    narrow = f"DECIMAL({_NARROW},{scale})"
    if precision <= _NARROW:
        digits = f"trino_unscaled(CAST({sql} AS {narrow}), {10**scale}, {factor})"
        return digits if kind == "BIGINT" else f"CAST({digits} AS {kind})"
    return bound(
        (sql,),
        lambda d: (
            f"CASE WHEN abs({d}) < {10 ** (_NARROW - scale)}"
            f" THEN CAST(trino_unscaled(CAST({d} AS {narrow}), {10**scale}, {factor}) AS HUGEINT)"
            f" ELSE CAST(replace(CAST({d} AS VARCHAR), '.', '') AS HUGEINT) END"
        ),
    )


_NARROW: Final = 18
"""Digits of a decimal that DuckDB keeps in 64 bits."""
macro(
    "trino_unscaled",
    "(d, factor, unit) AS"
    " CAST(trunc(d) AS BIGINT) * factor + CAST((d - trunc(d)) * unit AS BIGINT)",
)


def rescale(sql: str, precision: int, scale: int) -> str:
    """The decimal whose digits are an integer."""
    if not scale:
        return f"CAST({sql} AS DECIMAL({precision},0))"
    unit = f"CAST('0.{'0' * (scale - 1)}1' AS DECIMAL({scale},{scale}))"
    whole = 38 if precision + scale > 18 else precision
    return f"CAST(CAST({sql} AS DECIMAL({whole},0)) * {unit} AS DECIMAL({precision},{scale}))"


# DuckDB divides 128 bits bit by bit, microseconds a row: what fits 64 bits is divided there.
macro(
    "trino_divide_narrow",
    "(a, b) AS a // b + CASE WHEN abs(a % b) >= abs(b) - abs(a % b)"
    " THEN CASE WHEN (a < 0) = (b < 0) THEN 1 ELSE -1 END ELSE 0 END",
)
macro(
    "trino_divide_huge",
    "(a, b) AS list_transform([a // b], lambda q: q + CASE"
    " WHEN abs(a - q * b) >= abs(b) - abs(a - q * b)"
    " THEN CASE WHEN (a < 0) = (b < 0) THEN 1 ELSE -1 END ELSE 0 END)[1]",
)
macro(
    "trino_divide_half_up",
    "(dividend, divisor) AS list_transform([{'a': dividend, 'b': divisor}], lambda d: CASE"
    " WHEN abs((d).a) <= 9223372036854775807 AND abs((d).b) <= 9223372036854775807"
    " THEN CAST(trino_divide_narrow(CAST((d).a AS BIGINT), CAST((d).b AS BIGINT)) AS HUGEINT)"
    " ELSE trino_divide_huge((d).a, (d).b) END)[1]",
)


def _load_divide() -> Any:
    import pyarrow

    digits = pyarrow.decimal128(38, 0)

    def divided(dividend: Decimal | None, divisor: Decimal | None, shift: int) -> int | None:
        if dividend is None or not divisor:
            return None
        a, b = int(dividend) * int(10**shift), int(divisor)
        rounded = (2 * abs(a) + abs(b)) // (2 * abs(b))
        if rounded >= 10**38:
            raise TrinoError("NUMERIC_VALUE_OUT_OF_RANGE", "Decimal overflow")
        return -rounded if (a < 0) != (b < 0) else rounded

    def divide(dividends: Any, divisors: Any, shifts: Any) -> Any:
        columns = (dividends.to_pylist(), divisors.to_pylist(), shifts.to_pylist())
        return pyarrow.array(
            [None if q is None else Decimal(q) for q in map(divided, *columns)], digits
        )

    return divide


udf(
    "trino_divide_big",
    _load_divide,
    ("DECIMAL(38,0)", "DECIMAL(38,0)", "INTEGER"),
    "DECIMAL(38,0)",
)
# 128 bits hold most dividends even of wide types; Python's integers hold the others.
macro(
    "trino_divide_wide",
    "(a, b, shift, factor, small) AS CASE WHEN abs(a) < small"
    " AND abs(b) < 10000000000000000000000000000000000000"
    " THEN trino_divide_half_up(a * factor, b)"
    " ELSE CAST(trino_divide_big(CAST(a AS DECIMAL(38,0)), CAST(b AS DECIMAL(38,0)), shift)"
    " AS HUGEINT) END",
)


def _load_remainder() -> Any:
    import pyarrow

    def rest(a: Decimal | None, b: Decimal | None, up: int, down: int) -> Decimal | None:
        if a is None or not b:
            return None
        dividend, divisor = int(a) * int(10**up), int(b) * int(10**down)
        left = abs(dividend) % abs(divisor)
        return Decimal(-left if dividend < 0 else left)

    def remainders(*columns: Any) -> Any:
        values = map(rest, *(column.to_pylist() for column in columns))
        return pyarrow.array(list(values), pyarrow.decimal128(38, 0))

    return remainders


udf(
    "trino_remainder_big",
    _load_remainder,
    ("DECIMAL(38,0)", "DECIMAL(38,0)", "INTEGER", "INTEGER"),
    "DECIMAL(38,0)",
)
