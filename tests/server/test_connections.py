"""Connections as RFC 9112 has them, by raw sockets: what stays open, what is closed, and when."""

import http.client
import os
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote, urlsplit

import pytest

from lakelet.config import Settings
from lakelet.lake import Lake
from lakelet.server import connections, protocol
from lakelet.server.serving import serving
from tests.server.lakes import settings_only

ROOT = b"GET / HTTP/1.1\r\nHost: h\r\n\r\n"
BODY = bytes(range(256)) * 4096


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serving(settings_only(), "1") as served:
        yield urlsplit(served).netloc


@pytest.fixture
def shelf(lakelet_server: str) -> str:
    """Host and port of a lake with the bucket `shelf`."""
    place = urlsplit(lakelet_server).netloc
    connection = http.client.HTTPConnection(place, timeout=10)
    connection.request("PUT", "/shelf")
    assert connection.getresponse().status == 200
    connection.close()
    return place


def dial(place: str) -> socket.socket:
    host, port = place.rsplit(":", 1)
    return socket.create_connection((host, int(port)), timeout=10)


def heads(line: socket.socket, count: int) -> list[bytes]:
    """The heads of so many answers of `GET /`, whose bodies end with a brace."""
    data = b""
    while data.count(b"}") < count:
        more = line.recv(65536)
        assert more, data
        data += more
    return [part for part in data.split(b"}") if part]


def until_closed(line: socket.socket) -> bytes:
    return b"".join(iter(lambda: line.recv(65536), b""))


def test_requests_that_come_together_are_answered_in_their_order(address: str) -> None:
    with dial(address) as line:
        line.sendall(ROOT * 3 + b"GET /?x HTTP/1.1\r\nHost: h\r\nOrigin: http://a.b\r\n\r\n")
        found = heads(line, 3)
        assert [head[:15] for head in found[:3]] == [b"HTTP/1.1 200 OK"] * 3
        rest = b"".join(found[3:]) or line.recv(1000)
        assert rest.startswith(b"HTTP/1.1 403")


