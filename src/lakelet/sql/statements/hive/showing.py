"""SHOW and DESCRIBE."""

from lakelet.sql.statements import model as s
from lakelet.sql.statements.hive.cursor import Cursor


def show_databases(cursor: Cursor) -> s.ShowDatabases:
    cursor.at += 2
    return s.ShowDatabases(cursor.string() if cursor.take("LIKE") else None)


def show_tables(cursor: Cursor) -> s.ShowTables:
    views = cursor.key(1) == "VIEWS"
    cursor.at += 2
    database = cursor.name() if cursor.take("IN") or cursor.take("FROM") else None
    like = cursor.take("LIKE")
    pattern = cursor.string() if like or cursor.is_string() else None
    return s.ShowTables(database, pattern, views)


def show_columns(cursor: Cursor) -> s.ShowColumns:
    cursor.at += 2
    if not (cursor.take("FROM") or cursor.take("IN")):
        cursor.fail()
    name = cursor.table()
    if name.database is None and (cursor.take("IN") or cursor.take("FROM")):
        name = s.TableName(name.table, cursor.name())
    return s.ShowColumns(name)


def show_partitions(cursor: Cursor) -> s.ShowPartitions:
    cursor.at += 2
    name = cursor.table()
    return s.ShowPartitions(name, cursor.spec() if cursor.take("PARTITION") else {})


def show_properties(cursor: Cursor) -> s.ShowProperties:
    cursor.at += 2
    name = cursor.table()
    if not cursor.take("("):
        return s.ShowProperties(name)
    asked = cursor.string()
    cursor.need(")")
    return s.ShowProperties(name, asked)


def show_create(cursor: Cursor) -> s.ShowCreate:
    cursor.at += 2
    view = cursor.quotes = cursor.take("VIEW")
    if not view:
        cursor.need("TABLE")
    return s.ShowCreate(cursor.table(), view)


def describe(cursor: Cursor) -> s.Describe:
    cursor.at += 1
    cursor.rule = "describe statement"
    mode = next((word for word in ("EXTENDED", "FORMATTED") if cursor.take(word)), "")
    name = cursor.table()
    partition = cursor.spec() if cursor.take("PARTITION") else {}
    if cursor.token.kind == "end":
        return s.Describe(name, mode, partition)
    path = [cursor.name("describe statement")]
    while cursor.take("."):
        path.append(cursor.token.value if cursor.token.kind == "string" else cursor.name())
    return s.Describe(name, mode, partition, tuple(path))
