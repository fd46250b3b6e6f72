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
from lakelet.sql.functions.json.path import variables
from lakelet.sql.row_patterns.program import canonical
from lakelet.sql.syntax import nodes
from lakelet.types import Type
from lakelet.types.casting import can_cast
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
_TEXTS: Final = ("varchar", "char", "varbinary", "unknown")
_OUTPUTS: Final = ("varchar", "char", "varbinary")
_MOMENTS: Final = ("date", "time", "timestamp")
_DEFAULT_ON_ERROR: Final = {"json_exists": "FALSE"}


def analyze_path_call(at: ExpressionAnalyzer, node: nodes.JsonPathCall) -> tree.Expression:
    """JSON_EXISTS, JSON_VALUE, JSON_QUERY."""
    _check_path_call(at, node)
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
            default = _default(at, event, written, result)
        defaults.append(default)
    passed, formats = passed_values(at, node.passing)
    options = {
        **behaviours,
        "wrapper": node.wrapper or "WITHOUT",
        "quotes": node.quotes or "KEEP",
        "passing": [canonical(name) for name, _ in node.passing],
        "formats": formats,
    }
    arguments = (value, tree.Constant(node.path, VARCHAR), _options(options), *defaults, *passed)
    return _output(at, node, node.function, arguments, result)


def _check_path_call(at: ExpressionAnalyzer, node: nodes.JsonPathCall) -> None:
    if node.path_name is not None:
        message = f"JSON path name is not allowed in {node.function.upper()} function"
        raise at.error("INVALID_PATH", message, node.path_name)
    if node.quotes is not None and node.wrapper not in (None, "WITHOUT"):
        raise at.error(
            "INVALID_FUNCTION_ARGUMENT",
            f"{node.quotes} QUOTES behavior specified with WITH {node.wrapper} ARRAY WRAPPER"
            " behavior",
            node,
        )


def passed_values(
    at: ExpressionAnalyzer, passing: Sequence[tuple[nodes.Identifier, nodes.JsonValue]]
) -> tuple[list[tree.Expression], list[str | None]]:
    """The values passed to a path, and what each is: "JSON", a type of moments or neither."""
    values: list[tree.Expression] = []
    formats: list[str | None] = []
    for _, each in passing:
        if each.format is not None:
            values.append(input_text(at, each))
            formats.append("JSON")
            continue
        value = _parameter(at, each.expression)
        values.append(value)
        formats.append(str(value.type) if value.type.name.split()[0] in _MOMENTS else None)
    return values, formats


def _parameter(at: ExpressionAnalyzer, node: nodes.Expression) -> tree.Expression:
    value = at.analyze(node)
    if value.type.name in _SCALARS or (
        value.type.name != "varbinary" and can_cast(value.type, VARCHAR)
    ):
        return value
    message = f"Unsupported type of JSON path parameter: {value.type}"
    raise at.error("NOT_SUPPORTED", message, node)


def check_passed(
    at: ExpressionAnalyzer, path: str, path_at: int, passing: Sequence[nodes.Identifier]
) -> None:
    """Raises INVALID_PATH for a variable of a path that no value is passed for, and
    DUPLICATE_PARAMETER_NAME for one that more than one is passed for."""
    passed: set[str] = set()
    for parameter in passing:
        if canonical(parameter) in passed:
            raise at.error(
                "DUPLICATE_PARAMETER_NAME",
                f"{canonical(parameter)} JSON path parameter is specified more than once",
                parameter,
            )
        passed.add(canonical(parameter))
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
    readable = ("varbinary",) if _encoding(node.format) else _TEXTS
    if value.type.name not in readable:
        raise at.mismatch(
            f"Cannot read input of type {value.type} as JSON using formatting"
            f" {_formatting(node.format)}",
            node.expression,
        )
    if value.type.name != "varbinary":
        return coerce(value, VARCHAR)
    encoding = _encoding(node.format) or "UTF8"
    if encoding == "UTF8":
        return tree.FunctionCall(at.entry("from_utf8", node.expression), (value,), VARCHAR)
    arguments = (value, tree.Constant(encoding, VARCHAR))
    return tree.FunctionCall(at.entry("$json_decoded", node.expression), arguments, VARCHAR)


