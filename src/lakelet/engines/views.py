"""Views as Athena keeps them in Glue: their definition in base64 inside a comment."""

import base64

import orjson

from lakelet.errors import TrinoError
from lakelet.model import CATALOG, Document, Table
from lakelet.sql.metadata import ColumnMetadata, TableName, ViewMetadata
from lakelet.types.parsing import parse_type

_VIEW = "/* Presto View: "


def definition(table: Table) -> ViewMetadata:
    """A view as Athena keeps it: its definition in base64 inside a comment.

    Raises TrinoError INVALID_VIEW for a text that holds none.
    """
    kept = table.view_original_text or ""
    try:
        inside = kept.removeprefix(_VIEW).removesuffix(" */")
        return _read(table, orjson.loads(base64.b64decode(inside, validate=True)))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        message = f"View not found or not a valid presto view: {table.database}.{table.name}"
        raise TrinoError("INVALID_VIEW", message) from error


def _read(table: Table, found: Document) -> ViewMetadata:
    """A document that anybody may have written: it fails in many ways where it is no view's."""
    text, columns = found["originalSql"], found.get("columns", ())
    if not isinstance(text, str):
        raise TypeError("originalSql is no text")
    return ViewMetadata(
        TableName(CATALOG, table.database, table.name),
        text,
        (found.get("catalog") or CATALOG).lower(),
        (found.get("schema") or table.database).lower(),
        tuple(ColumnMetadata(each["name"].lower(), parse_type(each["type"])) for each in columns),
    )


def shown(table: Table) -> str:
    """The query of a view; of one that Athena has not made, whatever text is kept."""
    try:
        return definition(table).text
    except TrinoError:
        return table.view_original_text or ""


def encoded(sql: str, schema: str, columns: list[dict[str, str]]) -> str:
    """A view's definition as Athena writes it into Glue's ViewOriginalText."""
    kept = {
        "originalSql": sql,
        "catalog": CATALOG,
        "schema": schema,
        "columns": columns,
    }
    return f"{_VIEW}{base64.b64encode(orjson.dumps(kept)).decode()} */"
