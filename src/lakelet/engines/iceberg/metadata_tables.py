"""`"table$files"` and the other tables that say what an Iceberg table consists of, as in Trino.

Source: Trino 476's Iceberg connector, "Metadata tables", measured.
"""

import json
import struct
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from lakelet.engines.iceberg import transforms
from lakelet.engines.iceberg.bounds import unpacked
from lakelet.engines.iceberg.manifests import DATA, Entry, Manifest, Manifests
from lakelet.engines.iceberg.metadata import IcebergTable
from lakelet.engines.iceberg.partitions import sources, text
from lakelet.engines.iceberg.types import trino
from lakelet.engines.short_answers import java_double
from lakelet.formats.scanning import Relation
from lakelet.sql import tree
from lakelet.sql.metadata import ColumnMetadata, TableMetadata, TableName
from lakelet.types import Type
from lakelet.types.arrow import to_arrow
from lakelet.types.duckdb import row_fields
from lakelet.types.model import BIGINT, BOOLEAN, INTEGER, VARBINARY, VARCHAR, timestamp
from lakelet.types.quoting import identifier

Columns = Sequence[tuple[str, Type]]
Rows = Iterator[Sequence[Any]]
_MOMENT: Final = timestamp(3, zone=True)
_COUNTS: Final = Type("map", (), (INTEGER, BIGINT))
_BOUNDS: Final = Type("map", (), (INTEGER, VARCHAR))
_TEXTS: Final = Type("map", (), (VARCHAR, VARCHAR))


def _row(fields: Columns) -> Type:
    names = tuple(name for name, _ in fields)
    return Type("row", (), tuple(of for _, of in fields), names)


def split(name: str) -> tuple[str, str] | None:
    """The table and the kind of a metadata table's name; None for any other name."""
    table, dollar, kind = name.rpartition("$")
    return (table, kind) if dollar and kind in _TABLES else None


def metadata(name: TableName, kind: str, table: IcebergTable) -> TableMetadata | None:
    """The columns of a metadata table; None where the table has no such one."""
    columns = _TABLES[kind][0](table)
    if not columns:
        return None
    return TableMetadata(name, tuple(ColumnMetadata(*each) for each in columns))


def read(scan: tree.Scan, kind: str, table: IcebergTable, manifests: Manifests) -> Relation:
    """What a scan of a metadata table reads. Raises TrinoError."""
    import pyarrow

    rows = [*_TABLES[kind][1](table, manifests)]
    columns = list(zip(*rows, strict=True)) or [()] * len(scan.table.columns)
    arrays = {
        each.name: pyarrow.array(values, to_arrow(each.type))
        for each, values in zip(scan.table.columns, columns, strict=True)
    }
    name = f"iceberg_{kind}_{scan.id}"
    return Relation(identifier(name), {name: pyarrow.table(arrays)})


# Snapshots -----------------------------------------------------------------------------------


def _history(table: IcebergTable, manifests: Manifests) -> Rows:
    ancestors = {*_ancestors(table)}
    for each in table.document.get("snapshot-log") or ():
        number = each["snapshot-id"]
        snapshot = table.snapshot(number)
        parent = None if snapshot is None else snapshot.get("parent-snapshot-id")
        yield _moment(each["timestamp-ms"]), number, parent, number in ancestors


def _ancestors(table: IcebergTable) -> Iterator[int]:
    at = table.at
    while at is not None:
        yield at["snapshot-id"]
        at = table.snapshot(at.get("parent-snapshot-id"))


def _snapshots(table: IcebergTable, manifests: Manifests) -> Rows:
    for each in table.snapshots:
        summary = dict(each.get("summary") or {})
        operation = summary.pop("operation", None)
        yield (
            _moment(each["timestamp-ms"]),
            each["snapshot-id"],
            each.get("parent-snapshot-id"),
            operation,
            each.get("manifest-list"),
            sorted(summary.items()),
        )


def _refs(table: IcebergTable, manifests: Manifests) -> Rows:
    for name, each in (table.document.get("refs") or {}).items():
        yield (
            name,
            each["type"].upper(),
            each["snapshot-id"],
            each.get("max-ref-age-ms"),
            each.get("min-snapshots-to-keep"),
            each.get("max-snapshot-age-ms"),
        )


