"""The local engine: a statement once down to DuckDB, its rows once up."""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lakelet.catalog.catalog import GlueCatalog
from lakelet.config import Settings
from lakelet.engines import short_answers
from lakelet.engines.answers import Answer
from lakelet.engines.context import Announced, Context
from lakelet.engines.duckdb import DuckDb, stopping
from lakelet.engines.duckdb import Session as DuckDbSession
from lakelet.engines.locations import need_location
from lakelet.engines.planning import Plan, Planner
from lakelet.errors import TrinoError
from lakelet.interfaces import Storage
from lakelet.loading import loading
from lakelet.model import Document, Progress, ResultColumn, Session, Statistics
from lakelet.sql import parse_query
from lakelet.sql.emitter.text import display
from lakelet.sql.statements import Statement, kinds, parse
from lakelet.sql.statements.model import (
    CreateTable,
    CreateTableAs,
    CreateView,
    Explain,
    Insert,
    Query,
    Unload,
    Unreadable,
)
from lakelet.storage.files import write_whole
from lakelet.storage.journal import Journal
from lakelet.storage.remote import RemoteStorage
from lakelet.types import Type
from lakelet.types.quoting import identifier, quoted

if TYPE_CHECKING:
    from pyarrow import RecordBatchReader

CSV: Mapping[str, Any] = {"FORMAT": "csv", "FORCE_QUOTE": ("*",), "USE_TMP_FILE": False}
"""Every value in quotes and NULL as nothing: Athena's own form."""


@dataclass(frozen=True, slots=True)
class LocalRows:
    """`answers.Rows` of a plan."""

    columns: tuple[ResultColumn, ...]
    plan: Plan
    planner: Planner
    session: DuckDbSession

    def batches(self) -> "RecordBatchReader":
        """The rows as Arrow, in the physical types of the columns."""
        return self.session.execute(self.plan.text, self.plan.datasets)

    def texts(self) -> "RecordBatchReader":
        """The rows as Arrow, each value as the text that Athena writes of it."""
        return self.session.execute(_shown(self.plan, display), self.plan.datasets)

    def write_csv(self, path: Path) -> int:
        """Writes the rows as Athena's result file; how many there were."""
        query = self.plan.analysis.query
        if short_answers.is_short(query):
            found = short_answers.literals(query)
            if found is None:
                found = self.session.rows(_shown(self.plan, _cell), self.plan.datasets)
            names = [column.name for column in self.columns]
            write_whole(path, short_answers.csv(names, found).encode())
            return len(found)
        header = _distinct(column.name for column in self.columns)
        text, options = _shown(self.plan, display), {**CSV, "HEADER": header}
        text = text if header else _headed(self.plan, text)
        rows = self.session.copy(text, path, options, self.plan.datasets)
        return rows if header else rows - 1

    @property
    def reusable(self) -> bool:
        """Whether the same query over the same files would answer the same."""
        return self.plan.repeatable

    def statistics(self, rows: int = 0) -> Statistics:
        """What it read, once it has run."""
        return self.planner.statistics(self.plan, rows)


class Run:
    """One statement's way through the engine; `stop` is for other threads, `progress` too."""

    def __init__(self, engine: "LocalEngine", statement: Statement, session: Session) -> None:
        self.statement = statement
        self.session = session
        self.planning = 0.0
        self._done = 0.0
        self.stop = stopping.Stop()
        self._engine = engine
        self._plan: Plan | None = None
        with stopping.heeding(self.stop):
            self._duckdb = engine.duckdb.session()

    def execute(self, announced: Announced = lambda rows, files: None) -> Answer:
        """Raises TrinoError; `announced` is `Context`'s."""
        started = time.perf_counter()
        with stopping.heeding(self.stop):
            if isinstance(self.statement, Query):
                plan = self._plan = self._engine.plan(self.statement.text, self.session)
                self.planning = time.perf_counter() - started
                return LocalRows(plan.columns, plan, self._engine.planner, self._duckdb)
            return _execute(self._context(announced), self.statement)

    def _context(self, announced: Announced) -> Context:
        engine = self._engine
        return Context(
            engine.storage,
            engine.catalog,
            engine.planner,
            self._duckdb,
            engine.journal,
            self.session,
            self.stop,
            self._planned,
            announced,
        )

    def _planned(self, plan: Plan) -> None:
        self._plan = plan

    def interrupt(self) -> None:
        """Stops the statement, from any thread."""
        self.stop.now()

    def progress(self) -> Progress:
        """How far the statement is, never less than was told before.

        DuckDB tells of the pipeline that it is in, and of none between two of them.
        """
        plan = self._plan
        if plan is None:
            return Progress()
        done = self._done = max(self._done, self._duckdb.progress())
        whole = self._engine.planner.statistics(plan, 0)
        read = Statistics(
            scanned=int(whole.scanned * done),
            files=whole.files,
            input_rows=int(whole.input_rows * done),
        )
        return Progress(done, read)

    def close(self) -> None:
        self._duckdb.close()


