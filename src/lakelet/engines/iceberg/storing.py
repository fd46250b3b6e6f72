"""Rows as data files of Iceberg tables: Parquet, ORC and Avro with the fields' numbers."""

import io
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from lakelet.engines.iceberg import avro_schemas
from lakelet.engines.iceberg.types import trino
from lakelet.errors import TrinoError
from lakelet.formats import writers
from lakelet.formats.avro import container
from lakelet.formats.writers.avro import compressor
from lakelet.formats.writers.writing import FileWriter, Sink, WriteRequest, Writing
from lakelet.model import Document
from lakelet.types.arrow import to_arrow
from lakelet.types.duckdb import row_fields
from lakelet.types.quoting import identifier

if TYPE_CHECKING:
    from pyarrow import Table

_AVRO_ROWS: Final = 8_192
"""Rows of a block."""
FORMATS: Final = ("PARQUET", "ORC", "AVRO")
_PARQUET: Final = {
    "ZSTD": "ZSTD",
    "SNAPPY": "SNAPPY",
    "GZIP": "GZIP",
    "LZ4": "LZ4",
    "BROTLI": "BROTLI",
    "UNCOMPRESSED": "NONE",
    "NONE": "NONE",
}
_ORC: Final = {
    "ZSTD": "ZSTD",
    "SNAPPY": "SNAPPY",
    "GZIP": "ZLIB",
    "ZLIB": "ZLIB",
    "LZ4": "LZ4",
    "UNCOMPRESSED": "UNCOMPRESSED",
    "NONE": "UNCOMPRESSED",
}
_AVRO: Final = {
    "ZSTD": "zstandard",
    "SNAPPY": "snappy",
    "GZIP": "deflate",
    "UNCOMPRESSED": "null",
    "NONE": "null",
}


@dataclass(frozen=True, slots=True)
class IcebergFormat:
    """A format whose files hold columns of an Iceberg schema, in a codec."""

    name: str
    fields: Sequence[Document]
    codec: str

    def writing(self, request: WriteRequest) -> Writing:
        """How files are written, which the schema tells. Raises TrinoError for another codec."""
        return writing(self.name, self.fields, self.codec)


def writing(name: str, fields: Sequence[Document], codec: str) -> Writing:
    shown = writers.orc.moment if name == "ORC" else str
    items = [_Stored(shown).value(identifier(e["name"].lower()), e["type"], 0) for e in fields]
    words, opened = _WRITERS[name]
    word = codec.upper()
    if word not in words:
        message = f"Compression codec {word} not supported for {name.title()}"
        raise TrinoError("NOT_SUPPORTED", message)
    return Writing(items, f".{name.lower()}", lambda file: opened(file, fields, words[word]))


# Values --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Stored:
    """SQL of values, in their physical types, as files hold them; `moment` makes a timestamp what
    a format keeps of it."""

    moment: Callable[[str], str]

    def value(self, sql: str, of: Any, depth: int) -> str:
        if isinstance(of, dict):
            return _NESTED[of["type"]](self, sql, of, depth)
        match of:
            case "timestamp":
                return self.moment(sql)
            case "timestamptz":
                return self.moment(f"{sql}.instant")
            case "uuid":
                return f"unhex(replace(CAST({sql} AS VARCHAR), '-', ''))"
        return sql

    def struct(self, sql: str, of: Document, depth: int) -> str:
        items = (
            f"{identifier(each['name'])} := "
            + self.value(f"{sql}.{identifier(name)}", each["type"], depth)
            for name, each in zip(row_fields(trino(of)), of["fields"], strict=True)
        )
        return f"CASE WHEN {sql} IS NOT NULL THEN struct_pack({', '.join(items)}) END"

    def list(self, sql: str, of: Document, depth: int) -> str:
        name = f"v{depth}"
        return f"list_transform({sql}, lambda {name}: {self.value(name, of['element'], depth + 1)})"

    def map(self, sql: str, of: Document, depth: int) -> str:
        name = f"v{depth}"
        key = self.value(f"{name}.key", of["key"], depth + 1)
        value = self.value(f"{name}.value", of["value"], depth + 1)
        pair = f"struct_pack(key := {key}, value := {value})"
        entries = f"list_transform(map_entries({sql}), lambda {name}: {pair})"
        return f"CASE WHEN {sql} IS NOT NULL THEN map_from_entries({entries}) END"


_NESTED: Final = {"struct": _Stored.struct, "list": _Stored.list, "map": _Stored.map}


def arrow_schema(fields: Sequence[Document]) -> Any:
    """Arrow's schema of what files hold, with the fields' numbers."""
    import pyarrow

    return pyarrow.schema([_field(e["id"], e["name"], e["type"], e["required"]) for e in fields])