def _properties(table: IcebergTable, manifests: Manifests) -> Rows:
    given = {"write.format.default": "PARQUET", **table.properties}
    yield from sorted(given.items())


def _log(table: IcebergTable, manifests: Manifests) -> Rows:
    last = {"timestamp-ms": table.document["last-updated-ms"], "metadata-file": table.location}
    snapshots = table.document.get("snapshot-log") or ()
    for each in (*(table.document.get("metadata-log") or ()), last):
        at = [s for s in snapshots if s["timestamp-ms"] <= each["timestamp-ms"]]
        snapshot = table.snapshot(at[-1]["snapshot-id"]) if at else None
        yield (
            _moment(each["timestamp-ms"]),
            each["metadata-file"],
            None if snapshot is None else snapshot["snapshot-id"],
            None if snapshot is None else snapshot.get("schema-id"),
            None if snapshot is None else snapshot.get("sequence-number", 0),
        )


def _moment(milliseconds: int) -> dict[str, Any]:
    return {"instant": datetime(1970, 1, 1) + timedelta(milliseconds=milliseconds), "zone": "UTC"}


# Manifests and files -------------------------------------------------------------------------


def _manifests(table: IcebergTable, manifests: Manifests) -> Rows:
    types = sources(table)
    for each in manifests.of(table):
        counts = zip(each.files, each.rows, strict=True)
        yield (
            each.path,
            each.length,
            each.spec,
            each.snapshot,
            *(number for pair in counts for number in pair),
            [_summary(*pair, types) for pair in _summaries(each, table)],
        )


def _summaries(manifest: Manifest, table: IcebergTable) -> Iterable[tuple[Any, Any]]:
    return zip(table.spec_of(manifest.spec)["fields"], manifest.partitions, strict=False)


def _summary(field: Any, given: Any, types: Mapping[int, Any]) -> dict[str, Any]:
    of = transforms.result(field["transform"], types[field["source-id"]])
    ends = {
        name: None if given[name] is None else text(of, unpacked(of, given[name]))
        for name in ("lower_bound", "upper_bound")
    }
    known = {name: given.get(name) for name in ("contains_null", "contains_nan")}
    return {**known, **ends}


def _files_columns(table: IcebergTable) -> Columns:
    partition = _partition_fields(table)
    return (
        ("content", INTEGER),
        ("file_path", VARCHAR),
        ("file_format", VARCHAR),
        ("spec_id", INTEGER),
        *((("partition", _row(partition)),) if partition else ()),
        ("record_count", BIGINT),
        ("file_size_in_bytes", BIGINT),
        ("column_sizes", _COUNTS),
        ("value_counts", _COUNTS),
        ("null_value_counts", _COUNTS),
        ("nan_value_counts", _COUNTS),
        ("lower_bounds", _BOUNDS),
        ("upper_bounds", _BOUNDS),
        ("key_metadata", VARBINARY),
        ("split_offsets", Type("array", (), (BIGINT,))),
        ("equality_ids", Type("array", (), (INTEGER,))),
        ("sort_order_id", INTEGER),
        ("readable_metrics", Type("json")),
    )


def _files(table: IcebergTable, manifests: Manifests) -> Rows:
    fields = _partition_fields(table)
    leaves = dict(_leaves(table.fields, ""))
    for each in manifests.live(manifests.of(table)):
        yield (
            each.content,
            each.path,
            each.format,
            each.spec,
            *((_partition(each, table),) if fields else ()),
            each.rows,
            each.size,
            _pairs(each.sizes),
            _pairs(each.counts),
            _pairs(each.nulls),
            _pairs(each.nans),
            _shown(each.lower, leaves),
            _shown(each.upper, leaves),
            each.key,
            each.splits,
            each.equality,
            each.order,
            _metrics(each, leaves),
        )


def _pairs(given: Mapping[int, int] | None) -> list[tuple[int, int]] | None:
    return None if given is None else sorted(given.items())


