"""Advice from a lake's history, held to what the advised statement then brings."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from lakelet.bench import advice, history
from lakelet.config import Settings
from lakelet.dbapi import connect
from lakelet.errors import LakeletError
from lakelet.lake import Lake
from lakelet.queries.model import Request
from tests.cli.running import run

QUERY = "SELECT sum(price) FROM sales WHERE country = 'c3'"
NAME = ("default", "sales")


def answer(lake: Lake, text: str, times: int = 1) -> None:
    for _ in range(times):
        started = lake.queries.start(Request(text, "default", None, "s3://shop/out/"))
        assert lake.queries.wait(started, 60).state == "SUCCEEDED"


def scanned(lake: Lake, text: str) -> int:
    cursor = connect(lake).cursor().execute(text)
    cursor.fetchall()
    return cursor.statistics.scanned


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A lake with sales as text, asked four times by country."""
    folder = tmp_path / "lake"
    with Lake(Settings(data=folder)) as lake:
        lake.storage.create_bucket("shop")
        connect(lake).cursor().execute(
            "CREATE TABLE sales WITH (format = 'TEXTFILE', write_compression = 'NONE',"
            " external_location = 's3://shop/sales/') AS"
            " SELECT a * 100 + b AS id, sin(a * 100 + b) AS price,"
            " 'c' || CAST(b % 5 AS varchar) AS country"
            " FROM UNNEST(sequence(0, 99)) t(a) CROSS JOIN UNNEST(sequence(0, 99)) u(b)"
        )
        answer(lake, QUERY, times=4)
        answer(lake, "SELECT 1")
    return folder


def test_the_advised_layout_scans_what_was_said(data: Path) -> None:
    with Lake(Settings(data=data)) as lake:
        found = advice.advise(lake, NAME, history.of_lake(lake), lambda *step: None)
        assert (found.queries, found.scanned) == (4, 4 * scanned(lake, QUERY))
        best = found.best
        assert best is not None
        assert "partitioned_by = ARRAY['country']" in best.statement
        connect(lake).cursor().execute(best.statement)
        (name,) = set(lake.catalog.table_names("default")) - {"sales"}
        assert best.scanned == 4 * scanned(lake, QUERY.replace("sales", name))


def test_what_is_asked_of_a_view_is_asked_of_its_table(data: Path) -> None:
    with Lake(Settings(data=data)) as lake:
        for text in (
            "CREATE VIEW priced AS SELECT price, country AS place FROM sales WHERE price > 0.5",
            "CREATE VIEW seen AS SELECT seen.* FROM priced AS seen",
        ):
            connect(lake).cursor().execute(text)
        answer(lake, "SELECT max(seen.price) FROM seen WHERE seen.place = 'c3'", times=9)
        best = advice.advise(lake, NAME, history.of_lake(lake), lambda *step: None).best
        assert best is not None
        connect(lake).cursor().execute(best.statement)
        (name,) = set(lake.catalog.table_names("default")) - {"sales", "priced", "seen"}
        viewed = f"SELECT max(price) FROM {name} WHERE price > 0.5 AND country = 'c3'"
        once = scanned(lake, QUERY.replace("sales", name))
        assert best.scanned == 4 * once + 9 * scanned(lake, viewed)


def test_the_plainest_of_the_best_is_advised() -> None:
    def advised(*options: advice.Option, queries: int = 1) -> str | None:
        best = advice.Advice(NAME, queries, 1.0, 1_000_000, 1.0, options).best
        return None if best is None else best.layout

    parted, plain = advice.Option("by k", 1, 9_000, 0.1), advice.Option("plain", 0, 10_000, 0.1)
    assert advised(parted, plain) == "plain"
    assert advised(parted, replace(plain, scanned=30_000)) == "by k"
    assert advised(parted, replace(plain, dollars=0.2)) == "by k"
    assert advised(replace(plain, scanned=990_000)) is None
    assert advised(plain, queries=100) is None, "a footer's bytes a query"


