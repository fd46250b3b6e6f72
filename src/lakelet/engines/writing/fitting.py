"""What a query gives as rows of a table: its columns in the table's order and of its types."""

from collections.abc import Sequence
from dataclasses import replace

from lakelet.engines.planning import Plan
from lakelet.engines.writing.target import Target
from lakelet.errors import TrinoError
from lakelet.sql.emitter.casts import cast
from lakelet.sql.statements.model import Insert
from lakelet.types import Type
from lakelet.types.coercion import can_coerce, common_supertype
from lakelet.types.duckdb import physical
from lakelet.types.quoting import identifier


def given_columns(ask: Insert, target: Target) -> Sequence[str]:
    """The names of the columns that the query gives; raises TrinoError."""
    known = [name for name, _ in (*target.columns, *target.keys)]
    for index, name in enumerate(ask.columns):
        if name not in known:
            message = f"Insert column name does not exist in target table: {name}"
            raise TrinoError("COLUMN_NOT_FOUND", message, line=1, column=1)
        if name in ask.columns[:index]:
            message = f"Insert column name is specified more than once: {name}"
            raise TrinoError("DUPLICATE_COLUMN_NAME", message, line=1, column=1)
    return ask.columns or known


def fitted(plan: Plan, given: Sequence[str], target: Target) -> Plan:
    """The query with its columns in the table's order and of its types; NULL for one not given."""
    wanted = (*target.columns, *target.keys)
    types = dict(wanted)
    into = [types[name] for name in given]
    found = [column.type for column in plan.columns]
    if len(into) != len(found) or not all(map(assignable, found, into)):
        message = (
            "Insert query has mismatched column types:"
            f" Table: [{', '.join(map(shown, into))}], Query: [{', '.join(map(shown, found))}]"
        )
        raise TrinoError("TYPE_MISMATCH", message, line=1, column=1)
    sources = dict(zip(given, zip(plan.names, found, strict=True), strict=True))
    items = [f"{stored(sources.get(name), of)} AS {identifier(name)}" for name, of in wanted]
    text = f"SELECT {', '.join(items)} FROM ({plan.text})"
    return replace(plan, text=text, names=tuple(name for name, _ in wanted))


def assignable(given: Type, wanted: Type) -> bool:
    """SQL's store assignment: types with a common one, but none that hides a cut text inside."""
    if given.arguments and any(_bounded(part) for part in wanted.arguments):
        return can_coerce(given, wanted)
    return common_supertype(given, wanted) is not None


def _bounded(of: Type) -> bool:
    return (
        of.name == "char"
        or (of.name == "varchar" and of.length is not None)
        or any(map(_bounded, of.arguments))
    )


def shown(of: Type) -> str:
    return str(of).replace(", ", ",") if of.name == "decimal" else str(of)


def stored(source: tuple[str, Type] | None, of: Type) -> str:
    """A value as its column keeps it; a text may lose nothing but blanks at its end."""
    if source is None:
        return f"CAST(NULL AS {physical(of)})"
    name, given = identifier(source[0]), source[1]
    value = cast(name, given, of)
    if not _cuts(given, of):
        return value
    failure = (
        "trino_fail('INVALID_CAST_ARGUMENT', 'Cannot truncate non-space characters when casting"
        f" from {given} to {of} on INSERT')"
    )
    longer = f"length(rtrim({name}, ' ')) > {of.length}"
    return f"CASE WHEN {longer} THEN CAST({failure} AS VARCHAR) ELSE {value} END"


def _cuts(given: Type, wanted: Type) -> bool:
    texts = ("varchar", "char")
    if given.name not in texts or wanted.name not in texts or wanted.length is None:
        return False
    return given.length is None or given.length > wanted.length
