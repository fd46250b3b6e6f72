"""Every function that Python computes can be measured by `benchmarks/functions.py`."""

import pytest
from benchmarks.functions import ELSEWHERE, rate_of

from lakelet.engines.duckdb import DuckDb
from lakelet.sql import functions as functions
from lakelet.sql.functions.registry import UDFS


@pytest.mark.parametrize("initial", sorted({name.removeprefix("trino_")[:1] for name in UDFS}))
def test_samples_of_arguments_are_taken(initial: str) -> None:
    engine = DuckDb(threads=1)
    for name, entry in sorted(UDFS.items()):
        if name.startswith(f"trino_{initial}") and name not in ELSEWHERE:
            assert rate_of(engine, entry, rows=3) > 0, name
    engine.close()
