"""The same interface on a Trino cluster: queries as they are, Athena's CTAS and DDL in its words.

The client and pyarrow are imported inside functions, to keep start-up light.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from lakelet.engines import far_values
from lakelet.engines.answers import Answer, Lines, Written
from lakelet.errors import TrinoError, Unsupported
from lakelet.loading import loading
from lakelet.model import Progress, ResultColumn, Session, Statistics
from lakelet.sql.statements import model as s
from lakelet.sql.statements import parse
from lakelet.types.parsing import parse_type
from lakelet.types.quoting import identifier, quoted

if TYPE_CHECKING:
    import pyarrow

_ROWS: Final = 10_000
"""Rows of a batch of an answer."""


class TrinoEngine:
    """A cluster by its address `trino://[user@]host:port/catalog`."""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        self.host = parts.hostname or "127.0.0.1"
        self.port = parts.port or 8080
        self.user = parts.username or "lakelet"
        self.catalog = parts.path.strip("/") or "hive"

    def prepare(self, text: str, session: Session) -> "TrinoRun":
        """Nothing is asked of the cluster before the statement is executed."""
        return TrinoRun(self, text, session)

    def cursor(self, session: Session, properties: Mapping[str, str]) -> Any:
        """A cursor of the Trino client; values come as its protocol has them."""
        try:
            from trino import dbapi
        except ModuleNotFoundError as error:
            raise Unsupported("Trino needs an extra: pip install 'lakelet[trino]'") from error
        connection: Any = dbapi.Connection(
            host=self.host,
            port=self.port,
            user=self.user,
            catalog=self.catalog,
            schema=session.database,
            source="lakelet",
            timezone=session.time_zone,
            session_properties=dict(properties),
        )
        return connection.cursor(legacy_primitive_types=True)


@dataclass(frozen=True, slots=True)
class Asked:
    """A statement in Trino's words, and the session properties that it needs."""

    text: str
    properties: Mapping[str, str]
    writes: bool = False


class TrinoRun:
    """One statement's way through the cluster."""

    def __init__(self, engine: TrinoEngine, text: str, session: Session) -> None:
        self._engine = engine
        self._text = text
        self._session = session
        self._cursor: Any = None

    def execute(self) -> Answer:
        """Raises TrinoError, as the cluster does; Unsupported for a statement that it lacks."""
        statement = parse(self._text)
        asked = translated(statement, self._text, self._engine.catalog)
        self._cursor = self._engine.cursor(self._session, asked.properties)
        with _failures():
            self._cursor.execute(self._bound(asked.text))
            if asked.writes:
                self._cursor.fetchall()
                return Written(max(self._cursor.rowcount, 0), (), self._statistics())
            described = self._cursor.description or ()
        columns = tuple(ResultColumn(each[0], parse_type(each[1].lower())) for each in described)
        if isinstance(statement, s.Query | s.Explain):
            return TrinoRows(columns, self._cursor, self._statistics)
        with _failures():
            lines = ["\t".join(map(str, row)) for row in self._cursor.fetchall()]
        names = tuple(column.name for column in columns)
        return Lines(names, tuple(lines)) if isinstance(statement, _SHOWS) else Lines()

    def interrupt(self) -> None:
        """Cancels the query at the cluster; from any thread."""
        if self._cursor is not None:
            self._cursor.cancel()

    def progress(self) -> Progress:
        """Nothing is asked of the far side beside the answer."""
        return Progress()

    def close(self) -> None:
        """Lets go of rows that nobody has read."""
        if self._cursor is not None:
            self._cursor.close()

    def _bound(self, text: str) -> str:
        """The statement with its parameters, whose texts are expressions."""
        if not self._session.parameters:
            return text
        return f"EXECUTE IMMEDIATE {quoted(text)} USING {', '.join(self._session.parameters)}"

    def _statistics(self) -> Statistics:
        told = self._cursor.stats
        return Statistics(
            scanned=told.get("physicalInputBytes", 0),
            planning=told.get("planningTimeMillis", 0),
            execution=told.get("elapsedTimeMillis", 0),
        )


@dataclass(frozen=True, slots=True)
class TrinoRows:
    """`answers.Rows` of a cursor; read once."""

    columns: tuple[ResultColumn, ...]
    cursor: Any
    spent: Callable[[], Statistics]

    def batches(self) -> "pyarrow.RecordBatchReader":
        """The rows as Arrow, in the physical types of the columns."""
        import pyarrow

        with loading:
            from lakelet.types.arrow import to_arrow

        schema = pyarrow.schema([(each.name, to_arrow(each.type)) for each in self.columns])
        return pyarrow.RecordBatchReader.from_batches(schema, self._read(schema))

    def write_csv(self, path: Path) -> int:
        """Result files are a lake's."""
        raise Unsupported("A Trino cluster writes no result files")

    @property
    def reusable(self) -> bool:
        """Trino keeps no answers."""
        return False

    def statistics(self, rows: int = 0) -> Statistics:
        """What it has read so far."""
        return self.spent()

    def _read(self, schema: Any) -> Iterator[Any]:
        import pyarrow

        while True:
            with _failures():
                rows = self.cursor.fetchmany(_ROWS)
            if not rows:
                return
            arrays = [
                far_values.array([row[i] for row in rows], column.type, far_values.base64)
                for i, column in enumerate(self.columns)
            ]
            yield pyarrow.RecordBatch.from_arrays(arrays, schema=schema)


