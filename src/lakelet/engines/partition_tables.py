"""`"t$partitions"`: what the keys of a table's partitions are, one row a partition.

Those are told that the catalogue has, none that are projected; a table without keys has no such
table (Trino's Hive connector; "List partitions for a specific table", Athena user guide).
"""

from typing import Final

from lakelet.engines.scans.key_values import check, key_value
from lakelet.formats.scanning import Relation
from lakelet.interfaces import Catalog
from lakelet.model import Table
from lakelet.sql import tree
from lakelet.sql.metadata import ColumnMetadata, TableMetadata, TableName
from lakelet.types.hive import to_trino
from lakelet.types.quoting import identifier

_SUFFIX: Final = "$partitions"


def metadata(catalog: Catalog, name: TableName) -> TableMetadata | None:
    """Its columns; None for any other name. Raises TrinoError for types that Hive has not."""
    table = _told(catalog, name)
    if table is None:
        return None
    keys = (ColumnMetadata(each.name.lower(), to_trino(each.type)) for each in table.partition_keys)
    return TableMetadata(name, tuple(keys))


def read(catalog: Catalog, scan: tree.Scan) -> Relation | None:
    """What a scan reads; None where it is of no such table.

    Raises TrinoError for a value that is none of its key's type.
    """
    import pyarrow

    table = _told(catalog, scan.table.name)
    if table is None:
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


def _told(catalog: Catalog, name: TableName) -> Table | None:
    """The table whose partitions a name asks for."""
    if not name.table.endswith(_SUFFIX):
        return None
    table = catalog.table(name.schema, name.table.removesuffix(_SUFFIX))
    return table if table is not None and table.partition_keys else None
