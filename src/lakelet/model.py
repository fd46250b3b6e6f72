"""The frozen shapes that pass between layers: no behaviour beyond properties.

API parameters stay plain dicts in botocore's own shape; these are what the inside of the lake
works with.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Literal

from lakelet.config import Dialect
from lakelet.types import Type

CATALOG: Final = "awsdatacatalog"
"""The lake's own catalogue, by the name that Athena gives it in statements."""

StatementType = Literal["DML", "DDL", "UTILITY"]
QueryState = Literal["QUEUED", "RUNNING", "SUCCEEDED", "FAILED", "CANCELLED"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column as the catalogue keeps it; `type` is Hive's text (`array<string>`)."""

    name: str
    type: str
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class StorageDescriptor:
    """Where a table's or a partition's files lie and how they are read."""

    columns: tuple[Column, ...]
    location: str
    input_format: str = ""
    output_format: str = ""
    serde: str = ""
    serde_parameters: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)
    bucket_columns: tuple[str, ...] = ()
    number_of_buckets: int = 0
    compressed: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table or a view of the catalogue."""

    database: str
    name: str
    storage: StorageDescriptor
    partition_keys: tuple[Column, ...] = ()
    parameters: Mapping[str, str] = field(default_factory=dict)
    table_type: str = "EXTERNAL_TABLE"
    description: str | None = None
    view_original_text: str | None = None
    version_id: str = "0"

    @property
    def is_view(self) -> bool:
        return self.table_type == "VIRTUAL_VIEW"

    @property
    def is_iceberg(self) -> bool:
        """Whether its files are those that Iceberg's metadata names, whatever lies beside them."""
        return self.parameters.get("table_type", "").upper() == "ICEBERG"

    @property
    def columns(self) -> tuple[Column, ...]:
        """Data columns, then partition keys: the order of `SELECT *`."""
        return self.storage.columns + self.partition_keys


@dataclass(frozen=True, slots=True)
class Partition:
    """One partition; `values` are in the order of the table's partition keys."""

    values: tuple[str, ...]
    storage: StorageDescriptor
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ObjectInfo:
    """An object of the store. `size` is in bytes; `etag` has no quotes around it."""

    bucket: str
    key: str
    size: int
    etag: str
    last_modified: datetime

    @property
    def uri(self) -> str:
        return f"s3://{self.bucket}/{self.key}"

    @property
    def is_data(self) -> bool:
        """Whether a table reads it: it has bytes, and no name that Hive takes as hidden."""
        return self.size > 0 and not self.is_hidden

    @property
    def is_hidden(self) -> bool:
        """Whether its name is one that Hive takes as hidden."""
        return self.key.rpartition("/")[2].startswith(("_", "."))


@dataclass(frozen=True, slots=True)
class Finished:
    """A finished file of `Storage.scratch` and the object that it is to be."""

    path: Path
    bucket: str
    key: str


@dataclass(frozen=True, slots=True)
class DataFile:
    """A file of a table: where the engine reads it, and the partition that it belongs to."""

    info: ObjectInfo
    url: str
    partition: Partition | None

    @property
    def version(self) -> tuple[str, int, float]:
        """Changes whenever the file does."""
        return self.url, self.info.size, self.info.last_modified.timestamp()


@dataclass(frozen=True, slots=True)
class Domain:
    """What a query asks of a column: some of these values, or between two ends, which belong to it
    unless they are `open`. Values are ints for integers, else as constants have them."""

    values: tuple[Any, ...] | None = None
    low: Any = None
    high: Any = None
    low_open: bool = False
    high_open: bool = False


@dataclass(frozen=True, slots=True)
class Session:
    """What a statement is run under. `scan_limit` is the most bytes that it may scan; `compression`
    the codec of writes that name none."""

    catalog: str = CATALOG
    database: str = "default"
    dialect: Dialect = "athena"
    time_zone: str = "UTC"
    user: str = "lakelet"
    query_id: str = ""
    output_location: str | None = None
    parameters: tuple[str, ...] = ()
    start: datetime | None = None
    scan_limit: int | None = None
    compression: str = "GZIP"


@dataclass(frozen=True, slots=True)
class ResultColumn:
    """A column of an answer; `type` is Trino's exact type."""

    name: str
    type: Type


@dataclass(frozen=True, slots=True)
class Statistics:
    """What a statement cost. Times in milliseconds, `scanned` in bytes as Athena bills them,
    `rows` given or written; `input_rows` and `row_groups` (ORC's stripes too) those of the files
    that a query opens, as far as their footers tell."""

    scanned: int = 0
    planning: int = 0
    execution: int = 0
    files: int = 0
    rows: int = 0
    input_rows: int = 0
    row_groups: int = 0


@dataclass(frozen=True, slots=True)
class Progress:
    """A statement that runs: how much of it is done, from 0 to 1, and what it has read so far, as
    far as the engine tells."""

    done: float = 0.0
    statistics: Statistics = field(default_factory=Statistics)


Document = dict[str, Any]
"""A JSON-like value in the shape that botocore's models give it."""
