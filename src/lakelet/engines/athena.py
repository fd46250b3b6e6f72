"""The same interface on AWS's Athena, or on whatever answers its API, through boto3.

boto3 and pyarrow are imported inside functions, to keep start-up light.
"""

import re
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs, urlsplit

from lakelet.engines.answers import Answer, Lines, Written
from lakelet.engines.far_values import array
from lakelet.errors import InvalidInput, TrinoError, Unsupported
from lakelet.model import Document, Progress, ResultColumn, Session, Statistics
from lakelet.types import Type
from lakelet.types.arrow import to_arrow
from lakelet.types.model import VARCHAR

if TYPE_CHECKING:
    import pyarrow

_SHORTEST: Final = 0.01
_LONGEST: Final = 1.0
"""Seconds between two questions whether a query is over; each wait is half as long again."""

_REASON: Final = re.compile(r"([A-Z][A-Z0-9_]+): (.*)", re.S)
_PLACE: Final = re.compile(r"line (\d+):(\d+): (.*)", re.S)


class AthenaEngine:
    """Athena by its address `athena://<work group>?region=…&output=…&database=…&endpoint=…`."""

    def __init__(self, address: str, output: str | None = None) -> None:
        parts = urlsplit(address)
        given = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        self.work_group = parts.netloc or "primary"
        self.output = output or given.get("output")
        self.database = given.get("database")
        self.client = _client(given.get("region"), given.get("endpoint"))

    def prepare(self, text: str, session: Session) -> "AthenaRun":
        """Nothing is asked of Athena before the statement is executed."""
        return AthenaRun(self, text, session)


def _client(region: str | None, endpoint: str | None) -> Any:
    try:
        import boto3
    except ModuleNotFoundError as error:
        raise Unsupported("Athena needs an extra: pip install 'lakelet[aws]'") from error
    from botocore.exceptions import BotoCoreError

    try:
        return boto3.client("athena", region_name=region, endpoint_url=endpoint)
    except (BotoCoreError, ValueError) as error:
        raise InvalidInput(f"Athena's client can't be made: {error}") from error


class AthenaRun:
    """One statement's way through Athena."""

    def __init__(self, engine: AthenaEngine, text: str, session: Session) -> None:
        self._engine = engine
        self._text = text
        self._session = session
        self._id: str | None = None
        self._stopped = threading.Event()

    def execute(self) -> Answer:
        """Waits for the end; raises TrinoError, in the words that Athena gives as its reason."""
        with _reached():
            execution = self._ended(self._start())
            status = execution["Status"]
            if status["State"] == "CANCELLED":
                raise TrinoError("USER_CANCELED", "Query was canceled")
            if status["State"] == "FAILED":
                raise failure(status.get("StateChangeReason", ""))
            return self._answer(execution)

    def interrupt(self) -> None:
        """Stops the query at Athena; from any thread."""
        self._stopped.set()
        if self._id is not None:
            self._engine.client.stop_query_execution(QueryExecutionId=self._id)

    def progress(self) -> Progress:
        """Nothing is asked of the far side beside the answer."""
        return Progress()

    def close(self) -> None:
        """Nothing is kept open."""

    def _start(self) -> str:
        from botocore.exceptions import ClientError

        if self._stopped.is_set():
            raise TrinoError("USER_CANCELED", "Query was canceled")

        asked: Document = {
            "QueryString": self._text,
            "QueryExecutionContext": {"Database": self._session.database},
            "WorkGroup": self._engine.work_group,
        }
        if self._engine.output:
            asked["ResultConfiguration"] = {"OutputLocation": self._engine.output}
        if self._session.parameters:
            asked["ExecutionParameters"] = list(self._session.parameters)
        try:
            started = self._engine.client.start_query_execution(**asked)
        except ClientError as error:
            raise _refusal(error.response["Error"]) from error
        self._id = str(started["QueryExecutionId"])
        return self._id

    def _ended(self, identifier: str) -> Document:
        wait = _SHORTEST
        while True:
            asked = self._engine.client.get_query_execution(QueryExecutionId=identifier)
            execution: Document = asked["QueryExecution"]
            if execution["Status"]["State"] in ("SUCCEEDED", "FAILED", "CANCELLED"):
                return execution
            time.sleep(wait)
            wait = min(wait * 1.5, _LONGEST)

    def _answer(self, execution: Document) -> Answer:
        told = execution.get("Statistics", {})
        statistics = Statistics(
            scanned=told.get("DataScannedInBytes", 0),
            planning=told.get("QueryPlanningTimeInMillis", 0),
            execution=told.get("EngineExecutionTimeInMillis", 0),
        )
        pages = self._pages(execution["QueryExecutionId"])
        first = next(pages)
        described = first["ResultSet"]["ResultSetMetadata"].get("ColumnInfo", [])
        rows = first["ResultSet"].get("Rows", [])
        if _is_written(execution):
            return Written(first.get("UpdateCount") or 0, (), statistics)
        columns = tuple(ResultColumn(each["Name"], column_type(each)) for each in described)
        if execution.get("StatementType") == "DML" and rows:
            return AthenaRows(columns, rows[1:], pages, statistics)
        values = [_texts(row) for page in (rows, *_further(pages)) for row in page]
        names = tuple(column.name for column in columns)
        return Lines(names, tuple("\t".join(v or "" for v in row) for row in values))

    def _pages(self, identifier: str) -> Iterator[Document]:
        paginator = self._engine.client.get_paginator("get_query_results")
        yield from paginator.paginate(QueryExecutionId=identifier)


