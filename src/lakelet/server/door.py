"""What is answered before any service: a stranger's web page, and who this is."""

from typing import Final
from urllib.parse import urlsplit

import orjson

from lakelet.server.endpoint import Endpoint
from lakelet.services import SERVICES
from lakelet.wire.messages import Request, Response

_LOCAL: Final = {"127.0.0.1", "localhost", "[::1]", "::1"}


class Door:
    """Stands before an endpoint."""

    def __init__(self, endpoint: Endpoint, version: str) -> None:
        self._endpoint = endpoint
        self._about = orjson.dumps(
            {"name": "lakelet", "version": version, "services": sorted(SERVICES)}
        )

    def handle(self, request: Request) -> Response:
        """The response to a request. Raises ConnectionError when the client is gone."""
        origin = request.headers.get("origin")
        if origin and _host(origin) not in _LOCAL:
            return Response(403, {"content-type": "text/plain"}, b"This origin is not allowed.\n")
        if request.path == "/" and _asks_who(request):
            body = self._about if request.method == "GET" else b""
            headers = {
                "content-type": "application/json",
                "content-length": str(len(self._about)),
            }
            return Response(200, headers, body)
        return self._endpoint.handle(request)


def _host(origin: str) -> str | None:
    try:
        return urlsplit(origin).hostname
    except ValueError:  # brackets around what is no address
        return None


def _asks_who(request: Request) -> bool:
    unsigned = "authorization" not in request.headers and not request.query
    return unsigned and request.method in ("GET", "HEAD")
