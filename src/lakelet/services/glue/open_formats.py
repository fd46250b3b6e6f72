"""Tables of open formats: CreateTable and UpdateTable write their metadata into the bucket."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import orjson

from lakelet.catalog import iceberg_metadata, iceberg_updates
from lakelet.catalog.tables import Tables
from lakelet.errors import InvalidInput, NotFound
from lakelet.lake import Lake
from lakelet.model import Document, Finished
from lakelet.services import Parameters
from lakelet.storage.keys import place

_VERSIONS = ("2",)


@contextmanager
def iceberg(lake: Lake, params: Parameters) -> Iterator[Document]:
    """The TableInput of an Iceberg table whose metadata lies in its bucket, if the block ends well.

    Raises InvalidInput, and NoSuchBucket.
    """
    given = (params["OpenTableFormatInput"] or {}).get("IcebergInput")
    if not given:
        raise InvalidInput("IcebergInput is the only open table format.")
    if given.get("Version", "2") not in _VERSIONS:
        raise InvalidInput(f"Version {given['Version']} of Iceberg is not supported: 2 is.")
    table = dict(params.get("TableInput") or {})
    table["Name"] = table.get("Name") or params.get("Name") or ""
    metadata = _metadata(table, given.get("CreateIcebergTableInput"))
    with _published(lake, metadata, 0) as location:
        table["TableType"] = "EXTERNAL_TABLE"
        table["Parameters"] = {
            **(table.get("Parameters") or {}),
            "table_type": "ICEBERG",
            "metadata_location": location,
        }
        table["StorageDescriptor"] = {
            **(table.get("StorageDescriptor") or {}),
            "Columns": iceberg_metadata.columns_of(metadata),
            "Location": metadata["location"],
        }
        yield table


def _metadata(table: Document, own: Document | None) -> Document:
    if own is not None:
        return iceberg_metadata.of_input(own)
    storage = table.get("StorageDescriptor") or {}
    columns = storage.get("Columns") or []
    return iceberg_metadata.of_columns(storage.get("Location") or "", columns)


def change(lake: Lake, tables: Tables, params: Parameters) -> None:
    """Writes an Iceberg table's metadata anew and makes the table point to it.

    Raises NotFound, InvalidInput, and Conflict where another commit was first.
    """
    database, given = params["DatabaseName"], params["UpdateOpenTableFormatInput"]
    name = params.get("Name") or (params.get("TableInput") or {}).get("Name")
    updates = ((given.get("UpdateIcebergInput") or {}).get("UpdateIcebergTableInput") or {}).get(
        "Updates"
    )
    if not name or not updates:
        raise InvalidInput("A table's name and updates of Iceberg are needed.")
    standing = tables.get(database, name)
    location = (standing.get("Parameters") or {}).get("metadata_location")
    if not location:
        raise InvalidInput(f"Table {name} is no Iceberg table.")
    metadata = iceberg_updates.updated(_read(lake, location), location, updates)
    with _published(lake, metadata, _version(location) + 1) as made:
        _commit(tables, standing, metadata, made, params)


def _commit(
    tables: Tables, standing: Document, metadata: Document, location: str, params: Parameters
) -> None:
    before = standing["Parameters"]["metadata_location"]
    given = {name: value for name, value in standing.items() if name in _OF_INPUT}
    given["Parameters"] = {
        **standing["Parameters"],
        "previous_metadata_location": before,
        "metadata_location": location,
    }
    given["StorageDescriptor"] = {
        **(standing.get("StorageDescriptor") or {}),
        "Columns": iceberg_metadata.columns_of(metadata),
        "Location": metadata["location"],
    }
    tables.update(
        params["DatabaseName"],
        given,
        version=params.get("VersionId") or standing["VersionId"],
        archive=not params.get("SkipArchive"),
    )


_OF_INPUT = (
    "Name",
    "Description",
    "Owner",
    "LastAccessTime",
    "LastAnalyzedTime",
    "Retention",
    "PartitionKeys",
    "TableType",
)
"""What Table and TableInput both have, beside what a commit changes."""


def _read(lake: Lake, location: str) -> Document:
    bucket, key = _place(location)
    try:
        found: Document = orjson.loads(lake.storage.read(bucket, key))
        iceberg_metadata.current_schema(found)
    except (NotFound, ValueError, KeyError, StopIteration) as error:
        raise InvalidInput(f"{location} is no metadata of Iceberg.") from error
    return found


@contextmanager
def _published(lake: Lake, metadata: Document, version: int) -> Iterator[str]:
    """Where the metadata lies while the block runs, and from then on if that ends well."""
    bucket, prefix = _place(metadata["location"])
    key = f"{prefix}/metadata/{version:05d}-{uuid4()}.metadata.json".lstrip("/")
    with TemporaryDirectory(prefix="iceberg-", dir=lake.storage.scratch) as folder:
        path = Path(folder) / "metadata.json"
        path.write_bytes(orjson.dumps(metadata))
        file = Finished(path, bucket, key)
        with lake.journal.publishing(path.parent, [file], "application/json"):
            yield f"s3://{bucket}/{key}"


def _place(location: str) -> tuple[str, str]:
    """Raises InvalidInput."""
    found = place(location)
    if found is None:
        raise InvalidInput("An Iceberg table needs a location in S3.")
    return found


def _version(location: str) -> int:
    """The number that a metadata file's name begins with."""
    number = location.rpartition("/")[2].partition("-")[0]
    return int(number) if number.isdigit() else 0
