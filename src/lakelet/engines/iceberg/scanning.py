"""From a scan of an Iceberg table to what DuckDB reads: a snapshot's files without deleted rows."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from lakelet.engines.footers import Footers
from lakelet.engines.iceberg import avro_files, reading
from lakelet.engines.iceberg.bounds import survives
from lakelet.engines.iceberg.manifests import DATA, EQUALITY, POSITIONS, Entry, Manifests, Newest
from lakelet.engines.iceberg.metadata import IcebergTable
from lakelet.engines.iceberg.partitions import partition_text
from lakelet.engines.iceberg.types import trino
from lakelet.engines.locations import split
from lakelet.engines.scans.domains import domains
from lakelet.engines.scans.planned import PlannedScan
from lakelet.errors import NotFound, TrinoError
from lakelet.formats import parquet, streams
from lakelet.formats.layout import Chunks
from lakelet.formats.scanning import Relation, file_list
from lakelet.interfaces import Storage
from lakelet.model import DataFile, Document, ObjectInfo
from lakelet.sql import tree
from lakelet.types.duckdb import physical
from lakelet.types.quoting import identifier, quoted

if TYPE_CHECKING:
    from pyarrow.dataset import Dataset

POSITION: Final = "$row_id"
"""The hidden column of a row's place in its file, for statements that change rows."""
HIDDEN: Final = ("$path", "$file_modified_time", "$partition", POSITION)
_FILES: Final = 100_000
"""Files of which what storage says is kept in mind."""
_FILE, _ROW = "filename", "file_row_number"
_PATH_FIELD: Final = {"id": 2147483546, "name": "file_path", "type": "string"}
_POS_FIELD: Final = {"id": 2147483545, "name": "pos", "type": "long"}
"""The columns of files of deleted positions."""


class IcebergScans:
    """Plans scans of Iceberg tables."""

    def __init__(self, storage: Storage, manifests: Manifests, footers: Footers) -> None:
        self._storage = storage
        self._manifests = manifests
        self._footers = footers
        self._schemas: dict[tuple[str, int, float], Any] = {}
        self._files: Newest[str, ObjectInfo] = Newest(_FILES)

    def planned(self, scan: tree.Scan, table: IcebergTable) -> PlannedScan:
        """Raises TrinoError for what can't be read."""
        live = self._manifests.live(self._manifests.of(table))
        asked = domains(scan.constraint, [each["name"] for each in table.fields])
        data = [e for e in live if e.content == DATA and survives(e, table, asked)]
        deletes = [e for e in live if e.content != DATA]
        work = _Work(self, scan, table, data, deletes)
        return PlannedScan(scan.id, work.relation(), tuple(work.files.values()))

    def file(self, entry: Entry) -> DataFile:
        """A file of a manifest where the engine reads it; what it is never changes.

        Raises TrinoError.
        """
        bucket, key = split(entry.path)
        try:
            info = self._files.of(entry.path, lambda: self._storage.stat(bucket, key))
            return DataFile(info, self._storage.url(bucket, key), None)
        except NotFound as failure:
            message = f"Error opening Iceberg split {entry.path}: file does not exist"
            raise TrinoError("ICEBERG_CANNOT_OPEN_SPLIT", message) from failure

    def open(self, file: DataFile) -> Any:
        """A seekable reader of a file."""
        return self._storage.open(file.info.bucket, file.info.key)

    def schema(self, entry: Entry, file: DataFile) -> Any:
        """A file's columns as Arrow's schema. Raises TrinoError."""
        if file.version not in self._schemas:
            with self.open(file) as stream:
                try:
                    self._schemas[file.version] = _SCHEMAS[entry.format](stream)
                except (OSError, ValueError) as failure:
                    message = f"Error opening Iceberg split {entry.path}: {failure}"
                    raise TrinoError("ICEBERG_CANNOT_OPEN_SPLIT", message) from failure
        return self._schemas[file.version]

    def chunks(self, files: Sequence[DataFile], names: Sequence[str]) -> tuple[Chunks, ...]:
        """What a scan of some columns touches of Parquet files."""
        found = []
        for file, footer in zip(files, self._footers.of(parquet.FORMAT, files), strict=True):
            places = tuple(i for i, each in enumerate(footer.fields) if each.name in names)
            found.append(Chunks(file, footer, places))
        return tuple(found)


def _parquet_schema(stream: Any) -> Any:
    from pyarrow import parquet as arrow

    return arrow.read_schema(stream)


def _orc_schema(stream: Any) -> Any:
    from pyarrow import orc

    return orc.ORCFile(stream).schema


