"""From a scan of the analysis to what DuckDB reads: partitions pruned, files listed, one relation.

A condition over partition keys is evaluated by DuckDB over the partitions' values, so whatever the
language can say prunes. Names beginning with `_` or `.` are not data, as in Hive.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from lakelet import formats
from lakelet.catalog.partition_values import NULL_PARTITION
from lakelet.engines.duckdb import DuckDb
from lakelet.engines.footers import Footers
from lakelet.errors import NotFound, TrinoError
from lakelet.formats.scanning import (
    PATH,
    Format,
    Relation,
    Request,
    file_list,
    identifier,
    quoted,
)
from lakelet.interfaces import Catalog, Storage
from lakelet.model import DataFile, Partition, StorageDescriptor, Table
from lakelet.sql import tree
from lakelet.sql.emitter.expressions import ExpressionEmitter
from lakelet.types.duckdb import physical
from lakelet.types.hive import to_trino

_ONE_LISTING = 8
"""From so many partitions on the table's folder is listed once, not each partition's."""


@dataclass(frozen=True, slots=True)
class PlannedScan:
    """A scan's relation, the files that it opens, how they are billed, and the largest absolute
    value of each column of which it is known."""

    id: int
    relation: Relation
    files: tuple[DataFile, ...]
    columns: tuple[str, ...]
    columnar: bool
    magnitudes: Mapping[str, float] = field(default_factory=dict)


class ScanPlanner:
    """Plans the scans of a lake's tables."""

    def __init__(
        self, storage: Storage, catalog: Catalog, duckdb: DuckDb, footers: Footers
    ) -> None:
        self._footers = footers
        self._storage = storage
        self._catalog = catalog
        self._duckdb = duckdb

    def plan(self, scan: tree.Scan, table: Table) -> PlannedScan:
        """Raises TrinoError for a location or a format that can't be read."""
        partitions = self._partitions(scan, table)
        files = tuple(self._files(table, partitions))
        keys = {each.name.lower() for each in table.partition_keys}
        hidden = tuple(name for name in scan.columns if name.startswith("$"))
        data = tuple(name for name in scan.columns if name not in keys and name not in hidden)
        groups = _groups(table, files)
        relation = self._relation(scan, table, groups, data, hidden)
        columnar = bool(groups) and all(each[0].columnar for each in groups)
        magnitudes = self._footers.magnitudes(files, data) if columnar else {}
        return PlannedScan(scan.id, relation, files, data, columnar, magnitudes)

    # Partitions -----------------------------------------------------------------------------

    def _partitions(self, scan: tree.Scan, table: Table) -> Sequence[Partition] | None:
        """The partitions that the scan's conditions leave; None for a table without keys."""
        if not table.partition_keys:
            return None
        found = self._catalog.partitions(table)
        keys = {each.name.lower() for each in table.partition_keys}
        conditions = [each for each in scan.constraint if _names(each) <= keys]
        if not conditions or not found:
            return found
        kept = self._evaluated(conditions, table, found)
        return [each for index, each in enumerate(found) if index in kept]

    def _evaluated(
        self, conditions: Sequence[tree.Expression], table: Table, found: Sequence[Partition]
    ) -> set[int]:
        """Positions of the partitions for which every condition is true.

        A condition that fails on a value prunes nothing: the rows themselves decide then.
        """
        import pyarrow

        names = [each.name.lower() for each in table.partition_keys]
        columns: dict[str, Any] = {
            name: pyarrow.array([part.values[i] for part in found], pyarrow.string())
            for i, name in enumerate(names)
        }
        columns["$index"] = pyarrow.array(range(len(found)), pyarrow.int64())
        emitter = ExpressionEmitter(lambda query: "")
        relations = {relation for each in conditions for relation in _relations(each)}
        typed = ", ".join(
            _key_value(f"p.{identifier(k.name.lower())}", k.name, k.type)
            for k in table.partition_keys
        )
        text = (
            f'SELECT "$index" FROM (SELECT {typed}, "$index" FROM lakelet_partitions p)'
            f" AS {identifier(relations.pop())} WHERE "
            + " AND ".join(map(emitter.emit, conditions))
        )
        try:
            reader = self._duckdb.execute(text, {"lakelet_partitions": pyarrow.table(columns)})
            return set(reader.read_all().column(0).to_pylist())
        except TrinoError:
            return set(range(len(found)))

    # Files ----------------------------------------------------------------------------------

    def _files(self, table: Table, partitions: Sequence[Partition] | None) -> Iterable[DataFile]:
        if partitions is None:
            yield from self._listed(table.storage.location, None)
            return
        together = self._together(table, partitions)
        if together is None:
            for each in partitions:
                yield from self._listed(each.storage.location or table.storage.location, each)
            return
        yield from together

    def _together(self, table: Table, partitions: Sequence[Partition]) -> list[DataFile] | None:
        """The files of many partitions by one listing, when all lie under the table's folder."""
        root = _folder(table.storage.location)
        folders = {_folder(each.storage.location): each for each in partitions}
        if len(folders) < _ONE_LISTING or not all(name.startswith(root) for name in folders):
            return None
        found = []
        for file in self._listed(table.storage.location, None):
            folder = file.info.uri.rpartition("/")[0] + "/"
            while len(folder) > len(root) and folder not in folders:
                folder = folder[:-1].rpartition("/")[0] + "/"
            if folder in folders:
                found.append(replace(file, partition=folders[folder]))
        return found

    def _listed(self, location: str, partition: Partition | None) -> Iterable[DataFile]:
        bucket, prefix = split(location)
        prefix = f"{prefix}/" if prefix and not prefix.endswith("/") else prefix
        try:
            for info in self._storage.list(bucket, prefix):
                if info.is_data:
                    yield DataFile(info, self._storage.url(bucket, info.key), partition)
        except NotFound as error:
            raise TrinoError(
                "HIVE_FILESYSTEM_ERROR", f"Failed to list directory: {location}"
            ) from error

    # The relation ---------------------------------------------------------------------------

    def _relation(
        self,
        scan: tree.Scan,
        table: Table,
        groups: Sequence[tuple[Format, StorageDescriptor, list[DataFile]]],
        data: tuple[str, ...],
        hidden: tuple[str, ...],
    ) -> Relation:
        types = {each.name: each.type for each in scan.table.columns}
        if not groups:
            nulls = ", ".join(
                f"CAST(NULL AS {physical(of)}) AS {identifier(name)}" for name, of in types.items()
            )
            return Relation(f"(SELECT {nulls or '1'} LIMIT 0)")
        if len(groups) == 1 and self._is_plain(groups[0], table, hidden):
            form, _, files = groups[0]
            return Relation(f"{form.reader}({file_list([each.url for each in files])})")
        parts = [
            self._group(group, f"lakelet_{scan.id}_{number}", table, scan.columns, data, hidden)
            for number, group in enumerate(groups)
        ]
        datasets = {name: each for part in parts for name, each in part.datasets.items()}
        read = " UNION ALL BY NAME ".join(part.sql for part in parts)
        unread = "".join(
            f", CAST(NULL AS {physical(each.type)}) AS {identifier(each.name)}"
            for each in scan.table.columns
            if each.name not in scan.columns and not each.hidden
        )
        # What nobody asks for may still stand in the text: EXISTS (SELECT * …).
        return Relation(f"(SELECT *{unread} FROM ({read}))" if unread else f"({read})", datasets)

    def _is_plain(
        self,
        group: tuple[Format, StorageDescriptor, list[DataFile]],
        table: Table,
        hidden: tuple[str, ...],
    ) -> bool:
        """Whether DuckDB's function over the files is the table as it stands."""
        form, _, files = group
        if form.reader is None or table.partition_keys or hidden:
            return False
        columns = ((each.name.lower(), to_trino(each.type)) for each in table.storage.columns)
        return self._footers.hold(files, columns)

    def _group(
        self,
        group: tuple[Format, StorageDescriptor, list[DataFile]],
        name: str,
        table: Table,
        columns: tuple[str, ...],
        data: tuple[str, ...],
        hidden: tuple[str, ...],
    ) -> Relation:
        form, storage, files = group
        schema = tuple((each.name.lower(), to_trino(each.type)) for each in table.storage.columns)
        wanted = [each for each in schema if each[0] in data]
        as_stored = form.columnar and self._footers.hold(files, wanted)
        request = Request(
            files=tuple(files),
            storage=storage,
            open=lambda file: self._storage.open(file.info.bucket, file.info.key),
            name=name,
            parameters=table.parameters,
            schema=schema,
            columns=data,
            as_stored=as_stored,
        )
        keys = [each for each in table.partition_keys if each.name.lower() in columns]
        inner = form.scan(request)
        if not keys and not hidden:
            names = ", ".join(map(identifier, data)) or f"1 AS {identifier('$row')}"
            return replace(inner, sql=f"SELECT {names} FROM ({inner.sql})")
        values = _values(files, table)
        typed = [f"f.{identifier(name)}" for name in data]
        typed += [_key_value(f"p.{identifier(k.name.lower())}", k.name, k.type) for k in keys]
        typed += [_HIDDEN[name] for name in hidden]
        return replace(
            inner,
            sql=f"SELECT {', '.join(typed)} FROM ({inner.sql}) f JOIN (VALUES {values[1]})"
            f" p({values[0]}) ON f.{identifier(PATH)} = p.{identifier(PATH)}",
        )


