"""DELETE, UPDATE and MERGE: rows are deleted by their positions, new ones are written beside.

As in Trino ("merge on read"): files of deleted positions beside the data files, which stay unless
a condition on partitions alone deletes all that they hold.
"""

from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from lakelet.engines.answers import Written
from lakelet.engines.context import Context
from lakelet.engines.iceberg import metrics, storing
from lakelet.engines.iceberg.committing import Change, alone, commit, conflict
from lakelet.engines.iceberg.manifests import DATA, POSITIONS, Entry
from lakelet.engines.iceberg.metadata import IcebergTable
from lakelet.engines.iceberg.partitions import partition_text
from lakelet.engines.iceberg.scanning import POSITION
from lakelet.engines.iceberg.types import trino
from lakelet.engines.iceberg.writing import DataFiles, data_files, form_of
from lakelet.engines.locations import split
from lakelet.engines.planning import Plan
from lakelet.engines.writing.fitting import assignable, shown, stored
from lakelet.errors import TrinoError
from lakelet.model import Document, Finished, Table
from lakelet.sql.statements.model import ChangeRows
from lakelet.sql.syntax import changes
from lakelet.types import Type
from lakelet.types.duckdb import physical
from lakelet.types.quoting import identifier

_DELETED: Final[tuple[Document, ...]] = (
    {"id": 2147483546, "name": "file_path", "type": "string", "required": True},
    {"id": 2147483545, "name": "pos", "type": "long", "required": True},
)
"""The columns of files of deleted positions."""
_PLACE, _ROW, _CASE = "c0", "c1", "c2"
_MONOTONIC: Final = ("identity", "truncate", "year", "month", "day", "hour")


def change_rows(context: Context, ask: ChangeRows, table: Table) -> Written:
    """Raises TrinoError; then all rows are as they were."""
    change = changes.parse_change(ask.text)
    with alone(context, table.database, table.name) as current:
        columns = [each["name"].lower() for each in current.fields]
        _check(change, columns)
        plan = context.plan(changes.query(change, columns))
        work = _Work(context, current, change, plan)
        with work.found():
            return work.done()


def _check(change: changes.Change, columns: Sequence[str]) -> None:
    """Raises TrinoError for columns that are not there, or stand twice, or have no value."""
    merge = change.source is not None
    for case in change.cases:
        names = [each.name for each in case.columns]
        _check_count(len(names) or len(columns), case)
        for index, name in enumerate(names):
            if name not in columns:
                message = f"The UPDATE SET target column {name} doesn't exist"
                if merge:
                    message = f"Merge column name does not exist in target table: {name}"
                raise TrinoError("COLUMN_NOT_FOUND", message, line=1, column=1)
            if name in names[:index]:
                message = f"Merge column name is specified more than once: {name}"
                raise TrinoError("DUPLICATE_COLUMN_NAME", message, line=1, column=1)


def _check_count(wanted: int, case: changes.Case) -> None:
    """Trino takes a wrong number of values of MERGE's INSERT for its own failure."""
    given = len(case.values)
    if case.kind == "INSERT" and given != wanted:
        message = (
            f"Number of merge columns ({wanted}) isn't equal to number of expressions ({given})"
        )
        raise TrinoError("GENERIC_INTERNAL_ERROR", message)


