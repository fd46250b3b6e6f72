"""Files of one scan as one DuckDB relation: those that are read alike together, what is known of a
file without opening it joined to its rows."""

from collections import Counter, OrderedDict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import Any, Final

from lakelet import formats
from lakelet.catalog.partition_values import part_name
from lakelet.engines.duckdb import DuckDb
from lakelet.engines.footers import Footers
from lakelet.engines.locations import split
from lakelet.engines.proofs import Proofs
from lakelet.engines.scans.domains import domains
from lakelet.engines.scans.known import URL, Known
from lakelet.engines.scans.pruning import Pruning
from lakelet.errors import NotFound, TrinoError
from lakelet.formats import coercions
from lakelet.formats.scanning import (
    NUMBER,
    PATH,
    Format,
    PathKey,
    Relation,
    Request,
)
from lakelet.interfaces import Storage
from lakelet.model import Column, DataFile, StorageDescriptor, Table
from lakelet.sql import tree
from lakelet.types import Type
from lakelet.types.duckdb import physical
from lakelet.types.hive import to_trino
from lakelet.types.quoting import identifier


@dataclass(frozen=True, slots=True)
class Alike:
    """Files that one SerDe with one set of columns and properties reads."""

    format: Format
    storage: StorageDescriptor
    files: list[DataFile] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Built:
    """A relation, and what it was built of."""

    scan: tree.Scan
    table: Table
    files: tuple[DataFile, ...]
    relation: Relation


_KEPT: Final = 256
"""Relations that are kept; the one that was built longest ago goes first."""
_FEW: Final = 1000
"""Files of the largest that is kept."""


class Relations:
    """Builds the relations of scans; from any thread."""

    def __init__(self, storage: Storage, duckdb: DuckDb, footers: Footers, proofs: Proofs) -> None:
        self._proofs = proofs
        self._storage = storage
        self._duckdb = duckdb
        self._footers = footers
        self._known: OrderedDict[int, _Built] = OrderedDict()
        self._lock = Lock()

    def relation(self, scan: tree.Scan, table: Table, files: tuple[DataFile, ...]) -> Relation:
        """The same again for the same scan of a text that comes again, while its files stay as they
        are, where footers tell all. Raises TrinoError for what a format cannot read."""
        known = self._known.get(id(scan))
        is_same = known is not None and known.scan is scan and known.table is table
        if known is not None and is_same and known.files == files:
            return known.relation
        found = self._built(scan, table, files)
        lasting = not found.datasets and not found.provisional
        if lasting and len(found.chunks) == len(files) <= _FEW:
            with self._lock:
                self._known[id(scan)] = _Built(scan, table, files, found)
                if len(self._known) > _KEPT:
                    self._known.popitem(last=False)
        return found

    def _built(self, scan: tree.Scan, table: Table, files: Sequence[DataFile]) -> Relation:
        parts = [
            self._part(alike, f"lakelet_{scan.id}_{number}", scan, table)
            for number, alike in enumerate(_alike(table, files))
        ]
        if not parts:
            nulls = ", ".join(_nulls(scan, (*scan.columns, *scan.unread)))
            return Relation(f"(SELECT {nulls or '1'} LIMIT 0)")
        if len(parts) == 1 and parts[0].whole:
            return replace(parts[0], sql=parts[0].whole)
        read = " UNION ALL BY NAME ".join(part.sql for part in parts)
        unread = ", ".join(_nulls(scan, scan.unread))
        return Relation(
            f"(SELECT *, {unread} FROM ({read}))" if unread else f"({read})",
            {name: each for part in parts for name, each in part.datasets.items()},
            tuple(chunks for part in parts for chunks in part.chunks),
            parts[0].magnitudes if len(parts) == 1 else {},
            provisional=any(part.provisional for part in parts),
        )

    def _part(self, alike: Alike, name: str, scan: tree.Scan, table: Table) -> Relation:
        known = Known(alike.files, table, scan.columns)
        columns = _columns(alike, table, [each for each in scan.columns if each not in known.names])
        coerced = any(each.sql != f"f.{identifier(each.source)}" for each in columns)
        located = bool(known.names) and not known.same
        keys = known.in_paths() if located else ()
        inner = self._scanned(alike, name, scan, table, columns, keys, located=located)
        items = [f"{each.sql} AS {identifier(each.name)}" for each in columns]
        inner = replace(inner, whole="" if known.names or coerced else inner.whole)
        if not known.names:
            items = items or [f"1 AS {identifier('$row')}"]
        elif known.same:
            items += known.constants(self._duckdb)
        elif inner.keyed:
            items += [f"f.{identifier(each)}" for each in known.names]
        elif inner.numbered and known.few:
            items += known.listed(f"f.{identifier(NUMBER)}", self._duckdb)
        else:
            return _joined(inner, items, known, f"{name}_files")
        return replace(inner, sql=f"SELECT {', '.join(items)} FROM ({inner.sql}) f")

    def _scanned(
        self,
        alike: Alike,
        name: str,
        scan: tree.Scan,
        table: Table,
        columns: Sequence["_Taken"],
        keys: tuple[PathKey, ...],
        *,
        located: bool,
    ) -> Relation:
        files = tuple(alike.files)
        plain = {each.name for each in columns if each.sql == f"f.{identifier(each.name)}"}
        asked = domains(scan.constraint, plain)
        request = Request(
            files=files,
            storage=alike.storage,
            open=lambda file: self._storage.open(file.info.bucket, file.info.key),
            object=self._object,
            query=lambda sql: self._duckdb.execute(sql).read_all(),
            name=name,
            parameters=table.parameters,
            schema=_schema(alike.storage.columns),
            columns=tuple(each.source for each in columns if each.source),
            proven=self._proofs.hold,
            all_proven=self._proofs.all_hold,
            known=self._proofs.known,
            note=self._proofs.note,
            footers=self._footers.of(alike.format, files),
            keys=keys,
            located=located,
            filtered=frozenset(
                node.name
                for node in tree.descendants(scan.constraint)
                if isinstance(node, tree.ColumnReference)
            ),
            domains=asked,
            fields={name: of for name, of in scan.fields.items() if name in plain},
            surviving=Pruning(asked, _types(table, plain)).surviving,
        )
        return alike.format.scan(request)

    def _object(self, address: str) -> bytes:
        """Raises TrinoError where there is none."""
        bucket, key = split(address)
        try:
            return self._storage.read(bucket, key)
        except NotFound as failure:
            raise TrinoError("HIVE_FILESYSTEM_ERROR", f"Failed to open {address}") from failure


