"""DELETE, UPDATE and MERGE, which tables of plain files have not."""

from typing import NoReturn

from lakelet.engines.context import Context
from lakelet.engines.names import database_of, missing_table, refuse_iceberg
from lakelet.errors import TrinoError
from lakelet.sql.statements.model import ChangeRows


def change_rows(context: Context, ask: ChangeRows) -> NoReturn:
    """Raises TrinoError: for a table that is not there, else for one whose rows stay."""
    database = database_of(context, ask.name)
    table = context.catalog.table(database, ask.name.table)
    if table is None:
        raise missing_table(database, ask.name.table)
    refuse_iceberg(table)
    message = "Modifying Hive table rows is only supported for transactional tables"
    raise TrinoError("NOT_SUPPORTED", message)
