"""Correlated subqueries that Trino's planner cannot take apart, which it refuses.

What it can: filters over the outer query's columns, projections of them, aggregates of all rows
under such filters, LIMIT under equalities.
"""

from collections.abc import Iterator
from typing import Any

from lakelet.sql import tree


def is_refused(query: tree.Query, kind: str) -> bool:
    """Whether Trino refuses a subquery; `kind` is SCALAR, EXISTS, IN or LATERAL."""
    return bool(_free(query)) and _refused(query, kind)


def is_correlated(relation: tree.Relation) -> bool:
    """Whether a lateral query refers to what stands beside it."""
    return isinstance(relation, tree.Derived) and relation.lateral and bool(_free(relation.query))


def _refused(query: tree.Query, kind: str) -> bool:
    body = query.body
    if isinstance(body, tree.Query):
        return _refused(body, kind)
    if isinstance(body, tree.SetOperation):
        return any(_free(side) and not _is_empty(side) for side in (body.left, body.right))
    if isinstance(body, tree.Values):
        return len(body.rows) > 1
    return _refused_select(query, body, kind)


def _refused_select(query: tree.Query, select: tree.Select, kind: str) -> bool:
    outer = _free(query)
    items = list(tree.descendants(select.items))
    if any(isinstance(each, tree.WindowCall) for each in items):
        return True
    calls = [each for each in items if isinstance(each, tree.AggregateCall)]
    if any(_mentions((each.arguments, each.filter, each.order_by), outer) for each in calls):
        return True
    limited = query.limit is not None and kind != "EXISTS"
    if limited and any(not _is_equality(each, outer) for each in _conjuncts(select.where)):
        return True
    if kind == "IN" and (select.group_by is not None or _mentions(select.items, outer)):
        return True
    unnests = isinstance(select.source, tree.Unnest) and _mentions(select.source, outer)
    return unnests and kind in ("EXISTS", "IN")


def _free(node: Any) -> set[str]:
    """The relations that a query mentions and does not have."""
    inside, mentioned = set(), set()
    for each in tree.descendants(node):
        if isinstance(each, tree.ColumnReference):
            mentioned.add(each.relation)
        elif hasattr(each, "alias"):
            inside.add(each.alias)
            inside.add(getattr(each, "rows", ""))
    return mentioned - inside


def _mentions(node: Any, relations: set[str]) -> bool:
    return any(
        isinstance(each, tree.ColumnReference) and each.relation in relations
        for each in tree.descendants(node)
    )


def _is_empty(query: tree.Query) -> bool:
    where = query.body.where if isinstance(query.body, tree.Select) else None
    return isinstance(where, tree.Constant) and not where.value


def _conjuncts(condition: tree.Expression | None) -> Iterator[tree.Expression]:
    if isinstance(condition, tree.Logical) and condition.operator == "AND":
        for each in condition.operands:
            yield from _conjuncts(each)
    elif condition is not None:
        yield condition


def _is_equality(condition: tree.Expression, outer: set[str]) -> bool:
    """Whether a condition over the outer query's columns is an equality; others are all right."""
    if not _mentions(condition, outer):
        return True
    return isinstance(condition, tree.FunctionCall) and condition.function.name == "="
