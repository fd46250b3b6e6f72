"""Queries: WITH, set operations, VALUES, and what stands behind a body."""

from collections.abc import Sequence
from typing import Final

from lakelet.errors import TrinoError
from lakelet.sql import tree
from lakelet.sql.analyzer.clauses import leave_aggregates, refuse_aggregates
from lakelet.sql.analyzer.coercions import coerce
from lakelet.sql.analyzer.context import Context
from lakelet.sql.analyzer.expressions import ExpressionAnalyzer
from lakelet.sql.analyzer.formatting import describe
from lakelet.sql.analyzer.ordering import ordinal
from lakelet.sql.analyzer.outputs import coerced, named_outputs, projected
from lakelet.sql.analyzer.recursion import is_recursive
from lakelet.sql.analyzer.relations import RelationAnalyzer
from lakelet.sql.analyzer.scopes import Field, NamedQuery, Scope
from lakelet.sql.analyzer.selects import analyze_select
from lakelet.sql.syntax import nodes
from lakelet.types import Type
from lakelet.types.coercion import can_coerce, common_supertype, is_comparable, is_orderable
from lakelet.types.model import BIGINT, UNKNOWN


def analyze_query(context: Context, node: nodes.Query, outer: Scope) -> tree.Query:
    """A query in the scope around it."""
    scope = outer
    common_tables: tuple[tree.CommonTable, ...] = ()
    body: Body
    if node.with_queries:
        scope, common_tables = _with(context, node, outer)
    if isinstance(node.body, nodes.Select):
        body, order_by = analyze_select(context, node.body, scope, node.order_by)
    else:
        body = _body(context, node.body, scope)
        order_by = _order_by(context, node, scope, body.outputs)
    offset = _count(context, node.offset, "OFFSET")
    _check_fetch(context, node)
    limit = _count(context, node.limit, "FETCH FIRST" if node.fetch_at else "LIMIT")
    if order_by and not node.with_ties:
        _check_first(context, limit, offset)
    plain = not (common_tables or order_by or node.offset or node.limit)
    if plain and isinstance(body, tree.Query):
        return body
    return tree.Query(body, common_tables, order_by, offset, limit, node.with_ties)


_MOST_SORTED: Final = 2**31 - 1
"""Rows that Trino keeps of a sorted query at most."""


def _check_first(
    context: Context, limit: tree.Expression | None, offset: tree.Expression | None
) -> None:
    counts = [each.value for each in (limit, offset) if isinstance(each, tree.Constant)]
    if isinstance(limit, tree.Constant) and sum(counts) > _MOST_SORTED:
        message = f"ORDER BY LIMIT > {_MOST_SORTED} is not supported"
        context.unplanned.append(TrinoError("NOT_SUPPORTED", message))


def _check_fetch(context: Context, node: nodes.Query) -> None:
    if node.fetch_at and isinstance(node.limit, nodes.Number) and node.limit.integer == 0:
        raise context.error(
            "NUMERIC_VALUE_OUT_OF_RANGE",
            "FETCH FIRST row count must be positive (actual value: 0)",
            node.fetch_at,
        )
    if node.with_ties and not node.order_by:
        raise context.error(
            "MISSING_ORDER_BY", "FETCH FIRST WITH TIES clause requires ORDER BY", node.fetch_at
        )


def _count(context: Context, node: nodes.Expression | None, clause: str) -> tree.Expression | None:
    if node is None:
        return None
    value = ExpressionAnalyzer(context, Scope()).analyze(node)
    if not can_coerce(value.type, BIGINT):
        raise context.error("TYPE_MISMATCH", "Row count must be an integer", node.at)
    if isinstance(value, tree.Constant):
        _check_count(context, node, value.value, clause)
    return coerce(value, BIGINT)


def _check_count(context: Context, node: nodes.Expression, count: int | None, clause: str) -> None:
    """A count that a parameter gives may be anything; one that is written is a number."""
    if count is None:
        raise context.error(
            "INVALID_ARGUMENTS", f"Parameter value provided for {clause} is NULL: null", node.at
        )
    if count < (clause == "FETCH FIRST"):
        least = "positive" if clause == "FETCH FIRST" else "greater or equal to 0"
        raise context.error(
            "NUMERIC_VALUE_OUT_OF_RANGE",
            f"{clause} row count must be {least} (actual value: {count})",
            node.at,
        )


