"""Objects in MinIO or any other S3, by fsspec's S3 file system.

s3fs is imported when the first call goes out, so that a lake of plain files never pays for it.
"""

import io
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from lakelet.errors import (
    AlreadyExists,
    InvalidInput,
    NoSuchBucket,
    NoSuchKey,
    NotEmpty,
    Unsupported,
)
from lakelet.model import Finished, ObjectInfo
from lakelet.storage.files import KeyLocks, Scratch

if TYPE_CHECKING:
    from s3fs import S3FileSystem

_BINARY = "binary/octet-stream"
_ONE_REQUEST = 64 << 20
"""Files of up to so many bytes go in one request; larger ones in parts."""
_READ_AHEAD = 1 << 20
_KEYS_A_DELETE = 1000

Names = list[str]


@dataclass(frozen=True, slots=True)
class Backend:
    """An S3 server that keeps the objects, and the credentials for it: all the engine needs to
    read from it too. `endpoint` has its scheme (`http://127.0.0.1:9000`)."""

    endpoint: str
    region: str
    access_key: str
    secret_key: str
    session_token: str = ""

    @property
    def address(self) -> str:
        """Host and port."""
        return self.endpoint.partition("://")[2].rstrip("/")

    @property
    def secure(self) -> bool:
        return self.endpoint.startswith("https://")


def backend(
    storage: str, endpoint: str | None, region: str, environment: Mapping[str, str] = os.environ
) -> Backend:
    """The server that `--storage s3://` and `--storage-endpoint` mean, its credentials taken from
    AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN.

    Its buckets are the lake's buckets. Raises `InvalidInput` saying what to set.
    """
    if storage.rstrip("/") != "s3:" and not storage.startswith("s3://"):
        raise InvalidInput(f"--storage takes s3://, not {storage}", subject=storage)
    if "/" in storage.removeprefix("s3://").rstrip("/"):
        raise InvalidInput(
            "--storage takes s3:// or s3://bucket: the server's buckets are the lake's, and a "
            "prefix has no place there",
            subject=storage,
        )
    address = endpoint or f"https://s3.{region}.amazonaws.com"
    if not address.startswith(("http://", "https://")):
        raise InvalidInput(f"--storage-endpoint takes http(s)://…, not {address}", subject=address)
    names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
    missing = [name for name in names if not environment.get(name)]
    if missing:
        raise InvalidInput(
            f"Set {' and '.join(missing)} to the credentials of {address}", subject=address
        )
    access_key, secret_key = (environment[name] for name in names)
    return Backend(
        address.rstrip("/"),
        region,
        access_key,
        secret_key,
        environment.get("AWS_SESSION_TOKEN", ""),
    )


def need_extra() -> Unsupported:
    """What to install for objects on an S3 server."""
    return Unsupported("Objects on an S3 server need an extra: pip install 'lakelet[s3]'")


