"""The one SQLite file: connections, transactions, and the schema texts that the rooms bring.

Readers never wait (WAL); writers take turns in this process by a lock and between processes by
SQLite's own, so no caller sees "database is locked". All of them write by one connection: a page
that another one wrote would have to be read again.
"""

import hashlib
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from weakref import finalize

from lakelet.errors import InvalidInput, LakeError, NoRoom

Row = tuple[Any, ...]
Parameters = Sequence[Any]

_SCHEMAS = "CREATE TABLE IF NOT EXISTS schema_text (digest TEXT PRIMARY KEY) WITHOUT ROWID"
_SPARE = 16
"""Connections for readers that are kept for the next."""
_WAIT_FOR_OTHERS = 60.0
"""Seconds that a writer waits for another process."""
_AGAIN = 0.25
"""Seconds between two tries of a full disk."""
_FULL = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_SHMSIZE)
"""What SQLite says when the file, or what its readers and writers share, can't grow."""


class Database:
    """One file, or a database in memory for no path. Usable from any thread.

    `schemas` are texts of CREATE statements; each is run once in the life of the file. When one of
    them changes, `migrations` gets a script at its end that brings the files of before to what the
    changed text makes: an older file runs those that it has not had, all or none. Raises LakeError
    for a file that is no database, that a newer lakelet made, or that no migration reaches.
    """

    def __init__(
        self,
        path: Path | None,
        schemas: Iterable[str] = (),
        migrations: Sequence[str] = (),
    ) -> None:
        self._path = path
        self._open: set[sqlite3.Connection] = set()
        self._spare: list[sqlite3.Connection] = []
        self._guard = threading.Lock()
        self._writing = threading.RLock()
        self._writes: int | None = None  # the thread that is in a transaction
        self._closed = False
        # Python 3.13 warns of connections that nobody closed.
        finalize(self, _close, self._open).atexit = False
        self._writer = self._connect()
        try:
            self._bring_up(tuple(schemas), migrations)
        except LakeError:
            self.close()
            raise

    def query(self, sql: str, parameters: Parameters = ()) -> list[Row]:
        """All rows of a query. Raises LakeError when the file can't be read."""
        with _refusing():
            if self._asks_the_writer():
                with self._writing:
                    return self._writer.execute(sql, parameters).fetchall()
            connection = self._resting()
            try:
                return connection.execute(sql, parameters).fetchall()
            finally:
                self._rest(connection)

    def stream(self, sql: str, parameters: Parameters = ()) -> Iterator[Row]:
        """Rows as they come, in bounded memory; the rows are those of the moment it began.

        Inside a transaction they are read at once, since only its own connection sees its work.
        """
        if self._asks_the_writer():
            yield from self.query(sql, parameters)
            return
        connection = self._resting()
        cursor = connection.cursor()
        try:
            yield from cursor.execute(sql, parameters)
        finally:
            cursor.close()  # and with it the moment that was read
            self._rest(connection)

    def _asks_the_writer(self) -> bool:
        """Whether only the writer sees what this thread may: what is in memory lives in one
        connection, and so does what a transaction has not kept yet."""
        return self._path is None or self._writes == threading.get_ident()

    def _resting(self) -> sqlite3.Connection:
        """A connection that nobody reads by."""
        with suppress(IndexError):
            return self._spare.pop()
        return self._connect()

    def _rest(self, connection: sqlite3.Connection) -> None:
        if len(self._spare) < _SPARE:
            self._spare.append(connection)
            return
        with self._guard:
            self._open.discard(connection)
        connection.close()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """A write transaction: kept when the block ends, undone when it raises. May be nested.

        Raises LakeError when the file can't be written, NoRoom on a full disk.
        """
        with self._writing, _refusing():
            connection = self._writer
            if self._writes is not None:
                yield connection
                return
            connection.execute("BEGIN IMMEDIATE")
            self._writes = threading.get_ident()
            try:
                yield connection
                connection.commit()
            except BaseException:
                connection.rollback()
                raise
            finally:
                self._writes = None

    def close(self) -> None:
        """Closes every connection; the file is then complete by itself."""
        with self._guard:
            self._closed = True
            _close(self._open)
            self._spare.clear()

    def _bring_up(self, schemas: Sequence[str], migrations: Sequence[str]) -> None:
        """Migrates what an older lakelet made and makes what is not there, all or nothing.

        The file's `user_version` is how many migrations it has had.
        """
        with self.transaction() as transaction:
            transaction.execute(_SCHEMAS)
            found = {row[0] for row in transaction.execute("SELECT digest FROM schema_text")}
            [(version,)] = transaction.execute("PRAGMA user_version")
            if version > len(migrations):
                raise LakeError(f"{self._path} was made by a newer lakelet: open it with that one")
            if found and version < len(migrations):
                for script in migrations[version:]:
                    _run(transaction, script)
                transaction.execute("DELETE FROM schema_text")
                found = {_digest(schema) for schema in schemas if _is_made(transaction, schema)}
                transaction.executemany("INSERT INTO schema_text VALUES (?)", zip(found))
            transaction.execute(f"PRAGMA user_version = {len(migrations)}")
            self._check_known(found, schemas)
            for schema in schemas:
                if _digest(schema) not in found:
                    _run(transaction, schema)
                    transaction.execute("INSERT INTO schema_text VALUES (?)", (_digest(schema),))

    def _check_known(self, found: set[str], schemas: Sequence[str]) -> None:
        """Raises LakeError for a file that holds a schema which is not among ours."""
        if found - {_digest(schema) for schema in schemas}:
            raise LakeError(
                f"{self._path} was made by another version of lakelet: open it with that one, or"
                " choose another folder"
            )

    def _connect(self) -> sqlite3.Connection:
        try:
            connection = sqlite3.connect(
                ":memory:" if self._path is None else self._path,
                timeout=_WAIT_FOR_OTHERS,
                isolation_level=None,
                check_same_thread=False,
                cached_statements=256,
            )
        except sqlite3.Error as error:
            raise self._unusable(error) from error
        try:
            if self._path is not None:
                connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("PRAGMA foreign_keys = ON")
        except sqlite3.Error as error:
            connection.close()
            raise self._unusable(error) from error
        with self._guard:
            if self._closed:
                connection.close()
                raise LakeError(f"{self._path} is closed")
            self._open.add(connection)
        return connection

    def _unusable(self, error: sqlite3.Error) -> LakeError:
        return LakeError(f"{self._path} can't be used as a lake's database: {error}")


