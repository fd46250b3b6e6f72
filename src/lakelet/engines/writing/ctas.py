"""CREATE TABLE AS: the files and the table come into being in one stroke."""

from uuid import uuid4

from lakelet.catalog import shapes
from lakelet.engines.answers import Written
from lakelet.engines.context import Context
from lakelet.engines.ddl.tables import create
from lakelet.engines.names import database_of, qualified
from lakelet.engines.planning import Plan
from lakelet.engines.writing import columns, properties
from lakelet.engines.writing.files import written
from lakelet.engines.writing.places import need_empty
from lakelet.engines.writing.publishing import publish
from lakelet.engines.writing.target import Target, split_keys
from lakelet.errors import TrinoError
from lakelet.loading import loading
from lakelet.model import Document, Session, Statistics, StorageDescriptor, Table
from lakelet.sql.statements.model import CreateTableAs


def create_table_as(context: Context, ask: CreateTableAs) -> Written:
    """Raises TrinoError; then there is neither table nor file."""
    database = database_of(context, ask.name)
    if context.catalog.table(database, ask.name.table) is not None:
        if ask.if_not_exists:
            return Written(0, (), Statistics())
        message = f"Destination table '{qualified(database, ask.name.table)}' already exists"
        raise TrinoError("TABLE_ALREADY_EXISTS", message, line=1, column=1)
    if not context.catalog.database_exists(database):
        message = f"Schema {database} does not exist"
        raise TrinoError("SCHEMA_NOT_FOUND", message, line=1, column=1)
    plan = context.plan(ask.text)
    if str(ask.properties.get("table_type", "HIVE")).upper() == "ICEBERG":
        with loading:
            from lakelet.engines.iceberg import creating  # whose room is built on this one

        named = tuple((name, of, None) for name, of in columns.distinctly_named(plan))
        return creating.create_table_as(context, ask, database, plan, named)
    target = _target(ask, plan, context.session)
    target.writing(context.session)
    need_empty(context.storage, target.location)
    document = _document(ask.name.table, target)

    def commit() -> Table:
        create(context, database, document)
        return shapes.table({**document, "DatabaseName": database})

    if not ask.with_data:
        commit()
        return Written(0, (), Statistics())
    with written(context, plan, target) as files:
        if not files.rows:
            _refuse_nothing(ask, context.session)
        addresses = publish(context, target, files, commit)
    return Written(files.rows, addresses, context.planner.statistics(plan, files.rows))


def _refuse_nothing(ask: CreateTableAs, session: Session) -> None:
    """Trino asks for the folder of an external location, which no file has made; S3 has none."""
    if session.dialect == "trino" and "external_location" in ask.properties:
        raise TrinoError("HIVE_METASTORE_ERROR", "External table location does not exist")


def _target(ask: CreateTableAs, plan: Plan, session: Session) -> Target:
    given = properties.checked(ask.properties, properties.CTAS)
    form = properties.format_of(given, session.dialect, properties.CREATED)
    data, keys = split_keys(columns.named(plan), properties.names(given, "partitioned_by"))
    bucket_columns, count = properties.buckets(
        given, tuple(name for name, _ in data), tuple(name for name, _ in keys)
    )
    codec = properties.compression(given, form)
    location = str(given.get("external_location") or _default_location(session))
    return Target(
        data,
        keys,
        form,
        f"{location.rstrip('/')}/",
        codec,
        properties.level(given, codec),
        properties.serde(given, form),
        bucket_columns,
        count,
    )


def _default_location(session: Session) -> str:
    if not session.output_location:
        raise TrinoError(
            "INVALID_TABLE_PROPERTY", "external_location is needed where no output location is set"
        )
    return f"{session.output_location.rstrip('/')}/tables/{session.query_id or uuid4()}"


def _document(name: str, target: Target) -> Document:
    form = target.format
    storage = StorageDescriptor(
        columns=columns.hive(target.columns),
        location=target.location,
        input_format=form.input_format,
        output_format=form.output_format,
        serde=form.serdes[0],
        serde_parameters=target.serde,
        bucket_columns=target.bucket_columns,
        number_of_buckets=target.buckets,
    )
    parameters = {"EXTERNAL": "TRUE", "has_encrypted_data": "false"}
    if target.compression:
        parameters["write.compression"] = target.compression
    if target.level is not None:
        parameters["compression_level"] = str(target.level)
    return {
        "Name": name,
        "TableType": "EXTERNAL_TABLE",
        "Parameters": parameters,
        "PartitionKeys": shapes.column_documents(columns.hive(target.keys)),
        "StorageDescriptor": shapes.storage_document(storage),
    }
