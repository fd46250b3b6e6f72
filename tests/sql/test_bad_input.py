"""Texts that are made to do harm: Trino's answer or its error, in bounded time, and nothing of
DuckDB's own.

The expected names are those that Trino 476 answered.
"""

import pytest

from lakelet.engines.duckdb import DuckDb
from lakelet.errors import TrinoError
from lakelet.types.python import rows
from tests.sql.tables import FIXTURES, compile_query

ANSWERED = {
    "1,000 parentheses": ("SELECT " + "(" * 1000 + "1" + ")" * 1000, 1),
    "5,000 ANDs": ("SELECT count(*) FROM numbers WHERE " + " AND ".join(["1 = 1"] * 5000), 12),
    "10,000 items": (
        f"SELECT count(*) FROM numbers WHERE id IN ({', '.join(map(str, range(10_000)))})",
        12,
    ),
    "2,000 branches": (
        f"SELECT CASE {' '.join(f'WHEN {i} = 1 THEN {i}' for i in range(2000))} END",
        1,
    ),
    "262,000 characters": (f"SELECT length('{'a' * 262_000}')", 262_000),
    "10,000 rows": (
        f"SELECT count(*) FROM (VALUES {', '.join(f'({i})' for i in range(10_000))}) t(x)",
        10_000,
    ),
    "500 unions": (
        f"SELECT count(*) FROM ({' UNION ALL '.join(['SELECT 1 AS x'] * 500)})",
        500,
    ),
    "1,000 constants": ("SELECT " + " + ".join(["1"] * 1000), 1000),
    "1,000 texts": ("SELECT length(" + " || ".join(["'a'"] * 1000) + ")", 1000),
    "100 subqueries": ("SELECT " + "(SELECT " * 100 + "1" + ")" * 100, 1),
    "40 calls within calls": ("SELECT " + "abs(" * 40 + "1" + ")" * 40, 1),
    "a NUL": ("SELECT length('a\0b')", 3),
    "a NUL in a pattern": ("SELECT regexp_like('xa\0b', 'a\0b')", True),
    "a NUL in a replacement": ("SELECT regexp_replace('abc', 'b', '\0')", "a\0c"),
    "a NUL in a date's pattern": (
        "SELECT format_datetime(date_parse('2020\0', '%Y\0'), 'yyyy\0')",
        "2020\0",
    ),
    "beyond the basic plane": ("SELECT length('😀')", 1),
    "a pattern that backtracks": (
        "SELECT regexp_like('aaaaaaaaaaaaaaaaaaaaaaaa', '(a+)+b')",
        False,
    ),
    "a row pattern of loops in loops": (
        "SELECT count(*) FROM UNNEST(sequence(1, 2000)) t(x) MATCH_RECOGNIZE (ORDER BY x"
        " MEASURES count(*) AS n PATTERN (((A*)*)* B) DEFINE A AS x < 3000, B AS x > 5000)",
        0,
    ),
}