def kept_once_there_is_room(keep: Callable[[], None], closing: threading.Event) -> None:
    """Keeps what must not be lost; a full disk is tried again until `closing` is set.

    Raises LakeError for all that has other reasons.
    """
    while True:
        try:
            return keep()
        except NoRoom:
            if closing.wait(_AGAIN):
                return None


@dataclass(frozen=True, slots=True)
class Described:
    """A table or view of somebody's SQLite file: its columns and their declared types."""

    name: str
    is_view: bool
    columns: tuple[tuple[str, str], ...]


def describe(path: str) -> list[Described]:
    """What is in a SQLite file that somebody brought, which is neither written nor locked.

    A view that can't be read is left out. Raises InvalidInput for what is no SQLite file.
    """
    address = f"{Path(path).resolve().as_uri()}?mode=ro&immutable=1"
    try:
        with closing(sqlite3.connect(address, uri=True)) as connection:
            connection.execute("PRAGMA trusted_schema = OFF")
            names = connection.execute(
                "SELECT name, type = 'view' FROM sqlite_master WHERE type IN ('table', 'view')"
                " AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"
            ).fetchall()
            found = (
                Described(name, bool(is_view), _declared(connection, name))
                for name, is_view in names
            )
            return [each for each in found if each.columns]
    except sqlite3.Error as error:
        raise InvalidInput(f"It is no SQLite database: {error}") from error


def _declared(connection: sqlite3.Connection, table: str) -> tuple[tuple[str, str], ...]:
    try:
        sql = "SELECT name, type FROM pragma_table_info(?)"
        return tuple(connection.execute(sql, (table,)).fetchall())
    except sqlite3.OperationalError:
        return ()


def _close(connections: set[sqlite3.Connection]) -> None:
    while connections:
        connections.pop().close()


@contextmanager
def _refusing() -> Iterator[None]:
    """What SQLite can't do, as a LakeError."""
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", None)
        if code in _FULL:
            raise NoRoom("No space is left on the disk that holds the lake.") from error
        raise LakeError(f"The lake's database refuses: {error}") from error


def _run(transaction: sqlite3.Connection, script: str) -> None:
    for statement in _statements(script):
        transaction.execute(statement)


def _is_made(transaction: sqlite3.Connection, schema: str) -> bool:
    """Whether the first table of a text is there."""
    name = schema.partition("CREATE TABLE ")[2].split(None, 1)[0]
    sql = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?"
    return transaction.execute(sql, (name,)).fetchone() is not None


def _digest(schema: str) -> str:
    return hashlib.sha256(schema.encode()).hexdigest()


def _statements(script: str) -> Iterator[str]:
    """The statements of a script; a semicolon inside a text or comment ends none."""
    statement = ""
    for piece in script.split(";"):
        statement += piece + ";"
        if sqlite3.complete_statement(statement):
            if statement.strip(" \n;"):
                yield statement
            statement = ""
