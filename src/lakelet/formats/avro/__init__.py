"""Avro: fields by name, by the schema of the table (`avro.schema.literal`, `avro.schema.url`) or
the one that its columns stand for; decoded (`decoding`) some blocks at a time.

DuckDB's own extension holds a whole file in memory, knows neither bzip2 nor zstd and resolves no
schema.
"""

import lzma
import zlib
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from lakelet.errors import TrinoError
from lakelet.formats import writers
from lakelet.formats.avro import schemas
from lakelet.formats.avro.arrays import arrow_type, value
from lakelet.formats.avro.container import Header, header
from lakelet.formats.avro.decoding import decoded
from lakelet.formats.scanning import NUMBER, PATH, Format, Relation, Request
from lakelet.formats.streams import stream
from lakelet.model import DataFile
from lakelet.types.quoting import identifier

if TYPE_CHECKING:
    from pyarrow import RecordBatch


def _scan(request: Request) -> Relation:
    import pyarrow

    table = _schema(request)
    fields = _fields(request, table)
    types = [(name, arrow_type(fields[name]["type"])) for name, _ in request.wanted]
    schema = pyarrow.schema([*types, (PATH, pyarrow.string()), (NUMBER, pyarrow.int64())])

    def batches(names: Sequence[str]) -> Iterator["RecordBatch"]:
        part = pyarrow.schema([schema.field(name) for name in names])
        for number in range(len(request.files)):
            yield from _batches(request, number, {**table, "fields": fields}, part)

    items = "".join(
        f"{value(name, fields[name]['type'], of)} AS {identifier(name)}, "
        for name, of in request.wanted
    )
    name = f"{request.name}_avro"
    sql = f"SELECT {items}{identifier(PATH)}, {identifier(NUMBER)} FROM {name}"
    return Relation(sql, {name: stream(schema, batches)}, numbered=True)


def _fields(request: Request, schema: schemas.Schema) -> Mapping[str, Any]:
    """Of each column its field, found by its name or else by that in lower case. Raises
    TrinoError for a column that has none."""
    exact = {each["name"]: each for each in schema["fields"]}
    lower = {name.lower(): each for name, each in exact.items()}
    if len(lower) < len(exact):
        raise schemas.unusable("Multiple entries with same key")
    found = {name: exact.get(name) or lower.get(name) for name, _ in request.wanted}
    for name, field in found.items():
        if field is None:
            record = schema.get("full", schema["name"])
            raise _cannot_open(f"Unable to find column {name} in table Avro schema {record}")
    return found


def _schema(request: Request) -> schemas.Schema:
    """The table's schema. Raises TrinoError."""
    literal = request.property("avro.schema.literal")
    url = request.property("avro.schema.url")
    try:
        if literal and literal != "none":
            return schemas.parsed(literal)
        if url:
            return schemas.parsed(request.object(url).decode("utf-8", "replace"))
    except schemas.RecursiveError as failure:
        raise _unresolved(request.files[0] if request.files else None) from failure
    return schemas.from_columns(request.schema)


# A file ---------------------------------------------------------------------------------------


def _batches(
    request: Request, number: int, table: Mapping[str, Any], schema: Any
) -> Iterator["RecordBatch"]:
    import pyarrow
    from fastavro.read import SchemaResolutionError
    from fastavro.schema import SchemaParseException, UnknownType

    file = request.files[number]
    same = {PATH: file.url, NUMBER: number}
    asked = [(field, table["fields"][field.name]) for field in schema if field.name not in same]
    with request.open(file) as opened:
        try:
            head = header(opened)
            writer, reader = _both(file, head, {**table, "fields": [told for _, told in asked]})
            for count, found in decoded(opened, head, writer, reader, asked):
                arrays = dict(zip((field.name for field, _ in asked), found, strict=True))
                yield pyarrow.record_batch(
                    [
                        pyarrow.repeat(pyarrow.scalar(same[field.name], field.type), count)
                        if field.name in same
                        else arrays[field.name]
                        for field in schema
                    ],
                    schema=schema,
                )
        except (*_BROKEN, SchemaResolutionError, SchemaParseException, UnknownType) as bad:
            raise TrinoError(
                "HIVE_CURSOR_ERROR", f"Failed to read Avro file: {file.info.key.rpartition('/')[2]}"
            ) from bad


_BROKEN: Final = (
    *(schemas.LateError, ValueError, EOFError, LookupError, OSError, zlib.error, lzma.LZMAError),
    *(TypeError, OverflowError),
)
"""What fails when bytes are taken for values that they are not."""


def _both(
    file: DataFile, head: Header, table: schemas.Schema
) -> tuple[schemas.Schema, schemas.Schema]:
    """The writer's schema and the reader's; unions are tagged where the reader has any."""
    reader = schemas.plain(table)
    tagged = schemas.tagged(reader)
    try:
        writer = schemas.plain(schemas.parsed(head.schema))
    except schemas.RecursiveError as failure:
        message = "Internal error"  # Trino's stack overflows
        raise TrinoError("GENERIC_INTERNAL_ERROR", message) from failure
    if tagged != reader:
        writer = schemas.tagged(writer)
    try:
        fields = schemas.record_fields(tagged, writer)
        return writer, {**tagged, "name": writer["name"], "fields": fields}
    except ValueError as failure:
        raise _unresolved(file) from failure


def _unresolved(file: DataFile | None) -> TrinoError:
    where = "" if file is None else f" from {file.info.uri}"
    return _cannot_open(f"Avro type resolution error when initializing split{where}")


def _cannot_open(message: str) -> TrinoError:
    return TrinoError("HIVE_CANNOT_OPEN_SPLIT", message)


FORMAT: Final = Format(
    name="AVRO",
    classification="avro",
    serdes=("org.apache.hadoop.hive.serde2.avro.AvroSerDe",),
    input_format="org.apache.hadoop.hive.ql.io.avro.AvroContainerInputFormat",
    output_format="org.apache.hadoop.hive.ql.io.avro.AvroContainerOutputFormat",
    scan=_scan,
    writing=writers.avro.writing,
    by_name=True,
)
