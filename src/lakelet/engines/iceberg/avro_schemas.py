"""Avro schemas of manifests, of manifest lists and of data files, with Iceberg's field numbers."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from lakelet.engines.iceberg.types import trino

_PRIMITIVES: Final[Mapping[str, Any]] = {
    "boolean": "boolean",
    "int": "int",
    "long": "long",
    "float": "float",
    "double": "double",
    "string": "string",
    "binary": "bytes",
    "date": {"type": "int", "logicalType": "date"},
    "time": {"type": "long", "logicalType": "time-micros"},
    "timestamp": {"type": "long", "logicalType": "timestamp-micros", "adjust-to-utc": False},
    "timestamptz": {"type": "long", "logicalType": "timestamp-micros", "adjust-to-utc": True},
}


def of_type(of: Any, name: str) -> Any:
    """The Avro type of an Iceberg type; `name` is that of the record or fixed that it may be."""
    if isinstance(of, dict):
        return _NESTED[of["type"]](of, name)
    if of.startswith("decimal"):
        wanted = trino(of)
        size = next(n for n in range(1, 17) if 2 ** (8 * n - 1) > 10**wanted.precision)
        return {
            "type": "fixed",
            "name": f"decimal_{wanted.precision}_{wanted.scale}_{name}",
            "size": size,
            "logicalType": "decimal",
            "precision": wanted.precision,
            "scale": wanted.scale,
        }
    if of == "uuid":
        return {"type": "fixed", "name": f"uuid_fixed_{name}", "size": 16, "logicalType": "uuid"}
    if of.startswith("fixed["):
        return {"type": "fixed", "name": f"fixed_{name}", "size": int(of[6:-1])}
    return _PRIMITIVES[of]


def _struct(of: Any, name: str) -> Any:
    return record(name, (data_field(each) for each in of["fields"]))


def _list(of: Any, name: str) -> Any:
    number = of["element-id"]
    inner = of_type(of["element"], f"r{number}")
    return {
        "type": "array",
        "element-id": number,
        "items": inner if of["element-required"] else ["null", inner],
    }


def _map(of: Any, name: str) -> Any:
    key, value = of["key-id"], of["value-id"]
    inner = of_type(of["value"], f"r{value}")
    pair = record(
        f"k{key}_v{value}",
        (
            field(key, "key", of_type(of["key"], f"r{key}")),
            field(value, "value", inner, optional=not of["value-required"]),
        ),
    )
    return {"type": "array", "logicalType": "map", "items": pair}


_NESTED: Final = {"struct": _struct, "list": _list, "map": _map}


def record(name: str, fields: Iterable[Any]) -> Any:
    return {"type": "record", "name": name, "fields": [*fields]}


def field(number: int, name: str, of: Any, *, optional: bool = False) -> Any:
    """A field with its number; an optional one is NULL where nothing is given."""
    if not optional:
        return {"name": name, "type": of, "field-id": number}
    return {"name": name, "type": ["null", of], "default": None, "field-id": number}


def data_field(given: Any) -> Any:
    """A column of the schema of a table."""
    number = given["id"]
    of = of_type(given["type"], f"r{number}")
    return field(number, given["name"], of, optional=not given["required"])


def _counts(key: int, value: int, of: str) -> Any:
    pair = record(f"k{key}_v{value}", (field(key, "key", "int"), field(value, "value", of)))
    return {"type": "array", "logicalType": "map", "items": pair}


def manifest(partition: Iterable[tuple[int, str, Any]]) -> Any:
    """Of a manifest, whose partitions have fields of these numbers, names and Iceberg types."""
    fields = [
        field(number, name, of_type(of, f"r{number}"), optional=True)
        for number, name, of in partition
    ]
    file = record(
        "r2",
        (
            field(134, "content", "int"),
            field(100, "file_path", "string"),
            field(101, "file_format", "string"),
            field(102, "partition", record("r102", fields)),
            field(103, "record_count", "long"),
            field(104, "file_size_in_bytes", "long"),
            field(108, "column_sizes", _counts(117, 118, "long"), optional=True),
            field(109, "value_counts", _counts(119, 120, "long"), optional=True),
            field(110, "null_value_counts", _counts(121, 122, "long"), optional=True),
            field(137, "nan_value_counts", _counts(138, 139, "long"), optional=True),
            field(125, "lower_bounds", _counts(126, 127, "bytes"), optional=True),
            field(128, "upper_bounds", _counts(129, 130, "bytes"), optional=True),
            field(131, "key_metadata", "bytes", optional=True),
            field(132, "split_offsets", _array(133, "long"), optional=True),
            field(135, "equality_ids", _array(136, "int"), optional=True),
            field(140, "sort_order_id", "int", optional=True),
        ),
    )
    return record(
        "manifest_entry",
        (
            field(0, "status", "int"),
            field(1, "snapshot_id", "long", optional=True),
            field(3, "sequence_number", "long", optional=True),
            field(4, "file_sequence_number", "long", optional=True),
            field(2, "data_file", file),
        ),
    )


def _array(number: int, of: str) -> Any:
    return {"type": "array", "element-id": number, "items": of}


_SUMMARY: Final = record(
    "r508",
    (
        field(509, "contains_null", "boolean"),
        field(518, "contains_nan", "boolean", optional=True),
        field(510, "lower_bound", "bytes", optional=True),
        field(511, "upper_bound", "bytes", optional=True),
    ),
)
MANIFEST_LIST: Final = record(
    "manifest_file",
    (
        field(500, "manifest_path", "string"),
        field(501, "manifest_length", "long"),
        field(502, "partition_spec_id", "int"),
        field(517, "content", "int"),
        field(515, "sequence_number", "long"),
        field(516, "min_sequence_number", "long"),
        field(503, "added_snapshot_id", "long"),
        field(504, "added_files_count", "int"),
        field(505, "existing_files_count", "int"),
        field(506, "deleted_files_count", "int"),
        field(512, "added_rows_count", "long"),
        field(513, "existing_rows_count", "long"),
        field(514, "deleted_rows_count", "long"),
        field(
            507,
            "partitions",
            {"type": "array", "element-id": 508, "items": _SUMMARY},
            optional=True,
        ),
        field(519, "key_metadata", "bytes", optional=True),
    ),
)
