"""Correlated subqueries that Trino's planner cannot take apart, which it refuses.

What it can: filters over the outer query's columns, projections of them beside one row, aggregates
of all rows under such filters, LIMIT under equalities.
"""

import operator
from collections.abc import Callable
from typing import Any, Final

from lakelet.sql import tree
from lakelet.sql.analyzer.sources import joined, mentions, most_rows, one_row, pruned


def is_refused(query: tree.Query, kind: str) -> bool:
    """Whether Trino refuses a subquery; `kind` is SCALAR, EXISTS, IN or LATERAL."""
    return refers_out(query) and _refused(query, kind)


def refers_out(query: tree.Query) -> bool:
    """Whether a query is correlated: it uses columns of the query around it."""
    return bool(_free(query))


def is_one_row(relation: tree.Relation) -> bool:
    """Whether a lateral query is an aggregate of all rows, and so has one row whatever they are."""
    if not isinstance(relation, tree.Derived) or not relation.lateral:
        return False
    query, body = relation.query, relation.query.body
    whole = query.limit is None and query.offset is None
    return whole and isinstance(body, tree.Select) and body.group_by == () and body.having is None


def always(condition: tree.Expression) -> bool:
    """Whether a condition is the constant true."""
    return isinstance(condition, tree.Constant) and condition.value is True


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
        return len(body.rows) > 1 or kind in ("IN", "BELOW")
    outer = _free(query)
    inside = _refused_queries(body, kind, outer) or _refused_source(query, body, kind, outer)
    return inside or _refused_select(query, body, kind)


_QUERIES: Final = (tree.ScalarQuery, tree.Exists, tree.InQuery, tree.Quantified)


def _refused_queries(select: tree.Select, kind: str, outer: set[str]) -> bool:
    """Queries in WHERE take nothing from further out than the one around them; beside what is
    selected stand none."""
    found = [each for each in tree.descendants(select.where) if isinstance(each, _QUERIES)]
    if any(mentions((each.query, getattr(each, "value", ())), outer) for each in found):
        return True
    if kind == "EXISTS" or (kind == "SCALAR" and one_row(select.source)):
        return False
    return any(isinstance(each, _QUERIES) for each in tree.descendants(select.items))


def _refused_source(query: tree.Query, select: tree.Select, kind: str, outer: set[str]) -> bool:
    """Of queries in FROM only one that stands alone is correlated: by its filters, and otherwise
    where it alone is what is selected from."""
    named = {each.name: each.query for each in query.common_tables if each.step is None}
    sides = joined(select.source)
    for side in sides:
        below = pruned(side, named, select)
        if below is not None and mentions(below, outer):
            return len(sides) > 1 or _refused_below(below, select, kind)
        if isinstance(side, tree.Unnest) and mentions(side, outer):
            beside = {each.alias for each in sides if each is not side and hasattr(each, "alias")}
            alone = all(each is side or one_row(each) for each in sides)
            return not alone or mentions(select, beside)
    return False


def _refused_below(query: tree.Query, select: tree.Select, kind: str) -> bool:
    around = (select.where, select.group_by, select.having, select.distinct)
    if around == (None, None, None, False) and kind in ("SCALAR", "LATERAL"):
        return _refused(query, kind)
    body = query.body
    if not isinstance(body, tree.Select):
        return True
    return body.group_by == () or mentions(body.items, _free(query)) or _refused(query, "BELOW")


def _refused_select(query: tree.Query, select: tree.Select, kind: str) -> bool:
    outer = _free(query)
    items = list(tree.descendants(select.items))
    if any(isinstance(each, tree.WindowCall) for each in items):
        return True
    calls = [each for each in items if isinstance(each, tree.AggregateCall)]
    if any(mentions((each.arguments, each.filter, each.order_by), outer) for each in calls):
        return True
    limited = query.limit is not None and kind != "EXISTS"
    if query.offset is not None or (limited and _refused_limit(query, select, outer)):
        return True
    if kind == "IN" and _refused_in(select, outer):
        return True
    if isinstance(select.source, tree.Unnest) and mentions(select.source, outer):
        # Filters that all aggregates have are made one below them.
        masked = bool(calls) and all(each.filter is not None for each in calls)
        filtered = select.where is not None or masked
        if kind in ("EXISTS", "IN") or filtered or select.distinct or select.group_by:
            return True
    return _refused_groups(select, kind, outer) or _refused_items(select, kind, outer)


def _refused_in(select: tree.Select, outer: set[str]) -> bool:
    if mentions(select.items, outer):
        return True
    return select.group_by is not None and mentions((select.source, select.where), outer)


