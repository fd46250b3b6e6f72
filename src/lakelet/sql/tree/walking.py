"""Going through a tree and changing its parts."""

import operator
from collections.abc import Callable, Iterator
from dataclasses import is_dataclass, replace
from typing import Any, Final

from lakelet.sql.tree import calls, patterns, queries, relations, scalars
from lakelet.sql.tree.expressions import Expression

_NODES: Final = frozenset(
    each
    for module in (calls, patterns, queries, relations, scalars)
    for each in vars(module).values()
    if is_dataclass(each) and each.__module__ == module.__name__
)

_LEAVES = frozenset(("type", "function", "table", "outputs", "name", "alias", "program"))
"""Fields that hold no nodes."""


def is_node(value: Any) -> bool:
    """Whether a value is a node of the tree."""
    return type(value) in _NODES


def part_names(node: Any) -> list[str]:
    """The fields of a node that may hold nodes, alone or in tuples."""
    return [name for name in node.__slots__ if name not in _LEAVES]


def parts(node: Any) -> list[Any]:
    """What the fields of a node hold; nothing for what is no node."""
    return [getattr(node, name) for name in part_names(node)] if is_node(node) else []


def descendants(root: Any) -> Iterator[Any]:
    """The nodes of a tree, itself first; a subquery's too."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if isinstance(node, tuple):
            waiting.extend(node)
        elif is_node(node):
            yield node
            waiting.extend(parts(node))


def rebuilt(node: Any, change: Callable[[Any], Any]) -> Any:
    """A node or tuple with its parts changed; itself if none of them is."""
    if isinstance(node, tuple):
        changed = tuple(map(change, node))
        return node if all(map(operator.is_, changed, node)) else changed
    if not is_node(node):
        return node
    changes = {}
    for name in part_names(node):
        before = getattr(node, name)
        after = change(before)
        if after is not before:
            changes[name] = after
    return replace(node, **changes) if changes else node


def conjuncts(condition: Expression | None) -> Iterator[Expression]:
    """The terms that all hold where a condition does; none of no condition."""
    if isinstance(condition, scalars.Logical) and condition.operator == "AND":
        for each in condition.operands:
            yield from conjuncts(each)
    elif condition is not None:
        yield condition


def has_aggregate(expression: Expression) -> bool:
    """Whether an expression holds an aggregate of its own query level."""
    return any(isinstance(each, calls.AggregateCall) for each in descendants(expression))
