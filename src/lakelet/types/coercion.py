"""Which types become which without a CAST, and what two types have in common.

The rules are those of Trino's TypeCoercion (core/trino-main, io.trino.type).
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from lakelet.types.model import UNKNOWN, VARCHAR, Type
from lakelet.types.parsing import MAX_CHAR

_INTEGERS: Final = {"tinyint": 3, "smallint": 5, "integer": 10, "bigint": 19}
"""Decimal digits of each integer type, narrowest first."""

_WIDENS: Final = {
    "tinyint": ("smallint", "integer", "bigint", "real", "double"),
    "smallint": ("integer", "bigint", "real", "double"),
    "integer": ("bigint", "real", "double"),
    "bigint": ("real", "double"),
    "real": ("double",),
    "P4HyperLogLog": ("HyperLogLog",),
}

_ALSO: Final = {
    "varchar": ("JsonPath", "JoniRegExp", "Re2JRegExp", "LikePattern", "CodePoints"),
    "char": ("JoniRegExp", "Re2JRegExp", "LikePattern", "JsonPath", "CodePoints"),
}
"""Patterns that functions take in place of their text."""

_TEMPORAL: Final = {
    "time": ("time with time zone",),
    "timestamp": ("timestamp with time zone",),
}


@lru_cache(maxsize=65536)
def can_coerce(source: Type, target: Type) -> bool:
    """Whether a value of `source` becomes one of `target` by itself."""
    if source in (target, UNKNOWN):
        return True
    if source.arguments and source.name == target.name:
        return _composed_coerces(source, target)
    if target.name in _ALSO.get(source.name, ()):
        return True
    return common_supertype(source, target) == target


@lru_cache(maxsize=65536)
def common_supertype(a: Type, b: Type) -> Type | None:
    """The narrowest type that both become by themselves; None when there is none."""
    if a == b:
        return a
    if a == UNKNOWN:
        return b
    if b == UNKNOWN:
        return a
    if a.name == b.name:
        return _same_base(a, b)
    return _toward(a, b) or _toward(b, a)


def common_type(types: Iterable[Type]) -> Type | None:
    """The common supertype of many; unknown for none."""
    found: Type | None = UNKNOWN
    for each in types:
        found = common_supertype(found, each) if found is not None else None
    return found


def is_comparable(of: Type) -> bool:
    """Whether `=` and GROUP BY take the type."""
    if of.name in ("array", "row", "map"):
        return all(map(is_comparable, of.arguments))
    return of.name not in _NOT_COMPARABLE


def is_orderable(of: Type) -> bool:
    """Whether `<` and ORDER BY take the type."""
    if of.name in ("array", "row"):
        return all(map(is_orderable, of.arguments))
    return of.name not in _NOT_ORDERABLE


_NOT_COMPARABLE: Final = frozenset(
    (
        "function",
        "HyperLogLog",
        "P4HyperLogLog",
        "SetDigest",
        "tdigest",
        "qdigest",
        "SphericalGeography",
        "KdbTree",
        "json2016",
        "JsonPath",
        "JoniRegExp",
        "Re2JRegExp",
        "LikePattern",
        "CodePoints",
        "Regressor",
    )
)
_NOT_ORDERABLE: Final = _NOT_COMPARABLE | {"map", "json", "Geometry", "BingTile", "color"}


def _composed_coerces(source: Type, target: Type) -> bool:
    """Arrays, maps and rows coerce by their parts; a row's names give way to the target's."""
    if source.name == "function" or len(source.arguments) != len(target.arguments):
        return False
    return all(map(can_coerce, source.arguments, target.arguments))


def _same_base(a: Type, b: Type) -> Type | None:
    if a.name == "decimal":
        return _decimals(a, b)
    if a.name == "varchar":
        return VARCHAR if None in (a.length, b.length) else max(a, b, key=lambda t: t.numbers)
    if a.numbers:
        return max(a, b, key=lambda t: t.numbers)
    if a.name == "row":
        return _rows(a, b)
    if len(a.arguments) != len(b.arguments) or not a.arguments:
        return None
    parts = [common_supertype(x, y) for x, y in zip(a.arguments, b.arguments, strict=True)]
    if None in parts:
        return None
    return Type(a.name, (), tuple(part for part in parts if part is not None))


def _decimals(a: Type, b: Type) -> Type:
    whole = max(a.precision - a.scale, b.precision - b.scale)
    scale = max(a.scale, b.scale)
    return Type("decimal", (min(38, whole + scale), scale))


def _rows(a: Type, b: Type) -> Type | None:
    if len(a.arguments) != len(b.arguments):
        return None
    parts = [common_supertype(x, y) for x, y in zip(a.arguments, b.arguments, strict=True)]
    if None in parts:
        return None
    names = tuple(x if x == y else None for x, y in zip(a.fields, b.fields, strict=True))
    return Type("row", (), tuple(part for part in parts if part is not None), names)


def _toward(a: Type, b: Type) -> Type | None:
    """The common supertype of two bases when `a` is the one that moves."""
    if b.name in _WIDENS.get(a.name, ()):
        return b
    if b.name == "decimal" and a.name in _INTEGERS:
        return _decimals(Type("decimal", (_INTEGERS[a.name], 0)), b)
    if a.name == "decimal" and b.name in ("real", "double"):
        return b
    if a.name == "varchar" and b.name == "char":
        return _char_of(a, b)
    if a.name == "date" and b.name.startswith("timestamp"):
        return b
    if b.name in _TEMPORAL.get(a.name, ()):
        return Type(b.name, (max(a.precision, b.precision),))
    return None


def _char_of(varchar: Type, char: Type) -> Type:
    """varchar(n) and char(m) meet at the longer char: Trino compares them as char."""
    length = MAX_CHAR if varchar.length is None else varchar.length
    return Type("char", (min(MAX_CHAR, max(length, char.numbers[0])),))
