"""A query's life: its states, their reasons, what stops it, and what is left of it."""

import json
import threading
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lakelet import Lake, afterwards
from lakelet.config import Settings
from lakelet.errors import LakeError
from lakelet.patching import patch
from lakelet.queries.model import Request
from lakelet.queries.running import Queries
from lakelet.results import Page
from lakelet.services.athena.shapes import runtime_statistics
from tests.services.athena import running

LONG = "SELECT count(*) FROM UNNEST(sequence(1, 10000)) a(x), UNNEST(sequence(1, 10000)) b(y)"
LONG += ", UNNEST(sequence(1, 1000)) c(z) WHERE x * y % 7 = z"


def cells(page: Page) -> list[list[str | None]]:
    return [[cell.get("VarCharValue") for cell in row["Data"]] for row in json.loads(page.rows)]


def _request(text: str, **more: Any) -> Request:
    return Request(text, None, None, "s3://results/out/", **more)


@pytest.fixture
def slow_lake(tmp_path: Path) -> Any:
    """A lake on disk that runs one query at a time."""
    with Lake(Settings(data=tmp_path / "lake", concurrent_queries=1, threads=1)) as lake:
        lake.storage.create_bucket("results")
        yield lake


def _running(lake: Lake, identifier: str) -> None:
    ends = time.monotonic() + 60
    while lake.queries.get(identifier, patience=0).state != "RUNNING":
        assert time.monotonic() < ends
        time.sleep(0.005)
    time.sleep(0.2)


def test_a_cancelled_query_is_over_at_once(slow_lake: Lake) -> None:
    identifier = slow_lake.queries.start(_request(LONG))
    _running(slow_lake, identifier)
    slow_lake.queries.stop(identifier)  # how soon it ends, `benchmarks/cancelling.py` measures
    query = slow_lake.queries.get(identifier, patience=0)
    assert (query.state, query.reason) == ("CANCELLED", "Query cancelled by user")
    slow_lake.queries.stop(identifier)
    assert slow_lake.queries.get(identifier).state == "CANCELLED"
    assert not any("result-" in path.name for path in slow_lake.storage.scratch.iterdir())


SLOW = {
    "a function of Python": (
        "SELECT count(ST_Area(ST_Buffer(ST_Point(x, y), 1 + x)))"
        " FROM UNNEST(sequence(1, 10000)) a(x), UNNEST(sequence(1, 1000)) b(y)"
    ),
    **{
        form: (
            f"CREATE TABLE t WITH (format = '{form}', external_location = 's3://results/t/') AS"
            " SELECT x, y, cast(x * y AS varchar) AS z"
            " FROM UNNEST(sequence(1, 10000)) a(x), UNNEST(sequence(1, 10000)) b(y)"
        )
        for form in ("PARQUET", "ORC", "AVRO", "JSON", "TEXTFILE")
    },
}


@pytest.mark.parametrize("kind", SLOW)
def test_a_cancelled_query_leaves_nothing_and_the_lake_goes_on(slow_lake: Lake, kind: str) -> None:
    identifier = slow_lake.queries.start(_request(SLOW[kind]))
    _running(slow_lake, identifier)
    time.sleep(0.5)
    slow_lake.queries.stop(identifier)
    assert slow_lake.queries.get(identifier, patience=0).state == "CANCELLED"
    done = slow_lake.queries.start(_request("SELECT 1"))
    assert slow_lake.queries.wait(done, 60).state == "SUCCEEDED"
    assert not slow_lake.queries.busy
    assert [info.key for info in slow_lake.storage.list("results", "t/")] == []
    assert slow_lake.catalog.table("default", "t") is None
    left = [path.name for path in slow_lake.storage.scratch.iterdir()]
    assert not any(name.startswith(("write-", "result-")) for name in left)


def test_a_cancel_reaches_the_proof_of_a_file(slow_lake: Lake) -> None:
    slow_lake.storage.create_bucket("shop")
    lines = b"".join(b"%d,name %d,%d.5\n" % (i, i % 100, i) for i in range(200_000)) * 15
    slow_lake.storage.write("shop", "t/a.csv", lines)
    table = "CREATE EXTERNAL TABLE t (a bigint, b string, c double) ROW FORMAT DELIMITED FIELDS"
    table += " TERMINATED BY ',' LOCATION 's3://shop/t/'"
    assert slow_lake.queries.wait(slow_lake.queries.start(_request(table)), 20).reason is None
    identifier = slow_lake.queries.start(_request("SELECT max(c) FROM t"))
    while slow_lake.queries.get(identifier, patience=0).state == "QUEUED":
        time.sleep(0.005)
    time.sleep(0.05)
    slow_lake.queries.stop(identifier)
    assert slow_lake.queries.get(identifier, patience=0).state == "CANCELLED"
    found = slow_lake.queries.start(_request("SELECT max(c) AS m FROM t"))
    done = slow_lake.queries.wait(found, 120)
    assert cells(slow_lake.queries.page(done, None, 10)) == [["m"], ["199999.5"]]