@dataclass(slots=True)
class _Work:
    """One statement, whose query's rows are kept in a table of DuckDB's while it is done."""

    context: Context
    table: IcebergTable
    change: changes.Change
    plan: Plan
    name: str = ""

    @contextmanager
    def found(self) -> Iterator[None]:
        self.name = f"change_{uuid4().hex}"
        items = ", ".join(f"{identifier(name)} AS c{i}" for i, name in enumerate(self.plan.names))
        made = f"CREATE TEMP TABLE {self.name} AS SELECT {items} FROM ({self.plan.text})"
        self.context.duckdb.execute(made, self.plan.datasets).read_all()
        try:
            yield
        finally:
            self.context.duckdb.execute(f"DROP TABLE {self.name}").read_all()

    def done(self) -> Written:
        self._need_once()
        deleted = self._positions()
        rows = self._count()
        if not rows and not (self._is_whole() or self._is_of_partitions()):
            return Written(0, (), self.context.planner.statistics(self.plan, 0))
        with ExitStack() as stack:
            data: DataFiles | None = None
            if any(case.kind != "DELETE" for case in self.change.cases):
                data = stack.enter_context(data_files(self.context, self._values(), self.table))
            folder = self._folder(data, stack)
            change, files = self._changed(deleted, data, folder)
            self.context.announced(rows, ())
            commit(self.context, self.table, folder, files, change)
        return Written(rows, (), self.context.planner.statistics(self.plan, rows))

    def _folder(self, data: DataFiles | None, stack: ExitStack) -> Path:
        from lakelet.engines.iceberg.creating import scratch

        return data.folder if data is not None else stack.enter_context(scratch(self.context))

    def _changed(
        self, deleted: dict[str, Any], data: DataFiles | None, folder: Path
    ) -> tuple[Change, list[Finished]]:
        reader = self.context.planner.iceberg.manifests
        live = reader.live(reader.of(self.table))
        added = list(data.entries) if data is not None else []
        files = list(data.files) if data is not None else []
        gone = self._dropped(live, deleted)
        if gone is not None:
            return Change("delete", (), gone), []
        by_path = {each.path: each for each in live if each.content == DATA}
        if not deleted.keys() <= by_path.keys():
            raise conflict(self.table)
        for path, positions in deleted.items():
            entry, file = _delete_file(self.table, by_path[path], positions, folder)
            added.append(entry)
            files.append(file)
        return Change("overwrite" if len(added) > len(deleted) else "delete", added), files

    def _is_whole(self) -> bool:
        """Whether it is a DELETE of all rows, which is a snapshot also where there are none."""
        change = self.change
        return change.where is None and change.source is None and change.cases[0].kind == "DELETE"

    def _is_of_partitions(self) -> bool:
        """Whether it is a DELETE of whole partitions by their own values, a snapshot too."""
        return self._deletes_by({"identity"})

    def _deletes_by(self, transforms: Collection[str]) -> bool:
        """Whether it is a DELETE whose condition is of columns alone that partitions are made of,
        by some transforms."""
        sources = {
            each["source-id"]
            for each in self.table.spec["fields"]
            if each["transform"].partition("[")[0] in transforms
        }
        known = {each["name"].lower() for each in self.table.fields if each["id"] in sources}
        used = set(self.plan.analysis.scans[0].columns) - {"$path", POSITION}
        alone = self.change.source is None and self.change.cases[0].kind == "DELETE"
        return alone and bool(used) and used <= known

    def _dropped(self, live: Sequence[Entry], deleted: dict[str, Any]) -> frozenset[str] | None:
        """The files that go whole, where a condition on partitions alone deletes all rows of those
        that it meets, with the deletes beside them; None for other changes."""
        if self._is_whole():
            return frozenset(each.path for each in live)
        met = [each for each in live if each.path in deleted]
        if self._is_of_partitions():
            places = [(each.spec, each.partition) for each in met]
            return frozenset(e.path for e in live if (e.spec, e.partition) in places)
        if not self._deletes_by(_MONOTONIC) or any(each.content != DATA for each in live):
            return None
        whole = all(each.rows == len(deleted[each.path]) for each in met)
        return frozenset(each.path for each in met) if whole else None

    # What the query found -------------------------------------------------------------------

    def _rows(self, sql: str) -> Any:
        return self.context.duckdb.execute(sql).read_all()

    def _count(self) -> int:
        found = self._rows(f"SELECT count(*) FROM {self.name} WHERE {_CASE} IS NOT NULL")
        return int(found.column(0)[0].as_py())

    def _need_once(self) -> None:
        """As Trino has it, a row may meet several of the source where each is of another case,
        and no case counts as one."""
        if self.change.source is None:
            return
        twice = self._rows(
            f"SELECT 1 FROM {self.name} WHERE {_ROW} IS NOT NULL"
            f" GROUP BY {_PLACE}, {_ROW}, {_CASE} HAVING count(*) > 1 LIMIT 1"
        )
        if twice.num_rows:
            raise TrinoError(
                "MERGE_TARGET_ROW_MULTIPLE_MATCHES",
                "One MERGE target table row matched more than one source row",
            )

    def _positions(self) -> dict[str, Any]:
        """The deleted rows of each file, in order."""
        found = self._rows(
            f"SELECT DISTINCT {_PLACE}, {_ROW} FROM {self.name}"
            f" WHERE {_ROW} IS NOT NULL AND {_CASE} IS NOT NULL ORDER BY 1, 2"
        )
        paths = found.column(0).combine_chunks().dictionary_encode()
        if not len(paths):
            return {}
        from pyarrow import compute

        runs = compute.run_end_encode(paths.indices)
        positions, start, by_path = found.column(1).combine_chunks(), 0, {}
        for index, end in zip(runs.values.to_pylist(), runs.run_ends.to_pylist(), strict=True):
            by_path[paths.dictionary[index].as_py()] = positions.slice(start, end - start)
            start = end
        return by_path

    # New rows -------------------------------------------------------------------------------

    def _values(self) -> Plan:
        """The rows that are written, with the table's columns."""
        types = [column.type for column in self.plan.columns]
        columns = [(each["name"].lower(), trino(each["type"])) for each in self.table.fields]
        at = 3
        standing: dict[str, tuple[str, Type]] = {}
        if any(case.kind == "UPDATE" for case in self.change.cases):
            standing = {name: (f"c{at + i}", types[at + i]) for i, (name, _) in enumerate(columns)}
            at += len(columns)
        whens: dict[str, list[str]] = {name: [] for name, _ in columns}
        for number, case in enumerate(self.change.cases, 1):
            names = [each.name for each in case.columns]
            if case.kind == "INSERT" and not names:
                names = [name for name, _ in columns]
            given = [(f"c{at + i}", types[at + i]) for i in range(len(case.values))]
            at += len(case.values)
            if case.kind == "DELETE":
                continue
            self._check_types(number, names, [of for _, of in given], dict(columns))
            values = {
                **(standing if case.kind == "UPDATE" else {}),
                **dict(zip(names, given, strict=True)),
            }
            for name, of in columns:
                whens[name].append(f"WHEN {number} THEN {stored(values.get(name), of)}")
        items = [
            f"CASE {_CASE} {' '.join(whens[name])} ELSE CAST(NULL AS {physical(of)}) END"
            f" AS {identifier(name)}"
            for name, of in columns
        ]
        kept = [str(n) for n, case in enumerate(self.change.cases, 1) if case.kind != "DELETE"]
        text = f"SELECT {', '.join(items)} FROM {self.name} WHERE {_CASE} IN ({', '.join(kept)})"
        names_of = tuple(name for name, _ in columns)
        return replace(self.plan, text=text, names=names_of, scans=())

    def _check_types(
        self, number: int, names: Sequence[str], given: Sequence[Type], known: dict[str, Type]
    ) -> None:
        wanted = [known[name] for name in names]
        if len(wanted) == len(given) and all(map(assignable, given, wanted)):
            return
        what = "UPDATE table column types don't match SET expressions"
        if self.change.source is not None:
            what = (
                f"MERGE table column types don't match for MERGE case {number - 1}, SET expressions"
            )
        message = (
            f"{what}: Table: [{', '.join(map(shown, wanted))}],"
            f" Expressions: [{', '.join(map(shown, given))}]"
        )
        raise TrinoError("TYPE_MISMATCH", message, line=1, column=1)


def _delete_file(
    table: IcebergTable, data: Entry, positions: Any, folder: Path
) -> tuple[Entry, Finished]:
    """A file of deleted positions in one data file."""
    import pyarrow

    name, codec = form_of(table)
    writing = storing.writing(name, _DELETED, codec)
    path = folder / f"deletes-{uuid4()}{writing.extension}"
    paths = pyarrow.repeat(data.path, len(positions))
    rows = pyarrow.table({"file_path": paths, "pos": positions})
    with path.open("w+b") as stream:
        writer = writing.open(stream)
        writer.write(rows)
        writer.close()
    size = path.stat().st_size
    entry = Entry(POSITIONS, "", name, data.spec, data.partition, len(positions), size)
    entry = metrics.measured(entry, path, _DELETED)
    inside = partition_text(entry, table)
    place = f"{table.document['location']}/data/{f'{inside}/' if inside else ''}"
    entry = replace(entry, path=f"{place}{uuid4()}{writing.extension}")
    return entry, Finished(path, *split(entry.path))
