"""INSERT INTO: rows in the table's types, files beside the table's, partitions as they come."""

from collections.abc import Sequence
from dataclasses import replace

from lakelet import formats
from lakelet.engines.answers import Written
from lakelet.engines.context import Context
from lakelet.engines.locations import split
from lakelet.engines.names import database_of, missing_table, refuse_iceberg
from lakelet.engines.planning import Plan
from lakelet.engines.writing.files import written
from lakelet.engines.writing.places import need_bucket
from lakelet.engines.writing.publishing import publish
from lakelet.engines.writing.target import Target
from lakelet.errors import TrinoError
from lakelet.model import Session, Table
from lakelet.sql.emitter.casts import cast
from lakelet.sql.statements.model import Insert
from lakelet.types import Type
from lakelet.types.coercion import can_coerce, common_supertype
from lakelet.types.duckdb import physical
from lakelet.types.hive import to_trino
from lakelet.types.quoting import identifier

_CODECS = ("write.compression", "parquet.compression", "orc.compress", "avro.output.codec")
"""Table properties that name the codec of further files."""
_NOT_IN_ATHENA = ("CSV", "OPENX_JSON")


def insert(context: Context, ask: Insert) -> Written:
    """Raises TrinoError; then no file is visible and no partition new."""
    table = _table(context, ask)
    target = _target(table, context.session)
    plan = _fitted(context.plan(ask.text), _given(ask, target), target)
    target.writing(context.session)
    need_bucket(context.storage, split(target.location)[0])
    with written(context, plan, target) as files:
        addresses = publish(context, target, files, lambda: table)
    return Written(files.rows, addresses, context.planner.statistics(plan, files.rows))


def _table(context: Context, ask: Insert) -> Table:
    database = database_of(context, ask.name)
    table = context.catalog.table(database, ask.name.table)
    if table is None:
        raise missing_table(database, ask.name.table)
    if table.is_view:
        message = "Inserting into views is not supported"
        raise TrinoError("NOT_SUPPORTED", message, line=1, column=1)
    refuse_iceberg(table)
    if table.storage.number_of_buckets and context.session.dialect == "athena":
        raise TrinoError("NOT_SUPPORTED", "Inserting into a bucketed table is not supported")
    return table


def _target(table: Table, session: Session) -> Target:
    form = formats.of(table.storage)
    if session.dialect == "athena" and form.name in _NOT_IN_ATHENA:
        message = f"INSERT INTO is not supported for the SerDe {table.storage.serde}"
        raise TrinoError("NOT_SUPPORTED", message)
    codec = next((table.parameters[name] for name in _CODECS if name in table.parameters), None)
    level = table.parameters.get("compression_level")
    return Target(
        tuple((each.name.lower(), to_trino(each.type)) for each in table.storage.columns),
        tuple((each.name.lower(), to_trino(each.type)) for each in table.partition_keys),
        form,
        f"{table.storage.location.rstrip('/')}/",
        codec,
        int(level) if level and level.isdecimal() else None,
        table.storage.serde_parameters,
        tuple(name.lower() for name in table.storage.bucket_columns),
        table.storage.number_of_buckets,
        table=(table.database, table.name),
        comments=tuple(each.comment or "" for each in table.storage.columns),
    )


def _given(ask: Insert, target: Target) -> Sequence[str]:
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


def _fitted(plan: Plan, given: Sequence[str], target: Target) -> Plan:
    """The query with its columns in the table's order and of its types; NULL for one not given."""
    wanted = (*target.columns, *target.keys)
    types = dict(wanted)
    into = [types[name] for name in given]
    found = [column.type for column in plan.columns]
    if len(into) != len(found) or not all(map(_assignable, found, into)):
        message = (
            "Insert query has mismatched column types:"
            f" Table: [{', '.join(map(_shown, into))}], Query: [{', '.join(map(_shown, found))}]"
        )
        raise TrinoError("TYPE_MISMATCH", message, line=1, column=1)
    sources = dict(zip(given, zip(plan.names, found, strict=True), strict=True))
    items = [f"{_stored(sources.get(name), of)} AS {identifier(name)}" for name, of in wanted]
    text = f"SELECT {', '.join(items)} FROM ({plan.text})"
    return replace(plan, text=text, names=tuple(name for name, _ in wanted))


def _assignable(given: Type, wanted: Type) -> bool:
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


def _shown(of: Type) -> str:
    return str(of).replace(", ", ",") if of.name == "decimal" else str(of)


def _stored(source: tuple[str, Type] | None, of: Type) -> str:
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
