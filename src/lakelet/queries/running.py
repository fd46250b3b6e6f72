"""A query's life: QUEUED, RUNNING, then SUCCEEDED, FAILED or CANCELLED.

Workers run queries in threads; whoever asks for a query's state may wait a moment for its end, so
that a poller of a short query asks once.
"""

import itertools
import secrets
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final
from uuid import uuid4

from lakelet import afterwards, results
from lakelet.config import Settings
from lakelet.database import Database
from lakelet.errors import (
    AthenaRefusalError,
    InvalidInput,
    LakeError,
    LakeletError,
    NoRoom,
    NotFound,
    TrinoError,
)
from lakelet.interfaces import Storage
from lakelet.model import CATALOG, Document, Session
from lakelet.queries import managed, prepared
from lakelet.queries.history import History, interrupted
from lakelet.queries.managed import ManagedResults
from lakelet.queries.model import Query, Request
from lakelet.results.files import Target
from lakelet.sql.statements import Statement, kinds
from lakelet.sql.statements.model import Describe, ShowColumns

if TYPE_CHECKING:
    from lakelet.engines.local import LocalEngine, Run

CANCELLED: Final = "Query cancelled by user"
OVER_THE_LIMIT: Final = "Bytes scanned limit was exceeded"
_PATIENCE: Final = 0.02
"""Seconds that a question after the state of a running query may wait for its end."""
_AGAIN: Final = 0.02
"""Seconds between two interrupts of a query that goes on: one before DuckDB runs is lost on it."""
_UNSEEN: Final = 0.05
"""Seconds after which a query that was stopped is over for all who ask; what a function of Python
has begun for some rows comes to its end unseen."""
_CLEAN: Final = 3600.0
"""Seconds between two looks for what is too old to be kept."""
_LOOK: Final = 0.25
"""Seconds between two looks for queries that have run out of time."""


class _Live:
    """A query that is not over: its run, and who waits for it."""

    def __init__(self, query: Query, run: "Run") -> None:
        self.query = query
        self.run = run
        self.over = threading.Event()
        self.cancelled = False
        self.ended = False
        self.deadline = float("inf")
        self.work: Future[None] | None = None

    @property
    def late(self) -> bool:
        return time.monotonic() > self.deadline


