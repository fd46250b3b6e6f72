"""Runs that compute a table's column statistics: one a table at a time, in the background, on
demand or by the clock (Glue's column statistics tasks)."""

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from lakelet.catalog import shapes
from lakelet.catalog.catalog import GlueCatalog
from lakelet.database import kept_once_there_is_room
from lakelet.errors import InvalidInput, LakeletError, TrinoError
from lakelet.model import Column, Document, Session
from lakelet.schedules.clock import Clock
from lakelet.schedules.cron import parsed
from lakelet.statistics import TaskNotRunning, TaskRunning, TaskStopping, computing
from lakelet.storage.files import lives

if TYPE_CHECKING:
    from lakelet.engines.local import LocalEngine, Run

_RUN, _SETTINGS = "statistics_run", "statistics_settings"
_AT_ONCE = 100
"""Columns that one query measures."""

_KEPT = 100
"""Runs of a table that are remembered."""

_PROCESS = "Process"
"""What is kept of a run beside Glue's members: the scratch folder of the process it is in."""


@dataclass(slots=True)
class _Work:
    """What runs for a table; `run` is the engine's, once it is there."""

    identifier: str
    thread: threading.Thread | None = None
    run: "Run | None" = None
    is_stopping: bool = False


class StatisticsTasks:
    """Starts and stops runs. What a process that is gone left running is ended as FAILED.

    `scratch` is there as long as this process.
    """

    def __init__(
        self, catalog: GlueCatalog, scratch: Path, engine: "Callable[[], LocalEngine]"
    ) -> None:
        self._catalog = catalog
        self._scratch = str(scratch)
        self._engine = engine
        self._working: dict[tuple[str, str], _Work] = {}
        self._lock = threading.Lock()
        self._clock = Clock("lakelet statistics", self.tick)
        self._closing = threading.Event()
        self._recover()

    # Runs -------------------------------------------------------------------------------------

    def start(self, given: Document) -> str:
        """Begins a run of StartColumnStatisticsTaskRun's parameters; its id.

        Raises NotFound, InvalidInput for a column that is not there, TaskRunning.
        """
        table = shapes.table(self._catalog.tables.get(given["DatabaseName"], given["TableName"]))
        columns = _wanted(table.storage.columns, given.get("ColumnNameList"))
        place, now = (table.database, table.name), datetime.now(UTC)
        work = _Work(str(uuid4()))
        with self._lock:
            if place in self._working or self._elsewhere(place):
                raise TaskRunning(f"Column statistics of {'.'.join(place)} are being computed.")
            self._working[place] = work
        document = {
            _PROCESS: self._scratch,
            "CustomerId": self._catalog.account,
            "ColumnStatisticsTaskRunId": work.identifier,
            "DatabaseName": table.database,
            "TableName": table.name,
            "ColumnNameList": [column.name for column in columns],
            "CatalogID": given.get("CatalogID") or self._catalog.account,
            "Role": given["Role"],
            "SampleSize": given.get("SampleSize", 100.0),
            "NumberOfWorkers": 1,
            "WorkerType": "G.1X",
            "ComputationType": "FULL",
            "Status": "RUNNING",
            "CreationTime": now,
            "StartTime": now,
            "LastUpdated": now,
        }
        if "SecurityConfiguration" in given:
            document["SecurityConfiguration"] = given["SecurityConfiguration"]
        try:
            with self._catalog.transaction():
                self._catalog.records.put(_RUN, work.identifier, document)
                self._forget(place)
        except LakeletError:
            with self._lock:
                del self._working[place]
            raise
        work.thread = threading.Thread(
            target=self._work, args=(place, work, columns, document), name="lakelet statistics run"
        )
        work.thread.start()
        return work.identifier

    def stop(self, database: str, table: str) -> None:
        """Asks a table's run to end. Raises TaskNotRunning, TaskStopping."""
        place = (database.lower(), table.lower())
        with self._lock:
            work = self._working.get(place)
            if work is None and self._elsewhere(place):
                raise TaskNotRunning(
                    f"Column statistics of {'.'.join(place)} are computed by another process that"
                    " has the lake open: only that one can stop them."
                )
            if work is None:
                raise TaskNotRunning(f"No column statistics of {'.'.join(place)} are computed.")
            if work.is_stopping:
                raise TaskStopping(f"Column statistics of {'.'.join(place)} are being stopped.")
            work.is_stopping = True
            if work.run is not None:
                work.run.interrupt()

    def get(self, identifier: str) -> Document:
        """Glue's ColumnStatisticsTaskRun. Raises NotFound."""
        return _shown(
            self._catalog.records.need(
                _RUN, identifier, f"Column statistics task run {identifier} not found."
            )
        )

    def listed(self, database: str | None = None, table: str | None = None) -> list[Document]:
        """Runs, of a table or of all, the latest first."""
        return [_shown(document) for document in self._listed(database, table)]

    def _listed(self, database: str | None = None, table: str | None = None) -> list[Document]:
        found = [document for _, document in self._catalog.records.listed(_RUN)]
        if database is not None and table is not None:
            place = (database.lower(), table.lower())
            found = [each for each in found if (each["DatabaseName"], each["TableName"]) == place]
        return sorted(found, key=lambda each: each["CreationTime"], reverse=True)

    # Settings ---------------------------------------------------------------------------------

    def create_settings(self, given: Document) -> None:
        """From CreateColumnStatisticsTaskSettings, to be followed by `watch`.

        Raises AlreadyExists, NotFound, InvalidInput.
        """
        name = self._settings_name(given)
        document = self._checked({**given, "ScheduleType": "CRON", "SettingSource": "TABLE"})
        refusal = f"Column statistics settings of {name} already exist."
        self._catalog.records.create(_SETTINGS, name, document, refusal)

    def update_settings(self, given: Document) -> None:
        """The members given take the place of the old ones. Raises NotFound, InvalidInput."""
        with self._catalog.transaction():
            before = self.settings(given["DatabaseName"], given["TableName"])
            document = self._checked({**before, **given})
            self._catalog.records.put(_SETTINGS, self._settings_name(given), document)
        self.watch()

    def delete_settings(self, database: str, table: str) -> None:
        """Raises NotFound."""
        self.settings(database, table)
        self._catalog.records.delete(_SETTINGS, f"{database}/{table}".lower())

    def settings(self, database: str, table: str) -> Document:
        """Glue's ColumnStatisticsTaskSettings. Raises NotFound."""
        name = f"{database}/{table}".lower()
        refusal = f"Column statistics settings of {database}.{table} not found."
        return self._catalog.records.need(_SETTINGS, name, refusal)

    def schedule(self, database: str, table: str, state: str) -> None:
        """Says whether the schedule counts: SCHEDULED or NOT_SCHEDULED. Raises NotFound,
        InvalidInput where there is none."""
        with self._catalog.transaction():
            document = self.settings(database, table)
            if "Schedule" not in document:
                raise InvalidInput(f"Column statistics of {database}.{table} have no schedule.")
            document["Schedule"] = {**document["Schedule"], "State": state}
            self._catalog.records.put(_SETTINGS, f"{database}/{table}".lower(), document)
        self.watch()

    def watch(self) -> None:
        """Looks at the clock from now on if anything is scheduled."""
        if any(True for _ in self._scheduled()):
            self._clock.start()

    def tick(self, moment: datetime) -> None:
        """Starts what is due in the minute of a moment, in UTC."""
        for document in self._scheduled():
            if parsed(document["Schedule"]["ScheduleExpression"]).due(moment):
                self._attempt(document, moment)

    def close(self) -> None:
        """Stops all runs and waits for them."""
        self._closing.set()
        self._clock.close()
        with self._lock:
            works = list(self._working.values())
            for work in works:
                work.is_stopping = True
                if work.run is not None:
                    work.run.interrupt()
        for work in works:
            if work.thread is not None:
                work.thread.join()

    # Inside -----------------------------------------------------------------------------------

    def _settings_name(self, given: Document) -> str:
        self._catalog.tables.identifier(given["DatabaseName"], given["TableName"])
        return f"{given['DatabaseName']}/{given['TableName']}".lower()

    def _checked(self, given: Document) -> Document:
        """Settings with a schedule that can be."""
        document = {name: value for name, value in given.items() if name != "Tags"}
        if isinstance(document.get("Schedule"), str):
            expression = document.pop("Schedule")
            if expression:
                parsed(expression)
                document["Schedule"] = {
                    "ScheduleExpression": expression,
                    "State": "SCHEDULED",
                }
        return document

    def _scheduled(self) -> Iterator[Document]:
        for _, document in self._catalog.records.listed(_SETTINGS):
            if (document.get("Schedule") or {}).get("State") == "SCHEDULED":
                yield document

    def _attempt(self, document: Document, moment: datetime) -> None:
        attempt: Document = {"ExecutionTimestamp": moment}
        try:
            attempt |= {"Status": "STARTED", "ColumnStatisticsTaskRunId": self.start(document)}
        except LakeletError as error:
            attempt |= {"Status": "FAILED", "ErrorMessage": str(error)}
        name = f"{document['DatabaseName']}/{document['TableName']}".lower()
        self._catalog.records.put(_SETTINGS, name, {**document, "LastExecutionAttempt": attempt})

    def _work(
        self, place: tuple[str, str], work: _Work, columns: Sequence[Column], document: Document
    ) -> None:
        try:
            found = self._measured(place, work, columns, document["SampleSize"])
            self._catalog.statistics.put(*place, None, found)
            status = {"Status": "SUCCEEDED"}
        except LakeletError as error:
            status = {"Status": "FAILED", "ErrorMessage": str(error)[:2048]}
        except Exception as error:  # noqa: BLE001 - a run that breaks is a failed run
            status = {"Status": "FAILED", "ErrorMessage": f"Internal Service Exception: {error}"}
        if work.is_stopping:
            status = {"Status": "STOPPED"}
        now = datetime.now(UTC)
        seconds = (now - document["StartTime"]).total_seconds()
        ended = {**document, **status, "EndTime": now, "LastUpdated": now, "DPUSeconds": seconds}

        def keep() -> None:
            with self._lock:  # who reads that it is over can begin another
                self._catalog.records.put(_RUN, work.identifier, ended)
                del self._working[place]

        kept_once_there_is_room(keep, self._closing)

    def _measured(
        self, place: tuple[str, str], work: _Work, columns: Sequence[Column], sample: float
    ) -> list[Document]:
        """Raises TrinoError."""
        found: list[Document] = []
        for start in range(0, len(columns), _AT_ONCE):
            some = columns[start : start + _AT_ONCE]
            row = self._row(computing.query(*place, some, sample), work)
            found += computing.documents(some, row)
        return found

    def _row(self, text: str, work: _Work) -> list[Any]:
        run = self._engine().prepare(text, Session(database="default", dialect="trino"))
        try:
            with self._lock:
                work.run = run
                if work.is_stopping:
                    raise TrinoError("USER_CANCELED", "The run was stopped.")
            answer = run.execute()
            [batch] = [each for each in answer.batches() if each.num_rows]  # type: ignore[union-attr]  # of a query
            return [column[0].as_py() for column in batch.columns]
        finally:
            with self._lock:
                work.run = None
            run.close()

    def _elsewhere(self, place: tuple[str, str]) -> bool:
        """Whether a run of a table is under way in another process."""
        return any(
            each["Status"] == "RUNNING" and each[_PROCESS] != self._scratch and _goes_on(each)
            for each in self._listed(*place)
        )

    def _forget(self, place: tuple[str, str]) -> None:
        for document in self.listed(*place)[_KEPT:]:
            self._catalog.records.delete(_RUN, document["ColumnStatisticsTaskRunId"])

    def _recover(self) -> None:
        for document in self._listed():
            if document["Status"] == "RUNNING" and not _goes_on(document):
                failed = {**document, "Status": "FAILED", "ErrorMessage": "It was interrupted."}
                self._catalog.records.put(_RUN, document["ColumnStatisticsTaskRunId"], failed)


def _goes_on(document: Document) -> bool:
    """Whether the process that a run is in is still there."""
    return lives(document[_PROCESS])


def _shown(document: Document) -> Document:
    return {name: value for name, value in document.items() if name != _PROCESS}


def _wanted(columns: Sequence[Column], names: Sequence[str] | None) -> list[Column]:
    """The columns that have statistics. Raises InvalidInput for a name that is no column's."""
    by_name = {column.name: column for column in columns}
    for name in names or ():
        if name.lower() not in by_name:
            raise InvalidInput(f"Column {name} does not exist in the table.")
    wanted = [by_name[name.lower()] for name in names] if names else list(columns)
    found = [column for column in wanted if _is_measured(column)]
    if not found:
        raise InvalidInput("No column has a type that statistics are computed for.")
    return found


def _is_measured(column: Column) -> bool:
    try:
        return computing.is_measured(column)
    except TrinoError:
        return False
