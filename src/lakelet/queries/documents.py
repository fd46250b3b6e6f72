"""What Athena keeps beside queries and gives back: documents by their kind and name."""

from typing import Final

import orjson

from lakelet.database import Database
from lakelet.model import Document

WORK_GROUP: Final = "work_group"
NAMED_QUERY: Final = "named_query"
PREPARED_STATEMENT: Final = "prepared_statement"
DATA_CATALOG: Final = "data_catalog"
CAPACITY: Final = "capacity_reservation"
ASSIGNMENT: Final = "capacity_assignment"
TAGS: Final = "tags"


def keep(database: Database, kind: str, name: str, document: Document) -> None:
    """Keeps a document in the place of the one before it."""
    with database.transaction() as transaction:
        transaction.execute(
            "INSERT OR REPLACE INTO athena_record VALUES (?, ?, ?)",
            (kind, name, orjson.dumps(document).decode()),
        )


def make(database: Database, kind: str, name: str, document: Document) -> bool:
    """Keeps a new document; False where there is one of its name."""
    with database.transaction() as transaction:
        made = transaction.execute(
            "INSERT OR IGNORE INTO athena_record VALUES (?, ?, ?)",
            (kind, name, orjson.dumps(document).decode()),
        )
    return bool(made.rowcount)


def kept(database: Database, kind: str, name: str) -> Document | None:
    """The document of a name, None where there is none."""
    rows = database.query(
        "SELECT document FROM athena_record WHERE kind = ? AND name = ?", (kind, name)
    )
    found: Document | None = orjson.loads(rows[0][0]) if rows else None
    return found


def listed(database: Database, kind: str) -> list[tuple[str, Document]]:
    """Names and documents, in the order of the names."""
    rows = database.query(
        "SELECT name, document FROM athena_record WHERE kind = ? ORDER BY name", (kind,)
    )
    return [(row[0], orjson.loads(row[1])) for row in rows]


def forget(database: Database, kind: str, name: str) -> bool:
    """Drops a document; whether there was one."""
    with database.transaction() as transaction:
        sql = "DELETE FROM athena_record WHERE kind = ? AND name = ?"
        return bool(transaction.execute(sql, (kind, name)).rowcount)
