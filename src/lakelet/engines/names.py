"""What the names in statements mean, and the words of Hive and Trino for what is not there."""

from typing import Final

from lakelet.engines.answers import Lines
from lakelet.engines.context import Context
from lakelet.errors import AthenaRefusalError, TrinoError
from lakelet.model import CATALOG, Table
from lakelet.sql.statements import model as s

NOTHING: Final = Lines()
"""What a statement answers that only changes the catalogue."""


def database_of(context: Context, name: s.TableName) -> str:
    """The database that a name means: its own, else the session's."""
    return name.database or context.session.database


def qualified(database: str, name: str) -> str:
    """A table or view as Trino's messages name it."""
    return f"{CATALOG}.{database}.{name}"


def table_of(context: Context, name: s.TableName) -> Table:
    """The table or view that a name means; raises TrinoError in Hive's words."""
    database = database_of(context, name)
    found = context.catalog.table(database, name.table)
    if found is None:
        text = f"Table not found {database}.{name.table}"
        raise semantic_error("TABLE_NOT_FOUND", 10001, text)
    return found


def base_table_of(context: Context, name: s.TableName) -> Table:
    """The table that a name means; raises TrinoError for a view, which ALTER TABLE leaves alone."""
    found = table_of(context, name)
    if found.is_view:
        text = "To alter a view you need to use the ALTER VIEW command."
        raise semantic_error("NOT_SUPPORTED", 10131, text)
    return found


def refuse_iceberg(table: Table) -> None:
    """Raises AthenaRefusalError for an Iceberg table, in the words that were measured on AWS."""
    if table.is_iceberg:
        message = "Query type not supported by Athena Iceberg at this time"
        raise AthenaRefusalError("NOT_SUPPORTED", message)


def partitioned_table_of(context: Context, name: s.TableName) -> Table:
    """The table that a name means; raises TrinoError for one without partition keys."""
    found = base_table_of(context, name)
    refuse_iceberg(found)
    if not found.partition_keys:
        text = f"Table {found.database}.{found.name} is not a partitioned table"
        raise task_error("NOT_SUPPORTED", text)
    return found


def missing_table(database: str, name: str) -> TrinoError:
    """Trino's words for a table that is not there."""
    message = f"Table '{qualified(database, name)}' does not exist"
    return TrinoError("TABLE_NOT_FOUND", message, line=1, column=1)


def missing_database(name: str) -> TrinoError:
    """Hive's words for a database that is not there."""
    return semantic_error("SCHEMA_NOT_FOUND", 10072, f"Database does not exist: {name}")


def semantic_error(name: str, number: int, text: str) -> TrinoError:
    """Hive's SemanticException of a number, under Trino's name of the error."""
    return TrinoError(name, f"FAILED: SemanticException [Error {number}]: {text}")


def task_error(name: str, text: str) -> TrinoError:
    """What Hive says of DDL that fails while it is done, under Trino's name of the error."""
    task = "org.apache.hadoop.hive.ql.exec.DDLTask"
    return TrinoError(name, f"FAILED: Execution Error, return code 1 from {task}. {text}")
