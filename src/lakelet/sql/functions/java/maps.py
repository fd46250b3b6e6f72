"""The order of a java.util.HashMap's keys, in which Trino writes the members of JSON_OBJECT.

Keys stand by the lowest bits of their hash code, as many as the table has places for; the table
has at least 16 places and is at most three quarters full (OpenJDK's HashMap).
"""

from collections.abc import Sequence
from typing import Final

from lakelet.sql.functions.registry import macro

_FULL: Final = 0.75
SMALLEST_MAP: Final = 12
"""Keys of which the smallest table holds all."""


def java_hash(text: str) -> int:
    """String.hashCode, as an unsigned number of 32 bits."""
    code = 0
    for unit in memoryview(text.encode("utf-16-le")).cast("H"):
        code = (code * 31 + unit) & 0xFFFFFFFF
    return code


def java_map_order(keys: Sequence[str]) -> list[int]:
    """The indexes of keys, in the order of a HashMap into which they come one by one."""
    places = 16
    while len(keys) > places * _FULL:
        places *= 2

    def place(index: int) -> int:
        code = java_hash(keys[index])
        return (code ^ code >> 16) & (places - 1)

    return sorted(range(len(keys)), key=place)


macro(
    "trino_utf16_units",
    "(s) AS flatten(list_transform(CASE WHEN s = '' THEN CAST([] AS VARCHAR[])"
    " ELSE string_split(s, '') END, lambda c: CASE WHEN unicode(c) > 65535"
    " THEN [55232 + unicode(c) // 1024, 56320 + unicode(c) % 1024] ELSE [unicode(c)] END))",
)
macro(
    "trino_java_hash",
    "(s) AS list_reduce(trino_utf16_units(s), lambda h, u: (h * 31 + u) & 4294967295,"
    " CAST(0 AS BIGINT))",
)
macro(
    "trino_java_place",
    "(h, n) AS xor(h, h >> 16) & (CAST(pow(2, greatest(4, ceil(log2(n / 0.75)))) AS BIGINT) - 1)",
)
# Structs with a field k, in the order of their keys in a HashMap.
macro(
    "trino_java_map_order",
    "(m) AS list_transform(list_sort(list_transform(m, lambda e, i:"
    " {'p': trino_java_place(trino_java_hash(e.k), len(m)), 'i': i, 'e': e})), lambda x: x.e)",
)
