"""DELETE, UPDATE and MERGE, OPTIMIZE and VACUUM, which only Iceberg tables have."""

from lakelet.engines.answers import Written
from lakelet.engines.context import Context
from lakelet.engines.names import database_of, missing_table
from lakelet.errors import TrinoError
from lakelet.loading import loading
from lakelet.sql.statements.model import ChangeRows, Optimize, Vacuum


def change_rows(context: Context, ask: ChangeRows) -> Written:
    """Raises TrinoError: for a table that is not there, else for one whose rows stay."""
    database = database_of(context, ask.name)
    table = context.catalog.table(database, ask.name.table)
    if table is None:
        raise missing_table(database, ask.name.table)
    if table.is_iceberg:
        with loading:
            from lakelet.engines.iceberg import changing  # whose room is built on this one

        return changing.change_rows(context, ask, table)
    message = "Modifying Hive table rows is only supported for transactional tables"
    raise TrinoError("NOT_SUPPORTED", message)


def optimize(context: Context, ask: Optimize) -> Written:
    with loading:
        from lakelet.engines.iceberg import maintaining  # whose room is built on this one

    return maintaining.optimize(context, ask)


def vacuum(context: Context, ask: Vacuum) -> Written:
    with loading:
        from lakelet.engines.iceberg import maintaining  # whose room is built on this one

    return maintaining.vacuum(context, ask)
