"""What benchmarks measure by: the wall's time, or the processor's where other work shares the
machine.

The processor's time is this process's, all its threads: it tells of what runs in this process only.
"""

import time
from collections.abc import Callable
from typing import Final

WALL: Final = "wall"
PROCESSOR: Final = "processor"

_CLOCKS: Final[dict[str, Callable[[], float]]] = {
    WALL: time.perf_counter,
    PROCESSOR: time.process_time,
}
_chosen = WALL


def choose(name: str) -> None:
    """Measures by a clock from here on."""
    global _chosen
    _chosen = name


def chosen() -> str:
    """The name of the clock that is measured by."""
    return _chosen


def seconds(name: str) -> float:
    """Seconds of a clock since some moment."""
    return _CLOCKS[name]()


def now() -> float:
    """Seconds of the chosen clock since some moment."""
    return seconds(_chosen)
