"""Requests as data, and how they are signed and sent: raw HTTP, so that nothing is made polite."""

import base64
import hashlib
import hmac
import http.client
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import quote, urlsplit

Pairs = tuple[tuple[str, str], ...]

_SAFE = "-_.~"
_PLACE = re.compile(r"‹([^›]*)›")


@dataclass(frozen=True)
class Ask:
    """One request. Texts may name what a server answered before: `‹upload 1›`, `‹etag a›`."""

    method: str
    key: str | None = None
    query: Pairs = ()
    headers: Pairs = ()
    body: bytes = b""
    framing: str = "plain"
    """`plain`, or aws-chunked: `signed`, `signed-trailer`, `unsigned-trailer`."""
    trailer: tuple[str, str] | None = None
    signing: str = "header"
    """`header`, `unsigned-payload`, `other-payload` (the hash of another body), `no-payload` (no
    hash at all), `presigned`, or `none`."""
    virtual: bool = False
    bucket: str = "‹bucket›"
    remember: str = ""
    """The name under which this answer's upload or entity tag is remembered."""
    pages: str = ""
    """The list whose pages are all asked for: `2`, `1`, `uploads`, `parts`."""


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Server:
    """A server to ask, and what it told before."""

    endpoint: str
    access_key: str
    secret_key: str
    known: dict[str, str] = field(default_factory=dict)
    _line: http.client.HTTPConnection | None = None

    def resolved(self, text: str) -> str:
        """A text with what this server answered before in its places."""
        return _PLACE.sub(lambda found: self.known.get(found[1], "none"), text)

    def hidden(self, text: str) -> str:
        """The other way round: what is this server's own becomes its place's name."""
        for name, value in self.known.items():
            if name.startswith(("upload", "bucket")) and value:
                text = text.replace(value, f"‹{name}›")
        return text

    def send(self, ask: Ask) -> Answer:
        """The answer to a request."""
        method, target, headers, body = self._written(ask)
        line = self._connection()
        line.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
        for name, text in headers:
            line.putheader(name, text.encode("utf-8"))
        line.endheaders(body or None)
        response = line.getresponse()
        told = {name.lower(): text for name, text in response.getheaders()}
        answer = Answer(response.status, told, response.read())
        if response.will_close:
            self.close()
        return answer

    def close(self) -> None:
        if self._line is not None:
            self._line.close()
            self._line = None

    def _connection(self) -> http.client.HTTPConnection:
        if self._line is None:
            self._line = http.client.HTTPConnection(urlsplit(self.endpoint).netloc, timeout=60)
        return self._line

    def _written(self, ask: Ask) -> tuple[str, str, list[tuple[str, str]], bytes]:
        host = urlsplit(self.endpoint).netloc
        bucket = self.resolved(ask.bucket)
        path = "" if ask.key is None else quote(ask.key, safe=_SAFE + "/")
        if ask.virtual:
            host = f"{bucket}.localhost:{host.rpartition(':')[2]}"
            path = f"/{path}"
        else:
            path = f"/{bucket}/{path}" if ask.key is not None else f"/{bucket}"
        query = [(self.resolved(name), self.resolved(text)) for name, text in ask.query]
        headers = [("host", host), *((n, self.resolved(t)) for n, t in ask.headers)]
        body = self.resolved(ask.body.decode("latin-1")).encode("latin-1") if ask.body else b""
        signer = _Signer(self.access_key, self.secret_key, ask.method, path)
        if ask.signing == "none":
            pass
        elif ask.signing == "presigned":
            query = signer.presigned(query, host)
        else:
            headers, body = signer.signed(ask, query, headers, body)
        if body or ask.method in ("PUT", "POST"):
            headers.append(("content-length", str(len(body))))
        text = "&".join(f"{quote(n, safe=_SAFE)}={quote(t, safe=_SAFE)}" for n, t in query)
        return ask.method, path + (f"?{text}" if text else ""), headers, body


