"""The element of an array and the value of a map: `[…]`, which fails when there is none, and
`element_at`, which gives NULL."""

from typing import Final

from lakelet.sql.emitter.casts import cast
from lakelet.sql.functions.binding import bound
from lakelet.sql.functions.collections.equality import INVALID, has_key, looked_up
from lakelet.sql.functions.operators import fail
from lakelet.sql.functions.registry import Call, operator, scalar
from lakelet.types.casting import can_cast
from lakelet.types.model import VARCHAR, Type

_FROM_ONE: Final = "'SQL array indices start at 1'"


def _subscript(call: Call) -> str:
    container, index = call.arguments
    if call.types[0].name == "array":
        if isinstance(call.constants[1], int) and call.constants[1] > 0:
            return bound((container,), lambda a: _element(a, index, call.result))
        return bound((container, index), lambda a, i: _checked_element(a, i, call.result))
    return bound((container, index), lambda m, k: _map_value(m, k, call))


def _element(array: str, index: str, result: Type) -> str:
    beyond = (
        "'Array subscript must be less than or equal to array length: '"
        f" || {index} || ' > ' || len({array})"
    )
    return (
        f"CASE WHEN {index} > len({array})"
        f" THEN {fail(INVALID, beyond, result)} ELSE {array}[{index}] END"
    )


def _checked_element(array: str, index: str, result: Type) -> str:
    low = (
        f"CASE WHEN {index} = 0 THEN {_FROM_ONE}"
        f" ELSE 'Array subscript is negative: ' || {index} END"
    )
    return (
        f"CASE WHEN {index} < 1 AND {array} IS NOT NULL"
        f" THEN {fail(INVALID, low, result)}"
        f" ELSE {_element(array, index, result)} END"
    )


def _map_value(entries: str, key: str, call: Call) -> str:
    of = call.types[1]
    message = "'Key not present in map'"
    if can_cast(of, VARCHAR) and of.name != "varbinary":
        message = f"'Key not present in map: ' || {cast(key, of, VARCHAR)}"
    return (
        f"CASE WHEN {entries} IS NOT NULL AND {key} IS NOT NULL"
        f" AND NOT {has_key(entries, key, call.types[0])}"
        f" THEN {fail(INVALID, message, call.result)}"
        f" ELSE {looked_up(entries, key, call.types[0], call.constants[1])} END"
    )


operator(
    "[]",
    "(array(E), bigint) -> E",
    "(map(K, V), K) -> V",
    sql=_subscript,
    doc="The element of an array by its number from 1, or the value of a map by its key.",
)


def _element_at(call: Call) -> str:
    container, index = call.arguments
    if call.types[0].name == "map":
        return looked_up(container, index, call.types[0], call.constants[1])
    if isinstance(call.constants[1], int) and call.constants[1] != 0:
        return f"{container}[{index}]"
    return bound(
        (container, index),
        lambda a, i: (
            f"CASE WHEN {i} = 0 AND {a} IS NOT NULL THEN"
            f" {fail(INVALID, _FROM_ONE, call.result)} ELSE {a}[{i}] END"
        ),
    )


scalar(
    "element_at",
    "(array(E), bigint) -> E",
    "(map(K,V), K) -> V",
    sql=_element_at,
    doc="The element at an index, counted from the end when negative, or the value of a key;"
    " NULL when there is none.",
)
