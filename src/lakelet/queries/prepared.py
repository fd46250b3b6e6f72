"""PREPARE, EXECUTE and DEALLOCATE: statements that a work group keeps under names.

CreatePreparedStatement and its kind work on the same records.
"""

import re
import time
from dataclasses import replace
from typing import Final

import orjson

from lakelet.database import Database
from lakelet.engines.answers import Answer, Lines
from lakelet.engines.local import LocalEngine, Run
from lakelet.errors import TrinoError
from lakelet.model import Session
from lakelet.sql.statements import Statement, parse
from lakelet.sql.statements.model import Deallocate, Execute, Prepare

KIND: Final = "prepared_statement"
_PRIMARY: Final = "primary"
_EXECUTE: Final = re.compile(r"\s*EXECUTE\b", re.I)


def meant(
    database: Database, work_group: str, text: str, parameters: tuple[str, ...]
) -> tuple[str, tuple[str, ...]]:
    """The statement that EXECUTE means and its parameters; any other as it is.

    Raises TrinoError NOT_FOUND.
    """
    statement = parse(text) if _EXECUTE.match(text) else None
    if not isinstance(statement, Execute):
        return text, parameters
    rows = database.query(
        "SELECT document FROM athena_record WHERE kind = ? AND name = ?",
        (KIND, f"{work_group}/{statement.name}"),
    )
    if not rows:
        raise _missing(statement.name)
    kept: str = orjson.loads(rows[0][0])["QueryStatement"]
    return kept, statement.parameters or parameters


def changed(database: Database, work_group: str, statement: Statement) -> Lines | None:
    """Keeps or drops what PREPARE or DEALLOCATE names; None for another statement."""
    if isinstance(statement, Prepare):
        document = {
            "StatementName": statement.name,
            "QueryStatement": statement.text,
            "WorkGroupName": work_group,
            "Description": "",
            "LastModifiedTime": time.time(),
        }
        with database.transaction() as transaction:
            transaction.execute(
                "INSERT OR REPLACE INTO athena_record VALUES (?, ?, ?)",
                (KIND, f"{work_group}/{statement.name}", orjson.dumps(document).decode()),
            )
        return Lines()
    if isinstance(statement, Deallocate):
        with database.transaction() as transaction:
            done = transaction.execute(
                "DELETE FROM athena_record WHERE kind = ? AND name = ?",
                (KIND, f"{work_group}/{statement.name}"),
            )
            if not done.rowcount:
                raise _missing(statement.name)
        return Lines()
    return None


class PreparingEngine:
    """A lake's engine for callers that name no work group: their statements are the primary's."""

    def __init__(self, engine: LocalEngine, database: Database) -> None:
        self._engine = engine
        self._database = database

    def prepare(self, text: str, session: Session) -> "_PreparingRun":
        """Reads a statement; raises TrinoError SYNTAX_ERROR, PARSE_EXCEPTION or NOT_FOUND."""
        text, parameters = meant(self._database, _PRIMARY, text, session.parameters)
        run = self._engine.prepare(text, replace(session, parameters=parameters))
        return _PreparingRun(run, self._database)


class _PreparingRun:
    def __init__(self, run: Run, database: Database) -> None:
        self._run = run
        self._database = database
        self.interrupt = run.interrupt
        self.progress = run.progress
        self.close = run.close

    def execute(self) -> Answer:
        """Raises TrinoError."""
        kept = changed(self._database, _PRIMARY, self._run.statement)
        return self._run.execute() if kept is None else kept


def _missing(name: str) -> TrinoError:
    return TrinoError("NOT_FOUND", f"Prepared statement not found: {name}")