_SCHEMAS: Final = {
    "PARQUET": _parquet_schema,
    "ORC": _orc_schema,
    "AVRO": avro_files.schema,
}


@dataclass(slots=True)
class _Work:
    """One scan while it is planned."""

    scans: IcebergScans
    scan: tree.Scan
    table: IcebergTable
    data: Sequence[Entry]
    deletes: Sequence[Entry]
    files: dict[str, DataFile] = field(default_factory=dict)
    datasets: "dict[str, Dataset]" = field(default_factory=dict)
    chunks: list[Chunks] = field(default_factory=list)

    @property
    def name(self) -> str:
        return f"iceberg_{self.scan.id}"

    def relation(self) -> Relation:
        wanted = [each for each in self.table.fields if each["name"].lower() in self.scan.columns]
        hidden = [each for each in HIDDEN if each in self.scan.columns]
        positions = [each for each in self.deletes if each.content == POSITIONS]
        equalities = [each for each in self.deletes if each.content == EQUALITY]
        compared = self._compared(equalities)
        located = bool(hidden or self.deletes)
        read = [*wanted, *(each for each in compared if each not in wanted)]
        parts = [
            self._part(entries, schema, read, located, f"{self.name}_{i}")
            for i, (schema, entries) in enumerate(self._alike(self.data))
        ]
        rows = " UNION ALL ".join(parts) or self._nothing(read, located)
        text = f"SELECT {self._items(wanted, hidden)} FROM ({rows}) f"
        if located:
            text += f" JOIN {identifier(f'{self.name}_files')} p ON f.{_FILE} = p.url"
            self.datasets[f"{self.name}_files"] = self._known()
        conditions = [self._not_at(positions)] if positions else []
        conditions += self._not_equal(equalities)
        where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
        return Relation(f"({text}{where})", self.datasets, tuple(self.chunks))

    def _items(self, wanted: Sequence[Document], hidden: Sequence[str]) -> str:
        items = [f"f.{identifier(each['name'].lower())}" for each in wanted]
        items += [f"{_HIDDEN[each]} AS {identifier(each)}" for each in hidden]
        items += [
            f"CAST(NULL AS {physical(each.type)}) AS {identifier(each.name)}"
            for each in self.scan.table.columns
            if each.name in self.scan.unread
        ]
        return ", ".join(items) or "1"

    def _nothing(self, read: Sequence[Document], located: bool) -> str:
        items = [
            f"CAST(NULL AS {physical(trino(each['type']))}) AS {identifier(each['name'].lower())}"
            for each in read
        ]
        if located or not items:
            items += [f"'' AS {_FILE}", f"CAST(0 AS BIGINT) AS {_ROW}"]
        return f"SELECT {', '.join(items)} WHERE false"

    def _alike(self, entries: Iterable[Entry]) -> Iterator[tuple[Any, list[Entry]]]:
        """Files of one format and the same columns together."""
        found: dict[tuple[str, str], tuple[Any, list[Entry]]] = {}
        for entry in entries:
            if entry.format not in _SCHEMAS:
                message = f"File format not supported for Iceberg: {entry.format}"
                raise TrinoError("NOT_SUPPORTED", message)
            file = self.files[entry.path] = self.scans.file(entry)
            schema = self.scans.schema(entry, file)
            key = (
                entry.format,
                schema.to_string(show_field_metadata=True, show_schema_metadata=False),
            )
            found.setdefault(key, (schema, []))[1].append(entry)
        return iter(found.values())

    def _part(
        self,
        entries: Sequence[Entry],
        schema: Any,
        wanted: Sequence[Document],
        located: bool,
        name: str,
    ) -> str:
        """The asked columns of files that are read alike."""
        fields = list(schema)
        items = [
            f"{reading.column(each, fields)} AS {identifier(each['name'].lower())}"
            for each in wanted
        ]
        if located or not items:
            items += [_FILE, _ROW]
        files = [self.files[each.path] for each in entries]
        if entries[0].format == "PARQUET":
            places = [reading.place(each, fields) for each in wanted]
            names = [fields[each].name for each in places if each is not None]
            self.chunks += self.scans.chunks(files, names)
            options = ", filename = true, file_row_number = true, hive_partitioning = false"
            urls = file_list([each.url for each in files])
            return f"SELECT {', '.join(items)} FROM read_parquet({urls}{options})"
        self.datasets[name] = _dataset(self.scans, entries[0].format, files, schema)
        return f"SELECT {', '.join(items)} FROM {identifier(name)}"

    # Deleted rows ---------------------------------------------------------------------------

    def _not_at(self, positions: Sequence[Entry]) -> str:
        read = self._deleting(positions, [_PATH_FIELD, _POS_FIELD], "positions")
        rows = f"SELECT q.url, d.pos FROM ({read}) d JOIN {identifier(f'{self.name}_files')} q"
        return f"(f.{_FILE}, f.{_ROW}) NOT IN ({rows} ON d.file_path = q.uri)"

    def _compared(self, equalities: Sequence[Entry]) -> list[Document]:
        """The columns that files of deleted values have. Raises TrinoError for one that is gone."""
        numbers = {number for each in equalities for number in each.equality or ()}
        known = {each["id"]: each for each in self.table.fields}
        if not numbers <= known.keys():
            message = "Equality deletes of columns that are dropped or nested are not supported"
            raise TrinoError("NOT_SUPPORTED", message)
        return [known[number] for number in sorted(numbers)]

    def _not_equal(self, equalities: Sequence[Entry]) -> Iterator[str]:
        known = {each["id"]: each for each in self.table.fields}
        for place, entry in enumerate(equalities):
            columns = [known[number] for number in entry.equality or ()]
            read = self._deleting([entry], columns, f"values_{place}")
            same = " AND ".join(
                f"d.{name} IS NOT DISTINCT FROM f.{name}"
                for name in (identifier(each["name"].lower()) for each in columns)
            )
            inside = f" AND p.place = {quoted(entry.place)}" if entry.partition else ""
            later = f"p.sequence < {entry.sequence}{inside}"
            yield f"NOT ({later} AND EXISTS (SELECT 1 FROM ({read}) d WHERE {same}))"

    def _deleting(self, entries: Sequence[Entry], columns: Sequence[Document], what: str) -> str:
        parts = [
            self._part(alike, schema, columns, False, f"{self.name}_{what}_{i}")
            for i, (schema, alike) in enumerate(self._alike(entries))
        ]
        return " UNION ALL ".join(parts)

    # What is known of files -----------------------------------------------------------------

    def _known(self) -> "Dataset":
        import pyarrow

        rows = [(entry, self.files[entry.path]) for entry in self.data]
        moments = [int(file.info.last_modified.timestamp() * 1000) * 1000 for _, file in rows]
        return pyarrow.table(
            {
                "url": pyarrow.array([file.url for _, file in rows], pyarrow.string()),
                "uri": pyarrow.array([entry.path for entry, _ in rows], pyarrow.string()),
                "sequence": pyarrow.array([entry.sequence for entry, _ in rows], pyarrow.int64()),
                "place": pyarrow.array([entry.place for entry, _ in rows], pyarrow.string()),
                "modified": pyarrow.array(moments, pyarrow.timestamp("us")),
                "partition": pyarrow.array(
                    [partition_text(entry, self.table) for entry, _ in rows], pyarrow.string()
                ),
            }
        )


