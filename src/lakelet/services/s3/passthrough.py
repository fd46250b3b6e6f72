"""S3 calls handed on to the server that keeps the objects, signed anew with its credentials.

Bodies stream both ways. A body that came in signed or checksummed chunks was decoded on the way
in; its trailing checksum goes on behind it, so that the server verifies and keeps it. So does the
hash of a body that its client signed.
"""

import hashlib
import hmac
import http.client
import ssl
import threading
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol
from urllib.parse import parse_qsl, quote, unquote

from lakelet.storage.remote import Backend

_BLOCK = 1 << 18
_TIMEOUT = 300.0
_PRESIGNED = "x-amz-"
_SIGNING = frozenset({"algorithm", "credential", "date", "expires", "signedheaders", "signature"})
_VERSION_2 = frozenset({"AWSAccessKeyId", "Signature", "Expires"})
"""The parameters of a presigned URL of SigV4, without their prefix, and of Signature Version 2."""

_OWN = frozenset(
    {
        "authorization",
        "connection",
        "content-length",
        "expect",
        "host",
        "keep-alive",
        "transfer-encoding",
        "x-amz-content-sha256",
        "x-amz-date",
        "x-amz-decoded-content-length",
        "x-amz-security-token",
    }
)
"""Headers of one hop or one signature, which are not handed on."""

_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "server", "date"})

Headers = list[tuple[str, str]]


class Reader(Protocol):
    """A decoded body."""

    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A request to hand on. `path` and `query` are percent-encoded as they came, path-style.

    `length` is the decoded body's in bytes. `trailer` gives the trailing headers once the body
    has been read; None if there are none.
    """

    method: str
    path: str
    query: str
    headers: Headers
    body: Reader | None = None
    length: int = 0
    trailer: Callable[[], Mapping[str, str]] | None = None


class Answer:
    """The server's answer; its body is read by iterating, or dropped by closing."""

    def __init__(
        self,
        status: int,
        headers: Mapping[str, str],
        response: http.client.HTTPResponse,
        done: Callable[[], None],
    ) -> None:
        self.status = status
        self.headers = headers
        self._response = response
        self._done: Callable[[], None] | None = done

    def __iter__(self) -> Iterator[bytes]:
        while block := self._response.read(_BLOCK):
            yield block
        self.close()

    def close(self) -> None:
        """Ends the answer; a body that was not read to its end costs the connection."""
        done, self._done = self._done, None
        if done is not None:
            done()


