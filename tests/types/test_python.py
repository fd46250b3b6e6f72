"""Python's values of physical Arrow arrays, and Hive's words."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from lakelet.engines.duckdb import DuckDb
from lakelet.errors import TrinoError
from lakelet.sql.emitter.literals import literal
from lakelet.types.hive import to_hive, to_trino
from lakelet.types.literals import interval_literal, typed_literal
from lakelet.types.parsing import parse_type
from lakelet.types.python import rows

# A literal of each type and the value that Python's own library has for it.
VALUES = {
    ("decimal", "1.50"): Decimal("1.50"),
    ("date", "2020-01-02"): date(2020, 1, 2),
    ("date", "12020-01-02"): "+12020-01-02",
    ("time", "10:11:12.5"): time(10, 11, 12, 500000),
    ("timestamp", "2020-01-02 03:04:05.678"): datetime(2020, 1, 2, 3, 4, 5, 678000),
    ("timestamp", "2020-01-02 03:04:05.123456789"): "2020-01-02 03:04:05.123456789",
    ("timestamp", "2020-01-02 03:04 UTC"): datetime(2020, 1, 2, 3, 4, tzinfo=UTC),
    ("uuid", "12151fd2-7586-11e9-8f9e-2a86e4085a59"): UUID("12151fd2758611e98f9e2a86e4085a59"),
    ("ipaddress", "2001:DB8::1"): "2001:db8::1",
    ("char", "ab "): "ab ",
    ("varbinary", "ab"): b"ab",
    ("double", "1.5"): 1.5,
}


@pytest.mark.parametrize(("kind", "text"), VALUES)
def test_a_value_is_pythons_own(kind: str, text: str) -> None:
    of, value = typed_literal(kind, text)
    reader = DuckDb(threads=1).execute(f"SELECT {literal(value, of)} AS v")
    assert list(rows(reader, [of])) == [(VALUES[kind, text],)]


def test_intervals_are_timedeltas_and_texts_of_months() -> None:
    duckdb = DuckDb(threads=1)
    days, days_value = interval_literal("1 02:03:04.567", "day", "second")
    months, months_value = interval_literal("-1-3", "year", "month")
    sql = f"SELECT {literal(days_value, days)} AS d, {literal(months_value, months)} AS m"
    expected = timedelta(days=1, hours=2, minutes=3, seconds=4, milliseconds=567)
    assert list(rows(duckdb.execute(sql), [days, months])) == [(expected, "-1-3")]


def test_nested_values_are_lists_dicts_and_tuples() -> None:
    of = parse_type("array(map(varchar(1), row(a decimal(2,1), b uuid)))")
    row = "struct_pack(a := CAST(1.5 AS DECIMAL(2,1)), b := CAST(NULL AS UUID))"
    sql = f"SELECT [MAP(['k'], [{row}]), NULL] AS v UNION ALL SELECT NULL"
    assert list(rows(DuckDb(threads=1).execute(sql), [of])) == [
        ([{"k": (Decimal("1.5"), None)}, None],),
        (None,),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "int",
        "string",
        "varchar(10)",
        "char(3)",
        "decimal(10,2)",
        "array<struct<a:int,b:array<string>>>",
        "map<string,double>",
        "binary",
        "float",
    ],
)
def test_hive_words_come_back(text: str) -> None:
    assert to_hive(to_trino(text)) == text


def test_a_type_that_hive_has_not_is_refused() -> None:
    with pytest.raises(TrinoError, match="Unsupported Hive type: uuid"):
        to_hive(parse_type("uuid"))
