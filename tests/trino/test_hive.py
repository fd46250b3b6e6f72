"""Trino's Hive connector on a lake: what one of them writes, the other reads."""

from typing import Any

import pytest

import lakelet
from tests.trino.server import WAREHOUSE, Failed, Trino

pytestmark = [pytest.mark.trino, pytest.mark.xdist_group("trino")]

ORDERS = (
    "SELECT orderkey, orderstatus, CAST(totalprice AS decimal(12,2)) AS totalprice, orderdate"
    " FROM tpch.tiny.orders"
)


def told(lake: lakelet.Lake, schema: str, sql: str) -> None:
    with lakelet.connect(lake, database=schema) as connection:
        connection.cursor().execute(sql)


def answers(lake: lakelet.Lake, schema: str, sql: str) -> list[tuple[Any, ...]]:
    with lakelet.connect(lake, database=schema) as connection:
        return connection.cursor().execute(sql).fetchall()


def texts(rows: Any) -> list[list[str]]:
    """Trino's protocol has dates and decimals as texts."""
    return [[str(cell) for cell in row] for row in rows]


def both(trino: Trino, lake: lakelet.Lake, schema: str, sql: str) -> list[list[str]]:
    """The rows that Trino and lakelet agree on."""
    expected = texts(trino.run(sql, schema=schema))
    assert texts(answers(lake, schema, sql)) == expected
    return expected


@pytest.mark.parametrize("form", ["PARQUET", "JSON", "TEXTFILE"])
def test_tables_that_trino_writes_are_queried(
    trino: Trino, lake: lakelet.Lake, schema: str, form: str
) -> None:
    trino.run(f"CREATE TABLE {form} WITH (format = '{form}') AS {ORDERS}", schema=schema)
    sums = f"SELECT orderstatus, count(*), sum(totalprice) FROM {form} GROUP BY 1 ORDER BY 1"
    assert len(both(trino, lake, schema, sums)) == 3
    both(trino, lake, schema, f"SELECT * FROM {form} ORDER BY orderkey LIMIT 20")


def test_partitions_are_inserted_pruned_and_dropped(
    trino: Trino, lake: lakelet.Lake, schema: str, glue: Any
) -> None:
    trino.run(
        "CREATE TABLE p (a integer, d date, k varchar)"
        " WITH (format = 'PARQUET', partitioned_by = ARRAY['d', 'k'])",
        schema=schema,
    )
    rows = "(1, DATE '2024-01-01', 'a b'), (2, DATE '2024-01-02', 'c/d'), (3, NULL, 'e=%')"
    trino.run(f"INSERT INTO p VALUES {rows}", schema=schema)
    both(trino, lake, schema, "SELECT * FROM p ORDER BY a")
    both(trino, lake, schema, "SELECT a FROM p WHERE d > DATE '2024-01-01' AND k IN ('c/d', 'x')")
    both(trino, lake, schema, "SELECT a FROM p WHERE d IS NULL")
    trino.run("DELETE FROM p WHERE d = DATE '2024-01-02'", schema=schema)
    both(trino, lake, schema, "SELECT * FROM p ORDER BY a")
    left = glue.get_partitions(DatabaseName=schema, TableName="p", ExcludeColumnSchema=True)
    values = sorted(each["Values"] for each in left["Partitions"])
    assert values == [["2024-01-01", "a b"], ["__HIVE_DEFAULT_PARTITION__", "e=%"]]
    trino.run(
        f"CALL system.create_empty_partition('{schema}', 'p', ARRAY['d', 'k'],"
        " ARRAY['2024-01-03', 'z'])"
    )
    trino.run(f"CALL system.sync_partition_metadata('{schema}', 'p', 'FULL')")
    both(trino, lake, schema, "SELECT count(*) FROM p")


def test_statistics_are_kept_for_tables_and_partitions(
    trino: Trino, schema: str, glue: Any
) -> None:
    trino.run(f"CREATE TABLE whole AS {ORDERS}", schema=schema)
    (kept,) = glue.get_column_statistics_for_table(
        DatabaseName=schema, TableName="whole", ColumnNames=["orderkey"]
    )["ColumnStatisticsList"]
    assert kept["StatisticsData"]["LongColumnStatisticsData"]["MaximumValue"] == 60000
    trino.run(
        "CREATE TABLE months WITH (partitioned_by = ARRAY['month']) AS"
        " SELECT orderkey, month(orderdate) AS month FROM tpch.tiny.orders",
        schema=schema,
    )
    trino.run("ANALYZE months", schema=schema)
    shown = trino.run("SHOW STATS FOR months", schema=schema)
    assert shown[-1][4] == 15000.0
    assert shown[1][:1] + shown[1][5:] == ["month", "1", "12"]
    trino.run("CREATE TABLE nothing (a integer)", schema=schema)
    assert trino.run("SHOW STATS FOR nothing", schema=schema)[-1][4] == 0.0


