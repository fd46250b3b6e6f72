"""A change of an Iceberg table that its process does not survive, or its disk does not hold, has
not been; what was acknowledged stays."""

import os
import random
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

import lakelet
from tests.killing import killed

pytestmark = pytest.mark.slow

KILLED = """\
import sys, time
from pathlib import Path
import lakelet
from lakelet.storage import files, local
lake = lakelet.Lake(lakelet.Settings(data=Path(sys.argv[1])))
left = int(sys.argv[2])
def slowly(work):
    def done(*given, **more):
        global left
        found = work(*given, **more)
        left -= 1
        if not left:
            print("now", flush=True)
            time.sleep(60)
        return found
    return done
if sys.argv[3].startswith("VACUUM"):
    local.LocalStorage.remove = slowly(local.LocalStorage.remove)
else:
    files.put_in_place = slowly(files.put_in_place)
lake.engine.prepare(sys.argv[3], lake.session()).execute()
"""
LIMITED = """\
import resource, signal, sys
from pathlib import Path
import lakelet
from lakelet.errors import LakeletError
lake = lakelet.Lake(lakelet.Settings(data=Path(sys.argv[1])))
lake.engine.prepare("SELECT * FROM t", lake.session()).execute()
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
limit = int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
try:
    lake.engine.prepare(sys.argv[3], lake.session()).execute()
except LakeletError as error:
    print(getattr(error, "name", type(error).__name__), error)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
lake.close()
"""
MANY = (
    "SELECT CAST(x AS integer) AS id, to_hex(md5(to_utf8(CAST(x AS varchar)))) AS s"
    " FROM UNNEST(sequence(1, 9999)) t(x) CROSS JOIN UNNEST(sequence(1, 5))"
)
STATEMENTS = {
    "INSERT": "INSERT INTO t VALUES (9, 'x')",
    "DELETE": "DELETE FROM t WHERE id = 1",
    "DELETE all": "DELETE FROM t",
    "UPDATE": "UPDATE t SET s = 'x' WHERE id > 1",
    "MERGE": "MERGE INTO t USING (VALUES 1, 7) u (k) ON t.id = u.k WHEN MATCHED THEN DELETE"
    " WHEN NOT MATCHED THEN INSERT (id) VALUES (u.k)",
    "OPTIMIZE": "OPTIMIZE t REWRITE DATA USING BIN_PACK",
    "ALTER": "ALTER TABLE t ADD COLUMNS (n int)",
    "CTAS": "CREATE TABLE new WITH (table_type = 'ICEBERG', is_external = false,"
    " location = 's3://lake/new/') AS SELECT * FROM t",
}
FILES = {"DELETE all": 3, "ALTER": 1, "UPDATE": 6, "MERGE": 6}
"""Objects that a statement makes, four but for these."""


def _run(lake: lakelet.Lake, text: str) -> None:
    statement = lake.engine.prepare(text, lake.session())
    statement.execute()
    statement.close()


def _rows(lake: lakelet.Lake) -> list[tuple[Any, ...]]:
    with lakelet.connect(lake) as connection:
        return connection.cursor().execute("SELECT * FROM t ORDER BY 1, 2").fetchall()


def _objects(lake: lakelet.Lake) -> list[str]:
    return [info.key for info in lake.storage.list("lake")]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with lakelet.Lake(lakelet.Settings(data=tmp_path / "lake")) as lake:
        lake.storage.create_bucket("lake")
        _run(
            lake,
            "CREATE TABLE t (id int, s string) LOCATION 's3://lake/t/' TBLPROPERTIES"
            " ('table_type' = 'ICEBERG', 'vacuum_max_snapshot_age_seconds' = '0')",
        )
        _run(lake, "INSERT INTO t VALUES (1, 'a'), (2, 'b')")
        _run(lake, "INSERT INTO t VALUES (3, 'c')")
    return tmp_path / "lake"


@pytest.mark.parametrize("last", [False, True], ids=["first file", "last file"])
@pytest.mark.parametrize("kind", STATEMENTS)
def test_a_killed_statement_leaves_what_stood(folder: Path, kind: str, last: bool) -> None:
    with lakelet.Lake(lakelet.Settings(data=folder)) as lake:
        rows, objects = _rows(lake), _objects(lake)
    killed(KILLED, folder, FILES.get(kind, 4) if last else 1, STATEMENTS[kind])
    with lakelet.Lake(lakelet.Settings(data=folder)) as lake:
        assert _objects(lake) == objects
        assert _rows(lake) == rows
        assert lake.catalog.table("default", "new") is None
        _run(lake, STATEMENTS[kind])


