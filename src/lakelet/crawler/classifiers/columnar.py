"""Avro, ORC and Parquet: what their headers and footers say."""

import json
from collections.abc import Iterator
from typing import Any

from lakelet.crawler import classified
from lakelet.crawler.classified import Classified
from lakelet.crawler.classifiers.avro import header
from lakelet.crawler.samples import Sample
from lakelet.crawler.schemas import Kind
from lakelet.errors import TrinoError
from lakelet.types.hive import to_hive

_PARQUET, _ORC, _AVRO = b"PAR1", b"ORC", b"Obj\x01"
_TAIL = 8 * 1024
_SERIALIZATION = {"serialization.format": "1"}


def parquet(sample: Sample) -> Classified | None:
    """By the footer alone; a file that only begins like Parquet is none."""
    if not sample.head.startswith(_PARQUET):
        return None
    from pyarrow import ArrowException, BufferReader
    from pyarrow.parquet import read_metadata

    tail = sample.tail(_TAIL)
    if not tail.endswith(_PARQUET):
        return None
    length = int.from_bytes(tail[-8:-4], "little") + 8
    if length > len(tail):
        tail = sample.tail(length)
    try:
        # The columns' chunks are not looked at, so the footer may stand for the file.
        footer = read_metadata(BufferReader(_PARQUET + tail[-length:]))
        schema = dict(_kinds(footer.schema.to_arrow_schema()))
    except (ArrowException, OSError):
        return None
    return _table(sample, "parquet", classified.PARQUET, schema, footer.num_rows)


def orc(sample: Sample) -> Classified | None:
    """By the footer."""
    if not sample.head.startswith(_ORC):
        return None
    from pyarrow import ArrowException
    from pyarrow.orc import ORCFile

    try:
        with sample.open() as file:
            footer = ORCFile(file)
            return _table(sample, "orc", classified.ORC, dict(_kinds(footer.schema)), footer.nrows)
    except (ArrowException, OSError):
        return None


def avro(sample: Sample) -> Classified | None:
    """By the header, whose schema the table keeps as it is."""
    if not sample.head.startswith(_AVRO):
        return None
    found = header(sample.head)
    if found is None:
        return None
    schema, codec, body = found
    literal = json.dumps(schema.literal, separators=(",", ":"))
    records, size = sample.measured(len(sample.head[body:]) and 1)
    return Classified(
        "avro",
        classified.AVRO,
        {name.lower(): kind for name, kind in schema.columns},
        "none" if codec == "null" else codec,
        records,
        size,
        {**_SERIALIZATION, "avro.schema.literal": literal},
        {"avro.schema.literal": literal},
    )


def _table(
    sample: Sample, name: str, layout: classified.Layout, schema: dict[str, Kind], rows: int
) -> Classified:
    size = sample.info.size // rows if rows else 0
    return Classified(name, layout, schema, "none", rows, size, dict(_SERIALIZATION))


def _kinds(schema: Any) -> Iterator[tuple[str, Kind]]:
    for each in schema:
        yield each.name.lower(), Kind(_stored(each.type))


def _stored(given: Any) -> str:
    """The Hive word; an instant is a timestamp there, what Hive lacks is text."""
    from lakelet.types.arrow import from_arrow

    if str(given) == "uint64":
        return "bigint"
    try:
        of = from_arrow(given)
        return "timestamp" if of.name == "timestamp with time zone" else to_hive(of)
    except TrinoError:
        return "string"
