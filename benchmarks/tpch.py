"""TPC-H of scale factor 1 beside DuckDB's own queries over the same Parquet files."""

from pathlib import Path

from benchmarks import lakes
from benchmarks.data import Suite, generated
from benchmarks.report import Measurement, against, paired_seconds


def measure() -> list[Measurement]:
    """Through the engine, and through boto3 with its result file."""
    suite = tpch()
    engine, wire = {}, {}
    with lakes.holding(suite) as lake, lakes.plain(suite) as duckdb:
        folder = lake.folder
        for name, text in suite.queries.items():
            engine[name] = paired_seconds(
                lambda text=text: lakes.ask(lake, text),
                lambda text=text: duckdb.execute(text).to_arrow_table(),
            )
        with lakes.served(Path(folder)) as address:
            athena = lakes.client("athena", address)
            for name, text in suite.queries.items():
                wire[name] = paired_seconds(
                    lambda text=text: lakes.through(athena, text),
                    lambda text=text: duckdb.execute(text).fetchall(),
                    runs=3,
                )
    return [
        *against("TPC-H sf1", engine, "plain DuckDB", limit=1.05, allowance=0.003, worst=1.5),
        *against("TPC-H sf1 through boto3", wire, "plain DuckDB", limit=1.08, allowance=0.010),
    ]


def tpch() -> Suite:
    """The suite; query 15 groups by a column, since Trino knows no alias there."""
    suite = generated("tpch")
    suite.queries["q15"] = suite.queries["q15"].replace(
        "GROUP BY\n        supplier_no", "GROUP BY\n        l_suppkey"
    )
    return suite
