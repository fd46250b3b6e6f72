"""ALTER TABLE: partitions, columns, location, properties."""

from collections.abc import Callable, Mapping
from typing import Final

from lakelet.model import Column
from lakelet.sql.statements import model as s
from lakelet.sql.statements.hive.cursor import Cursor, Unsupported
from lakelet.sql.statements.hive.lexer import exception


def alter_table(cursor: Cursor) -> s.Statement:
    cursor.at += 2
    with cursor.within("alter statement"):
        name = cursor.table()
        with cursor.within("alter table statement"):
            _need_supported(cursor)
            if cursor.key() == "PARTITION":
                return _of_a_partition(cursor, name)
            return _of_the_table(cursor, name)


def _of_the_table(cursor: Cursor, name: s.TableName) -> s.Statement:
    changes = _CHANGES.get(cursor.key())
    if changes is None:
        cursor.fail()
    change = changes.get(cursor.key(1)) or changes.get("")
    if change is None:
        cursor.fail(1)
    return change(cursor, name)


def _of_a_partition(cursor: Cursor, name: s.TableName) -> s.Statement:
    if cursor.key(1) != "(":
        cursor.fail(1)
    if not cursor.is_name(2):
        cursor.at += 2
        cursor.fail()
    spec = cursor.spec()
    with cursor.within(_SUFFIX):
        _need_supported(cursor)
        change = _OF_A_PARTITION.get(cursor.key())
        if change is None:
            cursor.fail()
        return change(cursor, name, spec)


_SUFFIX: Final = "alter table partition statement suffix"
_UNSUPPORTED: Final = (
    *(("ARCHIVE",), ("UNARCHIVE",), ("CLUSTERED",), ("EXCHANGE",), ("NOT",), ("COMPACT",)),
    *(("CONCATENATE",), ("SET", "FILEFORMAT"), ("SKEWED",), ("TOUCH",)),
    *(("SET", "SERDE"), ("SET", "SERDEPROPERTIES"), ("SET", "SKEWED"), ("INTO",), ("ENABLE",)),
    *(("DISABLE",), ("PARTITION", "COLUMN")),
)


def _need_supported(cursor: Cursor) -> None:
    """Raises Unsupported for a change that Hive has and Athena has not."""
    words = (cursor.key(0), cursor.key(1), cursor.key(2))
    if any(form == words[: len(form)] for form in _UNSUPPORTED):
        raise Unsupported


def _add_partitions(cursor: Cursor, name: s.TableName) -> s.AddPartitions:
    cursor.at += 1
    with cursor.within("add partition statement"):
        if_not_exists = cursor.not_exists()
        found = []
        while cursor.key() == "PARTITION":
            spec = cursor.spec()
            location = None
            if cursor.take("LOCATION"):
                with cursor.within("partition location"):
                    location = cursor.string(then=("PARTITION",))
            found.append((spec, location))
        if not found:
            cursor.miss_all()
    return s.AddPartitions(name, tuple(found), if_not_exists)


def _drop_partitions(cursor: Cursor, name: s.TableName) -> s.DropPartitions:
    cursor.at += 1
    with cursor.within("drop partition statement"):
        if_exists = cursor.exists("PARTITION")
        found = [cursor.spec(compared=True)]
        while cursor.take(","):
            found.append(cursor.spec(compared=True))
        cursor.take("PURGE")
    return s.DropPartitions(name, tuple(found), if_exists)


def _drop_column(cursor: Cursor, name: s.TableName) -> s.DropColumn:
    drop, column = cursor.token, cursor.tokens[cursor.at + 1]
    text = f"mismatched input '{column.text}' expecting PARTITION near '{drop.text}'"
    refusal = exception([(column, f"{text} in drop partition statement")])
    cursor.at += 2
    return s.DropColumn(name, cursor.column_name(), refusal)


def _columns(cursor: Cursor, name: s.TableName) -> s.AddColumns:
    replace = cursor.key() == "REPLACE"
    cursor.at += 1
    with cursor.within("add column statement"):
        cursor.need("COLUMNS", then=("(",))
        return s.AddColumns(name, cursor.columns(ahead=True), replace=replace)


def _change_column(cursor: Cursor, name: s.TableName) -> s.ChangeColumn:
    cursor.at += 1
    with cursor.within("rename column name"):
        cursor.take("COLUMN")
        old, new = cursor.column_name(), cursor.column_name()
        of = cursor.type()
        comment = cursor.string() if cursor.take("COMMENT") else None
        first = cursor.take("FIRST")
        after = cursor.column_name() if not first and cursor.take("AFTER") else None
        if not cursor.take("CASCADE"):
            cursor.take("RESTRICT")
    return s.ChangeColumn(name, old, Column(new, of, comment), first, after)


def _location(cursor: Cursor) -> str:
    cursor.at += 2
    with cursor.within("alter location"):
        return cursor.string()


def _set_properties(cursor: Cursor, name: s.TableName) -> s.SetProperties:
    cursor.at += 2
    return s.SetProperties(name, cursor.properties())


def _rename_table(cursor: Cursor, name: s.TableName) -> s.RenameTable:
    cursor.at += 2
    with cursor.within("rename statement"):
        return s.RenameTable(name, cursor.table())


def _unset_properties(cursor: Cursor, name: s.TableName) -> s.UnsetProperties:
    cursor.at += 1
    with cursor.within("alter properties statement"):
        cursor.need("TBLPROPERTIES", then=("(", "IF"))
        if_exists = cursor.exists("(")
        valued = cursor.key(2) in ("=", "==")
        names = tuple(cursor.properties()) if valued else cursor.property_names()
        return s.UnsetProperties(name, names, if_exists)


def _rename(cursor: Cursor, name: s.TableName, spec: s.PartitionSpec) -> s.RenamePartition:
    cursor.at += 1
    with cursor.within("alter table rename partition statement"):
        cursor.need("TO", then=("PARTITION",))
        return s.RenamePartition(name, spec, cursor.spec())


def _set_of_a_partition(
    cursor: Cursor, name: s.TableName, spec: s.PartitionSpec
) -> s.SetPartitionLocation:
    if cursor.key(1) != "LOCATION":
        cursor.fail(1)
    return s.SetPartitionLocation(name, spec, _location(cursor))


_Change = Callable[[Cursor, s.TableName], s.Statement]
_CHANGES: Final[Mapping[str, Mapping[str, _Change]]] = {
    "ADD": {"COLUMNS": _columns, "PARTITION": _add_partitions, "IF": _add_partitions},
    "REPLACE": {"": _columns},
    "CHANGE": {"": _change_column},
    "DROP": {"COLUMN": _drop_column, "PARTITION": _drop_partitions, "IF": _drop_partitions},
    "SET": {
        "LOCATION": lambda cursor, name: s.SetLocation(name, _location(cursor)),
        "TBLPROPERTIES": _set_properties,
    },
    "RENAME": {"TO": _rename_table},
    "UNSET": {"": _unset_properties},
}
"""Changes by their first two words; '' stands for any second one."""
_OF_A_PARTITION: Final[
    Mapping[str, Callable[[Cursor, s.TableName, s.PartitionSpec], s.Statement]]
] = {
    "RENAME": _rename,
    "SET": _set_of_a_partition,
    "ADD": lambda cursor, name, _: _columns(cursor, name),
    "REPLACE": lambda cursor, name, _: _columns(cursor, name),
}
