"""Where a suite runs: a lake of this machine, or Athena or Trino through the same interface."""

import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol
from uuid import uuid4

from lakelet.dbapi import Connection, connect
from lakelet.engines.explaining import profile
from lakelet.engines.explaining.profile import Operator
from lakelet.engines.views import definition
from lakelet.errors import AlreadyExists, LakeletError, NoSuchBucket, NotEmpty, NotFound, TrinoError
from lakelet.lake import Lake
from lakelet.model import Finished
from lakelet.sql.redirecting import Name, tables
from lakelet.sql.statements import model as statements
from lakelet.sql.statements import parse

BUCKET: Final = "lakelet-bench"
"""Where a lake keeps what a run lays out."""

_DATABASE: Final = re.compile(r"bench_(?P<prefix>(?P<owner>[0-9a-f]{8})[0-9a-f]{8})_\d+")
"""A database of a lake's own run (`database_name`), and whose run it is."""

_HOW_TO_GET: Final[Mapping[str, str]] = {
    "athena": "It takes a network, a region (athena://primary?region=eu-west-1) and credentials"
    " that may query (aws configure)",
    "trino": "Start one, docker run -p 8080:8080 trinodb/trino, and name it:"
    " --target trino://127.0.0.1:8080/hive",
}


def database_name(folder: str, number: int) -> str:
    """A database of the run that lays its tables out in a folder."""
    word = folder.rstrip("/").rpartition("/")[2].replace("-", "_")
    return f"bench_{word}_{number}"


@dataclass(frozen=True, slots=True)
class View:
    """A view's query; `database` is meant by names without one in it."""

    name: Name
    text: str
    database: str


class NoEngineError(LakeletError):
    """An engine that can't be had: why, and how to get it."""


class Target(Protocol):
    """An engine with its tables, and an s3:// folder of the run's own for what it lays out."""

    name: str
    folder: str
    here: bool
    """Whether its work is this process's."""

    def check(self) -> None:
        """Raises NoEngineError where no query would be answered."""
        ...

    def connect(self, database: str) -> Connection: ...

    def table(self, source: str, name: str, database: str) -> str:
        """A table, as `database.table` or with a catalogue before it, of a source's rows, made
        in `database` if need be.

        Raises LakeletError for a source that can't be read.
        """
        ...

    def views(self, names: Iterable[Name]) -> list[View]:
        """Those of the names that are views, and the views that they read, which stand before them;
        none where they are not told."""
        ...

    def operators(self, text: str, database: str) -> Operator | None:
        """What a query's operators did in a run of its own; None where that is not told.

        Raises LakeletError.
        """
        ...

    def remove(self) -> None:
        """Removes the files of the run's folder, as far as they are the target's to remove."""
        ...


