"""Queries as values: scalar, EXISTS, IN and quantified comparisons."""

from typing import Any, Final, Literal

from lakelet.errors import TrinoError
from lakelet.sql import tree
from lakelet.sql.analyzer.coercions import coerce
from lakelet.sql.analyzer.correlation import is_refused, refers_out
from lakelet.sql.analyzer.expressions import ANALYZERS, ExpressionAnalyzer
from lakelet.sql.syntax import nodes
from lakelet.sql.syntax.walking import descendants
from lakelet.types import Type
from lakelet.types.coercion import common_supertype, is_comparable, is_orderable
from lakelet.types.model import row


def _query(at: ExpressionAnalyzer, node: Any, kind: str) -> tree.Query:
    """The query of a subquery expression."""
    place = node.query if kind == "SCALAR" else node
    if at.in_lambda:
        raise at.error("NOT_SUPPORTED", "Lambda expression cannot contain subqueries", node)
    scope = at.scope if at.subquery_scope is None else at.subquery_scope
    found = at.context.query(at.context, node.query, scope)
    if is_refused(found, kind):
        at.context.refuse_correlated(place.at)
    return found


def _single_column(
    at: ExpressionAnalyzer, node: Any, kind: str, *, of_rows: bool = False
) -> tree.Query:
    """The query with one column: several become a row, or whatever there are `of_rows`."""
    found = _query(at, node, kind)
    if len(found.outputs) == 1 and not of_rows:
        return found
    return _of_rows(at, found)


def _of_rows(at: ExpressionAnalyzer, found: tree.Query) -> tree.Query:
    of = row(*((each.name, each.type) for each in found.outputs))
    alias = at.context.names.unique("subquery")
    items = tuple(tree.ColumnReference(alias, o.physical, o.type) for o in found.outputs)
    return _projection(found, alias, tree.RowConstructor(items, of))


def _coerced_query(at: ExpressionAnalyzer, query: tree.Query, target: Type) -> tree.Query:
    output = query.outputs[0]
    if output.type == target:
        return query
    alias = at.context.names.unique("subquery")
    reference = tree.ColumnReference(alias, output.physical, output.type)
    return _projection(query, alias, coerce(reference, target))


_CALLS: Final = (tree.AggregateCall, tree.WindowCall, tree.PatternWindowCall, tree.Grouping)


def _one_row(query: tree.Query) -> tree.Expression | None:
    """The value of a query that is one row computed from nothing, (SELECT 1), as it stands.

    DuckDB's time for such queries inside each other doubles with each.
    """
    body = query.body
    if query != tree.Query(body):
        return None
    if isinstance(body, tree.Values):
        return body.rows[0][0] if len(body.rows) == 1 else None
    if not isinstance(body, tree.Select) or body.source is not None:
        return None
    plain = (body.where, body.group_by, body.having, body.distinct) == (None, None, None, False)
    calls = any(isinstance(each, _CALLS) for each in tree.descendants(body.items))
    return body.items[0] if plain and not calls else None


def _scalar_query(at: ExpressionAnalyzer, node: nodes.Subquery) -> tree.Expression:
    """Several columns are a row, of NULLs where a query that stands by itself gives none."""
    found = _query(at, node, "SCALAR")
    if len(found.outputs) == 1:
        value = _one_row(found)
        if value is not None:
            return value
    query = found if len(found.outputs) == 1 else _of_rows(at, found)
    of = query.outputs[0].type
    if query is found or refers_out(found):
        return tree.ScalarQuery(query, of)
    missing = tuple(tree.Constant(None, each) for each in of.arguments)
    return tree.Coalesce((tree.ScalarQuery(query, of), tree.RowConstructor(missing, of)), of)


def _exists(at: ExpressionAnalyzer, node: nodes.Exists) -> tree.Expression:
    return tree.Exists(_query(at, node, "EXISTS"))


_NAVIGATION: Final = ("classifier", "first", "last", "match_number", "next", "prev")


def _refuse_in_pattern(at: ExpressionAnalyzer, node: nodes.Expression) -> None:
    """In a row pattern IN with a query takes nothing of the match."""
    for each in descendants(node):
        what = None
        if isinstance(each, nodes.Dereference) and at.pattern and at.pattern.starts(each):
            what = "labeled column reference"
        elif isinstance(each, nodes.FunctionCall) and each.name[-1].name in _NAVIGATION:
            what = f"{each.name[-1].name} function"
        if what is not None:
            message = f"IN-PREDICATE with {what} is not yet supported"
            raise at.error("NOT_SUPPORTED", message, each)


def _in_query(at: ExpressionAnalyzer, node: nodes.InQuery) -> tree.Expression:
    if at.pattern is not None:
        _refuse_in_pattern(at, node.value)
    value, query, of = _compared(at, node)
    return tree.InQuery(coerce(value, of), _coerced_query(at, query, of))


def _compared(
    at: ExpressionAnalyzer, node: nodes.InQuery | nodes.Quantified
) -> tuple[tree.Expression, tree.Query, Type]:
    """A value, the query whose column it is compared with, and the type of both."""
    value, query = _sides(at, node)
    of = common_supertype(value.type, query.outputs[0].type)
    if of is None:
        raise at.mismatch(
            "Value expression and result of subquery must be of the same type:"
            f" {_as_row(value.type)} vs {_as_row(query.outputs[0].type)}",
            node,
        )
    return value, query, of


def _sides(
    at: ExpressionAnalyzer, node: nodes.InQuery | nodes.Quantified
) -> tuple[tree.Expression, tree.Query]:
    """Of a query with several columns these are the fields of a row."""
    value = at.analyze(node.value)
    if isinstance(value, tree.RowConstructor) and len(value.items) == 1:
        query = _query(at, node, "IN")
        if len(query.outputs) == 1 and query.outputs[0].type.name != "row":
            return value.items[0], query
    return value, _single_column(at, node, "IN", of_rows=value.type.name == "row")


def _quantified(at: ExpressionAnalyzer, node: nodes.Quantified) -> tree.Expression:
    value, query, of = _compared(at, node)
    ordered = node.operator not in ("=", "<>")
    if (ordered and not is_orderable(of)) or not is_comparable(of):
        need = "orderable" if ordered else "comparable"
        raise at.mismatch(
            f"Type [{_as_row(of)}] must be {need} in order to be used in quantified comparison",
            node,
        )
    if (node.operator, node.quantifier == "ALL") in _BY_ORDER and not is_orderable(of):
        message = "Subquery result type must be orderable"
        at.context.unplanned.append(TrinoError("GENERIC_INTERNAL_ERROR", message))
    quantifier: Literal["ALL", "ANY"] = "ALL" if node.quantifier == "ALL" else "ANY"
    return tree.Quantified(
        node.operator, quantifier, coerce(value, of), _coerced_query(at, query, of)
    )


_BY_ORDER: Final = (("=", True), ("<>", False))
"""Operators with ALL that Trino answers by the least and the greatest value."""


def _as_row(of: Type) -> Type:
    """The type as Trino has it in comparisons with a query: always a row."""
    return of if of.name == "row" else row((None, of))


def _projection(query: tree.Query, alias: str, value: tree.Expression) -> tree.Query:
    output = tree.Output(None, "_col0", value.type)
    return tree.Query(tree.Select((value,), (output,), tree.Derived(alias, query)))


ANALYZERS.update(
    {
        nodes.InQuery: _in_query,
        nodes.Subquery: _scalar_query,
        nodes.Exists: _exists,
        nodes.Quantified: _quantified,
    }
)
