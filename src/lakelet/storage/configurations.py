"""What is set on a bucket: documents that are kept and given back as they came."""

import orjson

from lakelet.database import Database
from lakelet.model import Document


class Configurations:
    """Documents by bucket, kind and id."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, bucket: str, kind: str, document: Document, name: str = "") -> None:
        with self._database.transaction() as transaction:
            transaction.execute(
                "INSERT OR REPLACE INTO bucket_configuration VALUES (?, ?, ?, ?)",
                (bucket, kind, name, orjson.dumps(document).decode()),
            )

    def get(self, bucket: str, kind: str, name: str = "") -> Document | None:
        rows = self._database.query(
            "SELECT document FROM bucket_configuration WHERE bucket = ? AND kind = ? AND id = ?",
            (bucket, kind, name),
        )
        for (document,) in rows:
            found: Document = orjson.loads(document)
            return found
        return None

    def all(self, bucket: str, kind: str) -> list[Document]:
        """The documents of a kind, in the order of their ids."""
        rows = self._database.query(
            "SELECT document FROM bucket_configuration WHERE bucket = ? AND kind = ? ORDER BY id",
            (bucket, kind),
        )
        return [orjson.loads(document) for (document,) in rows]

    def delete(self, bucket: str, kind: str, name: str = "") -> None:
        with self._database.transaction() as transaction:
            transaction.execute(
                "DELETE FROM bucket_configuration WHERE bucket = ? AND kind = ? AND id = ?",
                (bucket, kind, name),
            )

    def forget_bucket(self, bucket: str) -> None:
        """Removes all that was set on a bucket that is gone."""
        with self._database.transaction() as transaction:
            transaction.execute("DELETE FROM bucket_configuration WHERE bucket = ?", (bucket,))
