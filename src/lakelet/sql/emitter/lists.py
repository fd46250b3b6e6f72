"""IN over constants, of which there may be thousands."""

from collections.abc import Iterator, Sequence
from typing import Final

from lakelet.sql import tree
from lakelet.sql.emitter.certainties import in_by_keys
from lakelet.sql.emitter.literals import literal

LONG: Final = 64
"""Constants of which a hash table pays."""

_WHOLE: Final = ("tinyint", "smallint", "integer", "bigint")
_SHORT: Final = 2**31


def are_constants(nodes: Sequence[tree.Expression]) -> bool:
    """Whether all are constants of types without a key of their own."""
    return all(isinstance(each, tree.Constant) and each.type.name in _PLAIN for each in nodes)


_PLAIN: Final = (*_WHOLE, "varchar", "date", "decimal")


def constants(nodes: Sequence[tree.Expression]) -> str:
    """The texts of constants with commas between; whole numbers bare, which are read thrice as
    fast."""
    return ", ".join(_text(each) for each in nodes if isinstance(each, tree.Constant))


def _text(node: tree.Constant) -> str:
    value = node.value
    if node.type.name in _WHOLE and value is not None and abs(value) < _SHORT:
        return str(value)
    return literal(value, node.type)


def has_long(condition: tree.Expression) -> bool:
    """Whether a term of a condition looks for a value in a long list."""
    return any(map(is_long, _lists(condition)))


def is_long(node: tree.InList) -> bool:
    """Whether IN is better asked of a table: DuckDB makes one by itself of an IN that stands alone
    in WHERE, and compares with one constant after the other elsewhere."""
    return len(node.items) >= LONG and are_constants(node.items) and in_by_keys(node)


def _lists(condition: tree.Expression) -> Iterator[tree.InList]:
    if isinstance(condition, tree.Logical):
        for each in condition.operands:
            yield from _lists(each)
    elif isinstance(condition, tree.Not):
        yield from _lists(condition.value)
    elif isinstance(condition, tree.InList):
        yield condition
