"""A Trino cluster as a target: Athena's statements in its words, and its protocol's values."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pyarrow
import pytest

import lakelet
from lakelet import dbapi
from lakelet.engines import far_values
from lakelet.engines.trino import translated
from lakelet.errors import Unsupported
from lakelet.sql.statements import parse
from lakelet.types.parsing import parse_type
from lakelet.types.python import rows


@pytest.mark.parametrize(
    ("text", "written", "session"),
    [
        ("SELECT 1;", "SELECT 1", {}),
        ("INSERT INTO t SELECT 1", "INSERT INTO t SELECT 1", {}),
        ("CREATE DATABASE `a b`", 'CREATE SCHEMA "a b"', {}),
        ("DROP DATABASE IF EXISTS d CASCADE", 'DROP SCHEMA IF EXISTS "d" CASCADE', {}),
        ("DROP TABLE IF EXISTS `d`.`t`", 'DROP TABLE IF EXISTS "d"."t"', {}),
        ("SHOW TABLES IN d", 'SHOW TABLES FROM "d"', {}),
        (
            "CREATE TABLE d.t WITH (format = 'ORC', write_compression = 'zstd', bucket_count = 2,"
            " bucketed_by = ARRAY['x'], external_location = 's3://b/t/') AS SELECT 1 x",
            'CREATE TABLE "d"."t" WITH (format = \'ORC\', bucket_count = 2,'
            " bucketed_by = ARRAY['x'], external_location = 's3://b/t/') AS SELECT 1 x",
            {"hive.compression_codec": "ZSTD"},
        ),
    ],
)
def test_statements_have_trinos_words(text: str, written: str, session: dict[str, str]) -> None:
    asked = translated(parse(text), text, "hive")
    assert (asked.text, asked.properties) == (written, session)


def test_what_trino_has_no_word_for_is_refused() -> None:
    with pytest.raises(Unsupported, match="MSCK REPAIR is not available on a Trino cluster"):
        translated(parse("MSCK REPAIR TABLE t"), "", "hive")
    text = "CREATE TABLE t WITH (compression_level = 3) AS SELECT 1 x"
    with pytest.raises(Unsupported, match="compression_level"):
        translated(parse(text), text, "hive")


@pytest.mark.parametrize(
    ("of", "given", "value"),
    [
        ("bigint", 7, 7),
        ("boolean", True, True),
        ("double", "NaN", pytest.approx(float("nan"), nan_ok=True)),
        ("real", 1.5, 1.5),
        ("decimal(10,2)", "1.50", Decimal("1.50")),
        ("char(3)", "a  ", "a  "),
        ("varbinary", "AQ==", b"\x01"),
        ("date", "2020-02-02", date(2020, 2, 2)),
        ("timestamp(3)", "2020-01-01 01:02:03.004", datetime(2020, 1, 1, 1, 2, 3, 4000)),
        ("timestamp(9)", "2020-01-01 01:02:03.000000004", "2020-01-01 01:02:03.000000004"),
        (
            "timestamp(6) with time zone",
            "2020-01-01 00:00:00.123456 Europe/Paris",
            datetime(2020, 1, 1, 0, 0, 0, 123456, ZoneInfo("Europe/Paris")),
        ),
        (
            "timestamp(3) with time zone",
            "2020-01-01 00:00:00.000 UTC",
            datetime(2020, 1, 1, tzinfo=UTC),
        ),
        ("interval day to second", "1 00:00:00.000", timedelta(days=1)),
        ("interval year to month", "-1-2", "-1-2"),
        (
            "uuid",
            "88c4192e-7ffe-4002-8d32-c6d6c31a43bb",
            UUID("88c4192e-7ffe-4002-8d32-c6d6c31a43bb"),
        ),
        ("ipaddress", "10.0.0.1", "10.0.0.1"),
        ("array(integer)", [1, None], [1, None]),
        ("map(integer, row(integer, varbinary))", {"1": [1, "AQ=="]}, {1: (1, b"\x01")}),
        ("row(a integer, b array(varchar))", [1, ["a"]], (1, ["a"])),
    ],
)
def test_values_are_read_as_the_protocol_has_them(of: str, given: Any, value: Any) -> None:
    kind = parse_type(of)
    array = far_values.array([None, given, None], kind, far_values.base64)
    batch = pyarrow.record_batch([array], names=["x"])
    assert list(rows([batch], [kind])) == [(None,), (value,), (None,)]


def test_a_cluster_that_is_not_there_is_told() -> None:
    cursor = lakelet.connect("trino://127.0.0.1:9/hive").cursor()
    with pytest.raises(dbapi.OperationalError, match="does not answer"):
        cursor.execute("SELECT 1")
