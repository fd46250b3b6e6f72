"""Places of tables and results: `s3://bucket/key`."""

from lakelet.errors import TrinoError


def split(location: str) -> tuple[str, str]:
    """Bucket and key of `s3://bucket/key`; raises TrinoError for what is none."""
    scheme, _, place = location.partition("://")
    bucket, _, key = place.partition("/")
    if scheme.lower() not in ("s3", "s3a", "s3n") or not bucket:
        raise TrinoError("HIVE_INVALID_METADATA", f"Not a valid S3 location: {location}")
    return bucket, key
