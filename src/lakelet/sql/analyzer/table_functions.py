"""TABLE(function(…)): sequence and exclude_columns."""

from collections.abc import Callable
from typing import Final

from lakelet.errors import TrinoError
from lakelet.sql import tree
from lakelet.sql.analyzer.clauses import leave_aggregates
from lakelet.sql.analyzer.coercions import coerce
from lakelet.sql.analyzer.context import Context
from lakelet.sql.analyzer.expressions import ExpressionAnalyzer
from lakelet.sql.analyzer.scopes import Field
from lakelet.sql.row_patterns.program import canonical
from lakelet.sql.syntax import nodes
from lakelet.sql.syntax.walking import descendants
from lakelet.types.coercion import can_coerce
from lakelet.types.model import BIGINT

AnalyzeRelation = Callable[[nodes.Relation], tuple[tree.Relation, list[Field]]]


def analyze(
    context: Context,
    node: nodes.TableFunction,
    alias: str | None,
    expressions: ExpressionAnalyzer,
    relation: AnalyzeRelation,
) -> tuple[tree.Relation, list[Field]]:
    """The relation that a call of a table function gives.

    Raises TrinoError FUNCTION_NOT_FOUND, MISSING_ARGUMENT, INVALID_FUNCTION_ARGUMENT.
    """
    name = node.name[-1].name
    if name not in _PARAMETERS:
        shown = ".".join(part.value for part in node.name)
        message = f"Table function '{shown}' not registered"
        raise context.error("FUNCTION_NOT_FOUND", message, node.name[0].at)
    arguments = _by_name(context, node, _PARAMETERS[name])
    if name == "sequence":
        found = _sequence(context, node, alias, expressions, arguments)
    else:
        found = _exclude_columns(context, node, arguments, relation)
    _refuse_copartitioning(context, node)
    return found


_PARAMETERS = {"sequence": ("start", "stop", "step"), "exclude_columns": ("input", "columns")}


def _refuse_copartitioning(context: Context, node: nodes.TableFunction) -> None:
    """No table that a function here takes may be parted, so that none is parted as another."""
    tables = {_name_of(each.value) for each in node.arguments}
    for name in (name for group in node.copartition for name in group):
        shown = ".".join(part.value for part in name)
        message = f"No table argument found for name: {shown}"
        if name[-1].name in tables:
            message = f"Table {shown} referenced in COPARTITION clause is not partitioned"
        raise context.error("INVALID_COPARTITIONING", message, name[0].at)


def _name_of(value: object) -> str | None:
    """How a table that is an argument is called."""
    if isinstance(value, nodes.Aliased):
        return value.alias.name
    return value.name[-1].name if isinstance(value, nodes.Table) else None


def _by_name(
    context: Context, node: nodes.TableFunction, parameters: tuple[str, ...]
) -> dict[str, nodes.TableArgument]:
    given = node.arguments
    named = [each.name for each in given if each.name is not None]
    if named and len(named) < len(given):
        raise context.error(
            "INVALID_ARGUMENTS",
            "All arguments must be passed by name or all must be passed positionally",
            given[0].at,
        )
    if len(given) > len(parameters):
        raise context.error(
            "INVALID_ARGUMENTS",
            f"Too many arguments. Expected at most {len(parameters)} arguments,"
            f" got {len(given)} arguments",
            given[0].at,
        )
    if not named:
        return dict(zip(parameters, given, strict=False))
    found: dict[str, nodes.TableArgument] = {}
    for name, each in zip(named, given, strict=True):
        shown = canonical(name)
        if shown in (known.upper() for known in found):
            message = f"Duplicate argument name: {shown}"
            raise context.error("INVALID_FUNCTION_ARGUMENT", message, each.at)
        if shown.lower() not in parameters or shown != shown.upper():
            message = f"Unexpected argument name: {shown}"
            raise context.error("INVALID_FUNCTION_ARGUMENT", message, each.at)
        found[shown.lower()] = each
    return found


def _sequence(
    context: Context,
    node: nodes.TableFunction,
    alias: str | None,
    expressions: ExpressionAnalyzer,
    arguments: dict[str, nodes.TableArgument],
) -> tuple[tree.Relation, list[Field]]:
    if "stop" not in arguments:
        raise context.error("MISSING_ARGUMENT", "Missing argument: STOP", _place(node))
    values: dict[str, tree.Expression] = {
        "start": tree.Constant(0, BIGINT),
        "step": tree.Constant(1, BIGINT),
    }
    for name, argument in arguments.items():
        if isinstance(argument.value, (tuple, *_TABLES)):
            got = "descriptor" if isinstance(argument.value, tuple) else "table"
            message = f"Invalid argument {name.upper()}. Expected expression, got {got}"
            raise context.error("INVALID_FUNCTION_ARGUMENT", message, argument.at)
        value = expressions.analyze(argument.value)  # type: ignore[arg-type]  # no table, no tuple
        _refuse_subqueries(context, argument.value)
        if not can_coerce(value.type, BIGINT):
            raise context.error(
                "TYPE_MISMATCH", f"Cannot cast type {value.type} to bigint", argument.at
            )
        values[name] = coerce(value, BIGINT)
    leave_aggregates(expressions)
    _check_bounds(values)
    physical = context.names.unique(alias or "sequence")
    relation = tree.Sequence(physical, values["start"], values["stop"], values["step"])
    column = tree.ColumnReference(physical, "sequential_number", BIGINT)
    return relation, [Field("sequential_number", BIGINT, column)]


