"""lakelet.connect(…): DB-API 2.0 (PEP 249) over a folder's lake, real Athena or Trino.

Statements run in the calling thread. pandas is imported when `df()` is called.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol, Self
from uuid import uuid4

from lakelet.config import Dialect, Settings
from lakelet.engines.answers import Answer, Explained, Lines, Written
from lakelet.engines.local import LocalRows
from lakelet.errors import LakeletError, TrinoError, Unsupported
from lakelet.lake import Lake
from lakelet.loading import loading
from lakelet.model import Progress, ResultColumn, Session, Statistics
from lakelet.types import Type
from lakelet.types.model import VARCHAR
from lakelet.types.python import rows
from lakelet.types.sql import literal

if TYPE_CHECKING:
    import pandas
    import pyarrow

apilevel: Final = "2.0"
threadsafety: Final = 2
"""Threads may share a connection; each has its own cursor."""
paramstyle: Final = "qmark"

Description = tuple[str, str, None, None, int | None, int | None, None]


class Error(LakeletError):
    """Whatever a connection or cursor raises."""


class Warning(Error):  # noqa: N818 - PEP 249's own name
    """Never raised."""


class InterfaceError(Error):
    """The connection or cursor is used wrongly."""


class DatabaseError(Error, TrinoError):
    """A statement failed: `name` is Trino's, `line` and `column` where it has a place."""


class DataError(DatabaseError):
    """A value was out of its range, or no value of its type."""


class OperationalError(DatabaseError):
    """A file, the memory or the far side failed, or the statement was cancelled."""


class IntegrityError(DatabaseError):
    """Never raised: a lake has no constraints."""


class InternalError(DatabaseError):
    """lakelet's own fault."""


class ProgrammingError(DatabaseError):
    """The statement is wrong: its grammar, a name or a type."""


class NotSupportedError(DatabaseError):
    """Something that is not built."""


_KINDS: Final[Mapping[str, type[DatabaseError]]] = {
    "NOT_SUPPORTED": NotSupportedError,
    "USER_CANCELED": OperationalError,
    **dict.fromkeys(
        (
            "DIVISION_BY_ZERO",
            "INVALID_CAST_ARGUMENT",
            "INVALID_FUNCTION_ARGUMENT",
            "NUMERIC_VALUE_OUT_OF_RANGE",
            "SUBQUERY_MULTIPLE_ROWS",
        ),
        DataError,
    ),
}
_KINDS_BY_TYPE: Final[Mapping[str, type[DatabaseError]]] = {
    "USER_ERROR": ProgrammingError,
    "INTERNAL_ERROR": InternalError,
    "INSUFFICIENT_RESOURCES": OperationalError,
    "EXTERNAL": OperationalError,
}


class Run(Protocol):
    """A statement on its way through an engine."""

    def execute(self) -> Answer: ...

    def interrupt(self) -> None: ...

    def progress(self) -> Progress: ...

    def close(self) -> None: ...


class Engine(Protocol):
    """Where statements run: `engines.local`, `engines.athena` and `engines.trino` are alike."""

    def prepare(self, text: str, session: Session) -> Run: ...


def connect(
    target: str | Path | Lake | None = None,
    *,
    database: str = "default",
    dialect: Dialect = "athena",
    output: str | None = None,
) -> "Connection":
    """A connection to a lake, to Athena or to a Trino cluster.

    `target` is a lake's folder, an open Lake, None for a temporary lake, Athena's address
    `athena://<work group>?region=…&output=s3://…&database=…&endpoint=http://…`, or a Trino
    cluster's `trino://[user@]host:port/catalog`. `output` is the
    s3:// folder in which CREATE TABLE AS makes tables that name no place of their own. Raises
    LakeError for a folder that can't be a lake, InterfaceError for an unknown address.
    """
    if isinstance(target, Lake):
        return Connection(_engine(target), target.session(database), output)
    if target is not None and "://" in str(target):
        return _far(str(target), database, output)
    lake = Lake(Settings(data=Path(target) if target else None, dialect=dialect))
    return Connection(_engine(lake), lake.session(database), output, lake)


def _engine(lake: Lake) -> Engine:
    with loading:
        from lakelet.queries.prepared import PreparingEngine

    return PreparingEngine(lake.engine, lake.database)


def _far(address: str, database: str, output: str | None) -> "Connection":
    if address.startswith("trino://"):
        with loading:
            from lakelet.engines.trino import TrinoEngine

        return Connection(TrinoEngine(address), Session(database=database), output)
    if not address.startswith("athena://"):
        raise InterfaceError(
            f"{address} is neither a folder nor athena://<work group> or trino://host:port/catalog"
        )
    with loading:
        from lakelet.engines.athena import AthenaEngine

    engine = AthenaEngine(address, output)
    return Connection(engine, Session(database=engine.database or database), output)