def _field(number: int, name: str, of: Any, required: bool) -> Any:
    import pyarrow

    metadata = {
        "PARQUET:field_id": str(number),
        "iceberg.id": str(number),
        "iceberg.required": str(required).lower(),
    }
    return pyarrow.field(name, _arrow(of), nullable=not required, metadata=metadata)


def _arrow(of: Any) -> Any:
    import pyarrow

    if isinstance(of, str):
        if of == "timestamptz":
            return pyarrow.timestamp("us", "UTC")
        if of == "uuid":
            return pyarrow.binary(16)
        return pyarrow.binary(int(of[6:-1])) if of.startswith("fixed[") else to_arrow(trino(of))
    match of["type"]:
        case "struct":
            parts = of["fields"]
            return pyarrow.struct(
                [_field(e["id"], e["name"], e["type"], e["required"]) for e in parts]
            )
        case "list":
            required = of["element-required"]
            return pyarrow.list_(_field(of["element-id"], "element", of["element"], required))
    return pyarrow.map_(
        _field(of["key-id"], "key", of["key"], True),
        _field(of["value-id"], "value", of["value"], of["value-required"]),
    )


# Files ---------------------------------------------------------------------------------------


class _Parquet:
    """A FileWriter."""

    def __init__(self, file: BinaryIO, fields: Sequence[Document], codec: str) -> None:
        import pyarrow
        from pyarrow import parquet

        self._file, self._schema = file, arrow_schema(fields)
        self._sink = Sink(file)
        self._writer: Any = parquet.ParquetWriter(
            pyarrow.PythonFile(self._sink, "w"),
            self._schema,
            compression=codec,
            store_schema=False,
            store_decimal_as_integer=True,
        )

    def write(self, rows: "Table") -> None:
        self._writer.write_table(_cast(rows, self._schema), row_group_size=max(1, rows.num_rows))
        self._sink.check()

    def close(self) -> None:
        self._writer.close()
        self._sink.check()
        self._file.flush()


class _Orc:
    """A FileWriter."""

    def __init__(self, file: BinaryIO, fields: Sequence[Document], codec: str) -> None:
        import pyarrow
        from pyarrow import orc

        self._file, self._schema = file, arrow_schema(fields)
        self._sink = Sink(file)
        self._writer: Any = orc.ORCWriter(pyarrow.PythonFile(self._sink, "w"), compression=codec)
        self._writer.write(self._schema.empty_table())

    def write(self, rows: "Table") -> None:
        self._writer.write(writers.orc.unsliced(_cast(rows, self._schema)))
        self._sink.check()

    def close(self) -> None:
        self._writer.close()
        self._sink.check()
        self._file.flush()


class _Avro:
    """A FileWriter."""

    def __init__(self, file: BinaryIO, fields: Sequence[Document], codec: str) -> None:
        import fastavro

        self._file, self._fields = file, fields
        self._schema = arrow_schema(fields)
        given = avro_schemas.record("table", (avro_schemas.data_field(each) for each in fields))
        self._avro = fastavro.parse_schema(given)
        self._compress = compressor(codec, None)
        self._sync = os.urandom(16)
        file.write(container.headed(json.dumps(given), codec, self._sync))

    def write(self, rows: "Table") -> None:
        import fastavro

        of = {"type": "struct", "fields": self._fields}
        for batch in _cast(rows, self._schema).to_batches(_AVRO_ROWS):
            data = io.BytesIO()
            for row in batch.to_pylist():
                fastavro.schemaless_writer(data, self._avro, _avro_value(of, row))
            block = self._compress(data.getbuffer())
            self._file.write(container.encoded(batch.num_rows) + container.encoded(len(block)))
            self._file.write(block)
            self._file.write(self._sync)

    def close(self) -> None:
        self._file.flush()


def _avro_value(of: Any, value: Any) -> Any:
    """Maps as pairs and moments without zones as Avro's writer takes them."""
    if value is None:
        return None
    if of == "timestamp":
        from datetime import UTC

        return value.replace(tzinfo=UTC)
    if of == "uuid":
        from uuid import UUID

        return UUID(bytes=value)
    if isinstance(of, str):
        return value
    match of["type"]:
        case "struct":
            return {
                each["name"]: _avro_value(each["type"], value[each["name"]])
                for each in of["fields"]
            }
        case "list":
            return [_avro_value(of["element"], each) for each in value]
    return [
        {"key": _avro_value(of["key"], key), "value": _avro_value(of["value"], each)}
        for key, each in value
    ]


def _cast(rows: "Table", schema: Any) -> "Table":
    return rows.rename_columns(schema.names).cast(schema)


_WRITERS: Final[dict[str, tuple[dict[str, str], Callable[..., FileWriter]]]] = {
    "PARQUET": (_PARQUET, _Parquet),
    "ORC": (_ORC, _Orc),
    "AVRO": (_AVRO, _Avro),
}
