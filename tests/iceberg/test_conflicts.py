"""Several change one table at the same time: nothing that was acknowledged is lost."""

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import lakelet
from lakelet.engines.iceberg import committing
from lakelet.errors import TrinoError

TABLE = """CREATE TABLE t (id int, s string) LOCATION 's3://lake/t/'
TBLPROPERTIES ('table_type' = 'ICEBERG')"""
ROWS = "SELECT id, s FROM t ORDER BY id, s"


def run(lake: lakelet.Lake, text: str) -> None:
    statement = lake.engine.prepare(text, lake.session())
    try:
        statement.execute()
    finally:
        statement.close()


def rows(lake: lakelet.Lake, text: str = ROWS) -> list[tuple[Any, ...]]:
    with lakelet.connect(lake) as connection:
        return connection.cursor().execute(text).fetchall()


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[lakelet.Lake]:
    with lakelet.Lake(lakelet.Settings(data=tmp_path / "lake")) as made:
        made.storage.create_bucket("lake")
        run(made, TABLE)
        run(made, "INSERT INTO t VALUES (1, 'a'), (2, 'b')")
        yield made


@pytest.fixture
def meanwhile(lake: lakelet.Lake, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Has another process's statements done just before a commit, so many times."""

    def between(text: str, times: int = 1) -> None:
        writing, left = committing.metadata_file, [times]

        def written(*given: Any) -> Any:
            if left[0]:
                left[0] -= 1
                with lakelet.Lake(lake.settings) as other, monkeypatch.context() as process:
                    process.setattr(committing, "metadata_file", writing)
                    process.setattr(committing, "_LOCKS", [threading.Lock()])
                    run(other, text)
            return writing(*given)

        monkeypatch.setattr(committing, "metadata_file", written)

    return between


@pytest.mark.parametrize("times", [1, 4])
def test_an_insert_is_added_to_what_another_process_left(
    lake: lakelet.Lake, meanwhile: Callable[..., None], times: int
) -> None:
    meanwhile("INSERT INTO t VALUES (4, 'other')", times)
    run(lake, "INSERT INTO t VALUES (3, 'c')")
    assert rows(lake) == [(1, "a"), (2, "b"), (3, "c"), *[(4, "other")] * times]
    assert rows(lake, 'SELECT count(*) FROM "t$snapshots"') == [(times + 3,)]
    named = {path for (path,) in rows(lake, 'SELECT file_path FROM "t$files"')}
    stored = {f"s3://lake/{each.key}" for each in lake.storage.list("lake", "t/data/")}
    assert stored == named


def test_an_insert_that_is_never_first_fails(
    lake: lakelet.Lake, meanwhile: Callable[..., None]
) -> None:
    meanwhile("INSERT INTO t VALUES (4, 'other')", 5)
    with pytest.raises(TrinoError, match="Failed to commit") as raised:
        run(lake, "INSERT INTO t VALUES (3, 'c')")
    assert raised.value.name == "ICEBERG_COMMIT_ERROR"
    assert rows(lake) == [(1, "a"), (2, "b"), *[(4, "other")] * 5]


@pytest.mark.parametrize(
    "text",
    [
        "DELETE FROM t WHERE id = 1",
        "DELETE FROM t",
        "UPDATE t SET s = 'x'",
        "MERGE INTO t USING (VALUES 1, 9) u (k) ON t.id = u.k WHEN MATCHED THEN DELETE"
        " WHEN NOT MATCHED THEN INSERT (id) VALUES (u.k)",
        "ALTER TABLE t ADD COLUMNS (n int)",
    ],
)
@pytest.mark.parametrize("other", ["INSERT INTO t VALUES (4, 'other')", "DELETE FROM t"])
def test_a_change_of_what_another_process_changed_fails(
    lake: lakelet.Lake, meanwhile: Callable[..., None], text: str, other: str
) -> None:
    meanwhile(other)
    with pytest.raises(TrinoError) as raised:
        run(lake, text)
    assert raised.value.name == "ICEBERG_COMMIT_ERROR"
    expected = [] if other == "DELETE FROM t" else [(1, "a"), (2, "b"), (4, "other")]
    assert rows(lake) == expected


def test_rows_are_not_added_to_another_table_of_the_name(
    lake: lakelet.Lake, meanwhile: Callable[..., None]
) -> None:
    meanwhile("DROP TABLE t")
    with pytest.raises(TrinoError) as raised:
        run(lake, "INSERT INTO t VALUES (3, 'c')")
    assert raised.value.name in ("ICEBERG_COMMIT_ERROR", "TABLE_NOT_FOUND")
    assert [*lake.storage.list("lake", "t/")] == []


def test_threads_take_turns(lake: lakelet.Lake) -> None:
    texts = [f"INSERT INTO t VALUES ({number}, 'x')" for number in range(10, 22)]
    texts += [f"UPDATE t SET s = s || '{number}' WHERE id = 1" for number in range(4)]
    with ThreadPoolExecutor(4) as threads:
        for done in [threads.submit(run, lake, text) for text in texts]:
            done.result()
    found = dict(rows(lake))
    assert found.keys() == {1, 2, *range(10, 22)}
    assert sorted(found[1]) == ["0", "1", "2", "3", "a"]


WRITER = """\
import sys
from pathlib import Path
import lakelet
from lakelet.errors import TrinoError
with lakelet.Lake(lakelet.Settings(data=Path(sys.argv[1]))) as lake:
    for number in range(8):
        for kind, text in (
            ("added", f"INSERT INTO t VALUES ({number}, '{sys.argv[2]}')"),
            ("gone", f"DELETE FROM t WHERE id = {number} - 2 AND s = '{sys.argv[2]}'"),
        ):
            statement = lake.engine.prepare(text, lake.session())
            try:
                statement.execute()
                print(kind, number if kind == "added" else number - 2, flush=True)
            except TrinoError as failure:
                assert failure.name == "ICEBERG_COMMIT_ERROR", failure
            finally:
                statement.close()
"""


@pytest.mark.slow
def test_two_processes_lose_nothing_that_was_acknowledged(lake: lakelet.Lake) -> None:
    writers = {
        name: subprocess.Popen(
            [sys.executable, "-c", WRITER, str(lake.settings.data), name],
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in ("p", "q")
    }
    expected = {(1, "a"), (2, "b")}
    for name, process in writers.items():
        output, _ = process.communicate(timeout=240)
        assert process.returncode == 0
        said = [line.split() for line in output.splitlines()]
        gone = {int(number) for kind, number in said if kind == "gone"}
        expected |= {(int(n), name) for kind, n in said if kind == "added" and int(n) not in gone}
    assert set(rows(lake)) == expected
    assert len(rows(lake)) == len(expected)
