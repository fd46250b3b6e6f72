"""Suites from TOML, YAML, SQL and folders, and what is wrong with the others."""

from pathlib import Path

import pytest

from lakelet import demo
from lakelet.bench import suite
from lakelet.bench.layouts import Layout
from lakelet.errors import LakeletError


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text)
    return path


def test_the_example_is_a_suite(tmp_path: Path) -> None:
    found = suite.read(written(tmp_path, "example.toml", suite.EXAMPLES["sales"]))
    assert found.name == "example"
    assert found.tables == {"sales": "shop.sales"}
    assert len(found.layouts) == 3 * 3 * 2
    assert [query.name for query in found.queries] == ["by_country", "one_day"]


def test_the_flights_are_those_of_the_demo(tmp_path: Path) -> None:
    found = suite.read(written(tmp_path, "flights.toml", suite.EXAMPLES["flights"]))
    assert found.database == demo.DATABASE
    assert set(found.tables) == {"flights", "planes", "weather"}
    assert len(found.queries) == 12


def test_yaml_says_the_same_as_toml(tmp_path: Path) -> None:
    toml = written(
        tmp_path, "s.toml", 'tables = ["a.t"]\n[layouts]\nfiles = [1, 2]\n[queries]\nq = "SELECT 1"'
    )
    yaml = written(
        tmp_path, "s.yaml", "tables: [a.t]\nlayouts: {files: [1, 2]}\nqueries: {q: SELECT 1}"
    )
    assert suite.read(toml) == suite.read(yaml)


def test_a_file_of_sql_names_its_queries_by_comments(tmp_path: Path) -> None:
    text = "-- name: first one\nSELECT ';' AS a; /* ; */ SELECT 2;\n;"
    found = suite.read(written(tmp_path, "many.sql", text))
    assert [(query.name, query.text) for query in found.queries] == [
        ("first one", "-- name: first one\nSELECT ';' AS a"),
        ("many 2", "/* ; */ SELECT 2"),
    ]


def test_a_folder_holds_a_query_a_file_and_its_settings(tmp_path: Path) -> None:
    written(tmp_path, "one.sql", "SELECT 1")
    written(tmp_path, "two.sql", "SELECT 2;")
    written(tmp_path, "suite.toml", 'database = "Shop"\nrepeat = 2')
    found = suite.read(tmp_path)
    assert [query.name for query in found.queries] == ["one", "two"]
    assert (found.database, found.repeat, found.name) == ("shop", 2, tmp_path.name)


def test_files_beside_the_suite_are_tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path, "sales.csv", "a,b")
    written(tmp_path, "s.toml", '[tables]\nsales = "sales.csv"\n[queries]\nq = "SELECT 1"')
    monkeypatch.chdir(tmp_path)
    assert suite.read(Path("s.toml")).tables == {"sales": str(tmp_path / "sales.csv")}


