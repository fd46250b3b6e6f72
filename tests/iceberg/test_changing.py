"""What MERGE leaves is what stood there without what it deletes."""

import itertools
from collections.abc import Iterator

import pytest

import lakelet

TABLE = """CREATE TABLE t (id int, p string) PARTITIONED BY (p) LOCATION 's3://lake/t/'
TBLPROPERTIES ('table_type' = 'ICEBERG')"""


@pytest.fixture
def connection() -> Iterator[lakelet.Connection]:
    with lakelet.Lake() as lake:
        lake.storage.create_bucket("lake")
        yield lakelet.connect(lake)


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
