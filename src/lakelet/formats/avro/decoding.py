"""Records as Arrow columns.

Records of primitives need no schema resolution: they are decoded as they were written, by rugo
where it is installed (the extra `avro`), else many blocks side by side (`lanes`); neither makes a
Python object for a value. All others, and what they refuse, are fastavro's, whose word is the last
on bytes that are wrong.
"""

import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from lakelet.formats.avro import lanes
from lakelet.formats.avro.arrays import array
from lakelet.formats.avro.container import Header, blocks, encoded, uncompressed
from lakelet.formats.avro.lanes import Block
from lakelet.formats.avro.schemas import Schema, branch
from lakelet.formats.streams import gathered

if TYPE_CHECKING:
    from pyarrow import Array

Fields = Sequence[tuple[Any, Mapping[str, Any]]]
"""Of each column, its Arrow field and its field in the table's schema."""

Found = tuple[int, "Sequence[Array]"]
"""The number of some records, and the columns asked for."""

_BYTES: Final = 1024 * 1024
"""Of blocks that are decoded together."""
_IN_LANES: Final = 16 * _BYTES
"""Of those that are decoded side by side, which is the faster the more there are."""
_PRIMITIVES: Final = ("boolean", "int", "long", "float", "double", "bytes", "string")


def decoded(
    opened: BinaryIO, head: Header, writer: Schema, reader: Schema, fields: Fields
) -> "Iterator[tuple[int, Sequence[Array]]]":
    """The columns of some blocks at a time. Raises ValueError, EOFError, KeyError, IndexError,
    OSError or fastavro's SchemaResolutionError for bytes that are not the schema's."""
    direct = _direct(writer, reader)
    if direct:
        writer = _unread_as_bytes(writer, {each["name"] for each in reader["fields"]})
    container = _Container(head, writer)
    rows = partial(_rows, container, None if direct else reader, fields)
    native = _native_of(container, fields) if direct else None
    if native is not None:
        for piece in _pieces(opened, head, _BYTES):
            yield native(piece) or rows(piece)
        return
    for piece in _pieces(opened, head, _IN_LANES if direct else _BYTES):
        found = _side_by_side(piece, writer, fields) if direct else None
        if found is None:
            yield from map(rows, gathered(piece, _BYTES))
        else:
            yield found


@dataclass(frozen=True, slots=True)
class _Container:
    """Makes containers of some blocks that are not compressed."""

    head: Header
    writer: Schema

    def of(self, piece: Sequence[Block]) -> bytes:
        sync = self.head.sync
        parts = [uncompressed(Header(json.dumps(self.writer), "null", sync))]
        for count, data in piece:
            parts += [encoded(count), encoded(len(data)), data, sync]
        return b"".join(parts)


def _pieces(opened: BinaryIO, head: Header, size: int) -> Iterator[Sequence[Block]]:
    return gathered(blocks(opened, head), size)


def _rows(
    container: _Container, reader: Schema | None, fields: Fields, piece: Sequence[Block]
) -> Found:
    """A field that the records lack is null."""
    import fastavro

    rows: list[Any] = list(fastavro.reader(io.BytesIO(container.of(piece)), reader))
    return len(rows), [
        array([row.get(told["name"]) for row in rows], field, told) for field, told in fields
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


def _side_by_side(piece: Sequence[Block], writer: Schema, fields: Fields) -> Found | None:
    """None for too few blocks, and for what is fastavro's to judge."""
    if len(piece) < lanes.LEAST:
        return None
    try:
        found = lanes.columns(piece, writer, {told["name"] for _, told in fields})
        return _columns(sum(count for count, _ in piece), found, fields)
    except (ValueError, IndexError):
        return None


def _native_of(
    container: _Container, fields: Fields
) -> Callable[[Sequence[Block]], Found | None] | None:
    """rugo's reading, None where rugo is not; from the first piece on that it refuses it gives
    None."""
    try:
        from rugo import avro
    except ImportError:
        return None
    written = {each["name"] for each in container.writer["fields"]}
    names = [told["name"] for _, told in fields if told["name"] in written]
    refused = False

    def native(piece: Sequence[Block]) -> Found | None:
        nonlocal refused
        if not refused:
            try:
                return _native(avro, container.of(piece), names, fields)
            except (RuntimeError, ValueError, TypeError):
                refused = True
        return None

    return native


def _native(avro: Any, piece: bytes, names: Sequence[str], fields: Fields) -> Found:
    import pyarrow

    with avro.read_avro(piece, columns=names) as reader:
        found = list(reader)
    count = sum(each.num_rows for each in found)
    if not names or not found:
        return _columns(count, {}, fields)
    table = pyarrow.concat_tables([each.to_arrow() for each in found])
    return _columns(count, {name: table.column(name).combine_chunks() for name in names}, fields)


def _columns(count: int, found: "Mapping[str, Array]", fields: Fields) -> Found:
    """A field that the records lack is null. Raises ValueError for texts that are no UTF-8."""
    import pyarrow

    return count, [
        _column(found[told["name"]], field, told)
        if told["name"] in found
        else pyarrow.nulls(count, field.type)
        for field, told in fields
    ]


def _column(found: "Array", field: Any, told: Mapping[str, Any]) -> "Array":
    if found.type != field.type:  # bytes that stand for decimals or texts
        return array(found.to_pylist(), field, told)
    found.validate(full=True)  # texts are UTF-8
    return found