_HIDDEN: Final[Mapping[str, str]] = {
    "$path": "p.uri",
    "$file_modified_time": "struct_pack(instant := p.modified, zone := 'UTC')",
    "$partition": "p.partition",
    POSITION: f"f.{_ROW}",
}


def _dataset(scans: IcebergScans, form: str, files: Sequence[DataFile], schema: Any) -> "Dataset":
    """Rows of ORC or Avro files, with where each is from."""
    import pyarrow

    whole = pyarrow.schema(
        [*schema, pyarrow.field(_FILE, pyarrow.string()), pyarrow.field(_ROW, pyarrow.int64())]
    )

    def batches(names: Sequence[str]) -> Iterator[Any]:
        for file in files:
            start = 0
            with scans.open(file) as stream:
                for batch in _BATCHES[form](stream, schema):
                    rows = batch.num_rows
                    given = {
                        **dict(zip(batch.schema.names, batch.columns, strict=True)),
                        _FILE: pyarrow.repeat(file.url, rows),
                        _ROW: _numbers(start, rows),
                    }
                    start += rows
                    yield pyarrow.RecordBatch.from_arrays(
                        [given[name] for name in names],
                        schema=pyarrow.schema([whole.field(name) for name in names]),
                    )

    return streams.stream(whole, batches)


def _numbers(start: int, rows: int) -> Any:
    """Numbers from one on."""
    import pyarrow
    from pyarrow import compute

    ones = pyarrow.repeat(pyarrow.scalar(1, pyarrow.int64()), rows)
    return compute.cumulative_sum(ones, start=start - 1)


def _orc_batches(stream: Any, schema: Any) -> Iterator[Any]:
    from pyarrow import orc

    file = orc.ORCFile(stream)
    for stripe in range(file.nstripes):
        yield file.read_stripe(stripe)


_BATCHES: Final = {"ORC": _orc_batches, "AVRO": avro_files.batches}
