"""Crawls of SQLite databases that connections name."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lakelet.lake import Lake
from tests.crawler.crawling import BUCKET, columns, crawl, last, table

SCHEMA = """
CREATE TABLE orders (
    Id INTEGER PRIMARY KEY, total DECIMAL(10, 2), at DATETIME, day DATE, note VARCHAR(20),
    paid BOOLEAN, n BIGINT, x REAL, raw BLOB, anything
);
CREATE TABLE "line items" (order_id INT);
CREATE VIEW paid AS SELECT id, total FROM orders WHERE paid;
CREATE VIEW broken AS SELECT * FROM gone;
"""
URL = f"jdbc:sqlite:s3://{BUCKET}/dbs/shop.db"


@pytest.fixture
def shop(lake: Lake, tmp_path: Path) -> Lake:
    with sqlite3.connect(tmp_path / "shop.db") as connection:
        connection.executescript(SCHEMA)
    connection.close()
    lake.storage.write(BUCKET, "dbs/shop.db", (tmp_path / "shop.db").read_bytes())
    return lake


def connect(lake: Lake, url: str) -> None:
    properties = {"JDBC_CONNECTION_URL": url}
    connection = {"Name": "shop", "ConnectionType": "JDBC", "ConnectionProperties": properties}
    lake.catalog.records.put("connection", "shop", connection)


def jdbc(**target: Any) -> dict[str, Any]:
    return {"Targets": {"JdbcTargets": [{"ConnectionName": "shop", **target}]}}


@pytest.mark.parametrize("url", [URL, f"jdbc:sqlite:objects/{BUCKET}/dbs/shop.db"])
def test_tables_and_views_have_the_columns_that_are_declared(shop: Lake, url: str) -> None:
    connect(shop, url)
    crawl(shop, {}, **jdbc(Path="shop/%"))
    assert last(shop)["Status"] == "SUCCEEDED"
    assert shop.catalog.table_names("db") == ["shop_line_items", "shop_orders", "shop_paid"]
    assert columns(shop, "shop_orders") == [
        *(("id", "int"), ("total", "decimal(10,2)"), ("at", "timestamp"), ("day", "date")),
        *(("note", "string"), ("paid", "boolean"), ("n", "bigint"), ("x", "double")),
        *(("raw", "binary"), ("anything", "string")),
    ]
    found = table(shop, "shop_orders")
    assert found["StorageDescriptor"]["Location"] == "shop.orders"
    assert found["Parameters"]["classification"] == "sqlite"
    assert found["Parameters"]["connectionName"] == "shop"
    assert table(shop, "shop_paid")["Parameters"]["typeOfData"] == "view"
    assert "db.shop_orders is as it was" in crawl(shop, {}, **jdbc(Path="shop/%"))


def test_a_path_and_exclusions_choose_tables(shop: Lake) -> None:
    connect(shop, URL)
    crawl(shop, {}, **jdbc(Path="shop/%s", Exclusions=["shop/line*"]))
    assert shop.catalog.table_names("db") == ["shop_orders"]


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        (f"jdbc:sqlite:s3://{BUCKET}/dbs/none.db", "does not exist"),
        (f"jdbc:sqlite:s3://{BUCKET}/text", "is no SQLite database"),
        ("jdbc:sqlite:/etc/passwd", "is no S3 path"),
        ("jdbc:sqlite:objects/../lake.db", "bucket"),
        (f"jdbc:sqlite:s3://{BUCKET}/../../lake.db", "does not exist"),
        ("jdbc:mysql://host/db", "Only SQLite is available"),
        ("", "Only SQLite is available"),
    ],
)
def test_what_is_no_database_of_the_lake_fails_the_crawl(shop: Lake, url: str, reason: str) -> None:
    shop.storage.write(BUCKET, "text", b"nothing " * 1000)
    connect(shop, url)
    crawl(shop, {}, **jdbc(Path="%"))
    assert last(shop)["Status"] == "FAILED"
    assert reason in last(shop)["ErrorMessage"]
    assert not shop.catalog.database_exists("db") or not shop.catalog.table_names("db")


def test_a_connection_is_tested(lakelet: Lake, glue_client: Any, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "a.db") as connection:
        connection.executescript(SCHEMA)
    connection.close()
    lakelet.storage.create_bucket(BUCKET)
    lakelet.storage.write(BUCKET, "a.db", (tmp_path / "a.db").read_bytes())
    given = {
        "Name": "own",
        "ConnectionType": "JDBC",
        "ConnectionProperties": {"JDBC_CONNECTION_URL": f"jdbc:sqlite:s3://{BUCKET}/a.db"},
    }
    glue_client.create_connection(ConnectionInput=given)
    glue_client.test_connection(ConnectionName="own")
    lakelet.storage.write(BUCKET, "a.db", b"nothing " * 1000)
    with pytest.raises(ClientError) as refused:
        glue_client.test_connection(ConnectionName="own")
    assert refused.value.response["Error"]["Code"] == "InvalidInputException"
