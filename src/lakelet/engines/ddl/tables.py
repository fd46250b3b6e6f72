"""CREATE EXTERNAL TABLE and DROP TABLE."""

from lakelet import formats
from lakelet.catalog import shapes
from lakelet.engines.answers import Lines
from lakelet.engines.context import Context
from lakelet.engines.ddl.names import DDL_TASK, NOTHING, database_of, table_of
from lakelet.engines.scans import split
from lakelet.errors import AlreadyExists, NotFound, TrinoError
from lakelet.model import Document, StorageDescriptor
from lakelet.sql.statements import model as s
from lakelet.types.hive import to_trino


def create_table(context: Context, ask: s.CreateTable) -> Lines:
    if not ask.location:
        raise TrinoError(
            "INVALID_TABLE_PROPERTY",
            "No location was specified for table. An S3 location must be specified",
        )
    split(ask.location)
    for column in (*ask.columns, *ask.partition_keys):
        to_trino(column.type)
    storage = _descriptor(ask)
    document: Document = {
        "Name": ask.name.table,
        "TableType": "EXTERNAL_TABLE",
        "Parameters": {"EXTERNAL": "TRUE", **ask.properties},
        "PartitionKeys": shapes.column_documents(ask.partition_keys),
        "StorageDescriptor": shapes.storage_document(storage),
    }
    if ask.comment:
        document["Parameters"]["comment"] = ask.comment
    create(context, database_of(context, ask.name), document, if_not_exists=ask.if_not_exists)
    return NOTHING


def create(
    context: Context, database: str, document: Document, *, if_not_exists: bool = False
) -> bool:
    """Makes a table; whether it was made. Raises TrinoError."""
    try:
        context.catalog.tables.create(database, document)
    except AlreadyExists as error:
        if if_not_exists:
            return False
        raise TrinoError(
            "TABLE_ALREADY_EXISTS",
            f"{DDL_TASK}AlreadyExistsException(message:Table {document['Name']} already exists)",
        ) from error
    except NotFound as error:
        raise TrinoError(
            "SCHEMA_NOT_FOUND",
            f"FAILED: SemanticException [Error 10072]: Database does not exist: {database}",
        ) from error
    return True


def _descriptor(ask: s.CreateTable) -> StorageDescriptor:
    """SerDe and formats from ROW FORMAT and STORED AS; text is the default."""
    form = formats.BY_NAME.get(ask.stored_as or "TEXTFILE")
    if form is None:
        raise TrinoError(
            "PARSE_EXCEPTION",
            f"FAILED: SemanticException Unrecognized file format in STORED AS clause:"
            f" '{ask.stored_as}'",
        )
    serde = ask.serde or next(iter(sorted(form.serdes)))
    properties = dict(ask.serde_properties)
    if "serialization.format" not in properties:
        properties["serialization.format"] = properties.get("field.delim", "1")
    return StorageDescriptor(
        columns=ask.columns,
        location=ask.location or "",
        input_format=ask.input_format or form.input_format,
        output_format=ask.output_format or form.output_format,
        serde=serde,
        serde_parameters=properties,
        bucket_columns=ask.bucket_columns,
        number_of_buckets=ask.buckets,
    )


def drop_table(context: Context, ask: s.DropTable) -> Lines:
    try:
        context.catalog.tables.delete(database_of(context, ask.name), ask.name.table)
    except NotFound:
        if not ask.if_exists:
            table_of(context, ask.name)
    return NOTHING
