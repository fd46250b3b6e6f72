"""SHOW FUNCTIONS, with rows as Trino 476 answers them."""

import pytest

import lakelet
from lakelet.errors import TrinoError
from lakelet.sql.statements import kinds, parse

ABS = [
    ("abs", of, of, "scalar", True)
    for of in ("bigint", "decimal(p,s)", "double", "integer", "real", "smallint", "tinyint")
]


@pytest.mark.parametrize(
    "text", ["SHOW FUNCTIONS LIKE 'abs'", "show functions like 'a_s' escape '!'"]
)
def test_a_row_is_a_signature(lake: lakelet.Lake, text: str) -> None:
    cursor = lakelet.connect(lake).cursor().execute(text)
    names = [each[0] for each in cursor.description or ()]
    assert names == [
        "Function",
        "Return Type",
        "Argument Types",
        "Function Type",
        "Deterministic",
        "Description",
    ]
    assert [tuple(row[:5]) for row in cursor.fetchall()] == ABS


def test_an_escape_stands_before_a_wildcard(lake: lakelet.Lake) -> None:
    cursor = lakelet.connect(lake).cursor()
    rows = cursor.execute("SHOW FUNCTIONS LIKE 'row!_num%' ESCAPE '!'").fetchall()
    assert [row[0] for row in rows] == ["row_number"]
    with pytest.raises(lakelet.TrinoError, match="must be followed by '%', '_'"):
        cursor.execute("SHOW FUNCTIONS LIKE 'a!bs' ESCAPE '!'").fetchall()


def test_there_are_all_kinds_of_functions(lake: lakelet.Lake) -> None:
    rows = lakelet.connect(lake).cursor().execute("SHOW FUNCTIONS").fetchall()
    assert {row[3] for row in rows} == {"scalar", "aggregate", "window"}
    assert ("row_number", "bigint", "", "window", True) in {tuple(row[:5]) for row in rows}
    assert ("concat", "array(E)", "array(E), E", "scalar", True) in {tuple(r[:5]) for r in rows}


def test_a_schema_has_none(lake: lakelet.Lake) -> None:
    assert lakelet.connect(lake).cursor().execute("SHOW FUNCTIONS FROM default").fetchall() == []


def test_it_is_a_statement_of_its_own() -> None:
    assert kinds(parse("SHOW FUNCTIONS")) == ("UTILITY", "SHOW_FUNCTIONS")


def test_what_stands_behind_it_is_refused() -> None:
    with pytest.raises(TrinoError, match="mismatched input 'abs'"):
        parse("SHOW FUNCTIONS abs")
