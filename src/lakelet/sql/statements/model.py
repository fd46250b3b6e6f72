"""Statements as values: what each asks for, names in lower case."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from lakelet.errors import TrinoError
from lakelet.model import Column, StatementType


@dataclass(frozen=True, slots=True)
class TableName:
    """A table's name as written; None for a part that the session gives."""

    table: str
    database: str | None = None
    catalog: str | None = None


@dataclass(frozen=True, slots=True)
class Query:
    """SELECT, WITH, VALUES or TABLE."""

    text: str


@dataclass(frozen=True, slots=True)
class ShowFunctions(Query):
    """SHOW FUNCTIONS; `text` is the query that answers it."""


ExplainType = Literal["LOGICAL", "DISTRIBUTED", "IO", "VALIDATE"]
ExplainFormat = Literal["TEXT", "JSON", "GRAPHVIZ"]


@dataclass(frozen=True, slots=True)
class Explain:
    """EXPLAIN [ANALYZE [VERBOSE]] of a statement, with its options; `text` is the statement at its
    own place."""

    text: str
    analyze: bool = False
    verbose: bool = False
    type: ExplainType = "DISTRIBUTED"
    format: ExplainFormat = "TEXT"


@dataclass(frozen=True, slots=True)
class Property:
    """`name = value` behind WITH, at its line and column.

    `value` is a literal's: a text, number, truth value, None, or a tuple of these. Of another
    expression it is None, and `query` is the SELECT of it at its place. `shown` is the expression
    as Trino's messages show it; DEFAULT stands for what holds where no value is `given`.
    """

    name: str
    line: int
    column: int
    shown: str = "DEFAULT"
    value: object = None
    query: str | None = None
    given: bool = True


@dataclass(frozen=True, slots=True)
class CreateTableAs:
    """CREATE TABLE … [WITH (…)] AS query; `text` is the query at its place in the statement."""

    name: TableName
    properties: tuple[Property, ...]
    text: str
    if_not_exists: bool = False
    with_data: bool = True


@dataclass(frozen=True, slots=True)
class Insert:
    """INSERT INTO; no columns means all of them."""

    name: TableName
    columns: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Unload:
    """UNLOAD (query) TO 's3://…' WITH (…); `text` is the query at its place in the statement."""

    text: str
    location: str
    properties: tuple[Property, ...]


@dataclass(frozen=True, slots=True)
class Prepare:
    """PREPARE name FROM statement."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Execute:
    """EXECUTE name [USING …]; the parameters are texts of expressions."""

    name: str
    parameters: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Deallocate:
    """DEALLOCATE PREPARE name."""

    name: str


@dataclass(frozen=True, slots=True)
class CreateView:
    """CREATE [OR REPLACE] VIEW."""

    name: TableName
    text: str
    replace: bool = False


@dataclass(frozen=True, slots=True)
class CreateDatabase:
    """CREATE DATABASE | SCHEMA."""

    name: str
    if_not_exists: bool = False
    comment: str | None = None
    location: str | None = None
    properties: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DropDatabase:
    """DROP DATABASE | SCHEMA."""

    name: str
    if_exists: bool = False
    cascade: bool = False


@dataclass(frozen=True, slots=True)
class SetDatabaseProperties:
    """ALTER DATABASE | SCHEMA … SET DBPROPERTIES."""

    name: str
    properties: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Partitioning:
    """A partition field of an Iceberg table: a column and its transform, with a width or 0."""

    column: str
    transform: str = "identity"
    width: int = 0


@dataclass(frozen=True, slots=True)
class CreateTable:
    """CREATE [EXTERNAL] TABLE, in Hive's grammar; `stored_as` is the word behind STORED AS.
    `partitioning` and the `required` columns are of Iceberg tables only."""

    name: TableName
    columns: tuple[Column, ...]
    partition_keys: tuple[Column, ...] = ()
    if_not_exists: bool = False
    external: bool = True
    comment: str | None = None
    serde: str | None = None
    serde_properties: Mapping[str, str] = field(default_factory=dict)
    stored_as: str | None = None
    input_format: str | None = None
    output_format: str | None = None
    location: str | None = None
    properties: Mapping[str, str] = field(default_factory=dict)
    bucket_columns: tuple[str, ...] = ()
    buckets: int = 0
    partitioning: tuple[Partitioning, ...] = ()
    required: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DropTable:
    """DROP TABLE."""

    name: TableName
    if_exists: bool = False


@dataclass(frozen=True, slots=True)
class DropView:
    """DROP VIEW."""

    name: TableName
    if_exists: bool = False


@dataclass(frozen=True, slots=True)
class RepairTable:
    """MSCK REPAIR TABLE."""

    name: TableName


PartitionSpec = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class AddPartitions:
    """ALTER TABLE … ADD PARTITION: each spec with its location or None."""

    name: TableName
    partitions: tuple[tuple[PartitionSpec, str | None], ...]
    if_not_exists: bool = False


@dataclass(frozen=True, slots=True)
class DropPartitions:
    """ALTER TABLE … DROP PARTITION."""

    name: TableName
    partitions: tuple[PartitionSpec, ...]
    if_exists: bool = False


@dataclass(frozen=True, slots=True)
class RenamePartition:
    """ALTER TABLE … PARTITION … RENAME TO PARTITION."""

    name: TableName
    old: PartitionSpec
    new: PartitionSpec


@dataclass(frozen=True, slots=True)
class SetPartitionLocation:
    """ALTER TABLE … PARTITION … SET LOCATION."""

    name: TableName
    partition: PartitionSpec
    location: str


@dataclass(frozen=True, slots=True)
class ChangeColumn:
    """ALTER TABLE … CHANGE COLUMN: name, type, comment, and its place: first or `after` another."""

    name: TableName
    old: str
    new: Column
    first: bool = False
    after: str | None = None


@dataclass(frozen=True, slots=True)
class DropColumn:
    """ALTER TABLE … DROP COLUMN; Hive's grammar has none, and `refusal` is what it says."""

    name: TableName
    column: str
    refusal: TrinoError


