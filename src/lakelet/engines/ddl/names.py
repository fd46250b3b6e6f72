"""What the names in DDL mean, and the words of Hive for what is not there."""

from typing import Final

from lakelet.engines.answers import Lines
from lakelet.engines.context import Context
from lakelet.errors import TrinoError
from lakelet.model import Table
from lakelet.sql.statements import model as s

DDL_TASK: Final = (
    "FAILED: Execution Error, return code 1 from org.apache.hadoop.hive.ql.exec.DDLTask. "
)
NOTHING: Final = Lines()


def database_of(context: Context, name: s.TableName) -> str:
    return name.database or context.session.database


def table_of(context: Context, name: s.TableName) -> Table:
    """The table or view that a name means; raises TrinoError in Hive's words."""
    database = database_of(context, name)
    found = context.catalog.table(database, name.table)
    if found is None:
        raise TrinoError(
            "TABLE_NOT_FOUND",
            f"FAILED: SemanticException [Error 10001]: Table not found {database}.{name.table}",
        )
    return found


def base_table_of(context: Context, name: s.TableName) -> Table:
    """The table that a name means; raises TrinoError for a view, which ALTER TABLE leaves alone."""
    found = table_of(context, name)
    if found.is_view:
        raise TrinoError(
            "NOT_SUPPORTED",
            "FAILED: SemanticException [Error 10131]: To alter a view you need to use the ALTER"
            " VIEW command.",
        )
    return found


def partitioned_table_of(context: Context, name: s.TableName) -> Table:
    """The table that a name means; raises TrinoError for one without partition keys."""
    found = base_table_of(context, name)
    if not found.partition_keys:
        raise TrinoError(
            "NOT_SUPPORTED",
            f"{DDL_TASK}Table {found.database}.{found.name} is not a partitioned table",
        )
    return found


def missing_database(name: str) -> TrinoError:
    """Hive's words for a database that is not there."""
    text = f"FAILED: SemanticException [Error 10072]: Database does not exist: {name}"
    return TrinoError("SCHEMA_NOT_FOUND", text)