def test_what_could_not_be_made_for_one_reason_is_told_of_once() -> None:
    failed = [advice.Option(each, failure="too many") for each in ("by a", "by b")]
    options = (advice.Option("plain"), *failed, advice.Option("by c", failure="no such column"))
    found = advice.Advice(NAME, 1, 1.0, 1_000_000, 1.0, options).unmade
    assert found == {"too many": "by a; by b", "no such column": "by c"}


def test_a_sample_tells_of_the_whole(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Lake(Settings(data=data)) as lake:
        asked = history.of_lake(lake)
        whole = advice.advise(lake, NAME, asked, lambda *step: None)
        monkeypatch.setattr(advice, "SAMPLE_ROWS", 5_000)
        part = advice.advise(lake, NAME, asked, lambda *step: None)
    assert part.fraction == 0.5
    assert part.scanned == whole.scanned
    assert part.best is not None
    assert part.best.scanned < 0.3 * part.scanned


def test_columns_of_many_values_become_orders_and_not_keys(data: Path) -> None:
    with Lake(Settings(data=data)) as lake:
        answer(lake, "SELECT price FROM sales WHERE id = 77", times=9)
        found = advice.advise(lake, NAME, history.of_lake(lake), lambda *step: None)
    layouts = [each.layout for each in found.options]
    assert any("sorted id" in each for each in layouts)
    assert not any("by id" in each for each in layouts)


def test_parameters_count_with_the_values_they_had(data: Path) -> None:
    text = "SELECT sum(price) FROM sales WHERE id > ?"
    with Lake(Settings(data=data)) as lake:
        answer(lake, f"PREPARE above FROM {text}")
        answer(lake, "EXECUTE above USING 9000 + 5", times=2)
        request = Request(text, "default", None, "s3://shop/out/", parameters=("77",))
        assert lake.queries.wait(lake.queries.start(request), 60).state == "SUCCEEDED"
        asked = {each.text: each.times for each in history.of_lake(lake)}
        assert asked[text.replace("?", "(9000 + 5)")] == 2
        assert asked[text.replace("?", "77")] == 1
        found = advice.advise(lake, NAME, history.of_lake(lake), lambda *step: None)
        assert found.queries == 7
        assert any("sorted id" in each.layout for each in found.options)


def test_what_was_prepared_under_a_name_that_is_gone_is_passed_over(data: Path) -> None:
    with Lake(Settings(data=data)) as lake:
        answer(lake, "PREPARE all_of_it FROM SELECT sum(price) FROM sales")
        answer(lake, "EXECUTE all_of_it")
        answer(lake, "DEALLOCATE PREPARE all_of_it")
        assert {each.text for each in history.of_lake(lake)} == {QUERY, "SELECT 1"}


def test_the_busiest_table_is_taken_and_nothing_is_left(data: Path) -> None:
    ran = run("advise", "--data", str(data), "--json")
    document = json.loads(ran.stdout)
    assert document["table"] == list(NAME)
    told = run("advise", "sales", "--data", str(data)).stdout
    assert told.count("CREATE TABLE") == 1
    assert "the price stays, for Athena bills 10 MB at least" in " ".join(told.split())
    with Lake(Settings(data=data)) as lake:
        assert lake.catalog.table_names("default") == ["sales"]
        assert lake.catalog.database_names() == ["default"]


def test_without_a_query_there_is_nothing_to_go_by(data: Path, tmp_path: Path) -> None:
    with Lake(Settings(data=data)) as lake:
        connect(lake).cursor().execute("CREATE TABLE other WITH (external_location ="
                                       " 's3://shop/other/') AS SELECT 1 AS a")  # fmt: skip
        said = r"history reads default\.other, but default\.sales; .*--history queries\.sql"
        with pytest.raises(LakeletError, match=said):
            advice.advise(lake, ("default", "other"), history.of_lake(lake), lambda *step: None)
    with Lake(Settings(data=tmp_path / "empty")) as lake:
        lake.storage.create_bucket("shop")
        answer(lake, "SELECT 1")
    ran = run("advise", "--data", str(tmp_path / "empty"))
    assert ran.returncode == 1
    assert "nothing to go by" in ran.stderr


def test_a_view_is_sent_to_its_tables(data: Path) -> None:
    with Lake(Settings(data=data)) as lake:
        connect(lake).cursor().execute("CREATE VIEW seen AS SELECT * FROM sales")
        answer(lake, "SELECT count(*) FROM seen")
    ran = run("advise", "seen", "--data", str(data))
    assert ran.returncode == 1
    assert "default.seen is a view; lay out the tables that it reads" in ran.stderr


def test_a_table_without_files_has_nothing_to_save(data: Path) -> None:
    with Lake(Settings(data=data)) as lake:
        connect(lake).cursor().execute(
            "CREATE EXTERNAL TABLE bare (a int) STORED AS PARQUET LOCATION 's3://shop/bare/'"
        )
        answer(lake, "SELECT a FROM bare WHERE a > 1")
    ran = run("advise", "bare", "--data", str(data))
    assert ran.returncode == 0
    assert "default.bare: 1 query of the history" in ran.stdout
    assert "leave it" in ran.stdout


def test_queries_may_come_from_a_file_of_sql(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "asked.sql"
    file.write_text(f"{QUERY};\n{QUERY};\nDROP TABLE sales;\nSELECT nope FROM sales;")
    ran = run("advise", "--history", str(file), "--data", str(data))
    assert ran.returncode == 0
    assert "default.sales: 2 queries of the history" in ran.stdout
    assert "by country" in ran.stdout
    assert "passed over: DROP TABLE sales: it is no query" in ran.stderr
    assert "Column 'nope' cannot be resolved" in ran.stderr
    with Lake(Settings(data=data)) as lake:
        asked = history.of_lake(lake)
        assert next(each for each in asked if each.text == QUERY).times == 4


def test_queries_may_come_from_what_athena_tells(data: Path, tmp_path: Path) -> None:
    """In BatchGetQueryExecution's own form."""
    file = tmp_path / "asked.json"
    parameters = {"Query": "SELECT sum(price) FROM sales WHERE country = ?",
                  "ExecutionParameters": ["'c2'"]}  # fmt: skip
    told = [
        {**each, "QueryExecutionContext": {"Database": "Default"}, "Status": {"State": state}}
        for each, state in (
            ({"Query": QUERY}, "SUCCEEDED"),
            ({"Query": QUERY}, "FAILED"),
            (parameters, "SUCCEEDED"),
        )
    ]
    file.write_text(
        json.dumps({"QueryExecutions": told[:2], "UnprocessedQueryExecutionIds": []}, indent=4)
        + json.dumps({"QueryExecution": told[2]})
    )
    with Lake(Settings(data=data)) as lake:
        found = history.of_file(lake, file, "elsewhere", lambda *why: pytest.fail(str(why)))
        assert {each.text: (each.times, each.scanned) for each in found} == {
            QUERY: (1, scanned(lake, QUERY)),
            QUERY.replace("c3", "c2"): (1, scanned(lake, QUERY)),
        }


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.json", '{"QueryExecutionIds": ["x"]}', "batch-get-query-execution"),
        ("a.json", "{", "is no JSON"),
        ("a.json", "[1]", "is no answer of"),
        ("a.sql", "\udcff", "no text in UTF-8"),
        ("a.sql", "SELECT 1", "no query that reads a table"),
    ],
)
def test_a_file_that_holds_no_history_is_refused(
    data: Path, tmp_path: Path, name: str, text: str, said: str
) -> None:
    file = tmp_path / name
    file.write_bytes(text.encode("utf-8", "surrogateescape"))
    with Lake(Settings(data=data)) as lake, pytest.raises(LakeletError, match=said):
        history.of_file(lake, file, "default", lambda *why: None)
