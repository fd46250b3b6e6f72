"""SQL/JSON calls as calls of the registry's functions of the same names.

json_exists, json_value and json_query take (input as varchar, path, options as a JSON text,
default on empty, default on error, values passed …); the options are `on_empty`, `on_error`,
`wrapper`, `quotes` and `passing`, the names of the values passed. json_object takes keys and
values in turn, json_array its items, and both then options: `nulls`, `unique` and `formats`, which
says of each value whether it is JSON text.
"""

import json
from collections.abc import Sequence
from typing import Any, Final

from lakelet.errors import TrinoError
from lakelet.sql import tree
from lakelet.sql.analyzer.coercions import coerce
from lakelet.sql.analyzer.expressions import ANALYZERS, ExpressionAnalyzer
from lakelet.sql.functions.json_path import variables
from lakelet.sql.row_patterns.program import canonical
from lakelet.sql.syntax import nodes
from lakelet.types import Type
from lakelet.types.coercion import can_coerce
from lakelet.types.model import BOOLEAN, UNKNOWN, VARCHAR
from lakelet.types.parsing import parse_type

_SCALARS: Final = frozenset(
    (
        "boolean",
        "tinyint",
        "smallint",
        "integer",
        "bigint",
        "real",
        "double",
        "decimal",
        "varchar",
        "char",
        "date",
        "time",
        "time with time zone",
        "timestamp",
        "timestamp with time zone",
        "json",
        "unknown",
    )
)
_DEFAULT_ON_ERROR: Final = {"json_exists": "FALSE"}


def analyze_path_call(at: ExpressionAnalyzer, node: nodes.JsonPathCall) -> tree.Expression:
    """JSON_EXISTS, JSON_VALUE, JSON_QUERY."""
    value = input_text(at, node.input)
    check_passed(at, node.path, node.path_at, [name for name, _ in node.passing])
    result = BOOLEAN if node.function == "json_exists" else _returned(at, node.returning, node)
    _check_returned(at, node, result)
    behaviours, defaults = {}, []
    for event, written in (("empty", node.on_empty), ("error", node.on_error)):
        behaviours[f"on_{event}"] = (
            written
            if isinstance(written, str)
            else "DEFAULT"
            if written is not None
            else _DEFAULT_ON_ERROR.get(node.function, "NULL")
        )
        default: tree.Expression = tree.Constant(None, result)
        if written is not None and not isinstance(written, str):
            default = _default(at, node, event, written, result)
        defaults.append(default)
    passed = [at.analyze(each.expression) for _, each in node.passing]
    options = {
        **behaviours,
        "wrapper": node.wrapper or "WITHOUT",
        "quotes": node.quotes or "KEEP",
        "passing": [canonical(name) for name, _ in node.passing],
        "formats": [each.format is not None for _, each in node.passing],
    }
    arguments = (value, tree.Constant(node.path, VARCHAR), _options(options), *defaults, *passed)
    return tree.FunctionCall(at.entry(node.function, node), arguments, result)


def check_passed(
    at: ExpressionAnalyzer, path: str, path_at: int, passing: Sequence[nodes.Identifier]
) -> None:
    """Raises INVALID_PATH for a variable of a path that no value is passed for."""
    passed = set(map(canonical, passing))
    for name in variables(path):
        if name in passed:
            continue
        alike = name.lower() in map(str.lower, passed)
        hint = f'. Try quoting "{name}" in the PASSING clause to match case' if alike else ""
        message = f"no value passed for parameter {name}{hint}"
        raise at.context.error("INVALID_PATH", message, path_at)


def input_text(at: ExpressionAnalyzer, node: nodes.JsonValue) -> tree.Expression:
    """A value that is read as JSON, as text."""
    value = at.analyze(node.expression)
    if value.type.name not in ("varchar", "char", "varbinary", "unknown"):
        raise at.mismatch(
            f"Cannot read input of type {value.type} as JSON using formatting"
            f" {node.format or 'JSON'}",
            node.expression,
        )
    if value.type.name == "varbinary":
        return tree.FunctionCall(at.entry("from_utf8", node.expression), (value,), VARCHAR)
    return coerce(value, VARCHAR)