def _leaves(fields: Iterable[Any], prefix: str) -> Iterator[tuple[int, tuple[str, str]]]:
    """Single values inside of columns: their numbers, paths and types."""
    for each in fields:
        path, of = f"{prefix}{each['name']}", each["type"]
        if isinstance(of, str):
            yield each["id"], (path, of)
        else:
            yield from _leaves(_inside(of), f"{path}.")


def _inside(of: Any) -> Sequence[Any]:
    if of["type"] == "struct":
        found: Sequence[Any] = of["fields"]
        return found
    parts = {"list": ("element",), "map": ("key", "value")}[of["type"]]
    return [{"id": of[f"{each}-id"], "name": each, "type": of[each]} for each in parts]


def _shown(given: Mapping[int, bytes] | None, leaves: Mapping[int, tuple[str, str]]) -> Any:
    if given is None:
        return None
    return [
        (number, text_of(leaves[number][1], data))
        for number, data in sorted(given.items())
        if number in leaves
    ]


def text_of(of: str, data: bytes) -> str:
    """A bound as its text."""
    value = unpacked(of, data)
    if of in ("float", "double"):
        return java_double(float(shortest(value)) if of == "float" else value)
    return text(of, value)


def shortest(value: float) -> str:
    """The shortest text that gives the same float of 32 bits."""
    packed = struct.pack("<f", value)
    texts = (f"{value:.{digits}g}" for digits in range(1, 10))
    return next((t for t in texts if struct.pack("<f", float(t)) == packed), repr(value))


def _metrics(entry: Entry, leaves: Mapping[int, tuple[str, str]]) -> str:
    found = {
        path: {
            "column_size": (entry.sizes or {}).get(number),
            "value_count": (entry.counts or {}).get(number),
            "null_value_count": (entry.nulls or {}).get(number),
            "nan_value_count": (entry.nans or {}).get(number),
            "lower_bound": _bound(entry.lower, number, of),
            "upper_bound": _bound(entry.upper, number, of),
        }
        for number, (path, of) in leaves.items()
    }
    return json.dumps(found, separators=(",", ":"), sort_keys=True, ensure_ascii=False)


def _bound(given: Mapping[int, bytes] | None, number: int, of: str) -> Any:
    data = (given or {}).get(number)
    if data is None:
        return None
    value = unpacked(of, data)
    return value if isinstance(value, bool | int) and of in _NUMBERS else text_of(of, data)


_NUMBERS: Final = ("int", "long", "boolean")


# Partitions ----------------------------------------------------------------------------------


def _partition_fields(table: IcebergTable) -> Columns:
    """The fields of all specs, as Trino shows them."""
    types = sources(table)
    found: dict[int, tuple[str, Type]] = {}
    for spec in table.document["partition-specs"]:
        for each in spec["fields"]:
            of = transforms.trino_result(each["transform"], types[each["source-id"]])
            found.setdefault(each["field-id"], (each["name"], of))
    return [*found.values()]


def _partition(entry: Entry, table: IcebergTable) -> dict[str, Any]:
    fields = _partition_fields(table)
    names = row_fields(_row(fields))
    values = (_physical(entry.partition.get(name), of) for name, of in fields)
    return dict(zip(names, values, strict=True))


def _physical(value: Any, of: Type) -> Any:
    if value is None:
        return None
    match of.name:
        case "date":
            return transforms.days(value)
        case "timestamp":
            return transforms.micros(value)
        case "timestamp with time zone":
            return {"instant": transforms.micros(value), "zone": "UTC"}
        case "uuid":
            return str(value)
    return value


def _partitions_columns(table: IcebergTable) -> Columns:
    partition = _partition_fields(table)
    data = [
        (
            each["name"],
            _row(
                [
                    ("min", trino(each["type"])),
                    ("max", trino(each["type"])),
                    ("null_count", BIGINT),
                    ("nan_count", BIGINT),
                ]
            ),
        )
        for each in table.fields
        if isinstance(each["type"], str)
    ]
    return (
        *((("partition", _row(partition)),) if partition else ()),
        ("record_count", BIGINT),
        ("file_count", BIGINT),
        ("total_size", BIGINT),
        *((("data", _row(data)),) if data else ()),
    )


