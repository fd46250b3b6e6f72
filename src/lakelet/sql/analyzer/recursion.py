"""WITH RECURSIVE: which queries are recursive, and where one may refer to itself.

The rules and their order are those of Trino's StatementAnalyzer.
"""

from collections.abc import Iterator
from typing import Any, Final

from lakelet.errors import TrinoError
from lakelet.sql.analyzer.context import Context
from lakelet.sql.syntax import nodes
from lakelet.sql.syntax.walking import descendants, parts

_OUTER: Final = {"LEFT": ("right",), "RIGHT": ("left",), "FULL": ("left", "right")}
"""The sides of a join on which no step may stand."""


def is_recursive(context: Context, each: nodes.WithQuery) -> bool:
    """Whether a query refers to itself; raises TrinoError where it must not."""
    name = each.name.name
    _refuse_nesting(context, each.query)
    references = list(_references(each.query, name))
    if not references:
        return False
    body = each.query.body
    if not isinstance(body, nodes.SetOperation) or body.operator != "UNION":
        raise _invalid(context, "recursive reference not allowed in this context", references[0])
    _refuse_clauses(context, each.query)
    anchored = next(_references(body.left, name), None)
    if anchored is not None:
        message = "WITH table name is referenced in the base relation of recursion"
        raise _invalid(context, message, anchored)
    _check_step(context, body.right, name)
    _refuse_patterns(context, body.right)
    return True


def _check_step(context: Context, step: nodes.QueryBody, name: str) -> None:
    references = list(_references(step, name))
    if len(references) > 1:
        message = "multiple recursive references in the step relation of recursion"
        raise _invalid(context, message, references[1])
    while isinstance(step, nodes.Query):
        if step.limit is not None and isinstance(step.body, nodes.Query):
            message = "FETCH FIRST / LIMIT clause in the step relation of recursion"
            raise context.error("INVALID_LIMIT_CLAUSE", message, step.limit.at)
        step = step.body
    source = step.source if isinstance(step, nodes.Select) else None
    if next(_references(source, name), None) is None:
        message = "recursive reference outside of FROM clause of the step relation of recursion"
        raise _invalid(context, message, references[0])
    for node in descendants(source):
        if isinstance(node, nodes.Join):
            _check_join(context, node, name)
        elif isinstance(node, nodes.SetOperation):
            _check_set_operation(context, node, name)


def _check_join(context: Context, node: nodes.Join, name: str) -> None:
    for side in _OUTER.get(node.kind, ()):
        found = next(_references(getattr(node, side), name), None)
        if found is not None:
            message = f"recursive reference in {side} source of {node.kind} join"
            raise _invalid(context, message, found)


def _check_set_operation(context: Context, node: nodes.SetOperation, name: str) -> None:
    left = next(_references(node.left, name), None)
    right = next(_references(node.right, name), None)
    found = left or right
    if found is None:
        return
    if node.operator == "INTERSECT" and not node.distinct:
        raise _invalid(context, "recursive reference in INTERSECT ALL", found)
    if node.operator == "EXCEPT" and (right is not None or not node.distinct):
        side = "right" if right is not None else "left"
        kind = "DISTINCT" if node.distinct else "ALL"
        message = f"recursive reference in {side} relation of EXCEPT {kind}"
        raise _invalid(context, message, found)


def _refuse_nesting(context: Context, node: nodes.Query) -> None:
    for each in descendants(node):
        if isinstance(each, nodes.Query) and each.recursive:
            raise context.error("NESTED_RECURSIVE", "nested recursive WITH query", each.at)


def _refuse_patterns(context: Context, step: nodes.QueryBody) -> None:
    for each in descendants(step):
        if isinstance(each, nodes.MatchRecognize | nodes.Window) and each.recognition is not None:
            raise context.error(
                "NESTED_ROW_PATTERN_RECOGNITION",
                "nested row pattern recognition in recursive query",
                each.at,
            )


def _refuse_clauses(context: Context, node: nodes.Query) -> None:
    """Nothing may stand beside the union of a recursive query."""
    clauses = (
        (bool(node.with_queries), "WITH", "NOT_SUPPORTED"),
        (bool(node.order_by), "ORDER BY", "NOT_SUPPORTED"),
        (node.offset is not None, "OFFSET", "NOT_SUPPORTED"),
        (node.limit is not None, "FETCH FIRST / LIMIT", "INVALID_LIMIT_CLAUSE"),
    )
    for present, clause, name in clauses:
        if present:
            raise context.error(name, f"immediate {clause} clause in recursive query", node.at)


def _invalid(context: Context, message: str, at: nodes.Table) -> TrinoError:
    return context.error("INVALID_RECURSIVE_REFERENCE", message, at.at)


def _references(node: Any, name: str) -> Iterator[nodes.Table]:
    """The tables of that name in a part of a query; a WITH inside may give it another meaning."""
    if isinstance(node, nodes.Query):
        for each in node.with_queries:
            yield from _references(each.query, name)
            if each.name.name == name:
                return
        yield from _references((node.body, node.order_by, node.offset, node.limit), name)
    elif isinstance(node, nodes.Table):
        if len(node.name) == 1 and node.name[0].name == name:
            yield node
    else:
        for part in parts(node):
            yield from _references(part, name)
