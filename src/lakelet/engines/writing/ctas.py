"""CREATE TABLE AS: the files and the table come into being in one stroke."""

from collections.abc import Mapping
from typing import Any
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
from lakelet.formats.scanning import Format
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
    asked = properties.valued(context, ask.properties)
    if properties.table_type(asked.get("table_type")) == "ICEBERG":
        with loading:
            from lakelet.engines.iceberg import creating  # whose room is built on this one

        values = properties.of_iceberg(asked)
        plan = context.plan(ask.text)
        named = tuple((name, of, None) for name, of in columns.distinctly_named(plan))
        return creating.create_table_as(context, ask, values, database, plan, named)
    given = properties.checked(asked, properties.CTAS)
    form = properties.format_of(asked.get("format"), context.session.dialect, properties.CREATED)
    plan = context.plan(ask.text)
    target = _target(given, form, plan, context.session)
    target.writing(context.session)
    need_empty(context.storage, target.location)
    document = _document(ask.name.table, form, target)

    def commit() -> Table:
        create(context, database, document)
        return shapes.table({**document, "DatabaseName": database})

    if not ask.with_data:
        commit()
        return Written(0, (), Statistics())
    with written(context, plan, target) as files:
        if not files.rows:
            _refuse_nothing(given, context.session)
        addresses = publish(context, target, files, commit)
    return Written(files.rows, addresses, context.planner.statistics(plan, files.rows))


def _refuse_nothing(given: Mapping[str, Any], session: Session) -> None:
    """Trino asks for the folder of an external location, which no file has made; S3 has none."""
    if session.dialect == "trino" and "external_location" in given:
        raise TrinoError("HIVE_METASTORE_ERROR", "External table location does not exist")


def _target(given: Mapping[str, Any], form: Format, plan: Plan, session: Session) -> Target:
    data, keys = split_keys(columns.named(plan), properties.names(given, "partitioned_by"))
    bucket_columns, count = properties.buckets(
        given, tuple(name for name, _ in data), tuple(name for name, _ in keys)
    )
    codec = properties.compression(given, form)
    location = properties.external_location(given) or _default_location(session)
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


def _document(name: str, form: Format, target: Target) -> Document:
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
