"""ALTER TABLE: partitions, columns, location, properties."""

from collections.abc import Callable
from typing import Final

from lakelet.sql.statements import model as s
from lakelet.sql.statements.hive.cursor import Cursor, Unsupported


def alter_table(cursor: Cursor) -> s.Statement:
    cursor.at += 2
    cursor.rule = "alter table statement"
    name = cursor.table()
    _need_supported(cursor)
    if cursor.take("PARTITION"):
        spec = cursor.spec()
        _need_supported(cursor)
        for words, change in _OF_A_PARTITION:
            if cursor.take(*words):
                return change(cursor, name, spec)
        cursor.fail()
    for words, read in _CHANGES:
        if cursor.take(*words):
            return read(cursor, name)
    cursor.fail()


_UNSUPPORTED: Final = (
    *(("ARCHIVE",), ("UNARCHIVE",), ("CLUSTERED",), ("EXCHANGE",), ("NOT",), ("COMPACT",)),
    *(("CONCATENATE",), ("SET", "FILEFORMAT"), ("RENAME", "TO"), ("SKEWED",), ("TOUCH",)),
    *(("SET", "SERDE"), ("SET", "SERDEPROPERTIES"), ("SET", "SKEWED"), ("INTO",), ("ENABLE",)),
    *(("DISABLE",), ("PARTITION", "COLUMN")),
)


def _need_supported(cursor: Cursor) -> None:
    """Raises Unsupported for a change that Hive has and Athena has not."""
    words = (cursor.key(0), cursor.key(1), cursor.key(2))
    if words == ("RENAME", "TO", "PARTITION"):
        return
    if any(form == words[: len(form)] for form in _UNSUPPORTED):
        raise Unsupported


def _add_partitions(cursor: Cursor, name: s.TableName) -> s.AddPartitions:
    if_not_exists = cursor.take("IF", "NOT", "EXISTS")
    cursor.rule = "add partition statement"
    found = []
    cursor.need("PARTITION")
    while True:
        spec = cursor.spec()
        found.append((spec, cursor.string() if cursor.take("LOCATION") else None))
        if not cursor.take("PARTITION"):
            return s.AddPartitions(name, tuple(found), if_not_exists)


def _drop_partitions(cursor: Cursor, name: s.TableName) -> s.DropPartitions:
    if_exists = cursor.take("IF", "EXISTS")
    cursor.rule = "drop partition statement"
    cursor.need("PARTITION")
    found = [cursor.spec()]
    while cursor.take(","):
        cursor.need("PARTITION")
        found.append(cursor.spec())
    cursor.take("PURGE")
    return s.DropPartitions(name, tuple(found), if_exists)


def _change_column(cursor: Cursor, name: s.TableName) -> s.ChangeColumn:
    cursor.take("COLUMN")
    old = cursor.name()
    new = cursor.column()
    first = cursor.take("FIRST")
    after = cursor.name() if not first and cursor.take("AFTER") else None
    return s.ChangeColumn(name, old, new, first, after)


def _unset(cursor: Cursor, name: s.TableName) -> s.UnsetProperties:
    if_exists = cursor.take("IF", "EXISTS")
    return s.UnsetProperties(name, cursor.listed(cursor.string), if_exists)


def _rename(cursor: Cursor, name: s.TableName, spec: s.PartitionSpec) -> s.RenamePartition:
    cursor.need("PARTITION")
    return s.RenamePartition(name, spec, cursor.spec())


_CHANGES: Final[
    tuple[tuple[tuple[str, ...], Callable[[Cursor, s.TableName], s.Statement]], ...]
] = (
    (("ADD", "COLUMNS"), lambda cursor, name: s.AddColumns(name, cursor.columns())),
    (
        ("REPLACE", "COLUMNS"),
        lambda cursor, name: s.AddColumns(name, cursor.columns(), replace=True),
    ),
    (("CHANGE",), _change_column),
    (("DROP", "COLUMN"), lambda cursor, name: s.DropColumn(name, cursor.name())),
    (("ADD",), _add_partitions),
    (("DROP",), _drop_partitions),
    (("SET", "LOCATION"), lambda cursor, name: s.SetLocation(name, cursor.string())),
    (("SET", "TBLPROPERTIES"), lambda cursor, name: s.SetProperties(name, cursor.properties())),
    (("UNSET", "TBLPROPERTIES"), _unset),
)
_OF_A_PARTITION: Final[
    tuple[
        tuple[tuple[str, ...], Callable[[Cursor, s.TableName, s.PartitionSpec], s.Statement]], ...
    ]
] = (
    (("RENAME", "TO"), _rename),
    (
        ("SET", "LOCATION"),
        lambda cursor, name, spec: s.SetPartitionLocation(name, spec, cursor.string()),
    ),
    (("ADD", "COLUMNS"), lambda cursor, name, _: s.AddColumns(name, cursor.columns())),
    (
        ("REPLACE", "COLUMNS"),
        lambda cursor, name, _: s.AddColumns(name, cursor.columns(), replace=True),
    ),
)
