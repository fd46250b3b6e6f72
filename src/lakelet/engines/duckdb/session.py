"""One DuckDB instance a lake, locked down; one session (a cursor of its own) a query.

duckdb and pyarrow are imported inside functions, to keep start-up light.
"""

import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self
from weakref import WeakSet, finalize

from lakelet.engines.duckdb import execution, remote, stopping
from lakelet.engines.duckdb.failures import translate
from lakelet.errors import TrinoError
from lakelet.storage.remote import Backend
from lakelet.types.quoting import identifier, quoted

if TYPE_CHECKING:
    from pyarrow import RecordBatchReader

BATCH_ROWS: Final = 65_536
"""Rows of a batch of an answer."""

_IDLE: Final = 32
"""Cursors that are kept for further sessions."""

_TEXTS: Final = 256
"""Texts that DuckDB need not read again when they come again."""
_SHORT: Final = 1 << 14
"""Characters of the longest of them."""

_ASKED_AGAIN: Final = 10
"""Times at most that a statement is asked again whose failure is told as an interruption: one of
eight was told so anew, of three times one in 140."""

_ENDED: Final = re.compile(r"Python exception.*KeyboardInterrupt", re.DOTALL)

_SETTINGS: Final = {
    "TimeZone": "UTC",
    "preserve_insertion_order": True,
    "max_expression_depth": 10_000,
    "default_null_order": "nulls_last",
    # It makes first rows by row_number(), and LIMIT of a query under another, an arg_max that keeps
    # a NULL which comes first, and refuses a million of them (1.5.5).
    "disabled_optimizers": "top_n_window_elimination",
    "python_enable_replacements": False,
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "allow_community_extensions": False,
}
_OF_A_SESSION: Final = {"enable_progress_bar_print": False, "enable_progress_bar": True}
"""DuckDB tells how far a query is only where it would draw a bar of it."""


class DuckDb:
    """An instance that reaches only the folders it is given, and whose settings stay.

    `folders` are directories that statements may read and write, `extensions` files that are
    loaded before the instance is locked, `backend` the S3 server whose objects they may read.
    `memory_limit` is DuckDB's text ("4GB").
    """

    def __init__(
        self,
        *,
        folders: Sequence[Path] = (),
        extensions: Sequence[Path] = (),
        backend: Backend | None = None,
        temp_folder: Path | None = None,
        memory_limit: str | None = None,
        threads: int | None = None,
    ) -> None:
        import duckdb

        self._lock = threading.Lock()
        self._made: set[str] = set()
        self._idle: list[Any] = []
        self._root = duckdb.connect(":memory:")
        self._read = lru_cache(_TEXTS)(self._root.extract_statements)
        for extension in extensions:
            self._root.load_extension(str(extension))
        if backend is not None:
            remote.attach(self._root, backend)
        settings: dict[str, Any] = {
            **_SETTINGS,
            "allowed_directories": [
                *(f"{folder}/" for folder in folders),
                *(() if backend is None else ("s3://",)),
            ],
            "temp_directory": str(temp_folder) if temp_folder else "",
            "memory_limit": memory_limit,
            "threads": threads,
            # The system keeps files near; their copies here would be 16 kB a file at least.
            "enable_external_file_cache": backend is not None,
            "allowed_configs": list(_OF_A_SESSION),
        }
        for name, value in settings.items():
            if value is not None:
                self._root.execute(f"SET GLOBAL {name} = {_setting(value)}")
        self._root.execute("SET GLOBAL enable_external_access = false")
        self._root.execute("SET GLOBAL lock_configuration = true")
        self._sessions: WeakSet[Session] = WeakSet()
        # Its threads must not want Python when the interpreter has gone.
        self._end = finalize(self, _ended, self._root, self._sessions)

    def session(self) -> "Session":
        """A new session; sessions run at the same time in threads of their own.

        It is interrupted with the statement that this thread works for.
        """
        session = Session(self, self._cursor())
        self._sessions.add(session)
        stop = stopping.current()
        if stop is not None:
            stop.join(session)
        return session

    def _cursor(self) -> Any:
        with suppress(IndexError):
            return self._idle.pop()
        cursor = self._root.cursor()
        for name, value in _OF_A_SESSION.items():
            cursor.execute(f"SET {name} = {_setting(value)}")
        return cursor

    def let_go(self, cursor: Any) -> None:
        """Takes back a cursor that nothing uses any more."""
        if len(self._idle) < _IDLE:
            self._idle.append(cursor)
        else:
            cursor.close()

    def execute(self, sql: str, tables: Mapping[str, Any] | None = None) -> "RecordBatchReader":
        """Runs a query in a session of its own; see `Session.execute`."""
        return self.session().execute(sql, tables, last=True)

    def prepare(self, sql: str) -> None:
        """Makes the macros and functions that a text mentions."""
        missing = [name for name in execution.needed(sql) if name not in self._made]
        if not missing:
            return
        with self._lock:
            for name in missing:
                if name not in self._made:
                    execution.create(self._root, name)
                    self._made.add(name)

    def statement(self, sql: str) -> Any:
        """A text that may come again, read, with the macros and functions that it mentions."""
        self.prepare(sql)
        return self._read(sql)[0] if len(sql) <= _SHORT else sql

    def close(self) -> None:
        """Stops what still runs, and waits for it to end."""
        self._end()


