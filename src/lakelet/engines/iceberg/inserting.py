"""INSERT INTO an Iceberg table: files and the snapshot that has them."""

from lakelet.engines.answers import Written
from lakelet.engines.context import Context
from lakelet.engines.iceberg.committing import Change, append
from lakelet.engines.iceberg.writing import data_files, target
from lakelet.engines.locations import split
from lakelet.engines.writing.fitting import fitted, given_columns
from lakelet.engines.writing.places import need_bucket
from lakelet.model import Table
from lakelet.sql.statements.model import Insert


def insert(context: Context, ask: Insert, table: Table) -> Written:
    """Raises TrinoError; then the table is as it was."""
    found = context.planner.iceberg.metadata.of(table)
    into = target(found)
    plan = fitted(context.plan(ask.text), given_columns(ask, into), into)
    need_bucket(context.storage, split(into.location)[0])
    with data_files(context, plan, found) as files:
        if files.entries:
            context.announced(files.rows, ())
            append(context, found, files.folder, files.files, Change("append", files.entries))
    return Written(files.rows, (), context.planner.statistics(plan, files.rows))
