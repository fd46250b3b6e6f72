"""`information_schema`: the catalogue as Trino's tables, read from it when a query asks.

Conditions that name databases or tables are looked up, so that one table's columns cost as much in
a catalogue of ten thousand as in one of ten. Columns are those that Trino's own DESCRIBE gives.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from lakelet.catalog import shapes
from lakelet.catalog.catalog import GlueCatalog
from lakelet.engines import views
from lakelet.errors import TrinoError
from lakelet.formats.scanning import Relation
from lakelet.model import Document
from lakelet.sql import tree
from lakelet.sql.metadata import ColumnMetadata, TableMetadata, TableName
from lakelet.types import Type
from lakelet.types.hive import to_trino
from lakelet.types.model import BIGINT, VARCHAR
from lakelet.types.quoting import identifier

NAME = "information_schema"
Row = tuple[Any, ...]
Names = frozenset[str] | None


def _columns(*names: str, hidden: Sequence[str] = ()) -> tuple[ColumnMetadata, ...]:
    shown = (ColumnMetadata(name, _TYPES.get(name, VARCHAR)) for name in names)
    return (*shown, *(ColumnMetadata(name, VARCHAR, hidden=True) for name in hidden))


_TYPES: Mapping[str, Type] = {"ordinal_position": BIGINT}
_PLACE = ("table_catalog", "table_schema", "table_name")
TABLES: Mapping[str, tuple[ColumnMetadata, ...]] = {
    "applicable_roles": _columns("grantee", "grantee_type", "role_name", "is_grantable"),
    "columns": _columns(
        *_PLACE,
        "column_name",
        "ordinal_position",
        "column_default",
        "is_nullable",
        "data_type",
        hidden=("comment", "extra_info"),
    ),
    "enabled_roles": _columns("role_name"),
    "roles": _columns("role_name"),
    "schemata": _columns("catalog_name", "schema_name"),
    "table_privileges": _columns(
        "grantor",
        "grantor_type",
        "grantee",
        "grantee_type",
        *_PLACE,
        "privilege_type",
        "is_grantable",
        "with_hierarchy",
    ),
    "tables": _columns(*_PLACE, "table_type"),
    "views": _columns(*_PLACE, "view_definition"),
}
"""The columns of each table."""


def table(name: TableName) -> TableMetadata | None:
    """One of the tables, None where there is none of that name."""
    columns = TABLES.get(name.table)
    return None if columns is None else TableMetadata(name, columns)


def read(catalog: GlueCatalog, scan: tree.Scan) -> Relation:
    """What a scan of one of the tables reads."""
    import pyarrow

    name = scan.table.name
    rows = _ROWS.get(name.table, _none)(catalog, name.catalog, _Asked(scan.constraint))
    columns = list(zip(*rows, strict=True)) or [()] * len(scan.table.columns)
    arrow = pyarrow.table(
        {
            column.name: _array(column, values, used=column.name in scan.columns)
            for column, values in zip(scan.table.columns, columns, strict=True)
        }
    )
    relation = f"{NAME}_{scan.id}"
    return Relation(identifier(relation), {relation: arrow})


def _array(column: ColumnMetadata, values: Sequence[Any], *, used: bool) -> Any:
    """A column's values; nobody looks at those of a column that is not used."""
    import pyarrow

    of = pyarrow.int64() if column.type == BIGINT else pyarrow.string()
    return pyarrow.array(values, of) if used else pyarrow.nulls(len(values), of)


# What is asked for ---------------------------------------------------------------------------


class _Asked:
    """The names that a query's conditions leave; None for any."""

    def __init__(self, constraint: Sequence[tree.Expression]) -> None:
        self.schemas = _intersection(constraint, ("table_schema", "schema_name"))
        self.tables = _intersection(constraint, ("table_name",))

    def wants(self, schema: str, name: str) -> bool:
        return (self.schemas is None or schema in self.schemas) and (
            self.tables is None or name in self.tables
        )


