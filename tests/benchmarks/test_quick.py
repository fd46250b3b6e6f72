"""Every benchmark that needs no other server runs, over a fiftieth of its data."""

import subprocess
import sys

import pytest
from benchmarks.__main__ import BENCHMARKS

pytestmark = pytest.mark.slow

_BESIDE_SERVERS = {"peers", "s3", "trino"}
_DIVIDES = "q20 "
"""TPC-DS's query whose divisor is zero in so few rows."""


@pytest.mark.parametrize("name", [each for each in BENCHMARKS if each not in _BESIDE_SERVERS])
def test_a_benchmark_measures_all_that_it_names(name: str) -> None:
    command = [sys.executable, "-m", "benchmarks", "--quick", name]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    rows = [line for line in done.stdout.splitlines() if line.startswith("│")]
    assert rows
    assert [row for row in rows if "not available" in row and _DIVIDES not in row] == []
