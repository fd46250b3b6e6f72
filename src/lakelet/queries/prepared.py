"""PREPARE, EXECUTE and DEALLOCATE: statements that a work group keeps under names.

CreatePreparedStatement and its kind work on the same records.
"""

import re
import time
from typing import Final

import orjson

from lakelet.database import Database
from lakelet.engines.answers import Lines
from lakelet.errors import TrinoError
from lakelet.queries.model import Request
from lakelet.sql.statements import Statement, parse
from lakelet.sql.statements.model import Deallocate, Execute, Prepare

KIND: Final = "prepared_statement"
_EXECUTE: Final = re.compile(r"\s*EXECUTE\b", re.I)


def meant(database: Database, request: Request) -> tuple[str, tuple[str, ...]]:
    """The statement that EXECUTE means and its parameters; any other as it is.

    Raises TrinoError NOT_FOUND.
    """
    statement = parse(request.text) if _EXECUTE.match(request.text) else None
    if not isinstance(statement, Execute):
        return request.text, request.parameters
    rows = database.query(
        "SELECT document FROM athena_record WHERE kind = ? AND name = ?",
        (KIND, f"{request.work_group}/{statement.name}"),
    )
    if not rows:
        raise _missing(statement.name)
    text: str = orjson.loads(rows[0][0])["QueryStatement"]
    return text, statement.parameters or request.parameters


def changed(database: Database, request: Request, statement: Statement) -> Lines | None:
    """Keeps or drops what PREPARE or DEALLOCATE names; None for another statement."""
    if isinstance(statement, Prepare):
        document = {
            "StatementName": statement.name,
            "QueryStatement": statement.text,
            "WorkGroupName": request.work_group,
            "Description": "",
            "LastModifiedTime": time.time(),
        }
        with database.transaction() as transaction:
            transaction.execute(
                "INSERT OR REPLACE INTO athena_record VALUES (?, ?, ?)",
                (KIND, f"{request.work_group}/{statement.name}", orjson.dumps(document).decode()),
            )
        return Lines()
    if isinstance(statement, Deallocate):
        with database.transaction() as transaction:
            done = transaction.execute(
                "DELETE FROM athena_record WHERE kind = ? AND name = ?",
                (KIND, f"{request.work_group}/{statement.name}"),
            )
            if not done.rowcount:
                raise _missing(statement.name)
        return Lines()
    return None


def _missing(name: str) -> TrinoError:
    return TrinoError("NOT_FOUND", f"Prepared statement not found: {name}")
