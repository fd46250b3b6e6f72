"""QuantileDigest: a tree over the bits of numbers, whose nodes count what lies below them, in
airlift's form."""

import struct
from collections.abc import Iterator
from typing import Final

from lakelet.sql.functions.sketches.lists import internal

ACCURACY: Final = 0.01
_FORMAT: Final = 0
_SIGN: Final = 1 << 63
_ALL: Final = (1 << 64) - 1
_NOTHING: Final = 1e-5
"""A weight that counts as none."""


class _Node:
    """Some leading bits of a number (all but `level`), with the weight that is kept there."""

    __slots__ = ("count", "left", "level", "right", "value")

    def __init__(self, value: int, level: int, count: float) -> None:
        self.value = value
        self.level = level
        self.count = count
        self.left: _Node | None = None
        self.right: _Node | None = None

    def bounds(self) -> tuple[int, int]:
        """The least and the greatest number below the node."""
        mask = (1 << self.level) - 1
        return (self.value & ~mask & _ALL) - _SIGN, (self.value | mask) - _SIGN


class QuantileDigest:
    """Holds signed numbers of 64 bits."""

    def __init__(self, accuracy: float = ACCURACY) -> None:
        self.accuracy = accuracy
        self.minimum = 2**63 - 1
        self.maximum = -(2**63)
        self.total = 0.0
        self.root: _Node | None = None

    def add(self, value: int, weight: float = 1.0) -> None:
        """Takes a number into account."""
        self.maximum = max(self.maximum, value)
        self.minimum = min(self.minimum, value)
        before = self.total
        self.root = self._inserted(value + _SIGN, weight)
        factor = self._factor()
        if int(before) // factor != int(self.total) // factor:
            self.compress()

    def _factor(self) -> int:
        return max(int((self.root.level + 1) / self.accuracy), 1) if self.root else 1

    def _inserted(self, bits: int, weight: float) -> _Node:
        self.total += weight
        if self.root is None:
            return _Node(bits, 0, weight)
        root = self.root
        parent: _Node | None = None
        node: _Node | None = root
        while node is not None and _below(bits, node):
            if node.level == 0:
                node.count += weight
                return root
            parent = node
            node = node.right if _is_right(bits, node.level) else node.left
        leaf = _Node(bits, 0, weight)
        added = leaf if node is None else _siblings(node, leaf)
        if parent is None:
            return added
        _attach(parent, bits, added)
        return root

    def compress(self) -> None:
        """Moves the weight of nodes that are too light to their parents."""
        bound = float(int(self.total / self._factor()))
        for node in list(_post_order(self.root)):
            if node.left is None and node.right is None:
                continue
            left = node.left.count if node.left else 0.0
            right = node.right.count if node.right else 0.0
            light = node.count + left + right < bound
            if node.left is not None and (light or left < _NOTHING):
                node.left = _removed(node.left)
                node.count += left
            if node.right is not None and (light or right < _NOTHING):
                node.right = _removed(node.right)
                node.count += right
        if self.root is not None and self.root.count < _NOTHING:
            self.root = _removed(self.root)

    def join(self, other: "QuantileDigest") -> None:
        """Takes into account what another digest has seen."""
        self.root = _merged(self.root, other.root)
        self.total += other.total
        self.minimum = min(self.minimum, other.minimum)
        self.maximum = max(self.maximum, other.maximum)
        self.compress()

    def value_at(self, quantile: float) -> int:
        """The number at a quantile, not below it."""
        passed = 0.0
        for node in _post_order(self.root):
            passed += node.count
            if passed > quantile * self.total:
                return min(node.bounds()[1], self.maximum)
        return self.maximum

    def quantile_of(self, value: int) -> float | None:
        """The share of numbers below one; None outside of what has been seen."""
        if not self.minimum <= value <= self.maximum:
            return None
        below = 0.0
        for node in _post_order(self.root):
            if node.bounds()[1] >= value:
                break
            below += node.count
        return below / self.total

    def write(self) -> bytes:
        """The digest in airlift's form."""
        self.compress()
        nodes = list(_post_order(self.root))
        parts = [
            struct.pack(
                "<b2d3qi",
                _FORMAT,
                self.accuracy,
                0.0,
                0,
                self.minimum,
                self.maximum,
                len(nodes),
            )
        ]
        for node in nodes:
            shape = max(node.level - 1, 0) << 2 | bool(node.left) | bool(node.right) << 1
            parts.append(struct.pack("<BdQ", shape, node.count, node.value))
        return b"".join(parts)


def read(data: bytes) -> QuantileDigest:
    """The digest of a binary; GENERIC_INTERNAL_ERROR for one that is none."""
    try:
        form, accuracy, _, _, low, high, count = struct.unpack_from("<b2d3qi", data)
        if form != _FORMAT:
            raise internal("Invalid format")
        digest = QuantileDigest(accuracy)
        digest.minimum, digest.maximum = low, high
        stack: list[_Node] = []
        for i in range(count):
            shape, weight, value = struct.unpack_from("<BdQ", data, 45 + 17 * i)
            node = _Node(value, (shape >> 2) + bool(shape & 3), weight)
            if shape & 2:
                node.right = stack.pop()
            if shape & 1:
                node.left = stack.pop()
            stack.append(node)
            digest.total += weight
    except (struct.error, IndexError):
        raise internal("Cannot deserialize QuantileDigest") from None
    digest.root = stack[-1] if stack else None
    return digest


def _below(bits: int, node: _Node) -> bool:
    return bits >> node.level == node.value >> node.level


def _is_right(bits: int, level: int) -> bool:
    return bool(bits >> (level - 1) & 1)


def _attach(parent: _Node, bits: int, child: _Node | None) -> None:
    if _is_right(bits, parent.level):
        parent.right = child
    else:
        parent.left = child


def _siblings(first: _Node, second: _Node) -> _Node:
    parent = _Node(first.value, (first.value ^ second.value).bit_length(), 0.0)
    _attach(parent, first.value, first)
    _attach(parent, second.value, second)
    return parent


def _post_order(root: _Node | None) -> Iterator[_Node]:
    """The nodes, left before right, children before parents."""
    waiting = [(root, False)] if root is not None else []
    while waiting:
        node, open_ = waiting.pop()
        if open_ or node.level == 0:
            yield node
            continue
        waiting.append((node, True))
        waiting += [(each, False) for each in (node.right, node.left) if each is not None]


def _removed(node: _Node) -> _Node | None:
    """What takes a node's place: nothing, its only child, or itself without weight."""
    if node.left is not None and node.right is not None:
        node.count = 0.0
        return node
    return node.left or node.right


def _merged(node: _Node | None, other: _Node | None) -> _Node | None:
    if node is None or other is None:
        return node or other
    level = max(node.level, other.level)
    if node.value >> level != other.value >> level:
        return _siblings(node, other)
    if node.level < other.level:
        node, other = other, node
    if node.level > other.level:
        if _is_right(other.value, node.level):
            node.right = _merged(node.right, other)
        else:
            node.left = _merged(node.left, other)
        return node
    node.count += other.count
    node.left = _merged(node.left, other.left)
    node.right = _merged(node.right, other.right)
    return node