def _order_by(
    context: Context, node: nodes.Query, scope: Scope, outputs: Sequence[tree.Output]
) -> tuple[tree.SortItem, ...]:
    """Sort keys over the outputs of a body that is no query specification."""
    values = [tree.OutputReference(each.physical, each.type) for each in outputs]
    named = [
        Field(each.name, each.type, value) for each, value in zip(outputs, values, strict=True)
    ]
    analyzer = ExpressionAnalyzer(context, Scope(named, scope))
    found = []
    for each in node.order_by:
        position = ordinal(each.expression)
        if position is None:
            key = analyzer.analyze(each.expression)
        elif 1 <= position <= len(values):
            key = values[position - 1]
        else:
            raise context.error(
                "INVALID_COLUMN_REFERENCE",
                f"ORDER BY position {position} is not in select list",
                each.expression.at,
            )
        if not is_orderable(key.type):
            raise context.error(
                "TYPE_MISMATCH",
                f"Type {key.type} is not orderable, and therefore cannot be used in ORDER BY:"
                f" {describe(each.expression)}",
                node.at,
            )
        found.append(tree.SortItem(key, each.descending, bool(each.nulls_first)))
    refuse_aggregates(analyzer, "ORDER BY clause", node)
    return tuple(found)


# WITH ----------------------------------------------------------------------------------------


def _with(
    context: Context, node: nodes.Query, outer: Scope
) -> tuple[Scope, tuple[tree.CommonTable, ...]]:
    named = dict(outer.with_queries)
    seen: set[str] = set()
    tables = []
    for each in node.with_queries:
        name = each.name.name
        if name in seen:
            raise context.error(
                "DUPLICATE_NAMED_QUERY",
                f"WITH query name '{each.name.value}' specified more than once",
                each.at,
            )
        seen.add(name)
        scope = Scope((), outer, dict(named))
        table, outputs = _with_query(context, node, each, scope)
        tables.append(table)
        named[name] = NamedQuery(table.name, outputs)
    return Scope((), outer, named), tuple(tables)


def _with_query(
    context: Context, node: nodes.Query, each: nodes.WithQuery, scope: Scope
) -> tuple[tree.CommonTable, tuple[tree.Output, ...]]:
    physical = context.names.unique(each.name.name)
    _refuse_same_aliases(context, each.columns or ())
    if node.recursive and each.columns is None:
        raise context.error(
            "MISSING_COLUMN_ALIASES", "missing column aliases in recursive WITH query", each.at
        )
    if node.recursive and is_recursive(context, each):
        return _recursive(context, each, scope, physical)
    query = analyze_query(context, each.query, scope)
    return tree.CommonTable(physical, query), _aliased(context, each, query.outputs)


def _refuse_same_aliases(context: Context, columns: Sequence[nodes.Identifier]) -> None:
    seen: set[str] = set()
    for each in columns:
        if each.name in seen:
            message = f"Column name '{each.value}' specified more than once"
            raise context.error("DUPLICATE_COLUMN_NAME", message, each.at)
        seen.add(each.name)


def _aliased(
    context: Context, each: nodes.WithQuery, outputs: Sequence[tree.Output]
) -> tuple[tree.Output, ...]:
    if each.columns is None:
        return tuple(outputs)
    if len(each.columns) != len(outputs):
        raise context.error(
            "MISMATCHED_COLUMN_ALIASES",
            f"Column alias list has {len(each.columns)} entries but relation has {len(outputs)}"
            " columns",
            each.columns[0].at,
        )
    return tuple(
        tree.Output(alias.value, output.physical, output.type)
        for alias, output in zip(each.columns, outputs, strict=True)
    )


def _recursive(
    context: Context, each: nodes.WithQuery, scope: Scope, physical: str
) -> tuple[tree.CommonTable, tuple[tree.Output, ...]]:
    body = each.query.body
    assert isinstance(body, nodes.SetOperation)
    anchor = _as_query(_body(context, body.left, scope))
    outputs = _aliased(context, each, anchor.outputs)
    inner = {**scope.with_queries, each.name.name: NamedQuery(physical, outputs)}
    step = _as_query(_body(context, body.right, Scope((), scope, inner)))
    types = [output.type for output in outputs]
    found = [output.type for output in step.outputs]
    if len(found) != len(types):
        message = "base and step relations of recursion have different number of fields"
        raise context.error(
            "TYPE_MISMATCH", f"{message}: {len(types)}, {len(found)}", body.right.at
        )
    for i, (given, wanted) in enumerate(zip(found, types, strict=True), 1):
        if not can_coerce(given, wanted):
            raise context.error(
                "TYPE_MISMATCH",
                f"recursion step relation output type ({given}) is not coercible to recursion base"
                f" relation output type ({wanted}) at column {i}",
                body.right.at,
            )
    table = tree.CommonTable(physical, anchor, coerced(context, step, types), body.distinct)
    return table, outputs


# Bodies --------------------------------------------------------------------------------------

Body = tree.Select | tree.Values | tree.SetOperation | tree.Query


def _as_query(body: Body) -> tree.Query:
    return body if isinstance(body, tree.Query) else tree.Query(body)


def _body(context: Context, node: nodes.QueryBody, scope: Scope) -> Body:
    match node:
        case nodes.Select():
            return analyze_select(context, node, scope, ())[0]
        case nodes.Query():
            return analyze_query(context, node, scope)
        case nodes.Values():
            return _values(context, node, scope)
        case nodes.TableQuery():
            return _table(context, node, scope)
    return _set_operation(context, node, scope)