def _nulls(scan: tree.Scan, names: Sequence[str]) -> list[str]:
    """Columns of a scan's table without values."""
    return [
        f"CAST(NULL AS {physical(each.type)}) AS {identifier(each.name)}"
        for each in scan.table.columns
        if each.name in names
    ]


def _types(table: Table, names: Collection[str]) -> Mapping[str, Type]:
    return {name: of for name, of in _schema(table.storage.columns) if name in names}


def _schema(columns: Iterable[Column]) -> tuple[tuple[str, Type], ...]:
    return tuple((each.name.lower(), to_trino(each.type)) for each in columns)


def _joined(inner: Relation, items: Sequence[str], known: Known, files: str) -> Relation:
    """With what is known of the files, a table under a name, joined to their rows."""
    names = [f"p.{identifier(each)}" for each in known.names]
    joined = f"({known.select(files)}) p ON f.{identifier(PATH)} = p.{URL}"
    return replace(
        inner,
        sql=f"SELECT {', '.join([*items, *names])} FROM ({inner.sql}) f JOIN {joined}",
        datasets={**inner.datasets, files: known.table()},
    )


# Columns --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Taken:
    """A column of the table: SQL over the scan's columns, the one that it is from, '' for none."""

    name: str
    sql: str
    source: str


def _columns(alike: Alike, table: Table, wanted: Sequence[str]) -> list[_Taken]:
    """How the table's columns come from a partition's own, which may have other types."""
    schema = dict(_schema(table.storage.columns))
    if alike.storage.columns == table.storage.columns:
        return [_Taken(name, f"f.{identifier(name)}", name) for name in wanted]
    own = _schema(alike.storage.columns)
    taken = []
    for position, (name, of) in enumerate(schema.items()):
        if name not in wanted:
            continue
        given = _given(alike, own, name, position)
        if given is None:
            taken.append(_Taken(name, f"CAST(NULL AS {physical(of)})", ""))
            continue
        sql = coercions.PARTITION.coerced(f"f.{identifier(given[0])}", given[1], of)
        if sql is None:
            raise _mismatch(alike, table, name, given[0])
        taken.append(_Taken(name, sql, given[0]))
    return taken


def _given(
    alike: Alike, own: Sequence[tuple[str, Type]], name: str, position: int
) -> tuple[str, Type] | None:
    """The partition's column: by name where the format goes by names, else by position."""
    if alike.format.by_name:
        return next(((found, of) for found, of in own if found == name), None)
    return own[position] if position < len(own) else None


def _mismatch(alike: Alike, table: Table, name: str, source: str) -> TrinoError:
    partition = alike.files[0].partition
    shown = part_name(table.partition_keys, partition.values) if partition else ""
    declared = next(each.type for each in table.storage.columns if each.name.lower() == name)
    found = next(each.type for each in alike.storage.columns if each.name.lower() == source)
    return TrinoError(
        "HIVE_PARTITION_SCHEMA_MISMATCH",
        "There is a mismatch between the table and partition schemas. The types are incompatible"
        f" and cannot be coerced. The column '{name}' in table '{table.database}.{table.name}' is"
        f" declared as type '{declared}', but partition '{shown}' declared column '{source}' as"
        f" type '{found}'.",
    )


# Files ----------------------------------------------------------------------------------------


def _alike(table: Table, files: Sequence[DataFile]) -> list[Alike]:
    """Files that are read alike, in their order; a partition may have a SerDe of its own. A file
    that stands for two, as of partitions with one folder, is the second time among others."""
    found: dict[tuple[Any, ...], Alike] = {}
    times: Counter[str] = Counter()
    for file in files:
        storage = file.partition.storage if file.partition else table.storage
        if not storage.serde:
            storage = table.storage
        if not storage.columns:
            storage = replace(storage, columns=table.storage.columns)
        properties = tuple(sorted(storage.serde_parameters.items()))
        kind = (times[file.url], storage.serde, properties, storage.columns)
        times[file.url] += 1
        if kind not in found:
            found[kind] = Alike(formats.of(storage), storage)
        found[kind].files.append(file)
    return list(found.values())
