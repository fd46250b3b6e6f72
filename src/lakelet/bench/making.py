"""Lays tables out: every layout in a database of its own, all of it removed at the end."""

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Final

from lakelet.bench.layouts import (
    Layout,
    Placed,
    fitting,
    qualified,
    sampled,
    sliced,
    staged,
    statements,
)
from lakelet.bench.report import Made
from lakelet.bench.targets import Target, View, database_name
from lakelet.dbapi import Connection
from lakelet.errors import LakeletError, TrinoError
from lakelet.sql.redirecting import Name, redirected, tables

_MISSING: Final = frozenset(("TABLE_NOT_FOUND", "SCHEMA_NOT_FOUND", "CATALOG_NOT_FOUND"))


@dataclass(frozen=True, slots=True)
class Source:
    """A table to be laid out: where it stands, from its catalogue or its database on, under which
    name queries know it, its columns."""

    table: tuple[str, ...]
    name: Name
    columns: tuple[str, ...]


class Workshop:
    """Makes the layouts of some tables on a target."""

    def __init__(self, target: Target, connection: Connection) -> None:
        self._target = target
        self._connection = connection
        self._databases: dict[str, str] = {}
        self._views: list[View] = []
        self._stages: dict[str, tuple[str, str]] = {}

    def source(self, given: str, name: Name) -> Source:
        """A table by its name, or the table that files hold; raises LakeletError."""
        database = self._database("sources")
        table = tuple(self._target.table(given, name[1], database).split("."))
        cursor = self._connection.cursor()
        try:
            cursor.execute(f"SELECT * FROM {qualified(*table)} LIMIT 0")
        except TrinoError as error:
            if error.name not in _MISSING:
                raise
            where = "the lake" if self._target.here else self._target.name
            raise LakeletError(
                f"{given} is no table of {where}, and no file beside the suite"
            ) from error
        columns = tuple(column[0] for column in cursor.description or ())
        return Source(table, name, columns)

    def view(self, views: Iterable[View], sources: list[Source]) -> None:
        """Has each layout show the views that read the sources, of its own tables."""
        known = {name for source in sources for name in _names(source)}
        for each in views:
            if each.name not in known and tables(each.text, each.database) & known:
                known.add(each.name)
                self._views.append(each)

    def make(self, layout: Layout, sources: list[Source]) -> Made:
        """Lays the tables out; a failure is the layout's, and told."""
        made = Made(self._target.name, layout.name, layout.family.name, layout.fraction)
        placed = [self._placed(layout, source) for source in sources]
        ran: list[str] = []
        try:
            _check(layout, sources)
            seconds = sum(
                self._lay(fitting(layout, each.columns), self._sampled(layout, each, ran), ran)
                for each in placed
            )
            self._show(layout, sources, ran)
            sizes = [self._size(layout, each) for each in placed]
        except LakeletError as error:
            return replace(made, statements=tuple(ran), failure=str(error))
        rows, files, size = (sum(each) for each in zip(*sizes, strict=True))
        return replace(
            made, rows=rows, files=files, size=size, seconds=seconds, statements=tuple(ran)
        )

    def names(self, layout: str, sources: list[Source]) -> Mapping[Name, tuple[str, ...]]:
        """What the names in queries stand for under a layout."""
        database = self._databases.get(layout)
        if database is None:
            return {source.name: source.table for source in sources}
        views = {each.name: (database, each.name[1]) for each in self._views}
        return views | {
            name: (database, source.name[1]) for source in sources for name in _names(source)
        }

    def clear(self) -> None:
        """Removes every table and file that was made."""
        for database in self._databases.values():
            self._connection.cursor().execute(f"DROP DATABASE IF EXISTS `{database}` CASCADE")
        self._target.remove()

    def _database(self, name: str) -> str:
        if name not in self._databases:
            made = database_name(self._target.folder, len(self._databases))
            self._connection.cursor().execute(f"CREATE DATABASE `{made}`")
            self._databases[name] = made
        return self._databases[name]

    def _placed(self, layout: Layout, source: Source) -> Placed:
        database = self._database(layout.name)
        # Of columns a_b, and of a and b, the word is the same.
        folder = f"{database.rpartition('_')[2]}_{layout.word}"
        return Placed(
            qualified(*source.table),
            database,
            source.name[1],
            f"{self._target.folder}{folder}/{source.name[1]}/",
            source.columns,
        )

    def _sampled(self, layout: Layout, placed: Placed, ran: list[str]) -> Placed:
        if layout.fraction == 1:
            return placed
        select = sampled(placed.columns, placed.source, layout.fraction)
        return replace(placed, source=self._stage(select, ran))

    def _stage(self, select: str, ran: list[str]) -> str:
        """The table of a query's rows, made once: every layout is of the same sample, and no row
        is in two slices or none, however an engine draws or orders them."""
        if select not in self._stages:
            number = len(self._stages)
            table = qualified(self._database("stages"), f"stage_{number}")
            text = staged(select, table, f"{self._target.folder}stages/{number}/")
            self._connection.cursor().execute(text)
            self._stages[select] = (table, text)
        table, text = self._stages[select]
        ran.append(text)
        return table

    def _lay(self, layout: Layout, placed: Placed, ran: list[str]) -> float:
        """The seconds of the statements that made it, which it adds to those that ran.

        Files of a size take a first try to know how many.
        """
        count = layout.files
        if layout.file_size:
            first: list[str] = []
            seconds = self._execute(layout, placed, 1, first)
            count = max(1, round(self._size(layout, placed)[2] / layout.file_size))
            if count == 1:
                ran += first
                return seconds
            self._connection.cursor().execute(f"DROP TABLE `{placed.database}`.`{placed.table}`")
            placed = replace(placed, location=f"{placed.location}{count}/")
        if count > 1:
            select = sliced(placed.columns, placed.source, count, layout.sorted_by)
            placed = replace(placed, source=self._stage(select, ran))
        return self._execute(layout, placed, count, ran)

    def _execute(self, layout: Layout, placed: Placed, files: int, ran: list[str]) -> float:
        started = time.perf_counter()
        for text in statements(layout, placed, files):
            self._connection.cursor().execute(text)
            ran.append(text)
        return time.perf_counter() - started

    def _show(self, layout: Layout, sources: list[Source], ran: list[str]) -> None:
        database = self._database(layout.name)
        for each in self._views:
            query = redirected(each.text, each.database, self.names(layout.name, sources))
            text = f"CREATE VIEW {qualified(database, each.name[1])} AS {query}"
            self._connection.use(each.database)
            self._connection.cursor().execute(text)
            ran.append(text)

    def _size(self, layout: Layout, placed: Placed) -> tuple[int, int, int]:
        """Rows, files and bytes of a table."""
        table = qualified(placed.database, placed.table)
        text = (
            "SELECT sum(n), count(*), sum(s) FROM"
            f' (SELECT count(*) n, max("$file_size") s FROM {table} GROUP BY "$path")'
        )
        if layout.is_iceberg:
            table = qualified(placed.database, f"{placed.table}$files")
            text = f"SELECT sum(record_count), count(*), sum(file_size_in_bytes) FROM {table}"
        rows, files, size = self._connection.cursor().execute(text).fetchall()[0]
        return int(rows or 0), int(files), int(size or 0)


@contextmanager
def workshop(target: Target, database: str) -> Iterator[Workshop]:
    """A workshop that is cleared at its end, whatever happens."""
    with target.connect(database) as connection:
        made = Workshop(target, connection)
        try:
            yield made
        finally:
            made.clear()


def _names(source: Source) -> tuple[Name, Name]:
    """Under which queries know a table, and its own."""
    return source.name, (source.table[-2], source.table[-1])


def _check(layout: Layout, sources: list[Source]) -> None:
    """Some table must have the columns that the layout speaks of."""
    for names in (layout.partitioned_by, layout.bucketed_by, layout.sorted_by):
        if not any(set(names) <= set(source.columns) for source in sources):
            raise LakeletError(f"no table has the columns {', '.join(names)}")
