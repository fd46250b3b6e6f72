"""Conditions of outer joins: what is computed on one side first, since the engine cannot there."""

from typing import Any, Final

from lakelet.sql import tree
from lakelet.sql.analyzer.context import Context

_QUERIES: Final = (tree.ScalarQuery, tree.Exists, tree.InQuery, tree.Quantified)


def beside(
    context: Context, left: tree.Relation, right: tree.Relation, condition: tree.Expression
) -> tuple[tree.Relation, tree.Relation, tree.Expression]:
    """Both sides of an outer join and its condition, in which subqueries have become columns of
    the side that they are about."""
    found = [each for each in tree.descendants(condition) if isinstance(each, _QUERIES)]
    if not found:
        return left, right, condition
    of_right = {each.alias for each in tree.descendants(right) if hasattr(each, "alias")}
    columns: dict[Any, tree.Expression] = {}
    for each in dict.fromkeys(found):
        alias = context.names.unique("condition")
        output = tree.Output(None, "value", each.type)
        query = tree.Query(tree.Select((each,), (output,)))
        derived = tree.Derived(alias, query, lateral=True)
        columns[each] = tree.ColumnReference(alias, "value", each.type)
        if _relations(each) & of_right:
            right = tree.Join("CROSS", right, derived)
        else:
            left = tree.Join("CROSS", left, derived)
    return left, right, _replaced(condition, columns)


def _relations(node: Any) -> set[str]:
    return {e.relation for e in tree.descendants(node) if isinstance(e, tree.ColumnReference)}


def _replaced(node: Any, columns: dict[Any, tree.Expression]) -> Any:
    if isinstance(node, _QUERIES) and node in columns:
        return columns[node]
    return tree.rebuilt(node, lambda each: _replaced(each, columns))


def filtered(relation: tree.Relation, condition: tree.Expression) -> tree.Relation:
    """A lateral query with the condition that it is joined under inside of it, where DuckDB takes
    any; under the same alias."""
    assert isinstance(relation, tree.Derived)
    outputs = relation.query.outputs
    items = tuple(tree.ColumnReference(relation.alias, o.physical, o.type) for o in outputs)
    select = tree.Select(items, tuple(outputs), relation, condition)
    return tree.Derived(relation.alias, tree.Query(select), lateral=True)
