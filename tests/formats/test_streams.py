"""Arrow batches made in Python, scanned by DuckDB."""

import subprocess
import sys
from collections.abc import Iterator, Sequence

import pyarrow
import pytest

from lakelet.engines.duckdb import DuckDb
from lakelet.errors import TrinoError
from lakelet.formats.streams import stream

SCHEMA = pyarrow.schema([("number", pyarrow.int64()), ("name", pyarrow.string())])


@pytest.fixture
def duckdb() -> Iterator[DuckDb]:
    made = DuckDb()
    yield made
    made.close()


class Numbers:
    """A hundred batches of a thousand rows (or more), and how many of them were asked for."""

    def __init__(self, batches: int = 100) -> None:
        self.asked: list[tuple[str, ...]] = []
        self.limit = batches
        self.made = 0

    def batches(self, names: Sequence[str]) -> Iterator[pyarrow.RecordBatch]:
        self.asked.append(tuple(names))
        for first in range(0, self.limit * 1000, 1000):
            self.made += 1
            numbers = pyarrow.array(range(first, first + 1000), pyarrow.int64())
            whole = {"number": numbers, "name": numbers.cast(pyarrow.string())}
            yield pyarrow.record_batch([whole[name] for name in names], names=list(names))


def test_only_the_columns_that_a_query_needs_are_asked_for(duckdb: DuckDb) -> None:
    numbers = Numbers()
    tables = {"t": stream(SCHEMA, numbers.batches)}
    found = duckdb.execute("SELECT sum(number) s FROM t WHERE number >= 99998", tables)
    assert found.read_all().column(0).to_pylist() == [99998 + 99999]
    assert numbers.asked == [("number",)]


def test_each_mention_is_a_scan_of_its_own(duckdb: DuckDb) -> None:
    numbers = Numbers()
    text = "SELECT count(*) n FROM t a JOIN t b ON a.number = b.number AND a.name = b.name"
    found = duckdb.execute(text, {"t": stream(SCHEMA, numbers.batches)})
    assert found.read_all().column(0).to_pylist() == [100_000]
    assert len(numbers.asked) == 2


def test_a_query_that_needs_few_rows_makes_few_batches(duckdb: DuckDb) -> None:
    numbers = Numbers(batches=20_000)
    found = duckdb.execute("SELECT * FROM t LIMIT 5", {"t": stream(SCHEMA, numbers.batches)})
    assert found.read_all().num_rows == 5
    assert numbers.made <= 20  # DuckDB's other threads have read on, but not Arrow's


ENDINGS = {
    "answered": "duckdb.execute('SELECT * FROM t LIMIT 5', tables).read_all()",
    "half read": "reader = duckdb.execute('SELECT * FROM t WHERE number >= 0', tables)\n"
    "reader.read_next_batch()",
    "half read, session closed": "session = duckdb.session()\n"
    "reader = session.execute('SELECT * FROM t', tables)\nreader.read_next_batch()\n"
    "session.close()",
    "in another thread": "import threading, time\n"
    "def run(): duckdb.execute('SELECT sum(number) FROM t', tables).read_all()\n"
    "threading.excepthook = print\n"
    "threading.Thread(target=run, daemon=True).start()\n"
    "while numbers.made < 5: time.sleep(0.01)",
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_program_may_end_while_a_query_is_at_work(ending: str) -> None:
    # A thread that wants Python while the interpreter goes aborts the process, or waits for ever.
    program = (
        "from lakelet.engines.duckdb import DuckDb\n"
        "from lakelet.formats.streams import stream\n"
        "from tests.formats.test_streams import SCHEMA, Numbers\n"
        "numbers = Numbers(batches=20_000)\n"
        "tables = {'t': stream(SCHEMA, numbers.batches)}\n"
        f"duckdb = DuckDb()\n{ENDINGS[ending]}\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=False
    )
    assert (ran.returncode, ran.stderr) == (0, "")


def test_an_error_of_the_function_is_the_query_s(duckdb: DuckDb) -> None:
    def batches(names: Sequence[str]) -> Iterator[pyarrow.RecordBatch]:
        yield from Numbers().batches(names)
        raise TrinoError("HIVE_BAD_DATA", "Error reading: it's broken. At: 5")

    tables = {"t": stream(SCHEMA, batches)}
    with pytest.raises(TrinoError, match=r"Error reading: it's broken\. At: 5$") as caught:
        duckdb.execute("SELECT max(name) FROM t", tables).read_all()
    assert caught.value.name == "HIVE_BAD_DATA"
    with pytest.raises(TrinoError, match=r"Error reading: it's broken\. At: 5$"):
        duckdb.execute("SELECT * FROM t", tables).read_all()


def test_tables_are_let_go_of_when_the_answer_has_been_read(duckdb: DuckDb) -> None:
    with duckdb.session() as session:
        tables = {"t": stream(SCHEMA, Numbers().batches)}
        session.execute("SELECT number FROM t", tables).read_all()
        with pytest.raises(TrinoError, match="t does not exist"):
            session.execute("SELECT number FROM t")


def test_control_c_in_a_stream_is_no_failure_of_the_query(duckdb: DuckDb) -> None:
    def batches(names: Sequence[str]) -> Iterator[pyarrow.RecordBatch]:
        yield from Numbers(3).batches(names)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        duckdb.execute("SELECT sum(number) s FROM t", {"t": stream(SCHEMA, batches)}).read_all()