def test_a_table_is_altered_and_dropped_with_its_files(
    trino: Trino, lake: lakelet.Lake, schema: str
) -> None:
    trino.run("CREATE TABLE t WITH (format = 'PARQUET') AS SELECT 1 AS a", schema=schema)
    for change in (
        "ALTER TABLE t ADD COLUMN b bigint",
        "ALTER TABLE t RENAME COLUMN b TO c",
        "COMMENT ON TABLE t IS 'of numbers'",
        "COMMENT ON COLUMN t.c IS 'empty'",
        "INSERT INTO t VALUES (2, 3)",
    ):
        trino.run(change, schema=schema)
    both(trino, lake, schema, "SELECT a, c FROM t ORDER BY a")
    both(trino, lake, schema, "SHOW TABLES")
    trino.run("ALTER TABLE t DROP COLUMN c", schema=schema)
    both(trino, lake, schema, "SELECT * FROM t ORDER BY a")
    trino.run("DROP TABLE t", schema=schema)
    assert list(lake.storage.list(WAREHOUSE, f"{schema}/")) == []
    trino.run(f"DROP SCHEMA {schema}")
    with pytest.raises(Failed, match="SCHEMA_NOT_FOUND"):
        trino.run(f"SHOW TABLES FROM {schema}")


def test_views_are_read_by_both(trino: Trino, lake: lakelet.Lake, schema: str) -> None:
    trino.run("CREATE TABLE t WITH (format = 'PARQUET') AS SELECT 1 AS a", schema=schema)
    trino.run("CREATE VIEW of_trino AS SELECT a + 1 AS b FROM t", schema=schema)
    both(trino, lake, schema, "SELECT b FROM of_trino")
    trino.run("CREATE OR REPLACE VIEW of_trino AS SELECT a + 2 AS b FROM t", schema=schema)
    told(lake, schema, "CREATE VIEW of_lakelet AS SELECT b * 2 AS c FROM of_trino")
    assert both(trino, lake, schema, "SELECT c FROM of_lakelet") == [["6"]]


def test_functions_that_trino_keeps_in_the_catalogue(trino: Trino, schema: str) -> None:
    name = f"awsdatacatalog.{schema}.plus_one"
    trino.run(f"CREATE FUNCTION {name}(x bigint) RETURNS bigint RETURN x + 1")
    assert trino.run(f"SELECT {name}(3)") == [[4]]
    trino.run(f"DROP FUNCTION {name}(bigint)")
    with pytest.raises(Failed, match="FUNCTION_NOT_FOUND"):
        trino.run(f"SELECT {name}(3)")


def test_tables_that_lakelet_writes_are_queried(
    trino: Trino, lake: lakelet.Lake, schema: str
) -> None:
    trino.run(f"CREATE TABLE orders WITH (format = 'PARQUET') AS {ORDERS}", schema=schema)
    told(
        lake,
        schema,
        "CREATE TABLE years WITH (format = 'PARQUET', partitioned_by = ARRAY['y'],"
        f" external_location = 's3://{WAREHOUSE}/{schema}/years/') AS"
        " SELECT orderkey, totalprice, orderdate, year(orderdate) AS y FROM orders",
    )
    told(lake, schema, "INSERT INTO years SELECT 0, decimal '1.50', DATE '2030-01-01', 2030")
    sums = "SELECT y, count(*), sum(totalprice) FROM years GROUP BY 1 ORDER BY 1"
    assert len(both(trino, lake, schema, sums)) == 8
    trino.run("INSERT INTO years VALUES (1, 2.5, DATE '2030-02-01', 2030)", schema=schema)
    assert len(both(trino, lake, schema, "SELECT * FROM years WHERE y = 2030 ORDER BY 1")) == 2


def test_tables_that_a_crawler_makes_are_queried(
    trino: Trino, lake: lakelet.Lake, schema: str
) -> None:
    for day in ("2024-01-01", "2024-01-02"):
        body = f"id,price,name\n1,1.5,x {day}\n2,2.5,y\n".encode()
        lake.storage.write(WAREHOUSE, f"{schema}/sales/day={day}/a.csv", body)
        lines = b'{"id":1,"tags":["a","b"],"who":{"name":"n","age":3}}\n'
        lake.storage.write(WAREHOUSE, f"{schema}/events/{day}/a.json", lines)
    targets = [{"Path": f"s3://{WAREHOUSE}/{schema}/{name}/"} for name in ("sales", "events")]
    lake.catalog.crawlers.create(
        {"Name": schema, "Role": "r", "DatabaseName": schema, "Targets": {"S3Targets": targets}}
    )
    lake.crawlers.run(schema)
    both(trino, lake, schema, "SELECT * FROM sales ORDER BY day, id")
    both(trino, lake, schema, "SELECT id, tags[2], who.age, partition_0 FROM events ORDER BY 4")
