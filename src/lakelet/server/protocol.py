"""HTTP/1.1 on one connection: requests are read as httptools finds them, and answered in order.

All of it blocks, in the thread that serves the connection: a short exchange is one read and one
write, with nothing handed over in between.
"""

import os
import select
import socket
import struct
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from email.utils import formatdate
from functools import partial
from http import HTTPStatus
from typing import Final

import httptools

from lakelet import afterwards
from lakelet.wire.messages import FileRange, NoBody, Reader, Request, Response

MAX_HEAD: Final = 1 << 16
"""Bytes of a request line and headers."""

Handle = Callable[[Request], Response]
"""Answers a request. Raises ConnectionError when the client left in the middle of its body."""

_READ: Final = 1 << 16
_READ_OF_BODIES: Final = 1 << 18
_IN_ONE: Final = 1 << 18
"""Bodies of up to so many bytes are sent together with their head."""
_GO_ON: Final = b"HTTP/1.1 100 Continue\r\n\r\n"
_PHRASES: Final = {status.value: status.phrase for status in HTTPStatus}
_BODILESS: Final = (204, 304)
_STALLED: Final = 300.0
"""Seconds without a word in the middle of an exchange, after which a client is taken for gone."""
_STALLED_IN_A_CROWD: Final = 10.0
"""The same while others wait for a thread."""
_FAREWELL: Final = 1.0
"""Seconds that a client has to take its last answer before its connection is gone."""


