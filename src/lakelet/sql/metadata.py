"""What the analyzer asks of a catalogue: schemas, tables with Trino's types, views' texts."""

from dataclasses import dataclass
from typing import Any, Protocol

from lakelet.types import Type


@dataclass(frozen=True, slots=True)
class TableName:
    """A full name; each part in lower case."""

    catalog: str
    schema: str
    table: str

    def __str__(self) -> str:
        return f"{self.catalog}.{self.schema}.{self.table}"


@dataclass(frozen=True, slots=True)
class ColumnMetadata:
    """A column; a hidden one (`$path`) is not part of `*`."""

    name: str
    type: Type
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class TableMetadata:
    """A table; partition keys stand among its columns, last."""

    name: TableName
    columns: tuple[ColumnMetadata, ...]


@dataclass(frozen=True, slots=True)
class ViewMetadata:
    """A view: its query's text, the catalogue and schema in which unqualified names are looked
    up, and the columns that were stored with it (none: whatever the query answers)."""

    name: TableName
    text: str
    catalog: str
    schema: str
    columns: tuple[ColumnMetadata, ...] = ()


class Version(Protocol):
    """`tree.Version`, which is made of what is defined here: its kind and typed value."""

    @property
    def kind(self) -> str: ...

    @property
    def value(self) -> Any: ...


class Metadata(Protocol):
    """Names arrive in lower case."""

    def catalog_exists(self, catalog: str) -> bool: ...

    def schema_exists(self, catalog: str, schema: str) -> bool: ...

    def relation(self, name: TableName) -> TableMetadata | ViewMetadata | None:
        """The table or view of that name, None when there is none."""
        ...

    def versioned(self, table: TableMetadata, version: Version) -> TableMetadata:
        """A table as it was; raises TrinoError where it was not there, or keeps no versions."""
        ...
