"""CREATE and DROP VIEW."""

from typing import Any

from lakelet.catalog import shapes
from lakelet.engines import views
from lakelet.engines.answers import Lines
from lakelet.engines.context import Context
from lakelet.engines.ddl.names import NOTHING, database_of
from lakelet.engines.ddl.tables import create, drop_table
from lakelet.errors import TrinoError
from lakelet.model import Column, Document
from lakelet.sql.statements import model as s
from lakelet.types.hive import to_hive


def drop_view(context: Context, ask: s.DropView) -> Lines:
    return drop_table(context, s.DropTable(ask.name, ask.if_exists))


def create_view(context: Context, ask: s.CreateView) -> Lines:
    plan = context.plan(ask.text)
    names = [column.name.lower() for column in plan.columns]
    for name in names:
        if names.count(name) > 1:
            message = f"Column name '{name}' specified more than once"
            raise TrinoError("DUPLICATE_COLUMN_NAME", message)
    columns = [{"name": c.name.lower(), "type": str(c.type)} for c in plan.columns]
    database = database_of(context, ask.name)
    hive = tuple(Column(c.name.lower(), _view_type(c)) for c in plan.columns)
    document: Document = {
        "Name": ask.name.table,
        "Owner": "hadoop",  # Trino runs a view as its owner
        "TableType": "VIRTUAL_VIEW",
        "Parameters": {"presto_view": "true", "comment": "Presto View"},
        "PartitionKeys": [],
        "StorageDescriptor": {
            "Columns": shapes.column_documents(hive),
            "Location": "",
            "SerdeInfo": {},
        },
        "ViewOriginalText": views.encoded(ask.text.strip(), context.session.database, columns),
        "ViewExpandedText": "/* Presto View */",
    }
    standing = context.catalog.table(database, ask.name.table)
    if standing is None:
        create(context, database, document)
        return NOTHING
    if not ask.replace or not standing.is_view:
        message = f"View already exists: '{database}.{ask.name.table}'"
        raise TrinoError("TABLE_ALREADY_EXISTS", message)
    context.catalog.tables.update(database, document)
    return NOTHING


def _view_type(column: Any) -> str:
    try:
        return to_hive(column.type)
    except TrinoError:
        return "string"