def test_a_query_waits_its_turn_and_may_be_cancelled_there(slow_lake: Lake) -> None:
    first = slow_lake.queries.start(_request(LONG))
    _running(slow_lake, first)
    second = slow_lake.queries.start(_request("SELECT 1"))
    third = slow_lake.queries.start(_request("SELECT 2"))
    assert slow_lake.queries.get(second).state == "QUEUED"
    slow_lake.queries.stop(second)
    assert slow_lake.queries.get(second).state == "CANCELLED"
    slow_lake.queries.stop(first)
    done = slow_lake.queries.wait(third, 60)
    assert done.state == "SUCCEEDED"
    assert done.queued > 0


def test_progress_is_seen_while_a_query_runs(slow_lake: Lake) -> None:
    identifier = slow_lake.queries.start(_request(LONG))
    _running(slow_lake, identifier)
    before = slow_lake.queries.get(identifier).execution
    time.sleep(0.1)
    assert slow_lake.queries.get(identifier).execution > before > 0
    slow_lake.queries.stop(identifier)

    rows = "SELECT i AS a, i % 7 AS b FROM UNNEST(sequence(1, 10000)) t(i)"
    rows += " CROSS JOIN UNNEST(sequence(1, 200))"
    table = f"CREATE TABLE t WITH (format = 'PARQUET') AS {rows}"
    assert slow_lake.queries.wait(slow_lake.queries.start(_request(table)), 60).reason is None
    text = "SELECT max(sha256(to_utf8(cast(a + b AS varchar)))) FROM t"
    identifier = slow_lake.queries.start(_request(text))
    told = []
    while not (query := slow_lake.queries.get(identifier, patience=0)).is_over:
        told.append(runtime_statistics(query)["Rows"]["InputRows"])
        time.sleep(0.005)
    assert any(0 < each < 2_000_000 for each in told), told
    assert told == sorted(told)
    assert runtime_statistics(query)["Rows"]["InputRows"] == 2_000_000


def test_a_query_that_takes_too_long_fails(tmp_path: Path) -> None:
    with Lake(Settings(query_timeout=0.3, threads=1)) as lake:
        lake.storage.create_bucket("results")
        query = lake.queries.wait(lake.queries.start(_request(LONG)), 30)
        assert (query.state, query.reason) == ("FAILED", "Query timeout")
        # The next one is not held responsible.
        query = lake.queries.wait(lake.queries.start(_request("SELECT 1")), 30)
        assert query.state == "SUCCEEDED"


def test_memory_spills_to_disk_and_ends(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "lake", memory_limit="100MB", threads=1)
    with Lake(settings) as lake:
        lake.storage.create_bucket("results")
        sort = (
            "SELECT x, CAST(x AS varchar) || 'abcdefgh' AS t FROM UNNEST(sequence(1, 10000)) a(x)"
        )
        sort += ", UNNEST(sequence(1, 300)) b(y) ORDER BY t DESC, y LIMIT 2000000"
        identifier = lake.queries.start(_request(sort))
        spilled = 0
        while not (query := lake.queries.wait(identifier, 0.05)).is_over:
            spilled = max(spilled, _bytes_in(lake.storage.scratch / "spill"))
        assert query.state == "SUCCEEDED", query.reason
        assert query.statistics.rows == 2_000_000
        assert spilled > 10_000_000
        assert _bytes_in(lake.storage.scratch / "spill") == 0
        wide = "SELECT array_agg(repeat_text) FROM (SELECT rpad('', 1000000, 'x') || CAST(x AS"
        wide += " varchar) AS repeat_text FROM UNNEST(sequence(1, 400)) a(x))"
        query = lake.queries.wait(lake.queries.start(_request(wide)), 120)
        assert query.state == "FAILED"
        assert str(query.reason).startswith("EXCEEDED_LOCAL_MEMORY_LIMIT: ")


def _bytes_in(folder: Path) -> int:
    with suppress(FileNotFoundError):
        return sum(path.stat().st_size for path in folder.rglob("*"))
    return 0


