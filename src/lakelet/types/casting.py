"""Which types CAST takes to which; asked by the analyzer before anything runs."""

from functools import lru_cache
from typing import Final

from lakelet.types.model import UNKNOWN, Type

NUMBERS: Final = ("tinyint", "smallint", "integer", "bigint", "real", "double", "decimal")
_MOMENTS: Final = ("time", "time with time zone", "timestamp", "timestamp with time zone")
PATTERNS: Final = ("JsonPath", "Re2JRegExp", "JoniRegExp", "CodePoints")
_FROM_NUMBER: Final = frozenset((*NUMBERS, "boolean", "varchar", "json"))

_TARGETS: Final[dict[str, frozenset[str]]] = {
    **{name: _FROM_NUMBER for name in (*NUMBERS, "boolean")},
    "varchar": frozenset(
        (
            *_FROM_NUMBER,
            *_MOMENTS,
            *PATTERNS,
            *("char", "varbinary", "date", "uuid", "ipaddress", "KdbTree"),
        )
    ),
    "char": frozenset(("varchar", "char", *PATTERNS)),
    "varbinary": frozenset(
        ("varbinary", "uuid", "ipaddress", "HyperLogLog", "tdigest", "qdigest", "SetDigest")
    ),
    "date": frozenset(("date", "varchar", "timestamp", "timestamp with time zone", "json")),
    "time": frozenset(("varchar", *_MOMENTS)),
    "time with time zone": frozenset(("varchar", *_MOMENTS)),
    "timestamp": frozenset(("varchar", "date", "json", *_MOMENTS)),
    "timestamp with time zone": frozenset(("varchar", "date", *_MOMENTS)),
    "interval day to second": frozenset(("varchar", "interval day to second")),
    "interval year to month": frozenset(("varchar", "interval year to month")),
    "json": frozenset((*_FROM_NUMBER, "array", "map", "row")),
    "uuid": frozenset(("varchar", "varbinary", "uuid")),
    "ipaddress": frozenset(("varchar", "varbinary", "ipaddress")),
    "HyperLogLog": frozenset(("varbinary", "P4HyperLogLog")),
    "P4HyperLogLog": frozenset(("HyperLogLog",)),
    "tdigest": frozenset(("varbinary",)),
    "qdigest": frozenset(("varbinary",)),
    "SetDigest": frozenset(("varbinary", "HyperLogLog")),
    "array": frozenset(("array", "json")),
    "map": frozenset(("map", "json")),
    "row": frozenset(("row", "json")),
}

_VARCHAR: Final = Type("varchar")
_JSON_KEYS: Final = frozenset((*NUMBERS, "boolean", "varchar"))
"""Types of map keys that are names of a JSON object's members."""


@lru_cache(maxsize=65536)
def can_cast(source: Type, target: Type) -> bool:
    """Whether Trino has a CAST between the types; whether a value can be cast is another thing."""
    if source in (target, UNKNOWN):
        return True
    if target.name not in _TARGETS.get(source.name, ()):
        return False
    if source.name in ("uuid", "ipaddress") and target.numbers:
        return False
    if source.name == target.name and source.arguments:
        pairs = zip(source.arguments, target.arguments, strict=False)
        same_size = len(source.arguments) == len(target.arguments)
        return same_size and all(can_cast(a, b) for a, b in pairs)
    if "json" in (source.name, target.name):
        return _with_json(source if target.name == "json" else target, target)
    return True


def needs_date(source: Type, target: Type) -> bool:
    """Whether a CAST gives a date to times of day, here or in a part."""
    if source.name in ("time", "time with time zone"):
        return target.name.startswith("timestamp")
    if source.name != target.name:
        return False
    return any(map(needs_date, source.arguments, target.arguments))


def _with_json(of: Type, target: Type) -> bool:
    """Whether every part of a type is written to, or read from, JSON."""
    if of.name == "map":
        # Keys that are no names of members fail where the cast runs.
        return can_cast(of.key, _VARCHAR) and _part(of.value, target)
    return all(_part(each, target) for each in of.arguments)


def has_json_names(of: Type) -> bool:
    """Whether the keys of all maps in a type can be names of a JSON object's members."""
    keyed = of.name != "map" or of.key.name in _JSON_KEYS
    return keyed and all(map(has_json_names, of.arguments))


def _part(of: Type, target: Type) -> bool:
    json = Type("json")
    return can_cast(of, json) if target == json else can_cast(json, of)
