"""Calls within calls: what DuckDB plans grows with the text, not with its power."""

import pytest

from lakelet.sql.functions.expansion import size
from tests.sql.tables import compile_query

_INSTANT = "TIMESTAMP '2020-01-31 10:00:00.123 Europe/Vienna'"
_NESTED = {
    "upper": ("upper({})", "'a'"),
    "round": ("round({}, 1)", "1"),
    "its second argument": ("round(2, {})", "1"),
    "shift": ("bitwise_right_shift(3, {})", "1"),
    "logarithm": ("log(2e0, {})", "8e0"),
    "moments": ("date_add('month', 1, {})", _INSTANT),
    "an operator": ("({} + INTERVAL '1' MONTH)", _INSTANT),
    "casts": ("CAST(CAST({} AS varchar) AS timestamp(3) with time zone)", _INSTANT),
    "bounds": ("width_bucket(1e0, 0e0, 9e0, {})", "BIGINT '3'"),
}


@pytest.mark.parametrize("name", _NESTED)
def test_nested_calls_are_planned_in_proportion(name: str) -> None:
    call, value = _NESTED[name]

    def nested(depth: int) -> int:
        text = "x"
        for _ in range(depth):
            text = call.format(text)
        _, emission = compile_query(f"SELECT {text} FROM (VALUES {value}) t(x)", "golden")
        return size(emission.text)

    assert nested(24) - nested(12) < 2 * (nested(12) - nested(1))


@pytest.mark.parametrize("name", _NESTED)
def test_a_call_alone_is_planned_quickly(name: str) -> None:
    call, value = _NESTED[name]
    _, emission = compile_query(f"SELECT {call.format('x')} FROM (VALUES {value}) t(x)", "golden")
    assert size(emission.text) < 10_000