@pytest.mark.parametrize("moment", [1, 3])
def test_what_a_killed_vacuum_leaves_the_next_takes(folder: Path, moment: int) -> None:
    with lakelet.Lake(lakelet.Settings(data=folder)) as lake:
        _run(lake, "DELETE FROM t WHERE id = 2")
        _run(lake, STATEMENTS["OPTIMIZE"])
        rows = _rows(lake)
    killed(KILLED, folder, moment, "VACUUM t")
    with lakelet.Lake(lakelet.Settings(data=folder)) as lake:
        assert _rows(lake) == rows
        _run(lake, "VACUUM t")
        assert _rows(lake) == rows
        kinds = [re.sub(r".*(data/|snap|-m0|metadata\.json).*", r"\1", k) for k in _objects(lake)]
        assert sorted(set(kinds)) == ["-m0", "data/", "metadata.json", "snap"]
        assert (kinds.count("data/"), kinds.count("snap")) == (1, 1)


WRITER = """\
import sys
from pathlib import Path
import lakelet
lake = lakelet.Lake(lakelet.Settings(data=Path(sys.argv[1])))
for number in range(int(sys.argv[2]), 1_000_000):
    for kind, text in (
        ("added", f"INSERT INTO t VALUES ({number}, 'x')"),
        ("changed", f"UPDATE t SET s = 'y' WHERE id = {number}"),
        ("optimized", "OPTIMIZE t REWRITE DATA USING BIN_PACK"),
        ("gone", f"DELETE FROM t WHERE id = {number} - 2"),
        ("vacuumed", "VACUUM t"),
    ):
        statement = lake.engine.prepare(text, lake.session())
        statement.execute()
        statement.close()
        print(kind, number, flush=True)
"""


def test_a_writer_killed_at_any_moment_keeps_what_it_said(folder: Path) -> None:
    chance, start = random.Random(5), 100
    for _ in range(6):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, folder, str(start)], stdout=subprocess.PIPE, text=True
        )
        assert writer.stdout is not None
        first = writer.stdout.readline()
        time.sleep(chance.uniform(0.05, 1.5))
        os.kill(writer.pid, signal.SIGKILL)
        said = [first, *(line for line in writer.stdout if line.endswith("\n"))]
        writer.wait()
        writer.stdout.close()
        done = [(kind, int(number)) for kind, number in map(str.split, said)]
        kind, last = done[-1]
        with lakelet.Lake(lakelet.Settings(data=folder)) as lake:
            found = {id: s for id, s in _rows(lake) if id >= start}
            for number in range(start, last + 1):
                gone = ("gone", number + 2) in done
                pending = (kind, last) == ("optimized", number + 2)
                assert (number in found) != gone or pending
                if number in found and ("changed", number) in done:
                    assert found[number] == "y"
            assert len([*lake.storage.scratch.parent.iterdir()]) == 1
        start += 1_000


@pytest.mark.parametrize("form", ["parquet", "orc", "avro"])
def test_a_disk_that_is_full_fails_a_ctas(folder: Path, form: str) -> None:
    text = STATEMENTS["CTAS"].replace("SELECT * FROM t", MANY)
    text = text.replace("is_external", f"format = '{form}', is_external")
    assert _limited(folder, 100_000, text) == "ICEBERG_WRITER_DATA_ERROR"


@pytest.mark.parametrize("kind", [each for each in STATEMENTS if each != "ALTER"])
def test_a_disk_that_is_full_fails_a_commit(folder: Path, kind: str) -> None:
    """Data files fit, manifests do not."""
    assert _limited(folder, 2_500, STATEMENTS[kind]).startswith("ICEBERG_")


def test_a_disk_that_is_full_fails_rows_of_any_change(folder: Path) -> None:
    for text in (
        f"INSERT INTO t {MANY}",
        f"MERGE INTO t USING ({MANY}) u ON t.id = u.id AND false"
        " WHEN NOT MATCHED THEN INSERT VALUES (u.id, u.s)",
    ):
        assert _limited(folder, 100_000, text) == "ICEBERG_WRITER_DATA_ERROR"


def _limited(folder: Path, limit: int, statement: str) -> str:
    """How a statement fails in a process whose files may not grow as large as it would."""
    with lakelet.Lake(lakelet.Settings(data=folder)) as lake:
        rows, objects = _rows(lake), _objects(lake)
    command = [sys.executable, "-c", LIMITED, str(folder), str(limit), statement]
    done = subprocess.run(command, capture_output=True, check=False, text=True)
    assert done.stdout, done.stderr
    with lakelet.Lake(lakelet.Settings(data=folder)) as lake:
        assert _rows(lake) == rows
        assert _objects(lake) == objects
        assert lake.catalog.table("default", "new") is None
    return done.stdout.split()[0]
