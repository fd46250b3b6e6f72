"""Dynamic filtering: the values of a small table's column, by which a join leaves few partitions.

Trino finds them while it runs; here the small side is read before the large one is listed.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from lakelet.engines.duckdb import DuckDb
from lakelet.engines.scans.planned import PlannedScan
from lakelet.sql import tree
from lakelet.sql.emitter.expressions import ExpressionEmitter
from lakelet.types.quoting import identifier

MAX_BYTES: Final = 32 * 1024 * 1024
"""Of a table that is read for its values."""

MAX_VALUES: Final = 10_000


@dataclass(frozen=True, slots=True)
class Equality:
    """A row is only of use if its column equals one of another scan's column."""

    scan: int
    column: tree.ColumnReference
    source: int
    source_column: tree.ColumnReference


def equalities(query: tree.Query) -> list[Equality]:
    """Those of inner joins, of conditions and of `column IN (SELECT …)`, in both directions."""
    return [
        each
        for node in tree.descendants(query)
        if isinstance(node, tree.Select) and node.source is not None
        for each in _of(node)
    ]


def _of(select: tree.Select) -> Iterator[Equality]:
    leaves: dict[str, int] = {}
    conditions: list[tree.Expression] = list(tree.conjuncts(select.where))
    waiting: list[Any] = [select.source]
    while waiting:
        relation = waiting.pop()
        if isinstance(relation, tree.Join) and relation.kind in ("INNER", "CROSS"):
            conditions += tree.conjuncts(relation.condition)
            waiting += [relation.left, relation.right]
        elif isinstance(relation, tree.TableScan):
            leaves[relation.alias] = relation.id
    for condition in conditions:
        yield from _equal(condition, leaves)


def _equal(condition: tree.Expression, leaves: Mapping[str, int]) -> Iterator[Equality]:
    if isinstance(condition, tree.InQuery):
        source = _column_of(condition.query)
        column = condition.value
        if source and isinstance(column, tree.ColumnReference) and column.relation in leaves:
            yield Equality(leaves[column.relation], column, *source)
        return
    if not isinstance(condition, tree.FunctionCall) or condition.function.name != "=":
        return
    left, right = condition.arguments
    if isinstance(left, tree.ColumnReference) and isinstance(right, tree.ColumnReference):
        one, other = leaves.get(left.relation), leaves.get(right.relation)
        if one is not None and other is not None and one != other:
            yield Equality(one, left, other, right)
            yield Equality(other, right, one, left)


def _column_of(query: tree.Query) -> tuple[int, tree.ColumnReference] | None:
    """The scan and the column that a plain subquery gives; what its conditions leave out besides
    the scan's own does no harm."""
    body = query.body
    if query.limit is not None or query.offset is not None or not isinstance(body, tree.Select):
        return None
    item = body.items[0]
    plain = body.group_by is None and isinstance(body.source, tree.TableScan)
    if not plain or not isinstance(item, tree.ColumnReference):
        return None
    assert isinstance(body.source, tree.TableScan)
    return (body.source.id, item) if item.relation == body.source.alias else None


# Values ---------------------------------------------------------------------------------------


def narrowed(
    scan: tree.Scan,
    found: Sequence[Equality],
    planned: Mapping[int, tuple[tree.Scan, PlannedScan]],
    duckdb: DuckDb,
) -> tree.Scan:
    """The scan with a condition for each equality with a small scan that is planned already."""
    conditions = []
    for each in found:
        if each.source not in planned:
            continue
        values = _values(*planned[each.source], each.source_column, duckdb)
        if values is not None:
            items = tuple(tree.Constant(value, each.column.type) for value in values)
            conditions.append(tree.InList(each.column, items))
    return replace(scan, constraint=(*scan.constraint, *conditions))


def _values(
    scan: tree.Scan, planned: PlannedScan, column: tree.ColumnReference, duckdb: DuckDb
) -> list[Any] | None:
    """The distinct values of a column in the rows that the scan's conditions keep; None where that
    is much to read or to ask for."""
    if sum(file.info.size for file in planned.files) > MAX_BYTES:
        return None
    emitter = ExpressionEmitter(lambda query: "")
    plain = [
        each
        for each in scan.constraint
        if not any(isinstance(node, tree.Query) for node in tree.descendants(each))
    ]
    conditions = "".join(f" AND {emitter.emit(each)}" for each in plain)
    name = identifier(column.name)
    text = (
        f"SELECT DISTINCT {name} FROM {planned.relation.sql} AS {identifier(column.relation)}"
        f" WHERE {name} IS NOT NULL{conditions} LIMIT {MAX_VALUES + 1}"
    )
    with duckdb.session() as session:
        found = session.execute(text, planned.relation.datasets).read_all().column(0).to_pylist()
    if len(found) > MAX_VALUES:
        return None
    values = [each.isoformat() if type(each) is date else each for each in found]
    return values if all(type(each) in (int, str) for each in values) else None
