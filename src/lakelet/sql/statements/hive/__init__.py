"""DDL and utility statements in Hive's grammar."""

from collections.abc import Callable, Mapping
from typing import Final, NoReturn

from lakelet.errors import TrinoError
from lakelet.sql.statements import model as s
from lakelet.sql.statements.hive import altering, showing, tables
from lakelet.sql.statements.hive.cursor import Cursor, Unsupported


def read(text: str) -> s.Statement:
    """A statement of Hive's grammar; one that does not parse is `Unreadable`.

    Raises TrinoError NOT_SUPPORTED for what Athena refuses before it looks closer.
    """
    cursor = Cursor(text)
    words = tuple(cursor.key(i) for i in range(3))
    if any(form == words[: len(form)] for form in _UNSUPPORTED):
        raise unsupported()
    of, reader = _READERS.get(words[:2]) or _READERS.get(words[:1]) or (None, _fail)
    try:
        found = reader(cursor)
        cursor.end()
    except Unsupported:
        raise unsupported() from None
    except TrinoError as error:
        return s.Unreadable(s.KINDS[of] if of else ("DDL", ""), error)
    return found


def _fail(cursor: Cursor) -> NoReturn:
    """Of statements that begin alike the second word tells which it is."""
    if cursor.key() not in {words[0] for words in _READERS if len(words) > 1}:
        cursor.fail()
    with cursor.within("ddl statement"):
        cursor.fail(1)


def unsupported() -> TrinoError:
    """Athena's words for every statement of Hive's that it does not run."""
    return TrinoError("NOT_SUPPORTED", "Queries of this type are not supported")


_READERS: Final[Mapping[tuple[str, ...], tuple[type, Callable[[Cursor], s.Statement]]]] = {
    ("CREATE", "DATABASE"): (s.CreateDatabase, tables.create_database),
    ("CREATE", "SCHEMA"): (s.CreateDatabase, tables.create_database),
    ("CREATE", "EXTERNAL"): (s.CreateTable, tables.create_table),
    ("CREATE", "TABLE"): (s.CreateTable, tables.create_table),
    ("ALTER", "DATABASE"): (s.SetDatabaseProperties, tables.alter_database),
    ("ALTER", "SCHEMA"): (s.SetDatabaseProperties, tables.alter_database),
    ("ALTER", "TABLE"): (s.SetProperties, altering.alter_table),
    ("DROP", "DATABASE"): (s.DropDatabase, tables.drop_database),
    ("DROP", "SCHEMA"): (s.DropDatabase, tables.drop_database),
    ("DROP", "TABLE"): (s.DropTable, tables.drop_table),
    ("DROP", "VIEW"): (s.DropView, tables.drop_view),
    ("MSCK",): (s.RepairTable, tables.repair),
    ("SHOW", "DATABASES"): (s.ShowDatabases, showing.show_databases),
    ("SHOW", "SCHEMAS"): (s.ShowDatabases, showing.show_databases),
    ("SHOW", "TABLES"): (s.ShowTables, showing.show_tables),
    ("SHOW", "VIEWS"): (s.ShowTables, showing.show_tables),
    ("SHOW", "COLUMNS"): (s.ShowColumns, showing.show_columns),
    ("SHOW", "PARTITIONS"): (s.ShowPartitions, showing.show_partitions),
    ("SHOW", "TBLPROPERTIES"): (s.ShowProperties, showing.show_properties),
    ("SHOW", "CREATE"): (s.ShowCreate, showing.show_create),
    ("DESCRIBE",): (s.Describe, showing.describe),
    ("DESC",): (s.Describe, showing.describe),
}
_UNSUPPORTED: Final = (
    *(("ALTER", "INDEX"), ("ALTER", "VIEW"), ("CREATE", "INDEX"), ("CREATE", "ROLE")),
    *(("CREATE", "TEMPORARY"), ("CREATE", "FUNCTION"), ("DESCRIBE", "DATABASE")),
    *(("DESCRIBE", "SCHEMA"), ("DESCRIBE", "FUNCTION"), ("DFS",), ("DROP", "INDEX")),
    *(("DROP", "ROLE"), ("DROP", "TEMPORARY"), ("DROP", "FUNCTION"), ("EXPORT",), ("IMPORT",)),
    *(("GRANT",), ("REVOKE",), ("LOCK",), ("UNLOCK",), ("COMMIT",), ("ROLLBACK",)),
    *(("START", "TRANSACTION"), ("LOAD",), ("TRUNCATE",), ("USE",), ("SET",), ("ANALYZE",)),
    *(("SHOW", "COMPACTIONS"), ("SHOW", "CURRENT"), ("SHOW", "GRANT"), ("SHOW", "INDEXES")),
    *(("SHOW", "LOCKS"), ("SHOW", "PRINCIPALS"), ("SHOW", "ROLE"), ("SHOW", "ROLES")),
    *(("SHOW", "TRANSACTIONS"), ("SHOW", "CONF"), ("SHOW", "TABLE")),
)
"""What Athena's list of unsupported DDL names, by first words; ALTER TABLE's are with it."""
