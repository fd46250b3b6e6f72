"""The compressions that text formats are written in."""

from typing import Final

from lakelet.errors import TrinoError

COMPRESSIONS: Final = {"NONE": ("none", ""), "GZIP": ("gzip", ".gz"), "ZSTD": ("zstd", ".zst")}


def compression(name: str | None, format_name: str) -> tuple[str, str]:
    """DuckDB's word and the extension. Text is written in gzip unless told otherwise."""
    asked = (name or "GZIP").upper()
    if asked not in COMPRESSIONS:
        raise TrinoError(
            "INVALID_TABLE_PROPERTY", f"Unsupported compression for {format_name}: {asked}"
        )
    return COMPRESSIONS[asked]
