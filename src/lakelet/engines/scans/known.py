"""What is known of a file without opening it: its partition's values, and the hidden columns."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from lakelet.catalog.partition_values import part_name
from lakelet.engines.duckdb import DuckDb
from lakelet.engines.metadata import HIDDEN
from lakelet.engines.scans.buckets import buckets_of
from lakelet.engines.scans.key_values import key_value
from lakelet.engines.scans.paths import keys_in_paths
from lakelet.formats.scanning import PathKey
from lakelet.model import DataFile, Table
from lakelet.types.duckdb import physical
from lakelet.types.hive import to_trino
from lakelet.types.quoting import identifier, quoted

URL: Final = "lakelet_url"
"""The column by which what is known of a file is joined to its rows."""

FEW: Final = 2000
"""Files whose values are written into the query: a third of the time of a join."""

_TYPES: Final = {each.name: physical(each.type) for each in HIDDEN}


class Known:
    """What a scan's columns ask of some files."""

    def __init__(self, files: Sequence[DataFile], table: Table, columns: Sequence[str]) -> None:
        self._files = files
        self._table = table
        self._keys = [each for each in table.partition_keys if each.name.lower() in columns]
        self._hidden = [each for each in columns if each in _TYPES]
        self.names = [*self._hidden, *(each.name.lower() for each in self._keys)]

    @property
    def few(self) -> bool:
        """Whether they are few."""
        return len(self._files) <= FEW

    @property
    def same(self) -> bool:
        """Whether they are all of one partition, of which alone anything is asked."""
        first = self._files[0].partition
        return not self._hidden and all(each.partition is first for each in self._files)

    def in_paths(self) -> tuple[PathKey, ...]:
        """The keys, where the paths say them and nothing else is asked for."""
        if self._hidden:
            return ()
        asked = [each for each in enumerate(self._table.partition_keys) if each[1] in self._keys]
        return keys_in_paths(self._files, asked)

    def table(self) -> Any:
        """An Arrow table of a row a file, the values still texts."""
        return self._table_of(self._files)

    def _table_of(self, files: Sequence[DataFile]) -> Any:
        import pyarrow

        made: dict[str, Callable[[], Any]] = {
            "$path": lambda: pyarrow.array([each.info.uri for each in files], pyarrow.string()),
            "$file_size": lambda: pyarrow.array(
                [each.info.size for each in files], pyarrow.int64()
            ),
            "$file_modified_time": lambda: pyarrow.array(
                map(_time, files), pyarrow.timestamp("us")
            ),
            "$partition": lambda: pyarrow.array(map(self._partition, files), pyarrow.string()),
            "$bucket": lambda: pyarrow.array(buckets_of(files, self._table), pyarrow.int32()),
        }
        columns = {URL: pyarrow.array([each.url for each in files], pyarrow.string())}
        columns |= {name: made[name]() for name in self._hidden}
        for position, key in enumerate(self._table.partition_keys):
            if key in self._keys:
                values = [each.partition.values[position] for each in files if each.partition]
                columns[key.name.lower()] = pyarrow.array(values, pyarrow.string())
        return pyarrow.table(columns)

    def select(self, name: str) -> str:
        """SQL of the values of their types, over that table under a name."""
        items = [_hidden_value(each) for each in self._hidden]
        items += [key_value("i", each) for each in self._keys]
        return f"SELECT {', '.join([f'i.{URL}', *items])} FROM {name} i"

    def listed(self, number: str, duckdb: DuckDb) -> list[str]:
        """SQL of each value by the number of the file, from lists that the query holds."""
        return [
            f"CAST([{', '.join(values)}] AS {of}[])[{number} + 1] AS {identifier(name)}"
            for name, of, values in self._values(self._files, duckdb)
        ]

    def constants(self, duckdb: DuckDb) -> list[str]:
        """SQL of each value, where all files have the `same`."""
        return [
            f"CAST({value} AS {of}) AS {identifier(name)}"
            for name, of, (value,) in self._values(self._files[:1], duckdb)
        ]

    def _values(
        self, files: Sequence[DataFile], duckdb: DuckDb
    ) -> Iterator[tuple[str, str, list[str]]]:
        """Each name, its physical type, and of each file the value that is cast to it, as SQL."""
        types = {**_TYPES, **{k.name.lower(): physical(to_trino(k.type)) for k in self._keys}}
        shown = ", ".join(f"CAST({identifier(each)} AS VARCHAR)" for each in self.names)
        text = f"SELECT {shown} FROM ({self.select('lakelet_files')})"
        with duckdb.session() as session:
            found = session.execute(text, {"lakelet_files": self._table_of(files)}).read_all()
        for name, column in zip(self.names, found.columns, strict=True):
            values = ["NULL" if each is None else quoted(each) for each in column.to_pylist()]
            yield name, types[name], values

    def _partition(self, file: DataFile) -> str:
        keys = self._table.partition_keys
        return part_name(keys, file.partition.values) if file.partition else ""


def _hidden_value(name: str) -> str:
    value = f"i.{identifier(name)}"
    if name == "$file_modified_time":
        value = f"struct_pack(instant := {value}, zone := 'UTC')"
    return f"{value} AS {identifier(name)}"


def _time(file: DataFile) -> datetime:
    """The instant, of which Trino shows milliseconds."""
    time = file.info.last_modified.astimezone(UTC).replace(tzinfo=None)
    return time.replace(microsecond=time.microsecond // 1000 * 1000)
