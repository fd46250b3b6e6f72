"""Runs every recorded query and compares with Trino's answer: values, types, names, errors."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lakelet.engines.duckdb import DuckDb
from tests.sql.cases import Case, read
from tests.sql.running import difference
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
    assert difference(case, engine) is None
