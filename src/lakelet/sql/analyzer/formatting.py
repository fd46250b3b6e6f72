"""An expression's text in messages, as Trino's ExpressionFormatter writes it."""

from collections.abc import Callable, Iterable
from typing import Any, Final

from lakelet.sql.syntax import nodes
from lakelet.sql.syntax.lexer import RESERVED
from lakelet.types.quoting import quoted


def describe(node: nodes.Expression) -> str:
    """The text of an expression; of a subquery only that it is one."""
    write = _WRITERS.get(type(node))
    return write(node) if write is not None else type(node).__name__


def _all(written: Iterable[nodes.Expression], separator: str = ", ") -> str:
    return separator.join(map(describe, written))


# Names and constants -------------------------------------------------------------------------


def _identifier(node: nodes.Identifier) -> str:
    return f'"{node.value}"' if node.quoted else node.value


def _dereference(node: nodes.Dereference) -> str:
    return f"{describe(node.base)}.{_identifier(node.field)}"


def _number(node: nodes.Number) -> str:
    if node.kind == "decimal":
        return f"DECIMAL '{node.text}'"
    if node.kind != "double":
        return node.text
    digits, _, power = node.text.upper().partition("E")
    digits = digits.rstrip("0").rstrip(".") if "." in digits else digits
    return f"{digits}E{int(power)}"


def _typed(node: nodes.TypedLiteral) -> str:
    of = node.type.upper()
    name = of if of in ("DATE", "TIME", "TIMESTAMP", "DECIMAL") else node.type
    return f"{name} {quoted(node.value)}"


def _interval(node: nodes.Interval) -> str:
    end = f" TO {node.end}" if node.end else ""
    return f"INTERVAL {'-' if node.negative else ''}{quoted(node.value)} {node.start}{end}"


def _current(node: nodes.CurrentTime) -> str:
    name = node.function
    if name in ("current_user", "current_catalog", "current_schema", "current_path"):
        return name.upper()
    return name if node.precision is None else f"{name}({node.precision})"


# Operators -----------------------------------------------------------------------------------


def _arithmetic(node: nodes.Arithmetic) -> str:
    if node.operator == "||":
        return f"concat({describe(node.left)}, {describe(node.right)})"
    return f"({describe(node.left)} {node.operator} {describe(node.right)})"


def _unary(node: nodes.Unary) -> str:
    if node.sign == "+" or node.literal:
        return f"{node.sign}{describe(node.value)}"
    return f"-({describe(node.value)})"


def _not(node: nodes.Not) -> str:
    if isinstance(node.value, nodes.IsNull):
        return f"({describe(node.value.value)} IS NOT NULL)"
    return f"(NOT {describe(node.value)})"


def _like(node: nodes.Like) -> str:
    escape = f" ESCAPE {describe(node.escape)}" if node.escape is not None else ""
    return f"({describe(node.value)} LIKE {describe(node.pattern)}{escape})"


def _case(node: nodes.Case) -> str:
    parts = ["CASE" if node.operand is None else f"CASE {describe(node.operand)}"]
    parts += [f"WHEN {describe(a)} THEN {describe(b)}" for a, b in node.whens]
    if node.default is not None:
        parts.append(f"ELSE {describe(node.default)}")
    return f"({' '.join(parts)} END)"


def _lambda(node: nodes.Lambda) -> str:
    return f"({', '.join(map(_identifier, node.parameters))}) -> {describe(node.body)}"


# Calls ---------------------------------------------------------------------------------------


def _call(node: nodes.FunctionCall) -> str:
    name = ".".join(map(_function_name, node.name))
    if len(node.name) == 1 and node.name[0].name in _KEYWORDS:
        name = name.upper()
    inside = "*" if node.star and not node.arguments else _all(node.arguments)
    if name == "trim" and len(node.arguments) <= 2:
        text, *characters = map(describe, node.arguments)
        inside = f"BOTH {''.join(each + ' ' for each in characters)}FROM {text}"
    distinct = "DISTINCT " if node.distinct else ""
    mode = f"{node.mode} " if node.mode else ""
    nulls = f" {node.null_treatment} NULLS" if node.null_treatment else ""
    tail = f"{_filter(node.filter)}{nulls}{_over(node.window)}"
    return f"{mode}{name}({distinct}{inside}{_order_by(node.order_by)}){tail}"


_KEYWORDS: Final = ("nullif", "if", "try", "coalesce")


def _function_name(part: nodes.Identifier) -> str:
    return f'"{part.value}"' if part.value.upper() in _QUOTED else _identifier(part)


