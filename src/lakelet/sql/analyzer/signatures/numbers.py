"""The numbers of a signature's types: sums, least and greatest of its arguments' numbers."""

import ast
from collections.abc import Callable
from functools import lru_cache
from typing import Final


def evaluate(expression: str, values: dict[str, int]) -> int | None:
    """The number an expression over number variables gives; None while one is free."""
    tree = _calculation(expression)
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    if names - _CALLS.keys() - values.keys():
        return None
    return _calculate(tree, values)


@lru_cache(maxsize=1024)
def _calculation(expression: str) -> ast.expr:
    return ast.parse(expression, mode="eval").body


_CALLS: Final[dict[str, Callable[..., int]]] = {"min": min, "max": max}
_OPERATIONS: Final[dict[type[ast.operator], Callable[[int, int], int]]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.Div: lambda a, b: a // b,
}


def _calculate(node: ast.expr, values: dict[str, int]) -> int:
    match node:
        case ast.Constant(value=int(number)):
            return number
        case ast.Name(id=name):
            return values[name]
        case ast.BinOp(left=left, op=op, right=right):
            return _OPERATIONS[type(op)](_calculate(left, values), _calculate(right, values))
        case ast.Call(func=ast.Name(id=name), args=args):
            return _CALLS[name](*(_calculate(each, values) for each in args))
    raise ValueError(f"malformed calculation {ast.unparse(node)}")
