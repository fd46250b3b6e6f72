"""HTTP by httptools, with the bound on a request's head that it does not have."""

from typing import Final

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MAX_HEAD: Final = 1 << 16
"""Bytes of a request line and headers."""


class Protocol(HttpToolsProtocol):
    """Answers 400 to a request whose head is too long, as soon as that is known."""

    _head = 0
    _fields = 0
    _in_head = True

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._in_head:
            self._head += len(data)
            if self._head > MAX_HEAD and not self.transport.is_closing():
                self.send_400_response("The request's headers are too long.")

    def on_message_begin(self) -> None:
        self._in_head, self._head, self._fields = True, 0, 0
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        super().on_header(name, value)
        self._fields += len(name) + len(value)
        if self._fields > MAX_HEAD:
            raise httptools.HttpParserError("The request's headers are too long")

    def on_headers_complete(self) -> None:
        self._in_head = False
        super().on_headers_complete()
