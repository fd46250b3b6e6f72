"""Places of tables and results: `s3://bucket/key`."""

from urllib.parse import urlsplit

from lakelet.errors import TrinoError


def split(location: str) -> tuple[str, str]:
    """Bucket and key of `s3://bucket/key`; raises TrinoError for what is none."""
    parts = urlsplit(location)
    if parts.scheme not in ("s3", "s3a", "s3n") or not parts.netloc:
        raise TrinoError("HIVE_INVALID_METADATA", f"Not a valid S3 location: {location}")
    return parts.netloc, location.partition("://")[2].partition("/")[2]
