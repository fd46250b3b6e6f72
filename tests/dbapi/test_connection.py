"""DB-API 2.0 over a lake. Values, types and error names are what Trino 476 answered."""

import gc
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

import lakelet
from lakelet import dbapi


@pytest.fixture(scope="module")
def connection() -> Iterator[dbapi.Connection]:
    with lakelet.connect() as opened:
        yield opened


@pytest.fixture
def cursor(connection: dbapi.Connection) -> Iterator[dbapi.Cursor]:
    with connection.cursor() as opened:
        yield opened


def test_values_are_pythons_own_and_types_are_trinos_text(cursor: dbapi.Cursor) -> None:
    cursor.execute(
        "SELECT 1 a, DECIMAL '1.50' b, 'x' c, ARRAY[1, NULL] d, MAP(ARRAY['k'], ARRAY[1]) e,"
        " CAST(ROW(1, 'z') AS ROW(a integer, b varchar)) f, DATE '2020-02-29' g,"
        " TIMESTAMP '2020-01-01 00:00:00.000 UTC' h, X'01' i, NULL j"
    )
    assert [column[1] for column in cursor.description or ()] == [
        "integer",
        "decimal(3,2)",
        "varchar(1)",
        "array(integer)",
        "map(varchar(1), integer)",
        "row(a integer, b varchar)",
        "date",
        "timestamp(3) with time zone",
        "varbinary",
        "unknown",
    ]
    assert cursor.fetchall() == [
        (
            1,
            Decimal("1.50"),
            "x",
            [1, None],
            {"k": 1},
            (1, "z"),
            date(2020, 2, 29),
            datetime(2020, 1, 1, tzinfo=UTC),
            b"\x01",
            None,
        )
    ]


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        -5,
        2**40,
        1.5,
        float("inf"),
        Decimal("-1.50"),
        "it's",
        b"\x00\xff",
        date(1999, 12, 31),
        datetime(2020, 1, 2, 3, 4, 5, 678_000),
        datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC),
        timedelta(days=-1, milliseconds=5),
        UUID(int=7),
        [1, None, 3],
        {"a": 1, "b": 2},
        (1, "a"),
    ],
    ids=lambda value: f"{type(value).__name__} {value}",
)
def test_a_parameter_comes_back_as_it_was(cursor: dbapi.Cursor, value: Any) -> None:
    assert cursor.execute("SELECT ?", [value]).fetchone() == (value,)


@pytest.mark.parametrize(
    ("statement", "name", "kind"),
    [
        ("SELECT 1 / 0", "DIVISION_BY_ZERO", dbapi.DataError),
        ("SELECT CAST('a' AS integer)", "INVALID_CAST_ARGUMENT", dbapi.DataError),
        ("SELECT nosuch", "COLUMN_NOT_FOUND", dbapi.ProgrammingError),
        ("SELECT * FROM nosuch", "TABLE_NOT_FOUND", dbapi.ProgrammingError),
        ("SELECT FROM", "SYNTAX_ERROR", dbapi.ProgrammingError),
        ("SELECT nosuch(1)", "FUNCTION_NOT_FOUND", dbapi.ProgrammingError),
        ("SELECT 1 + 'a'", "TYPE_MISMATCH", dbapi.ProgrammingError),
        (
            "SELECT TINYINT '-128' / x FROM (VALUES TINYINT '-1') t(x)",
            "GENERIC_INTERNAL_ERROR",
            dbapi.InternalError,
        ),
        (
            "CREATE TABLE t WITH (partitioned_by = ARRAY['a']) AS SELECT 1 a, 2 b",
            "HIVE_COLUMN_ORDER_MISMATCH",
            dbapi.ProgrammingError,
        ),
        (
            "CREATE TABLE t WITH (external_location = 's3://nosuch/t/') AS SELECT 1 a",
            "HIVE_FILESYSTEM_ERROR",
            dbapi.OperationalError,
        ),
    ],
)
def test_a_failure_has_trinos_name(
    cursor: dbapi.Cursor, statement: str, name: str, kind: type[dbapi.DatabaseError]
) -> None:
    with pytest.raises(kind) as failure:
        cursor.execute(statement).fetchall()
    assert failure.value.name == name


def test_a_failure_knows_its_place(cursor: dbapi.Cursor) -> None:
    with pytest.raises(
        dbapi.ProgrammingError, match="line 2:3: Column 'x' cannot be resolved"
    ) as e:
        cursor.execute("SELECT\n  x")
    assert (e.value.line, e.value.column) == (2, 3)


