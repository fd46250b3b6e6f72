"""CREATE EXTERNAL TABLE and DROP TABLE."""

from time import time

from lakelet.catalog import shapes
from lakelet.engines.answers import Lines
from lakelet.engines.context import Context
from lakelet.engines.names import (
    NOTHING,
    database_of,
    missing_database,
    semantic_error,
    table_of,
    task_error,
)
from lakelet.errors import AlreadyExists, NotFound, TrinoError
from lakelet.formats import STORED_AS
from lakelet.loading import loading
from lakelet.model import Document, StorageDescriptor
from lakelet.sql.statements import model as s
from lakelet.types.hive import to_trino


def create_table(context: Context, ask: s.CreateTable) -> Lines:
    if ask.properties.get("table_type", "").upper() == "ICEBERG":
        with loading:
            from lakelet.engines.iceberg import creating  # whose room is built on writing's

        return creating.create_table(context, ask)
    _need_distinct(ask)
    for column in (*ask.columns, *ask.partition_keys):
        to_trino(column.type)
    storage = _descriptor(ask)
    document: Document = {
        "Name": ask.name.table,
        "TableType": "EXTERNAL_TABLE",
        "Parameters": {
            "EXTERNAL": "TRUE",
            "transient_lastDdlTime": str(int(time())),
            **ask.properties,
        },
        "PartitionKeys": shapes.column_documents(ask.partition_keys),
        "StorageDescriptor": shapes.storage_document(storage),
    }
    if ask.comment:
        document["Parameters"]["comment"] = ask.comment
    create(context, database_of(context, ask.name), document, if_not_exists=ask.if_not_exists)
    return NOTHING


def _need_distinct(ask: s.CreateTable) -> None:
    """Raises TrinoError for a column, or a partition key, whose name stands twice."""
    names: set[str] = set()
    for column in ask.columns:
        if column.name in names:
            text = f"Duplicate column name: {column.name}"
            raise semantic_error("DUPLICATE_COLUMN_NAME", 10036, text)
        names.add(column.name)
    for key in ask.partition_keys:
        if key.name in names:
            text = "Column repeated in partitioning columns"
            raise semantic_error("DUPLICATE_COLUMN_NAME", 10035, text)
        names.add(key.name)
    for name in ask.bucket_columns:
        if name not in {column.name for column in ask.columns}:
            text = f"Invalid column reference '{name}'"
            raise semantic_error("COLUMN_NOT_FOUND", 10002, text)


def create(
    context: Context, database: str, document: Document, *, if_not_exists: bool = False
) -> bool:
    """Makes a table; whether it was made. Raises TrinoError."""
    try:
        context.catalog.tables.create(database, document)
    except AlreadyExists as error:
        if if_not_exists:
            return False
        text = f"AlreadyExistsException(message:Table {document['Name']} already exists)"
        raise task_error("TABLE_ALREADY_EXISTS", text) from error
    except NotFound as error:
        raise missing_database(database) from error
    return True


def _descriptor(ask: s.CreateTable) -> StorageDescriptor:
    """SerDe and formats from ROW FORMAT and STORED AS; text is the default."""
    form = STORED_AS.get(ask.stored_as or "TEXTFILE")
    if form is None:
        raise TrinoError(
            "PARSE_EXCEPTION",
            "FAILED: SemanticException Unrecognized file format in STORED AS clause:"
            f" '{ask.stored_as}'",
        )
    properties = dict(ask.serde_properties)
    properties.setdefault("serialization.format", "1")
    return StorageDescriptor(
        columns=ask.columns,
        location=ask.location or "",
        input_format=ask.input_format or form.input_format,
        output_format=ask.output_format or form.output_format,
        serde=ask.serde or form.serde,
        serde_parameters=properties,
        bucket_columns=ask.bucket_columns,
        number_of_buckets=ask.buckets,
    )


def drop_table(context: Context, ask: s.DropTable) -> Lines:
    database = database_of(context, ask.name)
    standing = context.catalog.table(database, ask.name.table)
    if standing is not None and standing.is_view:
        message = "FAILED: SemanticException Cannot drop a view with DROP TABLE"
        raise TrinoError("NOT_SUPPORTED", message)
    if standing is not None and standing.is_iceberg:
        with loading:
            from lakelet.engines.iceberg import creating  # whose room is built on writing's

        return creating.drop_table(context, standing)
    try:
        context.catalog.tables.delete(database, ask.name.table)
    except NotFound:
        if not ask.if_exists:
            table_of(context, ask.name)
    return NOTHING
