"""What the footers of Parquet files say, read once for each version of a file."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

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
    columns; and the compressed bytes of each column's chunks."""

    types: Mapping[str, str]
    chunks: Mapping[str, int]


_UNKNOWN = Footer({}, {})


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
        try:
            for path, name, of in self._rows(
                f"SELECT file_name, lower(name), duckdb_type FROM parquet_schema({paths})"
                " WHERE column_id > 0"
            ):
                types.setdefault(path, {})[name] = of
                if of is None:
                    nested.add(path)
            for path, name, size in self._rows(
                "SELECT file_name, lower(split_part(path_in_schema, ', ', 1)),"
                f" sum(total_compressed_size) FROM parquet_metadata({paths}) GROUP BY ALL"
            ):
                chunks.setdefault(path, {})[name] = int(size)
        except LakeletError:
            return  # the query itself says what is wrong with the file
        for file in files:
            plain = {} if file.url in nested else types.get(file.url, {})
            self._known[file.version] = Footer(plain, chunks.get(file.url, {}))
        while len(self._known) > MAX_FOOTERS:
            self._known.popitem(last=False)

    def _rows(self, sql: str) -> Iterable[tuple[str, ...]]:
        table = self._duckdb.execute(sql).read_all()
        return zip(*(column.to_pylist() for column in table.columns), strict=True)
