"""What a query costs on Athena: by the bytes that it scans.

The rule is Athena's price list: each query's bytes are rounded up to the next megabyte and are ten
megabytes at least; DDL and failed queries cost nothing. Megabytes and terabytes are decimal here.
"""

from typing import Final

MEGABYTE: Final = 1_000_000
TERABYTE: Final = 1_000_000_000_000
LEAST: Final = 10 * MEGABYTE
"""Bytes that every query is billed for."""


def billed(scanned: int) -> int:
    """The bytes that are paid for, of the bytes that a query scanned."""
    return max(LEAST, -(-scanned // MEGABYTE) * MEGABYTE)


def dollars(scanned: int, per_terabyte: float) -> float:
    """The price of one query in US dollars."""
    return billed(scanned) / TERABYTE * per_terabyte
