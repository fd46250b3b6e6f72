import http.client
import socket
import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import boto3
import orjson
import pytest
from botocore.exceptions import ClientError

from lakelet.server.serving import serving
from tests.server.lakes import settings_only


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serving(settings_only(), "1.2.3") as served:
        yield served


def sts(address: str) -> Any:
    return boto3.client(
        "sts",
        endpoint_url=address,
        region_name="us-east-1",
        aws_access_key_id="id",
        aws_secret_access_key="key",
    )


def ask(
    address: str, method: str, path: str, headers: dict[str, str], body: str = ""
) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=60)
    try:
        connection.request(method, path, body or None, headers)
        answer = connection.getresponse()
        return answer.status, {n.lower(): v for n, v in answer.getheaders()}, answer.read()
    finally:
        connection.close()


def scoped(service: str) -> dict[str, str]:
    credential = f"Credential=id/20260101/us-east-1/{service}/aws4_request"
    return {"Authorization": f"AWS4-HMAC-SHA256 {credential}, SignedHeaders=host, Signature=0"}


def test_the_root_says_who_answers(address: str) -> None:
    status, _, body = ask(address, "GET", "/", {})
    assert status == 200
    assert orjson.loads(body) == {
        "name": "lakelet",
        "version": "1.2.3",
        "services": ["athena", "glue", "s3", "sts"],
    }


def test_a_client_learns_who_it_is(address: str) -> None:
    found = sts(address).get_caller_identity()
    assert found["Account"] == "000000000000"
    assert found["Arn"] == "arn:aws:iam::000000000000:root"


def test_an_operation_without_a_method_is_named(address: str) -> None:
    with pytest.raises(ClientError) as refused:
        sts(address).decode_authorization_message(EncodedMessage="x")
    assert refused.value.response["Error"]["Code"] == "NotImplemented"
    assert "DecodeAuthorizationMessage" in refused.value.response["Error"]["Message"]
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501


def test_an_unknown_action_is_refused_in_the_protocol_of_its_service(address: str) -> None:
    headers = scoped("sts") | {"Content-Type": "application/x-www-form-urlencoded"}
    status, answered, body = ask(address, "POST", "/", headers, "Action=Nope")
    assert (status, answered["content-type"]) == (400, "text/xml")
    assert b"<ErrorResponse" in body
    assert b"<Code>InvalidAction</Code>" in body


def test_an_unknown_target_is_refused_as_json(address: str) -> None:
    headers = scoped("athena") | {"X-Amz-Target": "AmazonAthena.Nope"}
    status, answered, body = ask(address, "POST", "/", headers, "{}")
    assert (status, answered["content-type"]) == (400, "application/x-amz-json-1.1")
    assert orjson.loads(body)["__type"] == "UnknownOperationException"


@pytest.mark.parametrize(
    "signature",
    ["AWS4-HMAC-SHA256 nothing", "AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host"],
)
def test_a_malformed_signature_is_incomplete(address: str, signature: str) -> None:
    status, _, body = ask(address, "POST", "/", {"Authorization": signature})
    assert status == 403
    assert b"IncompleteSignature" in body


def test_a_web_page_from_elsewhere_is_refused(address: str) -> None:
    assert ask(address, "GET", "/", {"Origin": "https://elsewhere.example"})[0] == 403
    assert ask(address, "GET", "/", {"Origin": "null"})[0] == 403
    assert ask(address, "GET", "/", {"Origin": "http://localhost:4566"})[0] == 200


@pytest.mark.parametrize(
    "bytes_sent",
    [
        b"junk\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: many\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: h\r\nX-Big: " + b"a" * 200_000 + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: h\r\n" + b"X-Many: a\r\n" * 20_000 + b"\r\n",
        b"GET / HTTP/1.1\r\nHost: h\r\nX-Endless: " + b"a" * 400_000,
        b"GET /" + b"a" * 400_000,
    ],
    ids=["no HTTP", "length", "huge header", "many headers", "endless header", "endless path"],
)
def test_what_is_no_http_gets_400_and_the_server_lives_on(address: str, bytes_sent: bytes) -> None:
    where = urlsplit(address)
    with socket.create_connection((where.hostname, where.port or 0), timeout=60) as connection:
        connection.sendall(bytes_sent)
        assert connection.recv(100).startswith(b"HTTP/1.1 400")
    assert ask(address, "GET", "/", {})[0] == 200


def test_a_client_that_leaves_in_a_body_leaves_no_thread_waiting() -> None:
    before = set(threading.enumerate())
    with serving(settings_only(), "1") as address:
        where = urlsplit(address)
        for _ in range(5):
            with socket.create_connection((where.hostname, where.port or 0)) as connection:
                credential = scoped("sts")["Authorization"].encode()
                connection.sendall(
                    b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9000000\r\nAuthorization: "
                    + credential
                    + b"\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\nAction="
                )
        assert sts(address).get_caller_identity()["Account"] == "000000000000"
    assert set(threading.enumerate()) == before
