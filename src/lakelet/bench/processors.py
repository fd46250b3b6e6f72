"""How long this process's threads have run and waited for a processor, where that is told (Linux).

What others run on the machine makes threads wait; what lakelet does itself makes them run.
"""

from pathlib import Path
from typing import Final, NamedTuple

_TASKS: Final = Path("/proc/self/task")


class Threads(NamedTuple):
    """Nanoseconds of all threads together, since they began."""

    ran: int
    waited: int


def threads() -> Threads | None:
    """What the scheduler tells of each thread (schedstat in proc(5)); None where it does not."""
    ran = waited = 0
    try:
        for task in _TASKS.iterdir():
            told = (task / "schedstat").read_text().split()
            ran += int(told[0])
            waited += int(told[1])
    except (OSError, ValueError, IndexError):
        return None
    return Threads(ran, waited)


def stretch(before: Threads | None, after: Threads | None) -> float | None:
    """How many times longer the threads took in between for having waited: 1 for not at all."""
    if before is None or after is None:
        return None
    ran, waited = after.ran - before.ran, after.waited - before.waited
    return (ran + waited) / ran if ran > 0 and waited >= 0 else None
