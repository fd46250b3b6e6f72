"""Comparing values: the operators, and what to group, order and join by.

Trino's NaN is equal to nothing and neither above nor below anything, where DuckDB's is the
greatest number and equal to itself.
"""

from typing import Final

from lakelet.types.model import Type

_FLOATING: Final = ("real", "double")
_INFINITY: Final = "CAST('Infinity' AS DOUBLE)"


def compare(operator: str, left: str, right: str, of: Type) -> str:
    """A comparison of two values of one type."""
    left, right = key(left, of), key(right, of)
    if operator == "IS DISTINCT FROM":
        return f"({left} IS DISTINCT FROM {right})"
    if of.name in _FLOATING:
        return _floating(operator, left, right)
    return f"({left} {operator} {right})"


def key(sql: str, of: Type) -> str:
    """What stands for a value where values are grouped, ordered, joined or told apart."""
    if of.name == "timestamp with time zone":
        return f"{sql}.instant"
    if of.name == "time with time zone":
        return f"(epoch_us({sql}.local) - {sql}.zone * 60000000) % 86400000000"
    return sql


def _floating(operator: str, left: str, right: str) -> str:
    plain = f"{left} {operator} {right}"
    both = f"({left} > {_INFINITY} AND {right} > {_INFINITY})"
    if operator == "=":
        return f"({plain} AND NOT {both})"
    if operator == "<>":
        return f"({plain} OR {both})"
    # NaN sorts last in DuckDB, so only the greater side can be it when the plain comparison holds.
    greater, smaller = (right, left) if operator.startswith("<") else (left, right)
    if len(operator) == 1:
        return f"({plain} AND NOT ({greater} > {_INFINITY} AND {smaller} <= {_INFINITY}))"
    return f"({plain} AND NOT ({greater} > {_INFINITY} AND {smaller} IS NOT NULL))"
