"""A lake whose database takes no more: Glue and Athena say so by errors of their models, nothing is
half made, and what ended meanwhile is kept once there is room."""

import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

import lakelet
from lakelet import Lake

STORED = {"Columns": [{"Name": "a", "Type": "int"}], "Location": "s3://lake/t/"}
CRAWLED = {"S3Targets": [{"Path": "s3://lake/x/"}]}
OUTPUT = {"OutputLocation": "s3://lake/out/"}
TAGS = {f"key{number}": "v" * 250 for number in range(40)}
ICEBERG = {"IcebergInput": {"MetadataOperation": "CREATE", "Version": "2"}}
LONG = "/*" + "x" * 100_000 + "*/"
NO_SPACE = "No space is left on the disk that holds the lake."

Made = Callable[[int], dict[str, Any]]
GLUE: dict[str, Made] = {
    "create_database": lambda n: {"DatabaseInput": {"Name": f"d{n}"}, "Tags": TAGS},
    "create_table": lambda n: {"DatabaseName": "db", "TableInput": _table(f"t{n}")},
    "update_table": lambda n: {"DatabaseName": "db", "TableInput": _table("t", n)},
    "batch_create_partition": lambda n: {
        "DatabaseName": "db",
        "TableName": "t",
        "PartitionInputList": [
            {"Values": [f"{n}-{each}"], "StorageDescriptor": STORED} for each in range(100)
        ],
    },
    "create_crawler": lambda n: {
        "Name": f"c{n}",
        "Role": "r",
        "DatabaseName": "db",
        "Targets": CRAWLED,
        "Tags": TAGS,
    },
    "create_schema": lambda n: {
        "SchemaName": f"s{n}",
        "DataFormat": "AVRO",
        "Compatibility": "NONE",
        "SchemaDefinition": '"int"',
        "Tags": TAGS,
    },
    "create_connection": lambda n: {
        "ConnectionInput": {"Name": f"k{n}", "ConnectionType": "JDBC", "ConnectionProperties": {}},
        "Tags": TAGS,
    },
}
ATHENA: dict[str, Made] = {
    "create_work_group": lambda n: {
        "Name": f"w{n}",
        "Tags": [{"Key": key, "Value": value} for key, value in TAGS.items()],
    },
    "create_named_query": lambda n: {
        "Name": f"n{n}",
        "Database": "db",
        "QueryString": f"SELECT 1 {LONG}",
    },
    "create_prepared_statement": lambda n: {
        "StatementName": f"p{n}",
        "WorkGroup": "primary",
        "QueryStatement": f"SELECT 1 {LONG}",
    },
    "start_query_execution": lambda _: {
        "QueryString": f"SELECT 1 {LONG}",
        "ResultConfiguration": OUTPUT,
    },
}


def _table(name: str, number: int = 0) -> dict[str, Any]:
    return {
        "Name": name,
        "StorageDescriptor": STORED,
        "PartitionKeys": [{"Name": "k", "Type": "string"}],
        "Parameters": {f"p{each}": f"{number}" + "v" * 1000 for each in range(10)},
    }


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Lake]:
    with lakelet.patch(tmp_path / "lake") as made:
        made.storage.create_bucket("lake")
        made.catalog.databases.create({"Name": "db"})
        made.catalog.tables.create("db", _table("t"))
        yield made


def client(service: str) -> Any:
    return boto3.client(service, config=Config(retries={"total_max_attempts": 1}))


def fill(lake: Lake) -> None:
    """From now on the database's file can't grow."""
    writer = lake.database._writer
    [(pages,)] = writer.execute("PRAGMA page_count")
    writer.execute(f"PRAGMA max_page_count = {pages}")


def empty(lake: Lake) -> None:
    lake.database._writer.execute("PRAGMA max_page_count = 1000000")


def everything(lake: Lake) -> list[str]:
    """All that the database holds but objects: what a refused call must leave alone."""
    rows = lake.database.query("SELECT name FROM sqlite_master WHERE type = 'table'")
    names = [name for (name,) in rows if not name.startswith(("sqlite_", "object"))]
    return [
        f"{name} {row}" for name in names for row in lake.database.query(f'SELECT * FROM "{name}"')
    ]


