"""Makes coercions explicit; a constant is coerced at once, so that it stays a constant."""

from decimal import Decimal
from typing import Any, Final

from lakelet.sql import tree
from lakelet.types import Type

_INTEGERS: Final = ("tinyint", "smallint", "integer", "bigint")
_TEXTS: Final = ("varchar", "JoniRegExp", "Re2JRegExp", "JsonPath")
"""What the text of a constant is as it stands."""


def coerce(value: tree.Expression, target: Type) -> tree.Expression:
    """The value as one of `target`, which its type coerces to."""
    if value.type == target:
        return value
    if isinstance(value, tree.Constant):
        found = _constant(value.value, value.type, target)
        if found is not None:
            return found
    return tree.Cast(value, target)


def _constant(value: Any, source: Type, target: Type) -> tree.Constant | None:
    if value is None:
        return tree.Constant(None, target)
    name = target.name
    if source.name in _INTEGERS or source.name == "decimal":
        if name in _INTEGERS and source.name != "decimal":
            return tree.Constant(value, target)
        if name == "decimal":
            return tree.Constant(Decimal(value), target) if _holds(target, value) else None
        if name in ("real", "double"):
            return tree.Constant(float(value), target)
    if source.name == "varchar" and name in _TEXTS:
        return tree.Constant(value, target)
    return None


def unwrapped(values: tuple[tree.Expression, ...]) -> tuple[tree.Expression, ...]:
    """Values that are compared, where one is a widened column and the others constants that the
    column's own type holds exactly: then they are compared in that type, which the engine can
    push into a scan."""
    wrapped = [each for each in values if isinstance(each, tree.Cast)]
    constants = [each for each in values if isinstance(each, tree.Constant)]
    if len(wrapped) != 1 or len(constants) != len(values) - 1:
        return values
    cast = wrapped[0]
    narrow = cast.value.type
    if cast.safe or narrow.name not in _BITS or cast.type.name not in _BITS:
        return values
    if not all(_holds(narrow, each.value) for each in constants):
        return values
    return tuple(
        tree.Constant(_as(narrow, each), narrow) if isinstance(each, tree.Constant) else cast.value
        for each in values
    )


_BITS: Final = {"tinyint": 7, "smallint": 15, "integer": 31, "bigint": 63, "decimal": 0}
"""Bits of the integers; a decimal's digits are counted."""


def _holds(of: Type, value: int | Decimal | None) -> bool:
    if value is None:
        return True
    if of.name != "decimal":
        return value == int(value) and -(2 ** _BITS[of.name]) <= value < 2 ** _BITS[of.name]
    _, digits, exponent = Decimal(value).normalize().as_tuple()
    assert isinstance(exponent, int)
    scale = max(-exponent, 0)
    whole = max(len(digits) + exponent, 0)
    return scale <= of.scale and whole <= of.precision - of.scale


def _as(of: Type, constant: tree.Constant) -> Any:
    if constant.value is None:
        return None
    return Decimal(constant.value) if of.name == "decimal" else int(constant.value)