class RemoteStorage:
    """`interfaces.Storage` over an S3 server. `folder` is a local one, for unfinished files.

    Raises `Unsupported` where the extra for it is not installed.
    """

    def __init__(self, backend: Backend, folder: Path) -> None:
        if find_spec("s3fs") is None:
            raise need_extra()
        self.backend = backend
        folder.mkdir(parents=True, exist_ok=True)
        self._locks = KeyLocks(str(folder / "locks"))
        self._scratch = Scratch(str(folder / "scratch"), self._locks)

    @cached_property
    def _files(self) -> "S3FileSystem":
        from s3fs import S3FileSystem

        return S3FileSystem(
            key=self.backend.access_key,
            secret=self.backend.secret_key,
            token=self.backend.session_token or None,
            endpoint_url=self.backend.endpoint,
            client_kwargs={"region_name": self.backend.region},
            config_kwargs={"s3": {"addressing_style": "path"}},
            use_listings_cache=False,
            skip_instance_cache=True,
        )

    def _call(self, operation: str, **parameters: Any) -> dict[str, Any]:
        answer: dict[str, Any] = self._files.call_s3(operation, **parameters)
        return answer

    @property
    def scratch(self) -> Path:
        return Path(self._scratch.path)

    def close(self) -> None:
        """Removes this process's unfinished files."""
        self._scratch.close()
        self._locks.close()

    def buckets(self) -> Names:
        return sorted(bucket["Name"] for bucket in self._call("list_buckets")["Buckets"])

    def require(self, bucket: str) -> None:
        """Raises `NoSuchBucket` if there is no such bucket."""
        if bucket not in self.buckets():
            raise NoSuchBucket(bucket)

    def create_bucket(self, bucket: str) -> None:
        """Raises `AlreadyExists`, or `InvalidInput` for a name that the server refuses."""
        try:
            self._call("create_bucket", Bucket=bucket)
        except FileExistsError:
            raise AlreadyExists("The bucket exists already", subject=bucket) from None
        except OSError as error:
            raise InvalidInput(str(error), subject=bucket) from error

    def delete_bucket(self, bucket: str) -> None:
        """Raises `NoSuchBucket`, or `NotEmpty` while an object is in it."""
        try:
            self._call("delete_bucket", Bucket=bucket)
        except FileNotFoundError:
            raise NoSuchBucket(bucket) from None
        except OSError as error:
            raise NotEmpty(str(error), subject=bucket) from error

    def list(self, bucket: str, prefix: str = "", start_after: str = "") -> Iterator[ObjectInfo]:
        where = {"Bucket": bucket, "Prefix": prefix}
        token = {"StartAfter": start_after} if start_after else {}
        while True:
            try:
                page = self._call("list_objects_v2", **where, **token)
            except FileNotFoundError:
                raise NoSuchBucket(bucket) from None
            for item in page.get("Contents", ()):
                yield ObjectInfo(
                    bucket, item["Key"], item["Size"], item["ETag"].strip('"'), item["LastModified"]
                )
            if not page.get("IsTruncated"):
                return
            token = {"ContinuationToken": page["NextContinuationToken"]}

    def stat(self, bucket: str, key: str) -> ObjectInfo:
        try:
            answer = self._call("head_object", Bucket=bucket, Key=key)
        except FileNotFoundError:
            raise self._missing(bucket, key) from None
        return ObjectInfo(
            bucket,
            key,
            answer["ContentLength"],
            answer["ETag"].strip('"'),
            answer["LastModified"],
        )

    def _missing(self, bucket: str, key: str) -> NoSuchKey | NoSuchBucket:
        """A HEAD has no body to say which of the two is missing."""
        try:
            self._call("head_bucket", Bucket=bucket)
        except FileNotFoundError:
            return NoSuchBucket(bucket)
        return NoSuchKey(key)

    def read(self, bucket: str, key: str, start: int = 0, length: int | None = None) -> bytes:
        if length == 0:
            self.stat(bucket, key)
            return b""
        end = "" if length is None else start + length - 1
        wanted = {"Range": f"bytes={start}-{end}"} if start or length is not None else {}
        from fsspec.asyn import sync

        try:
            data: bytes = sync(self._files.loop, self._get, bucket, key, wanted)
        except FileNotFoundError:
            raise self._missing(bucket, key) from None
        except OSError as error:
            if _code(error) == "InvalidRange":
                return b""
            raise
        return data

    async def _get(self, bucket: str, key: str, wanted: dict[str, str]) -> bytes:
        answer = await self._files._call_s3("get_object", Bucket=bucket, Key=key, **wanted)
        async with answer["Body"] as body:
            return cast(bytes, await body.read())

    def open(self, bucket: str, key: str) -> BinaryIO:
        return io.BufferedReader(_Reader(self, self.stat(bucket, key)), _READ_AHEAD)

    def write(
        self,
        bucket: str,
        key: str,
        data: bytes,
        content_type: str = _BINARY,
        headers: Mapping[str, str] | None = None,
    ) -> ObjectInfo:
        told = {"ContentType": content_type, **(headers or {})}
        try:
            self._call("put_object", Bucket=bucket, Key=key, Body=data, **told)
        except FileNotFoundError:
            raise NoSuchBucket(bucket) from None
        return self.stat(bucket, key)

    def adopt(
        self,
        finished: Sequence[Finished],
        content_type: str = _BINARY,
        headers: Mapping[str, str] | None = None,
    ) -> Sequence[ObjectInfo]:
        return [self._adopted(file, content_type, headers or {}) for file in finished]

    def _adopted(self, file: Finished, content_type: str, headers: Mapping[str, str]) -> ObjectInfo:
        if file.path.stat().st_size <= _ONE_REQUEST:
            data = file.path.read_bytes()
            stored = self.write(file.bucket, file.key, data, content_type, headers)
        else:
            told = {"ContentType": content_type, **headers}
            self._files.put_file(str(file.path), f"{file.bucket}/{file.key}", **told)
            stored = self.stat(file.bucket, file.key)
        file.path.unlink()
        return stored

    def delete(self, bucket: str, keys: Iterable[str]) -> None:
        pending = [*keys]
        for start in range(0, len(pending), _KEYS_A_DELETE):
            some = [{"Key": key} for key in pending[start : start + _KEYS_A_DELETE]]
            try:
                self._call("delete_objects", Bucket=bucket, Delete={"Objects": some, "Quiet": True})
            except FileNotFoundError:
                raise NoSuchBucket(bucket) from None

    def url(self, bucket: str, key: str) -> str:
        return f"s3://{bucket}/{key}"


def _code(error: OSError) -> str:
    """The S3 error code behind an error that s3fs has translated."""
    cause: Any = error.__cause__
    response = getattr(cause, "response", {})
    return str(response.get("Error", {}).get("Code", ""))


class _Reader(io.RawIOBase):
    """A seekable reader by ranged reads."""

    def __init__(self, storage: RemoteStorage, info: ObjectInfo) -> None:
        self._storage = storage
        self._info = info
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        origin = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._info.size}
        self._position = max(0, origin[whence] + offset)
        return self._position

    def tell(self) -> int:
        return self._position

    def readinto(self, buffer: Any) -> int:
        wanted = min(len(buffer), self._info.size - self._position)
        if wanted <= 0:
            return 0
        data = self._storage.read(self._info.bucket, self._info.key, self._position, wanted)
        buffer[: len(data)] = data
        self._position += len(data)
        return len(data)