def test_rows_are_fetched_one_by_one_in_pieces_or_all(cursor: dbapi.Cursor) -> None:
    cursor.execute("SELECT * FROM (VALUES 1, 2, 3, 4, 5) t(x) ORDER BY x")
    assert cursor.fetchone() == (1,)
    assert cursor.fetchmany(2) == [(2,), (3,)]
    assert cursor.fetchall() == [(4,), (5,)]
    assert cursor.fetchone() is None


def test_a_frame_and_an_arrow_table_have_the_columns_names(cursor: dbapi.Cursor) -> None:
    statement = "SELECT 1 AS Total, 'x' AS total"
    assert cursor.execute(statement).arrow().column_names == ["Total", "total"]
    frame = cursor.execute("SELECT 1 AS a, 2.5e0 AS b").df()
    assert frame.to_dict("records") == [{"a": 1, "b": 2.5}]


def test_a_frame_keeps_digits_and_truths_beside_a_null(cursor: dbapi.Cursor) -> None:
    rows = "(9007199254740993, true, ARRAY[9007199254740993, NULL]), (NULL, NULL, NULL)"
    frame = cursor.execute(f"SELECT * FROM (VALUES {rows}) t(a, b, c)").df()
    assert [str(of) for of in frame.dtypes[:2]] == ["Int64", "boolean"]
    assert [frame["a"][0], frame["b"][0]] == [9007199254740993, True]
    assert frame["c"].to_list()[0] == [9007199254740993, None]
    assert frame.isna().to_dict("list") == {name: [False, True] for name in "abc"}


def test_utility_statements_answer_rows_of_text(cursor: dbapi.Cursor) -> None:
    assert cursor.execute("SHOW DATABASES").fetchall() == [("default",)]
    assert (cursor.description or ())[0][0] == "database_name"


def test_statements_are_kept_under_names(cursor: dbapi.Cursor) -> None:
    cursor.execute("PREPARE three FROM SELECT ? * 3 AS x")
    assert cursor.execute("EXECUTE three USING 5").fetchall() == [(15,)]
    assert cursor.execute("EXECUTE three", [7]).fetchall() == [(21,)]
    cursor.execute("DEALLOCATE PREPARE three")
    for gone in ("EXECUTE three USING 5", "DEALLOCATE PREPARE three"):
        with pytest.raises(dbapi.ProgrammingError, match="Prepared statement not found: three"):
            cursor.execute(gone)


def test_use_changes_where_names_are_looked_up() -> None:
    with lakelet.connect() as connection:
        connection.cursor().execute("CREATE DATABASE shop")
        connection.cursor().execute("CREATE VIEW shop.one AS SELECT 1 AS x")
        with pytest.raises(dbapi.ProgrammingError, match="does not exist"):
            connection.cursor().execute("SELECT x FROM one")
        connection.use("shop")
        assert connection.cursor().execute("SELECT x FROM one").fetchall() == [(1,)]


def test_what_is_written_stays_in_the_folder(tmp_path: Path) -> None:
    with lakelet.connect(tmp_path, output="s3://data/") as connection:
        connection._lake.storage.create_bucket("data")  # type: ignore[union-attr]
        cursor = connection.cursor()
        cursor.execute("CREATE TABLE t AS SELECT 1 AS x UNION ALL SELECT 2")
        assert cursor.rowcount == 2
        assert cursor.execute("INSERT INTO t VALUES 3").rowcount == 1
    with lakelet.connect(tmp_path) as connection:
        cursor = connection.cursor().execute("SELECT sum(x) FROM t")
        assert cursor.fetchall() == [(6,)]
        assert cursor.statistics.files == 2


def test_cancel_ends_a_running_statement_at_once(connection: dbapi.Connection) -> None:
    cursor = connection.cursor()
    failures: list[BaseException] = []

    def run() -> None:
        try:
            cursor.execute(
                "SELECT count(*) FROM UNNEST(sequence(1, 10000)) a(x)"
                " CROSS JOIN UNNEST(sequence(1, 10000)) b(y)"
                " CROSS JOIN UNNEST(sequence(1, 10000)) c(z) WHERE x * y % 7 = z"
            ).fetchall()
        except dbapi.Error as failure:
            failures.append(failure)

    thread = threading.Thread(target=run)
    thread.start()
    while thread.is_alive():
        time.sleep(0.05)
        cursor.cancel()
    assert [failure.name for failure in failures if isinstance(failure, dbapi.DatabaseError)] == [
        "USER_CANCELED"
    ]


