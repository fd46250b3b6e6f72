"""A whole lake whose objects a real MinIO keeps: put, crawl, query, write."""

import io
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import fastavro
import pyarrow
import pytest
from pyarrow import orc, parquet

from lakelet.config import Settings
from lakelet.lake import Lake
from lakelet.patching import patched
from tests.minio.server import Minio

pytestmark = pytest.mark.minio
BUCKET = "whole-lake"


@pytest.fixture
def lake(minio: Minio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lake]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", minio.access_key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", minio.secret_key)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    settings = Settings(data=tmp_path, storage="s3://", storage_endpoint=minio.endpoint)
    with Lake(settings) as lake, patched(lake):
        yield lake
        # The server is the session's: what it keeps would be there for the next test.
        lake.storage.delete(BUCKET, [info.key for info in lake.storage.list(BUCKET)])
        lake.storage.delete_bucket(BUCKET)


def answer(client: Any, sql: str) -> list[list[str | None]]:
    started = client.start_query_execution(
        QueryString=sql,
        QueryExecutionContext={"Database": "db"},
        ResultConfiguration={"OutputLocation": f"s3://{BUCKET}/results/"},
    )
    query = started["QueryExecutionId"]
    while True:
        status = client.get_query_execution(QueryExecutionId=query)["QueryExecution"]["Status"]
        if status["State"] not in ("QUEUED", "RUNNING"):
            break
    assert status["State"] == "SUCCEEDED", status
    rows = client.get_query_results(QueryExecutionId=query)["ResultSet"]["Rows"]
    return [[cell.get("VarCharValue") for cell in row["Data"]] for row in rows]


def test_objects_in_minio_are_crawled_queried_and_written(lake: Lake) -> None:
    s3, glue, athena = (boto3.client(name) for name in ("s3", "glue", "athena"))
    s3.create_bucket(Bucket=BUCKET)
    buffer = io.BytesIO()
    parquet.write_table(pyarrow.table({"id": [1, 2], "name": ["a", None]}), buffer)
    s3.put_object(Bucket=BUCKET, Key="people/p.parquet", Body=buffer.getvalue())
    for year in (2020, 2021):
        body = b"id,price\n1,1.5\n2,2.5\n"
        s3.put_object(Bucket=BUCKET, Key=f"sales/year={year}/a.csv", Body=body)
    targets = [{"Path": f"s3://{BUCKET}/{name}/"} for name in ("people", "sales")]
    glue.create_crawler(Name="c", Role="r", DatabaseName="db", Targets={"S3Targets": targets})
    glue.start_crawler(Name="c")
    while glue.get_crawler(Name="c")["Crawler"]["State"] != "READY":
        time.sleep(0.02)

    joined = "SELECT name, sum(price) FROM people JOIN sales USING (id) GROUP BY name ORDER BY 2"
    assert answer(athena, joined)[1:] == [["a", "3.0"], [None, "5.0"]]
    answer(
        athena,
        f"CREATE TABLE copied WITH (external_location = 's3://{BUCKET}/copied/',"
        " partitioned_by = ARRAY['year']) AS SELECT id, price, year FROM sales",
    )
    assert answer(athena, "SELECT count(*) FROM copied WHERE year = '2021'")[1:] == [["2"]]
    kept = {info.key.split("/")[0] for info in lake.storage.list(BUCKET)}
    assert {"people", "sales", "copied", "results"} <= kept
    assert not (lake.folder / "objects").exists()


def test_columnar_files_and_partitions_in_minio_are_read(lake: Lake) -> None:
    lake.storage.create_bucket(BUCKET)
    lake.catalog.databases.create({"Name": "db"})
    athena = boto3.client("athena")
    table = pyarrow.table({"id": [1, 2, 3], "word": ["a", None, "c"]})
    avro: dict[str, Any] = {
        "type": "record",
        "name": "r",
        "fields": [{"name": "id", "type": "long"}, {"name": "word", "type": ["null", "string"]}],
    }
    lake.storage.write(BUCKET, "schemas/r.avsc", json.dumps(avro).encode())
    writers: dict[str, Callable[[io.BytesIO], object]] = {
        "PARQUET": lambda file: parquet.write_table(table, file),
        "ORC": lambda file: orc.write_table(table, file),
        "AVRO": lambda file: fastavro.writer(file, avro, table.to_pylist()),
    }
    for name, write in writers.items():
        for day in ("2020-01-01", "2020-01-02"):
            buffer = io.BytesIO()
            write(buffer)
            lake.storage.write(BUCKET, f"{name}/day={day}/f", buffer.getvalue())
        answer(
            athena,
            f"CREATE EXTERNAL TABLE {name} (id bigint, word string) PARTITIONED BY (day string)"
            f" STORED AS {name} LOCATION 's3://{BUCKET}/{name}/'"
            f" TBLPROPERTIES ('avro.schema.url' = 's3://{BUCKET}/schemas/r.avsc')",
        )
        answer(athena, f"MSCK REPAIR TABLE {name}")
        text = f"SELECT id, word, day, \"$path\" FROM {name} WHERE day > '2020-01-01' AND id <> 2"
        place = f"s3://{BUCKET}/{name}/day=2020-01-02/f"
        rows = answer(athena, f"{text} ORDER BY id")[1:]
        assert rows == [["1", "a", "2020-01-02", place], ["3", "c", "2020-01-02", place]]
        assert answer(athena, f"SELECT count(*), count(word) FROM {name}")[1:] == [["6", "4"]]
