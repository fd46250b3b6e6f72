"""The properties behind WITH: which there are, what type each has, what they mean together."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from lakelet import formats
from lakelet.config import Dialect
from lakelet.errors import TrinoError
from lakelet.formats.scanning import Format
from lakelet.model import CATALOG

CTAS: Final[Mapping[str, type]] = {
    "format": str,
    "external_location": str,
    "is_external": bool,
    "table_type": str,
    "partitioned_by": tuple,
    "bucketed_by": tuple,
    "bucket_count": int,
    "write_compression": str,
    "parquet_compression": str,
    "orc_compression": str,
    "avro_compression": str,
    "compression_level": int,
    "field_delimiter": str,
}
UNLOAD: Final[Mapping[str, type]] = {
    "format": str,
    "compression": str,
    "compression_level": int,
    "field_delimiter": str,
    "partitioned_by": tuple,
}
_WORDS: Final = {str: "varchar", bool: "boolean", int: "integer", tuple: "array(varchar)"}
UNLOADED: Final = ("PARQUET", "ORC", "AVRO", "JSON", "TEXTFILE")
"""The formats that Athena unloads."""
CREATED: Final = (*UNLOADED, "ION")
"""The formats of which Athena creates tables."""
_COMPRESSIONS: Final = {
    "parquet_compression": "PARQUET",
    "orc_compression": "ORC",
    "avro_compression": "AVRO",
}
_LEVELS: Final = range(1, 23)
"""zstd's."""


def checked(given: Mapping[str, object], known: Mapping[str, type]) -> Mapping[str, Any]:
    """The properties, if all are known and of their types; raises TrinoError."""
    for name, value in given.items():
        of = known.get(name)
        if of is None:
            message = f"Catalog '{CATALOG}' table property '{name}' does not exist"
            raise TrinoError("INVALID_TABLE_PROPERTY", message)
        if not isinstance(value, of) or (of is int and isinstance(value, bool)):
            shown = list(value) if isinstance(value, tuple) else value
            message = (
                f"Invalid value for catalog '{CATALOG}' table property '{name}':"
                f" Cannot convert [{shown}] to {_WORDS[of]}"
            )
            raise TrinoError("INVALID_TABLE_PROPERTY", message)
    return given


def format_of(given: Mapping[str, Any], dialect: Dialect, known: Sequence[str]) -> Format:
    """The format that is asked for, Parquet if none is, of those that Athena knows; raises
    TrinoError."""
    asked = str(given.get("format", "PARQUET")).upper()
    form = formats.BY_NAME.get(asked)
    if form is None or (dialect == "athena" and asked not in known):
        raise TrinoError(
            "INVALID_TABLE_PROPERTY",
            f"Unable to set catalog '{CATALOG}' table property 'format' to"
            f" ['{given.get('format')}']: Invalid value [{given.get('format')}]. Valid values:"
            f" [{', '.join(known)}]",
        )
    return form


def compression(given: Mapping[str, Any], form: Format) -> str | None:
    """The codec's word, if one is asked for; raises TrinoError for two, or another format's."""
    asked = {
        name: value
        for name, value in given.items()
        if name in ("write_compression", "compression", *_COMPRESSIONS)
    }
    for name in asked:
        if _COMPRESSIONS.get(name, form.name) != form.name:
            message = f"Cannot specify {name} table property for storage format: {form.name}"
            raise TrinoError("INVALID_TABLE_PROPERTY", message)
    if len(asked) > 1:
        message = f"Only one compression property can be specified: {', '.join(sorted(asked))}"
        raise TrinoError("INVALID_TABLE_PROPERTY", message)
    return next((str(value).upper() for value in asked.values()), None)


def level(given: Mapping[str, Any], codec: str | None) -> int | None:
    """The compression level, which only zstd has; raises TrinoError."""
    asked: int | None = given.get("compression_level")
    if asked is None:
        return None
    if codec != "ZSTD":
        message = "compression_level can only be specified for the ZSTD compression"
        raise TrinoError("INVALID_TABLE_PROPERTY", message)
    if asked not in _LEVELS:
        message = f"compression_level must be between 1 and 22, but was: {asked}"
        raise TrinoError("INVALID_TABLE_PROPERTY", message)
    return asked


def serde(given: Mapping[str, Any], form: Format) -> dict[str, str]:
    """The SerDe's properties; raises TrinoError for a delimiter that is none."""
    delimiter = given.get("field_delimiter")
    if delimiter is None:
        return {"serialization.format": "1"}
    if form.name != "TEXTFILE":
        message = f"Cannot specify field_delimiter table property for storage format: {form.name}"
        raise TrinoError("INVALID_TABLE_PROPERTY", message)
    if len(delimiter) != 1:
        message = f"field_delimiter must be a single character string, but was: '{delimiter}'"
        raise TrinoError("INVALID_TABLE_PROPERTY", message)
    return {"field.delim": delimiter, "serialization.format": delimiter}


def names(given: Mapping[str, Any], property_name: str) -> tuple[str, ...]:
    """Column names of an ARRAY, in lower case."""
    return tuple(str(each).lower() for each in given.get(property_name, ()))


def buckets(
    given: Mapping[str, Any], data: tuple[str, ...], keys: tuple[str, ...]
) -> tuple[tuple[str, ...], int]:
    """Bucketing columns and how many buckets; raises TrinoError in Trino's words."""
    columns, count = names(given, "bucketed_by"), given.get("bucket_count", 0)
    if not columns and not count:
        return (), 0
    if not columns or count < 1:
        message = "bucketed_by and bucket_count must be specified together"
        raise TrinoError("INVALID_TABLE_PROPERTY", message)
    if set(columns) & set(keys):
        shared = ", ".join(name for name in columns if name in keys)
        message = f"Bucketing columns [{shared}] are also used as partitioning columns"
        raise TrinoError("INVALID_TABLE_PROPERTY", message)
    missing = ", ".join(name for name in columns if name not in data)
    if missing:
        message = f"Bucketing columns [{missing}] not present in schema"
        raise TrinoError("INVALID_TABLE_PROPERTY", message)
    return columns, count
