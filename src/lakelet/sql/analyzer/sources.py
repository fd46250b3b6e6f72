"""What is known of relations before anything is read: how many rows they have, which columns of a
query in FROM are used."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from lakelet.sql import tree


def mentions(node: Any, relations: set[str]) -> bool:
    """Whether columns of relations, told by their aliases, stand anywhere in a node."""
    return any(
        isinstance(each, tree.ColumnReference) and each.relation in relations
        for each in tree.descendants(node)
    )


def one_row(relation: tree.Relation | None) -> bool:
    """Whether a relation is a row without a table: nothing, VALUES, an aggregate of all rows."""
    if relation is None:
        return True
    if not isinstance(relation, tree.Derived):
        return False
    body = relation.query.body
    if isinstance(body, tree.Values):
        return len(body.rows) == 1
    if not isinstance(body, tree.Select):
        return False
    return body.group_by == () or (body.where is None and one_row(body.source))


def most_rows(relation: tree.Relation | None) -> int | None:
    """How many rows a relation has at most, as far as Trino's planner knows; None: any number."""
    if relation is None:
        return 1
    if not isinstance(relation, tree.Derived):
        return None
    query, body = relation.query, relation.query.body
    limit = query.limit.value if isinstance(query.limit, tree.Constant) else None
    inside = None
    if isinstance(body, tree.Values):
        inside = len(body.rows)
    elif isinstance(body, tree.Select):
        inside = 1 if body.group_by == () else most_rows(body.source)
    known = [each for each in (inside, limit) if isinstance(each, int)]
    return min(known) if known else None


def joined(relation: tree.Relation | None) -> list[tree.Relation]:
    """The relations of a join; itself of any other."""
    if isinstance(relation, tree.Join):
        return [*joined(relation.left), *joined(relation.right)]
    return [] if relation is None else [relation]


def pruned(
    relation: tree.Relation, named: Mapping[str, tree.Query], select: tree.Select
) -> tree.Query | None:
    """The query that a relation of a select is, without columns that it does not use; None of what
    is no query. `named` are those of WITH."""
    if not isinstance(relation, tree.CteReference | tree.Derived):
        return None
    query = named.get(relation.name) if isinstance(relation, tree.CteReference) else relation.query
    if query is None or not isinstance(query.body, tree.Select) or query.body.distinct:
        return query
    used = {
        each.name
        for each in tree.descendants(select)
        if isinstance(each, tree.ColumnReference) and each.relation == relation.alias
    }
    body = query.body
    kept = [
        item
        for item, output in zip(body.items, body.outputs, strict=True)
        if output.physical in used
    ]
    return replace(query, body=replace(body, items=tuple(kept)))
