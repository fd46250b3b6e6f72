"""What clients send beside plain requests: a wait for 100, a bucket in the host, odd paths."""

import hashlib
import http.client
import socket
from urllib.parse import urlsplit

import pytest

BODY = bytes(range(256)) * 8192


@pytest.fixture
def address(lakelet_server: str) -> str:
    """Host and port of a lake with the bucket `shelf`."""
    place = urlsplit(lakelet_server).netloc
    assert _answer(place, "PUT", "/shelf")[0] == 200
    return place


def _answer(
    place: str, method: str, path: str, body: bytes = b"", **headers: str
) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection(place, timeout=60)
    try:
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def test_a_client_that_waits_is_told_to_go_on(address: str) -> None:
    host, port = address.rsplit(":", 1)
    with socket.create_connection((host, int(port)), timeout=60) as connection:
        head = f"PUT /shelf/waited HTTP/1.1\r\nHost: {address}\r\nContent-Length: {len(BODY)}\r\n"
        connection.sendall(f"{head}Expect: 100-continue\r\n\r\n".encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 100")
        connection.sendall(BODY)
        assert connection.recv(100).startswith(b"HTTP/1.1 200")
    assert _answer(address, "GET", "/shelf/waited") == (200, BODY)


def test_a_bucket_may_stand_in_the_hosts_name(address: str) -> None:
    _answer(address, "PUT", "/shelf/a%20b", BODY)
    assert _answer(address, "GET", "/a%20b", Host="shelf.localhost:80") == (200, BODY)
    host = "shelf.s3.us-east-1.amazonaws.com"
    assert _answer(address, "GET", "/a%20b", Host=host) == (200, BODY)


def test_a_host_of_many_parts_is_no_bucket_s_and_soon_answered(address: str) -> None:
    host = f"shelf.s3{'-a' * 100}!"
    assert _answer(address, "GET", "/shelf/none", Host=host)[0] == 404
    zone = f"shelf.s3{'-a' * 100}.amazonaws.com"
    _answer(address, "PUT", "/shelf/zoned", BODY)
    assert _answer(address, "GET", "/zoned", Host=zone) == (200, BODY)


@pytest.mark.parametrize("path", ["/shelf/../../lake.db", "/shelf/..%2f..%2flake.db"])
def test_a_path_leads_nowhere_but_to_keys(address: str, path: str) -> None:
    status, body = _answer(address, "GET", path)
    assert status == 404
    assert b"NoSuchKey" in body


def test_blanks_around_a_header_are_not_its_own_and_utf_8_comes_back(address: str) -> None:
    host, port = address.rsplit(":", 1)
    shown = 'attachment; filename="größe.csv"'
    with socket.create_connection((host, int(port)), timeout=60) as connection:
        head = f"PUT /shelf/x HTTP/1.1\r\nHost: {address}\r\nContent-Length: 0\r\n"
        head += f"X-Amz-Meta-Who: \t two  words \t \r\nContent-Disposition: {shown}\r\n\r\n"
        connection.sendall(head.encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 200")
    line = http.client.HTTPConnection(address, timeout=60)
    line.request("HEAD", "/shelf/x")
    headers = line.getresponse().headers
    line.close()
    assert headers["x-amz-meta-who"] == "two  words"
    assert headers["content-disposition"].encode("latin-1").decode() == shown


def test_an_object_whose_body_is_not_the_one_that_was_signed_is_not_kept(address: str) -> None:
    scope = "AWS4-HMAC-SHA256 Credential=id/20260101/us-east-1/s3/aws4_request"
    said = {"Authorization": scope, "X-Amz-Content-SHA256": hashlib.sha256(BODY).hexdigest()}
    assert _answer(address, "PUT", "/shelf/signed", BODY, **said)[0] == 200
    status, told = _answer(address, "PUT", "/shelf/signed", BODY[:-1], **said)
    assert (status, b"<Code>XAmzContentSHA256Mismatch</Code>" in told) == (400, True)
    assert _answer(address, "GET", "/shelf/signed") == (200, BODY)
    tags = b"<Tagging><TagSet/></Tagging>"
    assert _answer(address, "PUT", "/shelf/signed?tagging", tags, **said)[0] == 400
