"""Records that are kept and given back as they came: connections, classifiers, policies …"""

from lakelet.catalog.documents import dump, load
from lakelet.database import Database
from lakelet.errors import AlreadyExists, NotFound
from lakelet.model import Document


class Records:
    """Documents by kind and name."""

    def __init__(self, database: Database, catalog: str) -> None:
        self._database = database
        self._catalog = catalog

    def create(self, kind: str, name: str, document: Document, refusal: str) -> None:
        """Raises AlreadyExists with the text of `refusal`."""
        with self._database.transaction() as transaction:
            made = transaction.execute(
                "INSERT OR IGNORE INTO glue_record VALUES (?, ?, ?, ?)",
                (self._catalog, kind, name, dump(document)),
            )
            if not made.rowcount:
                raise AlreadyExists(refusal, subject=name)

    def put(self, kind: str, name: str, document: Document) -> None:
        """Makes or replaces."""
        with self._database.transaction() as transaction:
            transaction.execute(
                "INSERT OR REPLACE INTO glue_record VALUES (?, ?, ?, ?)",
                (self._catalog, kind, name, dump(document)),
            )

    def get(self, kind: str, name: str) -> Document | None:
        rows = self._database.query(
            "SELECT document FROM glue_record WHERE catalog = ? AND kind = ? AND name = ?",
            (self._catalog, kind, name),
        )
        return load(rows[0][0]) if rows else None

    def need(self, kind: str, name: str, refusal: str) -> Document:
        """Raises NotFound with the text of `refusal`."""
        found = self.get(kind, name)
        if found is None:
            raise NotFound(refusal, subject=name)
        return found

    def delete(self, kind: str, name: str) -> bool:
        """Whether there was one."""
        with self._database.transaction() as transaction:
            sql = "DELETE FROM glue_record WHERE catalog = ? AND kind = ? AND name = ?"
            return bool(transaction.execute(sql, (self._catalog, kind, name)).rowcount)

    def listed(
        self, kind: str, prefix: str = "", after: str = "", limit: int = -1
    ) -> list[tuple[str, Document]]:
        """Names and documents in the order of their names, those after a name."""
        rows = self._database.query(
            "SELECT name, document FROM glue_record WHERE catalog = ? AND kind = ? AND name > ?"
            " AND substr(name, 1, ?) = ? ORDER BY name LIMIT ?",
            (self._catalog, kind, after, len(prefix), prefix, limit),
        )
        return [(row[0], load(row[1])) for row in rows]
