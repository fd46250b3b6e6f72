"""Functions of single values over whole columns."""

from typing import Any

import pyarrow
import pytest

from lakelet.sql.functions.vectorised import rowwise


def _column(values: list[object], of: pyarrow.DataType) -> pyarrow.ChunkedArray:
    return pyarrow.chunked_array([pyarrow.array(values, of)])


@pytest.mark.parametrize(
    ("first", "second", "calls"),
    [
        (["a", "b"] * 50, ["x"] * 100, 2),
        (["a", None] * 50, ["x"] * 100, 1),
        (["x"] * 100, ["a", "b"] * 50, 2),
        (["x"] * 100, ["y"] * 100, 1),
        (["x"] * 100, [None] * 100, 0),
        ([None] * 100, [None] * 100, 0),
        (["a", "b"] * 50, ["x", "y"] * 50, 100),
        ([str(i) for i in range(100)], ["x"] * 100, 100),
        (["a", "a"], ["x", "x"], 2),
        ([], [], 0),
    ],
)
def test_values_that_repeat_are_asked_for_once(
    first: list[Any], second: list[Any], calls: int
) -> None:
    asked = []

    def joined(one: str, other: str) -> str:
        asked.append((one, other))
        return one + other

    text = pyarrow.string()
    found = rowwise(joined, text)(_column(first, text), _column(second, text))
    pairs = zip(first, second, strict=True)
    assert found.to_pylist() == [None if None in each else each[0] + each[1] for each in pairs]
    assert len(asked) == calls


def test_zeros_of_two_signs_are_two_values() -> None:
    column = _column([0.0, -0.0] * 50, pyarrow.float64())
    assert rowwise(str, "string")(column).to_pylist() == ["0.0", "-0.0"] * 50
