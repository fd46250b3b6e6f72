"""TPC-DS of scale factor 1 beside what sqlglot makes of the same texts, run by plain DuckDB."""

import duckdb
import sqlglot

from benchmarks import lakes
from benchmarks.data import generated
from benchmarks.report import Measurement, against, paired_seconds
from lakelet.errors import TrinoError


def measure() -> list[Measurement]:
    """Every query that both can run; DuckDB's texts that Trino refuses are left out."""
    suite = generated("tpcds")
    found, refused = {}, []
    with lakes.holding(suite) as lake, lakes.plain(suite) as database:
        for name, text in suite.queries.items():
            try:
                theirs = sqlglot.transpile(text, read="trino", write="duckdb")[0]
                found[name] = paired_seconds(
                    lambda text=text: lakes.ask(lake, text),
                    lambda theirs=theirs: database.execute(theirs).to_arrow_table(),
                    runs=3,
                )
            except (TrinoError, duckdb.Error):
                refused.append(name)
    title = f"TPC-DS sf1, {len(found)} queries (not {', '.join(refused)})"
    return against(title, found, "sqlglot's text in DuckDB", limit=1.15)
