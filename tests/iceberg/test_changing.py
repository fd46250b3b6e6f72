"""What MERGE leaves is what stood there without what it deletes."""

import itertools
from collections.abc import Iterator

import pytest

import lakelet

TABLE = """CREATE TABLE t (id int, p string) PARTITIONED BY (p) LOCATION 's3://lake/t/'
TBLPROPERTIES ('table_type' = 'ICEBERG')"""


@pytest.fixture
def lake() -> Iterator[lakelet.Lake]:
    with lakelet.Lake() as made:
        made.storage.create_bucket("lake")
        yield made


@pytest.fixture
def connection(lake: lakelet.Lake) -> lakelet.Connection:
    return lakelet.connect(lake)


@pytest.mark.parametrize(
    ("source", "on"),
    [
        ("(VALUES 1, 4) s (id)", "t.id = s.id"),
        ("(VALUES 'x') s (p)", "t.p = s.p"),
        ("(VALUES 99) s (id)", "t.id = s.id"),
        ("(VALUES 1) s (id)", "true"),
    ],
)
def test_a_merge_that_only_deletes_leaves_the_rest(
    connection: lakelet.Connection, source: str, on: str
) -> None:
    cursor = connection.cursor()
    cursor.execute(TABLE)
    for first in (1, 4):
        rows = itertools.islice(zip(itertools.count(first), "xxy", strict=False), 3)
        cursor.execute(f"INSERT INTO t VALUES {', '.join(map(str, rows))}")
    kept = f"SELECT id, p FROM t WHERE NOT EXISTS (SELECT 1 FROM {source} WHERE {on}) ORDER BY id"
    expected = cursor.execute(kept).fetchall()
    cursor.execute(f"MERGE INTO t USING {source} ON {on} WHEN MATCHED THEN DELETE")
    assert cursor.execute("SELECT id, p FROM t ORDER BY id").fetchall() == expected


@pytest.mark.parametrize("form", ["parquet", "orc", "avro"])
def test_a_file_that_is_gone_fails_the_query(
    lake: lakelet.Lake, connection: lakelet.Connection, form: str
) -> None:
    cursor = connection.cursor()
    cursor.execute(TABLE.replace("'ICEBERG'", f"'ICEBERG', 'format' = '{form}'"))
    cursor.execute("INSERT INTO t VALUES (1, 'x')")
    assert cursor.execute("SELECT id FROM t").fetchall() == [(1,)]
    lake.storage.delete("lake", [each.key for each in lake.storage.list("lake", "t/data/")])
    with pytest.raises(lakelet.Error, match="Error opening Iceberg split s3://lake/t/data/"):
        cursor.execute("SELECT id FROM t")
