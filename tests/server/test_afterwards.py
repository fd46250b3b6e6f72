"""What begins once an answer is out."""

import socket
import threading
from contextlib import suppress

from lakelet import afterwards
from lakelet.server.protocol import Connection
from lakelet.wire.messages import Request, Response


def test_work_begins_at_once_or_at_the_end_of_its_block() -> None:
    done: list[int] = []
    afterwards.begin(lambda: done.append(1))
    with suppress(ConnectionError), afterwards.held():
        afterwards.begin(lambda: done.append(2))
        other = threading.Thread(target=afterwards.begin, args=(lambda: done.append(3),))
        other.start()
        other.join()
        assert done == [1, 3]
        raise ConnectionError
    assert done == [1, 3, 2]


def test_a_connection_s_work_begins_when_its_client_has_the_answer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        theirs = socket.create_connection(listener.getsockname())
        ours, _ = listener.accept()
    seen: list[bytes] = []

    def handle(request: Request) -> Response:
        afterwards.begin(lambda: seen.append(theirs.recv(1 << 12)))
        return Response(200, {}, b"answer")

    with ours, theirs:
        theirs.settimeout(10)
        theirs.sendall(b"GET / HTTP/1.1\r\nconnection: close\r\n\r\n")
        Connection(ours, handle, 1.0).serve()
    assert seen[0].endswith(b"answer")
