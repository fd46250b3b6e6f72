"""ORC by pyarrow; the types of the file's footer are then those of the table.

pyarrow has no char and no varchar: it writes strings, whose bytes are the same. Trino keeps a
timestamp's seconds cut towards zero, as Hive always has, so that a moment within the last second
before 1970 comes back one second later (ORC-763).
"""

from typing import TYPE_CHECKING, Any, BinaryIO, Final

from lakelet.formats.writers.writing import Sink, WriteRequest, Writing, codec
from lakelet.types import Type
from lakelet.types.arrow import to_arrow
from lakelet.types.duckdb import row_fields
from lakelet.types.quoting import identifier, parameter

if TYPE_CHECKING:
    from pyarrow import Table

CODECS: Final = {
    "NONE": "UNCOMPRESSED",
    "UNCOMPRESSED": "UNCOMPRESSED",
    "SNAPPY": "SNAPPY",
    "GZIP": "ZLIB",
    "ZLIB": "ZLIB",
    "ZSTD": "ZSTD",
    "LZ4": "LZ4",
}


def writing(request: WriteRequest) -> Writing:
    """Raises TrinoError HIVE_UNSUPPORTED_FORMAT for a codec that ORC has not."""
    chosen = codec(CODECS, request, "ZLIB", "Orc")
    items = [_stored(identifier(name), of, 0) for name, of in request.columns]
    return Writing(items, "", lambda file: _Orc(file, request, chosen))


def _stored(sql: str, of: Type, depth: int) -> str:
    """A value with its moments as Hive's writer keeps them."""
    if "timestamp" not in str(of):
        return sql
    name = parameter("v", depth)
    match of.name:
        case "timestamp":
            return moment(sql)
        case "array":
            return f"list_transform({sql}, lambda {name}: {_stored(name, of.element, depth + 1)})"
        case "map":
            key = _stored(f"{name}.key", of.key, depth + 1)
            value = _stored(f"{name}.value", of.value, depth + 1)
            pair = f"struct_pack(key := {key}, value := {value})"
            entries = f"list_transform(map_entries({sql}), lambda {name}: {pair})"
            return f"CASE WHEN {sql} IS NOT NULL THEN map_from_entries({entries}) END"
    fields = ", ".join(
        f"{identifier(field)} := {_stored(f'{sql}.{identifier(field)}', part, depth)}"
        for field, part in zip(row_fields(of), of.arguments, strict=True)
    )
    return f"CASE WHEN {sql} IS NOT NULL THEN struct_pack({fields}) END"


def unsliced(rows: "Table") -> "Table":
    """The rows in memory of their own where some are part of others' and have rows inside: of
    those pyarrow 25 writes the NULLs and values of the first ones."""
    from pyarrow import array, types

    nested = any(types.is_nested(column.type) for column in rows.columns)
    part = any(chunk.offset for column in rows.columns for chunk in column.chunks)
    return rows.take(array(range(rows.num_rows))) if nested and part else rows


def moment(sql: str) -> str:
    """A timestamp as Hive's writer keeps it."""
    late = f"epoch_us({sql}) BETWEEN -999999 AND -1"
    return f"CASE WHEN {late} THEN {sql} + INTERVAL 1 SECOND ELSE {sql} END"


class _Orc:
    """A FileWriter."""

    def __init__(self, file: BinaryIO, request: WriteRequest, codec_name: str) -> None:
        import pyarrow
        from pyarrow import orc

        self._file = file
        self._types = [of for _, of in request.columns]
        fields = [(name, to_arrow(of)) for name, of in request.columns]
        self._schema: Any = pyarrow.schema(fields)
        self._sink = Sink(file)
        self._writer: Any = orc.ORCWriter(
            pyarrow.PythonFile(self._sink, "w"),
            compression=codec_name,
            # Bent on speed, the writer of ORC's C++ library leaves LZ4 as large as it came.
            compression_strategy="compression" if codec_name == "LZ4" else "speed",
            compression_block_size=262_144,
        )

    def write(self, rows: "Table") -> None:
        self._writer.write(unsliced(rows.rename_columns(self._schema.names).cast(self._schema)))
        self._sink.check()

    def close(self) -> None:
        from lakelet.formats.orc import retyping  # whose room is built on this module

        self._writer.close()
        self._sink.check()
        self._file.flush()
        retyping.retype(self._file, self._types)
