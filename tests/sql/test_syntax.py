"""Deep, long and hostile texts end as in Trino: an answer or its error, never a traceback."""

from pathlib import Path

import pytest

from lakelet.errors import TrinoError
from lakelet.sql.syntax.expecting import expectation
from lakelet.sql.syntax.lexer import Text, tokenize
from tests.sql.cases import read
from tests.sql.tables import compile_query


@pytest.mark.parametrize(
    "text",
    [
        "SELECT " + "(" * 700 + "1" + ")" * 700,
        "SELECT " + "+".join(["1"] * 1000),
        "SELECT 1 WHERE " + " AND ".join(["1 = 1"] * 5000),
        "SELECT 1 WHERE 5 IN (" + ",".join(map(str, range(10_000))) + ")",
        "SELECT 1" + " UNION ALL SELECT 1" * 500,
        "SELECT '" + "x" * 262_000 + "'",
        "SELECT 'a\0b'",
    ],
    ids=["parentheses", "sum", "and", "in", "union", "text", "nul"],
)
def test_what_trino_takes_is_taken(text: str) -> None:
    _, emission = compile_query(text, "golden")
    assert emission.text.startswith("SELECT")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("SELECT " + "(" * 20_000 + "1" + ")" * 20_000, "SYNTAX_ERROR"),
        ("SELECT " + "+".join(["1"] * 20_000), "STACK_OVERFLOW"),
        ("SELECT " + "(" * 20_000, "SYNTAX_ERROR"),
        ("SELECT 'unterminated", "SYNTAX_ERROR"),
        ("SELECT 1 /* unterminated", "SYNTAX_ERROR"),
        ("", "SYNTAX_ERROR"),
        ("SELECT * FROM read_csv('/etc/passwd')", "SYNTAX_ERROR"),
        ("SELECT * FROM '/etc/passwd'", "SYNTAX_ERROR"),
        ("PRAGMA database_list", "SYNTAX_ERROR"),
        ("ATTACH 'x.db'", "SYNTAX_ERROR"),
        ("INSTALL httpfs", "SYNTAX_ERROR"),
        ("SELECT getenv('HOME')", "FUNCTION_NOT_FOUND"),
        ("SELECT current_setting('memory_limit')", "FUNCTION_NOT_FOUND"),
        ("SELECT trino_fail('A', 'b')", "FUNCTION_NOT_FOUND"),
        ("SELECT * FROM TABLE(duckdb_settings())", "FUNCTION_NOT_FOUND"),
    ],
)
def test_what_trino_refuses_is_refused(text: str, name: str) -> None:
    with pytest.raises(TrinoError) as failure:
        compile_query(text, "golden")
    assert failure.value.name == name


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("SELECT nosuch", "line 1:8: Column 'nosuch' cannot be resolved"),
        ("SELECT 1\nFROM nosuch", "line 2:6: Table 'memory.golden.nosuch' does not exist"),
        ("SELECT * FROM a.nosuch", "line 1:15: Schema 'a' does not exist"),
        ("SELECT * FROM a.b.c", "line 1:15: Catalog 'a' not found"),
        ("SELECT 1 = '1'", "line 1:10: Cannot apply operator: integer = varchar(1)"),
        (
            "SELECT status, count(*) FROM orders",
            "line 1:8: 'status' must be an aggregate expression or appear in GROUP BY clause",
        ),
        ("SELECT 1 ORDER BY 2", "line 1:19: ORDER BY position 2 is not in select list"),
        (
            "SELECT a FROM (SELECT 1, 2) AS t(a)",
            "line 1:15: Column alias list has 1 entries but 't' has 2 columns available",
        ),
        (
            "SELECT 1 WHERE 1",
            "line 1:16: WHERE clause must evaluate to a boolean: actual type integer",
        ),
    ],
)
def test_errors_say_what_and_where_in_trinos_words(text: str, message: str) -> None:
    with pytest.raises(TrinoError) as failure:
        compile_query(text, "golden")
    assert str(failure.value) == message


def test_the_grammar_takes_every_recorded_query_that_trino_takes() -> None:
    queries = [
        case.query
        for path in sorted(Path(__file__).parent.glob("*/*.test"))
        for case in read(path)
        if case.answer.error != "SYNTAX_ERROR"
    ]
    refused = [each for each in queries[::4] if expectation(tokenize(Text(each)), "trino")]
    assert refused == []


def test_a_long_refused_text_is_answered_without_its_list() -> None:
    with pytest.raises(TrinoError) as failure:
        compile_query("SELECT " + "a," * 40_000 + " FROM", "golden")
    assert str(failure.value) == "line 1:80009: mismatched input 'FROM'"


def test_a_refused_chain_is_answered_in_time_without_its_list() -> None:
    """The grammar's search for what was expected is bounded: a chain inside TRY is its worst."""
    with pytest.raises(TrinoError) as failure:
        compile_query("SELECT TRY(x" + " + 1 * x" * 150 + ") FROM t,", "golden")
    assert failure.value.name == "SYNTAX_ERROR"
