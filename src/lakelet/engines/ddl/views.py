"""CREATE and DROP VIEW, which Athena's engine runs itself: errors are in Trino's words."""

from lakelet.catalog import shapes
from lakelet.engines import views
from lakelet.engines.answers import Lines
from lakelet.engines.context import Context
from lakelet.engines.names import NOTHING, database_of, qualified
from lakelet.engines.planning import Plan
from lakelet.errors import TrinoError
from lakelet.model import Column, Document, Table
from lakelet.sql.statements import model as s
from lakelet.types import Type
from lakelet.types.hive import to_hive
from lakelet.types.quoting import identifier


def drop_view(context: Context, ask: s.DropView) -> Lines:
    database, name = database_of(context, ask.name), ask.name.table
    standing = context.catalog.table(database, name)
    if standing is None and ask.if_exists:
        return NOTHING
    shown = qualified(database, name)
    if standing is None:
        raise _error("GENERIC_USER_ERROR", f"View '{shown}' does not exist")
    if not standing.is_view:
        raise _error(
            "GENERIC_USER_ERROR",
            f"View '{shown}' does not exist, but a table with that name exists."
            f" Did you mean DROP TABLE {shown}?",
        )
    context.catalog.tables.delete(database, name)
    return NOTHING


def create_view(context: Context, ask: s.CreateView) -> Lines:
    """Raises TrinoError; then what stood still stands."""
    database = database_of(context, ask.name)
    if not context.catalog.database_exists(database):
        raise TrinoError("NOT_FOUND", f"Schema {database} not found")
    document = _document(context, ask, context.plan(ask.text))
    standing = context.catalog.table(database, ask.name.table)
    if standing is None:
        context.catalog.tables.create(database, document)
    else:
        _replace(context, ask, standing, document)
    return NOTHING


def _replace(context: Context, ask: s.CreateView, standing: Table, document: Document) -> None:
    if not standing.is_view or not ask.replace:
        kind = "View" if standing.is_view else "Table"
        shown = qualified(standing.database, standing.name)
        raise _error("TABLE_ALREADY_EXISTS", f"{kind} already exists: '{shown}'")
    with context.catalog.transaction():
        context.catalog.tables.update(standing.database, document)
        _need_no_circle(context, standing)


def _need_no_circle(context: Context, view: Table) -> None:
    """Raises TrinoError for a view that now reads itself, by whatever way."""
    try:
        context.plan(f"SELECT 1 FROM {identifier(view.database)}.{identifier(view.name)}")
    except TrinoError as error:
        if error.name == "VIEW_IS_RECURSIVE" or "View is recursive" in error.message:
            raise _error("VIEW_IS_RECURSIVE", "Statement would create a recursive view") from error
        raise


def _document(context: Context, ask: s.CreateView, plan: Plan) -> Document:
    columns = [(_name(plan, index), column.type) for index, column in enumerate(plan.columns)]
    shown = [{"name": name, "type": str(of)} for name, of in columns]
    hive = tuple(Column(name, _hive_type(of)) for name, of in columns)
    return {
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
        "ViewOriginalText": views.encoded(ask.text.strip(), context.session.database, shown),
        "ViewExpandedText": "/* Presto View */",
    }


def _name(plan: Plan, index: int) -> str:
    """A column's name in lower case; raises TrinoError for one that has none or another's."""
    names = [column.name.lower() for column in plan.columns]
    if names[index] == f"_col{index}":
        message = f"Column name not specified at position {index + 1}"
        raise _error("MISSING_COLUMN_NAME", message)
    if names[index] in names[:index]:
        message = f"Column name '{names[index]}' specified more than once"
        raise _error("DUPLICATE_COLUMN_NAME", message)
    if plan.columns[index].type.name == "unknown":
        raise _error("COLUMN_TYPE_UNKNOWN", f"Column type is unknown: {names[index]}")
    return names[index]


def _hive_type(of: Type) -> str:
    try:
        return to_hive(of)
    except TrinoError:
        return "string"


def _error(name: str, message: str) -> TrinoError:
    return TrinoError(name, message, line=1, column=1)
