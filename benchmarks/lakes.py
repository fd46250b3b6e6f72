"""Lakes that hold a suite's tables, in this process or behind a server, and plain DuckDB."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import boto3
import duckdb
from botocore.config import Config

import lakelet
from benchmarks.data import WORK, Suite
from lakelet.config import Dialect
from lakelet.engines.local import Run
from lakelet.model import Session

BUCKET = "bench"
DATABASE = "bench"
_PLACES, _FILES = 8, 50
_CSV = "ROW FORMAT DELIMITED FIELDS TERMINATED BY ','"
_CSV_OPTIONS = r"auto_detect = false, header = false, delim = ',', quote = '', nullstr = '\N'"
_SERVER = """\
import sys
from pathlib import Path
from lakelet.cli import WithoutPandas
sys.meta_path.insert(0, WithoutPandas())  # as in `lakelet up`
from lakelet.config import Settings
from lakelet.lake import Lake
from lakelet.server.serving import serve
with Lake(Settings(data=Path(sys.argv[1]), port=0, dialect=sys.argv[2])) as lake:
    serve(lake, "0", lambda address: print(address, flush=True))
"""


@contextmanager
def quick_folder() -> Iterator[Path]:
    """A folder for a lake, of several the one in which making a file is quickest.

    ext4 without a journal passes over what was deleted in the last minute: where others have
    removed much, making a file takes half a millisecond instead of 20 µs, and that is not what is
    measured.
    """
    WORK.mkdir(exist_ok=True)
    with ExitStack() as stack:
        places = [
            Path(stack.enter_context(tempfile.TemporaryDirectory(dir=parent)))
            for parent in (WORK, None) * _PLACES
        ]
        folder = min(places, key=_seconds_to_make_files) / "lake"
        folder.mkdir()
        yield folder


def _seconds_to_make_files(folder: Path) -> float:
    started = time.perf_counter()
    for number in range(_FILES):
        (folder / f"trial-{number}").touch()
    return time.perf_counter() - started


@contextmanager
def holding(
    suite: Suite, dialect: Dialect = "trino", threads: int | None = None
) -> Iterator[lakelet.Lake]:
    """A lake over hard links to a suite's files."""
    with (
        tempfile.TemporaryDirectory(dir=suite.folder.parent) as folder,
        lakelet.Lake(lakelet.Settings(data=Path(folder), dialect=dialect, threads=threads)) as lake,
    ):
        lake.storage.create_bucket(BUCKET)
        objects = Path(folder) / "objects" / BUCKET
        cursor = lakelet.connect(lake, database=DATABASE).cursor()
        cursor.execute(f"CREATE DATABASE {DATABASE}")
        for table, columns in suite.tables.items():
            shutil.copytree(suite.folder / table, objects / table, copy_function=os.link)
            declared = ", ".join(f"`{column}` {of}" for column, of in columns)
            cursor.execute(
                f"CREATE EXTERNAL TABLE {table} ({declared})"
                f" {_CSV if suite.csv else 'STORED AS PARQUET'} LOCATION 's3://{BUCKET}/{table}/'"
            )
        yield lake


def ask(lake: lakelet.Lake, text: str) -> Any:
    """A query through the engine; its rows as an Arrow table."""
    run = lake.engine.prepare(text, Session(database=DATABASE, dialect=lake.settings.dialect))
    try:
        answer: Any = run.execute()
        return answer.batches().read_all()
    finally:
        run.close()


@contextmanager
def plain(suite: Suite) -> Iterator[duckdb.DuckDBPyConnection]:
    """DuckDB with a view over each table's files."""
    with duckdb.connect() as database:
        for table, columns in suite.tables.items():
            files = f"'{suite.folder / table}/*.{'csv' if suite.csv else 'parquet'}'"
            read = f"read_parquet({files})"
            if suite.csv:
                types = {name: {"string": "VARCHAR"}.get(of, of) for name, of in columns}
                read = f"read_csv({files}, {_CSV_OPTIONS}, columns = {types})"
            database.execute(f"CREATE VIEW {table} AS FROM {read}")
        yield database


@contextmanager
def served(folder: Path, dialect: Dialect = "trino") -> Iterator[str]:
    """The address of a server of its own process over a lake's folder."""
    command = [sys.executable, "-c", _SERVER, str(folder), dialect]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            yield server.stdout.readline().strip()
        finally:
            server.terminate()


def client(service: str, address: str) -> Any:
    """A boto3 client that asks once and says what went wrong."""
    return boto3.client(
        service,
        endpoint_url=address,
        region_name="us-east-1",
        aws_access_key_id="lakelet",
        aws_secret_access_key="lakelet",
        config=Config(retries={"total_max_attempts": 1}),
    )


def through(athena: Any, text: str, database: str = DATABASE) -> list[Any]:
    """A query from start to its first page of rows, as a program of AWS's does it."""
    started = athena.start_query_execution(
        QueryString=text,
        QueryExecutionContext={"Database": database},
        ResultConfiguration={"OutputLocation": f"s3://{BUCKET}/out/"},
    )
    identifier = started["QueryExecutionId"]
    while True:
        status = athena.get_query_execution(QueryExecutionId=identifier)["QueryExecution"]["Status"]
        if status["State"] == "SUCCEEDED":
            break
        if status["State"] == "FAILED":
            raise RuntimeError(status["StateChangeReason"])
        time.sleep(0.0005)
    found: list[Any] = athena.get_query_results(QueryExecutionId=identifier)["ResultSet"]["Rows"]
    return found


class Engine:
    """The side of lakelet's engine: queries by name, all their rows brought as Arrow."""

    def __init__(self, lake: lakelet.Lake, queries: Mapping[str, str]) -> None:
        self._lake = lake
        self._queries = queries
        self._run: Run | None = None

    def run(self, name: str) -> int:
        """Raises TrinoError."""
        dialect = self._lake.settings.dialect
        run = self._lake.engine.prepare(
            self._queries[name], Session(database=DATABASE, dialect=dialect)
        )
        self._run = run
        try:
            answer: Any = run.execute()
            rows: int = answer.batches().read_all().num_rows
            return rows
        finally:
            self._run = None
            run.close()

    def interrupt(self) -> None:
        if self._run is not None:
            self._run.interrupt()


class Plain:
    """The side of plain DuckDB: queries by name in its own dialect."""

    def __init__(self, database: duckdb.DuckDBPyConnection, queries: Mapping[str, str]) -> None:
        self._database = database
        self._queries = queries

    def run(self, name: str) -> int:
        """Raises duckdb.Error."""
        rows: int = self._database.execute(self._queries[name]).to_arrow_table().num_rows
        return rows

    def interrupt(self) -> None:
        self._database.interrupt()


class Wire:
    """The side of a program of AWS's: queries by name, from their start to the first page."""

    def __init__(self, athena: Any, queries: Mapping[str, str], database: str = DATABASE) -> None:
        self._athena = athena
        self._queries = queries
        self._database = database

    def run(self, name: str) -> None:
        """Raises RuntimeError with the query's reason."""
        through(self._athena, self._queries[name], self._database)

    def interrupt(self) -> None:
        """Nothing: a server that is too slow answers in its own time."""
