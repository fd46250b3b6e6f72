"""A write that its process does not survive, or its disk does not hold, has not been."""

import subprocess
import sys
from pathlib import Path

import pytest

import lakelet
from tests.killing import killed

pytestmark = pytest.mark.slow

WRITER = """\
import sys, time
from pathlib import Path
import lakelet
from lakelet.storage import files
lake = lakelet.Lake(lakelet.Settings(data=Path(sys.argv[1])))
put_in_place = files.put_in_place
count = 0
def slowly(*given, **more):
    global count
    count += 1
    put_in_place(*given, **more)
    if count == int(sys.argv[2]):
        print("now", flush=True)
        time.sleep(60)
files.put_in_place = slowly
lake.engine.prepare(sys.argv[3], lake.session()).execute()
"""
LIMITED = """\
import resource, sys
from pathlib import Path
import lakelet
from lakelet.errors import TrinoError
lake = lakelet.Lake(lakelet.Settings(data=Path(sys.argv[1])))
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
try:
    lake.engine.prepare(sys.argv[2], lake.session()).execute()
except TrinoError as error:
    print(error.name, error)
import gc
gc.collect()
print("goes on")
"""
CTAS = (
    "CREATE TABLE t WITH (external_location = 's3://data/t/', partitioned_by = ARRAY['p'], {}) AS"
    " SELECT x, md5(to_utf8(cast(x as varchar))) h, x % 20 p FROM UNNEST(sequence(1, 9999)) t(x)"
    " CROSS JOIN UNNEST(sequence(1, 30))"
)
UNLOAD = (
    "UNLOAD (SELECT x, md5(to_utf8(cast(x as varchar))) h, x % 20 p"
    " FROM UNNEST(sequence(1, 9999)) t(x) CROSS JOIN UNNEST(sequence(1, 30)))"
    " TO 's3://data/u/' WITH (partitioned_by = ARRAY['p'], {})"
)
UNLOADED = ("PARQUET", "ORC", "AVRO", "JSON", "TEXTFILE")
FORMS = (*UNLOADED, "ION")
INSERT = "INSERT INTO t SELECT x, x % 20 p FROM UNNEST(sequence(1, 100)) t(x)"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with lakelet.Lake(lakelet.Settings(data=tmp_path / "lake")) as lake:
        lake.storage.create_bucket("data")
    return tmp_path / "lake"


def _objects(lake: lakelet.Lake) -> list[str]:
    return [info.key for info in lake.storage.list("data")]


@pytest.mark.parametrize("moment", [1, 10, 20])
def test_a_killed_ctas_leaves_no_file_and_no_table(folder: Path, moment: int) -> None:
    killed(WRITER, folder, moment, CTAS.format("format = 'PARQUET'"))
    with lakelet.Lake(lakelet.Settings(data=folder)) as lake:
        assert _objects(lake) == []
        assert lake.catalog.table("default", "t") is None


@pytest.mark.parametrize("form", FORMS)
def test_a_killed_ctas_of_any_format_leaves_nothing(folder: Path, form: str) -> None:
    killed(WRITER, folder, 10, CTAS.format(f"format = '{form}'").replace("1, 30", "1, 1"))
    with lakelet.Lake(lakelet.Settings(data=folder)) as lake:
        assert _objects(lake) == []
        assert lake.catalog.table("default", "t") is None


@pytest.mark.parametrize("form", UNLOADED)
def test_a_killed_unload_leaves_no_file(folder: Path, form: str) -> None:
    killed(WRITER, folder, 10, UNLOAD.format(f"format = '{form}'"))
    with lakelet.Lake(lakelet.Settings(data=folder)) as lake:
        assert _objects(lake) == []


@pytest.mark.parametrize("moment", [1, 20])
def test_a_killed_insert_leaves_what_stood(folder: Path, moment: int) -> None:
    with lakelet.Lake(lakelet.Settings(data=folder)) as lake:
        text = "CREATE TABLE t WITH (external_location = 's3://data/t/',"
        text += " partitioned_by = ARRAY['p']) AS SELECT 1 x, 100 p"
        lake.engine.prepare(text, lake.session()).execute()
        standing = _objects(lake)
    killed(WRITER, folder, moment, INSERT)
    with lakelet.Lake(lakelet.Settings(data=folder)) as lake:
        table = lake.catalog.table("default", "t")
        assert table is not None
        assert _objects(lake) == standing
        assert len(lake.catalog.partitions(table)) == 1


@pytest.mark.parametrize("form", FORMS)
def test_a_disk_that_is_full_fails_the_statement(folder: Path, form: str) -> None:
    _filled(folder, CTAS.replace("x % 20 p", "0 p").format(f"format = '{form}'"))


@pytest.mark.parametrize("form", UNLOADED)
def test_a_disk_that_is_full_fails_an_unload(folder: Path, form: str) -> None:
    _filled(folder, UNLOAD.replace("x % 20 p", "0 p").format(f"format = '{form}'"))


ASKING = """\
import resource, sys
from pathlib import Path
import lakelet
from lakelet.queries.model import Request
lake = lakelet.Lake(lakelet.Settings(data=Path(sys.argv[1])))
request = Request(sys.argv[2], None, None, "s3://data/out/")
lake.queries.wait(lake.queries.start(Request("SELECT 1", None, None, "s3://data/out/")))
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
query = lake.queries.wait(lake.queries.start(request))
print(query.state, query.error_name)
lake.close()
"""


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT x, md5(to_utf8(CAST(x AS varchar))) FROM UNNEST(sequence(1, 9999)) t(x)",
        "SELECT array_join(repeat(rpad('', 99, 'x'), 9999), '') || '' AS x",
    ],
)
def test_a_disk_that_is_full_fails_a_query_s_result(folder: Path, statement: str) -> None:
    command = [sys.executable, "-c", ASKING, str(folder), statement]
    done = subprocess.run(command, capture_output=True, check=False, text=True)
    assert done.stdout == "FAILED GENERIC_INSUFFICIENT_RESOURCES\n", done.stderr
    with lakelet.Lake(lakelet.Settings(data=folder)) as lake:
        assert len([key for key in _objects(lake) if "out/" in str(key)]) == 2, "of the first query"


def _filled(folder: Path, statement: str) -> None:
    """Runs a statement in a process whose files may not grow as large as it would have them."""
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, folder, statement], capture_output=True, check=False
    )
    assert done.stdout.startswith(b"HIVE_WRITER_DATA_ERROR"), done.stderr
    assert done.stdout.endswith(b"goes on\n"), done.stderr
    with lakelet.Lake(lakelet.Settings(data=folder)) as lake:
        assert _objects(lake) == []
        assert lake.catalog.table("default", "t") is None
        assert [*lake.storage.scratch.glob("write-*")] == []