@dataclass(frozen=True, slots=True)
class AthenaRows:
    """`answers.Rows` of a query's pages; read once."""

    columns: tuple[ResultColumn, ...]
    rows: Sequence[Document]
    further: Iterator[Document]
    spent: Statistics

    def batches(self) -> "pyarrow.RecordBatchReader":
        """The rows as Arrow, in the physical types of the columns."""
        import pyarrow

        types = [to_arrow(_told(column.type)) for column in self.columns]
        schema = pyarrow.schema(
            [(column.name, of) for column, of in zip(self.columns, types, strict=True)]
        )

        def read() -> Iterator[Any]:
            yield self._batch(self.rows, schema)
            for page in _further(self.further):
                yield self._batch(page, schema)

        return pyarrow.RecordBatchReader.from_batches(schema, read())

    def write_csv(self, path: Path) -> int:
        """Athena has written its result file already, where it was told to."""
        raise Unsupported("Athena writes its result files itself")

    @property
    def reusable(self) -> bool:
        """Athena keeps its answers itself."""
        return False

    def statistics(self, rows: int = 0) -> Statistics:
        """What it read."""
        return self.spent

    def _batch(self, page: Sequence[Document], schema: Any) -> Any:
        import pyarrow

        texts = [_texts(row) for row in page]
        columns = [
            array([row[i] for row in texts], _told(column.type), bytes.fromhex)
            for i, column in enumerate(self.columns)
        ]
        return pyarrow.record_batch(columns, schema)


def _further(pages: Iterator[Document]) -> Iterator[list[Document]]:
    return (page["ResultSet"].get("Rows", []) for page in pages)


def _texts(row: Document) -> list[str | None]:
    return [cell.get("VarCharValue") for cell in row["Data"]]


def _is_written(execution: Document) -> bool:
    return execution.get("SubstatementType") in _WRITES


_WRITES: Final = frozenset({"INSERT", "CREATE_TABLE_AS_SELECT", "UPDATE", "DELETE", "MERGE"})

# Types and values ----------------------------------------------------------------------------


def column_type(described: Document) -> Type:
    """The Trino type of a ColumnInfo; of an array, map or row no more than its base is told."""
    name = _NAMES.get(described["Type"], described["Type"])
    precision = described.get("Precision") or 0
    if name == "decimal":
        return Type(name, (precision, described.get("Scale") or 0))
    if name in ("varchar", "char") and 0 < precision < _UNBOUNDED:
        return Type(name, (precision,))
    if name.startswith(("time", "timestamp")):
        return Type(name, (3,))
    return Type(name)


_NAMES: Final[Mapping[str, str]] = {"float": "real", "string": "varchar"}
_UNBOUNDED: Final = 2_147_483_647


def _told(of: Type) -> Type:
    """What Athena's API tells of a value: of an array, map or row its text."""
    return VARCHAR if of.name in ("array", "map", "row") else of


# Failures ------------------------------------------------------------------------------------


@contextmanager
def _reached() -> Iterator[None]:
    """Athena's absence, and credentials that are missing, as a TrinoError."""
    from botocore.exceptions import BotoCoreError

    try:
        yield
    except BotoCoreError as error:
        raise TrinoError(
            "SERVER_STARTING_UP", f"Athena does not answer: {error}", error_type="EXTERNAL"
        ) from error


def failure(reason: str) -> TrinoError:
    """The TrinoError that a StateChangeReason tells of (`NAME: line 1:8: text`)."""
    named = _REASON.match(reason)
    if named is None or named[1] == "FAILED":
        return TrinoError("GENERIC_USER_ERROR", reason)
    return _placed(named[1], named[2])


def _refusal(error: Mapping[str, str]) -> TrinoError:
    """What Athena says of a text that it does not even start."""
    return _placed("SYNTAX_ERROR", error.get("Message", ""))


def _placed(name: str, text: str) -> TrinoError:
    place = _PLACE.match(text)
    if place is None:
        return TrinoError(name, text)
    return TrinoError(name, place[3], line=int(place[1]), column=int(place[2]))
