"""Data of the benchmarks: generated once for each version of DuckDB, kept in `benchmarks/.work`."""

import importlib.util
import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

WORK = Path(__file__).parent / ".work"
HIVE = {"BIGINT": "bigint", "INTEGER": "int", "VARCHAR": "string", "DATE": "date"}
"""Hive's types of DuckDB's; others have the same name."""


@dataclass(frozen=True, slots=True)
class Suite:
    """Tables as folders of Parquet files, or of CSV without quotes and heads, their columns with
    Hive's types, and queries by name."""

    folder: Path
    tables: dict[str, list[tuple[str, str]]]
    queries: dict[str, str]
    csv: bool = False


def generated(name: str, scale: float = 1) -> Suite:
    """tpch or tpcds of a scale factor by DuckDB's generator, with DuckDB's own queries."""
    folder = WORK / f"{name}-{scale:g}-{duckdb.__version__}"
    if not (folder / "suite.json").exists():
        _generate(name, scale, folder)
    known = json.loads((folder / "suite.json").read_text())
    tables = {t: [(c, of) for c, of in columns] for t, columns in known["tables"].items()}
    return Suite(folder, tables, known["queries"])


def _generate(name: str, scale: float, folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    with duckdb.connect() as database:
        database.load_extension(str(extension(name)))
        database.execute(f"CALL {'dbgen' if name == 'tpch' else 'dsdgen'}(sf={scale})")
        tables = dict(_tables(database))
        for table in tables:
            (folder / table).mkdir(parents=True)
            file = folder / table / "part-0.parquet"
            database.execute(f"COPY {table} TO '{file}' (FORMAT parquet, COMPRESSION snappy)")
        texts = database.execute(f"FROM {name}_queries()").fetchall()
    queries = {f"q{number}": text.strip().rstrip(";") for number, text in texts}
    (folder / "suite.json").write_text(json.dumps({"tables": tables, "queries": queries}))


def extension(name: str) -> Path:
    """The file of an extension that a package of its own brings."""
    package = importlib.util.find_spec(f"duckdb_extension_{name}")
    assert package is not None
    assert package.origin is not None
    return next(Path(package.origin).parent.glob(f"extensions/*/{name}.duckdb_extension"))


def _tables(database: duckdb.DuckDBPyConnection) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    for (table,) in database.execute("SELECT table_name FROM duckdb_tables()").fetchall():
        columns = database.execute(f"DESCRIBE {table}").fetchall()
        yield table, [(each[0], HIVE.get(each[1], each[1].lower())) for each in columns]


def made(name: str, table: str, query: str) -> Suite:
    """A table that a query of DuckDB's makes."""
    folder = WORK / f"{name}-{duckdb.__version__}"
    file = folder / table / "part-0.parquet"
    with duckdb.connect() as database:
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            part = file.with_suffix(".new")
            database.execute(f"COPY ({query}) TO '{part}' (FORMAT parquet)")
            part.rename(file)
        columns = database.execute(f"DESCRIBE FROM read_parquet('{file}')").fetchall()
    return Suite(folder, {table: [(c[0], HIVE.get(c[1], c[1].lower())) for c in columns]}, {})
