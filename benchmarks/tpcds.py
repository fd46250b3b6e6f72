"""TPC-DS of scale factor 1 beside what sqlglot makes of the same texts, run by plain DuckDB."""

import re

import sqlglot

from benchmarks import lakes, pairs, sizes
from benchmarks.data import Suite, generated
from benchmarks.report import Measurement, against

_TITLE = "tpcds"
_DATE = re.compile(r"(?<!cast\()('\d{4}-\d\d-\d\d')", re.I)


def measure() -> list[Measurement]:
    """All 99 queries; one that either side fails is named with its reason."""
    suite = tpcds()
    theirs = {
        name: sqlglot.transpile(text, read="trino", write="duckdb")[0]
        for name, text in suite.queries.items()
    }
    with lakes.holding(suite) as lake, lakes.plain(suite) as database:
        found = pairs.timed(
            _TITLE,
            suite.queries,
            lakes.Engine(lake, suite.queries),
            lakes.Plain(database, theirs),
            runs=3,
        )
    pairs.forget(_TITLE)
    return against(f"TPC-DS sf{sizes.scale(1):g}", found, "sqlglot's text in DuckDB", limit=1.15)


def tpcds() -> Suite:
    """The suite in Trino's words: DuckDB's own texts compare dates with texts, add days as numbers
    and call grouping() in ORDER BY."""
    suite = generated("tpcds", sizes.scale(1))
    for name, text in suite.queries.items():
        head, order, tail = text.rpartition("ORDER BY")
        tail = re.sub(r"grouping\(\w+\)\s*\+\s*grouping\(\w+\)", "lochierarchy", tail)
        text = _DATE.sub(r"DATE \1", head + order + tail)
        suite.queries[name] = text.replace("d1.d_date + 5 ", "d1.d_date + INTERVAL '5' DAY ")
    return suite