_HIDDEN = {
    "$path": 'p."$uri" AS "$path"',
    "$file_size": 'CAST(p."$size" AS BIGINT) AS "$file_size"',
    "$file_modified_time": (
        "struct_pack(instant := CAST(p.\"$time\" AS TIMESTAMP), zone := 'UTC')"
        ' AS "$file_modified_time"'
    ),
    "$partition": 'p."$part" AS "$partition"',
}


def _values(files: Sequence[DataFile], table: Table) -> tuple[str, str]:
    """The columns and rows of what is known of each file without opening it."""
    names = [PATH, "$uri", "$size", "$time", "$part"]
    keys = [each.name.lower() for each in table.partition_keys]
    rows = []
    for file in files:
        values = file.partition.values if file.partition else ()
        part = "/".join(f"{k}={v}" for k, v in zip(keys, values, strict=True))
        texts = [file.url, file.info.uri, str(file.info.size), _utc(file), part, *values]
        rows.append(f"({', '.join(map(quoted, texts))})")
    return ", ".join(map(identifier, [*names, *keys])), ", ".join(rows)


def _utc(file: DataFile) -> str:
    return file.info.last_modified.strftime("%Y-%m-%d %H:%M:%S.%f")


def _key_value(sql: str, name: str, hive_type: str) -> str:
    """A partition key's value of its type; Hive's word for NULL is NULL."""
    of = physical(to_trino(hive_type))
    value = f"nullif({sql}, {quoted(NULL_PARTITION)})"
    return f"CAST({value} AS {of}) AS {identifier(name.lower())}"