def _ended(root: Any, sessions: "WeakSet[Session]") -> None:
    for session in list(sessions):
        session.close()
    root.close()


class Session:
    """A cursor of the instance, for one thread; `interrupt` and `progress` are for others."""

    def __init__(self, instance: DuckDb, cursor: Any) -> None:
        self._instance = instance
        self._cursor = cursor
        self._tables: set[str] = set()
        self._lock = threading.Lock()
        self._busy = False
        self._stopped = False
        self._closed = False

    def execute(
        self, sql: str, tables: Mapping[str, Any] | None = None, *, last: bool = False
    ) -> "RecordBatchReader":
        """Runs a query; `tables` are Arrow tables, datasets or readers that it names.

        The answer streams: TrinoError is raised here or while it is read. The tables are let go
        of once it has been read, and the session is closed then if it is the `last` query.
        """
        import pyarrow

        try:
            statement = self._instance.statement(sql)
            reader = self._started(statement, tables).to_arrow_reader(BATCH_ROWS)
        except _failures() as failure:
            self._ended(last=last)
            raise _meant(failure) from failure
        batches = self._batches(reader, statement, last)
        return pyarrow.RecordBatchReader.from_batches(reader.schema, batches)

    def _started(self, statement: Any, tables: Mapping[str, Any] | None) -> Any:
        if self._stopped:
            raise stopping.canceled()
        for name, table in (tables or {}).items():
            self._cursor.register(name, table)
            self._tables.add(name)
        self._busy = True
        with _control_c():
            return self._cursor.execute(statement)

    def _batches(self, reader: "RecordBatchReader", statement: Any, last: bool) -> Iterator[Any]:
        try:
            yield from reader
        except _failures() as failure:
            told = self._told(failure, statement)
            self._ended(last=last)
            raise told from failure
        self._ended(last=last)

    def _told(self, failure: BaseException, statement: Any) -> BaseException:
        """Why a statement failed whose answer streams.

        What fails in one of DuckDB's threads interrupts the others, and at times the answer tells
        of that alone: then the statement is asked again, which may be told so in its turn.
        """
        told = _meant(failure)
        for _ in range(_ASKED_AGAIN):
            interrupted = isinstance(told, TrinoError) and told.name == "USER_CANCELED"
            if not interrupted or self._stopped or self._closed:
                break
            try:
                for _ in self._cursor.execute(statement).to_arrow_reader(BATCH_ROWS):
                    pass
            except _failures() as again:
                told = _meant(again)
        return told

    def _ended(self, *, last: bool = False) -> None:
        if not self._closed:
            self._busy = False
            self._forget()
        if last:
            self.close()

    def _forget(self) -> None:
        import duckdb

        while self._tables:
            with suppress(duckdb.Error):  # it may have been interrupted
                self._cursor.unregister(self._tables.pop())

    def rows(
        self, sql: str, tables: Mapping[str, Any] | None = None
    ) -> list[tuple[str | int | float | None, ...]]:
        """All rows of a query whose columns are texts and numbers; for few rows."""
        try:
            started = self._started(self._instance.statement(sql), tables)
            with _control_c():
                found: list[tuple[str | int | float | None, ...]] = started.fetchall()
        except _failures() as failure:
            raise _meant(failure) from failure
        finally:
            self._ended()
        return found

    def copy(
        self,
        sql: str,
        target: Path,
        options: Mapping[str, Any],
        tables: Mapping[str, Any] | None = None,
    ) -> int:
        """Writes a query's rows to a file with options of DuckDB's COPY; returns how many.

        A tuple among the options names columns, `("*",)` all of them.
        """
        inside = ", ".join(f"{name} {_option(value)}" for name, value in options.items())
        text = f"COPY ({sql}) TO {_setting(str(target))} ({inside})"
        try:
            self._instance.prepare(text)
            started = self._started(text, tables)
            with _control_c():
                return int(started.fetchone()[0])
        except _failures() as failure:
            raise _meant(failure) from failure
        finally:
            self._ended()

    def interrupt(self) -> None:
        """Stops what runs, and what would run later: it fails with USER_CANCELED.

        From any thread. What is about to run may miss it: who wants to be sure says it again.
        """
        with self._lock:
            self._stopped = True
            if not self._closed:
                self._cursor.interrupt()

    def progress(self) -> float:
        """How much of the running query is done, from 0 to 1; 0 where DuckDB can't tell."""
        with self._lock:
            done: float = 0 if self._closed else self._cursor.query_progress()
        return min(max(done / 100, 0.0), 1.0)

    def close(self) -> None:
        """Gives the cursor back to the instance; one that was interrupted, or whose answer was not
        read to its end, is closed once nothing works for it any more."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
        if self._busy or self._stopped:
            self._abandon()
            return
        self._forget()
        self._instance.let_go(self._cursor)

    def _abandon(self) -> None:
        """An answer outlives its cursor; a further statement is what ends it and waits for it."""
        import duckdb

        self._cursor.interrupt()
        with suppress(duckdb.Error):
            self._cursor.execute("SELECT 1")
        self._cursor.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _meant(failure: BaseException) -> BaseException:
    """What to raise for a failure of DuckDB's: Control-C again, where that ended Python that DuckDB
    had called (a stream, a function)."""
    if threading.current_thread() is threading.main_thread() and _ENDED.search(str(failure)):
        return KeyboardInterrupt()
    return translate(failure)


@contextmanager
def _control_c() -> Iterator[None]:
    """DuckDB makes a RuntimeError of the KeyboardInterrupt that ends its work."""
    try:
        yield
    except RuntimeError as ended:
        if isinstance(ended.__cause__, KeyboardInterrupt):
            raise ended.__cause__ from None
        raise


def _failures() -> tuple[type[BaseException], ...]:
    import duckdb

    # A streaming reader raises DuckDB's failure as an OSError or a pyarrow error.
    return (duckdb.Error, OSError, ValueError)


def _option(value: Any) -> str:
    if not isinstance(value, tuple):
        return _setting(value)
    if value == ("*",):
        return "*"
    return f"({', '.join(map(identifier, value))})"


def _setting(value: Any) -> str:
    if isinstance(value, bool | int):
        return str(value).lower()
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_setting, value))}]"
    return quoted(str(value))