REFUSED = {
    "20,000 parentheses": ("SELECT " + "(" * 20_000 + "1" + ")" * 20_000, "SYNTAX_ERROR"),
    "a chain of 50,000 names": (
        f"SELECT {'a.' * 50_000}b FROM (SELECT 1 a)",
        "STACK_OVERFLOW",
    ),
    "a hundred comments before no statement": (f"{'/**/' * 100}SELEC 1", "SYNTAX_ERROR"),
    "a number of 5,000 digits": (f"SELECT {'9' * 5000}", "SYNTAX_ERROR"),
    "a bare NUL": ("SELECT \0 1", "SYNTAX_ERROR"),
    "a byte order mark": ("\ufeffSELECT 1", "SYNTAX_ERROR"),
    "a name of no letters": ("SELECT 1 AS 😀", "SYNTAX_ERROR"),
    "a string without end": ("SELECT 'abc", "SYNTAX_ERROR"),
    "a name without end": ('SELECT "abc', "SYNTAX_ERROR"),
    "a comment without end": ("SELECT 1 /* abc", "SYNTAX_ERROR"),
    "two statements": ("SELECT 1; SELECT 2", "SYNTAX_ERROR"),
    "a bad regular expression": ("SELECT regexp_like('aaa', '(')", "INVALID_FUNCTION_ARGUMENT"),
    "4,096 grouping sets": (
        f"SELECT 1 FROM numbers GROUP BY CUBE ({', '.join(f'id + {i}' for i in range(12))})",
        "TOO_MANY_GROUPING_SETS",
    ),
    "a million elements": ("SELECT repeat(1, 100000000)", "INVALID_FUNCTION_ARGUMENT"),
    "read_csv": ("SELECT * FROM read_csv('/etc/passwd')", "SYNTAX_ERROR"),
    "read_text": ("SELECT read_text('/etc/passwd')", "FUNCTION_NOT_FOUND"),
    "a path": ("SELECT * FROM '/etc/passwd'", "SYNTAX_ERROR"),
    "getenv": ("SELECT getenv('HOME')", "FUNCTION_NOT_FOUND"),
    "current_setting": ("SELECT current_setting('TimeZone')", "FUNCTION_NOT_FOUND"),
    "a macro of ours": ("SELECT trino_fail('X', 'y')", "FUNCTION_NOT_FOUND"),
    "ATTACH": ("ATTACH 'x.db'", "SYNTAX_ERROR"),
    "PRAGMA": ("PRAGMA version", "SYNTAX_ERROR"),
    "COPY": ("COPY (SELECT 1) TO '/tmp/x'", "SYNTAX_ERROR"),
    "INSTALL": ("INSTALL httpfs", "SYNTAX_ERROR"),
    "a DuckDB cast": ("SELECT 1::varchar", "SYNTAX_ERROR"),
    "a struct": ("SELECT {'a': 1}", "SYNTAX_ERROR"),
    "EXCLUDE": ("SELECT * EXCLUDE (id) FROM numbers", "SYNTAX_ERROR"),
    "FROM first": ("FROM numbers", "SYNTAX_ERROR"),
    "QUALIFY": ("SELECT * FROM numbers QUALIFY row_number() OVER () = 1", "SYNTAX_ERROR"),
}


@pytest.fixture(scope="module")
def engine() -> DuckDb:
    return DuckDb(folders=[FIXTURES], threads=1)


def _answer(text: str, engine: DuckDb) -> object:
    analysis, emission = compile_query(text, "golden")
    types = [column.type for column in analysis.columns]
    with engine.session() as session:
        return next(rows(session.execute(emission.text), types))[0]


@pytest.mark.parametrize("name", ANSWERED)
def test_a_large_text_is_answered(name: str, engine: DuckDb) -> None:
    text, expected = ANSWERED[name]
    assert _answer(text, engine) == expected


@pytest.mark.parametrize("name", REFUSED)
def test_a_hostile_text_is_refused_as_trino_refuses_it(name: str, engine: DuckDb) -> None:
    text, expected = REFUSED[name]
    with pytest.raises(TrinoError) as raised:
        _answer(text, engine)
    assert raised.value.name == expected


def test_a_pattern_that_would_be_written_out_without_end_is_refused(engine: DuckDb) -> None:
    variables = ", ".join(f"V{i}" for i in range(12))
    text = (
        "SELECT * FROM (VALUES 1) t(x) MATCH_RECOGNIZE (ORDER BY x MEASURES count(*) AS n"
        f" PATTERN (PERMUTE({variables})) DEFINE V0 AS true)"
    )
    with pytest.raises(TrinoError, match="row pattern is too large"):
        _answer(text, engine)


def test_what_fails_in_a_try_leaves_memory_whole(engine: DuckDb) -> None:
    query = (
        "SELECT TRY(COALESCE(NULLIF(i, 1), 1 / (i - i))), TRY_CAST(si AS decimal(5,2)) FROM numbers"
    )
    analysis, emission = compile_query(query, "golden")
    types = [column.type for column in analysis.columns]
    for _ in range(50):
        with engine.session() as session:
            assert len(list(rows(session.execute(emission.text), types))) == 12
