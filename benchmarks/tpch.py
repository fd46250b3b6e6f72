"""TPC-H of scale factor 1 beside DuckDB's own queries over the same Parquet files."""

from pathlib import Path

from benchmarks import lakes, pairs, sizes
from benchmarks.data import Suite, generated
from benchmarks.report import Measurement, against

_TITLE = "tpch"


def measure() -> list[Measurement]:
    """Through the engine, and through boto3 with its result file."""
    suite = tpch()
    with lakes.holding(suite) as lake, lakes.plain(suite) as database:
        plain = lakes.Plain(database, suite.queries)
        engine = pairs.timed(_TITLE, suite.queries, lakes.Engine(lake, suite.queries), plain)
        with lakes.served(Path(lake.folder)) as address:
            wire = pairs.timed(
                f"{_TITLE}-boto3",
                suite.queries,
                lakes.Wire(lakes.client("athena", address), suite.queries),
                plain,
                runs=3,
                here=False,
            )
    pairs.forget(_TITLE, f"{_TITLE}-boto3")
    title = f"TPC-H sf{sizes.scale(1):g}"
    return [
        *against(title, engine, "plain DuckDB", limit=1.05, allowance=0.003, worst=1.5),
        *against(f"{title} through boto3", wire, "plain DuckDB", limit=1.08, allowance=0.010),
    ]


def tpch() -> Suite:
    """The suite; query 15 groups by a column, since Trino knows no alias there."""
    suite = generated("tpch", sizes.scale(1))
    suite.queries["q15"] = suite.queries["q15"].replace(
        "GROUP BY\n        supplier_no", "GROUP BY\n        l_suppkey"
    )
    return suite
