"""`lakelet describe` over a table whose files and definition the test has made itself."""

import json
from pathlib import Path

import pytest

from lakelet.config import Settings
from lakelet.dbapi import connect
from lakelet.lake import Lake
from tests.cli.running import run

ORDERS = """CREATE EXTERNAL TABLE sales.orders (
  id bigint COMMENT 'the [bold]id', item struct<name:string,price:decimal(10,2)>)
PARTITIONED BY (dt date COMMENT 'the day')
CLUSTERED BY (id) INTO 4 BUCKETS
ROW FORMAT SERDE 'org.apache.hive.hcatalog.data.JsonSerDe'
LOCATION 's3://shop/orders/' TBLPROPERTIES ('owner'='ann')"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with Lake(Settings(data=tmp_path)) as lake:
        lake.storage.create_bucket("shop")
        lake.storage.write("shop", "orders/dt=2024-01-01/a", b"x" * 1500)
        lake.storage.write("shop", "orders/dt=2024-01-01/_SUCCESS", b"x")
        lake.storage.write("shop", "orders/dt=2024-01-01/empty", b"")
        lake.storage.write("shop", "elsewhere/b", b"x" * 700)
        lake.storage.write("shop", "elsewhere/c", b"x" * 300)
        cursor = connect(lake).cursor()
        cursor.execute("CREATE DATABASE sales")
        cursor.execute(ORDERS)
        cursor.execute(
            "ALTER TABLE sales.orders ADD PARTITION (dt='2024-01-01')"
            " PARTITION (dt='2024-01-02') LOCATION 's3://shop/elsewhere'"
        )
        cursor.execute("CREATE VIEW sales.few AS SELECT id FROM sales.orders LIMIT 3")
    return tmp_path


def test_a_table_is_shown_whole(folder: Path) -> None:
    shown = run("describe", "sales.orders", "--data", str(folder)).stdout
    lines = {tuple(line.split()) for line in shown.splitlines()}
    assert ("sales.orders", "json,", "version", "0") in lines
    assert ("id", "bigint", "the", "[bold]id") in lines
    assert ("item", "struct<name:string,price:decimal(10,2)>") in lines
    assert ("dt", "key", "date", "the", "day") in lines
    assert ("location", "s3://shop/orders/") in lines
    assert ("buckets", "4", "by", "id") in lines
    assert ("partitions", "2", "by", "dt") in lines
    assert ("owner", "=", "ann") in lines


def test_files_are_counted_where_the_partitions_lie(folder: Path) -> None:
    shown = run("describe", "sales.orders", "--data", str(folder)).stdout
    lines = {tuple(line.split()) for line in shown.splitlines()}
    assert ("files", "2.5", "kB", "in", "3", "files") in lines
    assert ("2024-01-01", "1.5", "kB", "in", "1", "file", "dt=2024-01-01/") in lines
    assert ("2024-01-02", "1", "kB", "in", "2", "files", "s3://shop/elsewhere/") in lines


def test_a_program_gets_glues_table_and_the_measures(folder: Path) -> None:
    found = json.loads(run("describe", "SALES.Orders", "--data", str(folder), "--json").stdout)
    assert found["Table"]["StorageDescriptor"]["Location"] == "s3://shop/orders/"
    assert (found["Format"], found["Files"], found["Bytes"]) == ("json", 3, 2500)
    assert found["Partitions"] == 2


def test_a_view_is_shown_with_its_query(folder: Path) -> None:
    shown = run("describe", "sales.few", "--data", str(folder)).stdout
    assert "SELECT id FROM sales.orders LIMIT 3" in shown
    assert "location" not in shown


def test_tables_of_iceberg_are_told_apart(folder: Path) -> None:
    with Lake(Settings(data=folder)) as lake:
        connect(lake).cursor().execute(
            "CREATE TABLE sales.ice (a int) LOCATION 's3://shop/ice/'"
            " TBLPROPERTIES ('table_type' = 'ICEBERG')"
        )
    assert (
        "sales.ice  iceberg, version 0"
        in run("describe", "sales.ice", "--data", str(folder)).stdout
    )
    (line,) = (x for x in run("tables", "--data", str(folder)).stdout.splitlines() if " ice " in x)
    assert " iceberg " in line


def test_a_bucket_that_is_gone_is_said(folder: Path) -> None:
    with Lake(Settings(data=folder)) as lake:
        connect(lake).cursor().execute(
            "CREATE EXTERNAL TABLE sales.lost (a int) LOCATION 's3://no-such-bucket/a/'"
        )
    shown = run("describe", "sales.lost", "--data", str(folder))
    assert shown.returncode == 0
    assert "no such bucket" in shown.stdout


def test_a_missing_table_names_those_that_are_near(folder: Path) -> None:
    failed = run("describe", "sales.order", "--data", str(folder))
    assert failed.returncode == 1
    assert failed.stderr == (
        "error: there is no table sales.order; did you mean sales.orders or sales.few?\n"
    )
