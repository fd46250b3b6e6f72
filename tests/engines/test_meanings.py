"""Repeated texts: what is kept of them follows the catalogue, the clock and the session."""

from collections.abc import Iterator
from pathlib import Path

import pytest

import lakelet


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "lake"


@pytest.fixture
def lake(folder: Path) -> Iterator[lakelet.Lake]:
    with lakelet.Lake(lakelet.Settings(data=folder)) as opened:
        opened.storage.create_bucket("tables")
        _run(opened, "CREATE DATABASE d")
        _run(opened, "CREATE DATABASE other")
        for name, value in {"d": 1, "other": 2}.items():
            opened.storage.write("tables", f"{name}/t/data.csv", f"{value}\n".encode())
            _run(opened, _table("int", f"s3://tables/{name}/t/"), name)
        yield opened


def _table(of: str, location: str) -> str:
    return (
        f"CREATE EXTERNAL TABLE t (x {of}) ROW FORMAT DELIMITED FIELDS TERMINATED BY ','"
        f" LOCATION '{location}'"
    )


def _run(lake: lakelet.Lake, text: str, database: str = "d") -> None:
    lakelet.connect(lake, database=database).cursor().execute(text)


def _ask(lake: lakelet.Lake, text: str, database: str = "d") -> list[tuple[object, ...]]:
    rows = lakelet.connect(lake, database=database).cursor().execute(text).fetchall()
    return [tuple(row) for row in rows]


def test_the_session_decides_which_table_a_text_names(lake: lakelet.Lake) -> None:
    for _ in range(2):
        assert _ask(lake, "SELECT x FROM t") == [(1,)]
        assert _ask(lake, "SELECT x FROM t", "other") == [(2,)]


def test_files_are_found_anew(lake: lakelet.Lake) -> None:
    assert _ask(lake, "SELECT x FROM t") == [(1,)]
    lake.storage.write("tables", "d/t/more.csv", b"5\n")
    assert _ask(lake, "SELECT x FROM t ORDER BY x") == [(1,), (5,)]
    assert sorted(_ask(lake, "SELECT x FROM t")) == [(1,), (5,)]


def test_a_changed_table_has_its_new_columns_and_place(lake: lakelet.Lake) -> None:
    assert _ask(lake, "SELECT x FROM t") == [(1,)]
    _run(lake, "DROP TABLE t")
    with pytest.raises(lakelet.TrinoError) as raised:
        _ask(lake, "SELECT x FROM t")
    assert raised.value.name == "TABLE_NOT_FOUND"
    _run(lake, _table("string", "s3://tables/other/t/"))
    assert _ask(lake, "SELECT x FROM t") == [("2",)]


def test_what_another_process_changes_is_seen(lake: lakelet.Lake, folder: Path) -> None:
    assert _ask(lake, "SELECT x FROM t") == [(1,)]
    with lakelet.Lake(lakelet.Settings(data=folder)) as second:
        _run(second, "DROP TABLE t")
        _run(second, _table("string", "s3://tables/other/t/"))
    assert _ask(lake, "SELECT x FROM t") == [("2",)]


def test_a_changed_view_has_its_new_text(lake: lakelet.Lake) -> None:
    _run(lake, "CREATE VIEW v AS SELECT x + 1 AS y FROM t")
    assert _ask(lake, "SELECT y FROM v") == [(2,)]
    _run(lake, "CREATE OR REPLACE VIEW v AS SELECT x + 10 AS y FROM t")
    assert _ask(lake, "SELECT y FROM v") == [(11,)]


@pytest.mark.parametrize("text", ["SELECT now()", "SELECT y FROM moments", "SELECT localtime"])
def test_the_moment_goes_on(lake: lakelet.Lake, text: str) -> None:
    _run(lake, "CREATE VIEW moments AS SELECT current_timestamp AS y")
    first = _ask(lake, text)
    for _ in range(2000):
        if _ask(lake, text) != first:
            return
    pytest.fail("the clock stands still")


def test_random_values_are_drawn_anew(lake: lakelet.Lake) -> None:
    assert len({_ask(lake, "SELECT random()")[0] for _ in range(5)}) == 5


def test_other_parameters_are_another_query(lake: lakelet.Lake) -> None:
    cursor = lakelet.connect(lake, database="d").cursor()
    answers = [cursor.execute("SELECT x + ? FROM t", [n]).fetchall()[0][0] for n in (1, 2, 1)]
    assert answers == [2, 3, 2]