def test_history_outlives_the_process(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "lake")
    with Lake(settings) as lake:
        lake.storage.create_bucket("results")
        done = lake.queries.start(_request("SELECT 40 + 2 AS x"))
        assert lake.queries.wait(done, 60).state == "SUCCEEDED"
        # What a process that was killed leaves behind.
        left = replace(lake.queries.get(done), id="left", state="RUNNING", result=None)
        lake.queries.history.add(replace(left, request=replace(left.request, token=None)))
        old = replace(left, id="old", state="SUCCEEDED", submitted=time.time() - 46 * 86_400)
        lake.queries.history.add(replace(old, request=replace(left.request, token=None)))
    with Lake(settings) as lake:
        query = lake.queries.get(done)
        assert query.state == "SUCCEEDED"
        assert cells(lake.queries.page(query, None, 10)) == [["x"], ["42"]]
        left = lake.queries.get("left")
        assert left.state == "FAILED"
        assert left.reason == "The lake was restarted while the query was running."
        assert lake.queries.history.listed("primary", 10) == [done, "left"]


def test_a_lake_that_is_opened_again_leaves_the_queries_of_the_other_process(
    tmp_path: Path,
) -> None:
    settings = Settings(data=tmp_path / "lake", concurrent_queries=1, threads=1)
    with Lake(settings) as lake:
        lake.storage.create_bucket("results")
        runs = lake.queries.start(_request(LONG))
        waits = lake.queries.start(_request("SELECT 1"))
        _running(lake, runs)
        with Lake(settings) as other:
            _running(other, runs)
            there, here = other.queries.get(runs), lake.queries.get(runs, patience=0)
            assert (there.queued, there.progress) == (here.queued, here.progress)
            assert 0 < there.execution <= here.execution
            assert other.queries.get(waits).state == "QUEUED"
            other.queries.stop(runs)  # is told to the one that runs it
            assert lake.queries.wait(runs, 60).state == "CANCELLED"
            assert lake.queries.wait(waits, 60).state == "SUCCEEDED"
            assert other.queries.get(runs).state == "CANCELLED"
            assert cells(other.queries.page(other.queries.get(waits), None, 9)) == [
                ["_col0"],
                ["1"],
            ]
        assert lake.queries.get(waits).state == "SUCCEEDED"


def test_a_query_whose_process_was_killed_has_failed_for_the_others_too(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "lake")
    with Lake(settings) as other:
        other.storage.create_bucket("results")
        done = other.queries.start(_request("SELECT 1"))
        kept = other.queries.wait(done, 60)
        gone = replace(kept, id="gone", state="QUEUED", result=None, process=str(tmp_path / "x"))
        other.queries.history.add(replace(gone, request=replace(gone.request, token=None)))
        assert other.queries.get("gone").state == "FAILED"


def test_a_query_begins_after_the_answer_to_its_start_and_may_be_stopped_before(
    slow_lake: Lake,
) -> None:
    queries = slow_lake.queries
    with afterwards.held():
        kept, gone = (queries.start(_request("SELECT 1")) for _ in range(2))
        assert queries.wait(kept, 0.2).state == "QUEUED"
        queries.stop(gone)
        assert queries.get(gone, patience=0).state == "CANCELLED"
    assert queries.wait(kept, 60).state == "SUCCEEDED"
    assert queries.wait(gone, 60).state == "CANCELLED"


def test_a_query_that_was_to_begin_when_the_lake_closed_has_failed(tmp_path: Path) -> None:
    with Lake(Settings(data=tmp_path / "lake")) as lake:
        lake.storage.create_bucket("results")
        queries = lake.queries
        with afterwards.held():
            left = queries.start(_request("SELECT 1"))
            queries.close()
        assert queries.get(left).state == "FAILED"


def test_a_query_that_starts_while_the_lake_closes_is_refused_and_over(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "lake")
    started: list[str] = []
    refused: list[LakeError] = []

    def keep_on(queries: Queries) -> None:
        while not refused:
            try:
                started.append(queries.start(_request("SELECT 1")))
            except LakeError as error:
                refused.append(error)

    with Lake(settings) as lake:
        lake.storage.create_bucket("results")
        queries = lake.queries
        lake.queries.wait(lake.queries.start(_request("SELECT 1")), 60)
        threads = [threading.Thread(target=keep_on, args=(queries,)) for _ in range(4)]
        for thread in threads:
            thread.start()
        time.sleep(0.2)
        queries.close()
        for thread in threads:
            thread.join()
        assert all(queries.wait(each, 0).is_over for each in started)
    with Lake(settings) as lake:
        found = lake.queries.history.listed("primary", 1000)
        assert all(lake.queries.get(each).is_over for each in found)
        assert len(found) > len(started)


