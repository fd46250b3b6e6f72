"""OPTIMIZE and VACUUM: few files without deletes, and no snapshots that are too old."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, Final

from lakelet.engines.answers import Written
from lakelet.engines.context import Context
from lakelet.engines.iceberg.committing import Change, alone, changed, commit, publish
from lakelet.engines.iceberg.creating import scratch
from lakelet.engines.iceberg.manifests import DATA, Entry
from lakelet.engines.iceberg.metadata import IcebergTable
from lakelet.engines.iceberg.writing import data_files
from lakelet.engines.locations import split
from lakelet.engines.names import database_of, missing_table
from lakelet.errors import TrinoError
from lakelet.model import Document, Statistics, Table
from lakelet.sql.statements.model import Optimize, TableName, Vacuum
from lakelet.types.quoting import identifier, quoted

_AGE: Final = 432_000
"""Seconds that a snapshot is kept (`vacuum_max_snapshot_age_seconds`)."""
_LOGGED: Final = 100
"""Metadata files of before that are kept (`vacuum_max_metadata_files_to_keep`)."""
_KEPT: Final = 1
"""Snapshots that are kept at least (`vacuum_min_snapshots_to_keep`)."""


def optimize(context: Context, ask: Optimize) -> Written:
    """Raises TrinoError; then the table's files are as they were."""
    table = _table(context, ask.name)
    with alone(context, table.database, table.name) as current:
        name = f"{identifier(table.database)}.{identifier(table.name)}"
        met = _met(context, name, ask)
        old = [each for group in _groups(context, current) for each in _rewritten(group, met)]
        paths = [each.path for each in old if each.content == DATA]
        if not paths:
            return Written(0, (), Statistics())
        columns = ", ".join(identifier(each["name"].lower()) for each in current.fields)
        listed = ", ".join(map(quoted, paths))
        plan = context.plan(f'SELECT {columns} FROM {name} WHERE "$path" IN ({listed})')
        with data_files(context, plan, current) as files:
            change = Change("replace", files.entries, frozenset(each.path for each in old))
            context.announced(0, ())
            commit(context, current, files.folder, files.files, change)
        return Written(0, (), context.planner.statistics(plan, files.rows))


def _table(context: Context, name: TableName) -> Table:
    database = database_of(context, name)
    table = context.catalog.table(database, name.table)
    if table is None:
        raise missing_table(database, name.table)
    if not table.is_iceberg:
        message = f"Table {database}.{name.table} is not an Iceberg table"
        raise TrinoError("NOT_SUPPORTED", message)
    return table


def _met(context: Context, name: str, ask: Optimize) -> frozenset[str] | None:
    """The files with rows that the condition keeps, None where there is none."""
    if ask.where is None:
        return None
    plan = context.plan(f'SELECT DISTINCT "$path" FROM {name} WHERE {ask.where}')
    found = context.duckdb.execute(plan.text, plan.datasets).read_all()
    return frozenset(found.column(0).to_pylist())


def _groups(context: Context, table: IcebergTable) -> Iterable[Sequence[Entry]]:
    """The files of each partition."""
    reader = context.planner.iceberg.manifests
    found: dict[str, list[Entry]] = {}
    for each in reader.live(reader.of(table)):
        found.setdefault(each.place, []).append(each)
    return found.values()


def _rewritten(group: Sequence[Entry], met: frozenset[str] | None) -> Sequence[Entry]:
    """All files of a partition that has several or deletes, and rows that are asked for."""
    wanted = met is None or any(each.path in met for each in group)
    return group if wanted and len(group) > 1 else ()


# VACUUM --------------------------------------------------------------------------------------


def vacuum(context: Context, ask: Vacuum) -> Written:
    """Raises TrinoError; files that nothing names any more go once the table is without them."""
    table = _table(context, ask.name)
    with alone(context, table.database, table.name) as current:
        kept = _kept(current)
        if len(kept) < len(current.snapshots) or len(_log(current)) > _logged(current):
            _expire(context, current, kept)
    with alone(context, table.database, table.name) as current:
        _remove_orphans(context, current)
    return Written(0, (), Statistics())


