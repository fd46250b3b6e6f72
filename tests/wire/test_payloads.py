import hashlib
import io

import pytest

from lakelet.errors import AwsError
from lakelet.wire.messages import Request
from lakelet.wire.payloads import held

BODY = bytes(range(256)) * 300
HASH = hashlib.sha256(BODY).hexdigest()
OTHER = hashlib.sha256(b"").hexdigest()
SIGNED = {"authorization": "AWS4-HMAC-SHA256 Credential=id/20260101/us-east-1/s3/aws4_request"}


def request(said: str | None, body: bytes = BODY, **more: str) -> Request:
    headers = SIGNED | more | ({} if said is None else {"x-amz-content-sha256": said})
    return Request("PUT", "/lake/x", headers=headers, body=io.BytesIO(body))


@pytest.mark.parametrize(
    "said", [HASH, HASH.upper(), "UNSIGNED-PAYLOAD", "STREAMING-UNSIGNED-PAYLOAD-TRAILER", "", None]
)
@pytest.mark.parametrize("size", [-1, 1000])
def test_a_body_that_is_what_was_said_is_read(said: str | None, size: int) -> None:
    body = held(request(said)).body
    assert b"".join(iter(lambda: body.read(size), b"")) == BODY


@pytest.mark.parametrize("size", [-1, 1000, 1 << 20])
def test_another_body_is_refused_at_its_end(size: int) -> None:
    body = held(request(OTHER)).body
    with pytest.raises(AwsError) as refused:
        b"".join(iter(lambda: body.read(size), b""))
    assert (refused.value.code, refused.value.status) == ("XAmzContentSHA256Mismatch", 400)
    assert refused.value.members == {
        "ClientComputedContentSHA256": OTHER,
        "S3ComputedContentSHA256": HASH,
    }


def test_no_body_is_hashed_too() -> None:
    assert held(request(OTHER, b"")).body.read(10) == b""
    with pytest.raises(AwsError, match="does not match"):
        held(request(HASH, b"")).body.read(10)


@pytest.mark.parametrize("said", ["nonsense", HASH[1:], "z" * 64, "unsigned-payload", "STREAMING"])
def test_what_is_no_hash_is_refused_before_the_body(said: str) -> None:
    with pytest.raises(AwsError) as refused:
        held(request(said))
    assert refused.value.code == "InvalidArgument"
    assert refused.value.members["ArgumentValue"] == said


def test_who_signs_nothing_promises_nothing() -> None:
    headers = {"x-amz-content-sha256": OTHER}
    unsigned = Request("PUT", "/lake/x", headers=headers, body=io.BytesIO(BODY))
    assert held(unsigned).body.read() == BODY
