"""Expressions as Trino's plans write them, with the names that the plan has given to values."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from lakelet.sql import tree


@dataclass(slots=True)
class Symbols:
    """Names that are unique in a plan: of columns, and of expressions that were computed."""

    used: dict[str, int] = field(default_factory=dict)
    columns: dict[tuple[str, str], str] = field(default_factory=dict)
    computed: list[tuple[Any, str]] = field(default_factory=list)
    outputs: Mapping[str, str] = field(default_factory=dict)

    def new(self, hint: str) -> str:
        """A name that nothing has yet."""
        number = self.used.get(hint)
        self.used[hint] = 0 if number is None else number + 1
        return hint if number is None else f"{hint}_{number}"

    def column(self, relation: str, name: str, symbol: str) -> None:
        self.columns[relation, name] = symbol

    def know(self, expression: Any, symbol: str) -> None:
        """From here on an expression is there under a name."""
        self.computed.append((expression, symbol))

    def of(self, expression: Any) -> str | None:
        return next((name for known, name in reversed(self.computed) if known == expression), None)


_OPERATORS: Final[Mapping[str, str]] = {
    "+": "$operator$add",
    "-": "$operator$subtract",
    "*": "$operator$multiply",
    "/": "$operator$divide",
    "%": "$operator$modulus",
    "[]": "$operator$subscript",
}
_COMPARISONS: Final = frozenset({"=", "<>", "<", "<=", ">", ">="})


def shown(node: Any, symbols: Symbols, *, bare: bool = False) -> str:
    """The text of an expression; `bare` shows a number without its type."""
    known = symbols.of(node)
    if known is not None:
        return known
    if bare and isinstance(node, tree.Constant):
        return str(node.value)
    write = _WRITERS.get(type(node))
    if write is None:
        return f"<{type(node).__name__}>"
    return write(node, lambda each: shown(each, symbols), symbols)


Show = Callable[[Any], str]


def _listed(items: Any, show: Show) -> str:
    return ", ".join(map(show, items))


def _constant(node: tree.Constant, show: Show, symbols: Symbols) -> str:
    if node.value is None:
        return f"null::{node.type}"
    return f"{node.type} '{_text(node.value)}'"


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, tuple | list):
        return " ".join(map(_text, value))
    return str(value)


def _column(node: tree.ColumnReference, show: Show, symbols: Symbols) -> str:
    return symbols.columns.get((node.relation, node.name), node.name)


def _call(node: tree.FunctionCall, show: Show, symbols: Symbols) -> str:
    name, arguments = node.function.name, node.arguments
    if name in _COMPARISONS and len(arguments) == 2:
        return f"({show(arguments[0])} {name} {show(arguments[1])})"
    if name == "-" and len(arguments) == 1:
        return f"$operator$negation({show(arguments[0])})"
    return f"{_OPERATORS.get(name, name)}({_listed(arguments, show)})"


def _aggregate(node: tree.AggregateCall, show: Show, symbols: Symbols) -> str:
    inside = _listed(node.arguments, show) or "*"
    distinct = "DISTINCT " if node.distinct else ""
    text = f"{node.function.name}({distinct}{inside})"
    return text if node.filter is None else f"{text} (mask = {show(node.filter)})"


def _window(node: tree.WindowCall, show: Show, symbols: Symbols) -> str:
    frame = node.window.frame
    text = f"{node.function.name}({_listed(node.arguments, show)})"
    if frame is None:
        return f"{text} RANGE UNBOUNDED_PRECEDING CURRENT_ROW"
    bounds = " ".join(
        f"{show(each.value)} {each.kind}" if each.value is not None else each.kind.replace(" ", "_")
        for each in (frame.start, frame.end)
    )
    return f"{text} {frame.unit} {bounds}"


def _case(node: tree.Case, show: Show, symbols: Symbols) -> str:
    operand = f" {show(node.operand)}" if node.operand is not None else ""
    whens = " ".join(f"WHEN {show(w)} THEN {show(t)}" for w, t in node.whens)
    default = f" ELSE {show(node.default)}" if node.default is not None else ""
    return f"(CASE{operand} {whens}{default} END)"


def _like(node: tree.Like, show: Show, symbols: Symbols) -> str:
    pattern = node.pattern
    text = f"[{pattern.value}]" if isinstance(pattern, tree.Constant) else show(pattern)
    return f"$like({show(node.value)}, LikePattern '{text}')"


_WRITERS: Final[Mapping[type, Callable[[Any, Show, Symbols], str]]] = {
    tree.Constant: _constant,
    tree.ColumnReference: _column,
    tree.FunctionCall: _call,
    tree.AggregateCall: _aggregate,
    tree.WindowCall: _window,
    tree.Case: _case,
    tree.Like: _like,
    tree.LambdaReference: lambda node, show, symbols: node.name,
    tree.OutputReference: lambda node, show, symbols: symbols.outputs.get(node.name, node.name),
    tree.Cast: lambda node, show, symbols: (
        f"{'TRY_CAST' if node.safe else 'CAST'}({show(node.value)} AS {node.type})"
    ),
    tree.Coalesce: lambda node, show, symbols: f"COALESCE({_listed(node.operands, show)})",
    tree.NullIf: lambda node, show, symbols: f"NULLIF({show(node.first)}, {show(node.second)})",
    tree.Try: lambda node, show, symbols: f"$try(() -> {show(node.value)})",
    tree.Logical: lambda node, show, symbols: (
        "(" + f" {node.operator} ".join(map(show, node.operands)) + ")"
    ),
    tree.Not: lambda node, show, symbols: f"$not({show(node.value)})",
    tree.IsNull: lambda node, show, symbols: f"({show(node.value)} IS NULL)",
    tree.Between: lambda node, show, symbols: (
        f"({show(node.value)} BETWEEN {show(node.low)} AND {show(node.high)})"
    ),
    tree.InList: lambda node, show, symbols: (
        f"({show(node.value)} IN ({_listed(node.items, show)}))"
    ),
    tree.InQuery: lambda node, show, symbols: f"({show(node.value)} IN (subquery))",
    tree.Exists: lambda node, show, symbols: "EXISTS (subquery)",
    tree.ScalarQuery: lambda node, show, symbols: "(subquery)",
    tree.Quantified: lambda node, show, symbols: (
        f"({show(node.value)} {node.operator} {node.quantifier} (subquery))"
    ),
    tree.RowConstructor: lambda node, show, symbols: f"ROW({_listed(node.items, show)})",
    tree.ArrayConstructor: lambda node, show, symbols: f"ARRAY[{_listed(node.items, show)}]",
    tree.FieldReference: lambda node, show, symbols: f"{show(node.value)}.{node.index}",
    tree.Lambda: lambda node, show, symbols: (
        f"({_listed(node.parameters, show)}) -> {show(node.body)}"
    ),
    tree.Grouping: lambda node, show, symbols: f"grouping({_listed(node.arguments, show)})",
}
