"""INSERT INTO: rows in the table's types, files beside the table's, partitions as they come."""

from lakelet import formats
from lakelet.engines.answers import Written
from lakelet.engines.context import Context
from lakelet.engines.locations import split
from lakelet.engines.names import database_of, missing_table
from lakelet.engines.writing.files import written
from lakelet.engines.writing.fitting import fitted, given_columns
from lakelet.engines.writing.places import need_bucket
from lakelet.engines.writing.publishing import publish
from lakelet.engines.writing.target import Target
from lakelet.errors import TrinoError
from lakelet.loading import loading
from lakelet.model import Session, Table
from lakelet.sql.statements.model import Insert
from lakelet.types.hive import to_trino

_CODECS = ("write.compression", "parquet.compression", "orc.compress", "avro.output.codec")
"""Table properties that name the codec of further files."""
_NOT_IN_ATHENA = ("CSV", "OPENX_JSON")


def insert(context: Context, ask: Insert) -> Written:
    """Raises TrinoError; then no file is visible and no partition new."""
    table = _table(context, ask)
    if table.is_iceberg:
        with loading:
            from lakelet.engines.iceberg import inserting  # whose room is built on this one

        return inserting.insert(context, ask, table)
    target = _target(table, context.session)
    plan = fitted(context.plan(ask.text), given_columns(ask, target), target)
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
