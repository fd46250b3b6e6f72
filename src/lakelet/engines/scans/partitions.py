"""The partitions that a scan's conditions leave.

Simple conditions are looked up in the catalogue's index; whatever the language can say is then
evaluated by DuckDB over the values of those that were found.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from lakelet.catalog import projection
from lakelet.catalog.partition_values import NULL_PARTITION
from lakelet.config import Dialect
from lakelet.engines.duckdb import DuckDb, stopping
from lakelet.engines.scans.domains import TURNED, constant, domains
from lakelet.engines.scans.folding import folded
from lakelet.engines.scans.key_values import check, key_value
from lakelet.errors import TrinoError
from lakelet.interfaces import Catalog
from lakelet.model import Column, Partition, Table
from lakelet.sql import tree
from lakelet.sql.emitter.expressions import ExpressionEmitter
from lakelet.types.quoting import identifier, quoted

_MAX_EXPRESSION: Final = 100_000
"""Characters of an expression that is still worth looking up."""
_DEEPEST: Final = 50
"""How deep conditions may lie in each other for that."""


@dataclass(frozen=True, slots=True)
class Kept:
    """Partitions, whether they are all that the table has, and whether they are projected."""

    partitions: Sequence[Partition]
    all: bool = False
    projected: bool = False


class Partitions:
    """Finds the partitions of a lake's tables."""

    def __init__(self, catalog: Catalog, duckdb: DuckDb) -> None:
        self._catalog = catalog
        self._duckdb = duckdb

    def kept(self, scan: tree.Scan, table: Table, dialect: Dialect) -> Kept:
        """The partitions whose rows the scan's conditions may keep. Raises TrinoError."""
        keys = {each.name.lower() for each in table.partition_keys}
        conditions = [each for each in scan.constraint if _names(each) <= keys]
        if projection.is_projected(table):
            compared = [folded(each, self._duckdb) for each in conditions]
            told = domains(compared, keys - _timestamps(table.partition_keys))
            narrow = self._narrowing(conditions, table.partition_keys)
            computed = projection.partitions(table, told, dialect, narrow=narrow)
            kept = self._conditioned(conditions, table, computed)
            check(table, kept)
            return Kept(kept, projected=True)
        usable = _usable(table.partition_keys)
        expression = _expression(conditions, usable)
        found = self._catalog.partitions(table, expression)
        check(table, found)
        if not expression or not all(_is_exact(each, usable) for each in conditions):
            found = self._conditioned(conditions, table, found)
        return Kept(found, all=not conditions)

    def _conditioned(
        self, conditions: Sequence[tree.Expression], table: Table, found: Sequence[Partition]
    ) -> Sequence[Partition]:
        if not conditions or not found:
            return found
        values = [[part.values[i] for part in found] for i in range(len(table.partition_keys))]
        kept = self._evaluated(conditions, table.partition_keys, values)
        return [each for index, each in enumerate(found) if index in kept]

    def _narrowing(
        self, conditions: Sequence[tree.Expression], keys: Sequence[Column]
    ) -> dict[str, projection.Narrow]:
        """For each key of which some condition speaks alone, what that leaves of its values."""
        alone: dict[str, list[tree.Expression]] = {}
        for each in conditions:
            if len(names := _names(each)) == 1:
                alone.setdefault(names.pop(), []).append(each)
        return {
            key.name.lower(): partial(self._narrowed, alone[key.name.lower()], key)
            for key in keys
            if key.name.lower() in alone
        }

    def _narrowed(
        self, conditions: Sequence[tree.Expression], key: Column, values: list[str]
    ) -> list[str]:
        kept = self._evaluated(conditions, [key], [values])
        return [each for index, each in enumerate(values) if index in kept]

    def _evaluated(
        self,
        conditions: Sequence[tree.Expression],
        keys: Sequence[Column],
        values: Sequence[Sequence[str]],
    ) -> set[int]:
        """Positions of the values, given key by key, for which every condition is true.

        A condition that fails on a value prunes nothing: the rows themselves decide then.
        """
        import pyarrow

        columns: dict[str, Any] = {
            key.name.lower(): pyarrow.array(each, pyarrow.string())
            for key, each in zip(keys, values, strict=True)
        }
        count = len(values[0])
        columns["$index"] = pyarrow.array(range(count), pyarrow.int64())
        emitter = ExpressionEmitter(lambda query: "")
        relations = {relation for each in conditions for relation in _relations(each)}
        typed = ", ".join(key_value("p", each) for each in keys)
        text = (
            f'SELECT "$index" FROM (SELECT {typed}, "$index" FROM lakelet_partitions p)'
            f" AS {identifier(relations.pop())} WHERE "
            + " AND ".join(map(emitter.emit, conditions))
        )
        try:
            reader = self._duckdb.execute(text, {"lakelet_partitions": pyarrow.table(columns)})
            return set(reader.read_all().column(0).to_pylist())
        except TrinoError:
            stopping.check()
            return set(range(count))