def _expire(context: Context, table: IcebergTable, kept: Sequence[Document]) -> None:
    before, after = _named(context, table, table.snapshots), _named(context, table, kept)
    numbers = {each["snapshot-id"] for each in kept}

    def expire(document: Document) -> None:
        document["snapshots"] = kept
        log = document.get("snapshot-log") or ()
        document["snapshot-log"] = [each for each in log if each["snapshot-id"] in numbers]
        document["metadata-log"] = _log(table)[max(0, len(_log(table)) + 1 - _logged(table)) :]

    with scratch(context) as folder:
        context.announced(0, ())
        publish(context, table, folder, [], changed(table, expire))
    for bucket, key in map(split, before - after):
        context.storage.delete(bucket, [key])


def _remove_orphans(context: Context, table: IcebergTable) -> None:
    """Files that nothing names, of commits that failed or lost metadata, once they are as old as
    snapshots may be.

    What is there is looked up first, then what is being published, then what the table names: a
    file that is published meanwhile is in one of them.
    """
    bucket, prefix = split(f"{table.document['location'].rstrip('/')}/")
    since = time.time() - _age(table)
    old = {
        (bucket, info.key)
        for part in ("data/", "metadata/")
        for info in context.storage.list(bucket, f"{prefix}{part}")
        if info.last_modified.timestamp() <= since
    }
    if not old:
        return
    coming = context.journal.pending()
    found = context.catalog.table(table.database, table.name)
    if found is None:
        return
    table = context.planner.iceberg.metadata.of(found)
    named = _named(context, table, table.snapshots) | _told(table)
    for _, key in old - coming - set(map(split, named)):
        context.storage.delete(bucket, [key])


def _told(table: IcebergTable) -> set[str]:
    """The files that metadata names itself: metadata of before, and statistics."""
    found = {table.location, *(each["metadata-file"] for each in _log(table))}
    for member in ("statistics", "partition-statistics"):
        found |= {each["statistics-path"] for each in table.document.get(member) or ()}
    return found


def _log(table: IcebergTable) -> Sequence[Document]:
    return table.document.get("metadata-log") or ()


def _logged(table: IcebergTable) -> int:
    return max(1, int(table.properties.get("vacuum_max_metadata_files_to_keep", _LOGGED)))


def _age(table: IcebergTable) -> int:
    return int(table.properties.get("vacuum_max_snapshot_age_seconds", _AGE))


def _kept(table: IcebergTable) -> list[Document]:
    """The newest snapshots, those that are not too old, and those that have names."""
    given = table.properties
    least = int(given.get("vacuum_min_snapshots_to_keep", _KEPT))
    named = {each["snapshot-id"] for each in (table.document.get("refs") or {}).values()}
    named |= {each["snapshot-id"] for each in _lineage(table)[:least]}
    since = (time.time() - _age(table)) * 1000
    return [
        each
        for each in table.snapshots
        if each["timestamp-ms"] >= since or each["snapshot-id"] in named
    ]


def _lineage(table: IcebergTable) -> list[Document]:
    """The snapshot that stands and those before it."""
    found: list[Document] = []
    at = table.at
    while at is not None:
        found.append(at)
        at = table.snapshot(at.get("parent-snapshot-id"))
    return found


def _named(context: Context, table: IcebergTable, snapshots: Sequence[Any]) -> set[str]:
    """The files of snapshots: lists, manifests, data and deletes."""
    reader = context.planner.iceberg.manifests
    found: set[str] = set()
    for each in snapshots:
        manifests = reader.of(replace(table, at=each))
        found |= {each["manifest-list"]} if "manifest-list" in each else set()
        found |= {manifest.path for manifest in manifests}
        found |= {entry.path for entry in reader.live(manifests)}
    return found
