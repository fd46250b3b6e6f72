"""File formats: one file each. How it is recognised, read by DuckDB, written and billed."""

from collections.abc import Mapping

from lakelet.errors import TrinoError
from lakelet.formats import (
    avro,
    delimited,
    grok,
    ion,
    json,
    opencsv,
    orc,
    parquet,
    regex,
    stored_as,
)
from lakelet.formats.scanning import Format
from lakelet.model import StorageDescriptor

FORMATS: tuple[Format, ...] = (
    parquet.FORMAT,
    orc.FORMAT,
    avro.FORMAT,
    json.HIVE,
    json.OPENX,
    opencsv.FORMAT,
    regex.FORMAT,
    grok.FORMAT,
    json.CLOUDTRAIL,
    ion.FORMAT,
    delimited.FORMAT,
)
"""In the order in which a SerDe or an input format is looked up."""

BY_NAME: Mapping[str, Format] = {each.name: each for each in FORMATS}
"""By the word that CREATE TABLE and CTAS use (`PARQUET`, `TEXTFILE`)."""


def of(storage: StorageDescriptor) -> Format:
    """The format of a table's or a partition's files.

    Raises TrinoError HIVE_UNSUPPORTED_FORMAT for a SerDe that is not built.
    """
    for each in FORMATS:
        if storage.serde in each.serdes and storage.input_format not in stored_as.UNREAD:
            return each
    raise TrinoError(
        "HIVE_UNSUPPORTED_FORMAT",
        f"Unsupported storage format: SerDe '{storage.serde}', InputFormat"
        f" '{storage.input_format}'",
    )
