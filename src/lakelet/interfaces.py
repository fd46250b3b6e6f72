"""Every seam of the system on one page."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO, Protocol

from lakelet.model import Finished, ObjectInfo, Partition, Table


class Storage(Protocol):
    """Objects by bucket and key, as the inside of the lake uses them.

    The embedded store and an S3 server (MinIO) both have it; the S3 API asks more of the embedded
    one. A missing bucket or key raises `NotFound`. Writes are atomic: another reader sees the old
    object or the new one.
    """

    @property
    def scratch(self) -> Path:
        """A folder for unfinished files, on the same file system as the objects."""
        ...

    def buckets(self) -> list[str]: ...

    def require(self, bucket: str) -> None:
        """Raises `NoSuchBucket` if there is no such bucket."""
        ...

    def create_bucket(self, bucket: str) -> None: ...

    def delete_bucket(self, bucket: str) -> None:
        """Raises `NotEmpty` while an object is in it."""
        ...

    def list(self, bucket: str, prefix: str = "", start_after: str = "") -> Iterator[ObjectInfo]:
        """Objects under a prefix in the order of their UTF-8 keys.

        The etag of a file that nobody has asked for yet is '': it costs reading the file.
        """
        ...

    def stat(self, bucket: str, key: str) -> ObjectInfo: ...

    def read(self, bucket: str, key: str, start: int = 0, length: int | None = None) -> bytes:
        """Bytes of an object; past its end there are none."""
        ...

    def open(self, bucket: str, key: str) -> BinaryIO:
        """A seekable reader."""
        ...

    def write(
        self,
        bucket: str,
        key: str,
        data: bytes,
        content_type: str = "binary/octet-stream",
        headers: Mapping[str, str] | None = None,
    ) -> ObjectInfo:
        """`headers` are kept beside the bytes by S3's member names (`ServerSideEncryption`)."""
        ...

    def adopt(
        self,
        finished: Sequence[Finished],
        content_type: str = "binary/octet-stream",
        headers: Mapping[str, str] | None = None,
    ) -> Sequence[ObjectInfo]:
        """Makes files of `scratch` objects, one after the other; the files are gone afterwards."""
        ...

    def delete(self, bucket: str, keys: Iterable[str]) -> None: ...

    def url(self, bucket: str, key: str) -> str:
        """Where the engine reads the object: a path, or an `s3://` address."""
        ...


class Catalog(Protocol):
    """The tables of the lake, as the inside of the lake reads them."""

    def database_exists(self, database: str) -> bool: ...

    def table(self, database: str, name: str) -> Table | None: ...

    def table_names(self, database: str) -> list[str]: ...

    def partitions(self, table: Table, expression: str = "") -> Sequence[Partition]:
        """Partitions that a GetPartitions expression keeps; all of them for ''."""
        ...
