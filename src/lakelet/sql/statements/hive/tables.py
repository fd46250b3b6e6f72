"""CREATE, DROP and MSCK REPAIR TABLE, CREATE, ALTER and DROP DATABASE, DROP VIEW."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from lakelet.sql.statements import model as s
from lakelet.sql.statements.hive.cursor import CLAUSES, NAME, STRING, Cursor


def create_database(cursor: Cursor) -> s.CreateDatabase:
    cursor.at += 2
    with cursor.within("create database statement"):
        if_not_exists = cursor.not_exists()
        name = cursor.name()
        comment = _text(cursor, "COMMENT", "database's comment")
        location = _text(cursor, "LOCATION", "database location specification")
        properties: dict[str, str] = {}
        if cursor.take("WITH"):
            cursor.need("DBPROPERTIES", then=("(",))
            properties = cursor.properties("dbproperties")
    return s.CreateDatabase(name, if_not_exists, comment, location, properties)


def alter_database(cursor: Cursor) -> s.SetDatabaseProperties:
    cursor.at += 2
    with cursor.within("alter database statement"):
        if not cursor.is_name():
            cursor.fail()
        for ahead, word in ((1, "SET"), (2, "DBPROPERTIES")):
            if cursor.key(ahead) != word:
                cursor.fail(ahead)
        name = cursor.name()
        cursor.at += 2
        return s.SetDatabaseProperties(name, cursor.properties("dbproperties"))


def drop_database(cursor: Cursor) -> s.DropDatabase:
    cursor.at += 2
    with cursor.within("drop database statement"):
        if_exists = cursor.exists(NAME)
        name = cursor.name()
        cascade = cursor.take("CASCADE")
        if not cascade:
            cursor.take("RESTRICT")
    return s.DropDatabase(name, if_exists, cascade)


def create_table(cursor: Cursor) -> s.CreateTable:
    cursor.at += 1
    with cursor.within("create table statement"):
        external = cursor.take("EXTERNAL")
        cursor.need("TABLE", then=(NAME, "IF"))
        if_not_exists = cursor.not_exists()
        name = cursor.table()
        if cursor.key() != "(" and cursor.token.kind != "end" and not _begins_clause(cursor):
            cursor.fail()
        columns = cursor.columns() if cursor.key() == "(" else ()
        clauses: dict[str, Any] = {"required": tuple(cursor.required)}
        for word, rule, read in _CLAUSES:  # in this order only, as in Hive's grammar
            if cursor.key() == word:
                with cursor.within(rule):
                    clauses.update(read(cursor))
    return s.CreateTable(name, columns, if_not_exists=if_not_exists, external=external, **clauses)


def _begins_clause(cursor: Cursor) -> bool:
    return any(cursor.key() == word for word, _, _ in _CLAUSES)


def drop_table(cursor: Cursor) -> s.DropTable:
    cursor.at += 2
    with cursor.within("drop statement"):
        if_exists = cursor.exists(NAME)
        name = cursor.table()
        cursor.take("PURGE")
    return s.DropTable(name, if_exists)


def drop_view(cursor: Cursor) -> s.DropView:
    cursor.at += 2
    cursor.quotes = True
    with cursor.within("drop view statement"):
        if_exists = cursor.exists(NAME)
        return s.DropView(cursor.table("view name"), if_exists)


def repair(cursor: Cursor) -> s.RepairTable:
    cursor.at += 1
    with cursor.within("metastore check statement"):
        for word in ("REPAIR", "TABLE"):
            if not cursor.take(word):
                cursor.fail()
        return s.RepairTable(cursor.table())


def _text(cursor: Cursor, word: str, rule: str) -> str | None:
    """A word and a text; None where the word is not there."""
    if not cursor.take(word):
        return None
    with cursor.within(rule):
        return cursor.string(then=("LOCATION", "WITH"))


def _partitioned_by(cursor: Cursor) -> Mapping[str, Any]:
    cursor.at += 1
    cursor.need("BY", then=("(",))
    if cursor.iceberg:
        return {"partitioning": cursor.listed(lambda: _partitioning(cursor))}
    return {"partition_keys": cursor.columns()}


def _partitioning(cursor: Cursor) -> s.Partitioning:
    """A column of an Iceberg table, or a transform of it: `day(at)`, `bucket(16, id)`."""
    word = cursor.key()
    if word not in _TRANSFORMS or cursor.key(1) != "(":
        return s.Partitioning(cursor.name())
    cursor.at += 2
    name = "" if cursor.token.text.isdigit() else cursor.name()
    width = 0
    if not name or cursor.take(","):
        width = cursor.number()
    if not name:
        cursor.need(",", then=(NAME,))
        name = cursor.name()
    cursor.need(")", then=(")", ","))
    return s.Partitioning(name, word.lower(), width)


_TRANSFORMS: Final = ("YEAR", "MONTH", "DAY", "HOUR", "BUCKET", "TRUNCATE")


def _clustered_by(cursor: Cursor) -> Mapping[str, Any]:
    cursor.at += 1
    cursor.need("BY", then=("(",))
    names = cursor.names()
    if cursor.take("SORTED"):
        cursor.need("BY", then=("(",))
        cursor.listed(lambda: _ordered(cursor))
    cursor.need("INTO")
    count = cursor.number()
    cursor.need("BUCKETS")
    return {"bucket_columns": names, "buckets": count}


def _ordered(cursor: Cursor) -> str:
    """A column that is sorted by; its direction says nothing to a reader."""
    with cursor.within("column name order"):
        name = cursor.name()
        if not cursor.take("ASC"):
            cursor.take("DESC")
    return name


def _row_format(cursor: Cursor) -> Mapping[str, Any]:
    if cursor.key(1) != "FORMAT":
        cursor.fail(1)
    kind = cursor.key(2)
    if kind not in ("SERDE", "DELIMITED"):
        cursor.fail(2)
    cursor.at += 3
    return _serde(cursor) if kind == "SERDE" else _delimited(cursor)


def _serde(cursor: Cursor) -> Mapping[str, Any]:
    with cursor.within("serde format specification"):
        serde = cursor.string()
        properties: dict[str, str] = {}
        if cursor.take("WITH"):
            cursor.need("SERDEPROPERTIES", then=("(",))
            properties = cursor.properties()
    return {"serde": serde, "serde_properties": properties}


def _delimited(cursor: Cursor) -> Mapping[str, Any]:
    found: dict[str, str] = {}
    with cursor.within("serde properties specification"):
        for words, rule, names in _DELIMITED:
            if cursor.key() != words[0] or (words[0] == "MAP" and cursor.key(1) != words[1]):
                continue
            cursor.at += 1
            with cursor.within(rule):
                cursor.need(*words[1:], then=(STRING,))
                found.update(dict.fromkeys(names, cursor.string(_BEHIND_SEPARATORS)))
                if words[0] == "FIELDS" and cursor.take("ESCAPED"):
                    cursor.need("BY", then=(STRING,))
                    found["escape.delim"] = cursor.string()
    return {"serde_properties": found}


def _stored_as(cursor: Cursor) -> Mapping[str, Any]:
    if cursor.key(1) != "AS":
        cursor.fail(1)
    if not cursor.is_name(2):
        cursor.fail(2)
    cursor.at += 2
    if cursor.take("INPUTFORMAT"):
        given = cursor.string()
        cursor.need("OUTPUTFORMAT", then=(STRING,))
        return {"input_format": given, "output_format": cursor.string()}
    return {"stored_as": cursor.name().upper()}


def _string(cursor: Cursor) -> str:
    cursor.at += 1
    return cursor.string(then=CLAUSES)


def _properties(cursor: Cursor) -> Mapping[str, Any]:
    cursor.at += 1
    return {"properties": cursor.properties()}


_CLAUSES: Final[tuple[tuple[str, str, Callable[[Cursor], Mapping[str, Any]]], ...]] = (
    ("COMMENT", "table's comment", lambda cursor: {"comment": _string(cursor)}),
    ("PARTITIONED", "table partition specification", _partitioned_by),
    ("CLUSTERED", "table buckets specification", _clustered_by),
    ("ROW", "table row format specification", _row_format),
    ("STORED", "table file format specification", _stored_as),
    ("LOCATION", "table location specification", lambda cursor: {"location": _string(cursor)}),
    ("TBLPROPERTIES", "table properties with prefix", _properties),
)
"""The first word of a clause, what Hive calls its part of the grammar, and what reads it."""
_BEHIND_SEPARATORS: Final = CLAUSES | {"COLLECTION", "MAP", "LINES", "NULL", "ESCAPED"}
_ROW: Final = "table row format's"
_DELIMITED: Final[tuple[tuple[tuple[str, ...], str, tuple[str, ...]], ...]] = (
    (
        ("FIELDS", "TERMINATED", "BY"),
        f"{_ROW} field separator",
        ("field.delim", "serialization.format"),
    ),
    (
        ("COLLECTION", "ITEMS", "TERMINATED", "BY"),
        f"{_ROW} column separator",
        ("colelction.delim",),
    ),
    (("MAP", "KEYS", "TERMINATED", "BY"), f"{_ROW} map key separator", ("mapkey.delim",)),
    (("LINES", "TERMINATED", "BY"), f"{_ROW} line separator", ("line.delim",)),
    (("NULL", "DEFINED", "AS"), f"{_ROW} null specifier", ("serialization.null.format",)),
)