@dataclass(frozen=True, slots=True)
class RenameTable:
    """ALTER TABLE … RENAME TO."""

    name: TableName
    to: TableName


@dataclass(frozen=True, slots=True)
class UnsetProperties:
    """ALTER TABLE … UNSET TBLPROPERTIES."""

    name: TableName
    properties: tuple[str, ...]
    if_exists: bool = False


@dataclass(frozen=True, slots=True)
class AddColumns:
    """ALTER TABLE … ADD COLUMNS, or REPLACE COLUMNS."""

    name: TableName
    columns: tuple[Column, ...]
    replace: bool = False


@dataclass(frozen=True, slots=True)
class SetLocation:
    """ALTER TABLE … SET LOCATION."""

    name: TableName
    location: str


@dataclass(frozen=True, slots=True)
class SetProperties:
    """ALTER TABLE … SET TBLPROPERTIES."""

    name: TableName
    properties: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ShowDatabases:
    """SHOW DATABASES | SCHEMAS; patterns are Hive's, `*` and `|`."""

    pattern: str | None = None


@dataclass(frozen=True, slots=True)
class ShowTables:
    """SHOW TABLES, or SHOW VIEWS."""

    database: str | None = None
    pattern: str | None = None
    views: bool = False


@dataclass(frozen=True, slots=True)
class ShowColumns:
    """SHOW COLUMNS."""

    name: TableName


@dataclass(frozen=True, slots=True)
class ShowPartitions:
    """SHOW PARTITIONS, of those that a part of the keys leaves."""

    name: TableName
    partition: PartitionSpec = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ShowProperties:
    """SHOW TBLPROPERTIES."""

    name: TableName
    property: str | None = None


@dataclass(frozen=True, slots=True)
class ShowCreate:
    """SHOW CREATE TABLE, or VIEW."""

    name: TableName
    view: bool = False


@dataclass(frozen=True, slots=True)
class Describe:
    """DESCRIBE [EXTENDED | FORMATTED]: a table, a partition, or the column that a path names."""

    name: TableName
    mode: str = ""
    partition: PartitionSpec = field(default_factory=dict)
    column: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ChangeRows:
    """DELETE, UPDATE or MERGE of a table's rows; `text` is the whole statement."""

    kind: str
    name: TableName
    text: str


@dataclass(frozen=True, slots=True)
class Optimize:
    """OPTIMIZE … REWRITE DATA USING BIN_PACK; `where` is a condition's text."""

    name: TableName
    where: str | None = None


@dataclass(frozen=True, slots=True)
class Vacuum:
    """VACUUM."""

    name: TableName


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A statement of Hive's grammar that does not parse, which fails when it is run."""

    kind: tuple[StatementType, str]
    error: TrinoError