@dataclass
class _Signer:
    """Signature version 4 ("Authenticating Requests" of the S3 API reference)."""

    access_key: str
    secret_key: str
    method: str
    path: str
    moment: str = field(default_factory=lambda: datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ"))

    def signed(
        self, ask: Ask, query: list[tuple[str, str]], headers: list[tuple[str, str]], body: bytes
    ) -> tuple[list[tuple[str, str]], bytes]:
        said = {
            "unsigned-payload": "UNSIGNED-PAYLOAD",
            "other-payload": hashlib.sha256(body + b"!").hexdigest(),
            "no-payload": "unsigned",
        }
        payload = said.get(ask.signing) or hashlib.sha256(body).hexdigest()
        if ask.framing != "plain":
            payload = _PAYLOADS[ask.framing]
            headers = [*headers, ("x-amz-decoded-content-length", str(len(body)))]
            if ask.trailer is not None:
                headers.append(("x-amz-trailer", ask.trailer[0]))
        own = [("x-amz-date", self.moment), ("x-amz-content-sha256", payload)]
        headers = [*headers, *own]
        signed = {
            name.lower(): " ".join(text.split())
            for name, text in headers
            if name.startswith("x-amz") or name == "host"
        }
        signature = self._signature(query, signed, payload)
        names = ";".join(sorted(signed))
        headers.append(
            (
                "authorization",
                f"AWS4-HMAC-SHA256 Credential={self.access_key}/{self._scope()},"
                f"SignedHeaders={names},Signature={signature}",
            )
        )
        if ask.framing != "plain":
            body = self._framed(ask, body, signature)
        return headers, body

    def presigned(self, query: list[tuple[str, str]], host: str) -> list[tuple[str, str]]:
        query = [
            *query,
            ("X-Amz-Algorithm", "AWS4-HMAC-SHA256"),
            ("X-Amz-Credential", f"{self.access_key}/{self._scope()}"),
            ("X-Amz-Date", self.moment),
            ("X-Amz-Expires", "600"),
            ("X-Amz-SignedHeaders", "host"),
        ]
        signature = self._signature(query, {"host": host}, "UNSIGNED-PAYLOAD")
        return [*query, ("X-Amz-Signature", signature)]

    def _scope(self) -> str:
        return f"{self.moment[:8]}/us-east-1/s3/aws4_request"

    def _signature(
        self, query: list[tuple[str, str]], signed: Mapping[str, str], payload: str
    ) -> str:
        encoded = sorted((quote(n, safe=_SAFE), quote(t, safe=_SAFE)) for n, t in query)
        request = "\n".join(
            [
                self.method,
                self.path,
                "&".join(f"{name}={text}" for name, text in encoded),
                *(f"{name}:{signed[name]}" for name in sorted(signed)),
                "",
                ";".join(sorted(signed)),
                payload,
            ]
        )
        return self._mac("AWS4-HMAC-SHA256", hashlib.sha256(request.encode()).hexdigest())

    def _mac(self, kind: str, *lines: str) -> str:
        key = f"AWS4{self.secret_key}".encode()
        for part in self._scope().split("/"):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        text = "\n".join([kind, self.moment, self._scope(), *lines])
        return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()

    def _framed(self, ask: Ask, body: bytes, seed: str) -> bytes:
        signs, before = ask.framing.startswith("signed"), seed
        empty = hashlib.sha256(b"").hexdigest()
        size = max(8192, len(body) // 2)
        framed = b""
        for start in [*range(0, len(body), size), len(body)]:
            block = body[start : start + size]
            extension = ""
            if signs:
                digest = hashlib.sha256(block).hexdigest()
                before = self._mac("AWS4-HMAC-SHA256-PAYLOAD", before, empty, digest)
                extension = f";chunk-signature={before}"
            framed += f"{len(block):x}{extension}\r\n".encode()
            framed += block + b"\r\n" if block else b""
        if ask.trailer is not None:
            name, text = ask.trailer
            framed += f"{name}:{text}\r\n".encode()
            if signs:
                digest = hashlib.sha256(f"{name}:{text}\n".encode()).hexdigest()
                mac = self._mac("AWS4-HMAC-SHA256-TRAILER", before, digest)
                framed += f"x-amz-trailer-signature:{mac}\r\n".encode()
        return framed + b"\r\n"


_PAYLOADS = {
    "signed": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
    "signed-trailer": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
    "unsigned-trailer": "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
}


def checksum(algorithm: str, body: bytes) -> str:
    """A body's checksum as S3 writes it."""
    if algorithm == "crc32":
        return base64.b64encode(zlib.crc32(body).to_bytes(4, "big")).decode()
    if algorithm in ("crc32c", "crc64nvme"):
        from awscrt import checksums

        found = getattr(checksums, algorithm)(body)
        return base64.b64encode(found.to_bytes(4 if algorithm == "crc32c" else 8, "big")).decode()
    return base64.b64encode(hashlib.new(algorithm, body).digest()).decode()
