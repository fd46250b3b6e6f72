"""Columns named as DuckDB names what it tells of a row's file, or as parameters of lambdas."""

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


_PARAMETERS = ("v0", "v1", "e0", "e1", "m", "k", "i", "g", "s1")


@pytest.mark.parametrize("form", ["TEXTFILE", "JSON", "ORC", "PARQUET", "AVRO"])
def test_composed_columns_of_any_name_are_written_and_read(form: str) -> None:
    texts, rows = "MAP(ARRAY[CAST('a' AS varchar), 'b'], ARRAY['x', 'y' || CAST(n AS varchar)])", []
    for name in _PARAMETERS:
        row = f"ROW(key integer, {name} ARRAY(ROW(key integer)))"
        rows.append(f"{texts} AS {name}")
        rows.append(f"CAST(ROW(n, ARRAY[ROW(n)]) AS {row}) AS other_{name}")
    asked = ", ".join(f"max({name}['b']), sum(other_{name}.{name}[1].key)" for name in _PARAMETERS)
    with lakelet.Lake(lakelet.Settings(dialect="trino")) as lake:
        lake.storage.create_bucket("shadowing")
        cursor = lakelet.connect(lake, database="d").cursor()
        cursor.execute("CREATE DATABASE d")
        cursor.execute(
            f"CREATE TABLE t WITH (format = '{form}', external_location = 's3://shadowing/t/',"
            f" write_compression = 'NONE') AS"
            f" SELECT {', '.join(rows)} FROM UNNEST(sequence(1, 3000)) AS t (n)"
        )
        for _ in range(2):  # text is read in another way once it has been
            cursor.execute(f"SELECT {asked} FROM t")
            assert cursor.fetchall() == [("y999", 4501500) * len(_PARAMETERS)]
