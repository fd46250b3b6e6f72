"""Records that are kept and given back as they came: crawlers, crawls, classifiers …"""

from typing import Any

import orjson

from lakelet.database import Database
from lakelet.model import Document


class Records:
    """Documents by kind and name; times in them come back as ISO texts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, kind: str, name: str, document: Document) -> None:
        with self._database.transaction() as transaction:
            transaction.execute(
                "INSERT OR REPLACE INTO glue_record VALUES (?, ?, ?)",
                (kind, name, orjson.dumps(document).decode()),
            )

    def get(self, kind: str, name: str) -> Document | None:
        rows = self._database.query(
            "SELECT document FROM glue_record WHERE kind = ? AND name = ?", (kind, name)
        )
        found: Document | None = orjson.loads(rows[0][0]) if rows else None
        return found

    def delete(self, kind: str, name: str) -> bool:
        """Whether there was one."""
        with self._database.transaction() as transaction:
            sql = "DELETE FROM glue_record WHERE kind = ? AND name = ?"
            return bool(transaction.execute(sql, (kind, name)).rowcount)

    def listed(self, kind: str, prefix: str = "") -> list[tuple[str, Any]]:
        """Names and documents in the order of their names."""
        rows = self._database.query(
            "SELECT name, document FROM glue_record WHERE kind = ? AND substr(name, 1, ?) = ?"
            " ORDER BY name",
            (kind, len(prefix), prefix),
        )
        return [(row[0], orjson.loads(row[1])) for row in rows]
