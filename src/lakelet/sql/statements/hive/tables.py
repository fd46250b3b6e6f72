"""CREATE, DROP and MSCK REPAIR TABLE, CREATE, ALTER and DROP DATABASE, DROP VIEW."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from lakelet.sql.statements import model as s
from lakelet.sql.statements.hive.cursor import Cursor


def create_database(cursor: Cursor) -> s.CreateDatabase:
    cursor.at += 2
    cursor.rule = "create database statement"
    if_not_exists = cursor.take("IF", "NOT", "EXISTS")
    name = cursor.name()
    comment = cursor.string() if cursor.take("COMMENT") else None
    location = cursor.string() if cursor.take("LOCATION") else None
    has_properties = cursor.take("WITH", "DBPROPERTIES")
    properties = cursor.properties(databases=True) if has_properties else {}
    return s.CreateDatabase(name, if_not_exists, comment, location, properties)


def alter_database(cursor: Cursor) -> s.SetDatabaseProperties:
    cursor.at += 2
    cursor.rule = "alter database statement"
    name = cursor.name()
    cursor.need("SET", "DBPROPERTIES")
    return s.SetDatabaseProperties(name, cursor.properties(databases=True))


def drop_database(cursor: Cursor) -> s.DropDatabase:
    cursor.at += 2
    cursor.rule = "drop database statement"
    if_exists = cursor.take("IF", "EXISTS")
    name = cursor.name()
    cascade = cursor.take("CASCADE")
    if not cascade:
        cursor.take("RESTRICT")
    return s.DropDatabase(name, if_exists, cascade)


def create_table(cursor: Cursor) -> s.CreateTable:
    cursor.need("CREATE")
    cursor.rule = "create table statement"
    external = cursor.take("EXTERNAL")
    cursor.need("TABLE")
    if_not_exists = cursor.take("IF", "NOT", "EXISTS")
    name = cursor.table()
    columns = cursor.columns() if cursor.key() == "(" else ()
    clauses: dict[str, Any] = {}
    for words, read in _CLAUSES:  # in this order only, as in Hive's grammar
        if cursor.take(*words):
            clauses.update(read(cursor))
    return s.CreateTable(name, columns, if_not_exists=if_not_exists, external=external, **clauses)


def drop_table(cursor: Cursor) -> s.DropTable:
    cursor.at += 2
    cursor.rule = "drop statement"
    if_exists = cursor.take("IF", "EXISTS")
    name = cursor.table()
    cursor.take("PURGE")
    return s.DropTable(name, if_exists)


def drop_view(cursor: Cursor) -> s.DropView:
    cursor.at += 2
    cursor.rule = "drop view statement"
    cursor.quotes = True
    if_exists = cursor.take("IF", "EXISTS")
    return s.DropView(cursor.table(), if_exists)


def repair(cursor: Cursor) -> s.RepairTable:
    cursor.need("MSCK")
    cursor.rule = "msck repair statement"
    cursor.need("REPAIR", "TABLE")
    return s.RepairTable(cursor.table())


def _clustered_by(cursor: Cursor) -> Mapping[str, Any]:
    names = cursor.names()
    if cursor.take("SORTED", "BY"):
        cursor.listed(lambda: (cursor.name(), cursor.take("ASC") or cursor.take("DESC")))
    cursor.need("INTO")
    count = cursor.number()
    cursor.need("BUCKETS")
    return {"bucket_columns": names, "buckets": count}


def _row_format(cursor: Cursor) -> Mapping[str, Any]:
    if cursor.take("SERDE"):
        serde = cursor.string()
        properties = cursor.properties() if cursor.take("WITH", "SERDEPROPERTIES") else {}
        return {"serde": serde, "serde_properties": properties}
    cursor.rule = "serde properties specification"
    cursor.need("DELIMITED")
    found: dict[str, str] = {}
    for words, names in _DELIMITED:
        if cursor.take(*words):
            text = cursor.string()
            found.update(dict.fromkeys(names, text))
            if names[0] == "field.delim" and cursor.take("ESCAPED", "BY"):
                found["escape.delim"] = cursor.string()
    return {"serde_properties": found}


def _stored_as(cursor: Cursor) -> Mapping[str, Any]:
    if cursor.take("INPUTFORMAT"):
        given = cursor.string()
        cursor.need("OUTPUTFORMAT")
        return {"input_format": given, "output_format": cursor.string()}
    return {"stored_as": cursor.name("table file format specification").upper()}


_CLAUSES: Final[tuple[tuple[tuple[str, ...], Callable[[Cursor], Mapping[str, Any]]], ...]] = (
    (("COMMENT",), lambda cursor: {"comment": cursor.string()}),
    (("PARTITIONED", "BY"), lambda cursor: {"partition_keys": cursor.columns()}),
    (("CLUSTERED", "BY"), _clustered_by),
    (("ROW", "FORMAT"), _row_format),
    (("STORED", "AS"), _stored_as),
    (("LOCATION",), lambda cursor: {"location": cursor.string()}),
    (("TBLPROPERTIES",), lambda cursor: {"properties": cursor.properties()}),
)
_DELIMITED: Final[tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]] = (
    (("FIELDS", "TERMINATED", "BY"), ("field.delim", "serialization.format")),
    (("COLLECTION", "ITEMS", "TERMINATED", "BY"), ("colelction.delim",)),
    (("MAP", "KEYS", "TERMINATED", "BY"), ("mapkey.delim",)),
    (("LINES", "TERMINATED", "BY"), ("line.delim",)),
    (("NULL", "DEFINED", "AS"), ("serialization.null.format",)),
)
