"""Catalogues that move: `export`, `import`, and `pull` from a second lake as the AWS account."""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import lakelet
from lakelet.server.serving import serving
from tests.cli.running import run

STATEMENTS = (
    "CREATE DATABASE shop COMMENT 'it''s' LOCATION 's3://shop/'",
    "CREATE EXTERNAL TABLE shop.sales (id int COMMENT 'the; key', price decimal(10,2))"
    " PARTITIONED BY (day string) ROW FORMAT DELIMITED FIELDS TERMINATED BY '\\t'"
    " LOCATION 's3://shop/sales/' TBLPROPERTIES ('note'='a\\'b')",
    "ALTER TABLE shop.sales ADD PARTITION (day='x y') PARTITION (day='it\\'s') LOCATION 's3://shop/o/'",
    "CREATE EXTERNAL TABLE shop.events (a array<struct<b:int>>)"
    " STORED AS PARQUET LOCATION 's3://shop/e/'",
    "CREATE VIEW shop.a_view AS SELECT id, 'x;y' AS t FROM shop.sales",
    "CREATE VIEW shop.a_late_view AS SELECT id FROM shop.a_view",
)


def made(folder: Path) -> lakelet.Lake:
    lake = lakelet.Lake(lakelet.Settings(data=folder, port=0))
    lake.storage.create_bucket("shop")
    cursor = lakelet.connect(lake).cursor()
    for statement in STATEMENTS:
        cursor.execute(statement)
    index = {"IndexName": "by_day", "Keys": ["day"]}
    lake.catalog.partition_indexes.create("shop", "sales", [index])
    lake.catalog.tables.create(
        "shop",
        {
            "Name": "ice",
            "TableType": "EXTERNAL_TABLE",
            "Parameters": {"table_type": "ICEBERG", "metadata_location": "s3://shop/m.json"},
            "StorageDescriptor": {"Columns": [], "Location": "s3://shop/ice"},
        },
    )
    return lake


@pytest.fixture
def source(tmp_path: Path) -> Path:
    made(tmp_path / "source").close()
    return tmp_path / "source"


@pytest.fixture
def target(tmp_path: Path) -> Path:
    with lakelet.Lake(lakelet.Settings(data=tmp_path / "target")) as lake:
        lake.storage.create_bucket("shop")  # a partition's must be there for DDL
    return tmp_path / "target"


VOLATILE = {"CreateTime", "UpdateTime", "VersionId", "CreationTime"}


def contents(folder: Path) -> dict[str, Any]:
    """Everything of the database, but for when it was made."""
    with lakelet.Lake(lakelet.Settings(data=folder)) as lake:
        catalog = lake.catalog
        tables = {name: catalog.tables.get("shop", name) for name in catalog.table_names("shop")}
        partitions = list(catalog.partitions_of.listed("shop", "sales"))
        found = {
            "database": catalog.databases.get("shop"),
            "indexes": catalog.partition_indexes.listed("shop", "sales"),
            **tables,
            **{json.dumps(each["Values"]): each for each in partitions},
        }
    return {
        name: {k: v for k, v in each.items() if k not in VOLATILE}
        if isinstance(each, dict)
        else each
        for name, each in found.items()
    }


def test_json_keeps_everything(source: Path, target: Path, tmp_path: Path) -> None:
    file = tmp_path / "catalog.json"
    run("export", "--data", str(source), "--output", str(file))
    done = run("import", str(file), "--data", str(target))
    assert (done.returncode, done.stderr) == (0, "5 tables\n")
    assert contents(target) == contents(source)


def test_sql_keeps_what_athena_s_ddl_has_words_for(source: Path, target: Path) -> None:
    text = run("export", "--data", str(source), "--format", "sql", "--database", "shop").stdout
    assert "-- shop.ice (ICEBERG) has no DDL" in text
    done = run("import", "-", "--data", str(target), stdin=text)
    assert done.returncode == 0, done.stderr
    again = run("export", "--data", str(target), "--format", "sql", "--database", "shop").stdout
    passing = re.compile(r"\s*|-- shop.ice.*|  'transient_lastDdlTime'=.*")
    kept = [
        [line for line in each.splitlines() if not passing.fullmatch(line)]
        for each in (text, again)
    ]
    assert kept[0] == kept[1]
    with lakelet.Lake(lakelet.Settings(data=target)) as lake:
        found = [each["Values"] for each in lake.catalog.partitions_of.listed("shop", "sales")]
        assert sorted(found) == [["it's"], ["x y"]]
        assert lake.catalog.table_names("shop") == ["a_late_view", "a_view", "events", "sales"]