class LocalEngine:
    """Statements over a lake's storage and catalogue."""

    def __init__(
        self,
        settings: Settings,
        folder: Path,
        storage: Storage,
        catalog: GlueCatalog,
        journal: Journal,
    ) -> None:
        self.settings = settings
        self.storage = storage
        self.catalog = catalog
        self.journal = journal
        backend = storage.backend if isinstance(storage, RemoteStorage) else None
        self.duckdb = DuckDb(
            folders=(folder,),
            backend=backend,
            temp_folder=storage.scratch / "spill",
            memory_limit=settings.memory_limit,
            threads=settings.threads,
        )
        self.planner = Planner(storage, catalog, self.duckdb)

    def prepare(self, text: str, session: Session) -> Run:
        """Reads a statement; raises TrinoError SYNTAX_ERROR or PARSE_EXCEPTION."""
        statement = parse(text)
        _check_grammar(statement)
        return Run(self, statement, session)

    def plan(self, text: str, session: Session) -> Plan:
        """Analyses a query and finds what it reads; raises TrinoError."""
        return self.planner.plan(text, session)

    def stages(self, text: str, session: Session) -> Document | None:
        """The plan of a statement's one stage, None where it has no query; raises TrinoError."""
        with loading:
            from lakelet.engines import explaining

        return explaining.stages(self.planner, text, session)

    def close(self) -> None:
        self.duckdb.close()


def _check_grammar(statement: Statement) -> None:
    """Raises TrinoError for what begins no execution: SYNTAX_ERROR for a query inside of a
    statement that is none, and for a new table without a place."""
    if isinstance(statement, Explain):
        _check_grammar(parse(statement.text))
    elif isinstance(statement, Query | CreateTableAs | CreateView | Insert | Unload):
        parse_query(statement.text)
    elif isinstance(statement, CreateTable):
        need_location(statement)


def _execute(context: Context, statement: Statement) -> Answer:
    """Runs any statement but a query; raises TrinoError."""
    with loading:
        from lakelet.engines import ddl, explaining, writing

    if isinstance(statement, Unreadable):
        raise statement.error
    if type(statement) in ddl.WORK:
        context.stop.no_more()
    works = (ddl.WORK, writing.WORK, explaining.WORK)
    work = next((room[type(statement)] for room in works if type(statement) in room), None)
    if work is None:
        name = kinds(statement)[1]
        raise TrinoError("NOT_SUPPORTED", f"{name} is not available in lakelet")
    return work(context, statement)


def _shown(plan: Plan, show: Callable[[str, Type], str]) -> str:
    """The query with each column as it is shown; itself where that is as it is."""
    shown = [
        (show(identifier(name), column.type), identifier(column.name))
        for name, column in zip(plan.names, plan.columns, strict=True)
    ]
    if all(sql == name for sql, name in shown):
        return plan.text
    return f"SELECT {', '.join(f'{sql} AS {name}' for sql, name in shown)} FROM ({plan.text})"


def _headed(plan: Plan, text: str) -> str:
    """With a header that is a row of its own, for COPY renames columns of one name."""
    names = ", ".join(quoted(column.name) for column in plan.columns)
    return f"SELECT {names} UNION ALL ({text})"


def _cell(sql: str, of: Type) -> str:
    """The text that Athena shows; numbers get theirs once they are fetched."""
    return sql if of.name in short_answers.RAW else display(sql, of)


def _distinct(names: Iterable[str]) -> bool:
    """Whether no name stands twice, whatever its case."""
    given = [name.lower() for name in names]
    return len(set(given)) == len(given)
