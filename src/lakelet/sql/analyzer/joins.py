"""Joins: their fields and conditions, and what of an outer join's condition is computed on one side
first, since the engine cannot there."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from lakelet.sql import tree
from lakelet.sql.analyzer.clauses import refuse_calls
from lakelet.sql.analyzer.coercions import coerce
from lakelet.sql.analyzer.context import Context
from lakelet.sql.analyzer.correlation import always, is_correlated, is_filter, is_one_row
from lakelet.sql.analyzer.scopes import Field, Forbidden, Scope
from lakelet.sql.syntax import nodes
from lakelet.types.model import BOOLEAN, UNKNOWN

if TYPE_CHECKING:
    from lakelet.sql.analyzer.relations import Analyzed, RelationAnalyzer

_QUERIES: Final = (tree.ScalarQuery, tree.Exists, tree.InQuery, tree.Quantified)


def analyze(
    at: "RelationAnalyzer", node: nodes.Join, left: Sequence[Field], _: str | None
) -> "Analyzed":
    """A join and its fields."""
    if node.natural:
        raise at.error("NOT_SUPPORTED", "Natural join not supported", node)
    left_relation, left_fields = at.analyze(node.left, left)
    _refuse_condition(at, node)
    _refuse_full(at, node)
    seen = left_fields
    if node.kind in ("RIGHT", "FULL"):
        seen = _forbidden(
            left_fields,
            "INVALID_COLUMN_REFERENCE",
            f"LATERAL reference not allowed in {node.kind} JOIN",
        )
    right_relation, right_fields = at.analyze(node.right, [*left, *seen])
    _refuse_lateral(at, node, right_relation)
    if node.using is not None:
        return _using(at, node, left_relation, left_fields, right_relation, right_fields)
    fields = [*left_fields, *right_fields]
    if _is_lateral(node.right) and node.kind in ("RIGHT", "FULL"):
        relations = left_relation, right_relation
        return _outer_lateral(at, node, relations, fields, len(left_fields))
    condition = None
    if node.on is not None:
        condition = _condition(at, node.on, fields, outer=node.kind != "INNER")
        if node.kind == "LEFT" and always(condition) and is_one_row(right_relation):
            # Of such a row DuckDB's outer join loses the constants.
            return tree.Join("CROSS", left_relation, right_relation), fields
        if node.kind == "LEFT" and is_correlated(right_relation):
            right_relation = _filtered(right_relation, condition)
            condition = tree.Constant(True, BOOLEAN)
        elif node.kind != "INNER":
            left_relation, right_relation, condition = _beside(
                at.context, left_relation, right_relation, condition
            )
    return tree.Join(node.kind, left_relation, right_relation, condition), fields


def _outer_lateral(
    at: "RelationAnalyzer",
    node: nodes.Join,
    relations: tuple[tree.Relation, tree.Relation],
    fields: list[Field],
    count: int,
) -> "Analyzed":
    """RIGHT and FULL JOIN with LATERAL, which Trino makes for each row on the left by itself.

    The first `count` of the fields are the left ones.
    """
    assert node.on is not None
    condition = _condition(at, node.on, fields, outer=True)
    if node.kind == "FULL":
        return tree.Join("LEFT", *relations, condition), fields
    met = [
        replace(each, value=tree.Case(None, ((condition, each.value),), None, each.type))
        for each in fields[:count]
    ]
    return tree.Join("CROSS", *relations, None), [*met, *fields[count:]]


def _refuse_condition(at: "RelationAnalyzer", node: nodes.Join) -> None:
    """What is unnested is joined ON TRUE only."""
    right = node.right
    while isinstance(right, nodes.Aliased):
        right = right.relation
    what = {nodes.Unnest: "UNNEST", nodes.JsonTable: "JSON_TABLE"}.get(type(right))
    on = node.on
    plain = isinstance(on, nodes.Boolean) and on.value
    if what is None or node.kind == "CROSS" or plain:
        return
    raise at.error(
        "NOT_SUPPORTED",
        f"{node.kind} JOIN involving {what} is only supported with condition ON TRUE",
        node if on is None else on,
    )


def _refuse_full(at: "RelationAnalyzer", node: nodes.Join) -> None:
    """A FULL JOIN with LATERAL is joined ON TRUE only, whatever the query in it is."""
    on = node.on
    plain = isinstance(on, nodes.Boolean) and on.value
    if node.kind == "FULL" and _is_lateral(node.right) and not plain:
        raise at.error(
            "NOT_SUPPORTED",
            "FULL JOIN involving LATERAL relation is only supported with condition ON TRUE",
            node if on is None else on,
        )


def _refuse_lateral(at: "RelationAnalyzer", node: nodes.Join, right: tree.Relation) -> None:
    """What is correlated is joined ON TRUE only, but for a mere filter."""
    on = node.on
    if on is None or (isinstance(on, nodes.Boolean) and on.value):
        return
    written = node.right.relation if isinstance(node.right, nodes.Aliased) else node.right
    if (
        isinstance(written, nodes.TableSubquery)
        and is_correlated(right)
        and not (node.kind in ("INNER", "LEFT") and is_filter(right))
    ):
        at.context.refuse_correlated(written.query.at)


def _condition(
    at: "RelationAnalyzer", node: nodes.Expression, fields: Sequence[Field], *, outer: bool
) -> tree.Expression:
    analyzer = at.expressions(fields)
    if outer:
        message = "Reference to column '{}' from outer scope not allowed in this context"
        forbidden = _forbidden(fields, "NOT_SUPPORTED", message)
        beyond = _out_of_reach(at.outer, message)
        analyzer.scope = analyzer.source_scope = Scope(fields, beyond)
        analyzer.subquery_scope = Scope(forbidden, beyond)
    refuse_calls(analyzer, "JOIN clause", node)
    value = analyzer.analyze(node)
    if value.type not in (BOOLEAN, UNKNOWN):
        raise at.error(
            "TYPE_MISMATCH",
            f"JOIN ON clause must evaluate to a boolean: actual type {value.type}",
            node,
        )
    return coerce(value, BOOLEAN)


def _using(
    at: "RelationAnalyzer",
    node: nodes.Join,
    left: tree.Relation,
    left_fields: list[Field],
    right: tree.Relation,
    right_fields: list[Field],
) -> "Analyzed":
    assert node.using is not None
    analyzer = at.expressions(())
    joined, conditions = [], []
    seen: set[str] = set()
    for column in node.using:
        if column.value in seen:
            message = f"Column '{column.value}' appears multiple times in USING clause"
            raise at.error("DUPLICATE_COLUMN_NAME", message, column)
        seen.add(column.value)
        of_left = _joined(at, column, left_fields, "left")
        of_right = _joined(at, column, right_fields, "right")
        equal = analyzer.operator("=", (of_left.value, of_right.value), column.at)
        conditions.append(equal)
        left_value, right_value = equal.arguments
        value: tree.Expression = left_value
        if node.kind == "RIGHT":
            value = right_value
        elif node.kind == "FULL":
            value = tree.Coalesce((left_value, right_value), left_value.type)
        joined.append(Field(column.value, value.type, value))
    names = {each.name for each in node.using}
    rest = [f for f in (*left_fields, *right_fields) if f.name not in names]
    condition = conditions[0] if len(conditions) == 1 else tree.Logical("AND", tuple(conditions))
    return tree.Join(node.kind, left, right, condition), [*joined, *rest]


def _joined(
    at: "RelationAnalyzer", column: nodes.Identifier, fields: list[Field], side: str
) -> Field:
    found = [each for each in fields if each.name == column.name]
    if not found:
        raise at.error(
            "COLUMN_NOT_FOUND",
            f"Column '{column.value}' is missing from {side} side of join",
            column,
        )
    if len(found) > 1:
        raise at.error("AMBIGUOUS_NAME", f"Column '{column.value}' is ambiguous", column)
    return found[0]


def _forbidden(fields: Sequence[Field], name: str, message: str) -> list[Field]:
    """The fields such that a reference to one of them is refused."""
    refused: Any = Forbidden(name, message)
    return [replace(each, value=refused) for each in fields]


def _out_of_reach(scope: Scope, message: str) -> Scope:
    """A scope, and those around it, whose columns are refused."""
    parent = None if scope.parent is None else _out_of_reach(scope.parent, message)
    fields = _forbidden(scope.fields, "NOT_SUPPORTED", message)
    return Scope(fields, parent, scope.with_queries, scope.lambdas)


def _is_lateral(node: nodes.Relation) -> bool:
    relation = node.relation if isinstance(node, nodes.Aliased) else node
    return isinstance(relation, nodes.TableSubquery) and relation.lateral


def _beside(
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


def _filtered(relation: tree.Relation, condition: tree.Expression) -> tree.Relation:
    """A lateral query with the condition that it is joined under inside of it, where DuckDB takes
    any; under the same alias."""
    assert isinstance(relation, tree.Derived)
    outputs = relation.query.outputs
    items = tuple(tree.ColumnReference(relation.alias, o.physical, o.type) for o in outputs)
    select = tree.Select(items, tuple(outputs), relation, condition)
    return tree.Derived(relation.alias, tree.Query(select), lateral=True)
