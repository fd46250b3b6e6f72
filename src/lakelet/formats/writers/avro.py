"""Avro object container files, encoded a column at a time by Arrow's kernels.

A value's encoding is a string of bytes; a row's is that of its columns joined. The schema and the
refusals are those of Trino's Hive connector.
"""

import os
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from lakelet.errors import TrinoError
from lakelet.formats.writers import avro_schema
from lakelet.formats.writers.writing import WriteRequest, Writing, codec
from lakelet.types import Type
from lakelet.types.arrow import to_arrow
from lakelet.types.quoting import identifier

if TYPE_CHECKING:
    from pyarrow import Table

CODECS: Final = {
    "NONE": "null",
    "UNCOMPRESSED": "null",
    "SNAPPY": "snappy",
    "GZIP": "deflate",
    "DEFLATE": "deflate",
    "ZSTD": "zstandard",
}
_ROWS: Final = 8_192
"""Rows of a block."""
_VARINT_BYTES: Final = 10


def writing(request: WriteRequest) -> Writing:
    """Raises TrinoError for a codec or a type that Avro has not."""
    chosen = codec(CODECS, request, "SNAPPY", "Avro")
    for name, of in request.columns:
        _check(name, of)
    if not all(map(_is_name, _names(request.columns))):
        message = "Error creating Avro Container file"
        raise TrinoError("HIVE_WRITER_OPEN_ERROR", message)
    items = [identifier(name) for name, _ in request.columns]
    return Writing(items, "", lambda file: _Avro(file, request, chosen))


def _check(name: str, of: Type) -> None:
    if of.name in ("tinyint", "smallint"):
        message = (
            f"Column '{name}' is {of.name}, which is not supported by Avro. Use integer instead."
        )
        raise TrinoError("NOT_SUPPORTED", message)
    for each in of.walk():
        if each.name == "map" and str(each.key) != "varchar":
            message = f"Column '{name}' has a non-varchar map key, which is not supported by Avro"
            raise TrinoError("NOT_SUPPORTED", message)


def _names(columns: Iterable[tuple[str, Type]]) -> Iterator[str]:
    """Of columns and of the fields of all rows inside."""
    for name, of in columns:
        yield name
        for each in of.walk():
            yield from (field for field in each.fields if field is not None)


def _is_name(text: str) -> bool:
    """As Java has identifiers: letters of any alphabet."""
    return text.isidentifier()


class _Avro:
    """A FileWriter."""

    def __init__(self, file: BinaryIO, request: WriteRequest, codec_name: str) -> None:
        import pyarrow

        self._file = file
        self._types = [of for _, of in request.columns]
        fields = [(name, to_arrow(of)) for name, of in request.columns]
        self._schema: Any = pyarrow.schema(fields)
        self._compress = compressor(codec_name, request.level)
        self._sync = os.urandom(16)
        schema = avro_schema.text(request)
        metadata = {"avro.schema": schema.encode(), "avro.codec": codec_name.encode()}
        file.write(b"Obj\x01" + _varint(len(metadata)))
        for key, value in metadata.items():
            file.write(_varint(len(key)) + key.encode() + _varint(len(value)) + value)
        file.write(b"\x00" + self._sync)

    def write(self, rows: "Table") -> None:
        table = rows.rename_columns(self._schema.names).cast(self._schema)
        for batch in table.combine_chunks().to_batches(_ROWS):
            columns = [
                _optional(column, of) for column, of in zip(batch.columns, self._types, strict=True)
            ]
            data = self._compress(_bytes(_joined(columns)))
            self._file.write(_varint(batch.num_rows) + _varint(len(data)))
            self._file.write(data)
            self._file.write(self._sync)

    def close(self) -> None:
        self._file.flush()


def compressor(name: str, level: int | None) -> Callable[[memoryview], Any]:
    """What compresses the bytes of a block in a codec of Avro's."""
    import pyarrow

    def deflated(data: memoryview) -> bytes:
        made = zlib.compressobj(6 if level is None else level, wbits=-zlib.MAX_WBITS)
        return made.compress(data) + made.flush()

    def snappy(data: memoryview) -> bytes:
        compressed: bytes = pyarrow.Codec("snappy").compress(data, asbytes=True)
        return compressed + zlib.crc32(data).to_bytes(4, "big")

    def zstandard(data: memoryview) -> bytes:
        compressed: bytes = pyarrow.Codec("zstd", compression_level=level).compress(
            data, asbytes=True
        )
        return compressed

    known: dict[str, Callable[[memoryview], Any]] = {
        "deflate": deflated,
        "snappy": snappy,
        "zstandard": zstandard,
    }
    return known.get(name, bytes)


def _varint(value: int) -> bytes:
    out = bytearray()
    rest = value << 1
    while rest > 127:
        out.append(rest & 127 | 128)
        rest >>= 7
    return bytes((*out, rest))


# Encodings: Arrow arrays of values → Arrow arrays of bytes -----------------------------------


def _bytes(encoded: Any) -> memoryview:
    """All the bytes of an array of bytes that has no NULL."""
    _, offsets, data = encoded.buffers()
    if data is None:
        return memoryview(b"")
    ends = memoryview(offsets).cast("i")
    start, end = ends[encoded.offset], ends[encoded.offset + len(encoded)]
    return memoryview(data)[start:end]


def _joined(parts: list[Any]) -> Any:
    import pyarrow
    from pyarrow import compute

    return compute.binary_join_element_wise(*parts, pyarrow.scalar(b""))