class Connection:
    """A database's door; closing it closes a lake that it opened."""

    def __init__(
        self, engine: Engine, session: Session, output: str | None, lake: Lake | None = None
    ) -> None:
        self._engine = engine
        self._session = replace(session, output_location=output)
        self._lake = lake
        self._closed = False

    @property
    def database(self) -> str:
        """Where names without a database are looked up."""
        return self._session.database

    def use(self, database: str) -> None:
        """Looks names up in another database from now on."""
        self._session = replace(self._session, database=database.lower())

    def cursor(self) -> "Cursor":
        """A cursor of its own. Raises InterfaceError once the connection is closed."""
        if self._closed:
            raise InterfaceError("The connection is closed")
        return Cursor(self)

    def prepare(self, text: str, parameters: Sequence[Any]) -> Run:
        """A statement that may be executed; raises TrinoError for its grammar."""
        session = replace(
            self._session,
            query_id=str(uuid4()),
            parameters=tuple(literal(value) for value in parameters),
            start=datetime.now(UTC),
        )
        return self._engine.prepare(text, session)

    def commit(self) -> None:
        """Every statement is already kept."""

    def rollback(self) -> None:
        """Raises NotSupportedError: there are no transactions."""
        raise NotSupportedError("NOT_SUPPORTED", "A lake has no transactions")

    def close(self) -> None:
        """May be called twice."""
        if self._lake is not None and not self._closed:
            self._lake.close()
        self._closed = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Cursor:
    """Runs a statement and gives its rows, once, as Python values, Arrow or a pandas frame.

    With `texts` set, the values of a lake's rows are the texts that Athena writes of them.
    """

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.arraysize = 1
        self.texts = False
        self.rowcount = -1
        self.description: tuple[Description, ...] | None = None
        self._run: Run | None = None
        self._answer: Answer | None = None
        self._batches: pyarrow.RecordBatchReader | None = None
        self._rows: Iterator[tuple[Any, ...]] | None = None
        self._closed = False

    def execute(self, statement: str, parameters: Sequence[Any] = ()) -> Self:
        """Runs a statement whose `?` are the parameters; raises a DatabaseError."""
        self._need_open()
        self._forget()
        try:
            self._run = self.connection.prepare(statement, parameters)
            self._take(self._run.execute())
        except TrinoError as error:
            self._forget()
            raise _raised(error) from error
        return self

    def executemany(self, statement: str, parameters: Sequence[Sequence[Any]]) -> Self:
        """Runs a statement with each of the parameters."""
        total = 0
        for each in parameters:
            total += max(self.execute(statement, each).rowcount, 0)
        self.rowcount = total
        return self

    def fetchone(self) -> tuple[Any, ...] | None:
        """The next row, None after the last."""
        return next(self._reading(), None)

    def fetchmany(self, size: int | None = None) -> list[tuple[Any, ...]]:
        """Up to `size` rows, `arraysize` unless told."""
        count = self.arraysize if size is None else size
        return [row for _, row in zip(range(count), self._reading(), strict=False)]

    def fetchall(self) -> list[tuple[Any, ...]]:
        """The rows that are left."""
        return list(self._reading())

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        return self._reading()

    def arrow(self) -> "pyarrow.Table":
        """All rows as an Arrow table, columns in their physical types: times finer than
        microseconds count picoseconds."""
        import pyarrow

        answer = self._answered()
        names = [column.name for column in _columns(answer)]
        if isinstance(answer, Lines | Explained):
            columns = list(zip(*_cells(answer), strict=True)) or [()] * len(names)
            return pyarrow.table([pyarrow.array(c, pyarrow.string()) for c in columns], names)
        if self._batches is None:
            return pyarrow.table({})
        try:
            return self._batches.read_all().rename_columns(names)
        except TrinoError as error:
            raise _raised(error) from error

    def df(self) -> "pandas.DataFrame":
        """All rows as a pandas frame, of types that can be NULL: whole numbers keep their digits
        beside one. Arrays, maps and rows are of Arrow's types; moments with a time zone are in it,
        and in UTC where a column has several. Raises Unsupported without pandas.
        """
        try:
            import pandas
        except ModuleNotFoundError as error:
            raise Unsupported("df() needs pandas: pip install 'lakelet[pandas]'") from error
        zoned = {
            number
            for number, column in enumerate(_columns(self._answered()))
            if column.type.name == "timestamp with time zone"
        }
        table = _zoned(self.arrow(), zoned)
        # pyarrow mixes up columns of one name.
        numbered = table.rename_columns([str(number) for number in range(table.num_columns)])
        frame: pandas.DataFrame = numbered.to_pandas(types_mapper=_frame_type)
        frame.columns = pandas.Index(table.column_names)
        return frame

    @property
    def statistics(self) -> Statistics:
        """Bytes scanned and files opened by the last statement."""
        answer = self._answered()
        if isinstance(answer, Lines):
            return Statistics()
        if isinstance(answer, Written | Explained):
            return answer.statistics
        return answer.statistics()

    @property
    def progress(self) -> Progress:
        """How far the last statement is; from another thread."""
        return Progress() if self._run is None else self._run.progress()

    def cancel(self) -> None:
        """Stops what runs, from another thread; it fails with USER_CANCELED."""
        if self._run is not None:
            self._run.interrupt()

    def setinputsizes(self, sizes: Sequence[Any]) -> None:
        """Nothing to prepare."""

    def setoutputsize(self, size: int, column: int | None = None) -> None:
        """Nothing to prepare."""

    def close(self) -> None:
        """May be called twice."""
        self._forget()
        self._closed = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _take(self, answer: Answer) -> None:
        self._answer = answer
        self.description = tuple(_described(column) for column in _columns(answer)) or None
        if isinstance(answer, Written):
            self.rowcount = answer.rows
        elif isinstance(answer, Lines | Explained):
            self._rows = _cells(answer)
        else:
            types = [_readable(column.type) for column in answer.columns]
            if self.texts and isinstance(answer, LocalRows):
                self._batches, types = answer.texts(), [VARCHAR] * len(types)
            else:
                self._batches = answer.batches()
            self._rows = _translated(rows(self._batches, types))

    def _reading(self) -> Iterator[tuple[Any, ...]]:
        self._answered()
        if self._rows is None:
            raise InterfaceError("The statement has no rows")
        return self._rows

    def _answered(self) -> Answer:
        self._need_open()
        if self._answer is None:
            raise InterfaceError("No statement has been executed")
        return self._answer

    def _need_open(self) -> None:
        if self._closed:
            raise InterfaceError("The cursor is closed")

    def _forget(self) -> None:
        if self._run is not None:
            self._run.close()
        self._run = self._answer = self._batches = self._rows = self.description = None
        self.rowcount = -1


