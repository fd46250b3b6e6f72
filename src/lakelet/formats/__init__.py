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
)
from lakelet.formats.scanning import Format
from lakelet.formats.stored_as import RC_FILE, SEQUENCE_FILE, UNREAD, StoredAs
from lakelet.model import StorageDescriptor, Table

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


STORED_AS: Mapping[str, StoredAs] = {
    "TEXTFILE": StoredAs.of(delimited.FORMAT),
    "SEQUENCEFILE": SEQUENCE_FILE,
    "RCFILE": RC_FILE,
    "ORC": StoredAs.of(orc.FORMAT),
    "PARQUET": StoredAs.of(parquet.FORMAT),
    "AVRO": StoredAs.of(avro.FORMAT),
    "JSONFILE": StoredAs.of(json.HIVE),
    "ION": StoredAs.of(ion.FORMAT),
}
"""By Hive's words, of which Trino's own for its formats (CSV, REGEX, OPENX_JSON …) are none."""


def of(storage: StorageDescriptor) -> Format:
    """The format of a table's or a partition's files.

    Raises TrinoError HIVE_UNSUPPORTED_FORMAT for a SerDe that is not built.
    """
    for each in FORMATS:
        if storage.serde in each.serdes and storage.input_format not in UNREAD:
            return each
    raise TrinoError(
        "HIVE_UNSUPPORTED_FORMAT",
        f"Unsupported storage format: SerDe '{storage.serde}', InputFormat"
        f" '{storage.input_format}'",
    )


def classification(table: Table) -> str:
    """What a table's files are, in Glue's word for it: as its SerDe has it, or else its parameters;
    `view` of what has none, `iceberg` of what lists its files itself."""
    if table.is_view:
        return "view"
    if table.is_iceberg:
        return "iceberg"
    try:
        return of(table.storage).classification
    except TrinoError:
        return table.parameters.get("classification", "unknown")
