"""How much memory this process has held at most, where the system tells (Linux)."""

import re
from pathlib import Path
from typing import Final

_STATUS: Final = Path("/proc/self/status")
_FORGET: Final = Path("/proc/self/clear_refs")
_PEAK: Final = re.compile(r"VmHWM:\s+(\d+) kB")
_NOW: Final = re.compile(r"VmRSS:\s+(\d+) kB")


def forget_peak() -> int | None:
    """Lets the peak begin anew; the bytes that are held now, None where it can't be told.

    Writing 5 to clear_refs resets VmHWM (proc(5)).
    """
    try:
        _FORGET.write_text("5")
        return _read(_NOW)
    except OSError:
        return None


def peak() -> int | None:
    """The most bytes that were held since the last `forget_peak`."""
    try:
        return _read(_PEAK)
    except OSError:
        return None


def _read(field: re.Pattern[str]) -> int | None:
    found = field.search(_STATUS.read_text())
    return int(found[1]) * 1024 if found else None
