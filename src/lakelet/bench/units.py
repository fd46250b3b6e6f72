"""Numbers as people read them: times, bytes, money, and prices at a rate of queries."""

import re
from math import floor, log10
from typing import Final

from lakelet.errors import LakeletError

_RATE: Final = re.compile(r"([\d_,.]+)\s*/\s*(second|minute|hour|day|month)", re.I)
_PER_MONTH: Final = {
    "second": 30 * 86_400,
    "minute": 30 * 1_440,
    "hour": 30 * 24,
    "day": 30,
    "month": 1,
}


def seconds(value: float) -> str:
    """`850 µs`, `12.3 ms`, `1.23 s`: three digits."""
    if value < 0.001:
        return f"{value * 1e6:.3g} µs"
    return f"{value * 1000:.3g} ms" if value < 0.9995 else f"{value:,.3g} s"


def span(low: float, high: float) -> str:
    """`9.70 – 10.8 ms`: two times in the unit of the greater."""
    shown = seconds(high)
    unit = shown.rpartition(" ")[2]
    scale = {"µs": 1e6, "ms": 1e3, "s": 1.0}[unit]
    return f"{low * scale:.3g} – {shown}"


def size(value: float) -> str:
    """`12.3 MB`, in decimal units, three digits."""
    for unit, scale in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if value >= scale * 0.9995:
            return f"{value / scale:.3g} {unit}"
    return f"{value:.0f} B"


def money(value: float) -> str:
    """`$12.30`; what is below a cent keeps two digits that tell."""
    if value >= 0.01 or not value:
        return f"${value:,.2f}"
    return f"${value:.{1 - floor(log10(value))}f}".rstrip("0")


def per_month(rate: str) -> float:
    """How many queries in 30 days a rate like `200/hour` is; raises LakeletError."""
    found = _RATE.fullmatch(rate.strip())
    try:
        count = float(found[1].replace(",", "").replace("_", "")) if found else None
    except ValueError:
        count = None
    if found is None or count is None:
        raise LakeletError(f"{rate} is no rate of queries; write 200/hour")
    return count * _PER_MONTH[found[2].lower()]
