"""Answers that follow from what Trino and Java document, where none is recorded."""

import pytest

from lakelet.engines.duckdb import DuckDb
from lakelet.types.python import rows
from tests.sql.tables import FIXTURES, compile_query

ANSWERS = [
    # java.util.Formatter: "Milliseconds since the beginning of the epoch".
    ("format('%tQ', from_unixtime(0.5))", "500"),
    ("format('%tQ', from_unixtime(-0.5))", "-500"),
    ("format('%tQ', from_unixtime(-1.5))", "-1500"),
    ("format('%tQ', from_unixtime(12.25))", "12250"),
    # Keys are looked up by `=`, and NaN equals nothing.
    ("element_at(map(ARRAY[nan()], ARRAY[1]), DOUBLE 'NaN')", None),
    ("element_at(map(ARRAY[1e0], ARRAY[1]), DOUBLE '1')", 1),
    ('CAST(CAST(ROW(1) AS ROW("a""b" integer)) AS JSON)', '{"a\\"b":1}'),
]


@pytest.fixture(scope="module")
def engine() -> DuckDb:
    return DuckDb(folders=[FIXTURES], threads=1)


@pytest.mark.parametrize(("text", "expected"), ANSWERS)
def test_a_value_is_what_the_documentation_says(
    text: str, expected: object, engine: DuckDb
) -> None:
    analysis, emission = compile_query(f"SELECT {text}", "golden")
    types = [column.type for column in analysis.columns]
    with engine.session() as session:
        assert [*rows(session.execute(emission.text), types)] == [(expected,)]
