"""One suite over every `interfaces.Storage`."""

import hashlib
import io
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from lakelet.errors import AlreadyExists, InvalidInput, NoSuchBucket, NoSuchKey, NotEmpty
from lakelet.interfaces import Storage
from lakelet.model import Finished
from lakelet.storage.remote import Backend, RemoteStorage, backend
from tests.storage.lakes import local


@pytest.fixture(params=["local", pytest.param("minio", marks=pytest.mark.minio)])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Storage]:
    if request.param == "local":
        with local(tmp_path / "data") as opened:
            yield opened
        return
    minio = request.getfixturevalue("minio")
    server = Backend(minio.endpoint, "us-east-1", minio.access_key, minio.secret_key)
    remote = RemoteStorage(server, tmp_path / "scratch")
    yield remote
    remote.close()


@pytest.fixture
def bucket(storage: Storage) -> str:
    name = f"b-{uuid.uuid4().hex}"
    storage.create_bucket(name)
    return name


def test_a_bucket_is_made_once_and_listed(storage: Storage, bucket: str) -> None:
    assert bucket in storage.buckets()
    with pytest.raises(AlreadyExists):
        storage.create_bucket(bucket)
    with pytest.raises(InvalidInput):
        storage.create_bucket("Not_A_Bucket")


def test_a_bucket_goes_when_it_is_empty(storage: Storage, bucket: str) -> None:
    storage.write(bucket, "x", b"")
    with pytest.raises(NotEmpty):
        storage.delete_bucket(bucket)
    storage.delete(bucket, ["x"])
    storage.delete_bucket(bucket)
    assert bucket not in storage.buckets()
    with pytest.raises(NoSuchBucket):
        storage.delete_bucket(bucket)


def test_what_is_written_is_read(storage: Storage, bucket: str) -> None:
    info = storage.write(bucket, "a/b c.txt", b"0123456789", "text/plain")
    assert (info.bucket, info.key, info.size) == (bucket, "a/b c.txt", 10)
    assert info.etag == hashlib.md5(b"0123456789").hexdigest()
    assert info.uri == f"s3://{bucket}/a/b c.txt"
    assert storage.stat(bucket, "a/b c.txt").etag == info.etag
    assert storage.read(bucket, "a/b c.txt") == b"0123456789"
    storage.write(bucket, "a/b c.txt", b"")
    assert storage.read(bucket, "a/b c.txt") == b""


@pytest.mark.parametrize(
    ("start", "length", "data"),
    [(0, 3, b"012"), (3, 4, b"3456"), (8, None, b"89"), (8, 9, b"89"), (10, 1, b""), (3, 0, b"")],
)
def test_a_part_is_read_and_nothing_behind_the_end(
    storage: Storage, bucket: str, start: int, length: int | None, data: bytes
) -> None:
    storage.write(bucket, "x", b"0123456789")
    assert storage.read(bucket, "x", start, length) == data


def test_a_reader_seeks(storage: Storage, bucket: str) -> None:
    storage.write(bucket, "x", bytes(range(256)) * 100)
    with storage.open(bucket, "x") as reader:
        assert reader.seek(-4, io.SEEK_END) == 25_596
        assert reader.read() == bytes([252, 253, 254, 255])
        reader.seek(255)
        assert reader.read(2) == bytes([255, 0])
        assert reader.tell() == 257


def test_keys_are_listed_in_the_order_of_their_bytes(storage: Storage, bucket: str) -> None:
    keys = ["Z", "a", "a-b", "a0", "f-", "f/b", "f/c/d", "f0", "ü", "🦆"]
    for key in keys[::-1]:
        storage.write(bucket, key, key.encode())
    assert [info.key for info in storage.list(bucket)] == keys
    assert [info.key for info in storage.list(bucket, "f/")] == ["f/b", "f/c/d"]
    assert [info.key for info in storage.list(bucket, "f/", "f/b")] == ["f/c/d"]
    assert [info.key for info in storage.list(bucket, "none")] == []
    assert {info.size for info in storage.list(bucket, "a")} == {1, 2, 3}


def test_more_keys_than_a_page_are_listed(storage: Storage, bucket: str) -> None:
    keys = [f"k/{number:04}" for number in range(1100)]
    for key in keys:
        storage.write(bucket, key, b"")
    assert [info.key for info in storage.list(bucket)] == keys
    storage.delete(bucket, keys)
    assert not list(storage.list(bucket))


def test_finished_files_are_adopted(storage: Storage, bucket: str) -> None:
    path = storage.scratch / "part.parquet"
    path.write_bytes(b"PAR1")
    other = storage.scratch / "other"
    other.write_bytes(b"other")
    files = [Finished(path, bucket, "t/part.parquet"), Finished(other, bucket, "t/other")]
    infos = storage.adopt(files, "application/x-parquet")
    assert [(info.key, info.size) for info in infos] == [("t/part.parquet", 4), ("t/other", 5)]
    assert not path.exists()
    assert not other.exists()
    assert storage.read(bucket, "t/part.parquet") == b"PAR1"
    assert storage.read(bucket, "t/other") == b"other"


def test_what_is_missing_says_which(storage: Storage, bucket: str) -> None:
    for ask in (storage.stat, storage.read, storage.open):
        with pytest.raises(NoSuchKey):
            ask(bucket, "none")
        with pytest.raises(NoSuchBucket):
            ask("no-such-bucket", "none")
    with pytest.raises(NoSuchBucket):
        storage.write("no-such-bucket", "x", b"")
    with pytest.raises(NoSuchBucket):
        next(iter(storage.list("no-such-bucket")))
    with pytest.raises(NoSuchBucket):
        storage.delete("no-such-bucket", ["x"])
    storage.delete(bucket, ["none"])


def test_a_server_is_named_with_its_credentials() -> None:
    keys = {"AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "key"}
    named = backend("s3://", "http://127.0.0.1:9000/", "us-east-1", keys)
    assert (named.address, named.secure) == ("127.0.0.1:9000", False)
    assert (named.access_key, named.secret_key, named.session_token) == ("id", "key", "")
    real = backend("s3://lake", None, "eu-west-1", keys | {"AWS_SESSION_TOKEN": "t"})
    assert (real.endpoint, real.session_token) == ("https://s3.eu-west-1.amazonaws.com", "t")


@pytest.mark.parametrize(
    ("storage_option", "endpoint", "environment"),
    [
        ("/a/folder", None, {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}),
        ("s3://b/prefix", None, {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}),
        ("s3://", "127.0.0.1:9000", {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}),
        ("s3://", "http://127.0.0.1:9000", {"AWS_ACCESS_KEY_ID": "a"}),
    ],
)
def test_a_server_that_cannot_be_meant_is_refused(
    storage_option: str, endpoint: str | None, environment: dict[str, str]
) -> None:
    with pytest.raises(InvalidInput):
        backend(storage_option, endpoint, "us-east-1", environment)
