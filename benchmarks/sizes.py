"""How large the benchmarks' data is and how often the same is measured: whole, or a fiftieth and
once to see that everything runs."""

import os
from typing import Final

QUICK: Final = "LAKELET_BENCHMARK_QUICK"
"""Set in the environment for small data, whose results are shown and not kept."""


def quick() -> bool:
    """Whether this is only a try."""
    return bool(os.environ.get(QUICK))


def rows(whole: int) -> int:
    """Rows (files, partitions) of a benchmark, of which `whole` are asked."""
    return max(1, whole // 50) if quick() else whole


def scale(whole: float) -> float:
    """The same for a scale factor."""
    return whole / 50 if quick() else whole


def runs(whole: int) -> int:
    """How often the same is measured, of which `whole` times are asked."""
    return 1 if quick() else whole
