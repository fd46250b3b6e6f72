"""A catalogue as a stream of records: what `export` writes, `import` reads and `pull` copies.

A record is a dict with its `Kind` and what Glue's operation of that kind takes. Databases come
before their tables, tables before their partitions.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from lakelet.catalog.catalog import GlueCatalog
from lakelet.catalog.tables import table_input
from lakelet.errors import LakeletError, NotFound
from lakelet.model import Document

BATCH = 1000
"""Partitions in a record."""

_DATABASE = ("Name", "Description", "LocationUri", "Parameters", "CreateTableDefaultPermissions")
_FUNCTION = ("FunctionName", "ClassName", "OwnerName", "OwnerType", "FunctionType", "ResourceUris")
_PARTITION = ("Values", "LastAccessTime", "StorageDescriptor", "Parameters", "LastAnalyzedTime")


def database(given: Document) -> Document:
    """The record of Glue's Database."""
    return {"Kind": "Database", "Input": _only(given, _DATABASE)}


def table(given: Document, indexes: Sequence[Document] = ()) -> Document:
    """The record of Glue's Table, with its partition indexes."""
    names = [
        {"IndexName": each["IndexName"], "Keys": [key["Name"] for key in each["Keys"]]}
        for each in indexes
    ]
    return {
        "Kind": "Table",
        "Database": given["DatabaseName"],
        "Input": table_input(given),
        "Indexes": names,
    }


def function(given: Document) -> Document:
    """The record of Glue's UserDefinedFunction."""
    return {
        "Kind": "Function",
        "Database": given["DatabaseName"],
        "Input": _only(given, _FUNCTION),
    }


def partitions(database: str, table: str, found: Iterable[Document]) -> Iterator[Document]:
    """The records of Glue's Partitions, many in each."""
    rest = iter(found)
    while batch := [_only(each, _PARTITION) for each in islice(rest, BATCH)]:
        yield {"Kind": "Partitions", "Database": database, "Table": table, "Inputs": batch}


def of(catalog: GlueCatalog, databases: Sequence[str]) -> Iterator[Document]:
    """All records of some databases, in bounded memory. Raises NotFound."""
    for name in databases:
        yield database(catalog.databases.get(name))
        yield from map(function, catalog.functions.listed(name))
        for each in catalog.table_names(name):
            found = catalog.tables.get(name, each)
            yield table(found, catalog.partition_indexes.listed(name, each))
            yield from partitions(name, each, catalog.partitions_of.listed(name, each))


def put(catalog: GlueCatalog, given: Iterable[Document], *, replace: bool) -> int:
    """Makes what the records say, all or nothing; how many tables.

    A table that is there already is replaced, or refused. Raises LakeletError.
    """
    count = 0
    with catalog.transaction():
        for record in given:
            try:
                count += _put(catalog, record, replace)
            except (KeyError, TypeError, AttributeError) as error:
                said = f"no {error}" if isinstance(error, KeyError) else error
                message = f"a record is not as `lakelet export` writes it: {said}"
                raise LakeletError(message) from error
    return count


def _put(catalog: GlueCatalog, record: Document, replace: bool) -> int:
    kind, given = record["Kind"], record.get("Input") or {}
    if kind == "Database":
        if not catalog.database_exists(given["Name"]):
            catalog.databases.create(given)
    elif kind == "Table":
        _put_table(catalog, record, replace)
        return 1
    elif kind == "Partitions":
        catalog.partitions_of.create(record["Database"], record["Table"], record["Inputs"])
    elif kind == "Function":
        _put_function(catalog, record["Database"], given)
    else:
        raise LakeletError(f"there are no records of the kind {kind!r}")
    return 0


def _put_table(catalog: GlueCatalog, record: Document, replace: bool) -> None:
    name, given = record["Database"], record["Input"]
    if catalog.tables.find(name, given["Name"]) is not None:
        if not replace:
            raise LakeletError(
                f"{name}.{given['Name']} is there already; --replace puts the new one in its place"
            )
        catalog.tables.delete(name, given["Name"])
    catalog.tables.create(name, given)
    if record["Indexes"]:
        catalog.partition_indexes.create(name, given["Name"], record["Indexes"])


def _put_function(catalog: GlueCatalog, name: str, given: Document) -> None:
    try:
        catalog.functions.get(name, given["FunctionName"])
    except NotFound:
        catalog.functions.create(name, given)
    else:
        catalog.functions.update(name, given["FunctionName"], given)


def _only(given: Document, members: Sequence[str]) -> Document:
    return {name: given[name] for name in members if name in given}
