"""OPTIMIZE leaves few files and no deletes, VACUUM no snapshots that are too old; rows stay."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

import lakelet
from lakelet.errors import TrinoError
from lakelet.types.python import rows as python_rows
from tests.iceberg import running

Run = Callable[[str], list[tuple[Any, ...]]]
PLACE = f"s3://{running.BUCKET}"


@pytest.fixture
def lake() -> Iterator[lakelet.Lake]:
    with running.lake() as made:
        yield made


@pytest.fixture
def run(lake: lakelet.Lake) -> Run:
    def work(sql: str) -> list[tuple[Any, ...]]:
        statement = lake.engine.prepare(sql, lake.session(running.DATABASE))
        try:
            answer: Any = statement.execute()
            if not hasattr(answer, "batches"):
                return []
            return list(python_rows(answer.batches(), [each.type for each in answer.columns]))
        finally:
            statement.close()

    return work


def _made(run: Run, clause: str = "", more: str = "") -> None:
    run(
        f"CREATE TABLE t (id int, p string) {clause} LOCATION '{PLACE}/t/'"
        f" TBLPROPERTIES ('table_type' = 'ICEBERG'{more})"
    )
    for start in (1, 11, 21):
        run(f"INSERT INTO t VALUES ({start}, 'a'), ({start + 1}, 'b')")
    run("DELETE FROM t WHERE id IN (2, 11)")


FILES = 'SELECT content, count(*), sum(record_count) FROM "t$files" GROUP BY 1 ORDER BY 1'


def test_optimize_leaves_one_file_without_deletes(run: Run) -> None:
    _made(run)
    before = run("SELECT * FROM t ORDER BY id")
    run("OPTIMIZE t REWRITE DATA USING BIN_PACK")
    assert run("SELECT * FROM t ORDER BY id") == before
    assert run(FILES) == [(0, 1, 4)]
    found = run('SELECT operation FROM "t$snapshots" ORDER BY committed_at DESC LIMIT 1')
    assert found == [("replace",)]
    count = run('SELECT count(*) FROM "t$snapshots"')
    run("OPTIMIZE t REWRITE DATA USING BIN_PACK")
    assert run('SELECT count(*) FROM "t$snapshots"') == count, "nothing is left to do"


def test_optimize_keeps_to_the_partitions_of_its_condition(run: Run) -> None:
    _made(run, "PARTITIONED BY (p)")
    before = run("SELECT * FROM t ORDER BY id")
    run("OPTIMIZE t REWRITE DATA USING BIN_PACK WHERE p = 'a'")
    assert run("SELECT * FROM t ORDER BY id") == before
    of = 'SELECT count(*) FROM "t$files" WHERE content = 0 AND partition.p = '
    assert (run(f"{of} 'a'"), run(f"{of} 'b'")) == ([(1,)], [(3,)])


def test_vacuum_takes_away_old_snapshots_and_their_files(run: Run, lake: lakelet.Lake) -> None:
    _made(run, more=", 'vacuum_max_snapshot_age_seconds' = '0'")
    run("OPTIMIZE t REWRITE DATA USING BIN_PACK")
    before = run("SELECT * FROM t ORDER BY id")
    run("VACUUM t")
    assert run("SELECT * FROM t ORDER BY id") == before
    assert run('SELECT count(*) FROM "t$snapshots"') == [(1,)]
    data = [each.key for each in lake.storage.list(running.BUCKET, "t/data/")]
    assert len(data) == 1


def test_vacuum_keeps_what_is_young(run: Run) -> None:
    _made(run)
    run("VACUUM t")
    assert run('SELECT count(*) FROM "t$snapshots"') == [(5,)]


def test_vacuum_takes_files_that_nothing_names(run: Run, lake: lakelet.Lake) -> None:
    _made(run, more=", 'vacuum_max_snapshot_age_seconds' = '0'")
    before = run("SELECT * FROM t ORDER BY id")
    for key in ("t/data/lost.parquet", "t/data/p=a/lost.parquet", "t/metadata/lost.avro"):
        lake.storage.write(running.BUCKET, key, b"lost")
    lake.storage.write(running.BUCKET, "t/other", b"kept")
    run("VACUUM t")
    stored = {each.key for each in lake.storage.list(running.BUCKET, "t/")}
    assert not [key for key in stored if "lost" in key]
    assert "t/other" in stored
    assert run("SELECT * FROM t ORDER BY id") == before
    logged = run('SELECT file FROM "t$metadata_log_entries"')
    assert {key for (key,) in logged} == {
        f"s3://{running.BUCKET}/{key}" for key in stored if key.endswith(".metadata.json")
    }
    run("VACUUM t")
    assert {each.key for each in lake.storage.list(running.BUCKET, "t/")} == stored


def test_vacuum_keeps_young_files_that_nothing_names(run: Run, lake: lakelet.Lake) -> None:
    _made(run)
    lake.storage.write(running.BUCKET, "t/data/coming.parquet", b"of another engine's commit")
    run("VACUUM t")
    assert lake.storage.read(running.BUCKET, "t/data/coming.parquet")


def test_vacuum_keeps_so_many_metadata_files(run: Run) -> None:
    more = ", 'vacuum_max_metadata_files_to_keep' = '2', 'vacuum_max_snapshot_age_seconds' = '0'"
    _made(run, more=more)
    run("VACUUM t")
    assert run('SELECT count(*) FROM "t$metadata_log_entries"') == [(3,)], "and that which stands"


@pytest.mark.parametrize("text", ["OPTIMIZE h REWRITE DATA USING BIN_PACK", "VACUUM h"])
def test_tables_of_plain_files_are_refused(run: Run, text: str) -> None:
    run(f"CREATE EXTERNAL TABLE h (id int) STORED AS PARQUET LOCATION '{PLACE}/h/'")
    with pytest.raises(TrinoError) as raised:
        run(text)
    assert raised.value.name == "NOT_SUPPORTED"
