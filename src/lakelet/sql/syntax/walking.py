"""Walks over a syntax tree, subqueries and all."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any


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
