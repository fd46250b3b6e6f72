"""Conditions: BETWEEN, IN, LIKE, IS NULL and what combines them."""

from typing import Any

from lakelet.sql import tree
from lakelet.sql.analyzer.coercions import coerce, unwrapped
from lakelet.sql.analyzer.expressions import ANALYZERS, ExpressionAnalyzer
from lakelet.sql.syntax import nodes
from lakelet.types import Type
from lakelet.types.coercion import common_type, is_comparable, is_orderable
from lakelet.types.model import UNKNOWN, VARCHAR


def _between(at: ExpressionAnalyzer, node: nodes.Between) -> tree.Expression:
    parts = [at.analyze(each) for each in (node.value, node.low, node.high)]
    of = common_type(each.type for each in parts)
    if of is None or not is_orderable(of):
        low, high = parts[1].type, parts[2].type
        raise at.mismatch(f"Cannot check if {parts[0].type} is BETWEEN {low} and {high}", node)
    value, low_value, high_value = unwrapped(tuple(coerce(each, of) for each in parts))
    return tree.Between(value, low_value, high_value)


def _in_list(at: ExpressionAnalyzer, node: nodes.InList) -> tree.Expression:
    value = at.analyze(node.value)
    items = [at.analyze(each) for each in node.items]
    of = at.common_of_all([value, *items], "IN value and list items", (node.value, *node.items))
    _comparable(at, of, "IN list", node)
    first, *rest = unwrapped(tuple(coerce(each, of) for each in (value, *items)))
    return tree.InList(first, tuple(rest))


def _comparable(at: ExpressionAnalyzer, of: Type, what: str, node: Any) -> None:
    if not is_comparable(of):
        raise at.mismatch(f"Type {of} is not comparable and cannot be used in {what}", node)


def _like(at: ExpressionAnalyzer, node: nodes.Like) -> tree.Expression:
    value = at.analyze(node.value)
    if value.type.name not in ("varchar", "char", "unknown"):
        raise at.mismatch(
            f"Left side of LIKE expression must evaluate to a varchar (actual: {value.type})",
            node.value,
        )
    pattern = _text(at, node.pattern, "Pattern for LIKE expression")
    escape = _text(at, node.escape, "Escape for LIKE expression") if node.escape else None
    return tree.Like(coerce(value, VARCHAR) if value.type == UNKNOWN else value, pattern, escape)


def _text(at: ExpressionAnalyzer, node: nodes.Expression, what: str) -> tree.Expression:
    value = at.analyze(node)
    if value.type.name not in ("varchar", "unknown"):
        raise at.mismatch(f"{what} must evaluate to a varchar (actual: {value.type})", node)
    return coerce(value, VARCHAR)


def _is_null(at: ExpressionAnalyzer, node: nodes.IsNull) -> tree.Expression:
    return tree.IsNull(at.analyze(node.value))


def _not(at: ExpressionAnalyzer, node: nodes.Not) -> tree.Expression:
    message = "Value of logical NOT expression must evaluate to a boolean"
    return tree.Not(at.boolean(node.value, message))


def _logical(at: ExpressionAnalyzer, node: nodes.Logical) -> tree.Expression:
    message = "Logical expression term must evaluate to a boolean"
    terms = tuple(at.boolean(each, message) for each in node.terms)
    return tree.Logical("AND" if node.operator == "AND" else "OR", terms)


ANALYZERS.update(
    {
        nodes.Between: _between,
        nodes.InList: _in_list,
        nodes.Like: _like,
        nodes.IsNull: _is_null,
        nodes.Not: _not,
        nodes.Logical: _logical,
    }
)
