"""Whether rows may be written to a place."""

from lakelet.engines.locations import split
from lakelet.errors import TrinoError
from lakelet.interfaces import Storage


def need_empty(storage: Storage, location: str) -> None:
    """Raises TrinoError for a bucket that is not there, or a folder that holds an object."""
    bucket, prefix = split(location)
    need_bucket(storage, bucket)
    if next(iter(storage.list(bucket, prefix)), None) is not None:
        raise TrinoError(
            "HIVE_PATH_ALREADY_EXISTS", f"Target directory for table already exists: {location}"
        )


def need_bucket(storage: Storage, bucket: str) -> None:
    """Raises TrinoError for a bucket that is not there."""
    if bucket not in storage.buckets():
        raise TrinoError(
            "HIVE_FILESYSTEM_ERROR",
            f"The specified bucket does not exist (Service: S3; Bucket: {bucket})",
        )
