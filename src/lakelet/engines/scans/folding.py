"""Constants among a query's conditions, computed before partitions are."""

from dataclasses import replace
from typing import Final

from lakelet.engines.duckdb import DuckDb
from lakelet.engines.scans.domains import TURNED, constant
from lakelet.errors import TrinoError
from lakelet.sql import tree
from lakelet.sql.emitter.expressions import ExpressionEmitter

_FOLDED: Final = frozenset(
    (
        "boolean",
        "varchar",
        "char",
        "date",
        "tinyint",
        "smallint",
        "integer",
        "bigint",
        "real",
        "double",
        "decimal",
    )
)
"""Types whose values a key's text is compared with."""


def folded(condition: tree.Expression, duckdb: DuckDb) -> tree.Expression:
    """The condition with constants where it compares with expressions of no column."""
    if isinstance(condition, tree.Logical):
        operands = tuple(folded(each, duckdb) for each in condition.operands)
        return replace(condition, operands=operands)
    if isinstance(condition, tree.FunctionCall) and condition.function.name in TURNED:
        arguments = tuple(_constant(each, duckdb) for each in condition.arguments)
        return replace(condition, arguments=arguments)
    if isinstance(condition, tree.Between):
        low, high = _constant(condition.low, duckdb), _constant(condition.high, duckdb)
        return replace(condition, low=low, high=high)
    if isinstance(condition, tree.InList):
        items = tuple(_constant(each, duckdb) for each in condition.items)
        return replace(condition, items=items)
    return condition


def _constant(expression: tree.Expression, duckdb: DuckDb) -> tree.Expression:
    if constant(expression) is not None or expression.type.name not in _FOLDED:
        return expression
    if any(not isinstance(each, _PLAIN) for each in tree.descendants(expression)):
        return expression
    try:
        text = f"SELECT {ExpressionEmitter(lambda query: '').emit(expression)}"
        value = duckdb.execute(text).read_all().column(0)[0].as_py()
    except TrinoError:
        return expression
    return expression if value is None else tree.Constant(value, expression.type)


_PLAIN: Final = (tree.Constant, tree.Cast, tree.FunctionCall)