class Connection:
    """A client's connection; one thread at a time serves it, and waits `patience` seconds for a
    request. `crowded` tells whether others wait for a thread."""

    def __init__(
        self,
        line: socket.socket,
        handle: Handle,
        patience: float,
        crowded: Callable[[], bool] = lambda: False,
    ) -> None:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        line.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        _bound(line, patience)
        self._line = line
        self._handle = handle
        self._patience = patience
        self._crowded = crowded
        self._parser = httptools.HttpRequestParser(self)
        self._arriving: _Exchange | None = None
        self._carried: _Exchange | None = None
        self._waiting: deque[_Exchange] = deque()
        self._head = 0
        self.busy = False
        """Whether an exchange is under way."""
        self.last = False
        """Whether the exchange that is under way shall be the last."""

    def fileno(self) -> int:
        """The socket's, for a selector."""
        return self._line.fileno()

    def serve(self) -> bool:
        """Answers requests; True when none has come for a while, not to the end of its head, False
        at the end."""
        try:
            while not self.last:
                if not self._waiting:
                    data = self._hear(_READ)
                    if not data:
                        return data is None
                    self._feed(data)
                while self._waiting:
                    if not self._exchange(self._waiting.popleft()):
                        return False
        except httptools.HttpParserError as error:
            self._refuse(error)
        except OSError:
            pass  # the client has gone
        return False

    def interrupt(self) -> None:
        """Lets a thread that waits for this client go on; from any thread."""
        with suppress(OSError):  # it may be over already
            self._line.shutdown(socket.SHUT_RDWR)

    def take_leave(self) -> None:
        """Hears a client out that still sends: it would not see its last answer otherwise."""
        with suppress(OSError):
            self._line.shutdown(socket.SHUT_WR)
            end = time.monotonic() + _FAREWELL
            while time.monotonic() < end and self._hear(_READ) != b"":
                pass

    def close(self) -> None:
        """Gives its socket back."""
        self._line.close()

    # Reading --------------------------------------------------------------------------------

    def _hear(self, size: int, at_least: float = 0) -> bytes | None:
        """What has come, or comes; nothing when the client has closed its side, None when it is
        silent for `patience` and at least so many seconds, or fewer in a crowd."""
        begun = time.monotonic() if at_least else 0
        while True:
            try:
                if sys.platform == "win32" and not self._has_come():
                    raise TimeoutError
                return self._line.recv(size)
            except (BlockingIOError, TimeoutError):
                if not at_least:
                    return None
                silent = time.monotonic() - begun
                if silent >= at_least or (silent >= _STALLED_IN_A_CROWD and self._crowded()):
                    return None

    def _has_come(self) -> bool:
        """Waits for a client's words where the kernel's own wait would spoil the socket."""
        return bool(select.select([self._line], [], [], self._patience)[0])

    def _feed(self, data: bytes) -> None:
        """Has some bytes read. Raises HttpParserError for what is no HTTP."""
        while data:
            try:
                self._parser.feed_data(data)
                break
            except httptools.HttpParserUpgrade as offer:  # of HTTP/2, which need not be taken
                data = data[offer.args[0] :]
                self._carry_on(self._waiting[-1])
        if self._arriving is not None and not self._arriving.is_read:
            self._grow(len(data))

    def _carry_on(self, exchange: "_Exchange") -> None:
        """Goes on with the body of a request that httptools takes to end with its offer."""
        headers = exchange.headers
        framing = [name for name in ("content-length", "transfer-encoding") if name in headers]
        if framing:
            self._carried = exchange
            self._parser = httptools.HttpRequestParser(self)
            fields = "".join(f"{name}: {headers[name]}\r\n" for name in framing)
            self._parser.feed_data(f"POST / HTTP/1.1\r\n{fields}\r\n".encode("latin-1"))

    def _grow(self, size: int) -> None:
        self._head += size
        if self._head > MAX_HEAD:
            raise httptools.HttpParserError("the request's head is too long")

    def _gather(self, exchange: "_Exchange") -> None:
        """Waits for more of a body. Raises ConnectionResetError."""
        if exchange.waits:
            exchange.waits = False
            self._tell(_GO_ON)
        data = self._hear(_READ_OF_BODIES, _STALLED)
        if not data:
            raise ConnectionResetError("the client went away")
        self._feed(data)

    # What the parser finds ------------------------------------------------------------------

    def on_message_begin(self) -> None:
        """A request begins."""
        self._arriving = self._carried or _Exchange(self._gather)
        self._arriving.ended = False
        self._head = 0

    def on_url(self, part: bytes) -> None:
        """Some of its target."""
        assert self._arriving is not None
        if self._carried is None:
            self._arriving.target += part

    def on_header(self, name: bytes, value: bytes) -> None:
        """A field, whole; one that comes again goes on with the one before (RFC 9110 §5.3)."""
        assert self._arriving is not None
        if self._carried is not None:
            return
        self._grow(len(name) + len(value))
        headers, key = self._arriving.headers, name.decode("latin-1").lower()
        if key == "host" and key in headers:
            raise httptools.HttpParserError("it names two hosts")  # RFC 9112 §3.2
        text = _text(value)
        headers[key] = f"{headers[key]},{text}" if key in headers else text

    def on_headers_complete(self) -> None:
        """Its head is read: it can be answered."""
        exchange = self._arriving
        assert exchange is not None
        if self._carried is not None:
            self._carried = None
            return
        exchange.is_read = True
        exchange.method = self._parser.get_method().decode("latin-1")
        exchange.stays = self._parser.should_keep_alive()
        exchange.answers_old = self._parser.get_http_version() == "1.0"
        exchange.waits = exchange.headers.get("expect", "").lower() == "100-continue"
        self._waiting.append(exchange)

    def on_body(self, data: bytes) -> None:
        """Some of its body."""
        assert self._arriving is not None
        self._arriving.blocks.append(data)

    def on_message_complete(self) -> None:
        """It is whole."""
        assert self._arriving is not None
        self._arriving.ended = True
        self._arriving = None

    # Answering ------------------------------------------------------------------------------

    def _exchange(self, exchange: "_Exchange") -> bool:
        """Answers a request; whether another may follow."""
        self.busy = True
        with afterwards.held():
            response = self._handle(exchange.request())
            # Whoever was not told to go on may send its body or not: what follows can't be told.
            unsure = exchange.waits and not exchange.ended and not exchange.blocks
            exchange.stays = exchange.stays and not unsure and not self.last
            self._send(response, exchange)
        if exchange.stays:
            exchange.drop()
        self.busy = False
        return exchange.stays

    def _send(self, response: Response, exchange: "_Exchange") -> None:
        body = response.body
        if isinstance(body, bytes):
            head = _head(response, exchange, len(body))
            if len(body) <= _IN_ONE:
                self._tell(head + body)
            else:
                self._tell(head)
                self._tell(body)
            return
        try:
            self._send_blocks(response, body, exchange)
        finally:
            close = getattr(body, "close", None)
            if close is not None:
                close()

    def _send_blocks(
        self, response: Response, body: Iterable[bytes], exchange: "_Exchange"
    ) -> None:
        """A body that is shorter than was said ends the connection: the client shall know."""
        length = _length(response)
        chunked = not exchange.answers_old and length is None
        exchange.stays = exchange.stays and (chunked or length is not None)
        self._tell(_head(response, exchange, None, chunked=chunked))
        if isinstance(body, FileRange) and hasattr(os, "sendfile"):
            sent = self._send_file(body)
        else:
            sent = 0
            for block in _chunks(body) if chunked else body:
                self._tell(block)
                sent += len(block)
        if length is not None and sent != length:
            exchange.stays = False

    def _send_file(self, body: FileRange) -> int:
        """By the kernel; how many bytes there were."""
        out, file = self._line.fileno(), body.fileno()
        sent = 0
        while sent < body.length:
            start, left = body.start + sent, body.length - sent
            some = self._patiently(partial(os.sendfile, out, file, start, left))
            if not some:
                break
            sent += some
        return sent

    def _tell(self, data: bytes) -> None:
        """Sends all of it. Raises OSError when the client takes no more."""
        sent = self._patiently(partial(self._line.send, data))
        while sent < len(data):
            sent += self._patiently(partial(self._line.send, memoryview(data)[sent:]))

    def _patiently(self, send: Callable[[], int]) -> int:
        """How many bytes were sent to a client that may read slowly, but does not stop."""
        begun = 0.0
        while True:
            try:
                return send()
            except (BlockingIOError, TimeoutError):
                # The wait that has just ended took as long as a client is waited for in a crowd.
                begun = begun or time.monotonic() - _STALLED_IN_A_CROWD
                if self._crowded() or time.monotonic() - begun >= _STALLED:
                    raise

    def _refuse(self, error: Exception) -> None:
        said = str(error.__context__ or error) or "no HTTP"
        body = f"This is no request of HTTP/1.1: {said}\n".encode()
        refused = Response(400, {"content-type": "text/plain; charset=utf-8"}, body)
        self.last = True
        with suppress(OSError):  # the client may have gone
            self._tell(_head(refused, _Exchange(self._gather), len(body)) + body)