class Queries:
    """Starts queries, answers for them, stops them."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        storage: Storage,
        managed_results: ManagedResults,
        engine: Callable[[], "LocalEngine"],
    ) -> None:
        self._settings = settings
        self._database = database
        self._storage = storage
        self._managed = managed_results
        self._cleaned = time.monotonic()
        self._engine = engine
        self.history = History(database)
        self._live: dict[str, _Live] = {}
        self._unseen: set[_Live] = set()
        self._lock = threading.Lock()
        self._workers = ThreadPoolExecutor(
            settings.concurrent_queries, thread_name_prefix="lakelet query"
        )
        self._closed = threading.Event()
        self._watch: threading.Thread | None = None
        self._engine_ids = (f"{number:05d}" for number in itertools.count())
        self._engine_mark = secrets.token_hex(3)[:5]
        self.history.end_what_was_left()
        self.history.forget_old()

    def start(self, request: Request) -> str:
        """The id of a query that now waits its turn.

        Raises TrinoError for a text that is no statement, InvalidInput for a token that another
        query has used, and for a table to be described that is not there, LakeError when no more
        queries are run.
        """
        if self._closed.is_set():
            raise LakeError("The lake is closed: no more queries are run")
        identifier = str(uuid4())
        text, session = self._meant(request, identifier)
        run = self._engine().prepare(text, session)
        self._check_entity(run.statement, session)
        kind, substatement = kinds(run.statement)
        where = results.location(run.statement, substatement, request.output, identifier)
        process = str(self._storage.scratch)
        query = Query(identifier, request, kind, substatement, where, time.time(), process)
        try:
            kept = self.history.add(query)
        except LakeError:
            run.close()
            raise
        if kept is not query:
            run.close()
            _check_same(kept.request, request)
            return kept.id
        live = _Live(query, run)
        with self._lock:
            self._live[identifier] = live
            if self._watch is None:
                self._watch = threading.Thread(
                    target=self._watched, name="lakelet query watch", daemon=True
                )
                self._watch.start()
        afterwards.begin(lambda: self._submit(live))
        return identifier

    def _submit(self, live: _Live) -> None:
        """Has a worker run a query, which has failed where none can be had."""
        try:
            live.work = self._workers.submit(self._work, live)
        except RuntimeError as error:  # closed in the meantime, or no thread is to be had
            live.run.close()
            reason = f"The query can't be run: {error}"
            self._finish(live, replace(interrupted(live.query), reason=reason))

    def _meant(self, request: Request, identifier: str) -> tuple[str, Session]:
        """The statement that a request means, and what it runs under."""
        text, parameters = prepared.meant(
            self._database, request.work_group, request.text, request.parameters
        )
        session = Session(
            catalog=(request.catalog or CATALOG).lower(),
            database=(request.database or "default").strip("`").lower(),
            dialect=self._settings.dialect,
            query_id=identifier,
            output_location=None if request.managed else request.output,
            parameters=parameters,
            start=datetime.now(UTC),
            scan_limit=request.scan_limit,
        )
        return text, session

    def stages(self, query: Query) -> Document | None:
        """The plan of a query, as it is made of the tables that there are now; None without one."""
        try:
            return self._engine().stages(*self._meant(query.request, query.id))
        except LakeletError:  # its tables may have gone
            return None

    def _check_entity(self, statement: Statement, session: Session) -> None:
        """Athena looks a table up before it begins to describe it; the text is the catalogue's."""
        if not isinstance(statement, Describe | ShowColumns):
            return
        name = statement.name
        if self._engine().catalog.table(name.database or session.database, name.table) is None:
            raise InvalidInput(
                "Entity Not Found (Service: AmazonDataCatalog; Status Code: 400; Error Code:"
                f" EntityNotFoundException; Request ID: {uuid4()}; Proxy: null)"
            )

    def get(self, identifier: str, patience: float = _PATIENCE) -> Query:
        """A query; one that is running is given a moment to end. Raises NotFound."""
        live = self._live.get(identifier)
        if live is None:
            return _until_now(self.history.get(identifier))
        if patience:
            live.over.wait(patience)
        return _so_far(live)

    def wait(self, identifier: str, seconds: float | None = None) -> Query:
        """A query once it is over, or after so many seconds; one of another process as it stands.
        Raises NotFound."""
        live = self._live.get(identifier)
        if live is not None:
            live.over.wait(seconds)
            return live.query
        return self.history.get(identifier)

    def stop(self, identifier: str) -> None:
        """Cancels a query; one that is over stays as it is, and the process that runs another is
        told. Raises NotFound."""
        live = self._live.get(identifier)
        if live is None:
            if not self.history.get(identifier).is_over:
                self.history.ask_to_stop(identifier)
            return
        live.cancelled = True
        if live.work is not None and live.work.cancel():
            live.run.close()
            self._finish(live, _cancelled(live.query))
            return
        if not self._stopped(live):
            live.over.wait(_UNSEEN)
        elif not live.over.is_set():
            self._finish(live, _cancelled(live.query), unseen=True)

    def _stopped(self, live: _Live) -> bool:
        """Interrupts a query for a while; False for one that is about to end by itself."""
        ends = time.monotonic() + _UNSEEN
        while live.run.stop.now():
            if live.over.wait(_AGAIN) or time.monotonic() > ends:
                return True
        return False

    @property
    def busy(self) -> bool:
        """Whether a query is not over, or one that was stopped is still worked on."""
        return bool(self._live or self._unseen)

    def page(self, query: Query, token: str | None, limit: int) -> results.Page:
        """Rows of a query that has an answer. Raises InvalidInput, NotFound."""
        if query.result is None or not query.result.has_rows:
            return results.Page(b"[]", None)
        if query.request.managed and time.time() - query.submitted > managed.SECONDS:
            raise NotFound("Managed results are kept for a day", subject=query.id)
        storage, width = self._results(query.request), len(query.result.columns)
        return results.page(storage, query.location, token, limit, width)

    def _results(self, request: Request) -> Storage:
        """Where the files of an answer lie."""
        return self._managed.storage if request.managed else self._storage

    def close(self) -> None:
        """Interrupts what runs and waits for it."""
        self._closed.set()
        with self._lock:
            live = [*self._live.values(), *self._unseen]
        for each in live:
            each.cancelled = True
            if each.work is not None:
                each.work.cancel()
        while any(each.work and each.work.running() for each in live):
            for each in live:
                each.run.stop.now()
            time.sleep(_AGAIN)
        self._workers.shutdown(wait=True, cancel_futures=True)
        with self._lock:
            left = [*self._live.values()]
        for each in left:
            each.run.close()
            self._finish(each, interrupted(each.query))

    # Work -----------------------------------------------------------------------------------

    def _work(self, live: _Live) -> None:
        if live.ended:  # no thread was to be had when it began, but for this one
            return
        started = time.time()
        live.deadline = time.monotonic() + self._settings.query_timeout
        query = replace(
            live.query, state="RUNNING", queued=_milliseconds(started - live.query.submitted)
        )
        live.query = query
        target = Target(
            query.id,
            self._engine_id(),
            query.substatement_type,
            query.request.text,
            query.location,
            query.request.configuration,
        )
        try:
            ended = self._answered(live, query, target)
        except AthenaRefusalError as error:
            ended = replace(query, state="FAILED", reason=str(error), error_name=error.name)
        except TrinoError as error:
            reason = _left_behind(query, _reason(error))
            ended = self._failed(live, query, target, error.name, reason)
        except LakeletError as error:
            ended = self._failed(live, query, target, "GENERIC_INTERNAL_ERROR", str(error))
        except Exception as error:  # noqa: BLE001 - a query that breaks is a failed query
            reason = f"GENERIC_INTERNAL_ERROR: {type(error).__name__}: {error}"
            ended = self._failed(live, query, target, "GENERIC_INTERNAL_ERROR", reason)
        finally:
            live.run.close()
        now = time.time()
        planning = _milliseconds(live.run.planning)
        execution = _milliseconds(now - started)
        self._finish(live, replace(ended, completed=now, execution=execution, planning=planning))

    def _answered(self, live: _Live, query: Query, target: Target) -> Query:
        live.run.stop.check()
        if query.request.reuse is not None:
            earlier = self._earlier(query.request)
            if earlier is not None:
                return replace(
                    query,
                    state="SUCCEEDED",
                    location=earlier.location,
                    result=_reused(earlier),
                    reused=True,
                )
        kept = prepared.changed(self._database, query.request.work_group, live.run.statement)
        storage = self._results(query.request)
        announced = results.Announcement(storage, target)
        try:
            answer = live.run.execute(announced.write) if kept is None else kept
        except BaseException:
            announced.withdraw()
            raise
        kind = getattr(answer, "kind", "") or query.substatement_type
        result = results.write(storage, answer, target, live.run.stop.no_more, announced)
        return replace(query, state="SUCCEEDED", result=result, substatement_type=kind)

    def _earlier(self, request: Request) -> Query | None:
        """An earlier answer to the same question whose file is still there."""
        earlier = self.history.answered(request)
        if earlier is None:
            return None
        try:
            self.page(earlier, None, 1)
        except NotFound:
            return None
        return earlier

    def _failed(self, live: _Live, query: Query, target: Target, name: str, reason: str) -> Query:
        if live.cancelled:
            return _cancelled(query)
        if name == "EXCEEDED_SCAN_LIMIT":
            return replace(query, state="CANCELLED", reason=OVER_THE_LIMIT)
        if name == "USER_CANCELED" and live.late:
            name, reason = "EXCEEDED_TIME_LIMIT", "Query timeout"
        result = None
        with suppress(LakeletError):  # the query's state tells the reason, too
            result = results.write_failure(self._results(query.request), target, reason)
        return replace(query, state="FAILED", reason=reason, error_name=name, result=result)

    def _finish(self, live: _Live, query: Query, *, unseen: bool = False) -> None:
        """Ends a query, once; `unseen` work goes on behind it."""
        with self._lock:
            if live.ended:
                self._unseen.discard(live)
                return
            live.ended = True
            if unseen:
                self._unseen.add(live)
        try:
            with suppress(NoRoom):  # it is kept later
                self.history.end(query)
        finally:
            live.query = query
            with self._lock:
                self._live.pop(query.id, None)
            live.over.set()

    def _watched(self) -> None:
        """Interrupts what has run out of time, or was cancelled and goes on; drops what is old."""
        while not self._closed.wait(_LOOK):
            with suppress(LakeError, OSError):  # a full disk: there is a next time
                self._forget_old()
                self._heed_others()
            with self._lock:
                running = [*self._live.values()]
                unseen = [*self._unseen]
            for each in (*running, *unseen):
                if each.late or (each.cancelled and each.query.state != "QUEUED"):
                    each.run.stop.now()
            with suppress(LakeError):
                self.history.end_again()
                self._tell_others(running)

    def _forget_old(self) -> None:
        if time.monotonic() - self._cleaned > _CLEAN:
            self._cleaned = time.monotonic()
            self.history.forget_old()
            self._managed.forget_old()

    def _heed_others(self) -> None:
        """Stops what other processes want to be stopped."""
        running = list(self._live)
        if running:
            for identifier in self.history.asked_to_stop(running):
                self.stop(identifier)

    def _tell_others(self, running: Sequence[_Live]) -> None:
        """Keeps how far queries are, for other processes that have the lake open."""
        told = [_so_far(each) for each in running if each.query.state == "RUNNING"]
        if told:
            self.history.tell(told)

    def _engine_id(self) -> str:
        """An id in the form of Trino's own."""
        with self._lock:
            number = next(self._engine_ids)
        moment = time.strftime("%Y%m%d_%H%M%S", time.gmtime())
        return f"{moment}_{number[-5:]}_{self._engine_mark}"


