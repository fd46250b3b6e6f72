"""A query's life: QUEUED, RUNNING, then SUCCEEDED, FAILED or CANCELLED, each kept in SQLite.

Workers run queries in threads; whoever asks for a query's state may wait a moment for its end, so
that a poller of a short query asks once.
"""

import re
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import orjson

from lakelet import results
from lakelet.config import Settings
from lakelet.database import Database
from lakelet.errors import InvalidInput, LakeletError, NotFound, TrinoError
from lakelet.interfaces import Storage
from lakelet.model import Document, QueryState, Session, Statistics
from lakelet.results import Result
from lakelet.sql.statements import KINDS, parse
from lakelet.sql.statements.model import Execute

if TYPE_CHECKING:
    from lakelet.engines.local import LocalEngine, Run

SCHEMA = """
CREATE TABLE query_execution (
    id TEXT PRIMARY KEY,
    work_group TEXT NOT NULL,
    submitted REAL NOT NULL,
    state TEXT NOT NULL,
    token TEXT UNIQUE, -- the caller's ClientRequestToken
    document TEXT NOT NULL -- JSON: the Query
) WITHOUT ROWID;
CREATE INDEX query_by_time ON query_execution (work_group, submitted DESC);

CREATE TABLE athena_record (
    kind TEXT NOT NULL, -- work groups, named queries, prepared statements …
    name TEXT NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (kind, name)
) WITHOUT ROWID;
"""

_EXECUTE = re.compile(r"\s*EXECUTE\b", re.I)
RESTARTED = "The lake was restarted while the query was running."
CANCELLED = "Query cancelled by user"
_PATIENCE = 0.02
"""Seconds that a question after the state of a running query may wait for its end."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a caller asks to be run; `output` is an s3:// folder."""

    text: str
    database: str | None
    catalog: str | None
    output: str
    work_group: str = "primary"
    parameters: tuple[str, ...] = ()
    token: str | None = None
    configuration: Document = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Query:
    """A query as it stands. Times are seconds since 1970, durations milliseconds."""

    id: str
    request: Request
    statement_type: str
    substatement_type: str
    location: str
    submitted: float
    state: QueryState = "QUEUED"
    reason: str | None = None
    error_name: str | None = None
    completed: float | None = None
    queued: int = 0
    planning: int = 0
    execution: int = 0
    result: Result | None = None

    @property
    def is_over(self) -> bool:
        return self.state in ("SUCCEEDED", "FAILED", "CANCELLED")


class _Live:
    """A query that is not over: its run, and who waits for it."""

    def __init__(self, query: Query, run: "Run") -> None:
        self.query = query
        self.run = run
        self.over = threading.Event()
        self.cancelled = False


