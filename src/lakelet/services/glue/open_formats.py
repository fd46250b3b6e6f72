"""Tables of open formats: CreateTable writes their first metadata into the bucket."""

from uuid import uuid4

import orjson

from lakelet.catalog import iceberg_metadata
from lakelet.errors import InvalidInput
from lakelet.lake import Lake
from lakelet.model import Document
from lakelet.services import Parameters

_VERSIONS = ("2",)


def iceberg(lake: Lake, params: Parameters) -> tuple[Document, tuple[str, str]]:
    """The TableInput of an Iceberg table whose metadata was written, and where that lies.

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
    bucket, _, prefix = metadata["location"].partition("://")[2].partition("/")
    key = f"{prefix}/metadata/00000-{uuid4()}.metadata.json".lstrip("/")
    lake.storage.write(bucket, key, orjson.dumps(metadata), "application/json")
    table["TableType"] = "EXTERNAL_TABLE"
    table["Parameters"] = {
        **(table.get("Parameters") or {}),
        "table_type": "ICEBERG",
        "metadata_location": f"s3://{bucket}/{key}",
    }
    table["StorageDescriptor"] = {
        **(table.get("StorageDescriptor") or {}),
        "Columns": iceberg_metadata.columns_of(metadata),
        "Location": metadata["location"],
    }
    return table, (bucket, key)


def _metadata(table: Document, own: Document | None) -> Document:
    if own is not None:
        metadata = iceberg_metadata.of_input(own)
    else:
        storage = table.get("StorageDescriptor") or {}
        columns = storage.get("Columns") or []
        metadata = iceberg_metadata.of_columns(storage.get("Location") or "", columns)
    if not metadata["location"].startswith("s3"):
        raise InvalidInput("An Iceberg table needs a location in S3.")
    return metadata