def _intersection(constraint: Sequence[tree.Expression], columns: Sequence[str]) -> Names:
    found = None
    for condition in constraint:
        names = _names(condition, columns)
        if names is not None:
            found = names if found is None else found & names
    return found


def _names(condition: tree.Expression, columns: Sequence[str]) -> Names:
    """The texts that `=` or IN allows a column; None for other conditions."""
    if isinstance(condition, tree.InList):
        value, others = condition.value, condition.items
    elif isinstance(condition, tree.FunctionCall) and condition.function.name == "=":
        value, *rest = sorted(condition.arguments, key=lambda it: isinstance(it, tree.Constant))
        others = tuple(rest)
    else:
        return None
    if not isinstance(value, tree.ColumnReference) or value.name not in columns:
        return None
    texts = [each.value for each in others if isinstance(each, tree.Constant)]
    return frozenset(map(str, texts)) if len(texts) == len(others) else None


# Rows ----------------------------------------------------------------------------------------


def _none(catalog: GlueCatalog, name: str, asked: _Asked) -> Iterable[Row]:
    return ()


def _schemata(catalog: GlueCatalog, name: str, asked: _Asked) -> Iterable[Row]:
    return [(name, schema) for schema in (NAME, *catalog.database_names())]


def _tables(catalog: GlueCatalog, name: str, asked: _Asked) -> Iterator[Row]:
    for own in TABLES:
        if asked.wants(NAME, own):
            yield name, NAME, own, "BASE TABLE"
    for schema, table_name, is_view in catalog.relations.names(asked.schemas, asked.tables):
        yield name, schema, table_name, "VIEW" if is_view else "BASE TABLE"


def _columns_of_tables(catalog: GlueCatalog, name: str, asked: _Asked) -> Iterator[Row]:
    for own, columns in TABLES.items():
        if asked.wants(NAME, own):
            shown = [each for each in columns if not each.hidden]
            for position, column in enumerate(shown, 1):
                of = str(column.type)
                yield name, NAME, own, column.name, position, None, "YES", of, None, None
    types: dict[str, str] = {}
    for found in catalog.relations.documents(asked.schemas, asked.tables):
        schema, table_name = found["DatabaseName"], found["Name"]
        try:
            described = list(_described(found, types))
        except TrinoError:
            continue  # one broken table hides no other; a query of it says what is wrong
        for position, (column, of, comment, extra) in enumerate(described, 1):
            yield name, schema, table_name, column, position, None, "YES", of, comment, extra


def _described(found: Document, types: dict[str, str]) -> Iterator[Row]:
    """Names, types, comments and what more there is to say; `types` are those known already."""
    if found.get("TableType") == "VIRTUAL_VIEW":
        for each in views.definition(shapes.table(found)).columns:
            yield each.name, str(each.type), None, None
        return
    columns = (found.get("StorageDescriptor") or {}).get("Columns") or ()
    for given, extra in ((columns, None), (found.get("PartitionKeys") or (), "partition key")):
        for column in given:
            written = column.get("Type") or "string"
            of = types.get(written)
            if of is None:
                of = types[written] = str(to_trino(written))
            yield column["Name"].lower(), of, column.get("Comment"), extra


def _views(catalog: GlueCatalog, name: str, asked: _Asked) -> Iterator[Row]:
    for found in catalog.relations.documents(asked.schemas, asked.tables):
        if found.get("TableType") == "VIRTUAL_VIEW":
            try:
                text = views.definition(shapes.table(found)).text
            except TrinoError:
                continue
            yield name, found["DatabaseName"], found["Name"], text


_ROWS: Mapping[str, Callable[[GlueCatalog, str, _Asked], Iterable[Row]]] = {
    "columns": _columns_of_tables,
    "schemata": _schemata,
    "tables": _tables,
    "views": _views,
}
"""Those of the tables that have rows: nobody has roles or grants here."""
