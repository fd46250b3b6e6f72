"""Avro files by their headers."""

import json

from lakelet.formats.avro import FORMAT
from lakelet.formats.avro.columns import header
from lakelet.formats.avro.container import MAGIC
from lakelet.formats.recognition.classified import Classified
from lakelet.formats.recognition.columnar import SERIALIZATION
from lakelet.formats.recognition.samples import Sample
from lakelet.formats.stored_as import StoredAs

_STORED_AS = StoredAs.of(FORMAT)


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
        _STORED_AS,
        {name.lower(): kind for name, kind in schema.columns},
        "none" if codec == "null" else codec,
        records,
        size,
        {**SERIALIZATION, "avro.schema.literal": literal},
        {"avro.schema.literal": literal},
    )
