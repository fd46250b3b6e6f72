"""Runs every recorded query and compares with Trino's answer: values, types, names, errors and
their words."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lakelet.engines.duckdb import DuckDb
from tests.sql.cases import Case, read
from tests.sql.running import differences
from tests.sql.tables import FIXTURES

HERE = Path(__file__).parent
CASES = [case for path in sorted(HERE.glob("*/*.test")) for case in read(path)]


def _parameter(case: Case) -> object:
    marks = [pytest.mark.xfail(reason=case.differs, strict=True)] if case.differs else []
    return pytest.param(case, id=case.id, marks=marks)


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckDb]:
    duckdb = DuckDb(folders=[FIXTURES], threads=1)
    yield duckdb
    duckdb.close()


@pytest.mark.parametrize("case", list(map(_parameter, CASES)))
def test_a_query_answers_as_trino_does(case: Case, engine: DuckDb) -> None:
    found, said = differences(case, engine)
    assert found is None
    if case.says is None:
        assert said is None, f"says {said}, not {case.answer.message}"
    else:
        assert said is not None, "says what Trino says: the mark can go"
