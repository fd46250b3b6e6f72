"""Trino's Iceberg connector with a lake's Glue as its catalogue."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

import lakelet
from tests.trino.server import WAREHOUSE, Failed, Trino

pytestmark = [pytest.mark.trino, pytest.mark.xdist_group("trino")]


@pytest.fixture
def table(trino: Trino, schema: str) -> str:
    trino.run(
        f"CREATE TABLE iceberg.{schema}.t (id bigint, name varchar, at timestamp(6))"
        " WITH (partitioning = ARRAY['day(at)'])"
    )
    trino.run(
        f"INSERT INTO iceberg.{schema}.t VALUES (1, 'a', TIMESTAMP '2024-01-01 10:00:00'),"
        " (2, 'b', TIMESTAMP '2024-01-02 10:00:00')"
    )
    return f"iceberg.{schema}.t"


def test_every_commit_is_a_new_metadata_location(
    trino: Trino, schema: str, table: str, glue: Any
) -> None:
    before = glue.get_table(DatabaseName=schema, Name="t")["Table"]
    trino.run(f"UPDATE {table} SET name = 'z' WHERE id = 1")
    trino.run(f"DELETE FROM {table} WHERE id = 2")
    after = glue.get_table(DatabaseName=schema, Name="t")["Table"]
    assert trino.run(f"SELECT id, name FROM {table}") == [[1, "z"]]
    assert after["Parameters"]["table_type"].upper() == "ICEBERG"
    assert after["Parameters"]["previous_metadata_location"]
    assert after["Parameters"]["metadata_location"] != before["Parameters"]["metadata_location"]
    assert int(after["VersionId"]) == int(before["VersionId"]) + 2
    kept = glue.get_table_versions(DatabaseName=schema, TableName="t")["TableVersions"]
    assert len(kept) == 1, "Trino skips the archive"


def test_an_iceberg_table_lives_whole(trino: Trino, schema: str, table: str) -> None:
    for change in (
        f"ALTER TABLE {table} ADD COLUMN x integer",
        f"ALTER TABLE {table} EXECUTE optimize",
        f"MERGE INTO {table} t USING (VALUES (1, 'q')) s (id, name) ON t.id = s.id"
        " WHEN MATCHED THEN UPDATE SET name = s.name",
        f"ANALYZE {table}",
        f"COMMENT ON COLUMN {table}.id IS 'key'",
        f"ALTER TABLE {table} RENAME TO iceberg.{schema}.u",
        f"CREATE VIEW iceberg.{schema}.v AS SELECT id, name FROM iceberg.{schema}.u",
        f"CREATE MATERIALIZED VIEW iceberg.{schema}.m AS"
        f" SELECT count(*) AS n FROM iceberg.{schema}.u",
        f"REFRESH MATERIALIZED VIEW iceberg.{schema}.m",
    ):
        trino.run(change)
    assert trino.run(f"SELECT * FROM iceberg.{schema}.v ORDER BY id") == [[1, "q"], [2, "b"]]
    assert trino.run(f"SELECT n FROM iceberg.{schema}.m") == [[2]]
    trino.run(f"DROP MATERIALIZED VIEW iceberg.{schema}.m")
    trino.run(f"DROP VIEW iceberg.{schema}.v")
    trino.run(f"CREATE OR REPLACE TABLE iceberg.{schema}.u AS SELECT 1 AS a")
    assert trino.run(f"SELECT * FROM iceberg.{schema}.u") == [[1]]
    trino.run(f"DROP TABLE iceberg.{schema}.u")
    assert trino.run(f"SHOW TABLES FROM iceberg.{schema}") == []


def test_writers_at_once_lose_no_commit(trino: Trino, table: str) -> None:
    """Glue's VersionId is the lock: a commit on an older version is refused and made again."""

    def insert(number: int) -> bool:
        try:
            trino.run(f"INSERT INTO {table} VALUES ({number}, 'w', NULL)")
        except Failed as failed:
            if failed.name != "ICEBERG_COMMIT_ERROR":
                raise
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        kept_ones = pool.map(insert, range(8))
        done = [number for number, kept in enumerate(kept_ones) if kept]
    assert done
    kept = trino.run(f"SELECT id FROM {table} WHERE name = 'w' ORDER BY id")
    assert [row[0] for row in kept] == done


def test_a_stale_version_is_refused(
    trino: Trino, schema: str, table: str, glue: Any, lake: lakelet.Lake
) -> None:
    found = glue.get_table(DatabaseName=schema, Name="t")["Table"]
    given = {name: found[name] for name in ("Name", "Parameters", "TableType", "StorageDescriptor")}
    stale = found["VersionId"]
    trino.run(f"INSERT INTO {table} VALUES (3, 'c', NULL)")
    with pytest.raises(glue.exceptions.ConcurrentModificationException):
        glue.update_table(DatabaseName=schema, TableInput=given, VersionId=stale, SkipArchive=True)
    assert trino.run(f"SELECT count(*) FROM {table}") == [[3]]


def test_a_table_that_glue_itself_made_is_written(trino: Trino, schema: str, glue: Any) -> None:
    columns = [{"Name": "id", "Type": "bigint"}, {"Name": "tags", "Type": "array<string>"}]
    storage = {"Columns": columns, "Location": f"s3://{WAREHOUSE}/{schema}/own/"}
    glue.create_table(
        DatabaseName=schema,
        TableInput={"Name": "own", "StorageDescriptor": storage},
        OpenTableFormatInput={"IcebergInput": {"MetadataOperation": "CREATE"}},
    )
    trino.run(f"INSERT INTO iceberg.{schema}.own VALUES (1, ARRAY['a', 'b'])")
    assert trino.run(f"SELECT id, tags FROM iceberg.{schema}.own") == [[1, ["a", "b"]]]
