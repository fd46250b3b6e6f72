"""The endpoint as an ASGI application: async at the edge, handlers in threads.

A small body is read before its handler starts; a large one is handed over block by block while
it arrives, so an upload of any size takes bounded memory.
"""

import asyncio
import io
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import orjson

from lakelet.server.endpoint import Endpoint
from lakelet.services import SERVICES
from lakelet.wire.messages import NoBody, Reader, Request, Response

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

_SMALL = 1 << 20
_LOCAL = {"127.0.0.1", "localhost", "[::1]", "::1"}
_THREADS = 40


class Application:
    """The ASGI application of an endpoint."""

    def __init__(self, endpoint: Endpoint, version: str) -> None:
        self._endpoint = endpoint
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="lakelet")
        self._about = orjson.dumps(
            {"name": "lakelet", "version": version, "services": sorted(SERVICES)}
        )

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """One HTTP exchange, or the start and end of the server."""
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
            return
        headers = {
            name.decode("latin-1"): text.decode("latin-1") for name, text in scope["headers"]
        }
        refused = self._at_the_door(scope, headers)
        if refused is not None:
            await _send(send, refused)
            return
        loop = asyncio.get_running_loop()
        try:
            request = Request(
                scope["method"],
                scope["raw_path"].decode("latin-1"),
                scope["query_string"].decode("latin-1"),
                headers,
                await _body(headers, receive, loop),
            )
            response = await loop.run_in_executor(self._threads, self._endpoint.handle, request)
        except ConnectionError:
            return
        await self._respond(send, response, loop)

    def close(self) -> None:
        """Ends the threads once their work is done."""
        self._threads.shutdown(cancel_futures=True)

    def _at_the_door(self, scope: dict[str, Any], headers: dict[str, str]) -> Response | None:
        """What is answered before any service: a stranger's web page, and who this is."""
        origin = headers.get("origin")
        if origin and urlsplit(origin).hostname not in _LOCAL:
            return Response(403, {"content-type": "text/plain"}, b"This origin is not allowed.\n")
        unsigned = "authorization" not in headers and not scope["query_string"]
        if scope["path"] == "/" and scope["method"] in ("GET", "HEAD") and unsigned:
            return Response(200, {"content-type": "application/json"}, self._about)
        return None

    async def _respond(
        self, send: Send, response: Response, loop: asyncio.AbstractEventLoop
    ) -> None:
        if isinstance(response.body, bytes):
            await _send(send, response)
            return
        blocks = iter(response.body)
        try:
            await send(_start(response, None))
            while block := await loop.run_in_executor(self._threads, _next, blocks):
                await send({"type": "http.response.body", "body": block, "more_body": True})
            await send({"type": "http.response.body"})
        finally:
            close = getattr(response.body, "close", None) or getattr(blocks, "close", None)
            if close is not None:
                close()


def _next(blocks: Iterator[bytes]) -> bytes:
    return next(blocks, b"")


async def _send(send: Send, response: Response) -> None:
    body = response.body
    assert isinstance(body, bytes)
    await send(_start(response, len(body)))
    await send({"type": "http.response.body", "body": body})


def _start(response: Response, length: int | None) -> dict[str, Any]:
    headers = [
        (name.lower().encode("latin-1"), text.encode("utf-8"))
        for name, text in response.headers.items()
    ]
    bodiless = response.status in (204, 304)
    if length is not None and not bodiless and not any(h[0] == b"content-length" for h in headers):
        headers.append((b"content-length", str(length).encode()))
    return {"type": "http.response.start", "status": response.status, "headers": headers}


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


# Bodies -------------------------------------------------------------------------------------


async def _body(
    headers: dict[str, str], receive: Receive, loop: asyncio.AbstractEventLoop
) -> Reader:
    length = int(headers.get("content-length") or 0)
    chunked = "transfer-encoding" in headers
    if not length and not chunked:
        return NoBody()
    if chunked or length > _SMALL:
        return _Arriving(receive, loop)
    blocks = []
    async for block in _blocks(receive):
        blocks.append(block)
    return io.BytesIO(b"".join(blocks))


async def _blocks(receive: Receive) -> Any:
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ConnectionResetError("the client went away")
        yield message.get("body", b"")
        if not message.get("more_body"):
            return


class _Arriving:
    """A body read by a thread while the event loop receives it, a megabyte at a time."""

    def __init__(self, receive: Receive, loop: asyncio.AbstractEventLoop) -> None:
        self._receive = receive
        self._loop = loop
        self._buffer = b""
        self._ended = False

    def read(self, size: int = -1, /) -> bytes:
        """At most `size` bytes; raises ConnectionResetError when the client is gone."""
        while not self._ended and (size < 0 or not self._buffer):
            more = asyncio.run_coroutine_threadsafe(self._gather(), self._loop).result()
            self._buffer = self._buffer + more if self._buffer else more
        if size < 0 or size >= len(self._buffer):
            taken, self._buffer = self._buffer, b""
        else:
            taken, self._buffer = self._buffer[:size], self._buffer[size:]
        return taken

    async def _gather(self) -> bytes:
        blocks: list[bytes] = []
        count = 0
        while count < _SMALL:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise ConnectionResetError("the client went away")
            blocks.append(message.get("body", b""))
            count += len(blocks[-1])
            if not message.get("more_body"):
                self._ended = True
                break
        return b"".join(blocks)