def test_nothing_is_kept_of_an_import_that_fails(source: Path, target: Path) -> None:
    text = run("export", "--data", str(source)).stdout
    for broken in (f"{text}{{\n", f'{text}{{"Kind": "Nope"}}\n', f'{text}{{"Kind": "Table"}}\n'):
        done = run("import", "-", "--data", str(target), stdin=broken)
        assert done.returncode == 1
        assert "Traceback" not in done.stderr
    sql = "CREATE DATABASE shop; CREATE EXTERNAL TABLE shop.t (a nope) LOCATION 's3://b/'"
    assert run("import", "-", "--data", str(target), stdin=sql).returncode == 1
    with lakelet.Lake(lakelet.Settings(data=target)) as lake:
        assert lake.catalog.database_names() == ["default"]


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE shop.c WITH (external_location = 's3://shop/c/') AS SELECT 1 AS x",
        "INSERT INTO shop.events SELECT * FROM shop.events",
        "UNLOAD (SELECT 1 AS x) TO 's3://shop/c/' WITH (format = 'PARQUET')",
    ],
)
def test_what_writes_objects_is_not_imported(source: Path, statement: str) -> None:
    with lakelet.Lake(lakelet.Settings(data=source)) as lake:
        before = [found.key for found in lake.storage.list("shop")]
    text = f"CREATE DATABASE extra; {statement}; SELECT nope"
    done = run("import", "-", "--data", str(source), stdin=text)
    assert (done.returncode, "lakelet sql writes objects" in done.stderr) == (1, True)
    with lakelet.Lake(lakelet.Settings(data=source)) as lake:
        assert [found.key for found in lake.storage.list("shop")] == before
        assert "extra" not in lake.catalog.database_names()


def test_tables_that_are_there_are_replaced_only_if_that_is_asked(source: Path) -> None:
    text = run("export", "--data", str(source)).stdout
    done = run("import", "-", "--data", str(source), stdin=text)
    assert "shop.a_late_view is there already" in done.stderr
    before = contents(source)
    assert run("import", "-", "--replace", "--data", str(source), stdin=text).returncode == 0
    assert contents(source) == before


@pytest.fixture
def account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of a lake that stands for an AWS account."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setitem(os.environ, name, "lake")
    monkeypatch.setitem(os.environ, "AWS_DEFAULT_REGION", "us-east-1")
    with made(tmp_path / "account") as lake, serving(lake, "1") as address:
        for key in ("sales/day=x y/1", "sales/day=x y/2", "sales/day=x y/3", "o/1", "e/1", "e/2"):
            lake.storage.write("shop", key, f"1\t{key}".encode())
        lake.storage.write("shop", "ice/metadata/m.json", b"{}")
        lake.storage.write("shop", "ice/data/1", b"1")
        yield address


def test_an_account_is_pulled_with_a_sample_of_its_objects(account: str, tmp_path: Path) -> None:
    target = tmp_path / "pulled"
    done = run("pull", "--data", str(target), "--endpoint-url", account, "--sample", "2")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("5 tables, 2 partitions, 7 objects")
    assert contents(target) == contents(tmp_path / "account")
    with lakelet.Lake(lakelet.Settings(data=target)) as lake:
        assert [info.key for info in lake.storage.list("shop")] == [
            *("e/1", "e/2", "ice/data/1", "ice/metadata/m.json", "o/1"),
            *("sales/day=x y/1", "sales/day=x y/2"),
        ]


def test_only_what_is_asked_is_pulled(account: str, tmp_path: Path) -> None:
    target = tmp_path / "pulled"
    asked = ("--database", "shop", "--table", "a_*")
    done = run("pull", "--data", str(target), "--endpoint-url", account, *asked)
    assert done.stdout.startswith("2 tables, 0 partitions, 0 objects")
    refused = run("pull", "--data", str(target), "--endpoint-url", account, "--database", "no")
    assert (refused.returncode, "Traceback" in refused.stderr) == (1, False)
    assert "AWS refuses: An error occurred (EntityNotFoundException)" in refused.stderr