def _check_returned(at: ExpressionAnalyzer, node: nodes.JsonPathCall, result: Type) -> None:
    """Whether a call can give values of a type."""
    if node.function == "json_value" and result.name not in _SCALARS - {"json", "unknown"}:
        raise at.mismatch(f"Invalid return type of function JSON_VALUE: {result}", node)
    if node.function == "json_query" and result.name not in ("varchar", "char", "varbinary"):
        raise at.mismatch(
            f"Cannot output JSON value as {result} using formatting {node.format or 'JSON'}", node
        )


def _default(
    at: ExpressionAnalyzer,
    node: nodes.JsonPathCall,
    event: str,
    written: nodes.Expression,
    result: Type,
) -> tree.Expression:
    value = at.analyze(written)
    if not can_coerce(value.type, result):
        raise at.mismatch(
            f"Function JSON_VALUE default ON {event.upper()} result must evaluate to a {result}"
            f" (actual: {value.type})",
            written,
        )
    return coerce(value, result)


def _returned(at: ExpressionAnalyzer, text: str | None, node: Any) -> Type:
    if text is None:
        return VARCHAR
    try:
        return parse_type(text)
    except TrinoError as failure:
        raise at.mismatch(failure.message, node) from None


def _options(options: dict[str, Any]) -> tree.Constant:
    return tree.Constant(json.dumps(options), VARCHAR)


def analyze_object(at: ExpressionAnalyzer, node: nodes.JsonObject) -> tree.Expression:
    """JSON_OBJECT."""
    arguments: list[tree.Expression] = []
    for key, value in node.members:
        typed = at.analyze(key)
        if typed.type.name not in ("varchar", "char", "unknown"):
            raise at.error(
                "INVALID_FUNCTION_ARGUMENT",
                f"Invalid type of JSON object key: {typed.type}",
                key,
            )
        arguments += [coerce(typed, VARCHAR), _member(at, value, "JSON_OBJECT")]
    options = {
        "nulls": node.null_on_null,
        "unique": node.unique_keys,
        "formats": [_is_json(value) for _, value in node.members],
    }
    result = _returned(at, node.returning, node)
    return tree.FunctionCall(at.entry("json_object", node), (*arguments, _options(options)), result)


def analyze_array(at: ExpressionAnalyzer, node: nodes.JsonArray) -> tree.Expression:
    """JSON_ARRAY."""
    arguments = [_member(at, each, "JSON_ARRAY") for each in node.items]
    options = {
        "nulls": node.null_on_null,
        "formats": [_is_json(each) for each in node.items],
    }
    result = _returned(at, node.returning, node)
    return tree.FunctionCall(at.entry("json_array", node), (*arguments, _options(options)), result)


def _is_json(value: nodes.JsonValue) -> bool:
    """Whether a value is JSON text: FORMAT JSON, or what a JSON function makes."""
    made = isinstance(value.expression, nodes.JsonObject | nodes.JsonArray) or (
        isinstance(value.expression, nodes.JsonPathCall)
        and value.expression.function == "json_query"
    )
    return value.format is not None or made


def _member(at: ExpressionAnalyzer, node: nodes.JsonValue, function: str) -> tree.Expression:
    value = at.analyze(node.expression)
    if value.type.name not in _SCALARS:
        raise at.error(
            "NOT_SUPPORTED",
            f"Unsupported type of value passed to {function} function: {value.type}",
            node.expression,
        )
    return coerce(value, VARCHAR) if value.type == UNKNOWN else value


ANALYZERS.update(
    {
        nodes.JsonPathCall: analyze_path_call,
        nodes.JsonObject: analyze_object,
        nodes.JsonArray: analyze_array,
    }
)