def test_a_request_may_come_in_pieces(address: str) -> None:
    with dial(address) as line:
        for byte in ROOT:
            line.sendall(bytes([byte]))
        assert heads(line, 1)[0].startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize(
    ("request_head", "stays"),
    [
        (b"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", False),
        (b"GET / HTTP/1.0\r\n\r\n", False),
        (b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", True),
        (ROOT, True),
    ],
)
def test_a_connection_stays_as_the_client_asks(
    address: str, request_head: bytes, stays: bool
) -> None:
    with dial(address) as line:
        line.sendall(request_head)
        head = heads(line, 1)[0].lower()
        assert (b"connection: close" in head) is not stays
        if stays:
            line.sendall(ROOT)
            assert heads(line, 1)[0].startswith(b"HTTP/1.1 200")
        else:
            assert line.recv(1) == b""


@pytest.mark.parametrize("origin", [b"http://[::1", b"http://]", b"null", b"http://a.b"])
def test_an_origin_that_is_not_ours_or_none_at_all_is_refused(address: str, origin: bytes) -> None:
    with dial(address) as line:
        line.sendall(b"GET / HTTP/1.1\r\nHost: h\r\nOrigin: " + origin + b"\r\n\r\n")
        assert line.recv(1000).startswith(b"HTTP/1.1 403")


def test_a_request_with_two_hosts_is_refused(address: str) -> None:
    """As RFC 9112 §3.2 asks."""
    with dial(address) as line:
        line.sendall(b"GET / HTTP/1.1\r\nHost: one\r\nhost: another\r\n\r\n")
        answer = until_closed(line)
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"it names two hosts" in answer


def test_an_offer_of_http_2_is_passed_over(address: str) -> None:
    """As java.net.http.HttpClient makes it with every request (RFC 9110 §7.8)."""
    offer = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAA\r\n"
    with dial(address) as line:
        line.sendall(b"GET / HTTP/1.1\r\nHost: h\r\n" + offer + b"\r\n")
        assert heads(line, 1)[0].startswith(b"HTTP/1.1 200")
        scope = b"Credential=id/20260101/us-east-1/sts/aws4_request"
        offer += b"Authorization: AWS4-HMAC-SHA256 " + scope + b", SignedHeaders=host\r\n"
        post = b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 43\r\n"
        form = b"Action=GetCallerIdentity&Version=2011-06-15"
        line.sendall(b"POST / HTTP/1.1\r\nHost: h\r\n" + offer + post + b"\r\n" + form)
        assert b"GetCallerIdentityResult" in line.recv(65536)
        line.sendall(ROOT)
        assert heads(line, 1)[0].startswith(b"HTTP/1.1 200")


def test_a_target_may_name_its_host(address: str) -> None:
    """As a proxy is asked."""
    with dial(address) as line:
        line.sendall(b"GET http://h:1/ HTTP/1.1\r\nHost: h\r\n\r\n")
        assert heads(line, 1)[0].startswith(b"HTTP/1.1 200")


def test_a_body_may_come_in_chunks_of_http(shelf: str) -> None:
    with dial(shelf) as line:
        line.sendall(b"PUT /shelf/c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n")
        line.sendall(b"3\r\nabc\r\n")
        line.sendall(b"4\r\ndefg\r\n0\r\n\r\nGET /shelf/c HTTP/1.1\r\nHost: h\r\n")
        line.sendall(b"Connection: close\r\n\r\n")
        said = until_closed(line)
    assert said.count(b"HTTP/1.1 200") == 2
    assert said.endswith(b"abcdefg")


def test_a_body_that_nobody_reads_is_passed_over(shelf: str) -> None:
    head = f"PUT /nobucket/k HTTP/1.1\r\nHost: h\r\nContent-Length: {8 * len(BODY)}\r\n\r\n"
    with dial(shelf) as line:
        line.sendall(head.encode() + 8 * BODY)
        line.sendall(b"GET /shelf HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
        said = until_closed(line)
    assert said.startswith(b"HTTP/1.1 404")
    assert b"NoSuchBucket" in said
    assert said.count(b"HTTP/1.1 200") == 1


def test_who_is_refused_before_its_body_is_not_asked_for_it(shelf: str) -> None:
    with dial(shelf) as line:
        line.sendall(
            b"PUT /nobucket/k HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n"
            b"Expect: 100-continue\r\n\r\n"
        )
        said = until_closed(line)
    assert said.startswith(b"HTTP/1.1 404")
    assert b"connection: close" in said


def test_a_value_with_a_line_end_is_no_header_of_its_own(shelf: str) -> None:
    inline = quote("inline\r\nset-cookie: a=b\r\n\r\n<html>")
    with dial(shelf) as line:
        line.sendall(b"PUT /shelf/k HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx")
        assert line.recv(1000).startswith(b"HTTP/1.1 200")
        target = f"/shelf/k?response-content-disposition={inline}"
        line.sendall(f"GET {target} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n".encode())
        head, _, body = until_closed(line).partition(b"\r\n\r\n")
    assert body == b"x"
    assert b"\r\nset-cookie" not in head


def test_a_head_is_answered_without_a_body(shelf: str) -> None:
    with dial(shelf) as line:
        put = f"PUT /shelf/h HTTP/1.1\r\nHost: h\r\nContent-Length: {len(BODY)}\r\n\r\n"
        line.sendall(put.encode() + BODY)
        assert line.recv(1000).startswith(b"HTTP/1.1 200")
        line.sendall(b"HEAD /shelf/h HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
        said = until_closed(line)
    assert f"content-length: {len(BODY)}".encode() in said
    assert said.endswith(b"\r\n\r\n")


def test_a_file_that_shrinks_while_it_is_sent_ends_the_connection() -> None:
    with Lake(Settings(port=0)) as lake, serving(lake, "1") as served:
        lake.storage.create_bucket("shelf")
        lake.storage.write("shelf", "s", 64 * BODY)
        with dial(urlsplit(served).netloc) as line:
            line.sendall(b"GET /shelf/s HTTP/1.1\r\nHost: h\r\n\r\n")
            assert line.recv(1000).startswith(b"HTTP/1.1 200")
            os.truncate(lake.storage.url("shelf", "s"), 1000)
            assert len(until_closed(line)) < 64 * len(BODY)


def test_a_large_object_is_sent_whole_to_who_reads_in_starts(shelf: str) -> None:
    size = 32 * len(BODY)
    with dial(shelf) as line:
        line.sendall(f"PUT /shelf/w HTTP/1.1\r\nHost: h\r\nContent-Length: {size}\r\n\r\n".encode())
        line.sendall(32 * BODY)
        assert line.recv(1000).startswith(b"HTTP/1.1 200")
        line.sendall(b"GET /shelf/w HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
        time.sleep(0.2)  # more has come than the socket takes
        first = line.recv(1 << 20)
        time.sleep(0.2)
        head, _, body = (first + until_closed(line)).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200")
    assert body == 32 * BODY


@pytest.mark.parametrize(("first", "last"), [(0, 0), (5, 700_000), (300_000, len(BODY) - 1)])
def test_a_range_of_a_file_is_sent(shelf: str, first: int, last: int) -> None:
    with dial(shelf) as line:
        put = f"PUT /shelf/r HTTP/1.1\r\nHost: h\r\nContent-Length: {len(BODY)}\r\n\r\n"
        line.sendall(put.encode() + BODY)
        assert line.recv(1000).startswith(b"HTTP/1.1 200")
        wanted = f"Range: bytes={first}-{last}\r\nConnection: close\r\n"
        line.sendall(f"GET /shelf/r HTTP/1.1\r\nHost: h\r\n{wanted}\r\n".encode())
        head, _, body = until_closed(line).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 206")
    assert body == BODY[first : last + 1]


def test_a_connection_that_rested_is_served_again(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "_LINGER", 0.01)
    with dial(address) as line:
        for pause in (0.0, 0.1, 0.05):
            time.sleep(pause)
            line.sendall(ROOT)
            assert heads(line, 1)[0].startswith(b"HTTP/1.1 200")


def test_many_clients_are_served_at_once(address: str) -> None:
    """More than there were threads for, of which each holds its connection."""
    with ThreadPoolExecutor(20) as pool:
        lines = [dial(address) for _ in range(150)]

        def ask(line: socket.socket) -> bool:
            line.sendall(ROOT)
            return heads(line, 1)[0].startswith(b"HTTP/1.1 200")

        for _ in range(3):
            assert all(pool.map(ask, lines))
        for line in lines:
            line.close()


def test_who_reads_slowly_holds_nobody_up(shelf: str) -> None:
    with dial(shelf) as line:
        size = 64 * len(BODY)
        line.sendall(f"PUT /shelf/b HTTP/1.1\r\nHost: h\r\nContent-Length: {size}\r\n\r\n".encode())
        line.sendall(64 * BODY)
        assert line.recv(1000).startswith(b"HTTP/1.1 200")
    slow = [dial(shelf) for _ in range(60)]
    for line in slow:
        line.sendall(b"GET /shelf/b HTTP/1.1\r\nHost: h\r\n\r\n")
    with dial(shelf) as line:
        line.sendall(ROOT)
        assert heads(line, 1)[0].startswith(b"HTTP/1.1 200")
    for line in slow:
        line.close()


@pytest.mark.parametrize(
    "begun", [b"GET / HT", b"PUT /shelf/k HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nhalf"]
)
def test_who_stops_in_the_middle_is_let_go(
    begun: bytes, shelf: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "_STALLED", 0.2)
    monkeypatch.setattr(connections, "_REST", 0.2)
    monkeypatch.setattr(connections, "_LOOK", 0.05)
    with dial(shelf) as line:
        line.sendall(begun)
        assert until_closed(line) == b""


def test_who_stops_in_the_middle_holds_nobody_up_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "_STALLED_IN_A_CROWD", 0.3)
    monkeypatch.setattr(connections._Crew, "_LIMIT", 4)
    with Lake(Settings(port=0)) as lake, serving(lake, "1") as served:
        place = urlsplit(served).netloc
        lake.storage.create_bucket("shelf")
        heads_begun, bodies_begun = ([dial(place) for _ in range(12)] for _ in range(2))
        for line in heads_begun:
            line.sendall(ROOT[:9])
        with dial(place) as line:
            line.sendall(ROOT)
            assert heads(line, 1)[0].startswith(b"HTTP/1.1 200")
        for line in heads_begun:  # they may go on
            line.sendall(ROOT[9:])
            assert heads(line, 1)[0].startswith(b"HTTP/1.1 200")
        for line in bodies_begun:
            line.sendall(b"PUT /shelf/k HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nhalf")
        with dial(place) as line:
            line.sendall(ROOT)
            assert heads(line, 1)[0].startswith(b"HTTP/1.1 200")
        for line in (*heads_begun, *bodies_begun):
            line.close()


def test_who_reads_nothing_holds_nobody_up_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "_STALLED_IN_A_CROWD", 0.3)
    monkeypatch.setattr(connections._Crew, "_LIMIT", 4)
    with Lake(Settings(port=0)) as lake, serving(lake, "1") as served:
        place = urlsplit(served).netloc
        lake.storage.create_bucket("shelf")
        lake.storage.write("shelf", "k", 32 * BODY)
        ask = b"GET /shelf/k HTTP/1.1\r\nHost: h\r\n\r\n"
        silent = [dial(place) for _ in range(4)]
        for line in silent:
            line.sendall(ask)
        with dial(place) as line:
            line.sendall(ROOT)
            assert heads(line, 1)[0].startswith(b"HTTP/1.1 200")
        for line in silent:
            line.close()


def test_who_pauses_while_it_reads_gets_all_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "_STALLED_IN_A_CROWD", 0.05)
    with Lake(Settings(port=0)) as lake, serving(lake, "1") as served:
        place = urlsplit(served).netloc
        lake.storage.create_bucket("shelf")
        lake.storage.write("shelf", "k", 32 * BODY)
        with dial(place) as line:
            line.sendall(b"GET /shelf/k HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
            time.sleep(0.3)
            assert until_closed(line).endswith(32 * BODY)


def test_a_server_that_ends_answers_what_was_asked_and_leaves_no_thread(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(connections, "_ENDING", 3600.0)  # none of these is waited for
    before = set(threading.enumerate())
    with serving(settings_only(), "1") as served:
        place = urlsplit(served).netloc
        resting, halfway, asking = dial(place), dial(place), dial(place)
        resting.sendall(ROOT)
        heads(resting, 1)
        halfway.sendall(ROOT[:10])
        asking.sendall(ROOT)
        assert heads(asking, 1)[0].startswith(b"HTTP/1.1 200")
    for line in (resting, asking, halfway):
        assert line.recv(1) == b""
        line.close()
    assert set(threading.enumerate()) == before


@pytest.mark.parametrize("most", [1, 3])
def test_who_comes_when_no_thread_can_be_had_waits_for_one(
    most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    start, refusals = threading.Thread.start, [0]

    def bounded(self: threading.Thread) -> None:
        if self.name == "lakelet request":
            alive = sum(each.name == self.name for each in threading.enumerate())
            if alive >= most or refusals[0] == 0:
                refusals[0] += 1
                raise RuntimeError("can't start new thread")
        start(self)

    monkeypatch.setattr(threading.Thread, "start", bounded)
    with serving(settings_only(), "1") as served:
        place = urlsplit(served).netloc
        lines = [dial(place) for _ in range(8)]
        for line in lines:
            line.sendall(ROOT)
        assert all(heads(line, 1)[0].startswith(b"HTTP/1.1 200") for line in lines)
        for line in lines:
            line.close()
    assert refusals[0] > 1
