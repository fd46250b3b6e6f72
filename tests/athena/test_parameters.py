"""ExecutionParameters, as Athena was measured to read them (aoyagikouhei/athena-local's docs)."""

from collections.abc import Iterator
from typing import Any

import pytest

import lakelet
from lakelet.engines.local import LocalEngine
from lakelet.model import Session


@pytest.fixture(scope="module")
def engine() -> Iterator[LocalEngine]:
    with lakelet.Lake() as lake:
        yield lake.engine


def _answer(engine: LocalEngine, text: str, *parameters: str) -> Any:
    run = engine.prepare(text, Session(parameters=parameters))
    answer: Any = run.execute()
    return list(answer.batches().read_all().to_pylist()[0].values())


@pytest.mark.parametrize(
    ("given", "value"),
    [
        ("1 + 1", 2),
        ("'abc'", "abc"),
        ("NULL", None),
        ("abc", "abc"),
        ("it's", "it's"),
        ("x + 1", "x + 1"),
        ("1f2c8e0a-0001-4c51-b6ce-000000000000", "1f2c8e0a-0001-4c51-b6ce-000000000000"),
        ("1 FROM t", "1 FROM t"),
    ],
)
def test_a_value_is_an_expression_only_where_it_names_nothing(
    engine: LocalEngine, given: str, value: object
) -> None:
    assert _answer(engine, "SELECT ?", given) == [value]


def test_values_without_a_place_are_passed_over(engine: LocalEngine) -> None:
    assert _answer(engine, "SELECT 1", "'unused'") == [1]


def test_a_missing_value_is_refused(engine: LocalEngine) -> None:
    with pytest.raises(lakelet.TrinoError) as failure:
        _answer(engine, "SELECT ?, ?", "1")
    assert failure.value.name == "INVALID_PARAMETER_USAGE"


@pytest.mark.parametrize(
    ("clause", "given", "name"),
    [
        ("LIMIT ?", "NULL", "INVALID_ARGUMENTS"),
        ("LIMIT ?", "-1", "NUMERIC_VALUE_OUT_OF_RANGE"),
        ("OFFSET ?", "-1", "NUMERIC_VALUE_OUT_OF_RANGE"),
        ("FETCH FIRST ? ROWS ONLY", "0", "NUMERIC_VALUE_OUT_OF_RANGE"),
        ("FETCH FIRST ? ROWS ONLY", "NULL", "INVALID_ARGUMENTS"),
    ],
)
def test_a_count_of_rows_is_checked_as_trino_476_checks_it(
    engine: LocalEngine, clause: str, given: str, name: str
) -> None:
    with pytest.raises(lakelet.TrinoError) as refused:
        _answer(engine, f"SELECT 1 {clause}", given)
    assert refused.value.name == name
