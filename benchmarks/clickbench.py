"""ClickBench's 43 queries in Athena's dialect beside plain DuckDB in its own, on the same file."""

from pathlib import Path
from typing import Final

from benchmarks import lakes, pairs
from benchmarks.hits import hits
from benchmarks.report import Measurement, against
from lakelet.bench import suite as suites

_TITLE: Final = "clickbench"
_QUERIES: Final = Path(__file__).parent / "suites" / "clickbench.sql"


def measure() -> list[Measurement]:
    """Through the engine."""
    queries = clickbench()
    theirs = {name: text.replace("'$1'", r"'\1'") for name, text in queries.items()}
    suite = hits()
    with lakes.holding(suite, "athena") as lake, lakes.plain(suite) as database:
        found = pairs.timed(
            _TITLE,
            queries,
            lakes.Engine(lake, queries),
            lakes.Plain(database, theirs),
            runs=3,
        )
    pairs.forget(_TITLE)
    return against("ClickBench", found, "plain DuckDB", limit=1.05, allowance=0.003)


def clickbench() -> dict[str, str]:
    """The queries by name."""
    return {query.name: query.text for query in suites.read(_QUERIES).queries}
