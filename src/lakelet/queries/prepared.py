"""PREPARE, EXECUTE and DEALLOCATE: statements that a work group keeps under names.

CreatePreparedStatement and its kind work on the same records.
"""

import re
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from lakelet.database import Database
from lakelet.engines.answers import Answer, Lines
from lakelet.errors import TrinoError
from lakelet.model import Document, Session
from lakelet.queries import documents
from lakelet.queries.documents import PREPARED_STATEMENT
from lakelet.sql.statements import Statement, parse
from lakelet.sql.statements.model import Deallocate, Execute, Prepare

if TYPE_CHECKING:
    from lakelet.engines.local import LocalEngine, Run

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
    kept = documents.kept(database, PREPARED_STATEMENT, key(work_group, statement.name))
    if kept is None:
        raise _missing(statement.name)
    return kept["QueryStatement"], statement.parameters or parameters


def changed(database: Database, work_group: str, statement: Statement) -> Lines | None:
    """Keeps or drops what PREPARE or DEALLOCATE names; None for another statement."""
    if isinstance(statement, Prepare):
        name = key(work_group, statement.name)
        written = document(work_group, statement.name, statement.text)
        documents.keep(database, PREPARED_STATEMENT, name, written)
        return Lines()
    if isinstance(statement, Deallocate):
        name = key(work_group, statement.name)
        if not documents.forget(database, PREPARED_STATEMENT, name):
            raise _missing(statement.name)
        return Lines()
    return None


def key(work_group: str, name: str) -> str:
    """What a statement of a work group is kept under."""
    return f"{work_group}/{name}"


def document(work_group: str, name: str, text: str, description: str = "") -> Document:
    """What is kept of a statement: Athena's PreparedStatement, with the time in seconds."""
    return {
        "StatementName": name,
        "QueryStatement": text,
        "WorkGroupName": work_group,
        "Description": description,
        "LastModifiedTime": time.time(),
    }


class PreparingEngine:
    """A lake's engine for callers that name no work group: their statements are the primary's."""

    def __init__(self, engine: "LocalEngine", database: Database) -> None:
        self._engine = engine
        self._database = database

    def prepare(self, text: str, session: Session) -> "_PreparingRun":
        """Reads a statement; raises TrinoError SYNTAX_ERROR, PARSE_EXCEPTION or NOT_FOUND."""
        text, parameters = meant(self._database, _PRIMARY, text, session.parameters)
        run = self._engine.prepare(text, replace(session, parameters=parameters))
        return _PreparingRun(run, self._database)


class _PreparingRun:
    def __init__(self, run: "Run", database: Database) -> None:
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
