"""Manifests and manifest lists as bytes."""

import io
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from lakelet.engines.iceberg import avro_schemas, transforms
from lakelet.engines.iceberg.bounds import packed
from lakelet.engines.iceberg.manifests import ADDED, DATA, DELETED, EXISTING, Entry, Manifest
from lakelet.engines.iceberg.metadata import IcebergTable
from lakelet.engines.iceberg.partitions import sources
from lakelet.model import Document


def manifest(
    table: IcebergTable,
    spec: int,
    entries: Sequence[Entry],
    path: str,
    snapshot: int,
    sequence: int,
) -> tuple[bytes, Manifest]:
    """A manifest of files of one spec and one kind, and its line in a list."""
    fields = _partition(table, spec)
    content = int(entries[0].content != DATA)
    metadata = {
        "schema": orjson.dumps(table.schema).decode(),
        "schema-id": str(table.schema.get("schema-id", 0)),
        "partition-spec": orjson.dumps(table.spec_of(spec)["fields"]).decode(),
        "partition-spec-id": str(spec),
        "format-version": "2",
        "content": "deletes" if content else "data",
    }
    schema = avro_schemas.manifest(fields)
    data = _avro(schema, [_record(each) for each in entries], metadata)
    least = [
        sequence if each.sequence is None else each.sequence
        for each in entries
        if each.status != DELETED
    ]
    by_status = [[each for each in entries if each.status == s] for s in (ADDED, EXISTING, DELETED)]
    added, existing, deleted = by_status
    return data, Manifest(
        path,
        len(data),
        spec,
        content,
        sequence,
        min(least, default=sequence),
        snapshot,
        (len(added), len(existing), len(deleted)),
        (_rows(added), _rows(existing), _rows(deleted)),
        [_summary(name, of, entries) for _, name, of in fields],
    )


def manifest_list(
    manifests: Sequence[Manifest], snapshot: int, parent: int | None, sequence: int
) -> bytes:
    """The list of a snapshot's manifests."""
    metadata = {
        "snapshot-id": str(snapshot),
        "parent-snapshot-id": "null" if parent is None else str(parent),
        "sequence-number": str(sequence),
        "format-version": "2",
    }
    return _avro(avro_schemas.MANIFEST_LIST, [_line(each) for each in manifests], metadata)


def _avro(schema: Any, records: Sequence[Document], metadata: Mapping[str, str]) -> bytes:
    import fastavro

    stream = io.BytesIO()
    parsed = fastavro.parse_schema(schema)
    fastavro.writer(stream, parsed, records, codec="deflate", metadata=dict(metadata))
    return stream.getvalue()


def _rows(entries: Sequence[Entry]) -> int:
    return sum(each.rows for each in entries)


def _partition(table: IcebergTable, spec: int) -> list[tuple[int, str, Any]]:
    types = sources(table)
    return [
        (
            each["field-id"],
            each["name"],
            transforms.result(each["transform"], types[each["source-id"]]),
        )
        for each in table.spec_of(spec)["fields"]
    ]


def _record(entry: Entry) -> Document:
    return {
        "status": entry.status,
        "snapshot_id": entry.snapshot,
        "sequence_number": entry.sequence,
        "file_sequence_number": entry.file_sequence,
        "data_file": {
            "content": entry.content,
            "file_path": entry.path,
            "file_format": entry.format,
            "partition": dict(entry.partition),
            "record_count": entry.rows,
            "file_size_in_bytes": entry.size,
            "column_sizes": _pairs(entry.sizes),
            "value_counts": _pairs(entry.counts),
            "null_value_counts": _pairs(entry.nulls),
            "nan_value_counts": _pairs(entry.nans),
            "lower_bounds": _pairs(entry.lower),
            "upper_bounds": _pairs(entry.upper),
            "key_metadata": entry.key,
            "split_offsets": entry.splits,
            "equality_ids": entry.equality,
            "sort_order_id": entry.order,
        },
    }


def _pairs(given: Mapping[int, Any] | None) -> list[Document] | None:
    return None if given is None else [{"key": key, "value": given[key]} for key in sorted(given)]


def _summary(name: str, of: Any, entries: Sequence[Entry]) -> Document:
    """What a list says of a field of all partitions of a manifest."""
    values = [each.partition.get(name) for each in entries]
    floating = [each for each in values if isinstance(each, float) and each != each]
    known = sorted(
        (_plain(of, each) for each in values if each is not None and each not in floating),
    )
    return {
        "contains_null": None in values,
        "contains_nan": bool(floating),
        "lower_bound": packed(of, known[0]) if known else None,
        "upper_bound": packed(of, known[-1]) if known else None,
    }


def _plain(of: Any, value: Any) -> Any:
    if of == "date":
        return transforms.days(value)
    if of in ("timestamp", "timestamptz"):
        return transforms.micros(value)
    return value


def _line(given: Manifest) -> Document:
    return {
        "manifest_path": given.path,
        "manifest_length": given.length,
        "partition_spec_id": given.spec,
        "content": given.content,
        "sequence_number": given.sequence,
        "min_sequence_number": given.least_sequence,
        "added_snapshot_id": given.snapshot,
        "added_files_count": given.files[0],
        "existing_files_count": given.files[1],
        "deleted_files_count": given.files[2],
        "added_rows_count": given.rows[0],
        "existing_rows_count": given.rows[1],
        "deleted_rows_count": given.rows[2],
        "partitions": list(given.partitions),
        "key_metadata": None,
    }