def refused(lake: Lake, operation: Any, made: Made) -> dict[str, Any]:
    """How the call is refused at last, and that it has changed nothing."""
    for number in count():
        before = everything(lake)
        try:
            operation(**made(number))
        except ClientError as error:
            assert everything(lake) == before
            return error.response
        if lake.queries.busy:
            for (identifier,) in lake.database.query("SELECT id FROM query_execution"):
                lake.queries.wait(identifier)
    raise AssertionError


@pytest.mark.parametrize("operation", GLUE)
def test_glue_refuses_what_there_is_no_room_for(lake: Lake, operation: str) -> None:
    fill(lake)
    told = refused(lake, getattr(client("glue"), operation), GLUE[operation])
    assert told["Error"] == {"Code": "InternalServiceException", "Message": NO_SPACE}
    assert told["ResponseMetadata"]["HTTPStatusCode"] == 500


@pytest.mark.parametrize("operation", ATHENA)
def test_athena_refuses_what_there_is_no_room_for(lake: Lake, operation: str) -> None:
    fill(lake)
    told = refused(lake, getattr(client("athena"), operation), ATHENA[operation])
    assert told["Error"] == {"Code": "InternalServerException", "Message": NO_SPACE}
    assert told["ResponseMetadata"]["HTTPStatusCode"] == 500
    assert not lake.queries.busy


def test_the_metadata_of_an_iceberg_table_that_is_refused_is_taken_away(lake: Lake) -> None:
    def made(number: int) -> dict[str, Any]:
        table = {"Name": f"i{number}", "StorageDescriptor": {**STORED, "Location": "s3://lake/i"}}
        return {"DatabaseName": "db", "TableInput": table, "OpenTableFormatInput": ICEBERG}

    fill(lake)
    refused(lake, client("glue").create_table, made)
    tables = {each["Name"] for each in client("glue").get_tables(DatabaseName="db")["TableList"]}
    assert len(list(lake.storage.list("lake", "i/"))) == len(tables - {"t"})


def test_what_ends_on_a_full_disk_is_over_and_kept_once_there_is_room(lake: Lake) -> None:
    athena, glue = client("athena"), client("glue")
    lake.storage.write("lake", "x/a.csv", b"a,b\n1,2\n", "text/csv")
    glue.create_crawler(Name="c", Role="r", DatabaseName="db", Targets=CRAWLED)
    long = "SELECT max(x * y) FROM UNNEST(sequence(1, 10000)) a(x), UNNEST(sequence(1, 10000)) b(y)"
    long += f", UNNEST(sequence(1, 10000)) c(z) {LONG}"
    started = athena.start_query_execution(QueryString=long, ResultConfiguration=OUTPUT)
    identifier = started["QueryExecutionId"]
    with lake.database.transaction() as held:  # the crawl can't end before the disk is full
        glue.start_crawler(Name="c")
        held.execute("CREATE TABLE filler (text TEXT)")
        fill(lake)
    _exhaust(lake)
    athena.stop_query_execution(QueryExecutionId=identifier)
    query = lake.queries.wait(identifier, 60)
    assert query.state == lake.queries.get(identifier).state == "CANCELLED"
    assert lake.database.query("SELECT state FROM query_execution") == [("QUEUED",)]

    empty(lake)
    ends = time.monotonic() + 60
    while (
        lake.queries.history._not_kept
        or (crawler := glue.get_crawler(Name="c")["Crawler"])["State"] != "READY"
    ):
        assert time.monotonic() < ends
        time.sleep(0.05)
    assert crawler["LastCrawl"]["Status"] in ("SUCCEEDED", "FAILED")
    [(document,)] = lake.database.query("SELECT state FROM query_execution")
    assert document == "CANCELLED"


def _exhaust(lake: Lake) -> None:
    """Takes what is free in the pages that there are."""
    size = 4096
    while size:
        try:
            with lake.database.transaction() as transaction:
                transaction.execute("INSERT INTO filler VALUES (?)", ("x" * size,))
        except lakelet.errors.NoRoom:
            size //= 4