class LocalTarget:
    """A lake of this machine: DuckDB in this process.

    Its runs bear the name of the process's own folder, which is gone with the process: what a run
    left that was killed is removed by the next one.
    """

    here = True

    def __init__(self, lake: Lake) -> None:
        self._lake = lake
        self.name = "DuckDB"
        self._prefix = f"{lake.storage.scratch.name[:8]}{uuid4().hex[:8]}/"
        self.folder = f"s3://{BUCKET}/{self._prefix}"
        self._remove_abandoned()

    def check(self) -> None:
        """It is always there."""

    def connect(self, database: str) -> Connection:
        """Its statements run in the calling thread."""
        return connect(self._lake, database=database)

    def table(self, source: str, name: str, database: str) -> str:
        """Files of this machine are copied into the lake; folders are crawled."""
        with suppress(AlreadyExists):
            self._lake.storage.create_bucket(BUCKET)
        if source.startswith("s3://"):
            return self._crawled(source, name, database)
        if "/" not in source:
            return source.lower()
        self._copy(Path(source), f"{self._prefix}source/{name}/")
        return self._crawled(f"{self.folder}source/{name}/", name, database)

    def views(self, names: Iterable[Name]) -> list[View]:
        """As the catalogue has them."""
        found: dict[Name, View] = {}
        for name in names:
            self._view(name, found, frozenset())
        return list(found.values())

    def _view(self, name: Name, found: dict[Name, View], outer: frozenset[Name]) -> None:
        table = None if name in found or name in outer else self._lake.catalog.table(*name)
        if table is None or not table.is_view:
            return
        try:
            view = definition(table)
            inside = tables(view.text, view.schema)
        except TrinoError:
            return  # the queries that name it tell
        for inner in inside:
            self._view(inner, found, outer | {name})
        found[name] = View(name, view.text, view.schema)

    def operators(self, text: str, database: str) -> Operator | None:
        """As DuckDB's profile tells; None for a statement that is no query."""
        if not isinstance(parse(text), statements.Query):
            return None
        engine = self._lake.engine
        plan = engine.plan(text, self._lake.session(database))
        session = engine.duckdb.session()
        try:
            return profile.operators(plan, session)
        finally:
            session.close()

    def remove(self) -> None:
        """All files that the run has written, and their bucket unless another run goes on."""
        self._remove(self._prefix)
        if not any(self._runs(alive=True)):
            with suppress(NotEmpty, NoSuchBucket):
                self._lake.storage.delete_bucket(BUCKET)

    def _remove(self, prefix: str) -> None:
        with suppress(NoSuchBucket):  # nothing was laid out yet
            keys = [found.key for found in self._lake.storage.list(BUCKET, prefix)]
            self._lake.storage.delete(BUCKET, keys)

    def _remove_abandoned(self) -> None:
        """The databases and files of runs whose process is gone."""
        dead = list(self._runs(alive=False))
        with connect(self._lake) as connection:
            for each in dead:
                connection.cursor().execute(f"DROP DATABASE IF EXISTS `{each[0]}` CASCADE")
        for prefix in {each["prefix"] for each in dead}:
            self._remove(f"{prefix}/")

    def _runs(self, *, alive: bool) -> Iterator[re.Match[str]]:
        """The databases of runs whose process is there, or gone."""
        processes = {each.name[:8] for each in self._lake.storage.scratch.parent.iterdir()}
        for name in self._lake.catalog.database_names():
            found = _DATABASE.fullmatch(name)
            if found is not None and (found["owner"] in processes) == alive:
                yield found

    def _copy(self, source: Path, prefix: str) -> None:
        files = list(_files(source))
        if not files:
            raise LakeletError(f"there is no file in {source}")
        for file in files:
            inside = file.relative_to(source).as_posix() if source.is_dir() else file.name
            unfinished = self._lake.storage.scratch / uuid4().hex
            unfinished.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, unfinished)
            self._lake.storage.adopt([Finished(unfinished, BUCKET, f"{prefix}{inside}")])

    def _crawled(self, path: str, name: str, database: str) -> str:
        crawlers = self._lake.catalog.crawlers
        crawler = f"{database} {name}"
        crawlers.create(
            {
                "Name": crawler,
                "Role": "lakelet",
                "DatabaseName": database,
                "TablePrefix": f"{name}_",
                "Targets": {"S3Targets": [{"Path": path}]},
            }
        )
        try:
            self._lake.crawlers.run(crawler)
        finally:
            crawlers.delete(crawler)
        found = self._lake.catalog.table_names(database)
        made = [each for each in found if each.startswith(f"{name}_")]
        if not made:
            raise LakeletError(f"there is no file of a table in {path}")
        if len(made) > 1:
            raise LakeletError(f"{path} holds {len(made)} tables, not one")
        return f"{database}.{made[0]}"


class FarTarget:
    """Athena or a Trino cluster by its address; `output` is a folder that it may write to, which
    only tables that are laid out anew need."""

    here = False

    def __init__(self, address: str, output: str | None = None) -> None:
        self._address = address
        self._output = None if output is None else f"{output.rstrip('/')}/"
        self.name = _without_user(address.partition("?")[0])
        self.folder = f"{self._output or ''}lakelet-bench-{uuid4().hex[:8]}/"

    def check(self) -> None:
        """Asks for a row."""
        try:
            with self.connect("default") as connection:
                connection.cursor().execute("SELECT 1").fetchall()
        except LakeletError as error:
            kind = self.name.partition("://")[0]
            reason = str(error).rstrip(".")
            raise NoEngineError(f"{reason}. {_HOW_TO_GET[kind]}") from error

    def connect(self, database: str) -> Connection:
        """Its statements run over there."""
        return connect(self._address, database=database, output=self._output)

    def table(self, source: str, name: str, database: str) -> str:
        """Only tables that are in the catalogue already."""
        if "/" in source:
            raise LakeletError(f"{source} is not in the catalogue of {self.name}; name a table")
        return source.lower()

    def views(self, names: Iterable[Name]) -> list[View]:
        """Nothing: a view over there is of the tables as they are."""
        return []

    def operators(self, text: str, database: str) -> Operator | None:
        """Nothing: a further run is not free over there."""
        return None

    def remove(self) -> None:
        """Nothing: files outside a lake are not ours to remove, and stay in the folder."""


def _files(source: Path) -> Iterator[Path]:
    if not source.exists():
        raise NotFound(f"there is no file or folder {source}")
    if source.is_file():
        yield source
        return
    yield from (path for path in sorted(source.rglob("*")) if path.is_file())


def _without_user(address: str) -> str:
    kind, _, rest = address.partition("://")
    return f"{kind}://{rest.rpartition('@')[2]}"
