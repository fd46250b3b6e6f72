"""What the text formats share: values from text as Hive's SerDes read them, compressions."""

from typing import Final

from lakelet.errors import TrinoError
from lakelet.types import Type
from lakelet.types.duckdb import physical

COMPRESSIONS: Final = {"NONE": ("none", ""), "GZIP": ("gzip", ".gz"), "ZSTD": ("zstd", ".zst")}


def compression(name: str | None, format_name: str) -> tuple[str, str]:
    """DuckDB's word and the extension. Text is written in gzip unless told otherwise."""
    asked = (name or "GZIP").upper()
    if asked not in COMPRESSIONS:
        raise TrinoError(
            "INVALID_TABLE_PROPERTY", f"Unsupported compression for {format_name}: {asked}"
        )
    return COMPRESSIONS[asked]


def value(text: str, of: Type) -> str:
    """A scalar from SQL of its text; a text that is none is NULL (LazySimpleSerDe)."""
    kind = of.name
    if kind == "varchar":
        return text if of.length is None else f"left({text}, {of.length})"
    if kind == "char":
        return f"rtrim(left({text}, {of.length}), ' ')"
    if kind == "boolean":
        return f"CASE lower({text}) WHEN 'true' THEN TRUE WHEN 'false' THEN FALSE END"
    if kind == "varbinary":
        return f"TRY(from_base64({text}))"
    if kind in ("array", "map", "row"):
        raise TrinoError("NOT_SUPPORTED", f"Columns of type {of} in text files are not supported")
    return f"TRY_CAST({text} AS {physical(of)})"