def _columns(answer: Answer) -> tuple[ResultColumn, ...]:
    if isinstance(answer, Written):
        return ()
    if isinstance(answer, Explained):
        return (ResultColumn(answer.column, VARCHAR),)
    if isinstance(answer, Lines):
        return tuple(ResultColumn(name, VARCHAR) for name in answer.columns)
    return answer.columns


def _described(column: ResultColumn) -> Description:
    numbers = (*column.type.numbers, None, None) if column.type.name == "decimal" else (None, None)
    return column.name, str(column.type), None, None, numbers[0], numbers[1], None


def _readable(of: Type) -> Type:
    """Athena tells of an array, map or row no more than that; its value is its text."""
    bare = of.name in ("array", "map", "row") and not of.arguments
    return VARCHAR if bare else of


def _zoned(table: "pyarrow.Table", columns: Collection[int]) -> "pyarrow.Table":
    """With the moments of these columns in their zone, of those that Arrow's types can hold."""
    import pyarrow
    from pyarrow import compute, types

    for number in columns:
        of = table.schema.field(number).type
        if not types.is_struct(of) or not types.is_timestamp(of.field("instant").type):
            continue
        column = table.column(number).combine_chunks()
        zones = compute.unique(compute.struct_field(column, "zone").drop_null()).to_pylist()
        zone = zones[0] if len(zones) == 1 else "UTC"
        instants = compute.struct_field(column, "instant")
        moments = instants.cast(pyarrow.timestamp("us", tz=zone))
        table = table.set_column(number, table.schema.field(number).name, moments)
    return table


def _frame_type(of: "pyarrow.DataType") -> Any:
    """The type of a frame's column, None where pyarrow's own choice tells NULL from a value."""
    import pandas
    from pyarrow import types

    if types.is_boolean(of):
        return pandas.BooleanDtype()
    if types.is_signed_integer(of):
        return pandas.api.types.pandas_dtype(str(of).capitalize())
    return pandas.ArrowDtype(of) if types.is_nested(of) else None


def _cells(answer: Lines | Explained) -> Iterator[tuple[Any, ...]]:
    if isinstance(answer, Explained):
        yield (answer.text,)
        return
    count = len(answer.columns)
    for line in answer.lines:
        cells = line.split("\t", max(count - 1, 0)) if count > 1 else [line]
        yield (*cells, *[None] * (count - len(cells)))


def _translated(read: Iterator[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    try:
        yield from read
    except TrinoError as error:
        raise _raised(error) from error


def _raised(error: TrinoError) -> DatabaseError:
    kind = _KINDS.get(error.name, _KINDS_BY_TYPE[error.error_type])
    return kind(
        error.name,
        error.message,
        line=error.line,
        column=error.column,
        error_type=error.error_type,
    )
