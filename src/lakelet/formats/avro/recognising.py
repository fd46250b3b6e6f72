"""Avro files by their headers."""

import json

from lakelet.formats.avro.columns import header
from lakelet.formats.avro.container import MAGIC
from lakelet.formats.recognition.classified import Classified, Layout
from lakelet.formats.recognition.columnar import SERIALIZATION
from lakelet.formats.recognition.samples import Sample

LAYOUT = Layout(
    "org.apache.hadoop.hive.serde2.avro.AvroSerDe",
    "org.apache.hadoop.hive.ql.io.avro.AvroContainerInputFormat",
    "org.apache.hadoop.hive.ql.io.avro.AvroContainerOutputFormat",
)


def recognise(sample: Sample) -> Classified | None:
    """By the header, whose schema the table keeps as it is."""
    if not sample.head.startswith(MAGIC):
        return None
    found = header(sample.head)
    if found is None:
        return None
    schema, codec, body = found
    literal = json.dumps(schema.literal, separators=(",", ":"))
    records, size = sample.measured(len(sample.head[body:]) and 1)
    return Classified(
        "avro",
        LAYOUT,
        {name.lower(): kind for name, kind in schema.columns},
        "none" if codec == "null" else codec,
        records,
        size,
        {**SERIALIZATION, "avro.schema.literal": literal},
        {"avro.schema.literal": literal},
    )
