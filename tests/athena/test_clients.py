"""The clients that people use, unmodified, against a server of their own: PyAthena's other cursors,
its SQLAlchemy dialect, ibis and awswrangler's further ways."""

import asyncio
import functools
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import boto3
import pytest

RESULTS = "s3://results/out/"
# The clients' own use of what their libraries call old, and sockets that they leave to the end.
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture
def endpoint(lakelet_server: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A server's address, which every AWS client of the process takes for AWS."""
    for name, value in (
        ("AWS_ENDPOINT_URL", lakelet_server),
        ("AWS_ACCESS_KEY_ID", "lake"),
        ("AWS_SECRET_ACCESS_KEY", "lake"),
        ("AWS_DEFAULT_REGION", "us-east-1"),
        ("AWS_REGION", "us-east-1"),
        ("WR_ATHENA_QUERY_WAIT_POLLING_DELAY", "0.01"),
    ):
        monkeypatch.setenv(name, value)
    import fsspec

    fsspec.config.conf.clear()
    from s3fs import S3FileSystem

    S3FileSystem.clear_instance_cache()
    # pyarrow's S3 client takes no endpoint from the environment; PyAthena gives it none.
    import pyarrow.fs

    at_the_endpoint = functools.partial(pyarrow.fs.S3FileSystem, endpoint_override=lakelet_server)
    monkeypatch.setattr(pyarrow.fs, "S3FileSystem", at_the_endpoint)
    s3 = boto3.client("s3")
    for bucket in ("results", "shop"):
        s3.create_bucket(Bucket=bucket)
    return lakelet_server


@pytest.fixture
def connection(endpoint: str) -> Iterator[Any]:
    from pyathena import connect

    with connect(s3_staging_dir=RESULTS, region_name="us-east-1", poll_interval=0.01) as opened:
        cursor = opened.cursor()
        cursor.execute("CREATE DATABASE shop")
        cursor.execute(
            "CREATE TABLE shop.sales WITH (format = 'PARQUET', partitioned_by = ARRAY['kind'],"
            " external_location = 's3://shop/sales/') AS SELECT * FROM (VALUES"
            " (1, 'a', DECIMAL '1.10', ARRAY[1, 2], 'x'), (2, NULL, NULL, NULL, 'x'),"
            " (3, 'c', DECIMAL '3.30', ARRAY[], 'y')) AS t (id, name, price, tags, kind)"
        )
        yield opened


QUERY = "SELECT id, name, price FROM shop.sales ORDER BY id"
ROWS = [(1, "a", Decimal("1.10")), (2, None, None), (3, "c", Decimal("3.30"))]


# PyAthena -----------------------------------------------------------------------------------


@pytest.mark.parametrize("unload", [False, True], ids=["csv", "unload"])
def test_arrow_cursor(connection: Any, unload: bool) -> None:
    from pyathena.arrow.cursor import ArrowCursor

    table = connection.cursor(ArrowCursor, unload=unload).execute(QUERY).as_arrow()
    assert table.column("id").to_pylist() == [1, 2, 3]
    # Of a CSV PyAthena makes texts, and an empty one of a NULL.
    assert table.column("name").to_pylist() == ["a", None if unload else "", "c"]
    prices = [Decimal("1.10"), None, Decimal("3.30")] if unload else ["1.10", "", "3.30"]
    assert table.column("price").to_pylist() == prices


@pytest.mark.parametrize("unload", [False, True], ids=["csv", "unload"])
def test_pandas_cursor(connection: Any, unload: bool) -> None:
    from pyathena.pandas.cursor import PandasCursor

    cursor = connection.cursor(PandasCursor, unload=unload).execute(QUERY)
    frame = cursor.as_pandas()
    assert frame["id"].tolist() == [1, 2, 3]
    assert frame["name"].isna().tolist() == [False, True, False]
    assert cursor.data_scanned_in_bytes > 0


@pytest.mark.slow
@pytest.mark.parametrize("unload", [False, True], ids=["csv", "unload"])
def test_polars_cursor(connection: Any, unload: bool) -> None:
    from pyathena.polars.cursor import PolarsCursor

    frame = connection.cursor(PolarsCursor, unload=unload).execute(QUERY).as_polars()
    assert frame["id"].to_list() == [1, 2, 3]
    assert frame["name"].to_list() == ["a", None, "c"]


def test_s3fs_and_dict_cursors(connection: Any) -> None:
    from pyathena.cursor import DictCursor
    from pyathena.s3fs.cursor import S3FSCursor

    assert connection.cursor(S3FSCursor).execute(QUERY).fetchall() == ROWS
    found = connection.cursor(DictCursor).execute(QUERY).fetchone()
    assert found == {"id": 1, "name": "a", "price": Decimal("1.10")}


def test_async_cursors(connection: Any) -> None:
    from pyathena.arrow.async_cursor import AsyncArrowCursor
    from pyathena.async_cursor import AsyncCursor

    cursor = connection.cursor(AsyncCursor)
    started = [cursor.execute(f"SELECT {number} AS n") for number in range(20)]
    assert [future.result().fetchone() for _, future in started] == [(n,) for n in range(20)]
    _, future = connection.cursor(AsyncArrowCursor).execute(QUERY)
    assert future.result().as_arrow().num_rows == 3
    identifier, future = cursor.execute(
        "SELECT count(*) FROM UNNEST(sequence(1, 10000)) a (x), UNNEST(sequence(1, 10000)) b (y),"
        " UNNEST(sequence(1, 1000)) c (z) WHERE x * y % 7 = z"
    )
    cursor.cancel(identifier).result()
    assert future.result().state == "CANCELLED"


@pytest.mark.slow
def test_asyncio_connection(endpoint: str) -> None:
    from pyathena import aio_connect

    async def run() -> Any:
        async with await aio_connect(
            s3_staging_dir=RESULTS, region_name="us-east-1", poll_interval=0.01
        ) as opened:
            cursor = opened.cursor()
            await cursor.execute("SELECT 1 AS x, 'a' AS y")
            return await cursor.fetchall()

    assert asyncio.run(run()) == [(1, "a")]


def test_parameters_and_reuse(connection: Any) -> None:
    cursor = connection.cursor()
    text = "SELECT name FROM shop.sales WHERE id = ? AND kind = ?"
    cursor.execute(text, ["3", "'y'"], paramstyle="qmark")
    assert cursor.fetchall() == [("c",)]
    cursor.execute("SELECT name FROM shop.sales WHERE id = %(id)s", {"id": 1})
    assert cursor.fetchall() == [("a",)]
    for reused in (False, True):
        cursor.execute("SELECT max(id) FROM shop.sales", result_reuse_enable=True)
        assert cursor.reused_previous_result is reused
        assert cursor.fetchone() == (3,)
    assert cursor.execute("INSERT INTO shop.sales VALUES (4, 'd', 1, NULL, 'z')").rowcount == 1


def test_metadata_of_tables(connection: Any) -> None:
    cursor = connection.cursor(schema_name="shop")
    assert [each.name for each in cursor.list_databases("awsdatacatalog")] == ["default", "shop"]
    assert [each.name for each in cursor.list_table_metadata("awsdatacatalog")] == ["sales"]
    found = cursor.get_table_metadata("sales", "awsdatacatalog", "shop")
    assert [column.name for column in found.columns] == ["id", "name", "price", "tags"]
    assert [column.name for column in found.partition_keys] == ["kind"]
    assert found.location == "s3://shop/sales/"


@pytest.mark.slow
def test_sqlalchemy_reflects_and_queries(connection: Any, endpoint: str) -> None:
    import sqlalchemy as sa

    engine = sa.create_engine(
        "awsathena+rest://lake:lake@athena.us-east-1.amazonaws.com:443/shop"
        f"?s3_staging_dir={RESULTS}&poll_interval=0.01"
    )
    with engine.connect() as opened:
        inspector = sa.inspect(opened)
        assert inspector.get_schema_names() == ["default", "shop"]
        assert inspector.get_table_names(schema="shop") == ["sales"]
        columns = {each["name"]: each["type"] for each in inspector.get_columns("sales", "shop")}
        assert list(columns) == ["id", "name", "price", "tags", "kind"]
        assert isinstance(columns["id"], sa.INTEGER)
        assert isinstance(columns["price"], sa.DECIMAL)
        table = sa.Table("sales", sa.MetaData(schema="shop"), autoload_with=opened)
        query = sa.select(table.c.id, table.c.name).where(table.c.kind == "x").order_by("id")
        assert opened.execute(query).fetchall() == [(1, "a"), (2, None)]
        opened.execute(sa.text("CREATE OR REPLACE VIEW shop.cheap AS SELECT 1 AS one"))
        assert sa.inspect(opened).get_view_names(schema="shop") == ["cheap"]
        assert opened.execute(sa.text("SELECT one FROM shop.cheap")).scalar() == 1


# ibis ---------------------------------------------------------------------------------------


@pytest.mark.slow
def test_ibis(connection: Any, endpoint: str) -> None:
    import ibis

    con = ibis.athena.connect(s3_staging_dir=RESULTS, schema_name="shop", region_name="us-east-1")
    assert con.list_tables() == ["sales"]
    table = con.table("sales")
    assert table.columns == ("id", "name", "price", "tags", "kind")
    found = table.group_by("kind").agg(n=table.count(), most=table.id.max()).order_by("kind")
    assert found.execute().to_dict("list") == {"kind": ["x", "y"], "n": [2, 1], "most": [2, 3]}
    assert table.filter(table.name.notnull()).name.upper().execute().tolist() == ["A", "C"]
    assert con.list_catalogs() == ["AwsDataCatalog"]
    assert "shop" in con.list_databases()


# awswrangler --------------------------------------------------------------------------------


@pytest.mark.slow
def test_awswrangler_reuses_chunks_and_starts(connection: Any, endpoint: str) -> None:
    import awswrangler as wr

    wr.config.reset()
    for _ in range(2):
        frame = wr.athena.read_sql_query(
            "SELECT count(*) AS n FROM sales",
            "shop",
            ctas_approach=False,
            s3_output=RESULTS,
            athena_cache_settings={"max_cache_seconds": 900},
        )
        assert frame["n"].tolist() == [3]
        assert frame.query_metadata["Statistics"]["DataScannedInBytes"] >= 0
    identifier = wr.athena.start_query_execution(
        "SELECT id FROM sales WHERE name = :name",
        database="shop",
        s3_output=RESULTS,
        params={"name": "c"},
    )
    assert wr.athena.wait_query(identifier)["Status"]["State"] == "SUCCEEDED"
    assert wr.athena.get_query_results(identifier)["id"].tolist() == [3]
    assert wr.athena.get_query_execution(identifier)["WorkGroup"] == "primary"
    chunks = wr.athena.read_sql_table(
        table="sales", database="shop", ctas_approach=True, chunksize=True, s3_output=RESULTS
    )
    assert sum(len(chunk) for chunk in chunks) == 3
    unloaded = wr.athena.unload(
        sql="SELECT id FROM sales",
        path="s3://shop/unloaded/",
        database="shop",
    )
    assert unloaded.raw_payload["Status"]["State"] == "SUCCEEDED"
    assert wr.athena.list_query_executions()
    assert wr.athena.show_create_table("sales", database="shop", s3_output=RESULTS).startswith(
        "CREATE EXTERNAL TABLE"
    )