class Queries:
    """Starts queries, answers for them, stops them."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        storage: Storage,
        engine: Callable[[], "LocalEngine"],
    ) -> None:
        self._settings = settings
        self._database = database
        self._storage = storage
        self._engine = engine
        self._live: dict[str, _Live] = {}
        self._lock = threading.Lock()
        self._workers = ThreadPoolExecutor(
            settings.concurrent_queries, thread_name_prefix="lakelet query"
        )
        self._end_what_was_running()

    def start(self, request: Request) -> str:
        """The id of a query that now waits its turn.

        Raises TrinoError for a text that is no statement, InvalidInput for a token that another
        query has used.
        """
        if request.token is not None:
            known = self._by_token(request)
            if known is not None:
                return known
        identifier = str(uuid4())
        text, parameters = self._prepared(request)
        session = Session(
            catalog=(request.catalog or "awsdatacatalog").lower(),
            database=(request.database or "default").strip("`").lower(),
            dialect=self._settings.dialect,
            query_id=identifier,
            output_location=request.output,
            parameters=parameters,
            start=datetime.now(UTC),
        )
        run = self._engine().prepare(text, session)
        kinds = KINDS[type(run.statement)]
        where = results.location(run.statement, request.output, identifier)
        query = Query(identifier, request, *kinds, where, time.time())
        self._save(query)
        live = _Live(query, run)
        with self._lock:
            self._live[identifier] = live
        self._workers.submit(self._work, live)
        return identifier

    def _prepared(self, request: Request) -> tuple[str, tuple[str, ...]]:
        """The statement that EXECUTE means and its parameters; any other as it is."""
        statement = parse(request.text) if _EXECUTE.match(request.text) else None
        if not isinstance(statement, Execute):
            return request.text, request.parameters
        rows = self._database.query(
            "SELECT document FROM athena_record WHERE kind = 'prepared_statement' AND name = ?",
            (f"{request.work_group}/{statement.name}",),
        )
        if not rows:
            message = f"Prepared statement not found: {statement.name}"
            raise TrinoError("NOT_FOUND", message)
        text: str = orjson.loads(rows[0][0])["QueryStatement"]
        return text, statement.parameters or request.parameters

    def get(self, identifier: str) -> Query:
        """A query; one that is running is given a moment to end. Raises NotFound."""
        live = self._live.get(identifier)
        if live is None:
            return self._load(identifier)
        live.over.wait(_PATIENCE)
        return live.query

    def wait(self, identifier: str, seconds: float | None = None) -> Query:
        """A query once it is over, or after so many seconds. Raises NotFound."""
        live = self._live.get(identifier)
        if live is not None:
            live.over.wait(seconds)
            return live.query
        return self._load(identifier)

    def stop(self, identifier: str) -> None:
        """Cancels a query; one that is over stays as it is. Raises NotFound."""
        live = self._live.get(identifier)
        if live is None:
            self._load(identifier)
            return
        live.cancelled = True
        live.run.interrupt()
        live.over.wait(1)

    def listed(self, work_group: str, after: int, limit: int) -> list[str]:
        """Ids of a work group, the newest first."""
        rows = self._database.query(
            "SELECT id FROM query_execution WHERE work_group = ? ORDER BY submitted DESC, id"
            " LIMIT ? OFFSET ?",
            (work_group, limit, after),
        )
        return [row[0] for row in rows]

    def succeeded(self, substatement: str) -> Iterator[Query]:
        """Those of a kind (`SELECT`) that succeeded, in every work group, the newest first."""
        rows = self._database.query(
            "SELECT document FROM query_execution WHERE state = 'SUCCEEDED' ORDER BY submitted DESC"
        )
        for (document,) in rows:
            query = _query(orjson.loads(document))
            if query.substatement_type == substatement:
                yield query

    def page(self, query: Query, token: str | None, limit: int) -> results.Page:
        """Rows of a query that succeeded. Raises InvalidInput, NotFound."""
        if query.result is None or not query.result.columns or query.result.update_count:
            return results.Page([], None)
        return results.page(self._storage, query.location, token, limit)

    def close(self) -> None:
        """Interrupts what runs and waits for it."""
        with self._lock:
            live = list(self._live.values())
        for each in live:
            each.cancelled = True
            each.run.interrupt()
        self._workers.shutdown(wait=True, cancel_futures=True)
        self._end_what_was_running()

    # Work -----------------------------------------------------------------------------------

    def _work(self, live: _Live) -> None:
        started = time.time()
        query = replace(
            live.query, state="RUNNING", queued=_milliseconds(started - live.query.submitted)
        )
        live.query = query
        timer = threading.Timer(self._settings.query_timeout, live.run.interrupt)
        timer.daemon = True
        timer.start()
        try:
            ended = self._answered(live, query)
        except TrinoError as error:
            ended = _failed(live, query, error.name, f"{error.name}: {error}")
        except LakeletError as error:
            ended = _failed(live, query, "GENERIC_INTERNAL_ERROR", str(error))
        except Exception as error:  # noqa: BLE001 - a query that breaks is a failed query
            reason = f"GENERIC_INTERNAL_ERROR: {type(error).__name__}: {error}"
            ended = _failed(live, query, "GENERIC_INTERNAL_ERROR", reason)
        finally:
            timer.cancel()
            live.run.close()
        now = time.time()
        ended = replace(ended, completed=now, execution=_milliseconds(now - started))
        self._finish(live, ended)

    def _answered(self, live: _Live, query: Query) -> Query:
        if live.cancelled:
            return replace(query, state="CANCELLED", reason=CANCELLED)
        answer = live.run.execute()
        result = results.write(self._storage, answer, query.id, query.location)
        planning = _milliseconds(live.run.planning)
        return replace(query, state="SUCCEEDED", result=result, planning=planning)

    def _finish(self, live: _Live, query: Query) -> None:
        self._save(query)
        live.query = query
        with self._lock:
            self._live.pop(query.id, None)
        live.over.set()

    # Records --------------------------------------------------------------------------------

    def _save(self, query: Query) -> None:
        document = orjson.dumps(query, default=_plain).decode()
        with self._database.transaction() as transaction:
            transaction.execute(
                "INSERT OR REPLACE INTO query_execution VALUES (?, ?, ?, ?, ?, ?)",
                (
                    query.id,
                    query.request.work_group,
                    query.submitted,
                    query.state,
                    query.request.token,
                    document,
                ),
            )

    def _load(self, identifier: str) -> Query:
        rows = self._database.query(
            "SELECT document FROM query_execution WHERE id = ?", (identifier,)
        )
        if not rows:
            raise NotFound(f"QueryExecution {identifier} was not found", subject=identifier)
        return _query(orjson.loads(rows[0][0]))

    def _by_token(self, request: Request) -> str | None:
        rows = self._database.query(
            "SELECT document FROM query_execution WHERE token = ?", (request.token,)
        )
        if not rows:
            return None
        known = _query(orjson.loads(rows[0][0]))
        compared = ("text", "catalog", "database", "output")
        if any(getattr(known.request, name) != getattr(request, name) for name in compared):
            raise InvalidInput("Idempotent parameters do not match", subject="token")
        return known.id

    def _end_what_was_running(self) -> None:
        """Queries that a process left unfinished have failed."""
        rows = self._database.query(
            "SELECT document FROM query_execution WHERE state IN ('QUEUED', 'RUNNING')"
        )
        for (document,) in rows:
            query = _query(orjson.loads(document))
            self._save(replace(query, state="FAILED", reason=RESTARTED, completed=query.submitted))


def _failed(live: _Live, query: Query, name: str, reason: str) -> Query:
    if live.cancelled:
        return replace(query, state="CANCELLED", reason=CANCELLED)
    return replace(query, state="FAILED", reason=reason, error_name=name)


def _milliseconds(seconds: float) -> int:
    return max(0, round(seconds * 1000))


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else str(value)


def _query(document: Document) -> Query:
    request = document["request"]
    result = document["result"]
    if result is not None:
        result = Result(
            **{
                **result,
                "columns": tuple(result["columns"]),
                "statistics": Statistics(**result["statistics"]),
            }
        )
    request = Request(**{**request, "parameters": tuple(request["parameters"])})
    return Query(**{**document, "request": request, "result": result})
