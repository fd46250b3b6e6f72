"""The one SQLite file: connections, transactions, and the schema texts that the rooms bring.

Readers never wait (WAL); writers take turns in this process by a lock and between processes by
SQLite's own, so no caller sees "database is locked".
"""

import hashlib
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lakelet.errors import LakeError

Row = tuple[Any, ...]
Parameters = Sequence[Any]

_SCHEMAS = "CREATE TABLE IF NOT EXISTS schema_text (digest TEXT PRIMARY KEY) WITHOUT ROWID"
_WAIT_FOR_OTHERS = 60.0
"""Seconds that a writer waits for another process."""


class Database:
    """One file, or a database in memory for no path. Usable from any thread.

    `schemas` are texts of CREATE statements; each is run once in the life of the file. Raises
    LakeError for a file that is no database, or that another version of lakelet has made.
    """

    def __init__(self, path: Path | None, schemas: Iterable[str] = ()) -> None:
        self._path = path
        self._local = threading.local()
        self._open: list[sqlite3.Connection] = []
        self._guard = threading.Lock()
        self._writing = threading.RLock()
        # A database in memory lives in one connection, which all threads take turns with.
        self._shared = self._connect() if path is None else None
        try:
            for schema in (_SCHEMAS, *schemas):
                self._apply(schema)
        except sqlite3.DatabaseError as error:
            self.close()
            raise LakeError(f"{path} can't be used as a lake's database: {error}") from error

    def query(self, sql: str, parameters: Parameters = ()) -> list[Row]:
        """All rows of a query."""
        if self._shared is not None:
            with self._writing:
                return self._shared.execute(sql, parameters).fetchall()
        return self._connection().execute(sql, parameters).fetchall()

    def stream(self, sql: str, parameters: Parameters = ()) -> Iterator[Row]:
        """Rows as they come, in bounded memory; the rows are those of the moment it began."""
        if self._shared is not None:
            yield from self.query(sql, parameters)
            return
        connection = self._connect()
        try:
            yield from connection.execute(sql, parameters)
        finally:
            self._forget(connection)

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """A write transaction: kept when the block ends, undone when it raises. May be nested."""
        with self._writing:
            connection = self._connection()
            if connection.in_transaction:
                yield connection
                return
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.rollback()
                raise
            connection.commit()

    def close(self) -> None:
        """Closes every thread's connection; the file is then complete by itself."""
        with self._guard:
            for connection in self._open:
                connection.close()
            self._open.clear()

    def _apply(self, schema: str) -> None:
        digest = hashlib.sha256(schema.encode()).hexdigest()
        with self.transaction() as transaction:
            if schema is _SCHEMAS:
                transaction.execute(schema)
                return
            known = "SELECT 1 FROM schema_text WHERE digest = ?"
            if transaction.execute(known, (digest,)).fetchone():
                return
            for statement in _statements(schema):
                transaction.execute(statement)
            transaction.execute("INSERT INTO schema_text VALUES (?)", (digest,))

    def _connection(self) -> sqlite3.Connection:
        if self._shared is not None:
            return self._shared
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = self._connect()
        return connection

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            ":memory:" if self._path is None else self._path,
            timeout=_WAIT_FOR_OTHERS,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=256,
        )
        try:
            if self._path is not None:
                connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("PRAGMA foreign_keys = ON")
        except sqlite3.DatabaseError as error:
            connection.close()
            message = f"{self._path} can't be used as a lake's database: {error}"
            raise LakeError(message) from error
        with self._guard:
            self._open.append(connection)
        return connection

    def _forget(self, connection: sqlite3.Connection) -> None:
        with self._guard:
            if connection in self._open:
                self._open.remove(connection)
        connection.close()


def _statements(script: str) -> Iterator[str]:
    """The statements of a script; a semicolon inside a text or comment ends none."""
    statement = ""
    for piece in script.split(";"):
        statement += piece + ";"
        if sqlite3.complete_statement(statement):
            if statement.strip(" \n;"):
                yield statement
            statement = ""
