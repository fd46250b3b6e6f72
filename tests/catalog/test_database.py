import subprocess
import sys
import threading
from pathlib import Path

import pytest

from lakelet.database import Database, kept_once_there_is_room
from lakelet.errors import LakeError, NoRoom

COUNTER = "CREATE TABLE counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL);"


def test_a_transaction_that_raises_leaves_nothing(tmp_path: Path) -> None:
    database = Database(tmp_path / "lake.db", [COUNTER])

    def fail() -> None:
        with database.transaction() as transaction:
            transaction.execute("INSERT INTO counter VALUES ('a', 1)")
            raise KeyError("halfway")

    with pytest.raises(KeyError):
        fail()
    assert database.query("SELECT * FROM counter") == []
    database.close()


def test_a_nested_transaction_belongs_to_the_outer_one(database: Database) -> None:
    def fail() -> None:
        with database.transaction():
            with database.transaction() as inner:
                inner.execute("CREATE TABLE inside (a)")
            raise KeyError("after the inner one")

    with pytest.raises(KeyError):
        fail()
    assert database.query("SELECT name FROM sqlite_master WHERE name = 'inside'") == []


def test_a_stream_inside_a_transaction_sees_its_work(tmp_path: Path) -> None:
    database = Database(tmp_path / "lake.db", [COUNTER])
    with database.transaction() as transaction:
        transaction.execute("INSERT INTO counter VALUES ('a', 1)")
        assert list(database.stream("SELECT value FROM counter")) == [(1,)]
    database.close()


def test_what_a_transaction_has_not_kept_is_seen_by_its_thread_alone(tmp_path: Path) -> None:
    database = Database(tmp_path / "lake.db", [COUNTER])
    seen: list[object] = []

    def look() -> None:
        seen.extend(database.query("SELECT value FROM counter"))

    with database.transaction() as transaction:
        transaction.execute("INSERT INTO counter VALUES ('a', 1)")
        assert database.query("SELECT value FROM counter") == [(1,)]
        other = threading.Thread(target=look)
        other.start()
        other.join()
    assert seen == []
    look()
    assert seen == [(1,)]
    database.close()


def test_a_database_that_is_closed_says_so(tmp_path: Path) -> None:
    database = Database(tmp_path / "lake.db", [COUNTER])
    reading = database.stream("SELECT * FROM counter")
    database.close()
    with pytest.raises(LakeError, match=r"lake\.db is closed"):
        next(reading)
    with pytest.raises(LakeError, match="closed"):
        database.query("SELECT * FROM counter")


def test_a_stream_outside_does_not_see_what_is_written_meanwhile(tmp_path: Path) -> None:
    database = Database(tmp_path / "lake.db", [COUNTER])
    with database.transaction() as transaction:
        rows = [(f"n{number:04d}", number) for number in range(3000)]
        transaction.executemany("INSERT INTO counter VALUES (?, ?)", rows)
    reading = database.stream("SELECT name FROM counter ORDER BY name")
    first = next(reading)
    with database.transaction() as transaction:
        transaction.execute("DELETE FROM counter")
    assert [first, *reading] == [(name,) for name, _ in rows]
    database.close()


def test_many_threads_write_without_losing_or_locking(database: Database) -> None:
    with database.transaction() as transaction:
        transaction.execute(COUNTER)
        transaction.execute("INSERT INTO counter VALUES ('n', 0)")

    def add() -> None:
        for _ in range(25):
            with database.transaction() as transaction:
                [value] = transaction.execute("SELECT value FROM counter").fetchone()
                transaction.execute("UPDATE counter SET value = ?", (value + 1,))

    threads = [threading.Thread(target=add) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert database.query("SELECT value FROM counter") == [(400,)]


def test_connections_of_threads_that_ended_are_closed(tmp_path: Path) -> None:
    database = Database(tmp_path / "lake.db", [COUNTER])
    for _ in range(30):
        thread = threading.Thread(target=database.query, args=("SELECT * FROM counter",))
        thread.start()
        thread.join()
    open_files = [
        link for link in Path("/proc/self/fd").iterdir() if str(tmp_path) in str(link.resolve())
    ]
    assert len(open_files) < 12
    database.close()


def test_what_was_committed_is_there_after_kill_9(tmp_path: Path) -> None:
    program = f"""
import os
from pathlib import Path
from lakelet.database import Database
database = Database(Path({str(tmp_path)!r}) / "lake.db", [{COUNTER!r}])
with database.transaction() as transaction:
    transaction.execute("INSERT INTO counter VALUES ('kept', 1)")
with database.transaction() as transaction:
    transaction.execute("INSERT INTO counter VALUES ('halfway', 1)")
    os.kill(os.getpid(), 9)
"""
    subprocess.run([sys.executable, "-c", program], check=False)
    database = Database(tmp_path / "lake.db", [COUNTER])
    assert database.query("SELECT name FROM counter") == [("kept",)]
    database.close()


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "lake.db"
    path.write_bytes(b"not a database" * 1000)
    with pytest.raises(LakeError, match="can't be used as a lake's database"):
        Database(path, [COUNTER])


def test_a_folder_in_the_place_of_the_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "lake.db").mkdir()
    with pytest.raises(LakeError, match="can't be used as a lake's database"):
        Database(tmp_path / "lake.db", [COUNTER])