def _encoding(form: str | None) -> str | None:
    """The encoding that FORMAT JSON names."""
    return None if form == "JSON" else form


def _formatting(form: str | None) -> str:
    encoding = _encoding(form)
    return f"JSON ENCODING {encoding}" if encoding else "JSON"


def _output(
    at: ExpressionAnalyzer,
    node: nodes.JsonPathCall | nodes.JsonObject | nodes.JsonArray,
    name: str,
    arguments: tuple[tree.Expression, ...],
    result: Type,
) -> tree.Expression:
    """A call that gives JSON, in the encoding asked for."""
    encoding = _encoding(node.format)
    if encoding in (None, "UTF8"):
        return tree.FunctionCall(at.entry(name, node), arguments, result)
    text = tree.FunctionCall(at.entry(name, node), arguments, VARCHAR)
    encoded = (text, tree.Constant(encoding, VARCHAR))
    return tree.FunctionCall(at.entry("$json_encoded", node), encoded, result)


def _check_returned(at: ExpressionAnalyzer, node: nodes.JsonPathCall, result: Type) -> None:
    """Whether a call can give values of a type."""
    if node.function == "json_value" and result.name not in _SCALARS - {"json", "unknown"}:
        raise at.mismatch(f"Invalid return type of function JSON_VALUE: {result}", node)
    if node.function == "json_query":
        _check_output(at, node, result)


def _check_output(
    at: ExpressionAnalyzer,
    node: nodes.JsonPathCall | nodes.JsonObject | nodes.JsonArray,
    result: Type,
) -> None:
    """Whether JSON can be given as a type: text, or bytes of an encoding."""
    if result.name not in (("varbinary",) if _encoding(node.format) else _OUTPUTS):
        raise at.mismatch(
            f"Cannot output JSON value as {result} using formatting {_formatting(node.format)}",
            node,
        )


def _default(
    at: ExpressionAnalyzer,
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
    if node.unique_keys and any(value.format is not None for _, value in node.members):
        raise at.error(
            "NOT_SUPPORTED",
            "WITH UNIQUE KEYS behavior is not supported for JSON_OBJECT function when input"
            " expression has FORMAT",
            node,
        )
    arguments: list[tree.Expression] = []
    for key, value in node.members:
        typed = at.analyze(key)
        if typed.type.name not in ("varchar", "char"):
            raise at.error(
                "INVALID_FUNCTION_ARGUMENT",
                f"Invalid type of JSON object key: {typed.type}",
                key,
            )
        # A char is a key without the blanks that fill it up.
        plain = tree.FunctionCall(at.entry("rtrim", key), (typed,), VARCHAR)
        named = plain if typed.type.name == "char" else coerce(typed, VARCHAR)
        arguments += [named, _member(at, value, "JSON_OBJECT")]
    options = {
        "nulls": node.null_on_null,
        "unique": node.unique_keys,
        "formats": [_is_json(value) for _, value in node.members],
    }
    result = _returned(at, node.returning, node)
    _check_output(at, node, result)
    return _output(at, node, "json_object", (*arguments, _options(options)), result)


def analyze_array(at: ExpressionAnalyzer, node: nodes.JsonArray) -> tree.Expression:
    """JSON_ARRAY."""
    arguments = [_member(at, each, "JSON_ARRAY") for each in node.items]
    options = {
        "nulls": node.null_on_null,
        "formats": [_is_json(each) for each in node.items],
    }
    result = _returned(at, node.returning, node)
    _check_output(at, node, result)
    return _output(at, node, "json_array", (*arguments, _options(options)), result)


def _is_json(value: nodes.JsonValue) -> bool:
    """Whether a value is JSON text: FORMAT JSON, or what a JSON function makes."""
    made = isinstance(value.expression, nodes.JsonObject | nodes.JsonArray) or (
        isinstance(value.expression, nodes.JsonPathCall)
        and value.expression.function == "json_query"
    )
    return value.format is not None or made


def _member(at: ExpressionAnalyzer, node: nodes.JsonValue, function: str) -> tree.Expression:
    if node.format is not None:
        return input_text(at, node)
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
