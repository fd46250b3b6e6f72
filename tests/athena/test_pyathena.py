"""PyAthena's cursors, in the process."""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from lakelet import Lake


@pytest.fixture
def connection(lakelet: Lake, s3_client: Any) -> Iterator[Any]:
    from pyathena import connect

    s3_client.create_bucket(Bucket="results")
    with connect(
        s3_staging_dir="s3://results/out/",
        region_name="us-east-1",
        aws_access_key_id="lakelet",
        aws_secret_access_key="lakelet",
        poll_interval=0.01,
    ) as opened:
        yield opened


def test_values_come_as_pythons_own(connection: Any) -> None:
    cursor = connection.cursor().execute(
        "SELECT true a, 1 b, 1.5e0 c, 'x' d, DECIMAL '1.50' e, DATE '2020-01-02' f,"
        " TIMESTAMP '2020-01-02 03:04:05.678' g, CAST(NULL AS integer) h, X'01ff' i"
    )
    assert cursor.fetchall() == [
        (
            True,
            1,
            1.5,
            "x",
            Decimal("1.50"),
            date(2020, 1, 2),
            datetime(2020, 1, 2, 3, 4, 5, 678_000),
            None,
            b"\x01\xff",
        )
    ]
    assert [column[1] for column in cursor.description][:5] == [
        "boolean",
        "integer",
        "double",
        "varchar",
        "decimal",
    ]


def test_all_rows_of_a_long_answer_are_read(connection: Any) -> None:
    cursor = connection.cursor().execute("SELECT x FROM UNNEST(sequence(1, 2500)) t(x) ORDER BY x")
    assert [row[0] for row in cursor] == list(range(1, 2501))


def test_a_failure_is_an_operational_error(connection: Any) -> None:
    from pyathena.error import OperationalError

    with pytest.raises(OperationalError, match="DIVISION_BY_ZERO: Division by zero"):
        connection.cursor().execute("SELECT 1 / 0")


def test_a_pandas_cursor_reads_the_result_file(connection: Any) -> None:
    from pyathena.pandas.cursor import PandasCursor

    frame = connection.cursor(PandasCursor).execute("SELECT 1 AS a, 'x' AS b").as_pandas()
    assert frame.to_dict("list") == {"a": [1], "b": ["x"]}


def test_ddl_writes_and_show(connection: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("CREATE DATABASE shop")
    cursor.execute("CREATE TABLE shop.t WITH (format = 'PARQUET') AS SELECT 1 AS x, 'a' AS k")
    cursor.execute("INSERT INTO shop.t VALUES (2, 'b')")
    assert cursor.execute("SHOW TABLES IN shop").fetchall() == [("t",)]
    assert cursor.execute("SELECT sum(x) FROM shop.t").fetchone() == (3,)