def test_a_closed_cursor_or_connection_is_refused() -> None:
    connection = lakelet.connect()
    cursor = connection.cursor()
    cursor.close()
    with pytest.raises(dbapi.InterfaceError):
        cursor.execute("SELECT 1")
    connection.close()
    connection.close()
    with pytest.raises(dbapi.InterfaceError):
        connection.cursor()


def test_a_temporary_lake_is_gone_with_its_process(tmp_path: Path) -> None:
    program = "import lakelet; lakelet.connect().cursor().execute('SELECT 1').fetchall()"
    environment = {**os.environ, "TMPDIR": str(tmp_path), "TEMP": str(tmp_path)}
    subprocess.run([sys.executable, "-c", program], env=environment, check=True)
    assert list(tmp_path.iterdir()) == []


def test_a_temporary_lake_stays_while_a_connection_to_it_is_used() -> None:
    lake = lakelet.Lake()
    folder, connection = lake.folder, lakelet.connect(lake)
    del lake
    gc.collect()
    assert folder.is_dir()
    assert connection.cursor().execute("SELECT 1").fetchall() == [(1,)]
    del connection
    gc.collect()
    assert not folder.exists()


def test_an_unknown_address_is_refused() -> None:
    with pytest.raises(dbapi.InterfaceError, match="mysql://host"):
        lakelet.connect("mysql://host/db")


def test_every_public_name_is_there() -> None:
    assert all(getattr(lakelet, name) is not None for name in lakelet.__all__)


@pytest.mark.parametrize(
    ("query", "value"),
    [
        (
            "timestamp '9999-12-31 23:59:59.999 UTC' AT TIME ZONE 'Asia/Tokyo'",
            "+10000-01-01 08:59:59.999 Asia/Tokyo",
        ),
        (
            "timestamp '0001-01-01 00:00:00.000 UTC' AT TIME ZONE '-05:00'",
            "0000-12-31 19:00:00.000 -05:00",
        ),
        ("map(ARRAY[map(ARRAY[1], ARRAY[2])], ARRAY[3])", {((1, 2),): 3}),
        ("map(ARRAY[ROW(1, ARRAY[2])], ARRAY[3])", {(1, (2,)): 3}),
    ],
)
def test_values_that_python_has_no_place_for_are_given_all_the_same(
    query: str, value: object
) -> None:
    with lakelet.connect() as connection:
        assert connection.cursor().execute(f"SELECT {query}").fetchall() == [(value,)]


def test_moments_of_a_frame_are_in_their_zone(cursor: dbapi.Cursor) -> None:
    berlin, new_york = ("TIMESTAMP '2024-07-01 10:00:00.123 Europe/Berlin'",
                        "TIMESTAMP '2024-07-01 10:00:00 America/New_York'")  # fmt: skip
    rows = f"({berlin}, {berlin}, TIMESTAMP '2024-07-01 10:00:00 +05:30'), ({new_york}, NULL, NULL)"
    frame = cursor.execute(f"SELECT * FROM (VALUES {rows}) t(a, b, c)").df()
    zones = [str(of.tz) for of in frame.dtypes]
    assert zones == ["UTC", "Europe/Berlin", "UTC+05:30"]
    first = datetime(2024, 7, 1, 8, 0, 0, 123_000, tzinfo=UTC)
    assert frame["a"].to_list() == [first, datetime(2024, 7, 1, 14, tzinfo=UTC)]
    assert frame["b"][0] == first
    assert frame["c"][0] == datetime(2024, 7, 1, 4, 30, tzinfo=UTC)
    assert frame.isna().to_dict("list") == {
        "a": [False, False], "b": [False, True], "c": [False, True],
    }  # fmt: skip


def test_a_frame_may_have_columns_of_one_name(cursor: dbapi.Cursor) -> None:
    frame = cursor.execute("SELECT 1 AS a, 'x' AS a").df()
    assert list(frame.columns) == ["a", "a"]
    assert frame.to_numpy().tolist() == [[1, "x"]]


def test_a_statement_without_rows_is_an_empty_frame(cursor: dbapi.Cursor) -> None:
    frame = cursor.execute("SHOW TABLES").df()
    assert (list(frame.columns), len(frame)) == (["tab_name"], 0)
