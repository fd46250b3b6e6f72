"""DELETE, UPDATE and MERGE, which tables of plain files have not."""

from typing import NoReturn

from lakelet.engines.context import Context
from lakelet.engines.ddl.names import database_of
from lakelet.errors import TrinoError
from lakelet.sql.statements.model import ChangeRows


def change_rows(context: Context, ask: ChangeRows) -> NoReturn:
    """Raises TrinoError: for a table that is not there, else for one whose rows stay."""
    database = database_of(context, ask.name)
    if context.catalog.table(database, ask.name.table) is None:
        name = f"awsdatacatalog.{database}.{ask.name.table}"
        raise TrinoError("TABLE_NOT_FOUND", f"Table '{name}' does not exist", line=1, column=1)
    message = "Modifying Hive table rows is only supported for transactional tables"
    raise TrinoError("NOT_SUPPORTED", message)
