"""A lake: the one place that builds its parts, and where they end.

Parts that not every program needs (the engine, the queries' workers) are made when first used.
"""

import shutil
import tempfile
import threading
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar

from lakelet.catalog.catalog import GlueCatalog
from lakelet.catalog.schema import SCHEMA as CATALOG
from lakelet.config import Settings
from lakelet.database import Database
from lakelet.errors import LakeError
from lakelet.loading import loading
from lakelet.model import Session
from lakelet.queries.schema import SCHEMA as QUERIES
from lakelet.storage.configurations import Configurations
from lakelet.storage.journal import SCHEMA as JOURNAL
from lakelet.storage.journal import Journal
from lakelet.storage.local import LocalStorage
from lakelet.storage.remote import RemoteStorage, backend
from lakelet.storage.schema import SCHEMA as STORAGE

if TYPE_CHECKING:
    from lakelet.crawler.crawlers import Crawlers
    from lakelet.engines.local import LocalEngine
    from lakelet.queries.managed import ManagedResults
    from lakelet.queries.running import Queries
    from lakelet.statistics.tasks import StatisticsTasks

Part = TypeVar("Part")

SCHEMAS = (STORAGE, JOURNAL, CATALOG, QUERIES)

MIGRATIONS: tuple[str, ...] = ()
"""Scripts that bring the database files of earlier releases up, the oldest first; one that was
released never changes. A room that adds a table only adds its schema text."""


class Lake:
    """Store, catalogue, engine, queries and crawlers over one folder.

    Without a folder it is a temporary lake, gone when it is closed or nobody holds it any more.
    Raises LakeError when the folder can't be one.
    """

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings or Settings()
        data = self.settings.data
        self.folder = Path(tempfile.mkdtemp(prefix="lakelet-")) if data is None else _folder(data)
        self._parts: dict[str, Any] = {}
        self._lock = threading.RLock()
        self.database = Database(data and self.folder / "lake.db", SCHEMAS, MIGRATIONS)
        # Every part holds the database: a temporary folder stays as long as one of them is used.
        self._remove_temporary = (
            weakref.finalize(self.database, shutil.rmtree, self.folder, ignore_errors=True)
            if data is None
            else None
        )
        self.storage = self._storage()
        self.journal = Journal(self.database, self.storage)
        self.journal.recover()
        self.catalog = GlueCatalog(self.database, self.settings.account, self.settings.region)

    @property
    def engine(self) -> "LocalEngine":
        """Runs statements over this lake."""

        def build() -> "LocalEngine":
            with loading:
                from lakelet.engines.local import LocalEngine

            return LocalEngine(self.settings, self.folder, self.storage, self.catalog, self.journal)

        return self._part("engine", build)

    @property
    def queries(self) -> "Queries":
        """Queries that run in the background."""

        def build() -> "Queries":
            with loading:
                from lakelet.queries.running import Queries

            return Queries(
                self.settings, self.database, self.storage, self.managed, lambda: self.engine
            )

        return self._part("queries", build)

    @property
    def managed(self) -> "ManagedResults":
        """Results of queries that no bucket holds."""

        def opened() -> LocalStorage:
            return LocalStorage(self._managed_folder, self.database, fsync=self.settings.fsync)

        def build() -> "ManagedResults":
            with loading:
                from lakelet.queries.managed import ManagedResults

            return ManagedResults(opened)

        return self._part("managed", build)

    @property
    def _managed_folder(self) -> Path:
        return self.folder / "managed"

    @property
    def crawlers(self) -> "Crawlers":
        """Crawls that run in the background."""

        def build() -> "Crawlers":
            with loading:
                from lakelet.crawler.crawlers import Crawlers

            configurations = Configurations(self.database)
            return Crawlers(
                self.storage,
                self.catalog,
                lambda bucket: configurations.get(bucket, "notification"),
            )

        return self._part("crawlers", build)

    @property
    def statistics_tasks(self) -> "StatisticsTasks":
        """Column statistics that are computed in the background."""

        def build() -> "StatisticsTasks":
            with loading:
                from lakelet.statistics.tasks import StatisticsTasks

            return StatisticsTasks(self.catalog, self.storage.scratch, lambda: self.engine)

        return self._part("statistics_tasks", build)

    def watch(self) -> None:
        """Begins from now on what is scheduled: crawls, and runs of column statistics."""
        self.crawlers.watch()
        self.statistics_tasks.watch()

    def session(self, database: str = "default") -> Session:
        """What a statement runs under unless its caller says more."""
        return Session(database=database, dialect=self.settings.dialect)

    def reset(self) -> None:
        """Empties the lake: no table, no query is left, and no bucket; `default` stands again.

        Objects that another server keeps stay where they are.
        """
        self._end_parts()
        shutil.rmtree(self._managed_folder, ignore_errors=True)
        if isinstance(self.storage, LocalStorage):
            self._remove_buckets(self.storage)
        with self.database.transaction() as transaction:
            names = transaction.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table'"
                " AND name NOT LIKE 'sqlite_%' AND name <> 'schema_text'"
            ).fetchall()
            for (name,) in names:
                transaction.execute(f'DELETE FROM "{name}"')
        self.catalog = GlueCatalog(self.database, self.settings.account, self.settings.region)

    def _remove_buckets(self, storage: LocalStorage) -> None:
        for bucket in storage.buckets():
            storage.delete(bucket, [found.key for found in storage.list(bucket)])
            storage.delete_bucket(bucket)

    def close(self) -> None:
        """Ends what runs and lets go of the folder; a temporary lake is gone then."""
        self._end_parts()
        self.storage.close()
        self.database.close()
        if self._remove_temporary is not None:
            self._remove_temporary()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _storage(self) -> LocalStorage | RemoteStorage:
        settings = self.settings
        if settings.storage is None:
            return LocalStorage(self.folder, self.database, fsync=settings.fsync)
        far = backend(settings.storage, settings.storage_endpoint, settings.region)
        return RemoteStorage(far, self.folder)

    def _part(self, name: str, build: Callable[[], Part]) -> Part:
        with self._lock:
            if name not in self._parts:
                self._parts[name] = build()
            part: Part = self._parts[name]
            return part

    def _end_parts(self) -> None:
        with self._lock:
            for name in ("queries", "managed", "crawlers", "statistics_tasks", "engine"):
                part = self._parts.pop(name, None)
                if part is not None:
                    part.close()


def _folder(path: Path) -> Path:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except FileExistsError as error:
        raise LakeError(f"{path} can't hold a lake: it is no folder") from error
    except OSError as error:
        raise LakeError(f"{path} can't hold a lake: {error.strerror}") from error
    return path.resolve()
