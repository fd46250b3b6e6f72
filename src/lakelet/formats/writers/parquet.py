"""Parquet by pyarrow, as Trino's Hive connector writes it: INT96 timestamps, decimals as bytes."""

from typing import TYPE_CHECKING, Any, BinaryIO, Final

from lakelet.formats.scanning import identifier
from lakelet.formats.writers import parquet_footer
from lakelet.formats.writers.writing import WriteRequest, Writing, codec
from lakelet.types.arrow import to_arrow

if TYPE_CHECKING:
    from pyarrow import Table

CODECS: Final = {
    "NONE": "NONE",
    "UNCOMPRESSED": "NONE",
    "SNAPPY": "SNAPPY",
    "GZIP": "GZIP",
    "ZSTD": "ZSTD",
}


def writing(request: WriteRequest) -> Writing:
    """Raises TrinoError HIVE_UNSUPPORTED_FORMAT for a codec that Trino does not write."""
    chosen = codec(CODECS, request, "GZIP", "Parquet")
    items = [identifier(name) for name, _ in request.columns]
    return Writing(items, "", lambda file: _Parquet(file, request, chosen))


class _Parquet:
    """A FileWriter; what is written at once is one row group."""

    def __init__(self, file: BinaryIO, request: WriteRequest, codec_name: str) -> None:
        import pyarrow
        from pyarrow import parquet

        self._file = file
        fields = [(name, to_arrow(of)) for name, of in request.columns]
        self._schema: Any = pyarrow.schema(fields)
        self._writer: Any = parquet.ParquetWriter(
            file,
            self._schema,
            compression=codec_name,
            compression_level=request.level,
            use_deprecated_int96_timestamps=True,
            store_schema=False,
            store_decimal_as_integer=False,
            write_batch_size=1024,
        )

    def write(self, rows: "Table") -> None:
        table = rows.rename_columns(self._schema.names).cast(self._schema)
        self._writer.write_table(table, row_group_size=max(1, table.num_rows))

    def close(self) -> None:
        self._writer.close()
        self._file.flush()
        parquet_footer.annotate(self._file)
