"""Walks over a syntax tree, subqueries and all."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any, Final

from lakelet.sql.syntax import nodes


def parts(node: Any) -> Iterator[Any]:
    """What a node, or a tuple of nodes, is directly made of."""
    if isinstance(node, tuple):
        yield from node
    elif is_dataclass(node):
        for each in fields(node):
            yield getattr(node, each.name)


def descendants(node: Any) -> Iterator[Any]:
    """A node and all that it is made of, in the order in which it is written."""
    waiting = [node]
    while waiting:
        current = waiting.pop()
        yield current
        waiting.extend(reversed(list(parts(current))))


def children(node: Any) -> Iterator[nodes.Expression]:
    """The expressions directly inside one, those of subqueries left out."""
    for name in node.__slots__:
        if name not in _LEAVES.get(type(node), ()):
            yield from _expressions(getattr(node, name))


def _expressions(value: Any) -> Iterator[nodes.Expression]:
    if isinstance(value, tuple):
        for each in value:
            yield from _expressions(each)
    elif isinstance(value, _WRAPPERS):
        yield from children(value)
    elif is_dataclass(value) and not isinstance(value, nodes.Query):
        yield value  # type: ignore[misc]  # nodes hold no other dataclass


_WRAPPERS = (nodes.SortItem, nodes.Window, nodes.Frame, nodes.FrameBound, nodes.JsonValue)


_LEAVES: Final[dict[type, tuple[str, ...]]] = {
    nodes.FunctionCall: ("name",),
    nodes.Dereference: ("field",),
    nodes.Lambda: ("parameters",),
    nodes.MeasureReference: ("name",),
}
"""Fields that hold names, not expressions."""
