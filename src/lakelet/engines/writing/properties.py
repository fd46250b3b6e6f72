"""The properties behind WITH: which there are, what type each has, what they mean together."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from lakelet import formats
from lakelet.config import Dialect
from lakelet.engines.context import Context
from lakelet.errors import TrinoError
from lakelet.formats.scanning import Format
from lakelet.model import CATALOG
from lakelet.sql.statements.model import Property
from lakelet.sql.syntax import parse_query
from lakelet.sql.syntax.nodes import Exists, Subquery
from lakelet.sql.syntax.walking import descendants

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
ICEBERG: Final[Mapping[str, type]] = {
    "table_type": str,
    "is_external": bool,
    "location": str,
    "format": str,
    "write_compression": str,
    "partitioning": tuple,
}
"""Those of Iceberg tables that have one type; its own room knows which more there are."""
TABLE_TYPES: Final = ("HIVE", "ICEBERG")
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
_INTEGERS: Final = range(-(2**31), 2**31)
_PLACE: Final = re.compile("s3[an]?://.")
_LEVELS: Final = range(1, 23)
"""zstd's."""


def valued(context: Context, given: Sequence[Property]) -> Mapping[str, Property]:
    """The properties by their names in lower case, each with the value of its expression.

    Raises TrinoError for a name that stands twice, and for an expression that is wrong.
    """
    names: set[str] = set()
    for each in given:
        if each.name in names:
            message = f"Duplicate property: {each.name}"
            raise TrinoError("DUPLICATE_PROPERTY", message, line=each.line, column=each.column)
        names.add(each.name)
    return {each.name.lower(): _computed(context, each) for each in given}


def _computed(context: Context, given: Property) -> Property:
    """An expression that is no literal is asked of DuckDB; one that fails there has no type."""
    if given.query is None:
        return given
    parsed = parse_query(given.query)
    for node in descendants(parsed.query):
        if isinstance(node, Subquery | Exists):
            message = "Constant expression cannot contain a subquery"
            raise parsed.source.error("EXPRESSION_NOT_CONSTANT", message, node.at)
    plan = context.planner.plan(parsed, context.session)
    try:
        value = context.duckdb.execute(plan.text, plan.datasets).read_all().column(0)[0].as_py()
    except TrinoError:
        return replace(given, value=_Failed())
    return replace(given, value=tuple(value) if isinstance(value, list) else value)


class _Failed:
    """The value of an expression that fails, which converts to no type."""


def checked(given: Mapping[str, Property], known: Mapping[str, type]) -> Mapping[str, Any]:
    """The values, if all properties are known and of their types; raises TrinoError."""
    for name, each in given.items():
        of = known.get(name)
        if of is None:
            raise _refused(each, f"Catalog '{CATALOG}' table property '{name}' does not exist")
        if each.given:
            _check(each, of)
    return {name: each.value for name, each in given.items() if each.given}


def _check(given: Property, of: type) -> None:
    subject = f"catalog '{CATALOG}' table property '{given.name.lower()}'"
    if given.value is None:
        raise _refused(given, f"Invalid null value for {subject} from [{given.shown}]")
    if not _is_of(given.value, of):
        shown = f"Cannot convert [{given.shown}] to {_WORDS[of]}"
        raise _refused(given, f"Invalid value for {subject}: {shown}")


def _is_of(value: object, of: type) -> bool:
    if of is int:
        return isinstance(value, int) and not isinstance(value, bool) and value in _INTEGERS
    if isinstance(value, tuple):
        return of is tuple and all(isinstance(each, str) for each in value)
    return isinstance(value, of)


def _refused(given: Property, message: str) -> TrinoError:
    return TrinoError("INVALID_TABLE_PROPERTY", message, line=given.line, column=given.column)


def table_type(asked: Property | None) -> str:
    """HIVE, unless ICEBERG is asked for; raises TrinoError for what is neither."""
    if asked is None or not asked.given:
        return TABLE_TYPES[0]
    _check(asked, str)
    word = str(asked.value).upper()
    if word not in TABLE_TYPES:
        raise _invalid(asked, TABLE_TYPES)
    return word


def of_iceberg(given: Mapping[str, Property]) -> Mapping[str, object]:
    """The values for an Iceberg table; raises TrinoError for one of another type."""
    for name, of in ICEBERG.items():
        if name in given and given[name].given:
            _check(given[name], of)
    return {name: each.value for name, each in given.items() if each.given}


def format_of(asked: Property | None, dialect: Dialect, known: Sequence[str]) -> Format:
    """The format that the property asks for, Parquet if it is not given, of those that Athena
    knows; raises TrinoError."""
    if asked is None or not asked.given:
        return formats.BY_NAME["PARQUET"]
    word = str(asked.value).upper()
    form = formats.BY_NAME.get(word)
    if form is None or (dialect == "athena" and word not in known):
        raise _invalid(asked, known)
    return form


def _invalid(asked: Property, known: Sequence[str]) -> TrinoError:
    return _refused(
        asked,
        f"Unable to set catalog '{CATALOG}' table property '{asked.name.lower()}' to"
        f" [{asked.shown}]: Invalid value [{asked.value}]. Valid values: [{', '.join(known)}]",
    )


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


def external_location(given: Mapping[str, Any]) -> str | None:
    """Where the files go, if that is asked for; raises TrinoError for what is no place in S3."""
    location: str | None = given.get("external_location")
    if location is None or _PLACE.match(location):
        return location
    message = f"External location is not a valid file system URI: {location}"
    raise TrinoError("INVALID_TABLE_PROPERTY", message)


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
    if count < 0:
        message = "bucket_count must be greater than zero"
        raise TrinoError("INVALID_TABLE_PROPERTY", message)
    if not columns or not count:
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