Statement = (
    Query
    | Explain
    | CreateTableAs
    | Insert
    | Unload
    | Prepare
    | Execute
    | Deallocate
    | CreateView
    | CreateDatabase
    | DropDatabase
    | CreateTable
    | DropTable
    | DropView
    | RepairTable
    | AddPartitions
    | DropPartitions
    | AddColumns
    | SetLocation
    | SetProperties
    | ShowDatabases
    | ShowTables
    | ShowColumns
    | ShowPartitions
    | ShowProperties
    | ShowCreate
    | Describe
    | SetDatabaseProperties
    | RenamePartition
    | SetPartitionLocation
    | ChangeColumn
    | DropColumn
    | RenameTable
    | UnsetProperties
    | ChangeRows
    | Optimize
    | Vacuum
    | Unreadable
)

KINDS: Mapping[type, tuple[StatementType, str]] = {
    Query: ("DML", "SELECT"),
    ShowFunctions: ("UTILITY", "SHOW_FUNCTIONS"),
    Explain: ("DML", "EXPLAIN"),
    CreateTableAs: ("DDL", "CREATE_TABLE_AS_SELECT"),
    Insert: ("DML", "INSERT"),
    Unload: ("DML", "UNLOAD"),
    Prepare: ("DDL", "PREPARE"),
    Execute: ("DML", "EXECUTE"),
    Deallocate: ("DDL", "DEALLOCATE"),
    CreateView: ("DDL", "CREATE_VIEW"),
    CreateDatabase: ("DDL", "CREATE_DATABASE"),
    DropDatabase: ("DDL", "DROP_DATABASE"),
    CreateTable: ("DDL", "CREATE_TABLE"),
    DropTable: ("DDL", "DROP_TABLE"),
    DropView: ("DDL", "DROP_VIEW"),
    RepairTable: ("DDL", "MSCK_REPAIR"),
    AddPartitions: ("DDL", "ALTER_TABLE_ADD_PARTITION"),
    DropPartitions: ("DDL", "ALTER_TABLE_DROP_PARTITION"),
    AddColumns: ("DDL", "ALTER_TABLE_ADD_COLUMN"),
    SetLocation: ("DDL", "ALTER_TABLE_SET_LOCATION"),
    SetProperties: ("DDL", "ALTER_TABLE_PROPERTIES"),
    ShowDatabases: ("UTILITY", "SHOW_DATABASES"),
    ShowTables: ("UTILITY", "SHOW_TABLES"),
    ShowColumns: ("UTILITY", "SHOW_COLUMNS"),
    ShowPartitions: ("UTILITY", "SHOW_PARTITIONS"),
    ShowProperties: ("UTILITY", "SHOW_TBLPROPERTIES"),
    ShowCreate: ("UTILITY", "SHOW_CREATE_TABLE"),
    Describe: ("UTILITY", "DESCRIBE_TABLE"),
    SetDatabaseProperties: ("DDL", "ALTER_DATABASE_PROPERTIES"),
    RenamePartition: ("DDL", "ALTER_TABLE_RENAME_PARTITION"),
    SetPartitionLocation: ("DDL", "ALTER_TABLE_SET_PARTITION_LOCATION"),
    ChangeColumn: ("DDL", "ALTER_TABLE_CHANGE_COLUMN"),
    DropColumn: ("DDL", "ALTER_TABLE_DROP_COLUMN"),
    RenameTable: ("DDL", "ALTER_TABLE_RENAME"),
    UnsetProperties: ("DDL", "ALTER_TABLE_UNSET_PROPERTIES"),
    Optimize: ("DDL", "CREATE_TABLE_AS_SELECT"),
    Vacuum: ("DML", "VACUUM_TABLE"),
}
"""Athena's StatementType and SubstatementType of each."""


def kinds(statement: Statement) -> tuple[StatementType, str]:
    """Athena's StatementType and SubstatementType of a statement."""
    if isinstance(statement, ShowTables) and statement.views:
        return "UTILITY", "SHOW_VIEWS"
    if isinstance(statement, ShowCreate) and statement.view:
        return "UTILITY", "SHOW_CREATE_VIEW"
    if isinstance(statement, ChangeRows):
        return "DML", statement.kind
    if isinstance(statement, Unreadable):
        return statement.kind
    if isinstance(statement, AddColumns) and statement.replace:
        return "DDL", "ALTER_TABLE_REPLACE_COLUMN"
    return KINDS[type(statement)]
