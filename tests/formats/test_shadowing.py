"""Columns of Parquet files that are named as DuckDB names what it tells of a row's file."""

import io

import pyarrow
import pyarrow.parquet
import pytest

import lakelet


@pytest.mark.parametrize("index", [pyarrow.array([7]), pyarrow.array([{"a": 1}])])
def test_partitions_and_paths_are_those_of_the_files(index: pyarrow.Array) -> None:
    with lakelet.Lake(lakelet.Settings(dialect="trino")) as lake:
        lake.storage.create_bucket("shadowing")
        cursor = lakelet.connect(lake, database="d").cursor()
        cursor.execute("CREATE DATABASE d")
        cursor.execute(
            "CREATE EXTERNAL TABLE t (filename string, b string) PARTITIONED BY (k string)"
            " STORED AS PARQUET LOCATION 's3://shadowing/t/'"
        )
        for key in "ab":
            file = io.BytesIO()
            table = pyarrow.table({"filename": ["x"], "file_index": index, "b": ["y"]})
            pyarrow.parquet.write_table(table, file)
            lake.storage.write("shadowing", f"t/of-{key}/data", file.getvalue())
            cursor.execute(
                f"ALTER TABLE t ADD PARTITION (k = '{key}') LOCATION 's3://shadowing/t/of-{key}/'"
            )
        cursor.execute('SELECT filename, b, k, "$path" FROM t ORDER BY k')
        assert cursor.fetchall() == [
            ("x", "y", key, f"s3://shadowing/t/of-{key}/data") for key in "ab"
        ]
        cursor.execute("SELECT filename FROM t WHERE k = 'b'")
        assert cursor.fetchall() == [("x",)]
