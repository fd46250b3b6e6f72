"""Parquet: columns by name, whatever their case; what a file lacks is NULL."""

from collections.abc import Mapping
from typing import Final

from lakelet.errors import TrinoError
from lakelet.formats.scanning import (
    PATH,
    Format,
    Relation,
    Request,
    Writing,
    file_list,
    identifier,
    quoted,
)
from lakelet.types.duckdb import physical

COMPRESSIONS: Final = {
    "NONE": "uncompressed",
    "UNCOMPRESSED": "uncompressed",
    "SNAPPY": "snappy",
    "GZIP": "gzip",
    "ZSTD": "zstd",
    "LZ4": "lz4_raw",
    "BROTLI": "brotli",
}
_ROW_GROUP = 122_880


def _scan(request: Request) -> Relation:
    """DuckDB maps the schema by name, casts and fills, at twice the cost of reading as stored."""
    fields = ", ".join(
        f"{quoted(name)}: {{'name': {quoted(name)}, 'type': {quoted(physical(of))},"
        " 'default_value': NULL}"
        for name, of in request.wanted
    )
    schema = f", schema = MAP {{{fields}}}" if fields and not request.as_stored else ""
    names = "".join(f"{identifier(name)} AS {identifier(name)}, " for name, _ in request.wanted)
    files = file_list(request.urls)
    return Relation(
        f"SELECT {names}filename AS {identifier(PATH)} FROM read_parquet({files}{schema})"
    )


def _writing(compression: str | None, parameters: Mapping[str, str]) -> Writing:
    name = (compression or "GZIP").upper()
    if name not in COMPRESSIONS:
        raise TrinoError("INVALID_TABLE_PROPERTY", f"Unsupported compression for PARQUET: {name}")
    options: dict[str, object] = {
        "FORMAT": "parquet",
        "COMPRESSION": COMPRESSIONS[name],
        "ROW_GROUP_SIZE": _ROW_GROUP,
    }
    level = parameters.get("compression_level")
    if level:
        options["COMPRESSION_LEVEL"] = int(level)
    return Writing(options, "")


FORMAT: Final = Format(
    name="PARQUET",
    classification="parquet",
    serdes=frozenset({"org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"}),
    input_format="org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
    output_format="org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
    scan=_scan,
    writing=_writing,
    columnar=True,
    reader="read_parquet",
    compressions=frozenset(COMPRESSIONS),
)
