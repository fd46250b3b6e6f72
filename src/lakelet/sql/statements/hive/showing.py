"""SHOW and DESCRIBE."""

from lakelet.sql.statements import model as s
from lakelet.sql.statements.hive.cursor import NAME, Cursor


def show_databases(cursor: Cursor) -> s.ShowDatabases:
    cursor.at += 2
    with cursor.within("show statement"):
        return s.ShowDatabases(_pattern(cursor) if cursor.take("LIKE") else None)


def show_tables(cursor: Cursor) -> s.ShowTables:
    views = cursor.key(1) == "VIEWS"
    cursor.at += 2
    with cursor.within("show statement"):
        database = _in(cursor)
        asked = cursor.take("LIKE") or cursor.is_string() or cursor.is_name()
        return s.ShowTables(database, _pattern(cursor) if asked else None, views)


def show_columns(cursor: Cursor) -> s.ShowColumns:
    cursor.at += 2
    with cursor.within("show statement"):
        if not (cursor.take("FROM") or cursor.take("IN")):
            cursor.fail()
        name = cursor.table()
        database = _in(cursor) if name.database is None else None
        return s.ShowColumns(s.TableName(name.table, database) if database else name)


def show_partitions(cursor: Cursor) -> s.ShowPartitions:
    cursor.at += 2
    with cursor.within("show statement"):
        name = cursor.table()
        spec = cursor.spec() if cursor.key() == "PARTITION" else {}
    return s.ShowPartitions(name, spec)


def show_properties(cursor: Cursor) -> s.ShowProperties:
    cursor.at += 2
    with cursor.within("show statement"):
        name = cursor.table()
        if not cursor.take("("):
            return s.ShowProperties(name)
        asked = cursor.string()
        cursor.need(")")
        return s.ShowProperties(name, asked)


def show_create(cursor: Cursor) -> s.ShowCreate:
    cursor.at += 2
    with cursor.within("show statement"):
        view = cursor.quotes = cursor.take("VIEW")
        if not view and not cursor.take("TABLE"):
            cursor.fail()
        return s.ShowCreate(cursor.table(), view)


def describe(cursor: Cursor) -> s.Describe:
    cursor.at += 1
    with cursor.within("describe statement"):
        mode = next((word for word in ("EXTENDED", "FORMATTED") if cursor.take(word)), "")
        if not mode and not cursor.is_name():
            cursor.fail()
        with cursor.within("specifying table partitions columnName"):
            name = cursor.table()
            partition = cursor.spec(then=(NAME,)) if cursor.key() == "PARTITION" else {}
            return s.Describe(name, mode, partition, _path(cursor))


def _path(cursor: Cursor) -> tuple[str, ...]:
    """A column, and the fields of it."""
    if not cursor.is_name():
        return ()
    with cursor.within("column name for complex types"):
        path = [cursor.name()]
        while cursor.take("."):
            path.append(cursor.string() if cursor.is_string() else cursor.column_name())
    return tuple(path)


def _pattern(cursor: Cursor) -> str:
    with cursor.within("identifier for show statement"):
        return cursor.string() if cursor.is_string() else cursor.name()


def _in(cursor: Cursor) -> str | None:
    """The database behind IN or FROM."""
    return cursor.name() if cursor.take("IN") or cursor.take("FROM") else None