def _groups(
    table: Table, files: Sequence[DataFile]
) -> list[tuple[Format, StorageDescriptor, list[DataFile]]]:
    """Files that are read alike, in their order; a partition may have a SerDe of its own."""
    found: dict[tuple[Any, ...], tuple[Format, StorageDescriptor, list[DataFile]]] = {}
    for file in files:
        storage = file.partition.storage if file.partition else table.storage
        if not storage.serde:
            storage = table.storage
        kind = (storage.serde, tuple(sorted(storage.serde_parameters.items())))
        if kind not in found:
            found[kind] = (formats.of(storage), storage, [])
        found[kind][2].append(file)
    return list(found.values())


def split(location: str) -> tuple[str, str]:
    """Bucket and key of `s3://bucket/key`; raises TrinoError for what is none."""
    parts = urlsplit(location)
    if parts.scheme not in ("s3", "s3a", "s3n") or not parts.netloc:
        raise TrinoError("HIVE_INVALID_METADATA", f"Not a valid S3 location: {location}")
    return parts.netloc, location.partition("://")[2].partition("/")[2]


def _folder(location: str) -> str:
    bucket, key = split(location)
    return f"s3://{bucket}/{key.rstrip('/')}/" if key else f"s3://{bucket}/"


def _names(expression: tree.Expression) -> set[str]:
    return {
        node.name for node in tree.descendants(expression) if isinstance(node, tree.ColumnReference)
    }


def _relations(expression: tree.Expression) -> set[str]:
    return {
        node.relation
        for node in tree.descendants(expression)
        if isinstance(node, tree.ColumnReference)
    }