def _constant(data: bytes) -> Any:
    import pyarrow

    return pyarrow.scalar(data)


def _optional(values: Any, of: Type) -> Any:
    """The union of null and the type: its branch, then the value."""
    from pyarrow import compute

    encoded = _joined([_constant(b"\x02"), compute.fill_null(_encoded(values, of), b"")])
    return compute.if_else(values.is_valid(), encoded, _constant(b"\x00"))


def _encoded(values: Any, of: Type) -> Any:
    return _ENCODERS.get(of.name, _integer)(values, of)


def _integer(values: Any, of: Type) -> Any:
    """Integers, dates as days and timestamps as milliseconds: zigzag, seven bits a byte."""
    import pyarrow
    from pyarrow import compute

    if of.name == "timestamp":
        values = values.cast(pyarrow.timestamp("ms"), safe=False)
    if of.name == "date":
        values = values.cast(pyarrow.int32())
    numbers = values.cast(pyarrow.int64())
    # Arrow does not shift by a signed type's last bit.
    sign = compute.if_else(compute.less(numbers, 0), _number(-1), _number(0))
    zigzag = compute.bit_wise_xor(compute.shift_left(numbers, 1), sign)
    return _base128(compute.fill_null(zigzag, 0).view(pyarrow.uint64()))


def _number(value: int) -> Any:
    import pyarrow

    return pyarrow.scalar(value, pyarrow.int64())


def _base128(rest: Any) -> Any:
    import pyarrow
    from pyarrow import compute

    table = pyarrow.array([*(bytes((value,)) for value in range(256)), b""], pyarrow.binary())
    parts: list[Any] = []
    more: Any = None
    while more is None or (len(parts) < _VARINT_BYTES and compute.any(more).as_py()):
        low = compute.bit_wise_and(rest, pyarrow.scalar(127, pyarrow.uint64()))
        rest = compute.shift_right(rest, pyarrow.scalar(7, pyarrow.uint64()))
        follows = compute.greater(rest, pyarrow.scalar(0, pyarrow.uint64()))
        high = compute.bit_wise_or(low, pyarrow.scalar(128, pyarrow.uint64()))
        value = compute.if_else(follows, high, low)
        if more is not None:
            value = compute.if_else(more, value, pyarrow.scalar(256, pyarrow.uint64()))
        parts.append(table.take(value))
        more = follows
    return _joined(parts) if len(parts) > 1 else parts[0]


def _boolean(values: Any, of: Type) -> Any:
    from pyarrow import compute

    return compute.if_else(values, _constant(b"\x01"), _constant(b"\x00"))


def _sized(values: Any, of: Type) -> Any:
    """Texts and binaries: their length, then their bytes."""
    import pyarrow
    from pyarrow import compute

    data = compute.fill_null(values.cast(pyarrow.binary()), b"")
    return _joined([_integer(compute.binary_length(data), _BIGINT), data])


def _fixed(values: Any, of: Type) -> Any:
    """Floating point numbers and decimals by their bytes in memory, least significant first."""
    import pyarrow

    width = values.type.bit_width // 8
    data = values.buffers()[1]
    fixed = pyarrow.Array.from_buffers(
        pyarrow.binary(width), len(values), [None, data], offset=values.offset
    )
    return fixed.cast(pyarrow.binary())


def _decimal(values: Any, of: Type) -> Any:
    from pyarrow import compute

    return _joined([_constant(_varint(16)), compute.binary_reverse(_fixed(values, of))])


def _array(values: Any, of: Type) -> Any:
    return _block(values, _optional(values.flatten(), of.element))


def _map(values: Any, of: Type) -> Any:
    import pyarrow
    from pyarrow import compute

    entries = pyarrow.StructArray.from_arrays([values.keys, values.items], ["key", "value"])
    lists = pyarrow.ListArray.from_arrays(values.offsets, entries)
    flat = lists.flatten()
    keys = _sized(compute.struct_field(flat, [0]), of.key)
    items = _optional(compute.struct_field(flat, [1]), of.value)
    return _block(lists, _joined([keys, items]))


def _block(lists: Any, items: Any) -> Any:
    """An array or a map: one block of so many items and an empty one, or only that."""
    import pyarrow
    from pyarrow import compute

    counts = compute.fill_null(compute.list_value_length(lists), 0)
    zero = pyarrow.array([0], pyarrow.int32())
    ends = compute.cumulative_sum(counts).cast(pyarrow.int32())
    offsets = pyarrow.concat_arrays([zero, ends])
    inside = compute.binary_join(pyarrow.ListArray.from_arrays(offsets, items), b"")
    full = _joined([_integer(counts, _BIGINT), inside, _constant(b"\x00")])
    return compute.if_else(compute.equal(counts, 0), _constant(b"\x00"), full)


def _row(values: Any, of: Type) -> Any:
    from pyarrow import compute

    return _joined(
        [
            _optional(compute.struct_field(values, [index]), part)
            for index, part in enumerate(of.arguments)
        ]
    )


_BIGINT: Final = Type("bigint")
_ENCODERS: Final[dict[str, Callable[[Any, Type], Any]]] = {
    "boolean": _boolean,
    "varchar": _sized,
    "char": _sized,
    "varbinary": _sized,
    "double": _fixed,
    "real": _fixed,
    "decimal": _decimal,
    "array": _array,
    "map": _map,
    "row": _row,
}