def _partitions(table: IcebergTable, manifests: Manifests) -> Rows:
    fields = _partition_fields(table)
    columns = [each for each in table.fields if isinstance(each["type"], str)]
    names = [each["name"].lower() for each in columns]
    found: dict[str, list[Entry]] = {}
    for each in manifests.live(manifests.of(table)):
        if each.content == DATA:
            found.setdefault(repr(_partition(each, table)), []).append(each)
    for entries in found.values():
        data = [_statistics(each, entries) for each in columns]
        yield (
            *((_partition(entries[0], table),) if fields else ()),
            sum(each.rows for each in entries),
            len(entries),
            sum(each.size for each in entries),
            *((dict(zip(names, data, strict=True)),) if columns else ()),
        )


def _statistics(column: Any, entries: Sequence[Entry]) -> dict[str, Any]:
    number, of = column["id"], column["type"]
    kind = trino(of)

    def total(given: Sequence[Mapping[int, int] | None]) -> int | None:
        found = [(each or {}).get(number) for each in given]
        return None if None in found else sum(each for each in found if each is not None)

    def end(given: Sequence[Mapping[int, bytes] | None], pick: Callable[[Any], Any]) -> Any:
        found = [(each or {}).get(number) for each in given]
        values = [unpacked(of, each) for each in found if each is not None]
        return _physical(pick(values), kind) if len(values) == len(found) else None

    return {
        "min": end([each.lower for each in entries], min),
        "max": end([each.upper for each in entries], max),
        "null_count": total([each.nulls for each in entries]),
        "nan_count": total([each.nans for each in entries]),
    }


_SUMMARY: Final = _row(
    [
        ("contains_null", BOOLEAN),
        ("contains_nan", BOOLEAN),
        ("lower_bound", VARCHAR),
        ("upper_bound", VARCHAR),
    ]
)
_TABLES: Final[
    Mapping[
        str,
        tuple[Callable[[IcebergTable], Columns], Callable[[IcebergTable, Manifests], Rows]],
    ]
] = {
    "history": (
        lambda table: (
            ("made_current_at", _MOMENT),
            ("snapshot_id", BIGINT),
            ("parent_id", BIGINT),
            ("is_current_ancestor", BOOLEAN),
        ),
        _history,
    ),
    "snapshots": (
        lambda table: (
            ("committed_at", _MOMENT),
            ("snapshot_id", BIGINT),
            ("parent_id", BIGINT),
            ("operation", VARCHAR),
            ("manifest_list", VARCHAR),
            ("summary", _TEXTS),
        ),
        _snapshots,
    ),
    "refs": (
        lambda table: (
            ("name", VARCHAR),
            ("type", VARCHAR),
            ("snapshot_id", BIGINT),
            ("max_reference_age_in_ms", BIGINT),
            ("min_snapshots_to_keep", INTEGER),
            ("max_snapshot_age_in_ms", BIGINT),
        ),
        _refs,
    ),
    "properties": (lambda table: (("key", VARCHAR), ("value", VARCHAR)), _properties),
    "metadata_log_entries": (
        lambda table: (
            ("timestamp", _MOMENT),
            ("file", VARCHAR),
            ("latest_snapshot_id", BIGINT),
            ("latest_schema_id", INTEGER),
            ("latest_sequence_number", BIGINT),
        ),
        _log,
    ),
    "manifests": (
        lambda table: (
            ("path", VARCHAR),
            ("length", BIGINT),
            ("partition_spec_id", INTEGER),
            ("added_snapshot_id", BIGINT),
            ("added_data_files_count", INTEGER),
            ("added_rows_count", BIGINT),
            ("existing_data_files_count", INTEGER),
            ("existing_rows_count", BIGINT),
            ("deleted_data_files_count", INTEGER),
            ("deleted_rows_count", BIGINT),
            ("partition_summaries", Type("array", (), (_SUMMARY,))),
        ),
        _manifests,
    ),
    "files": (_files_columns, _files),
    "partitions": (_partitions_columns, _partitions),
}
"""The columns of each, and its rows."""