def _refused_limit(query: tree.Query, select: tree.Select, outer: set[str]) -> bool:
    """LIMIT stays under equalities of columns, and under conditions on the outer query alone.

    Of one row without an order every column must be one that equals something outside. What is
    unnested of the outer query Trino takes apart in another way, which knows every LIMIT.
    """
    if select.group_by == () or mentions(select.source, outer):
        return False
    if _is_no_limit(query, select):
        return bool(query.order_by)
    if select.grouping_sets is not None:
        return _refused_limit_of_groups(select, outer)
    if query.with_ties or mentions(query.order_by, outer):
        return True
    correlated = [each for each in tree.conjuncts(select.where) if mentions(each, outer)]
    if any(not _is_of_column(each, outer) and not _is_outer(each, outer) for each in correlated):
        return True
    if query.order_by or not isinstance(query.limit, tree.Constant) or query.limit.value != 1:
        return False
    fixed = {each for condition in correlated for each in _columns(condition)}
    if select.group_by and set(select.group_by) <= fixed:
        return False
    calculated = any(map(tree.has_aggregate, select.items))
    return calculated or not fixed or not _columns(select.items) <= fixed


def _is_no_limit(query: tree.Query, select: tree.Select) -> bool:
    """Whether there are no more rows than LIMIT leaves, of which Trino then keeps the order alone,
    that it cannot take apart."""
    rows = most_rows(select.source)
    limit = query.limit.value if isinstance(query.limit, tree.Constant) else None
    return rows is not None and isinstance(limit, int) and rows <= limit


def _refused_limit_of_groups(select: tree.Select, outer: set[str]) -> bool:
    """LIMIT stays over groups of which all that is selected equals something outside."""
    having = [each for each in tree.conjuncts(select.having) if mentions(each, outer)]
    fixed = {part for each in having for part in tree.parts(each)[0]}
    return not having or not set(select.items) <= fixed


def _columns(node: Any) -> set[tree.ColumnReference]:
    return {each for each in tree.descendants(node) if isinstance(each, tree.ColumnReference)}


def _is_outer(condition: tree.Expression, outer: set[str]) -> bool:
    return all(
        each.relation in outer
        for each in tree.descendants(condition)
        if isinstance(each, tree.ColumnReference)
    )


def _refused_groups(select: tree.Select, kind: str, outer: set[str]) -> bool:
    grouped = (select.source, select.where, select.group_by, select.items)
    if select.grouping_sets is not None and mentions(grouped, outer):
        return True
    if mentions(select.group_by, outer):
        return True
    if select.group_by == () and select.having is not None and mentions(select.where, outer):
        return True
    if kind != "EXISTS" or not select.group_by:
        return False
    keys = set(select.group_by)
    return any(
        mentions(each, outer)
        and not _is_of_column(each, outer)
        and not _is_of_keys(each, outer, keys)
        for each in tree.conjuncts(select.where)
    )


def _is_of_keys(condition: tree.Expression, outer: set[str], keys: set[Any]) -> bool:
    """Whether a condition is on what rows are grouped by, so that it may come after."""
    return all(
        each in keys
        for each in tree.descendants(condition)
        if isinstance(each, tree.ColumnReference) and each.relation not in outer
    )


def _refused_items(select: tree.Select, kind: str, outer: set[str]) -> bool:
    """Columns of the outer query are selected beside one row, or beside elements, alone."""
    if kind not in ("SCALAR", "LATERAL") or select.group_by is not None:
        return False
    if not mentions(select.items, outer):
        return False
    plain = isinstance(select.source, tree.Unnest) or one_row(select.source)
    return not plain or not all(map(_holds, tree.conjuncts(select.where)))


def _holds(condition: tree.Expression) -> bool:
    """Whether a condition is constant and true, as far as is seen here: `true`, `0 = 0`."""
    if isinstance(condition, tree.FunctionCall) and condition.function.name in _COMPARED:
        known = [each.value for each in condition.arguments if isinstance(each, tree.Constant)]
        plain = len(known) == 2 and type(known[0]) is type(known[1]) in (int, str)
        return plain and _COMPARED[condition.function.name](*known)
    return always(condition)


_COMPARED: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def is_filter(relation: tree.Relation) -> bool:
    """Whether a lateral query uses what stands beside it in its WHERE alone."""
    assert isinstance(relation, tree.Derived)
    query = relation.query
    body = query.body
    if not isinstance(body, tree.Select) or query.limit is not None or query.offset is not None:
        return False
    outer = _free(query)
    plain = body.group_by is None and not body.distinct
    return plain and not mentions((body.items, body.source, query.order_by), outer)


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


def _is_empty(query: tree.Query) -> bool:
    where = query.body.where if isinstance(query.body, tree.Select) else None
    return isinstance(where, tree.Constant) and not where.value


def _is_of_column(condition: tree.Expression, outer: set[str]) -> bool:
    """Whether a condition is an equality of an inner column with something of the outer query."""
    if not isinstance(condition, tree.FunctionCall) or condition.function.name != "=":
        return False
    left, right = condition.arguments
    return any(
        _is_column(one) and not mentions(one, outer) and mentions(other, outer)
        for one, other in ((left, right), (right, left))
    )


def _is_column(value: tree.Expression) -> bool:
    """A column, or one in a wider type that keeps its values apart."""
    if isinstance(value, tree.Cast) and value.type.name not in ("real", "double"):
        value = value.value
    return isinstance(value, tree.ColumnReference)