def _table(context: Context, node: nodes.TableQuery, scope: Scope) -> tree.Select:
    relation, found = RelationAnalyzer(context, scope).analyze(node.table)
    visible = [each for each in found if not each.hidden]
    outputs = named_outputs([(each.label, each.type) for each in visible])
    return tree.Select(tuple(each.value for each in visible), outputs, relation)


def _values(context: Context, node: nodes.Values, scope: Scope) -> tree.Values:
    analyzer = ExpressionAnalyzer(context, scope)
    rows = [_row(analyzer, each) for each in node.rows]
    leave_aggregates(analyzer)
    types: list[Type] = [UNKNOWN] * len(rows[0])
    for row in rows:
        if len(row) != len(types):
            raise context.error(
                "TYPE_MISMATCH",
                f"Values rows have mismatched sizes: {len(types)} vs {len(row)}",
                node.at,
            )
        wider = [common_supertype(of, each.type) for of, each in zip(types, row, strict=True)]
        if None in wider:
            raise context.error(
                "TYPE_MISMATCH",
                f"Values rows have mismatched types: {_row_type(rows[0])} vs {_row_type(row)}",
                node.at,
            )
        types = [of for of in wider if of is not None]
    outputs = named_outputs([(None, of) for of in types])
    coerced_rows = tuple(tuple(map(coerce, row, types)) for row in rows)
    return tree.Values(coerced_rows, outputs)


def _row(analyzer: ExpressionAnalyzer, node: nodes.Expression) -> list[tree.Expression]:
    if isinstance(node, nodes.Row):
        return [analyzer.analyze(each) for each in node.items]
    value = analyzer.analyze(node)
    if value.type.name != "row":
        return [value]
    return [tree.FieldReference(value, i, of) for i, of in enumerate(value.type.arguments)]


def _row_type(row: Sequence[tree.Expression]) -> str:
    return f"row({', '.join(str(each.type) for each in row)})"


def _set_operation(context: Context, node: nodes.SetOperation, scope: Scope) -> tree.SetOperation:
    left = _as_query(_body(context, node.left, scope))
    right = _as_query(_body(context, node.right, scope))
    if node.corresponding is not None:
        left, right = _corresponding(context, node, left, right)
    if len(left.outputs) != len(right.outputs):
        raise context.error(
            "TYPE_MISMATCH",
            f"{node.operator} query has different number of fields: {len(left.outputs)},"
            f" {len(right.outputs)}",
            node.at,
        )
    types = []
    for i, (a, b) in enumerate(zip(left.outputs, right.outputs, strict=True), 1):
        of = common_supertype(a.type, b.type)
        if of is None:
            raise context.error(
                "TYPE_MISMATCH",
                f"column {i} in {node.operator} query has incompatible types: {a.type}, {b.type}",
                node.at,
            )
        if not is_comparable(of) and (node.distinct or node.operator != "UNION"):
            raise context.error(
                "TYPE_MISMATCH",
                f"Type {of} is not comparable and therefore cannot be used in {node.operator}"
                f"{' DISTINCT' if node.operator == 'UNION' else ''}",
                node.at,
            )
        types.append(of)
    operator = node.operator
    left, right = coerced(context, left, types), coerced(context, right, types)
    outputs = tuple(
        tree.Output(each.name, each.physical, of)
        for each, of in zip(left.outputs, types, strict=True)
    )
    return tree.SetOperation(operator, node.distinct, left, right, outputs)


def _corresponding(
    context: Context, node: nodes.SetOperation, left: tree.Query, right: tree.Query
) -> tuple[tree.Query, tree.Query]:
    """Both sides with the columns whose names they share, in the left side's order."""
    if node.corresponding:
        raise context.error("NOT_SUPPORTED", "CORRESPONDING with columns is unsupported", node.at)
    named = []
    for query in (left, right):
        if any(each.name is None for each in query.outputs):
            raise context.error(
                "MISSING_COLUMN_NAME",
                "Anonymous columns are not allowed in set operations with CORRESPONDING",
                node.at,
            )
        names = [str(each.name).lower() for each in query.outputs]
        twice = next((each for each in names if names.count(each) > 1), None)
        if twice is not None:
            raise context.error(
                "AMBIGUOUS_NAME",
                f"Duplicate columns found when using CORRESPONDING in set operations: {twice}",
                node.at,
            )
        named.append(names)
    shared = [each for each in named[0] if each in named[1]]
    if not shared:
        raise context.error("MISMATCHED_COLUMN_ALIASES", "No corresponding columns", node.at)
    left, right = (
        projected(
            context,
            query,
            tuple(query.outputs[names.index(each)] for each in shared),
            [names.index(each) for each in shared],
        )
        for query, names in zip((left, right), named, strict=True)
    )
    return left, right
