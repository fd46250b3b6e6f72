"""greatest and least: NULL when an argument is, NaN only when there is nothing else."""

from functools import reduce
from typing import Final

from lakelet.sql.emitter.comparison import compare, equal, key
from lakelet.sql.functions.binding import bound, parameter
from lakelet.sql.functions.registry import Call, Emit, scalar
from lakelet.types import Type


def _extreme(sign: str) -> Emit:
    def emit(call: Call) -> str:
        def fold(*values: str) -> str:
            known = " AND ".join(f"{value} IS NOT NULL" for value in values)
            return f"CASE WHEN {known} THEN {_best(sign, values, call.result)} END"

        return bound(call.arguments, fold)

    return emit


def _best(sign: str, values: tuple[str, ...], of: Type) -> str:
    """The best of values none of which is NULL; each is written once, however many they are."""
    if not of.arguments and of.name not in _FLOATING and key("v", of) == "v":
        return f"{'greatest' if sign == '>=' else 'least'}({', '.join(values)})"
    if len(values) <= _FEW:
        return reduce(lambda first, second: _better(sign, first, second, of), values)
    name = parameter("".join(values))
    packed = ", ".join(f"{{'v': {value}}}" for value in values)
    first, second = f"{name}m.v", f"{name}e.v"
    step = f"{{'v': {_better(sign, first, second, of)}}}"
    return f"list_reduce([{packed}], lambda {name}m, {name}e: {step}).v"


_FLOATING: Final = ("double", "real")
_FEW: Final = 2


def _better(sign: str, first: str, second: str, of: Type) -> str:
    """What is not equal to itself is, or holds, NaN: it wins over nothing."""
    wins = compare(sign, first, second, of)
    if of.name in _FLOATING:
        return (
            f"CASE WHEN isnan({first}) THEN {second} WHEN isnan({second}) OR {wins} THEN {first}"
            f" ELSE {second} END"
        )
    if not any(each.name in _FLOATING for each in of.walk()):
        return f"CASE WHEN {wins} THEN {first} ELSE {second} END"
    odd = f"NOT {equal(second, second, of)}"
    return f"CASE WHEN {wins} OR {odd} THEN {first} ELSE {second} END"


scalar(
    "greatest",
    "(E:orderable, ...) -> E",
    sql=_extreme(">="),
    doc="The greatest of the values.",
)
scalar("least", "(E:orderable, ...) -> E", sql=_extreme("<="), doc="The least of the values.")
