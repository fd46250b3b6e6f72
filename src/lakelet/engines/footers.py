"""What the footers of Parquet files say, read once for each version of a file."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from lakelet.engines.duckdb import DuckDb
from lakelet.errors import LakeletError
from lakelet.formats.scanning import file_list
from lakelet.model import DataFile
from lakelet.types import Type
from lakelet.types.duckdb import physical

MAX_FOOTERS = 100_000
"""Footers that are kept; the one that was used longest ago goes first."""


@dataclass(frozen=True, slots=True)
class Footer:
    """DuckDB's type of each column by its name in lower case, none where a file has nested
    columns; the compressed bytes of each column's chunks; and the largest absolute value of each
    column of integers or decimals whose statistics are whole."""

    types: Mapping[str, str]
    chunks: Mapping[str, int]
    magnitudes: Mapping[str, float]


_UNKNOWN = Footer({}, {}, {})
_EXACT = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "DECIMAL")
"""How the types begin whose statistics are read as numbers."""


class Footers:
    """Footers of files that may be replaced at any time: a version is path, size and time."""

    def __init__(self, duckdb: DuckDb) -> None:
        self._duckdb = duckdb
        self._known: OrderedDict[tuple[str, int, float], Footer] = OrderedDict()

    def hold(self, files: Sequence[DataFile], columns: Iterable[tuple[str, Type]]) -> bool:
        """Whether every file has all these columns in just the type that they are read as."""
        wanted = [(name, physical(of)) for name, of in columns]
        footers = self._of(files)
        return all(footer.types.get(name) == of for footer in footers for name, of in wanted)

    def scanned(self, files: Sequence[DataFile], columns: Sequence[str]) -> int:
        """Bytes of the columns' chunks, as Athena bills them."""
        footers = self._of(files)
        return sum(footer.chunks.get(name, 0) for footer in footers for name in columns)

    def magnitudes(self, files: Sequence[DataFile], columns: Iterable[str]) -> dict[str, float]:
        """The largest absolute value of each column of which every file tells one."""
        footers = [footer.magnitudes for footer in self._of(files)]
        return {
            name: max(known[name] for known in footers)
            for name in columns
            if all(name in known for known in footers)
        }

    def _of(self, files: Sequence[DataFile]) -> list[Footer]:
        unknown = [file for file in files if file.version not in self._known]
        if unknown:
            self._learn(unknown)
        return [self._known.get(file.version, _UNKNOWN) for file in files]

    def _learn(self, files: Sequence[DataFile]) -> None:
        paths = file_list([file.url for file in files])
        types: dict[str, dict[str, str]] = {}
        nested: set[str] = set()
        chunks: dict[str, dict[str, int]] = {}
        magnitudes: dict[str, dict[str, float]] = {}
        try:
            for path, name, of in self._rows(
                f"SELECT file_name, lower(name), duckdb_type FROM parquet_schema({paths})"
                " WHERE column_id > 0"
            ):
                types.setdefault(path, {})[name] = of
                if of is None:
                    nested.add(path)
            for path, name, size, largest in self._rows(_CHUNKS.format(paths)):
                chunks.setdefault(path, {})[name] = int(size)
                if largest is not None and str(types[path].get(name)).startswith(_EXACT):
                    magnitudes.setdefault(path, {})[name] = largest
        except LakeletError:
            return  # the query itself says what is wrong with the file
        for file in files:
            plain = {} if file.url in nested else types.get(file.url, {})
            known = {} if file.url in nested else magnitudes.get(file.url, {})
            self._known[file.version] = Footer(plain, chunks.get(file.url, {}), known)
        while len(self._known) > MAX_FOOTERS:
            self._known.popitem(last=False)

    def _rows(self, sql: str) -> Iterable[tuple[Any, ...]]:
        table = self._duckdb.execute(sql).read_all()
        return zip(*(column.to_pylist() for column in table.columns), strict=True)


_CHUNKS: Final = """
SELECT file_name, lower(split_part(path_in_schema, ', ', 1)), sum(total_compressed_size),
  CASE WHEN bool_and(stats_min_value IS NOT NULL OR stats_null_count = num_values)
  THEN greatest(max(abs(TRY_CAST(stats_min_value AS DOUBLE))),
                max(abs(TRY_CAST(stats_max_value AS DOUBLE)))) END
FROM parquet_metadata({}) GROUP BY ALL"""
