"""Places of tables and results: `s3://bucket/key`."""

from lakelet.errors import TrinoError
from lakelet.sql.statements.model import CreateTable
from lakelet.storage.keys import place


def split(location: str) -> tuple[str, str]:
    """Bucket and key of `s3://bucket/key`; raises TrinoError for what is none."""
    found = place(location)
    if found is None:
        raise TrinoError("HIVE_INVALID_METADATA", f"Not a valid S3 location: {location}")
    return found


def need_location(ask: CreateTable) -> None:
    """Raises TrinoError for a new table whose place AWS refuses before the statement begins."""
    iceberg = ask.properties.get("table_type", "").upper() == "ICEBERG"
    if iceberg and ask.external:
        message = "External keyword not supported for table type ICEBERG"
        raise TrinoError("NOT_SUPPORTED", message)
    if not ask.location:
        message = "No location was specified for table. An S3 location must be specified"
        raise TrinoError("INVALID_TABLE_PROPERTY", message)
    if place(ask.location) is None:
        message = f"Invalid location {ask.location} for table. Only S3 locations are allowed"
        raise TrinoError("INVALID_TABLE_PROPERTY", message)