def test_the_matrix_is_every_combination_once(tmp_path: Path) -> None:
    text = (
        'tables = ["t"]\n[layouts]\nformat = ["parquet", "PARQUET", "orc"]\nfile_size = "16MB"\n'
        'partitioned_by = [[], ["D"]]\n[queries]\nq = "SELECT 1"'
    )
    found = suite.read(written(tmp_path, "s.toml", text))
    assert found.layouts == tuple(
        Layout(form, partitioned_by=keys, file_size=16_000_000)
        for form in ("PARQUET", "ORC")
        for keys in ((), ("d",))
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "holds no query"),
        ("queries = 3", "queries are names with their SQL"),
        ('repeats = 1\n[querys]\nq = "S"', "unknown repeats and querys; did you mean repeat and"),
        ('tables = ["t"]\n[layouts]\nformats = 1\n[queries]\nq = "S"', "did you mean format?"),
        ('[queries]\nq = " ; "', "the query q has no text"),
        ('speed = 1\n[queries]\nq = "SELECT 1"', "unknown speed; a suite has database"),
        ('repeat = 0\n[queries]\nq = "SELECT 1"', "repeat is a number from 1 on, not 0"),
        ('[layouts]\nfiles = 1\n[queries]\nq = "SELECT 1"', "no tables to lay out"),
        ('tables = ["t"]\n[layouts]\nshape = 1\n[queries]\nq = "S"', "unknown shape"),
        ('tables = ["t"]\n[layouts]\nfiles = 0\n[queries]\nq = "S"', "0 is no number from 1 to"),
        ('tables = ["t"]\n[layouts]\ntable_type = "DELTA"\n[queries]\nq = "S"', "HIVE or ICEBERG"),
        ('tables = ["t"]\n[layouts]\nfile_size = 5\n[queries]\nq = "S"', "write 16MB"),
        ('tables = ["t"]\n[layouts]\nfraction = 2\n[queries]\nq = "S"', "write 0.1"),
        ('tables = ["t"]\n[layouts]\nbuckets = 2\n[queries]\nq = "S"', "go together"),
        ('tables = ["t"]\n[layouts]\nfiles = 2\nfile_size = "1MB"\n[queries]\nq = "S"', "keep one"),
        ('tables = ["t"]\n[layouts]\nformat = []\n[queries]\nq = "S"', "format has no value"),
        ('database = 5\n[queries]\nq = "S"', "database is a name, not 5"),
        ('[tables]\nt = ["a"]\n[queries]\nq = "S"', "tables are names with where their rows"),
        ("a = [", "can't be read"),
        ("[queries]\nq = 5", "the query q is a text of SQL, not 5"),
        ('[queries]\n" " = "SELECT 1"', "a query has no name"),
        ('[queries]\n"a\\nb" = "SELECT 1"\n"a b" = "SELECT 2"', "two queries are named a b"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(LakeletError, match=said.replace("(", r"\(")):
        suite.read(written(tmp_path, "s.toml", text))


def test_a_suite_that_is_not_there_says_how_to_begin(tmp_path: Path) -> None:
    with pytest.raises(LakeletError, match="lakelet bench --example"):
        suite.read(tmp_path / "bench.toml")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "holds no query"),
        ("queries: {q: SELECT 1, q: SELECT 2}", r"q is there twice \(at line 1\)"),
        ("queries: [", r"^\S+ can't be read: .+ \(at line 1, column 11\)$"),
        ("queries: \x01", r"^\S+ can't be read: .+ position 9$"),
        ("- a", "holds no settings"),
    ],
)
def test_what_is_wrong_in_yaml_is_said(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(LakeletError, match=said):
        suite.read(written(tmp_path, "s.yaml", text))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("s.toml", '[queries]\r\nq = """\r\nSELECT 1;\r\n"""\r\n'),
        ("s.yaml", "queries:\r\n  q: |\r\n    SELECT 1;\r\n"),
        ("s.SQL", "-- name: q\r\nSELECT 1;\r\n"),
    ],
)
def test_what_windows_writes_is_read(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_bytes(b"\xef\xbb\xbf" + text.encode())
    (query,) = suite.read(tmp_path / name).queries
    assert query.name == "q"
    assert query.text.endswith("SELECT 1")


def test_a_file_without_a_query_is_not_passed_over(tmp_path: Path) -> None:
    written(tmp_path, "one.SQL", "SELECT 1")
    assert [query.name for query in suite.read(tmp_path).queries] == ["one"]
    written(tmp_path, "two.sql", "-- nothing yet")
    with pytest.raises(LakeletError, match=r"two\.sql holds no query"):
        suite.read(tmp_path)


def test_only_a_line_of_its_own_names_a_query(tmp_path: Path) -> None:
    (found,) = suite.read(written(tmp_path, "s.sql", "SELECT '-- name: x' AS a -- name: y")).queries
    assert found.name == "s"