def _timestamps(keys: Sequence[Column]) -> set[str]:
    """The keys whose values are no texts that a domain's constants could be held against."""
    return {each.name.lower() for each in keys if each.type.lower() == "timestamp"}


# The index ------------------------------------------------------------------------------------

_INTEGERS: Final = frozenset({"tinyint", "smallint", "int", "integer", "bigint"})


def _usable(keys: Sequence[Column]) -> dict[str, Column]:
    """The keys that the index can be asked for, by their names."""
    return {
        each.name.lower(): each
        for each in keys
        if "`" not in each.name
        and (each.type.lower() in _INTEGERS or each.type.lower().startswith(("string", "varchar")))
    }


def _expression(conditions: Sequence[tree.Expression], usable: dict[str, Column]) -> str:
    """A GetPartitions expression that keeps all that the conditions do, as far as it can."""
    parts = [text for each in conditions for text in _terms(each, usable)]
    text = " AND ".join(parts)
    return text if len(text) <= _MAX_EXPRESSION else ""


def _terms(condition: tree.Expression, usable: dict[str, Column]) -> Iterator[str]:
    """A condition, or those of its parts that can be said."""
    if isinstance(condition, tree.Logical) and condition.operator == "AND":
        for each in condition.operands:
            yield from _terms(each, usable)
        return
    text = _said(condition, usable)
    if text:
        yield text


def _said(condition: tree.Expression, usable: dict[str, Column], room: int = _DEEPEST) -> str:
    """A condition as an expression of GetPartitions, '' where that cannot say the same or more."""
    if isinstance(condition, tree.Logical):
        parts = [_said(each, usable, room - 1) if room else "" for each in condition.operands]
        return f"({f' {condition.operator} '.join(parts)})" if all(parts) else ""
    if isinstance(condition, tree.FunctionCall) and condition.function.name in TURNED:
        left, right = condition.arguments
        return _compared(left, condition.function.name, right, usable)
    if isinstance(condition, tree.Between):
        low = _compared(condition.value, ">=", condition.low, usable)
        high = _compared(condition.value, "<=", condition.high, usable)
        return f"({low} AND {high})" if low and high else ""
    if isinstance(condition, tree.InList):
        found = [_compared(condition.value, "=", each, usable) for each in condition.items]
        return f"({' OR '.join(found)})" if found and all(found) else ""
    return ""


def _is_exact(condition: tree.Expression, usable: dict[str, Column]) -> bool:
    """Whether the index keeps no more than a condition: texts and integers that are equal."""
    if isinstance(condition, tree.Logical):
        return all(_is_exact(each, usable) for each in condition.operands)
    if isinstance(condition, tree.FunctionCall) and condition.function.name == "=":
        pairs = [condition.arguments]
    elif isinstance(condition, tree.InList):
        pairs = [(condition.value, each) for each in condition.items]
    else:
        return False
    return all(_is_equality(left, right, usable) for left, right in pairs)


def _is_equality(left: tree.Expression, right: tree.Expression, usable: dict[str, Column]) -> bool:
    if not _compared(left, "=", right, usable):
        return False
    key, value = (left, constant(right)) if constant(left) is None else (right, constant(left))
    assert isinstance(key, tree.ColumnReference)
    is_cut = usable[key.name].type.lower().startswith("varchar")
    return not is_cut and value != NULL_PARTITION


def _compared(
    left: tree.Expression, operator: str, right: tree.Expression, usable: dict[str, Column]
) -> str:
    value = constant(right)
    if value is None:
        left, operator, value = right, TURNED[operator], constant(left)
    key = usable.get(left.name) if isinstance(left, tree.ColumnReference) else None
    if key is None or type(value) is not (int if key.type.lower() in _INTEGERS else str):
        return ""
    if not isinstance(value, str):
        return f"`{key.name}` {operator} {value}"
    # Of a quote behind a backslash the expression does not say whose it is.
    return "" if "\\" in value else f"`{key.name}` {operator} {quoted(value)}"


def _names(expression: tree.Expression) -> set[str]:
    return {
        node.name for node in tree.descendants(expression) if isinstance(node, tree.ColumnReference)
    }


def _relations(expression: tree.Expression) -> set[str]:
    return {
        node.relation
        for node in tree.descendants(expression)
        if isinstance(node, tree.ColumnReference)
    }
