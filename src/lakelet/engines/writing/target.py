"""Where rows go: the columns in the files, the partition keys, the buckets, the format."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from lakelet.errors import TrinoError
from lakelet.formats.writers.writing import WriteRequest, Writing
from lakelet.model import Session
from lakelet.types import Type

Columns = tuple[tuple[str, Type], ...]
"""Names in lower case and Trino's types."""


class FileFormat(Protocol):
    """What rows are written as: a `formats.Format`, or one of an Iceberg table."""

    @property
    def name(self) -> str: ...

    @property
    def writing(self) -> Callable[[WriteRequest], Writing] | None: ...


@dataclass(frozen=True, slots=True)
class Target:
    """`location` ends with a slash; `serde` are the properties of the table's SerDe,
    `table` and `comments` are the database and name of a table that is there already, and those
    of its columns."""

    columns: Columns
    keys: Columns
    format: FileFormat
    location: str
    compression: str | None = None
    level: int | None = None
    serde: Mapping[str, str] = field(default_factory=dict)
    bucket_columns: tuple[str, ...] = ()
    buckets: int = 0
    table: tuple[str, str] | None = None
    comments: tuple[str, ...] = ()

    def writing(self, session: Session) -> Writing:
        """How its files are written; raises TrinoError for what can't be."""
        compression = session.compression if self.compression is None else self.compression
        request = WriteRequest(
            self.columns, compression, self.level, self.serde, self.table, self.comments
        )
        if self.format.writing is None:
            message = f"{self.format.name} format is read-only"
            raise TrinoError("HIVE_WRITER_OPEN_ERROR", message)
        return self.format.writing(request)


def split_keys(columns: Columns, names: Sequence[str]) -> tuple[Columns, Columns]:
    """The data columns and the partition keys, which must be the last columns in their order.

    Raises TrinoError in Trino's words.
    """
    known = [name for name, _ in columns]
    missing = [name for name in names if name not in known]
    if missing:
        message = f"Partition columns [{', '.join(missing)}] not present in schema"
        raise TrinoError("INVALID_TABLE_PROPERTY", message)
    data = columns[: len(columns) - len(names)]
    if not data:
        raise TrinoError("INVALID_TABLE_PROPERTY", "Table contains only partition columns")
    if tuple(names) != tuple(known[len(data) :]):
        raise TrinoError(
            "HIVE_COLUMN_ORDER_MISMATCH",
            "Partition keys must be the last columns in the table and in the same order as the"
            f" table properties: [{', '.join(names)}]",
        )
    keys = columns[len(data) :]
    for name, of in keys:
        if of.arguments or of.name == "varbinary":
            raise TrinoError("NOT_SUPPORTED", f"Unsupported type [{of}] for partition: {name}")
    return data, keys
