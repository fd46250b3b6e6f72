"""CREATE, ALTER and DROP DATABASE."""

from lakelet.engines.answers import Lines
from lakelet.engines.context import Context
from lakelet.engines.names import NOTHING, missing_database, task_error
from lakelet.errors import AlreadyExists
from lakelet.model import Document
from lakelet.sql.statements import model as s


def create_database(context: Context, ask: s.CreateDatabase) -> Lines:
    given: Document = {"Name": ask.name, "Parameters": dict(ask.properties)}
    if ask.comment:
        given["Description"] = ask.comment
    if ask.location:
        given["LocationUri"] = ask.location
    try:
        context.catalog.databases.create(given)
    except AlreadyExists as error:
        if not ask.if_not_exists:
            text = f"Database {ask.name} already exists"
            raise task_error("SCHEMA_ALREADY_EXISTS", text) from error
    return NOTHING


def set_properties(context: Context, ask: s.SetDatabaseProperties) -> Lines:
    if not context.catalog.database_exists(ask.name):
        raise missing_database(ask.name)
    standing = context.catalog.databases.get(ask.name)
    members = ("Name", "Description", "LocationUri")
    kept = {name: standing[name] for name in members if name in standing}
    parameters = {**(standing.get("Parameters") or {}), **ask.properties}
    context.catalog.databases.update(ask.name, {**kept, "Parameters": parameters})
    return NOTHING


def drop_database(context: Context, ask: s.DropDatabase) -> Lines:
    if not context.catalog.database_exists(ask.name):
        if ask.if_exists:
            return NOTHING
        raise missing_database(ask.name)
    if not ask.cascade and context.catalog.table_names(ask.name):
        raise task_error(
            "SCHEMA_NOT_EMPTY",
            f"InvalidOperationException(message:Database {ask.name} is not empty."
            " One or more tables exist.)",
        )
    context.catalog.databases.delete(ask.name)
    return NOTHING
