"""The columns that a query gives: Trino's names and distinct physical ones."""

from collections.abc import Sequence

from lakelet.sql import tree
from lakelet.sql.analyzer.coercions import coerce
from lakelet.sql.analyzer.context import Context
from lakelet.types import Type


def named_outputs(columns: Sequence[tuple[str | None, Type]]) -> tuple[tree.Output, ...]:
    """Outputs for (name, type) pairs; a name that comes again gets a number behind it."""
    taken = {label.lower() for label, _ in columns if label}
    used: set[str] = set()
    found = []
    for i, (label, of) in enumerate(columns):
        wanted = label.lower() if label else f"_col{i}"
        physical, count = wanted, 1
        while physical in used or ((count > 1 or not label) and physical in taken):
            count += 1
            physical = f"{wanted}_{count}"
        used.add(physical)
        found.append(tree.Output(label, physical, of))
    return tuple(found)


def coerced(context: Context, query: tree.Query, types: Sequence[Type]) -> tree.Query:
    """The query with its outputs coerced, as near to the values as can be."""
    if all(each.type == of for each, of in zip(query.outputs, types, strict=True)):
        return query
    outputs = tuple(
        tree.Output(each.name, each.physical, of)
        for each, of in zip(query.outputs, types, strict=True)
    )
    body = query.body
    plain = not (query.order_by or query.limit or query.offset)
    if plain and isinstance(body, tree.Select) and not body.distinct:
        items = tuple(map(coerce, body.items, types))
        select = tree.Select(
            items,
            outputs,
            body.source,
            body.where,
            body.group_by,
            body.grouping_sets,
            body.having,
        )
        return tree.Query(select, query.common_tables)
    if plain and isinstance(body, tree.Values):
        rows = tuple(tuple(map(coerce, row, types)) for row in body.rows)
        return tree.Query(tree.Values(rows, outputs), query.common_tables)
    return projected(context, query, outputs, range(len(outputs)))


def projected(
    context: Context,
    query: tree.Query,
    outputs: tuple[tree.Output, ...],
    positions: Sequence[int],
) -> tree.Query:
    """A query over another that gives some of its outputs, coerced, under new names."""
    alias = context.names.unique("subquery")
    items = tuple(
        coerce(
            tree.ColumnReference(alias, query.outputs[i].physical, query.outputs[i].type), each.type
        )
        for i, each in zip(positions, outputs, strict=True)
    )
    return tree.Query(tree.Select(items, outputs, tree.Derived(alias, query)))
