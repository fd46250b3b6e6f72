"""What an SQL/JSON path does with items: members, elements, methods, arithmetic, comparison.

An item is a Python value of JSON; a Decimal is a path's decimal literal.
"""

import math
import operator
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, Final

from lakelet.errors import TrinoError

Items = list[Any]


def failure(message: str = "") -> TrinoError:
    """The error of a path that cannot be evaluated."""
    return TrinoError("PATH_EVALUATION_ERROR", f"path evaluation failed: {message}")


def wrong(expected: str, item: Any) -> TrinoError:
    """The error of an item of another type."""
    actual = kind(item).upper()
    return failure(f"invalid item type. Expected: {expected}, actual: {actual}")


def kind(item: Any) -> str:
    """What `.type()` says."""
    for of, name in ((bool, "boolean"), (str, "string"), (list, "array"), (dict, "object")):
        if isinstance(item, of):
            return name
    return "null" if item is None else "number"


def unwrapped(items: Items) -> Items:
    """The items, an array's elements in its place."""
    return [each for item in items for each in (item if isinstance(item, list) else [item])]


def member(item: Any, name: str, lax: bool) -> Items:
    """The member of that name."""
    if isinstance(item, dict) and name in item:
        return [item[name]]
    if lax:
        return []
    if isinstance(item, dict):
        raise failure(f"structural error: missing member '{name}' in JSON object")
    raise wrong("OBJECT", item)


def members(item: Any, lax: bool) -> Items:
    """The values of all members."""
    if isinstance(item, dict):
        return list(item.values())
    if lax:
        return []
    raise wrong("OBJECT", item)


def descendants(item: Any, name: str) -> Iterator[Any]:
    """The members of that name at any depth."""
    if isinstance(item, dict):
        if name in item:
            yield item[name]
        for each in item.values():
            yield from descendants(each, name)
    elif isinstance(item, list):
        for each in item:
            yield from descendants(each, name)


def number(item: Any) -> Any:
    """The item; raises when it is no number."""
    if kind(item) != "number":
        raise wrong("NUMBER", item)
    return item


def _double(item: Any) -> float:
    if not isinstance(item, str):
        return float(number(item))
    try:
        return float(item)
    except ValueError:
        raise failure() from None


def _whole(rounded: Callable[[Any], int]) -> Callable[[Any], Any]:
    def apply(item: Any) -> Any:
        whole = rounded(number(item))
        return float(whole) if isinstance(item, float) else whole

    return apply


METHODS: Final[dict[str, Callable[[Any], Any]]] = {
    "double": _double,
    "ceiling": _whole(math.ceil),
    "floor": _whole(math.floor),
    "abs": lambda item: abs(number(item)),
}


def key_values(item: Any) -> Items:
    """What `.keyvalue()` gives of an object."""
    if not isinstance(item, dict):
        raise wrong("OBJECT", item)
    return [{"name": name, "value": value, "id": 0} for name, value in item.items()]


def _quotient(left: Any, right: Any) -> Any:
    if not isinstance(left, int) or not isinstance(right, int):
        return left / right
    whole = abs(left) // abs(right)
    return whole if (left < 0) == (right < 0) else -whole


def _remainder(left: Any, right: Any) -> Any:
    if isinstance(left, float):
        return math.fmod(left, right)
    return abs(left) % abs(right) * (-1 if left < 0 else 1)


_OPERATORS: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": _quotient,
    "%": _remainder,
}


def calculated(sign: str, left: Any, right: Any) -> Any:
    """Two numbers' sum, difference, product, quotient (of integers, towards zero), remainder."""
    left, right = number(left), number(right)
    if isinstance(left, float) or isinstance(right, float):
        left, right = float(left), float(right)
    try:
        return _OPERATORS[sign](left, right)
    except (ArithmeticError, ValueError):
        raise failure() from None


_COMPARISONS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "==": operator.eq,
    "<>": operator.ne,
    "!=": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}


def compared(sign: str, left: Any, right: Any) -> bool | None:
    """Whether the comparison holds; None when the two cannot be compared."""
    if left is None or right is None:
        same = left is right
        return {"==": same, "<>": not same, "!=": not same}.get(sign, same and "=" in sign)
    if kind(left) != kind(right) or isinstance(left, list | dict):
        return None
    if isinstance(left, Decimal) and isinstance(right, float):
        left = float(left)
    elif isinstance(right, Decimal) and isinstance(left, float):
        right = float(right)
    return _COMPARISONS[sign](left, right)
