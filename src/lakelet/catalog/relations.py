"""Tables and views of many databases at once: what `information_schema` is made of."""

from collections.abc import Collection, Iterator
from typing import Any

from lakelet.catalog.documents import load
from lakelet.database import Database
from lakelet.model import Document

Names = Collection[str] | None
"""Names in lower case that are asked for; None for all of them."""


class Relations:
    """The tables and views of one catalogue, in the order of their databases and names."""

    def __init__(self, database: Database, catalog: str) -> None:
        self._database = database
        self._catalog = catalog

    def names(self, schemas: Names, tables: Names) -> Iterator[tuple[str, str, bool]]:
        """Database, name and whether it is a view."""
        kind = "json_extract(t.document, '$.TableType') = 'VIRTUAL_VIEW'"
        rows = self._rows(f"d.name, t.name, {kind}", schemas, tables)
        return ((schema, name, bool(view)) for schema, name, view in rows)

    def documents(self, schemas: Names, tables: Names) -> Iterator[Document]:
        """The tables themselves."""
        rows = self._rows("d.name, t.document", schemas, tables)
        return ({**load(document), "DatabaseName": schema} for schema, document in rows)

    def _rows(self, columns: str, schemas: Names, tables: Names) -> list[tuple[Any, ...]]:
        where, given = "d.catalog = ?", [self._catalog]
        for column, wanted in (("d.name", schemas), ("t.name", tables)):
            if wanted is not None:
                where += f" AND {column} IN ({', '.join('?' * len(wanted))})"
                given += wanted
        return self._database.query(
            f"SELECT {columns} FROM glue_table t JOIN glue_database d ON d.id = t.database_id"
            f" WHERE {where} ORDER BY d.name, t.name",
            given,
        )
