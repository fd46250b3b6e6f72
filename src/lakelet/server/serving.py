"""The endpoint on a socket: in the foreground for the command line, in a thread for tests."""

import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import uvicorn

from lakelet.server.asgi import Application
from lakelet.server.endpoint import Endpoint

if TYPE_CHECKING:
    from lakelet.lake import Lake

_BACKLOG = 2048
_ENDING = (signal.SIGINT, signal.SIGTERM)


def serve(lake: "Lake", version: str, ready: Callable[[str], None]) -> None:
    """Serves until SIGINT or SIGTERM; `ready` is told the address.

    Raises OSError when the address is taken.
    """
    with _listening(lake.settings.host, lake.settings.port) as listener:
        server, application = _server(lake, version)
        ready(_address(listener))
        try:
            with _signals_that_end():
                server.run(sockets=[listener])
        finally:
            application.close()


@contextmanager
def serving(lake: "Lake", version: str) -> Iterator[str]:
    """Serves in a thread while the block runs; the address."""
    with _listening(lake.settings.host, lake.settings.port) as listener:
        server, application = _server(lake, version)
        thread = threading.Thread(
            target=server.run, kwargs={"sockets": [listener]}, name="lakelet server"
        )
        thread.start()
        try:
            yield _address(listener)
        finally:
            server.should_exit = True
            thread.join()
            application.close()


@contextmanager
def _signals_that_end() -> Iterator[None]:
    """Uvicorn raises the signal that ended it once more: it must not end what closes the lake."""
    before = {each: signal.signal(each, lambda *_: None) for each in _ENDING}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def _server(lake: "Lake", version: str) -> tuple[Any, Application]:
    application = Application(Endpoint(lake), version)
    config = uvicorn.Config(
        application,
        http=_protocol(),
        access_log=False,
        log_level="warning",
        server_header=False,
        backlog=_BACKLOG,
        timeout_graceful_shutdown=5,
        ws="none",
    )
    return uvicorn.Server(config), application


def _protocol() -> Any:
    """What reads requests: httptools, or h11 where there is none."""
    try:
        from lakelet.server.protocol import Protocol
    except ImportError:
        return "h11"
    return Protocol


@contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(_BACKLOG)
        yield listener


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
