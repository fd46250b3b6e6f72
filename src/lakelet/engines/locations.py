"""Places of tables and results: `s3://bucket/key`."""

from lakelet.errors import TrinoError
from lakelet.storage.keys import place


def split(location: str) -> tuple[str, str]:
    """Bucket and key of `s3://bucket/key`; raises TrinoError for what is none."""
    found = place(location)
    if found is None:
        raise TrinoError("HIVE_INVALID_METADATA", f"Not a valid S3 location: {location}")
    return found
