"""Avro data files of Iceberg tables: as Arrow, some rows at a time, with the fields' numbers."""

import io
from collections.abc import Iterator
from typing import Any, BinaryIO, Final

from lakelet.formats.avro import container
from lakelet.formats.avro.arrays import ARROW

_ROWS: Final = 10_000


def schema(stream: BinaryIO) -> Any:
    """A file's columns as Arrow's schema."""
    import json

    import pyarrow

    record = json.loads(container.header(stream).schema)
    return pyarrow.schema([_field(each["name"], each["type"], each) for each in record["fields"]])


def batches(stream: BinaryIO, given: Any) -> Iterator[Any]:
    """A file's rows as record batches of its schema."""
    import pyarrow

    found: list[Any] = []
    for row in records(stream):
        found.append(row)
        if len(found) == _ROWS:
            yield pyarrow.RecordBatch.from_pylist(_shaped(found), schema=given)
            found = []
    if found:
        yield pyarrow.RecordBatch.from_pylist(_shaped(found), schema=given)


def records(stream: BinaryIO) -> Iterator[Any]:
    """A file's records, in any codec."""
    import fastavro

    head = container.header(stream)
    for number, data in container.blocks(stream, head):
        size = container.encoded(number) + container.encoded(len(data))
        block = container.uncompressed(head) + size + data + head.sync
        yield from fastavro.reader(io.BytesIO(block))


def _shaped(rows: list[Any]) -> list[Any]:
    return [{name: _plain(value) for name, value in row.items()} for row in rows]


def _plain(value: Any) -> Any:
    """UUIDs as their bytes, maps that are arrays of pairs as pairs."""
    if isinstance(value, list):
        if value and isinstance(value[0], dict) and value[0].keys() == {"key", "value"}:
            return [(_plain(each["key"]), _plain(each["value"])) for each in value]
        return [_plain(each) for each in value]
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    return getattr(value, "bytes", value)


def _field(name: str, of: Any, numbered: Any, number: str = "field-id") -> Any:
    import pyarrow

    found = numbered.get(number)
    metadata = None if found is None else {"iceberg.id": str(found)}
    return pyarrow.field(name, _type(_without_null(of)), metadata=metadata)


def _without_null(of: Any) -> Any:
    if isinstance(of, list):
        return next((each for each in of if each != "null"), "null")
    return of


def _type(of: Any) -> Any:
    import pyarrow

    if isinstance(of, str):
        return getattr(pyarrow, ARROW[of])()
    logical = of.get("logicalType")
    if logical is not None and logical != "map":
        return _logical(of, logical)
    match of["type"]:
        case "record":
            return pyarrow.struct([_field(e["name"], e["type"], e) for e in of["fields"]])
        case "array" if logical == "map":
            key, value = _without_null(of["items"])["fields"]
            return pyarrow.map_(
                _field("key", key["type"], key).with_nullable(False),
                _field("value", value["type"], value),
            )
        case "array":
            return pyarrow.list_(_field("element", of["items"], of, "element-id"))
        case "map":
            return pyarrow.map_(pyarrow.string(), _field("value", of["values"], of, "value-id"))
    return _type(of["type"])


def _logical(of: Any, logical: str) -> Any:
    import pyarrow

    match logical:
        case "decimal":
            return pyarrow.decimal128(of["precision"], of.get("scale", 0))
        case "date":
            return pyarrow.date32()
        case "time-micros":
            return pyarrow.time64("us")
        case "timestamp-micros":
            return pyarrow.timestamp("us", "UTC" if of.get("adjust-to-utc") else None)
        case "local-timestamp-micros":
            return pyarrow.timestamp("us")
        case "uuid":
            return pyarrow.binary()
    return _type(of["type"])
