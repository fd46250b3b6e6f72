"""Timestamps of Parquet that are finer than a table's are rounded, or known to need no rounding."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

import lakelet
from lakelet.engines import proofs
from lakelet.types.python import rows as python_rows

_WHOLE = "TIMESTAMP '2024-01-01 00:00:00.123' + INTERVAL (i) SECOND"
_FINER = f"{_WHOLE} + INTERVAL (CASE i WHEN 7 THEN 500 WHEN 8 THEN 499 ELSE 0 END) MICROSECOND"
_EARLY = "TIMESTAMP '1960-01-01 00:00:00.123' + INTERVAL (i) SECOND"
KINDS = ("TIMESTAMP", "TIMESTAMPTZ", "TIMESTAMP_NS")
ROUNDING = ("trino_round_timestamp", "TIMESTAMP_MS")


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[lakelet.Lake]:
    with lakelet.Lake(lakelet.Settings(data=tmp_path / "lake")) as made:
        made.storage.create_bucket("moments")
        yield made


def _answered(lake: lakelet.Lake, sql: str) -> tuple[list[Any], bool]:
    """A query's rows, and whether its moments were rounded."""
    answer: Any = lake.engine.prepare(sql, lake.session()).execute()
    found = list(python_rows(answer.batches(), [column.type for column in answer.columns]))
    return found, any(word in answer.plan.text for word in ROUNDING)


def _answer(lake: lakelet.Lake, sql: str) -> list[Any]:
    return _answered(lake, sql)[0]


def _file(lake: lakelet.Lake, folder: Path, name: str, value: str, kind: str) -> None:
    file = folder / "made.parquet"
    rows = f"SELECT i, CAST({value} AS {kind}) AS ts FROM range(1000) t(i)"
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(f"COPY ({rows}) TO '{file}' (FORMAT parquet, ROW_GROUP_SIZE 2048)")
    lake.storage.write("moments", f"t/{name}", file.read_bytes())


def _table(lake: lakelet.Lake) -> None:
    ddl = "CREATE EXTERNAL TABLE t (i bigint, ts timestamp) STORED AS PARQUET"
    lake.engine.prepare(f"{ddl} LOCATION 's3://moments/t/'", lake.session()).execute()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("value", [_WHOLE, _EARLY], ids=["late", "early"])
def test_whole_milliseconds_are_rounded_once_and_then_known(
    lake: lakelet.Lake, tmp_path: Path, value: str, kind: str
) -> None:
    _file(lake, tmp_path, "a", value, kind)
    _table(lake)
    query = "SELECT ts FROM t ORDER BY i"
    found = [_answered(lake, query) for _ in range(4)]
    assert [rounded for _, rounded in found] == [True, False, False, False]
    with duckdb.connect() as connection:
        expected = connection.execute(f"SELECT {value} FROM range(1000) t(i)").fetchall()
    assert all(answer == expected for answer, _ in found)


@pytest.mark.parametrize("kind", KINDS)
def test_finer_values_are_always_rounded(lake: lakelet.Lake, tmp_path: Path, kind: str) -> None:
    _file(lake, tmp_path, "a", _WHOLE, kind)
    _file(lake, tmp_path, "b", _FINER, kind)
    _table(lake)
    for _ in range(3):
        found, rounded = _answered(lake, "SELECT ts FROM t WHERE i IN (7, 8) ORDER BY ts")
        milliseconds = [(each[0].second, each[0].microsecond) for each in found]
        assert milliseconds == [(7, 123000), (7, 124000), (8, 123000), (8, 123000)]
        assert rounded


def test_another_version_of_a_file_is_looked_at_again(lake: lakelet.Lake, tmp_path: Path) -> None:
    _file(lake, tmp_path, "a", _WHOLE, "TIMESTAMP")
    _table(lake)
    query = "SELECT max(ts) FROM t WHERE i = 7"
    for _ in range(2):
        assert _answer(lake, query) == [(datetime(2024, 1, 1, 0, 0, 7, 123000),)]
    _file(lake, tmp_path, "a", _FINER, "TIMESTAMP")
    for _ in range(3):
        assert _answer(lake, query) == [(datetime(2024, 1, 1, 0, 0, 7, 124000),)]


def test_a_query_proves_no_more_than_a_share_of_what_is_large(
    lake: lakelet.Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proofs, "_AT_ONCE", 1)
    for name in "abc":
        _file(lake, tmp_path, name, _WHOLE, "TIMESTAMP")
    _table(lake)
    found = [_answered(lake, "SELECT count(ts), count(DISTINCT ts) FROM t") for _ in range(5)]
    assert [answer for answer, _ in found] == [[(3000, 1000)]] * 5
    assert [rounded for _, rounded in found] == [True, True, True, False, False]


# Far constants are compared, not refused, as in Trino.
FAR = {
    "ts > TIMESTAMP '12345-01-01 00:00:00.000'": 0,
    "ts > TIMESTAMP '-0005-01-01 00:00:00.000'": 1000,
    "CAST(ts AS date) < DATE '12345-01-01'": 1000,
    "ts < DATE '12345-01-01'": 1000,
    "ts < TIMESTAMP '2024-01-01 00:00:10'": 10,
    "ts < DATE '2024-01-01'": 0,
    "ts BETWEEN DATE '2024-01-01' AND TIMESTAMP '2024-01-01 00:00:10'": 10,
    "ts = TIMESTAMP '2024-01-01 00:00:05.123'": 1,
}


@pytest.mark.parametrize("kind", KINDS)
def test_constants_of_other_types_and_far_ones_select_rows(
    lake: lakelet.Lake, tmp_path: Path, kind: str
) -> None:
    _file(lake, tmp_path, "a", _WHOLE, kind)
    _table(lake)
    for _ in range(2):
        found = {each: _answer(lake, f"SELECT count(*) FROM t WHERE {each}")[0][0] for each in FAR}
        assert found == FAR


@pytest.mark.parametrize("bound", ["TIMESTAMP '2024-01-01 00:00:10'", "DATE '2024-01-01'"])
def test_row_groups_are_left_out_by_moments_of_other_types(
    lake: lakelet.Lake, tmp_path: Path, bound: str
) -> None:
    file = tmp_path / "made.parquet"
    rows = f"SELECT i, {_WHOLE} AS ts FROM range(100000) t(i)"
    with duckdb.connect() as connection:
        connection.execute(f"COPY ({rows}) TO '{file}' (FORMAT parquet, ROW_GROUP_SIZE 2048)")
    lake.storage.write("moments", "t/a", file.read_bytes())
    _table(lake)
    scanned = []
    for condition in (f"ts < {bound}", "ts IS NOT NULL"):
        query = f"SELECT count(*) FROM t WHERE {condition}"
        answer: Any = lake.engine.prepare(query, lake.session()).execute()
        answer.batches().read_all()
        scanned.append(answer.statistics().scanned)
    assert scanned[0] * 10 < scanned[1]
