"""`"t$partitions"` and `"t$properties"`: what the catalogue knows of a table, as tables.

The first has the keys of the partitions that the catalogue has, one row a partition, none that are
projected; a table without keys has no such table. The second has the table's properties, one row of
texts (Trino's Hive connector; "List partitions for a specific table", Athena user guide).
"""

from collections.abc import Callable, Mapping
from typing import Final

from lakelet.engines.scans.key_values import check, key_value
from lakelet.formats.scanning import Relation
from lakelet.interfaces import Catalog
from lakelet.model import Table
from lakelet.sql import tree
from lakelet.sql.metadata import ColumnMetadata, TableMetadata, TableName
from lakelet.types.hive import to_trino
from lakelet.types.model import VARCHAR
from lakelet.types.quoting import identifier, quoted

Columns = tuple[ColumnMetadata, ...]


def metadata(catalog: Catalog, name: TableName) -> TableMetadata | None:
    """Its columns; None for any other name. Raises TrinoError for types that Hive has not."""
    table, suffix = _told(catalog, name)
    columns = () if table is None else _TABLES[suffix][0](table)
    return TableMetadata(name, columns) if columns else None


def read(catalog: Catalog, scan: tree.Scan) -> Relation | None:
    """What a scan reads; None where it is of no such table.

    Raises TrinoError for a value of a partition that is none of its key's type.
    """
    table, suffix = _told(catalog, scan.table.name)
    return None if table is None else _TABLES[suffix][1](catalog, table, scan)


def _told(catalog: Catalog, name: TableName) -> tuple[Table | None, str]:
    """The table that a name asks about, and what it asks."""
    table, dollar, suffix = name.table.rpartition("$")
    if not dollar or suffix not in _TABLES:
        return None, suffix
    return catalog.table(name.schema, table), suffix


def _keys(table: Table) -> Columns:
    keys = table.partition_keys
    return tuple(ColumnMetadata(each.name.lower(), to_trino(each.type)) for each in keys)


def _partitions(catalog: Catalog, table: Table, scan: tree.Scan) -> Relation | None:
    import pyarrow

    if not table.partition_keys:
        return None
    found = catalog.partitions(table)
    check(table, found)
    texts = {
        key.name.lower(): pyarrow.array([each.values[place] for each in found], pyarrow.string())
        for place, key in enumerate(table.partition_keys)
    }
    relation = f"partitions_{scan.id}"
    values = ", ".join(key_value("p", each) for each in table.partition_keys)
    sql = f"(SELECT {values} FROM {identifier(relation)} p)"
    return Relation(sql, {relation: pyarrow.table(texts)})


def _sorted(table: Table) -> Mapping[str, str]:
    """The properties in the order of their names, which are told in lower case."""
    return {name.lower(): value for name, value in sorted(table.parameters.items())}


def _names(table: Table) -> Columns:
    return tuple(ColumnMetadata(name, VARCHAR) for name in _sorted(table))


def _properties(catalog: Catalog, table: Table, scan: tree.Scan) -> Relation | None:
    found = _sorted(table)
    values = (f"{quoted(value)} AS {identifier(name)}" for name, value in found.items())
    return Relation(f"(SELECT {', '.join(values)})", {}) if found else None


_Read = Callable[[Catalog, Table, tree.Scan], Relation | None]
_TABLES: Final[Mapping[str, tuple[Callable[[Table], Columns], _Read]]] = {
    "partitions": (_keys, _partitions),
    "properties": (_names, _properties),
}
"""By what stands behind the `$`: the columns, and what is read."""
