"""Operators from typed literals to DuckDB's answers, as a real Trino answered.

`recorded_operators.json` lists [left, operator, right, [type, CAST(… AS varchar)] or {error}].
"""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from lakelet.engines.duckdb import DuckDb
from lakelet.errors import TrinoError
from lakelet.sql.analyzer.signatures import bind_operator
from lakelet.sql.emitter.casts import cast
from lakelet.sql.emitter.literals import literal
from lakelet.sql.functions.registry import FUNCTIONS, NOT_CONSTANT, Call
from lakelet.types.literals import Literal, decimal_literal, interval_literal, typed_literal
from lakelet.types.model import DOUBLE, INTEGER, VARCHAR

ANSWERS: list[list[Any]] = json.loads(
    (Path(__file__).parent / "recorded_operators.json").read_text()
)["answers"]

LITERALS = (
    (re.compile(r"-?\d+"), lambda m: (INTEGER, int(m[0]))),
    (re.compile(r"-?\d+\.\d+"), lambda m: decimal_literal(m[0])),
    (re.compile(r"-?[\d.]+e\d+"), lambda m: (DOUBLE, float(m[0]))),
    (re.compile(r"INTERVAL '(.*)' (\w+)"), lambda m: interval_literal(m[1], m[2].lower())),
    (re.compile(r"(\w+) '(.*)'"), lambda m: typed_literal(m[1], m[2])),
)


def read(text: str) -> Literal:
    for pattern, build in LITERALS:
        match = pattern.fullmatch(text)
        if match:
            return build(match)
    raise AssertionError(text)


@pytest.fixture(scope="module")
def duckdb() -> DuckDb:
    return DuckDb(threads=1)


def answer(duckdb: DuckDb, operator: str, *operands: str) -> list[str | None]:
    literals = [read(text) for text in operands]
    function = FUNCTIONS[operator]
    binding = bind_operator(operator, [function], [of for of, _ in literals])
    assert binding
    arguments = tuple(
        cast(literal(value, of), of, wanted)
        for (of, value), wanted in zip(literals, binding.argument_types, strict=True)
    )
    constants = tuple(NOT_CONSTANT for _ in arguments)
    call = Call(operator, arguments, binding.argument_types, binding.result, constants)
    shown = cast(function.emit(call), binding.result, VARCHAR)
    return [str(binding.result), duckdb.execute(f"SELECT {shown}").read_all().column(0)[0].as_py()]


DIFFERS = {
    "DECIMAL '12345678901234567890.123456789' / 2.5e0": "never: Trino writes some doubles with more"
    " digits than needed (Java's DecimalFormat over the old FloatingDecimal)",
}


def case(left: str, operator: str, right: str, expected: Any) -> Any:
    text = f"{left} {operator} {right}"
    differs = [pytest.mark.xfail(reason=DIFFERS[text])] if text in DIFFERS else []
    return pytest.param(left, operator, right, expected, id=text, marks=differs)


@pytest.mark.parametrize(
    ("left", "operator", "right", "expected"), [case(*answer) for answer in ANSWERS]
)
def test_an_operator_answers_as_trino_does(
    left: str, operator: str, right: str, expected: Any, duckdb: DuckDb
) -> None:
    if isinstance(expected, list):
        assert answer(duckdb, operator, left, right) == expected
        return
    with pytest.raises(TrinoError) as raised:
        answer(duckdb, operator, left, right)
    assert raised.value.name == expected["error"]
