"""The arguments of a call, lambdas among them, coerced to the signature that it means."""

from collections.abc import Sequence
from typing import Final

from lakelet.errors import TrinoError
from lakelet.sql import tree
from lakelet.sql.analyzer.clauses import refuse_calls
from lakelet.sql.analyzer.coercions import coerce
from lakelet.sql.analyzer.expressions import ExpressionAnalyzer
from lakelet.sql.analyzer.signatures import Argument, Binding, LambdaArgument, resolve
from lakelet.sql.functions.registry import Function
from lakelet.sql.syntax import nodes
from lakelet.types import Type
from lakelet.types.model import function

_MOST_ARGUMENTS: Final = 127
_BINDINGS: Final[dict[tuple[str, tuple[Type, ...]], Binding]] = {}
_REMEMBERED: Final = 20_000


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
