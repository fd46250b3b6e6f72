"""Avro's spelling of Trino's types."""

from collections.abc import Mapping
from typing import Final

PRIMITIVES: Final[Mapping[str, str]] = {
    "boolean": "boolean",
    "tinyint": "int",
    "smallint": "int",
    "integer": "int",
    "bigint": "long",
    "real": "float",
    "double": "double",
    "varchar": "string",
    "char": "string",
    "varbinary": "bytes",
}
"""The type of Avro that holds the values of each type without parts ("Primitive Types", Avro's
specification)."""
