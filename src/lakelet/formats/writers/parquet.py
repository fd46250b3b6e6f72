"""Parquet by pyarrow, as Trino's Hive connector writes it: INT96 timestamps, decimals as bytes."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from lakelet.formats.writers import parquet_footer
from lakelet.formats.writers.writing import Sink, WriteRequest, Writing, codec
from lakelet.types.arrow import to_arrow
from lakelet.types.quoting import identifier

if TYPE_CHECKING:
    from pyarrow import Table

CODECS: Final = {
    "NONE": "NONE",
    "UNCOMPRESSED": "NONE",
    "SNAPPY": "SNAPPY",
    "GZIP": "GZIP",
    "ZSTD": "ZSTD",
}

_LEVELS: Final = {"GZIP": 6}
"""Levels where pyarrow's own is slower than those of Hadoop's codecs."""
_SAMPLE: Final = 10_000
"""Rows that are looked at before a column is given a dictionary."""


def writing(request: WriteRequest) -> Writing:
    """Raises TrinoError HIVE_UNSUPPORTED_FORMAT for a codec that Trino does not write."""
    chosen = codec(CODECS, request, "GZIP", "Parquet")
    items = [identifier(name) for name, _ in request.columns]
    return Writing(items, "", lambda file: _Parquet(file, request, chosen))


class _Parquet:
    """A FileWriter; what is written at once is one row group."""

    def __init__(self, file: BinaryIO, request: WriteRequest, codec_name: str) -> None:
        import pyarrow

        self._file = file
        self._sink = Sink(file)
        self._codec = codec_name
        self._level = _LEVELS.get(codec_name) if request.level is None else request.level
        self._schema: Any = pyarrow.schema([(name, to_arrow(of)) for name, of in request.columns])
        self._writer: Any = None

    def write(self, rows: "Table") -> None:
        table = rows.rename_columns(self._schema.names).cast(self._schema)
        if self._writer is None:
            self._writer = self._opened(table)
        self._writer.write_table(table, row_group_size=max(1, table.num_rows))
        self._sink.check()

    def close(self) -> None:
        if self._writer is None:
            self._writer = self._opened(self._schema.empty_table())
        self._writer.close()
        self._sink.check()
        self._file.flush()
        parquet_footer.annotate(self._file)

    def _opened(self, first: "Table") -> Any:
        import pyarrow
        from pyarrow import parquet

        return parquet.ParquetWriter(
            pyarrow.PythonFile(self._sink, "w"),
            self._schema,
            compression=self._codec,
            compression_level=self._level,
            use_dictionary=[*_repeating(first)],
            use_deprecated_int96_timestamps=True,
            store_schema=False,
            store_decimal_as_integer=False,
        )


def _repeating(rows: "Table") -> Iterator[str]:
    """Paths of the columns that a dictionary makes smaller: their first rows hold few values."""
    from pyarrow import compute

    for name, column in zip(rows.column_names, rows.slice(0, _SAMPLE).columns, strict=True):
        for path, leaf in _leaves(name, column.combine_chunks()):
            first = leaf.slice(0, _SAMPLE)
            if 2 * compute.count_distinct(first).as_py() <= len(first):
                yield path


def _leaves(path: str, values: Any) -> Iterator[tuple[str, Any]]:
    """The arrays of single values inside another, and their paths in Parquet."""
    from pyarrow import types

    of = values.type
    if types.is_map(of):
        yield from _leaves(f"{path}.key_value.key", values.keys)
        yield from _leaves(f"{path}.key_value.value", values.items)
    elif types.is_list(of):
        yield from _leaves(f"{path}.list.element", values.flatten())
    elif types.is_struct(of):
        for index, part in enumerate(values.flatten()):
            yield from _leaves(f"{path}.{of.field(index).name}", part)
    else:
        yield path, values