def _text(value: bytes) -> str:
    """A field's value without the blanks around it (RFC 9110 §5.5): UTF-8, as it is written too."""
    try:
        return value.decode().strip(" \t")
    except UnicodeDecodeError:
        return value.decode("latin-1").strip(" \t")


def _bound(line: socket.socket, patience: float) -> None:
    """Ends a wait for a client's words after so many seconds, and one for its reading after
    `_STALLED_IN_A_CROWD`, with a BlockingIOError by the kernel; by Python itself, which asks before
    each call whether it would wait, where that is Windows."""
    if sys.platform == "win32":
        line.settimeout(_STALLED_IN_A_CROWD)
        return
    line.setblocking(True)
    for wait, limit in ((socket.SO_RCVTIMEO, patience), (socket.SO_SNDTIMEO, _STALLED_IN_A_CROWD)):
        seconds, rest = divmod(limit, 1)
        span = struct.pack("ll", int(seconds), int(1e6 * rest))  # a timeval
        line.setsockopt(socket.SOL_SOCKET, wait, span)


class _Exchange:
    """A request as it arrives, which is its own body's reader."""

    __slots__ = (
        "_gather",
        "answers_old",
        "blocks",
        "ended",
        "headers",
        "is_read",
        "method",
        "stays",
        "target",
        "waits",
    )

    def __init__(self, gather: Callable[["_Exchange"], None]) -> None:
        self._gather = gather
        self.method = ""
        self.target = b""
        self.headers: dict[str, str] = {}
        self.blocks: deque[bytes] = deque()
        self.is_read = False  # its head
        self.ended = False
        self.waits = False  # for a word before it sends its body
        self.stays = False  # for another request
        self.answers_old = False  # knows no chunks

    def request(self) -> Request:
        """What it asks."""
        target = self.target.decode("latin-1")
        if not target.startswith("/"):  # as proxies are asked (RFC 9112 §3.2.2)
            target = "/" + target.partition("://")[2].partition("/")[2]
        path, _, query = target.partition("?")
        body: Reader = NoBody() if self.ended and not self.blocks else self
        return Request(self.method, path, query, self.headers, body)

    def read(self, size: int = -1, /) -> bytes:
        """At most `size` bytes; raises ConnectionResetError when the client is gone."""
        if size < 0:
            while not self.ended:
                self._gather(self)
            data = b"".join(self.blocks)
            self.blocks.clear()
            return data
        while not self.blocks:
            if self.ended:
                return b""
            self._gather(self)
        data = self.blocks.popleft()
        if len(data) > size:
            self.blocks.appendleft(data[size:])
            data = data[:size]
        return data

    def drop(self) -> None:
        """Passes over what nobody has read of it."""
        self.blocks.clear()
        while not self.ended:
            self._gather(self)
            self.blocks.clear()


def _head(
    response: Response, exchange: _Exchange, length: int | None, *, chunked: bool = False
) -> bytes:
    lines = [f"HTTP/1.1 {response.status} {_PHRASES.get(response.status, '')}", f"date: {_date()}"]
    lines += [f"{name.lower()}: {text}" for name, text in response.headers.items()]
    if chunked:
        lines.append("transfer-encoding: chunked")
    elif length is not None and response.status not in _BODILESS and _length(response) is None:
        lines.append(f"content-length: {length}")
    if not exchange.stays:
        lines.append("connection: close")
    elif exchange.answers_old:
        lines.append("connection: keep-alive")
    text = "\r\n".join(lines)
    if text.count("\n") >= len(lines) or text.count("\r") >= len(lines):
        # A value of a client's that holds a line end must not become a header of its own.
        text = "\r\n".join(" ".join(line.splitlines()) for line in lines)
    return f"{text}\r\n\r\n".encode()


def _length(response: Response) -> int | None:
    """The length that a response says itself."""
    for name, text in response.headers.items():
        if name.lower() == "content-length":
            return int(text)
    return None


def _chunks(blocks: Iterable[bytes]) -> Iterator[bytes]:
    for block in blocks:
        if block:
            yield b"%x\r\n%b\r\n" % (len(block), block)
    yield b"0\r\n\r\n"


_dated = (0, "")


def _date() -> str:
    """The present in HTTP's words, made once a second."""
    global _dated
    second, text = _dated
    if second != (now := int(time.time())):
        text = formatdate(now, usegmt=True)
        _dated = now, text
    return text
