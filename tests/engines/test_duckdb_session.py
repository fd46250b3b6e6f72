"""The DuckDB instance of a lake: locked down, streaming, interruptible, in Trino's words."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pyarrow
import pytest
from pyarrow import parquet

from lakelet.engines.duckdb import DuckDb
from lakelet.errors import TrinoError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "lake").mkdir()
    numbers = pyarrow.table({"n": pyarrow.array(range(5), pyarrow.int64())})
    parquet.write_table(numbers, tmp_path / "lake" / "inside.parquet")
    parquet.write_table(numbers, tmp_path / "outside.parquet")
    return tmp_path


@pytest.fixture
def duckdb(folder: Path) -> Iterator[DuckDb]:
    instance = DuckDb(folders=[folder / "lake"], threads=2)
    yield instance
    instance.close()


def rows(duckdb: DuckDb, sql: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = duckdb.execute(sql).read_all().to_pylist()
    return found


def failure(duckdb: DuckDb, sql: str) -> tuple[str, str]:
    with pytest.raises(TrinoError) as raised:
        rows(duckdb, sql)
    return raised.value.name, raised.value.message


def test_files_inside_the_lake_are_read(duckdb: DuckDb, folder: Path) -> None:
    path = folder / "lake" / "inside.parquet"
    assert rows(duckdb, f"SELECT sum(n)::BIGINT AS s FROM read_parquet('{path}')") == [{"s": 10}]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_parquet('{outside}')",
        "SELECT * FROM '{outside}'",
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM glob('/*')",
        "COPY (SELECT 1) TO '{outside}.csv'",
        "COPY (SELECT 1) TO '{inside}/../escaped.csv'",
        "ATTACH '{outside}.db'",
        "INSTALL httpfs",
        "LOAD '{outside}'",
        "SET threads = 1",
        "SET enable_external_access = true",
        "RESET lock_configuration",
        "SELECT getenv('HOME')",
    ],
)
def test_nothing_outside_the_lake_is_reached(sql: str, duckdb: DuckDb, folder: Path) -> None:
    text = sql.format(outside=folder / "outside.parquet", inside=folder / "lake")
    with pytest.raises(TrinoError):
        duckdb.execute(text).read_all()
    assert sorted(path.name for path in folder.iterdir()) == ["lake", "outside.parquet"]


def test_python_variables_are_no_tables(duckdb: DuckDb) -> None:
    secret = pyarrow.table({"a": [1]})
    assert secret.num_rows == 1
    with pytest.raises(TrinoError):
        rows(duckdb, "SELECT * FROM secret")


def test_given_tables_are_read_by_name(duckdb: DuckDb) -> None:
    given = {"given": pyarrow.table({"a": [1, 2]})}
    assert duckdb.execute("SELECT a FROM given ORDER BY a", given).read_all().num_rows == 2


def test_an_answer_streams_and_fails_where_the_row_is(duckdb: DuckDb) -> None:
    reader = duckdb.execute(
        "SELECT CASE WHEN i = 3000000 THEN trino_fail('DIVISION_BY_ZERO', 'Division by zero')"
        " ELSE i END AS i FROM range(5000000) t(i)"
    )
    with pytest.raises(TrinoError) as raised:
        for _ in reader:
            pass
    assert raised.value.name == "DIVISION_BY_ZERO"


def test_a_failure_that_duckdb_tells_as_an_interruption_is_told_as_what_it_is(
    duckdb: DuckDb,
) -> None:
    session = duckdb.session()
    reader = session.execute(
        "SELECT CASE WHEN i = 3000000 THEN trino_fail('DIVISION_BY_ZERO', 'Division by zero')"
        " ELSE i END AS i FROM range(5000000) t(i)"
    )
    reader.read_next_batch()
    session._cursor.interrupt()  # as a thread that fails does, and not as `interrupt`
    with pytest.raises(TrinoError, match="Division by zero"):
        reader.read_all()
    session.close()


def test_another_thread_interrupts(duckdb: DuckDb) -> None:
    session = duckdb.session()
    timer = threading.Timer(0.2, session.interrupt)
    timer.start()
    with pytest.raises(TrinoError) as raised:
        session.execute(
            "SELECT count(*) FROM range(10000000) a(i), range(10000000) b(j) WHERE i * j % 7 = 3"
        ).read_all()
    timer.join()
    assert raised.value.name == "USER_CANCELED"


def test_sessions_run_side_by_side(duckdb: DuckDb) -> None:
    answers: list[object] = []

    def run(number: int) -> None:
        with duckdb.session() as session:
            sql = f"SELECT trino_varchar_to_bigint('{number}') AS n"
            answers.append(session.execute(sql).read_all().to_pylist()[0]["n"])

    threads = [threading.Thread(target=run, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(str, answers)) == sorted(map(str, range(16)))


def test_rows_are_copied_to_a_file_with_options(duckdb: DuckDb, folder: Path) -> None:
    target = folder / "lake" / "out.csv"
    options = {"format": "csv", "header": True, "delimiter": "|"}
    with duckdb.session() as session:
        assert session.copy("SELECT 1 AS a, 'x' AS b", target, options) == 1
    assert target.read_text() == "a|b\n1|x\n"


# Names and messages are those of Trino 476 for the statements that the SQL stands for.
FAILURES = {
    "SELECT 2147483647 + 1": (
        "NUMERIC_VALUE_OUT_OF_RANGE",
        "integer addition overflow: 2147483647 + 1",
    ),
    "SELECT CAST(127 AS TINYINT) * CAST(2 AS TINYINT)": (
        "NUMERIC_VALUE_OUT_OF_RANGE",
        "tinyint multiplication overflow: 127 * 2",
    ),
    "SELECT CAST(-9223372036854775808 AS BIGINT) // CAST(-1 AS BIGINT)": (
        "NUMERIC_VALUE_OUT_OF_RANGE",
        "bigint division overflow: -9223372036854775808 / -1",
    ),
    "SELECT CAST('99999999999999999999999999999999999999' AS DECIMAL(38,0)) + 1": (
        "NUMERIC_VALUE_OUT_OF_RANGE",
        "Decimal overflow",
    ),
    "SELECT CAST(CAST(3000000000 AS BIGINT) AS TINYINT)": (
        "NUMERIC_VALUE_OUT_OF_RANGE",
        "Out of range for tinyint: 3000000000",
    ),
    "SELECT (SELECT i FROM range(3) t(i))": (
        "SUBQUERY_MULTIPLE_ROWS",
        "Scalar sub-query has returned multiple rows",
    ),
    "SELECT trino_varchar_to_integer('it''s' || chr(10) || '''' || ' to INT32')": (
        "INVALID_CAST_ARGUMENT",
        "Cannot cast 'it's\n' to INT32' to INT",
    ),
    "SELECT trino_varchar_to_ipaddress('no')": (
        "INVALID_CAST_ARGUMENT",
        "Cannot cast value to IPADDRESS: no",
    ),
}


@pytest.mark.parametrize("sql", FAILURES)
def test_a_failure_has_trinos_name_and_words(sql: str, duckdb: DuckDb) -> None:
    assert failure(duckdb, sql) == FAILURES[sql]


def test_a_file_that_is_no_parquet_is_bad_data(duckdb: DuckDb, folder: Path) -> None:
    path = folder / "lake" / "liar.parquet"
    path.write_text("a,b\n1,2\n3,4\n" * 10)
    name, _ = failure(duckdb, f"SELECT * FROM read_parquet('{path}')")
    assert name == "HIVE_BAD_DATA"


def test_a_missing_file_cannot_be_opened(duckdb: DuckDb, folder: Path) -> None:
    path = folder / "lake" / "gone.parquet"
    name, _ = failure(duckdb, f"SELECT * FROM read_parquet('{path}')")
    assert name == "HIVE_CANNOT_OPEN_SPLIT"


def test_too_little_memory_is_said_in_trinos_words() -> None:
    small = DuckDb(memory_limit="20MB", threads=1)
    name, _ = failure(
        small, "SELECT array_agg(i::VARCHAR || repeat('x', 100)) FROM range(3000000) t(i)"
    )
    assert name == "EXCEEDED_LOCAL_MEMORY_LIMIT"


FAIL = "trino_fail('DIVISION_BY_ZERO', 'Division by zero')"


def test_try_catches_the_rows_that_fail(duckdb: DuckDb) -> None:
    sql = f"SELECT TRY(CASE WHEN i = 1 THEN {FAIL} ELSE i END) AS r FROM range(3) t(i)"
    assert [row["r"] for row in rows(duckdb, sql)] == [0, None, 2]


@pytest.mark.parametrize(
    "expression",
    [
        f"CASE WHEN i < 0 THEN {FAIL} ELSE 1 END",
        f"CASE WHEN 1 = 2 THEN {FAIL} ELSE 1 END",
        f"coalesce(i, {FAIL})",
        f"if(i >= 0, 1, {FAIL})",
        f"list_transform([i], lambda x: CASE WHEN x < 0 THEN {FAIL} ELSE x END)",
    ],
)
def test_a_branch_that_no_row_takes_does_not_fail(expression: str, duckdb: DuckDb) -> None:
    assert len(rows(duckdb, f"SELECT {expression} AS r FROM range(3) t(i)")) == 3


def test_strings_of_python_functions_outlive_coalesce(duckdb: DuckDb) -> None:
    zones = "CASE WHEN i % 2 = 0 THEN 'America/New_York' ELSE 'Etc/GMT+5' END"
    sql = f"SELECT DISTINCT coalesce(trino_zone({zones}), 'none') AS z FROM range(20000) t(i)"
    assert {row["z"] for row in rows(duckdb, sql)} == {"America/New_York", "-05:00"}


def test_nulls_sort_last_both_ways(duckdb: DuckDb) -> None:
    table = "(VALUES (1), (NULL), (2)) t(i)"
    up = rows(duckdb, f"SELECT i FROM {table} ORDER BY i")
    down = rows(duckdb, f"SELECT i FROM {table} ORDER BY i DESC")
    assert [row["i"] for row in up] == [1, 2, None]
    assert [row["i"] for row in down] == [2, 1, None]


def test_files_of_this_machine_are_not_kept_in_memory_too(duckdb: DuckDb, folder: Path) -> None:
    rows(duckdb, f"SELECT sum(n) FROM '{folder}/lake/inside.parquet'")
    kept = "SELECT memory_usage_bytes AS b FROM duckdb_memory() WHERE tag = 'EXTERNAL_FILE_CACHE'"
    assert rows(duckdb, kept) == [{"b": 0}]


def test_a_text_that_comes_again_finds_what_has_changed_meanwhile(
    duckdb: DuckDb, folder: Path
) -> None:
    sql = f"SELECT sum(n) AS n FROM read_parquet('{folder}/lake/inside.parquet')"
    assert rows(duckdb, sql) == [{"n": 10}]
    parquet.write_table(
        pyarrow.table({"n": pyarrow.array(range(7), pyarrow.int64())}),
        folder / "lake" / "inside.parquet",
    )
    assert rows(duckdb, sql) == [{"n": 21}]


def test_a_text_that_comes_again_may_run_in_many_threads_at_once(duckdb: DuckDb) -> None:
    found: list[object] = []

    def ask() -> None:
        for _ in range(50):
            with duckdb.session() as session:
                found.extend(session.rows("SELECT CAST(40 + 2 AS VARCHAR)"))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [("42",)] * 400
