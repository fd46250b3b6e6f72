"""How DuckDB holds the values of each Trino type: the text of the physical type.

The table and its reasons are in docs/decisions/0002-physical-types.md.
"""

from functools import lru_cache
from typing import Final

from lakelet.types.model import Type
from lakelet.types.quoting import identifier

_PHYSICAL: Final = {
    "boolean": "BOOLEAN",
    "tinyint": "TINYINT",
    "smallint": "SMALLINT",
    "integer": "INTEGER",
    "bigint": "BIGINT",
    "real": "FLOAT",
    "double": "DOUBLE",
    "varchar": "VARCHAR",
    "char": "VARCHAR",
    "varbinary": "BLOB",
    "date": "DATE",
    "json": "VARCHAR",
    "uuid": "UUID",
    "ipaddress": "BLOB",
    "interval year to month": "INTEGER",
    "interval day to second": "BIGINT",
    "HyperLogLog": "BLOB",
    "P4HyperLogLog": "BLOB",
    "SetDigest": "BLOB",
    "tdigest": "BLOB",
    "qdigest": "BLOB",
    "Geometry": "BLOB",
    "SphericalGeography": "BLOB",
    "KdbTree": "VARCHAR",
    "BingTile": "BIGINT",
    "color": "INTEGER",
    "unknown": "INTEGER",
    "JsonPath": "VARCHAR",
    "JoniRegExp": "VARCHAR",
    "Re2JRegExp": "VARCHAR",
    "LikePattern": "VARCHAR",
    "CodePoints": "VARCHAR",
    "ObjectId": "BLOB",
    "Regressor": "BLOB",
    "json2016": "VARCHAR",
}

MICROSECONDS: Final = 6
"""Up to this precision DuckDB's TIMESTAMP and TIME hold a value; above it picoseconds count."""


@lru_cache(maxsize=65536)
def physical(of: Type) -> str:
    """The DuckDB type that holds a Trino type's values."""
    match of.name:
        case "decimal":
            return f"DECIMAL({of.precision},{of.scale})"
        case "time" | "timestamp":
            return local(of)
        case "time with time zone":
            return f"STRUCT(local {local(of)}, zone SMALLINT)"
        case "timestamp with time zone":
            return f"STRUCT(instant {local(of)}, zone VARCHAR)"
        case "array":
            return f"{physical(of.element)}[]"
        case "map":
            return f"MAP({physical(of.key)}, {physical(of.value)})"
        case "row":
            parts = zip(row_fields(of), of.arguments, strict=True)
            return f"STRUCT({', '.join(f'{identifier(n)} {physical(t)}' for n, t in parts)})"
    return _PHYSICAL[of.name]


def is_fine(of: Type) -> bool:
    """Whether values are times or timestamps held as picoseconds: of a day, or since 1970."""
    return of.name.startswith("time") and of.precision > MICROSECONDS


def local(of: Type) -> str:
    """The type of a time's or timestamp's clock part."""
    base = of.name.split()[0]
    return _FINE[base] if is_fine(of) else base.upper()


_FINE: Final = {"time": "BIGINT", "timestamp": "HUGEINT"}


def row_fields(of: Type) -> tuple[str, ...]:
    """The names of a row's fields in DuckDB's struct: Trino's when they are all there and
    distinct without regard to case, else `_1`, `_2` …"""
    names = [name.lower() for name in of.fields if name]
    if len(set(names)) == len(of.fields):
        return tuple(names)
    return tuple(f"_{i}" for i in range(1, len(of.fields) + 1))
