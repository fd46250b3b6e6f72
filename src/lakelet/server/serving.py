"""The endpoint on a socket: in the foreground for the command line, in a thread for tests."""

import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from lakelet.server.connections import Server
from lakelet.server.door import Door
from lakelet.server.endpoint import Endpoint
from lakelet.server.loading import load_for

if TYPE_CHECKING:
    from lakelet.lake import Lake

_BACKLOG = 2048
_ENDING = (signal.SIGINT, signal.SIGTERM)


def serve(lake: "Lake", version: str, ready: Callable[[str], None]) -> None:
    """Serves until SIGINT or SIGTERM; `ready` is told the address.

    Raises OSError when the address is taken.
    """
    with _listening(lake.settings.host, lake.settings.port) as listener:
        server = _server(listener, lake, version)
        with _signals_that_end(server):
            ready(_address(listener))
            server.run()


@contextmanager
def serving(lake: "Lake", version: str) -> Iterator[str]:
    """Serves in a thread while the block runs; the address."""
    with _listening(lake.settings.host, lake.settings.port) as listener:
        server = _server(listener, lake, version)
        thread = threading.Thread(target=server.run, name="lakelet server")
        thread.start()
        try:
            yield _address(listener)
        finally:
            server.stop()
            thread.join()


@contextmanager
def _signals_that_end(server: Server) -> Iterator[None]:
    before = {each: signal.signal(each, lambda *_: server.stop()) for each in _ENDING}
    # Python handles a signal in its main thread, which one that comes just before the selector
    # sleeps, or to another thread, would not wake.
    woken = signal.set_wakeup_fd(server.wakes, warn_on_full_buffer=False)
    try:
        yield
    finally:
        signal.set_wakeup_fd(woken)
        for each, handler in before.items():
            signal.signal(each, handler)


def _server(listener: socket.socket, lake: "Lake", version: str) -> Server:
    return Server(listener, Door(Endpoint(lake, load_for), version).handle)


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