# Statements ----------------------------------------------------------------------------------


def translated(statement: s.Statement, text: str, catalog: str) -> Asked:
    """A statement of Athena's in Trino's words; raises Unsupported for one that it lacks."""
    write = _STATEMENTS.get(type(statement))
    if write is None:
        _, kind = s.KINDS[type(statement)]
        raise Unsupported(f"{kind.replace('_', ' ')} is not available on a Trino cluster")
    return write(statement, text.rstrip("; \t\r\n"), catalog)


def _as_it_is(statement: s.Statement, text: str, catalog: str) -> Asked:
    return Asked(text, {}, isinstance(statement, s.Insert))


def _create_table_as(statement: s.CreateTableAs, text: str, catalog: str) -> Asked:
    """The Hive connector's properties; a compression is its session's."""
    written = {}
    session = {}
    for each in statement.properties:
        name = each.name.lower()
        if name in _COMPRESSIONS:
            session[f"{catalog}.compression_codec"] = str(each.value).upper()
        elif name in _PROPERTIES:
            written[_PROPERTIES[name]] = each.shown
        elif name not in _IMPLIED:
            raise Unsupported(f"{name} of CREATE TABLE AS is not available on a Trino cluster")
    listed = ", ".join(f"{name} = {value}" for name, value in written.items())
    head = f"CREATE TABLE {'IF NOT EXISTS ' if statement.if_not_exists else ''}"
    properties = f" WITH ({listed})" if listed else ""
    data = "" if statement.with_data else " WITH NO DATA"
    query = statement.text.strip()
    return Asked(f"{head}{_name(statement.name)}{properties} AS {query}{data}", session, True)


def _create_database(statement: s.CreateDatabase, text: str, catalog: str) -> Asked:
    there = "IF NOT EXISTS " if statement.if_not_exists else ""
    where = f" WITH (location = {quoted(statement.location)})" if statement.location else ""
    return Asked(f"CREATE SCHEMA {there}{identifier(statement.name)}{where}", {})


def _drop_database(statement: s.DropDatabase, text: str, catalog: str) -> Asked:
    there = "IF EXISTS " if statement.if_exists else ""
    end = " CASCADE" if statement.cascade else ""
    return Asked(f"DROP SCHEMA {there}{identifier(statement.name)}{end}", {})


def _drop(statement: s.DropTable | s.DropView, text: str, catalog: str) -> Asked:
    kind = "TABLE" if isinstance(statement, s.DropTable) else "VIEW"
    there = "IF EXISTS " if statement.if_exists else ""
    return Asked(f"DROP {kind} {there}{_name(statement.name)}", {})


def _show_databases(statement: s.ShowDatabases, text: str, catalog: str) -> Asked:
    return Asked("SHOW SCHEMAS", {})


def _show_tables(statement: s.ShowTables, text: str, catalog: str) -> Asked:
    where = f" FROM {identifier(statement.database)}" if statement.database else ""
    return Asked(f"SHOW TABLES{where}", {})


_SHOWS: Final = s.ShowDatabases | s.ShowTables
_STATEMENTS: Final[Mapping[type, Callable[[Any, str, str], Asked]]] = {
    s.Query: _as_it_is,
    s.Explain: _as_it_is,
    s.Insert: _as_it_is,
    s.CreateView: _as_it_is,
    s.CreateTableAs: _create_table_as,
    s.CreateDatabase: _create_database,
    s.DropDatabase: _drop_database,
    s.DropTable: _drop,
    s.DropView: _drop,
    s.ShowDatabases: _show_databases,
    s.ShowTables: _show_tables,
}
_COMPRESSIONS: Final = frozenset(("write_compression", "parquet_compression", "orc_compression"))
_PROPERTIES: Final = {
    "format": "format",
    "external_location": "external_location",
    "partitioned_by": "partitioned_by",
    "bucketed_by": "bucketed_by",
    "bucket_count": "bucket_count",
    "field_delimiter": "textfile_field_separator",
}
"""Athena's properties of CREATE TABLE AS and the Hive connector's."""

_IMPLIED: Final = frozenset(("is_external", "table_type"))


def _name(name: s.TableName) -> str:
    return ".".join(identifier(part) for part in (name.database, name.table) if part)


@contextmanager
def _failures() -> Iterator[None]:
    """The cluster's failures, and its absence, as TrinoErrors."""
    from requests.exceptions import RequestException
    from trino.exceptions import Error, TrinoQueryError

    try:
        yield
    except TrinoQueryError as error:
        raise _failure(error) from error
    except (Error, RequestException) as error:
        raise TrinoError(
            "SERVER_STARTING_UP",
            f"The Trino cluster does not answer: {_reason(error)}",
            error_type="EXTERNAL",
        ) from error


def _reason(error: BaseException) -> str:
    """What the system said, under what libraries wrapped it in."""
    inner: BaseException | None = error
    while inner is not None:
        if isinstance(inner, OSError) and inner.strerror:
            return inner.strerror
        inner = inner.__cause__ or inner.__context__
    return str(error)


def _failure(error: Any) -> TrinoError:
    line, column = error.error_location or (None, None)
    message = str(error.message)
    place = f"line {line}:{column}: "
    return TrinoError(
        error.error_name,
        message.removeprefix(place),
        line=line,
        column=column,
        error_type=error.error_type,
    )
