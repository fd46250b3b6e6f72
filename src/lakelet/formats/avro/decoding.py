"""Records as Arrow columns.

Records of primitives need no schema resolution: they are decoded as they were written, by rugo
where it is installed (the extra `avro`), which makes columns without a Python object for a value.
All others, and what rugo refuses, are fastavro's, whose word is the last on bytes that are wrong.
"""

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from lakelet.formats.avro.arrays import array
from lakelet.formats.avro.container import Header, blocks, encoded, uncompressed
from lakelet.formats.avro.schemas import Schema, branch

if TYPE_CHECKING:
    from pyarrow import Array

Fields = Sequence[tuple[Any, Mapping[str, Any]]]
"""Of each column, its Arrow field and its field in the table's schema."""

Decode = Callable[[bytes], tuple[int, "Sequence[Array]"]]
"""The number of records of an uncompressed container, and the columns asked for."""

_BYTES: Final = 1024 * 1024
"""Of blocks that are decoded together."""
_PRIMITIVES: Final = ("boolean", "int", "long", "float", "double", "bytes", "string")


def decoded(
    opened: BinaryIO, head: Header, writer: Schema, reader: Schema, fields: Fields
) -> "Iterator[tuple[int, Sequence[Array]]]":
    """The columns of some blocks at a time. Raises ValueError, EOFError, KeyError, IndexError,
    OSError or fastavro's SchemaResolutionError for bytes that are not the schema's."""
    direct = _direct(writer, reader)
    if direct:
        writer = _unread_as_bytes(writer, {each["name"] for each in reader["fields"]})
    decode = _decoder(writer, fields) if direct else partial(_rows, reader, fields)
    for piece in _pieces(opened, head, writer):
        yield decode(piece)


def _pieces(opened: BinaryIO, head: Header, writer: Schema) -> Iterator[bytes]:
    import json

    start = uncompressed(Header(json.dumps(writer), "null", head.sync))
    waiting: list[bytes] = []
    size = 0
    for count, data in blocks(opened, head):
        waiting.append(encoded(count) + encoded(len(data)) + data + head.sync)
        size += len(data)
        if size >= _BYTES:
            yield start + b"".join(waiting)
            waiting, size = [], 0
    if waiting:
        yield start + b"".join(waiting)


def _rows(reader: Schema | None, fields: Fields, piece: bytes) -> "tuple[int, Sequence[Array]]":
    """A field that the records lack is null."""
    import fastavro

    rows: list[Any] = list(fastavro.reader(io.BytesIO(piece), reader))
    return len(rows), [
        array([row.get(field.name) for row in rows], field, told) for field, told in fields
    ]


# Records of primitives ------------------------------------------------------------------------


def _direct(writer: Schema, reader: Schema) -> bool:
    """Whether the values as they were written are those of the reader's schema."""
    written = {each["name"]: each["type"] for each in writer.get("fields", ())}
    return all(_primitive(each) for each in written.values()) and all(
        "aliases" not in each and _same(each, written.get(each["name"]))
        for each in reader["fields"]
    )


def _primitive(schema: Schema) -> bool:
    return branch(schema) in _PRIMITIVES and (not isinstance(schema, list) or len(schema) == 2)


def _same(field: Mapping[str, Any], written: Schema | None) -> bool:
    if written is None:
        return field.get("default", 0) is None
    nullable = isinstance(field["type"], list)
    return branch(field["type"]) == branch(written) and (nullable or not isinstance(written, list))


def _unread_as_bytes(writer: Schema, read: set[str]) -> Schema:
    """Texts that nobody asks for need not be UTF-8; bytes are written as they are."""
    fields = [
        each if each["name"] in read else {**each, "type": _as_bytes(each["type"])}
        for each in writer["fields"]
    ]
    return {**writer, "fields": fields}


def _as_bytes(schema: Schema) -> Schema:
    if isinstance(schema, list):
        return [_as_bytes(each) for each in schema]
    return "bytes" if schema == "string" else schema


def _decoder(writer: Schema, fields: Fields) -> Decode:
    try:
        from rugo import avro
    except ImportError:
        return partial(_rows, None, fields)
    written = {each["name"] for each in writer["fields"]}
    names = [field.name for field, _ in fields if field.name in written]
    refused = False

    def decode(piece: bytes) -> "tuple[int, Sequence[Array]]":
        nonlocal refused
        if not refused:
            try:
                return _native(avro, piece, names, fields)
            except (RuntimeError, ValueError, TypeError):
                refused = True
        return _rows(None, fields, piece)

    return decode


def _native(
    avro: Any, piece: bytes, names: Sequence[str], fields: Fields
) -> "tuple[int, Sequence[Array]]":
    import pyarrow

    with avro.read_avro(piece, columns=names) as reader:
        found = list(reader)
    count = sum(each.num_rows for each in found)
    if not names or not found:
        return count, [pyarrow.nulls(count, field.type) for field, _ in fields]
    table = pyarrow.concat_tables([each.to_arrow() for each in found])
    return count, [
        _column(table.column(field.name), field, told)
        if field.name in names
        else pyarrow.nulls(count, field.type)
        for field, told in fields
    ]


def _column(found: Any, field: Any, told: Mapping[str, Any]) -> "Array":
    if found.type != field.type:  # bytes that stand for decimals or texts
        return array(found.to_pylist(), field, told)
    found.validate(full=True)  # texts are UTF-8
    return found.combine_chunks()
