"""Calls: scalar functions, aggregates, window functions, and what looks like a function."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from lakelet.errors import TrinoError
from lakelet.sql import tree
from lakelet.sql.analyzer import clock, pattern_windows
from lakelet.sql.analyzer.clauses import calls_in, is_aggregate, is_window, refuse_calls
from lakelet.sql.analyzer.coercions import coerce
from lakelet.sql.analyzer.expressions import ANALYZERS, ExpressionAnalyzer, PatternRules
from lakelet.sql.analyzer.formatting import describe
from lakelet.sql.analyzer.ordering import sort_items
from lakelet.sql.analyzer.signatures import Argument, Binding, LambdaArgument, resolve
from lakelet.sql.analyzer.windows import (
    analyze_window,
    expressions_of,
    nested_windows,
    resolved,
    specification,
)
from lakelet.sql.functions.java_formatter import java_type
from lakelet.sql.functions.registry import FUNCTIONS, Function
from lakelet.sql.row_patterns.program import canonical
from lakelet.sql.syntax import nodes
from lakelet.types import Type
from lakelet.types.casting import can_cast
from lakelet.types.coercion import is_comparable
from lakelet.types.model import BOOLEAN, VARCHAR, function

_MOST_ARGUMENTS: Final = 127
_BINDINGS: Final[dict[tuple[str, tuple[Type, ...]], Binding]] = {}
_REMEMBERED: Final = 20_000


def analyze_call(at: ExpressionAnalyzer, node: nodes.FunctionCall) -> tree.Expression:
    """A call by name."""
    found = _in_pattern(at, node) or _without_entry(at, node)
    if found is not None:
        return found
    name = node.name[-1].name
    entry = FUNCTIONS.get(name)
    if entry is None or entry.kind == "operator" or len(node.name) == 2:
        shown = ".".join(part.name for part in node.name)
        raise at.error("FUNCTION_NOT_FOUND", f"Function '{shown}' not registered", node)
    if node.window is not None:
        return _window_call(at, node, entry)
    if entry.kind == "window":
        arguments, binding = bind(at, node, entry)
        if at.scalar:
            at.windows.append(node)
            return tree.FunctionCall(entry, arguments, binding.result)
        raise at.error(
            "MISSING_OVER",
            f"Window function system.builtin.{name} requires an OVER clause",
            node,
        )
    if entry.kind == "aggregate":
        if at.pattern is not None:
            return _pattern_aggregate(at, at.pattern, node, entry)
        return _aggregate_call(at, node, entry)
    return _scalar_call(at, node, entry)


def _in_pattern(at: ExpressionAnalyzer, node: nodes.FunctionCall) -> tree.Expression | None:
    """What only row patterns have."""
    if at.pattern is not None:
        return at.pattern.call(at, node)
    if node.star and node.arguments:
        raise at.error(
            "INVALID_FUNCTION_ARGUMENT",
            "label.* syntax is only supported as the only argument of row pattern count function",
            node.arguments[0],
        )
    if node.mode is not None:
        raise at.error(
            "INVALID_PROCESSING_MODE",
            f"{node.mode} semantics is not supported out of pattern recognition context",
            node,
        )
    return None


def _without_entry(at: ExpressionAnalyzer, node: nodes.FunctionCall) -> tree.Expression | None:
    """What looks like a function, and the functions that are constants of the session."""
    if len(node.name) > 1:
        return None
    name = node.name[0].name
    special = _SPECIAL.get(name)
    if special is not None:
        return special(at, node)
    if node.arguments or node.star or node.order_by:
        return None
    return clock.session_value(at.context, name, None)


def _scalar_call(
    at: ExpressionAnalyzer, node: nodes.FunctionCall, entry: Function
) -> tree.Expression:
    for present, what in (
        (node.distinct, "DISTINCT"),
        (node.filter is not None, "FILTER"),
        (bool(node.order_by), "ORDER BY"),
    ):
        if present:
            raise at.error(
                "FUNCTION_NOT_AGGREGATE",
                "ORDER BY is only valid for aggregation functions"
                if what == "ORDER BY"
                else f"{what} is not supported for non-aggregation functions",
                node,
            )
    arguments, binding = bind(at, node, entry)
    return tree.FunctionCall(entry, arguments, binding.result)


def bind(
    at: ExpressionAnalyzer, node: nodes.FunctionCall, entry: Function
) -> tuple[tuple[tree.Expression, ...], Binding]:
    """The arguments, coerced to the signature that the call means."""
    name = node.name[-1].value.lower()
    lambdas = {i: e for i, e in enumerate(node.arguments) if isinstance(e, nodes.Lambda)}
    values = [None if i in lambdas else at.analyze(e) for i, e in enumerate(node.arguments)]
    try:
        if not lambdas:
            types = tuple(value.type for value in values if value is not None)
            binding = _remembered(name, entry, types)
        else:
            binding = _bind_lambdas(at, name, entry, values, lambdas)
    except TrinoError as failure:
        if failure.line is not None:
            raise
        raise at.error(failure.name, failure.message, node) from None
    if len(values) > _MOST_ARGUMENTS:
        raise at.error("TOO_MANY_ARGUMENTS", f"Too many arguments for function call {name}()", node)
    typed = tuple(
        coerce(value, of) if value is not None else _typed_lambda(at, lambdas[i], of)
        for i, (value, of) in enumerate(zip(values, binding.argument_types, strict=True))
    )
    return typed, binding


def _remembered(name: str, entry: Function, types: tuple[Type, ...]) -> Binding:
    binding = _BINDINGS.get((entry.name, types))
    if binding is None:
        if len(_BINDINGS) > _REMEMBERED:
            _BINDINGS.clear()
        binding = _BINDINGS[(entry.name, types)] = resolve(name, [entry], types)
    return binding


def _bind_lambdas(
    at: ExpressionAnalyzer,
    name: str,
    entry: Function,
    values: Sequence[tree.Expression | None],
    lambdas: dict[int, nodes.Lambda],
) -> Binding:
    arguments: list[Argument] = [
        LambdaArgument(len(lambdas[i].parameters)) if value is None else value.type
        for i, value in enumerate(values)
    ]

    def body_type(index: int, parameters: tuple[Type, ...]) -> Type:
        node = lambdas[index]
        if len(parameters) != len(node.parameters):
            raise at.error(
                "INVALID_PARAMETER_USAGE",
                f"Expected a lambda that takes {len(parameters)} argument(s) but got"
                f" {len(node.parameters)}",
                node,
            )
        return _lambda_body(at, node, parameters)[1].type

    return resolve(name, [entry], arguments, body_type)


def _lambda_body(
    at: ExpressionAnalyzer, node: nodes.Lambda, types: Sequence[Type]
) -> tuple[tuple[tree.LambdaReference, ...], tree.Expression]:
    refuse_calls(at, "Lambda expression", node.body)
    names = [each.name for each in (at.scope.lambdas or {}).values()]
    around = len(names)
    for each in node.parameters:
        names.append(at.context.names.parameter(each.name, names))
    parameters = tuple(map(tree.LambdaReference, names[around:], types))
    named = {each.name: ref for each, ref in zip(node.parameters, parameters, strict=True)}
    outer, at.in_lambda = at.in_lambda, True
    try:
        body = at.analyze_in(at.scope.within(named), node.body)
    finally:
        at.in_lambda = outer
    return parameters, body


def _typed_lambda(at: ExpressionAnalyzer, node: nodes.Lambda, of: Type) -> tree.Expression:
    if of.name != "function":
        raise at.mismatch(f"Lambda expression cannot be used as {of}", node)
    parameters, body = _lambda_body(at, node, of.arguments[:-1])
    found = tree.Lambda(parameters, coerce(body, of.arguments[-1]), function(*of.arguments))
    at.typed[node] = found
    return found


# Aggregates and windows ----------------------------------------------------------------------


def _refuse_nesting(
    at: ExpressionAnalyzer, node: nodes.FunctionCall | nodes.ListAgg, name: str
) -> None:
    """Notes the calls that an aggregate cannot take as arguments."""
    written = [*(each.expression for each in node.order_by)]
    written += node.arguments if isinstance(node, nodes.FunctionCall) else (node.value,)
    written += (node.filter,) if node.filter is not None else ()
    found = [call for each in written for call in calls_in(each)]
    inner = [each for each in found if is_aggregate(each)]
    windows = [each for each in found if is_window(each)]
    if inner:
        shown = ", ".join(map(describe, inner))
        at.refused[node] = at.error(
            "NESTED_AGGREGATION",
            f"Cannot nest aggregations inside aggregation '{name}': [{shown}]",
            node,
        )
    elif windows:
        shown = ", ".join(map(describe, windows))
        at.refused[node] = at.error(
            "NESTED_WINDOW",
            "Cannot nest window functions or row pattern measures inside aggregation"
            f" '{name}': [{shown}]",
            node,
        )


def _aggregate_call(
    at: ExpressionAnalyzer, node: nodes.FunctionCall, entry: Function
) -> tree.Expression:
    arguments, binding = bind(at, node, entry)
    order_by = sort_items(at, node.order_by)
    condition = _filter(at, node.filter)
    _refuse_nesting(at, node, node.name[-1].value)
    if node.distinct and not node.arguments:
        raise at.error("SYNTAX_ERROR", "DISTINCT aggregation needs an argument", node)
    for each in arguments if node.distinct else ():
        if not is_comparable(each.type):
            raise at.mismatch(
                f"DISTINCT can only be applied to comparable types (actual: {each.type})", node
            )
    at.aggregates.append(node)
    return tree.AggregateCall(entry, arguments, binding.result, node.distinct, order_by, condition)


def _pattern_aggregate(
    at: ExpressionAnalyzer, pattern: PatternRules, node: nodes.FunctionCall, entry: Function
) -> tree.Expression:
    """An aggregate over the rows of a match."""
    labels: tuple[str, ...] = ()
    if node.star and node.arguments:
        labels = pattern.counted(at, node)
        node = replace(node, arguments=())
    pattern.refuse_aggregate(at, node)
    arguments, binding = bind(at, node, entry)
    call = tree.AggregateCall(entry, arguments, binding.result)
    return pattern.aggregate(at, node, call, labels)


def _filter(at: ExpressionAnalyzer, node: nodes.Expression | None) -> tree.Expression | None:
    if node is None:
        return None
    return at.boolean(node, "Filter expression must evaluate to a boolean")


def _window_call(
    at: ExpressionAnalyzer, node: nodes.FunctionCall, entry: Function
) -> tree.Expression:
    assert node.window is not None
    arguments, binding = bind(at, node, entry)
    order_by = sort_items(at, node.order_by)
    window = analyze_window(at, node.window)
    at.windows.append(node)
    wrong = next(_wrong_with(at, node, node.window, entry), None)
    if wrong is not None:
        at.refused[node] = wrong
    ignored = node.null_treatment == "IGNORE"
    if specification(at, node.window).recognition is not None:
        searched = pattern_windows.recognized(at, node.window, window)
        return tree.PatternWindowCall(entry, arguments, binding.result, searched.window, ignored)
    return tree.WindowCall(
        entry,
        arguments,
        binding.result,
        window,
        node.distinct,
        ignore_nulls=ignored,
        order_by=order_by,
    )


_RANKINGS: Final = frozenset(
    ("rank", "dense_rank", "percent_rank", "cume_dist", "row_number", "ntile")
)
_BESIDE: Final = ("lag", "lead")


def _wrong_with(
    at: ExpressionAnalyzer,
    node: nodes.FunctionCall,
    window: nodes.Window | nodes.Identifier,
    entry: Function,
) -> Iterator[TrinoError]:
    """What a function over a window cannot have."""
    found = specification(at, window)
    yield from nested_windows(at, node.arguments, "function arguments")
    if isinstance(window, nodes.Window):
        yield from nested_windows(at, expressions_of(window), "specification")
    if node.filter is not None:
        message = "FILTER is not yet supported for window functions"
        yield at.context.error("NOT_SUPPORTED", message, at.query_at)
    if entry.kind == "window" and node.order_by:
        message = "Only aggregation window functions with ORDER BY are supported"
        yield at.error("NOT_SUPPORTED", message, node)
    if entry.kind == "window" and node.distinct:
        message = "Only aggregation window functions with DISTINCT are supported"
        yield at.context.error("NOT_SUPPORTED", f"{message}: {describe(node)}", at.query_at)
    if node.null_treatment and (entry.kind != "window" or entry.name in _RANKINGS):
        message = f"Cannot specify null treatment clause for {entry.name} function"
        yield at.error("NULL_TREATMENT_NOT_ALLOWED", message, node)
    if entry.kind == "scalar":
        yield at.context.error("FUNCTION_NOT_WINDOW", f"Not a window function: {entry.name}", 0)
    if entry.name in _RANKINGS or entry.name in _BESIDE:
        if found.frame is not None:
            message = f"Cannot specify window frame for {entry.name} function"
            yield at.error("INVALID_WINDOW_FRAME", message, found.frame)
        if entry.name in _BESIDE and not resolved(at, found)[1]:
            message = f"{entry.name} function requires an ORDER BY window clause"
            yield at.error("MISSING_ORDER_BY", message, window)


def _measure(at: ExpressionAnalyzer, node: nodes.MeasureReference) -> tree.Expression:
    """measure OVER window."""
    window = analyze_window(at, node.window)
    at.windows.append(node)
    if specification(at, node.window).recognition is not None:
        searched = pattern_windows.recognized(at, node.window, window)
        found = searched.measures.get(canonical(node.name), ())
        if len(found) > 1:
            message = f"Measure {node.name.value} is defined more than once"
            raise at.error("AMBIGUOUS_NAME", message, node)
        if found:
            return tree.WindowMeasure(found[0], searched.window, found[0].type)
    raise at.error(
        "INVALID_WINDOW_MEASURE",
        f"Measure {node.name.value} is not defined in the corresponding window",
        node,
    )


def analyze_listagg(at: ExpressionAnalyzer, node: nodes.ListAgg) -> tree.Expression:
    """LISTAGG; `overflow` decides what becomes of more than 1 MB."""
    value = at.analyze(node.value)
    if value.type.name not in ("varchar", "unknown"):
        raise at.mismatch(
            f"Expected expression of varchar, but '{describe(node.value)}' has {value.type} type",
            node,
        )
    order_by = sort_items(at, node.order_by)
    condition = _filter(at, node.filter)
    filler, counted = node.overflow or (None, False)
    arguments = (
        coerce(value, VARCHAR),
        tree.Constant(node.separator, VARCHAR),
        tree.Constant(filler, VARCHAR),
        tree.Constant(counted, BOOLEAN),
    )
    if node.window is not None:
        window = analyze_window(at, node.window)
        at.windows.append(node)
        return tree.WindowCall(
            at.entry("listagg", node),
            arguments,
            VARCHAR,
            window,
            node.distinct,
            filter=condition,
            order_by=order_by,
        )
    _refuse_nesting(at, node, "listagg")
    at.aggregates.append(node)
    return tree.AggregateCall(
        at.entry("listagg", node), arguments, VARCHAR, node.distinct, order_by, condition
    )


# What looks like a function ------------------------------------------------------------------


def _count(at: ExpressionAnalyzer, node: nodes.FunctionCall, low: int, high: int) -> None:
    if not low <= len(node.arguments) <= high:
        name = node.name[0].value.lower()
        raise at.error("SYNTAX_ERROR", f"Invalid number of arguments for '{name}' function", node)


def _if(at: ExpressionAnalyzer, node: nodes.FunctionCall) -> tree.Expression:
    _count(at, node, 2, 3)
    condition = at.boolean(node.arguments[0], "IF condition must evaluate to a boolean")
    results = [at.analyze(each) for each in node.arguments[1:]]
    of = at.common(results, "Result types for IF must be the same: {0} vs {1}", node)
    values = [coerce(each, of) for each in results]
    default = values[1] if len(values) > 1 else None
    return tree.Case(None, ((condition, values[0]),), default, of)


def _nullif(at: ExpressionAnalyzer, node: nodes.FunctionCall) -> tree.Expression:
    _count(at, node, 2, 2)
    first, second = (at.analyze(each) for each in node.arguments)
    of = at.common([first, second], "Types are not comparable with NULLIF: {0} vs {1}", node)
    return tree.NullIf(first, second, of, first.type)


def _coalesce(at: ExpressionAnalyzer, node: nodes.FunctionCall) -> tree.Expression:
    if len(node.arguments) < 2:
        raise at.error(
            "SYNTAX_ERROR", "The 'coalesce' function must have at least two arguments", node
        )
    operands = [at.analyze(each) for each in node.arguments]
    of = at.common_of_all(operands, "All COALESCE operands", node.arguments)
    return tree.Coalesce(tuple(coerce(each, of) for each in operands), of)


def _try(at: ExpressionAnalyzer, node: nodes.FunctionCall) -> tree.Expression:
    if len(node.arguments) != 1:
        raise at.error("SYNTAX_ERROR", "The 'try' function must have exactly one argument", node)
    value = at.analyze(node.arguments[0])
    return tree.Try(value, value.type)


def _typeof(at: ExpressionAnalyzer, node: nodes.FunctionCall) -> tree.Expression:
    if len(node.arguments) != 1:
        raise at.error("FUNCTION_NOT_FOUND", "Unexpected parameters for function typeof", node)
    if isinstance(node.arguments[0], nodes.Lambda):
        message = "Unexpected parameters (<function>) for function typeof. Expected: typeof(t) T"
        raise at.error("FUNCTION_NOT_FOUND", message, node)
    value = at.analyze(node.arguments[0])
    name = tree.Constant(str(value.type), VARCHAR)
    if isinstance(value, tree.Constant | tree.ColumnReference):
        return name
    # The value is computed all the same: it may fail.
    return tree.Case(None, ((tree.IsNull(value), name),), name, VARCHAR)


def _format(at: ExpressionAnalyzer, node: nodes.FunctionCall) -> tree.Expression:
    """format(pattern, values of any types)."""
    if len(node.arguments) < 2:
        raise at.error(
            "SYNTAX_ERROR", "The 'format' function must have at least two arguments", node
        )
    pattern, *values = (at.analyze(each) for each in node.arguments)
    if pattern.type.name != "varchar":
        raise at.mismatch(
            f"Type of first argument to format() must be VARCHAR (actual: {pattern.type})",
            node.arguments[0],
        )
    for value, argument in zip(values, node.arguments[1:], strict=True):
        if not can_cast(value.type, VARCHAR):
            raise at.error(
                "NOT_SUPPORTED", f"Type not supported for formatting: {value.type}", argument
            )
    types = tree.Constant(",".join(java_type(each.type.name) for each in values), VARCHAR)
    texts = tuple(_text(at, each, node) for each in values)
    arguments = (coerce(pattern, VARCHAR), types, *texts)
    return tree.FunctionCall(at.entry("format", node), arguments, VARCHAR)


_NANOSECONDS: Final = 9


def _text(
    at: ExpressionAnalyzer, value: tree.Expression, node: nodes.FunctionCall
) -> tree.Expression:
    """What format() writes of a value; of JSON it is the whole text, quotes and all. Java's times
    hold nanoseconds."""
    of = value.type
    if of.name == "json":
        return tree.FunctionCall(at.entry("json_format", node), (value,), VARCHAR)
    if of.name in ("time", "timestamp", "timestamp with time zone") and of.precision > _NANOSECONDS:
        value = tree.Cast(value, Type(of.name, (_NANOSECONDS,)))
    return tree.Cast(value, VARCHAR)


_SPECIAL: Final[dict[str, Callable[[ExpressionAnalyzer, nodes.FunctionCall], tree.Expression]]] = {
    "if": _if,
    "nullif": _nullif,
    "coalesce": _coalesce,
    "try": _try,
    "typeof": _typeof,
    "format": _format,
}

ANALYZERS.update(
    {
        nodes.FunctionCall: analyze_call,
        nodes.ListAgg: analyze_listagg,
        nodes.MeasureReference: _measure,
    }
)