def _refuse_subqueries(context: Context, value: object) -> None:
    found = next((each for each in descendants(value) if isinstance(each, nodes.Subquery)), None)
    if found is not None:
        message = "Constant expression cannot contain a subquery"
        raise context.error("EXPRESSION_NOT_CONSTANT", message, found.at)


def _check_bounds(values: dict[str, tree.Expression]) -> None:
    """Raises INVALID_FUNCTION_ARGUMENT for constants that make no sequence.

    A sequence of one number may have a step of 0, which then becomes 1.
    """
    known = {}
    for name in ("start", "stop", "step"):
        value = values[name]
        if not isinstance(value, tree.Constant):
            continue
        if value.value is None:
            raise TrinoError("INVALID_FUNCTION_ARGUMENT", f"{name.capitalize()} is null")
        known[name] = value.value
    if len(known) < 3:
        return
    start, stop, step = known["start"], known["stop"], known["step"]
    if (start < stop and step <= 0) or (start > stop and step >= 0):
        sign = "positive" if start < stop else "negative"
        message = f"Step must be {sign} for sequence [{start}, {stop}]"
        raise TrinoError("INVALID_FUNCTION_ARGUMENT", message)
    if step == 0:
        values["step"] = tree.Constant(1, BIGINT)


def _exclude_columns(
    context: Context,
    node: nodes.TableFunction,
    arguments: dict[str, nodes.TableArgument],
    relation: AnalyzeRelation,
) -> tuple[tree.Relation, list[Field]]:
    for name in ("input", "columns"):
        if name not in arguments:
            raise context.error(
                "MISSING_ARGUMENT", f"Missing argument: {name.upper()}", _place(node)
            )
    source, columns = arguments["input"].value, arguments["columns"].value
    read = relation(source) if isinstance(source, _TABLES) else None
    _check_clauses(context, arguments["input"])
    if _is_empty_descriptor(columns):
        raise context.error(
            "INVALID_FUNCTION_ARGUMENT",
            "Invalid descriptor argument COLUMNS. Descriptors should be formatted as"
            " 'DESCRIPTOR(name [type], ...)'",
            arguments["columns"].at,
        )
    if read is None:
        got = "descriptor" if isinstance(source, tuple) else "expression"
        message = f"Invalid argument INPUT. Expected table, got {got}"
        raise context.error("INVALID_FUNCTION_ARGUMENT", message, arguments["input"].at)
    if not isinstance(columns, tuple):
        got = "table" if isinstance(columns, _TABLES) else "expression"
        message = f"Invalid argument COLUMNS. Expected descriptor, got {got}"
        raise context.error("INVALID_FUNCTION_ARGUMENT", message, arguments["columns"].at)
    found, fields = read
    if arguments["columns"].typed:
        raise TrinoError("INVALID_FUNCTION_ARGUMENT", "COLUMNS descriptor contains types")
    excluded = {each.name for each in columns}
    known = {each.name for each in fields}
    missing = ", ".join(each.name for each in columns if each.name not in known)
    if missing:
        message = f"Excluded columns: [{missing}] not present in the table"
        raise TrinoError("INVALID_FUNCTION_ARGUMENT", message)
    kept = [each for each in fields if each.name not in excluded and not each.hidden]
    if not kept:
        raise TrinoError("INVALID_FUNCTION_ARGUMENT", "All columns are excluded")
    return found, [Field(each.label, each.type, each.value) for each in kept]


_TABLES: Final = (nodes.Table, nodes.TableSubquery, nodes.Aliased)
_CLAUSES: Final = {
    "PARTITION": "Partitioning",
    "ORDER": "Ordering",
    "PRUNE": "Empty behavior",
    "KEEP": "Empty behavior",
}


def _check_clauses(context: Context, argument: nodes.TableArgument) -> None:
    """A table whose rows are taken one by one is neither parted nor ordered."""
    for clause, at in argument.clauses:
        message = f"Invalid argument INPUT. {_CLAUSES[clause]} specified for table argument with"
        raise context.error("INVALID_FUNCTION_ARGUMENT", f"{message} row semantics", at)


def _is_empty_descriptor(value: object) -> bool:
    return (
        isinstance(value, nodes.FunctionCall)
        and [each.name for each in value.name] == ["descriptor"]
        and not value.arguments
    )


def _place(node: nodes.TableFunction) -> int:
    """Where a missing argument is missed."""
    return node.arguments[0].at if node.arguments else node.name[0].at