def test_closing_ends_what_runs(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "lake", concurrent_queries=1, threads=1)
    with Lake(settings) as lake:
        lake.storage.create_bucket("results")
        first = lake.queries.start(_request(LONG))
        waiting = lake.queries.start(_request("SELECT 1"))
        _running(lake, first)
    with Lake(settings) as lake:
        assert lake.queries.get(first).is_over
        assert lake.queries.get(waiting).is_over


def test_one_token_starts_one_query_in_many_threads(slow_lake: Lake) -> None:
    found: list[str] = []
    request = _request("SELECT 1", token="t" * 32)
    threads = [
        threading.Thread(target=lambda: found.append(slow_lake.queries.start(request)))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1


# Through the API ----------------------------------------------------------------------------


def test_a_token_gives_the_same_query_for_the_same_question(athena: Any) -> None:
    token = running.token()
    first = running.start(athena, "SELECT 1", ClientRequestToken=token)
    assert running.start(athena, "SELECT 1", ClientRequestToken=token) == first
    running.finished(athena, first)
    same = {"ExecutionParameters": ["2"], "ClientRequestToken": token}
    assert running.start(athena, "SELECT 1", **same) == first
    for text, more in (
        ("SELECT 2", {}),
        ("SELECT 1", {"QueryExecutionContext": {"Database": "default"}}),
        ("SELECT 1", {"QueryExecutionContext": {"Catalog": "AwsDataCatalog"}}),
        ("SELECT 1", {"ResultConfiguration": {"OutputLocation": "s3://results/other/"}}),
    ):
        with pytest.raises(athena.exceptions.InvalidRequestException) as caught:
            running.start(athena, text, ClientRequestToken=token, **more)
        assert caught.value.response["Error"]["Message"] == "Idempotent parameters do not match"
        assert caught.value.response["AthenaErrorCode"] == "IDEMPOTENT_PARAMETER_MISMATCH"


def test_a_refused_text_uses_no_token(athena: Any) -> None:
    token = running.token()
    with pytest.raises(athena.exceptions.InvalidRequestException) as caught:
        running.start(athena, "SELEC 1", ClientRequestToken=token)
    assert caught.value.response["AthenaErrorCode"] == "MALFORMED_QUERY"
    assert caught.value.response["Error"]["Message"].startswith(
        "line 1:1: mismatched input 'SELEC'. Expecting: 'ALTER', "
    )
    assert running.start(athena, "SELECT 1", ClientRequestToken=token)


def test_an_answer_is_given_again(athena: Any, s3_client: Any) -> None:
    s3_client.create_bucket(Bucket="shop")
    s3_client.put_object(Bucket="shop", Key="t/a.csv", Body=b"1\n2\n")
    running.succeeded(
        athena,
        "CREATE EXTERNAL TABLE t (n int) ROW FORMAT DELIMITED FIELDS TERMINATED BY ','"
        " LOCATION 's3://shop/t/'",
    )
    by_age = {"Enabled": True, "MaxAgeInMinutes": 60}
    reuse = {"ResultReuseConfiguration": {"ResultReuseByAgeConfiguration": by_age}}
    text = "SELECT sum(n) AS s FROM t"
    first = running.succeeded(athena, text, **reuse)
    assert first["Statistics"]["ResultReuseInformation"] == {"ReusedPreviousResult": False}
    assert first["Statistics"]["DataScannedInBytes"] == 4
    s3_client.put_object(Bucket="shop", Key="t/b.csv", Body=b"10\n")  # Athena does not look

    again = running.succeeded(athena, text, **reuse)
    assert again["Statistics"]["ResultReuseInformation"] == {"ReusedPreviousResult": True}
    assert again["Statistics"]["DataScannedInBytes"] == 0
    assert again["ResultConfiguration"] == first["ResultConfiguration"]
    assert running.rows(athena, again["QueryExecutionId"]) == [["s"], ["3"]]
    assert again["ResultReuseConfiguration"]["ResultReuseByAgeConfiguration"] == by_age

    fresh = running.succeeded(athena, text)
    assert running.rows(athena, fresh["QueryExecutionId"]) == [["s"], ["13"]]
    too_old = {"ResultReuseByAgeConfiguration": {"Enabled": True, "MaxAgeInMinutes": 0}}
    for other, more in (
        (f"{text} ", {"ResultReuseConfiguration": too_old}),
        ("SELECT n FROM t LIMIT 1", reuse),
        ("SELECT rand() + n FROM t", reuse),
        ("SELECT now(), n FROM t", reuse),
        (text, {**reuse, "QueryExecutionContext": {"Database": "default"}}),
    ):
        running.succeeded(athena, other, **more)
        found = running.succeeded(athena, other, **more)
        if "QueryExecutionContext" not in more:
            reused = found["Statistics"]["ResultReuseInformation"]["ReusedPreviousResult"]
            assert not reused, other

    where = fresh["ResultConfiguration"]["OutputLocation"]
    s3_client.delete_object(Bucket="results", Key=where.removeprefix("s3://results/"))
    found = running.succeeded(athena, text, **reuse)
    assert running.rows(athena, found["QueryExecutionId"])[1] in (["3"], ["13"])


def test_a_cutoff_cancels_before_the_bytes_are_read(athena: Any, s3_client: Any) -> None:
    s3_client.create_bucket(Bucket="shop")
    s3_client.put_object(Bucket="shop", Key="big/a.csv", Body=b"1234567\n" * 1_500_000)
    s3_client.put_object(Bucket="shop", Key="small/a.csv", Body=b"1\n")
    for name in ("big", "small"):
        running.succeeded(
            athena,
            f"CREATE EXTERNAL TABLE {name} (n int) ROW FORMAT DELIMITED FIELDS TERMINATED BY ','"
            f" LOCATION 's3://shop/{name}/'",
        )
    athena.create_work_group(
        Name="careful", Configuration={"BytesScannedCutoffPerQuery": 10_000_000}
    )
    for text in ("SELECT count(*) FROM big WHERE n > 1", "CREATE TABLE c AS SELECT n FROM big"):
        query = running.run(athena, text, WorkGroup="careful")
        assert query["Status"]["State"] == "CANCELLED"
        assert query["Status"]["StateChangeReason"] == "Bytes scanned limit was exceeded"
    assert running.run(athena, "SELECT * FROM small", WorkGroup="careful")["Status"]["State"] == (
        "SUCCEEDED"
    )
    athena.update_work_group(
        WorkGroup="careful", ConfigurationUpdates={"RemoveBytesScannedCutoffPerQuery": True}
    )
    running.succeeded(athena, "SELECT count(*) FROM big WHERE n > 1", WorkGroup="careful")


@pytest.mark.parametrize(
    ("text", "reason", "number"),
    [
        ("SELECT x FROM (VALUES 1) t(y)", "COLUMN_NOT_FOUND: line 1:8: Column 'x' cannot", 1006),
        (
            "SELECT * FROM nothing",
            "TABLE_NOT_FOUND: line 1:15: Table 'awsdatacatalog.default.nothing' does not exist",
            1301,
        ),
        ("SELECT * FROM no.t", "SCHEMA_NOT_FOUND: line 1:15: Schema 'no' does not exist", 1301),
        ("SELECT 1 / 0 AS x", "DIVISION_BY_ZERO: Division by zero", 1001),
        ("SELECT CAST('a' AS integer)", "INVALID_CAST_ARGUMENT: Cannot cast 'a' to INT", 1100),
        ("SELECT nope(1)", "FUNCTION_NOT_FOUND: line 1:8: Function 'nope' not registered", 1303),
        ("SELECT 1 + 'a'", "TYPE_MISMATCH: line 1:10: ", 1002),
    ],
)
def test_failures_have_athenas_words_and_types(
    athena: Any, text: str, reason: str, number: int
) -> None:
    status = running.run(athena, text)["Status"]
    assert status["State"] == "FAILED"
    assert status["StateChangeReason"].startswith(reason)
    assert status["AthenaError"] == {
        "ErrorCategory": 2,
        "ErrorType": number,
        "Retryable": False,
        "ErrorMessage": status["StateChangeReason"],
    }


def test_a_patched_process_runs_queries_too(tmp_path: Path) -> None:
    import boto3

    with patch():
        s3 = boto3.client("s3", region_name="us-east-1")
        s3.create_bucket(Bucket="results")
        client = boto3.client("athena", region_name="us-east-1")
        found = running.succeeded(client, "SELECT 1 AS x")
        assert running.rows(client, found["QueryExecutionId"]) == [["x"], ["1"]]
