"""Networks of IP addresses in CIDR notation."""

from contextlib import suppress
from functools import lru_cache
from ipaddress import ip_address, ip_network
from typing import Final

from lakelet.errors import TrinoError
from lakelet.sql.functions.registry import Call, udf
from lakelet.sql.functions.vectorised import invalid, rowwise

_MAPPED: Final = bytes(10) + b"\xff\xff"
"""What stands before an IPv4 address among IPv6's."""
_WIDE: Final = 16
"""Bytes of an IPv6 address."""


@lru_cache(maxsize=1024)
def _network(text: str) -> tuple[bytes, int]:
    """The 16 bytes of a network's address, and how many of their bits count."""
    address, slash, length = text.partition("/")
    if not slash:
        raise invalid("Invalid CIDR")
    try:
        packed = ip_address(address).packed
    except ValueError:
        raise invalid("Invalid network IP address") from None
    try:
        bits = int(length)
    except ValueError:
        raise TrinoError("GENERIC_INTERNAL_ERROR", f'For input string: "{length}"') from None
    if bits < 0:
        raise invalid("Invalid prefix length")
    # Only of an IPv4 network must the bits behind the prefix be zero.
    try:
        network = ip_network((packed, bits), strict=len(packed) < _WIDE)
    except ValueError:
        raise invalid("Invalid CIDR") from None
    start = network.network_address.packed
    if len(start) < _WIDE:
        return _MAPPED + start, bits + 8 * len(_MAPPED)
    return start, bits


def _contains(network: str, address: bytes) -> bool:
    start, bits = _network(network)
    away = int.from_bytes(start) ^ int.from_bytes(address)
    return away >> (128 - bits) == 0


udf(
    "trino_network_contains",
    lambda: rowwise(_contains, "bool"),
    ("VARCHAR", "BLOB"),
    "BOOLEAN",
)


def within(call: Call) -> str:
    """Whether a network holds an address, which of a constant one is between two others."""
    network, address = call.arguments
    if isinstance(call.constants[0], str):
        with suppress(TrinoError):
            start, bits = _network(call.constants[0])
            last = int.from_bytes(start) | (1 << 8 * _WIDE - bits) - 1
            ends = (f"from_hex('{each.hex()}')" for each in (start, last.to_bytes(_WIDE)))
            return f"({address} BETWEEN {' AND '.join(ends)})"
    return f"trino_network_contains({network}, {address})"
