"""What Athena keeps beside queries and gives back: documents by their kind and name."""

from typing import Final

import orjson

from lakelet.lake import Lake
from lakelet.services import Parameters

WORK_GROUP: Final = "work_group"
NAMED_QUERY: Final = "named_query"
PREPARED_STATEMENT: Final = "prepared_statement"
DATA_CATALOG: Final = "data_catalog"
CAPACITY: Final = "capacity_reservation"
ASSIGNMENT: Final = "capacity_assignment"
TAGS: Final = "tags"


def keep(lake: Lake, kind: str, name: str, document: Parameters) -> None:
    """Keeps a document in the place of the one before it."""
    with lake.database.transaction() as transaction:
        transaction.execute(
            "INSERT OR REPLACE INTO athena_record VALUES (?, ?, ?)",
            (kind, name, orjson.dumps(document).decode()),
        )


def make(lake: Lake, kind: str, name: str, document: Parameters) -> bool:
    """Keeps a new document; False where there is one of its name."""
    with lake.database.transaction() as transaction:
        made = transaction.execute(
            "INSERT OR IGNORE INTO athena_record VALUES (?, ?, ?)",
            (kind, name, orjson.dumps(document).decode()),
        )
    return bool(made.rowcount)


def kept(lake: Lake, kind: str, name: str) -> Parameters | None:
    rows = lake.database.query(
        "SELECT document FROM athena_record WHERE kind = ? AND name = ?", (kind, name)
    )
    found: Parameters | None = orjson.loads(rows[0][0]) if rows else None
    return found


def listed(lake: Lake, kind: str) -> list[tuple[str, Parameters]]:
    """Names and documents, in the order of the names."""
    rows = lake.database.query(
        "SELECT name, document FROM athena_record WHERE kind = ? ORDER BY name", (kind,)
    )
    return [(row[0], orjson.loads(row[1])) for row in rows]


def forget(lake: Lake, kind: str, name: str) -> None:
    with lake.database.transaction() as transaction:
        transaction.execute("DELETE FROM athena_record WHERE kind = ? AND name = ?", (kind, name))