_QUOTED: Final = RESERVED - {"TRIM"}


def _filter(condition: nodes.Expression | None) -> str:
    return "" if condition is None else f" FILTER (WHERE {describe(condition)})"


def _order_by(items: tuple[nodes.SortItem, ...]) -> str:
    return f" ORDER BY {', '.join(map(_sort_item, items))}" if items else ""


def _sort_item(item: nodes.SortItem) -> str:
    nulls = {None: "", True: " NULLS FIRST", False: " NULLS LAST"}[item.nulls_first]
    return f"{describe(item.expression)} {'DESC' if item.descending else 'ASC'}{nulls}"


def _over(window: nodes.Window | nodes.Identifier | None) -> str:
    if window is None:
        return ""
    if isinstance(window, nodes.Identifier):
        return f" OVER {_identifier(window)}"
    parts = [_identifier(window.base)] if window.base is not None else []
    if window.partition_by:
        parts.append(f"PARTITION BY {_all(window.partition_by)}")
    if window.order_by:
        parts.append(_order_by(window.order_by).lstrip())
    if window.frame is not None:
        parts.append(_frame(window.frame))
    return f" OVER ({' '.join(parts)})"


def _frame(frame: nodes.Frame) -> str:
    if frame.end is None:
        return f"{frame.unit} {_bound(frame.start)}"
    return f"{frame.unit} BETWEEN {_bound(frame.start)} AND {_bound(frame.end)}"


def _bound(bound: nodes.FrameBound) -> str:
    return bound.kind if bound.value is None else f"{describe(bound.value)} {bound.kind}"


def _listagg(node: nodes.ListAgg) -> str:
    distinct = "DISTINCT " if node.distinct else ""
    overflow = "ERROR"
    if node.overflow is not None:
        filler, counted = node.overflow
        overflow = f"TRUNCATE {quoted(filler)} {'WITH' if counted else 'WITHOUT'} COUNT"
    inside = f"{distinct}{describe(node.value)}, {quoted(node.separator)}"
    group = f"WITHIN GROUP ({_order_by(node.order_by).lstrip()})"
    tail = f"{_filter(node.filter)}{_over(node.window)}"
    return f"LISTAGG({inside} ON OVERFLOW {overflow}) {group}{tail}"


_WRITERS: Final[dict[type, Callable[[Any], str]]] = {
    nodes.Identifier: _identifier,
    nodes.Dereference: _dereference,
    nodes.String: lambda node: quoted(node.value),
    nodes.Binary: lambda node: f"X'{node.value.hex().upper()}'",
    nodes.Number: _number,
    nodes.Null: lambda node: "null",
    nodes.Boolean: lambda node: str(node.value).lower(),
    nodes.TypedLiteral: _typed,
    nodes.Interval: _interval,
    nodes.Parameter: lambda node: "?",
    nodes.CurrentTime: _current,
    nodes.Arithmetic: _arithmetic,
    nodes.Unary: _unary,
    nodes.Comparison: lambda node: (
        f"({describe(node.left)} {node.operator} {describe(node.right)})"
    ),
    nodes.Logical: lambda node: f"({_all(node.terms, f' {node.operator} ')})",
    nodes.Not: _not,
    nodes.IsNull: lambda node: f"({describe(node.value)} IS NULL)",
    nodes.Between: lambda node: (
        f"({describe(node.value)} BETWEEN {describe(node.low)} AND {describe(node.high)})"
    ),
    nodes.InList: lambda node: f"({describe(node.value)} IN ({_all(node.items)}))",
    nodes.Like: _like,
    nodes.Case: _case,
    nodes.Cast: lambda node: (
        f"{'TRY_CAST' if node.safe else 'CAST'}({describe(node.value)} AS {node.type})"
    ),
    nodes.Extract: lambda node: f"EXTRACT({node.field} FROM {describe(node.value)})",
    nodes.AtTimeZone: lambda node: f"{describe(node.value)} AT TIME ZONE {describe(node.zone)}",
    nodes.Array: lambda node: f"ARRAY[{_all(node.items, ',')}]",
    nodes.Row: lambda node: f"ROW ({_all(node.items)})",
    nodes.Subscript: lambda node: f"{describe(node.base)}[{describe(node.index)}]",
    nodes.Lambda: _lambda,
    nodes.FunctionCall: _call,
    nodes.MeasureReference: lambda node: f"{_identifier(node.name)}{_over(node.window)}",
    nodes.Grouping: lambda node: f"GROUPING ({_all(node.arguments)})",
    nodes.ListAgg: _listagg,
}
