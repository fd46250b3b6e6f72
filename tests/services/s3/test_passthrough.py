"""Calls handed on to a real MinIO."""

import base64
import hashlib
import io
import uuid
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

import pytest

from lakelet.services.s3.passthrough import Answer, Outgoing, Passthrough
from lakelet.storage.remote import Backend
from tests.minio.server import Minio

pytestmark = pytest.mark.minio

Ask = Callable[..., tuple[int, dict[str, str], bytes]]


@pytest.fixture
def ask(minio: Minio) -> Iterator[Ask]:
    server = Passthrough(Backend(minio.endpoint, "us-east-1", minio.access_key, minio.secret_key))

    def send(
        method: str,
        path: str,
        query: str = "",
        body: bytes = b"",
        headers: dict[str, str] | None = None,
        trailer: dict[str, str] | None = None,
    ) -> tuple[int, dict[str, str], bytes]:
        answer: Answer = server.send(
            Outgoing(
                method,
                path,
                query,
                list((headers or {}).items()),
                io.BytesIO(body) if body else None,
                len(body),
                (lambda: trailer) if trailer else None,
            )
        )
        return answer.status, {k.lower(): v for k, v in answer.headers.items()}, b"".join(answer)

    yield send
    server.close()


@pytest.fixture
def bucket(ask: Ask) -> str:
    name = f"b-{uuid.uuid4().hex}"
    assert ask("PUT", f"/{name}")[0] == 200
    return name


def test_an_object_goes_there_and_back(ask: Ask, bucket: str) -> None:
    data = bytes(range(256)) * 9000
    client = {"Authorization": "the client's", "Host": "lakelet", "x-amz-meta-who": "me"}
    status, headers, _ = ask("PUT", f"/{bucket}/a/b", body=data, headers=client)
    assert (status, "etag" in headers) == (200, True)
    status, headers, body = ask("GET", f"/{bucket}/a/b")
    assert (status, headers["x-amz-meta-who"], body) == (200, "me", data)
    status, headers, body = ask("GET", f"/{bucket}/a/b", headers={"Range": "bytes=256-257"})
    assert (status, body) == (206, b"\x00\x01")
    assert ask("HEAD", f"/{bucket}/a/b")[1]["content-length"] == str(len(data))


def test_the_hash_that_a_client_signed_goes_on(ask: Ask, bucket: str) -> None:
    right, other = (hashlib.sha256(data).hexdigest() for data in (b"right", b"other"))
    said = {"x-amz-content-sha256": other}
    status, _, body = ask("PUT", f"/{bucket}/x", body=b"right", headers=said)
    assert (status, b"XAmzContentSHA256Mismatch" in body) == (400, True)
    assert ask("GET", f"/{bucket}/x")[0] == 404
    said = {"x-amz-content-sha256": right}
    assert ask("PUT", f"/{bucket}/x", body=b"right", headers=said)[0] == 200


@pytest.mark.parametrize("key", ["a b+c", "ü/%41", "x=1&y=2", "~!*'()", "a,b;c@d:e$f"])
def test_any_key_is_signed_right(ask: Ask, bucket: str, key: str) -> None:
    path = f"/{bucket}/{quote(key, safe='/')}"
    assert ask("PUT", path, body=b"x")[0] == 200
    assert ask("GET", path)[2] == b"x"
    status, _, listed = ask("GET", f"/{bucket}", f"list-type=2&prefix={quote(key, safe='')}")
    assert (status, b"<KeyCount>1</KeyCount>" in listed) == (200, True)


@pytest.mark.parametrize(
    "signed",
    [
        "X-Amz-Algorithm=a&X-Amz-Credential=b&X-Amz-Signature=c&X-Amz-Date=d&X-Amz-Expires=1"
        "&X-Amz-SignedHeaders=host&X-Amz-Security-Token=t",
        "AWSAccessKeyId=a&Signature=b&Expires=1",
    ],
    ids=["version 4", "version 2"],
)
def test_a_presigned_urls_own_parameters_are_dropped(ask: Ask, bucket: str, signed: str) -> None:
    status, _, body = ask("GET", f"/{bucket}", f"location&{signed}")
    assert (status, b"LocationConstraint" in body) == (200, True)


def test_a_trailing_checksum_is_verified_and_kept(ask: Ask, bucket: str) -> None:
    data = b"data" * 100_000
    crc = base64.b64encode(zlib.crc32(data).to_bytes(4, "big")).decode()
    said = {
        "Content-Encoding": "aws-chunked",
        "x-amz-trailer": "x-amz-checksum-crc32",
        "x-amz-sdk-checksum-algorithm": "CRC32",
    }
    path, trailer = f"/{bucket}/x", {"x-amz-checksum-crc32": crc}
    assert ask("PUT", path, body=data, headers=said, trailer=trailer)[0] == 200
    headers = ask("HEAD", path, headers={"x-amz-checksum-mode": "ENABLED"})[1]
    assert headers["x-amz-checksum-crc32"] == crc
    assert headers["content-length"] == str(len(data))
    wrong = {"x-amz-checksum-crc32": "AAAAAA=="}
    assert ask("PUT", path, body=data, headers=said, trailer=wrong)[0] == 400


def test_the_servers_errors_come_as_they_are(ask: Ask, bucket: str) -> None:
    status, _, body = ask("GET", f"/{bucket}/none")
    assert (status, b"<Code>NoSuchKey</Code>" in body) == (404, True)
    status, _, body = ask("PUT", "/no-such-bucket/x", body=b"x" * 5_000_000)
    assert (status, b"<Code>NoSuchBucket</Code>" in body) == (404, True)
    assert ask("DELETE", f"/{bucket}/none")[0] == 204


def test_many_callers_share_the_connections(ask: Ask, bucket: str) -> None:
    def there_and_back(number: int) -> bool:
        data = str(number).encode() * 1000
        ask("PUT", f"/{bucket}/{number}", body=data)
        return ask("GET", f"/{bucket}/{number}")[2] == data

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(there_and_back, range(100)))