def test_a_file_of_another_version_is_refused(tmp_path: Path) -> None:
    Database(tmp_path / "lake.db", [COUNTER, "CREATE TABLE later (a);"]).close()
    with pytest.raises(LakeError, match="made by another version of lakelet"):
        Database(tmp_path / "lake.db", [COUNTER])


def test_a_file_gets_the_schemas_that_it_lacks(tmp_path: Path) -> None:
    Database(tmp_path / "lake.db", [COUNTER]).close()
    database = Database(tmp_path / "lake.db", [COUNTER, "CREATE TABLE later (a);"])
    assert database.query("SELECT * FROM later") == []
    database.close()


def test_sql_that_sqlite_refuses_is_an_error_of_the_lake(database: Database) -> None:
    with pytest.raises(LakeError, match="no such table: nowhere"):
        database.query("SELECT * FROM nowhere")


NAMED = "CREATE TABLE counter (name TEXT PRIMARY KEY, count INTEGER NOT NULL, unit TEXT);"
RENAME = "ALTER TABLE counter RENAME COLUMN value TO count;"
ADD = "ALTER TABLE counter ADD COLUMN unit TEXT; UPDATE counter SET unit = 'a;b';"


def of_before(path: Path) -> None:
    database = Database(path, [COUNTER])
    with database.transaction() as transaction:
        transaction.execute("INSERT INTO counter VALUES ('a', 1)")
    database.close()


def test_an_older_file_is_migrated_once(tmp_path: Path) -> None:
    path = tmp_path / "lake.db"
    of_before(path)
    for _ in range(2):
        database = Database(path, [NAMED, "CREATE TABLE other (a);"], [RENAME, ADD])
        assert database.query("SELECT name, count, unit FROM counter") == [("a", 1, "a;b")]
        assert database.query("SELECT * FROM other") == []
        assert database.query("PRAGMA user_version") == [(2,)]
        database.close()


def test_a_new_file_needs_no_migration(tmp_path: Path) -> None:
    database = Database(tmp_path / "lake.db", [NAMED], [RENAME, ADD])
    assert database.query("SELECT * FROM counter") == []
    assert database.query("PRAGMA user_version") == [(2,)]
    database.close()


def test_a_migration_that_fails_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "lake.db"
    of_before(path)
    with pytest.raises(LakeError, match="no such table: lost"):
        Database(path, [NAMED], [RENAME, "UPDATE lost SET a = 1;"])
    database = Database(path, [COUNTER])
    assert database.query("SELECT value FROM counter") == [(1,)]
    database.close()


def test_a_file_of_a_newer_lakelet_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "lake.db"
    Database(path, [NAMED], [RENAME, ADD]).close()
    with pytest.raises(LakeError, match="was made by a newer lakelet"):
        Database(path, [NAMED], [RENAME])


def test_what_must_be_kept_waits_for_room_as_long_as_the_lake_is_open() -> None:
    tried: list[int] = []

    def keep() -> None:
        tried.append(len(tried))
        if len(tried) < 3:
            raise NoRoom("full")

    closing = threading.Event()
    kept_once_there_is_room(keep, closing)
    assert tried == [0, 1, 2]

    tried.clear()
    closing.set()
    kept_once_there_is_room(keep, closing)
    assert tried == [0]
