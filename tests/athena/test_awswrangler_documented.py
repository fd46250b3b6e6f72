"""What awswrangler's documentation shows of its athena module, in the process; its source package
ships no tests."""

import datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from lakelet import Lake
from tests.athena.shop import OUTPUT, awswrangler_with_sales

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
]


@pytest.fixture
def wr(lakelet: Lake, s3_client: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    described = {"description": "what was sold", "columns_comments": {"id": "the sale"}}
    return awswrangler_with_sales(
        s3_client, monkeypatch, ["a", None, "it's"], glue_table_settings=described
    )


def _read(wr: Any, text: str, **more: Any) -> Any:
    # UNLOAD wants an empty place.
    output = f"s3://results/{uuid4()}/" if more.get("unload_approach") else OUTPUT
    given = {"ctas_approach": False, "s3_output": output, **more}
    return wr.athena.read_sql_query(text, database="shop", **given)


def test_values_of_every_type_by_each_approach(wr: Any) -> None:
    text = (
        "SELECT CAST(1 AS tinyint) AS t, CAST(2 AS smallint) AS s, 3 AS i, BIGINT '4' AS b,"
        " DOUBLE '0.5' AS d, DECIMAL '1.50' AS e, true AS y, DATE '2020-01-02' AS a,"
        " TIMESTAMP '2020-01-02 03:04:05.000' AS m, 'text' AS c, X'0102' AS v"
    )
    wanted = {
        "t": 1,
        "s": 2,
        "i": 3,
        "b": 4,
        "d": 0.5,
        "e": Decimal("1.50"),
        "y": True,
        "a": datetime.date(2020, 1, 2),
        "c": "text",
    }
    for approach in ({"ctas_approach": True}, {}, {"unload_approach": True}):
        binary = approach != {}  # of a CSV awswrangler reads no binaries
        frame = _read(wr, text if binary else text.partition(", X'")[0], **approach)
        row = frame.iloc[0]
        assert {name: row[name] for name in wanted} == wanted, approach
        assert row["m"].to_pydatetime() == datetime.datetime(2020, 1, 2, 3, 4, 5)
        if binary:
            assert row["v"] == b"\1\2"
        assert str(frame["i"].dtype) == "Int32"
        assert str(frame["c"].dtype) == "string"


def test_nested_types_come_by_ctas_and_unload(wr: Any) -> None:
    text = "SELECT ARRAY[1, 2] AS l, CAST(ROW(1, 'b') AS ROW(a integer, b varchar)) AS r"
    for approach in ({"ctas_approach": True}, {"unload_approach": True}):
        row = _read(wr, text, **approach).iloc[0]
        assert list(row["l"]) == [1, 2]
        assert row["r"] == {"a": 1, "b": "b"}


def test_options_of_reading(wr: Any) -> None:
    kept = _read(wr, "SELECT id FROM sales", keep_files=False)
    assert sorted(kept["id"]) == [1, 2, 3]
    assert wr.s3.list_objects(OUTPUT) == []
    named = _read(
        wr,
        "SELECT id FROM sales",
        ctas_approach=True,
        ctas_parameters={"database": "shop", "temp_table_name": "temporary", "compression": "gzip"},
    )
    assert sorted(named["id"]) == [1, 2, 3]
    assert not wr.catalog.does_table_exist("shop", "temporary")
    unloaded = _read(
        wr,
        "SELECT id, kind FROM sales",
        unload_approach=True,
        unload_parameters={"file_format": "PARQUET", "partitioned_by": ["kind"]},
    )
    assert sorted(unloaded["id"]) == [1, 2, 3]
    arrow = _read(wr, "SELECT id FROM sales ORDER BY id", dtype_backend="pyarrow")
    assert str(arrow["id"].dtype).endswith("[pyarrow]")
    empty = _read(wr, "SELECT id, name FROM sales WHERE id > 9")
    assert list(empty.columns) == ["id", "name"]
    assert len(empty) == 0


def test_chunks_by_each_approach(wr: Any) -> None:
    for approach in ({"ctas_approach": True}, {}, {"unload_approach": True}):
        for size in (1, True):
            more = {**approach, "chunksize": size, "s3_output": "s3://results/chunks/"}
            chunks = list(_read(wr, "SELECT id FROM sales", **more))
            assert sum(map(len, chunks)) == 3
            wr.s3.delete_objects("s3://results/chunks/")


def test_named_and_question_marked_parameters(wr: Any) -> None:
    text = "SELECT id FROM sales WHERE name = :name AND day <= :day AND kind = :kind"
    given = {"name": "it's", "day": datetime.date(2020, 1, 3), "kind": "y"}
    assert _read(wr, text, params=given, paramstyle="named")["id"].tolist() == [3]
    text = "SELECT id FROM sales WHERE name = ? AND id < ?"
    found = _read(wr, text, params=["a", "5"], paramstyle="qmark")
    assert found["id"].tolist() == [1]


def test_an_answer_is_cached(wr: Any) -> None:
    settings = {"max_cache_seconds": 900, "max_cache_query_inspections": 50}
    text = "SELECT max(id) AS m, random() AS r FROM sales"
    first = _read(wr, text, athena_cache_settings=settings)
    again = _read(wr, text, athena_cache_settings=settings)
    assert first["r"].tolist() == again["r"].tolist()
    fresh = _read(wr, text)
    assert fresh["r"].tolist() != first["r"].tolist()
    reuse = {"ResultReuseByAgeConfiguration": {"Enabled": True, "MaxAgeInMinutes": 10}}
    for reused in (False, True):
        found = _read(
            wr, "SELECT max(id) AS m FROM sales", result_reuse_configuration=reuse
        ).query_metadata["Statistics"]["ResultReuseInformation"]["ReusedPreviousResult"]
        assert found is reused


def test_queries_are_started_waited_for_stopped_and_listed(wr: Any) -> None:
    start = {"database": "shop", "s3_output": OUTPUT}
    identifier = wr.athena.start_query_execution("SELECT id AS n, name FROM sales", **start)
    done = wr.athena.wait_query(identifier, athena_query_wait_polling_delay=0.01)
    assert done["Status"]["State"] == "SUCCEEDED"
    assert wr.athena.get_query_columns_types(identifier) == {"n": "bigint", "name": "varchar"}
    assert sorted(wr.athena.get_query_results(identifier)["n"]) == [1, 2, 3]
    waited = wr.athena.start_query_execution("SELECT 1 AS x", wait=True, **start)
    assert waited["Status"]["State"] == "SUCCEEDED"
    executed = wr.athena.get_query_executions([identifier, waited["QueryExecutionId"]])
    assert sorted(executed["Status.State"]) == ["SUCCEEDED", "SUCCEEDED"]
    found, missing = wr.athena.get_query_executions([identifier, "0" * 36], return_unprocessed=True)
    assert (len(found), len(missing)) == (1, 1)
    assert identifier in wr.athena.list_query_executions()
    slow = "SELECT count(*) FROM UNNEST(sequence(1, 10000)) a (x), UNNEST(sequence(1, 10000)) b (y)"
    slow += ", UNNEST(sequence(1, 1000)) c (z) WHERE x * y % 7 = z"
    running = wr.athena.start_query_execution(slow, **start)
    wr.athena.stop_query_execution(running)
    with pytest.raises(wr.exceptions.QueryCancelled):
        wr.athena.wait_query(running)


def test_tables_are_described_and_shown(wr: Any) -> None:
    described = wr.athena.describe_table("sales", database="shop", s3_output=OUTPUT)
    assert described["Column Name"].tolist() == ["id", "name", "price", "day", "kind"]
    assert described["Comment"].tolist()[0] == "the sale"
    shown = wr.athena.show_create_table("sales", database="shop", s3_output=OUTPUT)
    assert shown.startswith("CREATE EXTERNAL TABLE `shop.sales`( `id` bigint COMMENT 'the sale'")
    assert "PARTITIONED BY" in shown
    assert wr.athena.repair_table("sales", database="shop", s3_output=OUTPUT) == "SUCCEEDED"
    assert wr.athena.generate_create_query("sales", database="shop").startswith("CREATE EXTERNAL")
    assert wr.athena.get_work_group("primary")["WorkGroup"]["Name"] == "primary"
    assert wr.athena.create_athena_bucket().startswith("s3://aws-athena-query-results-")


def test_ctas_tables_and_unload(wr: Any) -> None:
    made = wr.athena.create_ctas_table(
        "SELECT id, name, kind FROM sales",
        database="shop",
        ctas_table="made",
        s3_output="s3://shop/made/",
        storage_format="ORC",
        write_compression="ZLIB",
        partitioning_info=["kind"],
        wait=True,
    )
    assert made["ctas_table"] == "made"
    assert _read(wr, "SELECT count(*) AS n FROM made WHERE kind = 'x'")["n"].tolist() == [2]
    bucketed = wr.athena.create_ctas_table(
        "SELECT id, name FROM sales",
        database="shop",
        ctas_table="bucketed",
        s3_output="s3://shop/bucketed/",
        bucketing_info=(["id"], 2),
        wait=True,
    )
    assert bucketed["ctas_query_metadata"].raw_payload["Status"]["State"] == "SUCCEEDED"
    empty = {"schema_only": True, "wait": True, "s3_output": "s3://shop/schema/"}
    wr.athena.create_ctas_table("SELECT id FROM sales", database="shop", ctas_table="no", **empty)
    assert _read(wr, "SELECT count(*) AS n FROM no")["n"].tolist() == [0]
    for form in ("PARQUET", "ORC", "AVRO", "JSON", "TEXTFILE"):
        place = f"s3://shop/unloaded/{form}/"
        wr.athena.unload("SELECT id FROM sales", place, "shop", file_format=form)
        assert wr.s3.list_objects(place)


def test_prepared_and_named_queries(wr: Any, athena_client: Any) -> None:
    wr.athena.create_prepared_statement("SELECT name FROM sales WHERE id = ?", "one")
    wr.athena.create_prepared_statement("SELECT id FROM sales WHERE name = ?", "one")  # again
    listed = wr.athena.list_prepared_statements()
    assert [each["StatementName"] for each in listed] == ["one"]
    assert _read(wr, "EXECUTE one", params=["'a'"], paramstyle="qmark")["id"].tolist() == [1]
    wr.athena.delete_prepared_statement("one")
    assert wr.athena.list_prepared_statements() == []
    named = athena_client.create_named_query(
        Name="all", Database="shop", QueryString="SELECT * FROM sales"
    )["NamedQueryId"]
    assert wr.athena.get_named_query_statement(named) == "SELECT * FROM sales"


def test_iceberg_tables_are_made_appended_merged_and_deleted_from(wr: Any) -> None:
    import pandas as pd

    def put(ids: list[int], word: str, **more: Any) -> None:
        frame = pd.DataFrame({"id": ids, "word": word, "day": [f"d{each % 2}" for each in ids]})
        wr.athena.to_iceberg(
            frame,
            database="shop",
            table="iced",
            table_location="s3://shop/iced/",
            temp_path="s3://shop/temp/",
            keep_files=False,
            s3_output=OUTPUT,
            **more,
        )

    def rows() -> list[tuple[Any, ...]]:
        found = _read(wr, "SELECT id, word, day FROM iced ORDER BY id, word")
        return list(found.itertuples(index=False, name=None))

    put([1, 2], "made", partition_cols=["day"])
    put([3], "added")
    assert rows() == [(1, "made", "d1"), (2, "made", "d0"), (3, "added", "d1")]
    put([2, 4], "merged", merge_cols=["id"])
    assert rows()[1:] == [(2, "merged", "d0"), (3, "added", "d1"), (4, "merged", "d0")]
    wr.athena.delete_from_iceberg_table(
        pd.DataFrame({"id": [1, 3]}),
        database="shop",
        table="iced",
        temp_path="s3://shop/temp/",
        keep_files=False,
        merge_cols=["id"],
        s3_output=OUTPUT,
    )
    assert rows() == [(2, "merged", "d0"), (4, "merged", "d0")]
    put([9], "alone", mode="overwrite")
    assert rows() == [(9, "alone", "d1")]
    assert wr.s3.list_objects("s3://shop/temp/") == []


def test_failures_have_their_classes(wr: Any) -> None:
    with pytest.raises(wr.exceptions.QueryFailed, match="TABLE_NOT_FOUND"):
        _read(wr, "SELECT * FROM nothing")
    with pytest.raises(wr.exceptions.QueryFailed, match="DIVISION_BY_ZERO"):
        _read(wr, "SELECT 1 / 0 AS x", ctas_approach=True)
