"""Doubles beside subqueries, and long lists, compare as they do by themselves."""

import itertools
from collections.abc import Iterator

import pytest

from lakelet.engines.duckdb import DuckDb
from lakelet.sql.emitter import comparison
from lakelet.types.parsing import parse_type

_VALUES = ("NULL", "'nan'", "'inf'", "'-inf'", "-1.5", "0", "1.5")
_PAIRS = [
    f"(CAST({a} AS DOUBLE), CAST({b} AS DOUBLE))" for a, b in itertools.product(_VALUES, _VALUES)
]


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckDb]:
    engine = DuckDb(threads=1)
    yield engine
    engine.close()


@pytest.mark.parametrize("operator", ["=", "<>", "<", "<=", ">", ">="])
@pytest.mark.parametrize("query_is_left", [True, False])
def test_doubles_beside_a_subquery(engine: DuckDb, operator: str, query_is_left: bool) -> None:
    of = parse_type("double")
    query = "(SELECT max(w) FROM (VALUES (t.b)) u(w))"
    sides, plain = ("t.a", query), ("t.a", "t.b")
    if query_is_left:
        sides, plain = sides[::-1], plain[::-1]
    beside = comparison.compare(operator, *sides, of)
    expected = comparison.compare(operator, *plain, of)
    assert "list_transform" not in beside
    wrong = engine.execute(
        f"SELECT * FROM (VALUES {', '.join(_PAIRS)}) t(a, b)"
        f" WHERE {beside} IS DISTINCT FROM {expected}"
    ).read_all()
    assert wrong.to_pylist() == []
