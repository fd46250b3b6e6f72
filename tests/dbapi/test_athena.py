"""The same connection with Athena's API as the far side: a lake's own server."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import boto3
import pytest

import lakelet
from lakelet import dbapi
from lakelet.engines.athena import column_type, failure

_KEYS = {"aws_access_key_id": "lakelet", "aws_secret_access_key": "lakelet"}


@pytest.fixture
def connection(lakelet_server: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[dbapi.Connection]:
    for name, value in _KEYS.items():
        monkeypatch.setenv(name.upper(), value)
    s3: Any = boto3.client("s3", region_name="us-east-1", endpoint_url=lakelet_server, **_KEYS)
    s3.create_bucket(Bucket="results")
    address = f"athena://primary?region=us-east-1&output=s3://results/&endpoint={lakelet_server}"
    with lakelet.connect(address) as opened:
        yield opened
    s3.close()


def test_values_have_their_types(connection: dbapi.Connection) -> None:
    cursor = connection.cursor().execute(
        "SELECT 1 a, DECIMAL '1.50' b, VARCHAR 'x' c, true d, DATE '2020-02-29' e,"
        " TIMESTAMP '2020-01-01 01:02:03.000' f, TIMESTAMP '2020-01-01 00:00:00.000 UTC' g,"
        " X'01ff' h, 0.5e0 i, ARRAY[1, 2] j, CAST(NULL AS integer) k"
    )
    assert cursor.fetchall() == [
        (
            1,
            Decimal("1.50"),
            "x",
            True,
            date(2020, 2, 29),
            datetime(2020, 1, 1, 1, 2, 3),
            datetime(2020, 1, 1, tzinfo=UTC),
            b"\x01\xff",
            0.5,
            "[1, 2]",
            None,
        )
    ]
    assert [column[1] for column in cursor.description or ()][:3] == [
        "integer",
        "decimal(3,2)",
        "varchar",
    ]


def test_all_pages_are_read(connection: dbapi.Connection) -> None:
    cursor = connection.cursor().execute("SELECT x FROM UNNEST(sequence(1, 2500)) t(x) ORDER BY x")
    assert [row[0] for row in cursor.fetchall()] == list(range(1, 2501))


def test_a_failed_query_has_trinos_name_and_place(connection: dbapi.Connection) -> None:
    with pytest.raises(dbapi.ProgrammingError) as missing:
        connection.cursor().execute("SELECT nosuch")
    assert (missing.value.name, missing.value.column) == ("COLUMN_NOT_FOUND", 8)
    with pytest.raises(dbapi.DataError) as divided:
        connection.cursor().execute("SELECT 1 / 0")
    assert divided.value.name == "DIVISION_BY_ZERO"
    with pytest.raises(dbapi.ProgrammingError) as misspelt:
        connection.cursor().execute("SELECT FROM")
    assert (misspelt.value.name, misspelt.value.column) == ("SYNTAX_ERROR", 8)


def test_ddl_and_writes_and_their_answers(connection: dbapi.Connection) -> None:
    cursor = connection.cursor()
    assert cursor.execute("CREATE DATABASE shop").description is None
    connection.use("shop")
    assert cursor.execute("CREATE TABLE t AS SELECT 1 AS x").rowcount == 1
    assert cursor.execute("SHOW TABLES").fetchall() == [("t",)]
    assert cursor.execute("SELECT x FROM t WHERE x = ?", [1]).fetchall() == [(1,)]
    assert cursor.execute("SELECT x FROM t").df().to_dict("list") == {"x": [1]}


def test_a_reason_without_a_name_is_kept_as_it_is() -> None:
    # The text is Athena's: docs of Athena by uber/athenadriver.
    reason = "FAILED: SemanticException [Error 10001]: Table not found db.t"
    told = failure(reason)
    assert (told.name, str(told)) == ("GENERIC_USER_ERROR", reason)


def test_columns_are_told_by_base_name_precision_and_scale() -> None:
    # As PyAthena's tests on real Athena describe them.
    described = [
        {"Type": "float", "Precision": 17, "Scale": 0},
        {"Type": "decimal", "Precision": 10, "Scale": 1},
        {"Type": "varchar", "Precision": 2147483647, "Scale": 0},
        {"Type": "timestamp", "Precision": 3, "Scale": 0},
        {"Type": "map", "Precision": 0, "Scale": 0},
    ]
    assert [str(column_type(each)) for each in described] == [
        "real",
        "decimal(10,1)",
        "varchar",
        "timestamp(3)",
        "map",
    ]