class Passthrough:
    """A pool of connections to the server, which are closed with it."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._idle: list[http.client.HTTPConnection] = []
        self._lock = threading.Lock()
        weakref.finalize(self, _close, self._idle)

    def send(self, outgoing: Outgoing) -> Answer:
        """Sends a request and gives the beginning of its answer. Raises `OSError`."""
        headers = self._headers(outgoing)
        target = quote(unquote(outgoing.path), safe="/~")
        query = _canonical_query(outgoing.query)
        signed = self._sign(outgoing.method, target, query, headers, _payload(outgoing))
        connection, fresh = self._connection()
        try:
            response = self._exchange(connection, outgoing, target, query, signed)
        except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
            connection.close()
            if fresh or outgoing.length:
                raise
            connection = self._connect()  # the server had closed an idle connection
            response = self._exchange(connection, outgoing, target, query, signed)
        headers = response.getheaders()
        kept = {name: _text(value) for name, value in headers if name.lower() not in _HOP}
        answer = Answer(
            response.status, kept, response, lambda: self._release(connection, response)
        )
        if response.length == 0:
            list(answer)  # nothing to come: the connection is free
        return answer

    def close(self) -> None:
        """Closes idle connections."""
        with self._lock:
            _close(self._idle)

    def _exchange(
        self,
        connection: http.client.HTTPConnection,
        outgoing: Outgoing,
        target: str,
        query: str,
        headers: Headers,
    ) -> http.client.HTTPResponse:
        url = f"{target}?{query}" if query else target
        connection.putrequest(outgoing.method, url, skip_host=True, skip_accept_encoding=True)
        for name, text in headers:
            connection.putheader(name, text.encode())
        connection.endheaders()
        with suppress(BrokenPipeError, ConnectionResetError):  # refused early: its answer says why
            for block in _encoded(outgoing):
                connection.send(block)
        return connection.getresponse()

    def _headers(self, outgoing: Outgoing) -> Headers:
        kept = [(name, text) for name, text in outgoing.headers if name.lower() not in _OWN]
        kept = [pair for pair in map(_without_chunks, kept) if pair is not None]
        chunked = outgoing.trailer is not None
        if chunked:
            kept += [
                ("content-encoding", "aws-chunked"),
                ("transfer-encoding", "chunked"),
                ("x-amz-decoded-content-length", str(outgoing.length)),
            ]
        elif outgoing.body is not None or outgoing.method in ("PUT", "POST"):
            kept.append(("content-length", str(outgoing.length)))
        return kept

    def _sign(self, method: str, path: str, query: str, headers: Headers, payload: str) -> Headers:
        """AWS Signature Version 4 over the host, every x-amz- header and what is said of the
        body."""
        moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
        own = {
            "host": self._backend.address,
            "x-amz-date": moment,
            "x-amz-content-sha256": payload,
        }
        if self._backend.session_token:
            own["x-amz-security-token"] = self._backend.session_token
        signed = own | {
            name.lower(): " ".join(text.split())
            for name, text in headers
            if name.lower().startswith("x-amz-")
        }
        names = ";".join(sorted(signed))
        lines = "".join(f"{name}:{signed[name]}\n" for name in sorted(signed))
        request = f"{method}\n{path}\n{query}\n{lines}\n{names}\n{payload}"
        scope = f"{moment[:8]}/{self._backend.region}/s3/aws4_request"
        digest = hashlib.sha256(request.encode()).hexdigest()
        signature = hmac.new(
            self._key(scope),
            f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{digest}".encode(),
            hashlib.sha256,
        ).hexdigest()
        credential = f"{self._backend.access_key}/{scope}"
        authorization = (
            f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders={names}, "
            f"Signature={signature}"
        )
        return [*own.items(), *headers, ("authorization", authorization)]

    def _key(self, scope: str) -> bytes:
        key = f"AWS4{self._backend.secret_key}".encode()
        for part in scope.split("/"):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        return key

    def _connection(self) -> tuple[http.client.HTTPConnection, bool]:
        with self._lock:
            if self._idle:
                return self._idle.pop(), False
        return self._connect(), True

    def _connect(self) -> http.client.HTTPConnection:
        address = self._backend.address
        if self._backend.secure:
            context = ssl.create_default_context()
            return http.client.HTTPSConnection(address, timeout=_TIMEOUT, context=context)
        return http.client.HTTPConnection(address, timeout=_TIMEOUT)

    def _release(
        self, connection: http.client.HTTPConnection, response: http.client.HTTPResponse
    ) -> None:
        if not response.isclosed():
            response.close()
            connection.close()
            return
        with self._lock:
            self._idle.append(connection)


def _close(connections: list[http.client.HTTPConnection]) -> None:
    while connections:
        connections.pop().close()


def _payload(outgoing: Outgoing) -> str:
    """What is said of the body: its hash where the client does, so that the server verifies it."""
    if outgoing.trailer is not None:
        return "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
    said = {name.lower(): text for name, text in outgoing.headers}
    decoded = "x-amz-decoded-content-length" in said or "aws-chunked" in said.get(
        "content-encoding", ""
    )
    return (not decoded and said.get("x-amz-content-sha256")) or "UNSIGNED-PAYLOAD"


def _text(value: str) -> str:
    """A header that http.client has read as Latin-1."""
    try:
        return value.encode("latin-1").decode()
    except UnicodeDecodeError:
        return value


def _without_chunks(pair: tuple[str, str]) -> tuple[str, str] | None:
    """A header without the coding of AWS's chunks; None for one that says nothing else."""
    name, text = pair
    if name.lower() != "content-encoding" or "aws-chunked" not in text:
        return pair
    codings = [coding.strip() for coding in text.split(",")]
    left = [coding for coding in codings if coding not in ("", "aws-chunked")]
    return (name, ",".join(left)) if left else None


def _canonical_query(query: str) -> str:
    """The query without a presigned URL's own parameters, sorted and encoded as SigV4 wants it."""
    said = parse_qsl(query, keep_blank_values=True)
    second = _VERSION_2 if any(name == "AWSAccessKeyId" for name, _ in said) else frozenset()
    pairs = [
        (name, text)
        for name, text in said
        if name not in second and not _is_presigning(name.lower())
    ]
    encoded = sorted((quote(name, safe="~"), quote(text, safe="~")) for name, text in pairs)
    return "&".join(f"{name}={text}" for name, text in encoded)


def _is_presigning(name: str) -> bool:
    own = name.removeprefix(_PRESIGNED)
    return own != name and (own in _SIGNING or own in ("security-token", "content-sha256"))


_SIGNED = "x-amz-trailer-signature"
"""The client's own word on its trailer, which goes on unsigned."""


def _encoded(outgoing: Outgoing) -> Iterable[bytes]:
    """The body as it goes out: plain, or as AWS's chunks inside HTTP's, with the trailer."""
    if outgoing.body is None:
        return
    if outgoing.trailer is None:
        yield from _blocks(outgoing.body)
        return
    for block in _blocks(outgoing.body):
        yield _http_chunk(b"%x\r\n%b\r\n" % (len(block), block))
    trailing = outgoing.trailer().items()
    lines = "".join(f"{name}:{text}\r\n" for name, text in trailing if name != _SIGNED)
    yield _http_chunk(f"0\r\n{lines}\r\n".encode())
    yield b"0\r\n\r\n"


def _blocks(body: Reader) -> Iterator[bytes]:
    while block := body.read(_BLOCK):
        yield block


def _http_chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)
