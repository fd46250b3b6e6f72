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
    """The table that a name means; raises TrinoError in Hive's words."""
    database = database_of(context, name)
    found = context.catalog.table(database, name.table)
    if found is None:
        raise TrinoError(
            "TABLE_NOT_FOUND",
            f"FAILED: SemanticException [Error 10001]: Table not found {database}.{name.table}",
        )
    return found
