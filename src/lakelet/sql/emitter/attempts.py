"""TRY: NULL where a value fails."""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from lakelet.errors import TrinoError
from lakelet.sql import tree
from lakelet.sql.emitter.casts import fails_as_null
from lakelet.sql.emitter.certainties import is_column, is_null
from lakelet.sql.functions.binding import CAUGHT, attempted, parameter
from lakelet.types.duckdb import physical

if TYPE_CHECKING:
    from lakelet.sql.emitter.expressions import ExpressionEmitter

UNMOVABLE: Final = (
    tree.AggregateCall,
    tree.WindowCall,
    tree.PatternWindowCall,
    tree.ScalarQuery,
    tree.Exists,
    tree.InQuery,
    tree.Quantified,
    tree.Grouping,
)
"""What cannot stand in a lambda's body."""


def attempt(at: "ExpressionEmitter", node: tree.Try) -> str:
    """The value, or NULL; a constant may be refused before any row is read."""
    try:
        known = _safe(node.value)
        return _in_lambda(at, node.value) if known is None else at.emit(known)
    except TrinoError as failure:
        if failure.name not in CAUGHT:
            raise
        return f"CAST(NULL AS {physical(node.type)})"


def _safe(value: tree.Expression) -> tree.Expression | None:
    """A call or a cast that gives NULL instead of failing; None where there is none."""
    if isinstance(value, tree.FunctionCall) and value.function.attempt:
        function = replace(value.function, emit=value.function.attempt, attempt=None)
        return replace(
            value, function=function, arguments=tuple([_tried(each) for each in value.arguments])
        )
    if not isinstance(value, tree.Cast):
        return None
    inside = value.value
    if isinstance(inside, tree.ColumnReference):
        return replace(value, safe=True)
    if fails_as_null(inside.type, value.type) and not is_null(inside):
        return replace(value, value=tree.Try(inside, inside.type), safe=True)
    return None


def _tried(node: tree.Expression) -> tree.Expression:
    """What is NULL where an argument fails."""
    if is_column(node) or isinstance(node, tree.Constant):
        return node
    return tree.Try(node, node.type)


def _in_lambda(at: "ExpressionEmitter", value: tree.Expression) -> str:
    """DuckDB takes common parts out of a TRY unless it stands in a lambda, and takes no aggregate,
    window or subquery into it: these become the lambda's argument."""
    outer = list(dict.fromkeys(_outer(value)))
    texts = at.all(outer)
    name = parameter("".join(texts) + at.emit(value))
    fields = (f"({name}).a{i}" for i in range(len(outer)))
    with at.grouping({**at.grouped, **dict(zip(outer, fields, strict=True))}):
        inner = at.emit(value)
    packed = ", ".join(f"'a{i}': {text}" for i, text in enumerate(texts))
    argument = f"{{{packed}}}" if packed else "1"
    return f"list_transform([{argument}], lambda {name}: {attempted(inner)})[1]"


def _outer(node: Any) -> Iterator[tree.Expression]:
    """The parts of an expression that are computed before its row's values are."""
    if isinstance(node, UNMOVABLE):
        yield node
        return
    for part in node if isinstance(node, tuple) else tree.parts(node):
        yield from _outer(part)
