"""Makes coercions explicit; a constant is coerced at once, so that it stays a constant."""

from decimal import Decimal
from typing import Any, Final

from lakelet.sql import tree
from lakelet.types import Type

_INTEGERS: Final = ("tinyint", "smallint", "integer", "bigint")


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
            return tree.Constant(Decimal(value), target)
        if name in ("real", "double"):
            return tree.Constant(float(value), target)
    if source.name == name == "varchar":
        return tree.Constant(value, target)
    return None
