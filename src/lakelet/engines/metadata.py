"""What the analyzer is told of the lake: the catalogue's tables with Trino's types."""

import base64
import binascii

import orjson

from lakelet.errors import TrinoError
from lakelet.interfaces import Catalog
from lakelet.model import Session, Table
from lakelet.sql.metadata import ColumnMetadata, TableMetadata, TableName, ViewMetadata
from lakelet.types.hive import to_trino
from lakelet.types.model import BIGINT, VARCHAR, timestamp
from lakelet.types.parsing import parse_type

CATALOG = "awsdatacatalog"
HIDDEN = (
    ColumnMetadata("$path", VARCHAR, hidden=True),
    ColumnMetadata("$file_size", BIGINT, hidden=True),
    ColumnMetadata("$file_modified_time", timestamp(3, zone=True), hidden=True),
    ColumnMetadata("$partition", VARCHAR, hidden=True),
)
_VIEW = "/* Presto View: "


class LakeMetadata:
    """`sql.metadata.Metadata` over the catalogue; remembers the tables that were asked for."""

    def __init__(self, catalog: Catalog, session: Session) -> None:
        self._catalog = catalog
        self._names = {CATALOG, session.catalog.lower(), "hive"}
        self.tables: dict[TableName, Table] = {}

    def catalog_exists(self, catalog: str) -> bool:
        return catalog in self._names

    def schema_exists(self, catalog: str, schema: str) -> bool:
        return catalog in self._names and self._catalog.database_exists(schema)

    def relation(self, name: TableName) -> TableMetadata | ViewMetadata | None:
        """Raises TrinoError for a table whose columns have a type that Hive has not."""
        if name.catalog not in self._names:
            return None
        table = self._catalog.table(name.schema, name.table)
        if table is None:
            return None
        if table.is_view:
            return view_definition(table)
        self.tables[name] = table
        columns = tuple(
            ColumnMetadata(each.name.lower(), to_trino(each.type)) for each in table.columns
        )
        return TableMetadata(name, (*columns, *HIDDEN))


def view_definition(table: Table) -> ViewMetadata:
    """A view as Athena keeps it: its definition in base64 inside a comment.

    Raises TrinoError INVALID_VIEW for a text that holds none.
    """
    text = table.view_original_text or ""
    try:
        inside = text.removeprefix(_VIEW).removesuffix(" */")
        definition = orjson.loads(base64.b64decode(inside, validate=True))
    except (binascii.Error, orjson.JSONDecodeError) as error:
        message = f"View not found or not a valid presto view: {table.database}.{table.name}"
        raise TrinoError("INVALID_VIEW", message) from error
    return ViewMetadata(
        TableName(CATALOG, table.database, table.name),
        definition["originalSql"],
        (definition.get("catalog") or CATALOG).lower(),
        (definition.get("schema") or table.database).lower(),
        tuple(
            ColumnMetadata(each["name"].lower(), parse_type(each["type"]))
            for each in definition.get("columns", ())
        ),
    )


def view_text(sql: str, schema: str, columns: list[dict[str, str]]) -> str:
    """A view's definition as Athena writes it into Glue's ViewOriginalText."""
    definition = {
        "originalSql": sql,
        "catalog": CATALOG,
        "schema": schema,
        "columns": columns,
    }
    return f"{_VIEW}{base64.b64encode(orjson.dumps(definition)).decode()} */"
