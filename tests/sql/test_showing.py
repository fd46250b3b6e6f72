"""Texts laid out for people mean what they meant before."""

from pathlib import Path

import pytest

from lakelet.engines.duckdb import DuckDb
from lakelet.sql.showing import laid_out
from tests.sql.cases import Case, read
from tests.sql.tables import FIXTURES, compile_query

TPCH = list(read(Path(__file__).parent / "queries" / "tpch.test"))


@pytest.mark.parametrize("case", TPCH[:22], ids=lambda case: case.id)
def test_laid_out_sql_answers_the_same(case: Case) -> None:
    _, emission = compile_query(case.query, case.schema)
    shown = laid_out(emission.text, "duckdb")
    assert shown.count("\n") > 3
    engine = DuckDb(folders=[FIXTURES], threads=1)
    given, again = (engine.execute(text).read_all() for text in (emission.text, shown))
    engine.close()
    assert again.equals(given)


def test_what_sqlglot_does_not_know_stays_as_it_is() -> None:
    text = "SELECT * FROM t MATCH_RECOGNIZE (((("
    assert laid_out(f" {text}\n", "athena") == text