def _so_far(live: _Live) -> Query:
    """A query with what it has taken and read until now, if it runs."""
    query = live.query
    if query.state != "RUNNING":
        return query
    planning, progress = _milliseconds(live.run.planning), live.run.progress().statistics
    return _until_now(replace(query, planning=planning, progress=progress))


def _until_now(query: Query) -> Query:
    """A query with the time that it has taken so far, if it runs."""
    if query.state != "RUNNING":
        return query
    return replace(query, execution=_since(query.submitted) - query.queued)


def _check_same(known: Request, request: Request) -> None:
    compared = ("text", "catalog", "database", "output")
    if any(getattr(known, name) != getattr(request, name) for name in compared):
        raise InvalidInput("Idempotent parameters do not match", subject="token")


def _reason(error: TrinoError) -> str:
    """Hive's own texts stand alone, Trino's follow their names."""
    return str(error) if error.message.startswith("FAILED: ") else f"{error.name}: {error}"


def _left_behind(query: Query, reason: str) -> str:
    """With what Athena says behind the failure of a statement that writes (measured on AWS)."""
    warning = _LEFT_BEHIND.get(query.substatement_type)
    return reason if warning is None else f"{reason.rstrip('.')}. {warning.format(query.location)}"


_LEFT_BEHIND: Final[Mapping[str, str]] = {
    "CREATE_TABLE_AS_SELECT": "You may need to manually clean the data at location '{}' before"
    " retrying. Athena will not delete data in your account.",
    "INSERT": "If a data manifest file was generated at '{}-manifest.csv', you may need to manually"
    " clean the data from locations specified in the manifest. Athena will not delete data in your"
    " account.",
}


def _cancelled(query: Query) -> Query:
    return replace(query, state="CANCELLED", reason=CANCELLED, completed=time.time())


def _reused(earlier: Query) -> results.Result:
    assert earlier.result is not None
    statistics = replace(earlier.result.statistics, scanned=0, files=0)
    return replace(earlier.result, statistics=statistics, reusable=False)


def _milliseconds(seconds: float) -> int:
    return max(0, round(seconds * 1000))


def _since(moment: float) -> int:
    return _milliseconds(time.time() - moment)
