"""All of boto3 in this process talks to a lake, with no socket between.

Every botocore session is covered, whoever made it, in every thread: boto3, awswrangler, PyAthena.
Clients that bring their own HTTP (aiobotocore and with it s3fs, pyarrow's S3FileSystem, DuckDB's
httpfs) need the server.
"""

import io
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.httpsession import URLLib3Session

from lakelet.config import Settings
from lakelet.lake import Lake
from lakelet.server.endpoint import Endpoint
from lakelet.wire.messages import NoBody, Reader, Request, Response

_REGION = "us-east-1"
ENVIRONMENT: Mapping[str, str] = {
    "AWS_ACCESS_KEY_ID": "lakelet",
    "AWS_SECRET_ACCESS_KEY": "lakelet",
    "AWS_DEFAULT_REGION": _REGION,
    "AWS_EC2_METADATA_DISABLED": "true",
}
"""What a client needs to start at all; set where the environment has none of its own."""


@contextmanager
def patch(data: str | Path | None = None, **settings: Any) -> Iterator[Lake]:
    """A lake for all AWS clients of this process while the block runs, or the function decorated.

    `data` is the lake's folder, None for a temporary lake; `settings` are further fields of
    `Settings`. Raises LakeError when the folder can't be a lake.
    """
    with Lake(Settings(data=Path(data) if data else None, **settings)) as lake, patched(lake):
        yield lake


@contextmanager
def patched(lake: Lake) -> Iterator[None]:
    """The same over a lake that is open."""
    endpoint = Endpoint(lake)
    # botocore reads AWS_DEFAULT_REGION alone, other SDKs AWS_REGION.
    wanted = {**ENVIRONMENT, "AWS_DEFAULT_REGION": os.environ.get("AWS_REGION", _REGION)}
    missing = {name: text for name, text in wanted.items() if name not in os.environ}
    send = URLLib3Session.send
    os.environ.update(missing)
    URLLib3Session.send = lambda session, request: _exchange(endpoint, request)
    try:
        yield
    finally:
        URLLib3Session.send = send
        for name in missing:
            os.environ.pop(name, None)


def _exchange(endpoint: Any, prepared: Any) -> Any:
    """Botocore's request answered as its HTTP session would."""
    url = urlsplit(prepared.url)
    headers = {name.lower(): _text(value) for name, value in prepared.headers.items()}
    headers.setdefault("host", url.netloc)
    request = Request(prepared.method, url.path or "/", url.query, headers, _body(prepared.body))
    response = endpoint.handle(request)
    answered = HTTPHeaders.from_dict(dict(response.headers))
    body = _Raw(response)
    if not prepared.stream_output:
        body = _Raw(Response(body=body.read()))
    return AWSResponse(prepared.url, response.status, answered, body)


def _text(value: Any) -> str:
    return value.decode("utf-8") if isinstance(value, bytes) else str(value)


def _body(body: Any) -> Reader:
    if body is None:
        return NoBody()
    if isinstance(body, str):
        body = body.encode()
    if isinstance(body, bytes | bytearray):
        return io.BytesIO(body)
    return body if hasattr(body, "read") else io.BytesIO(b"".join(body))


class _Raw(io.RawIOBase):
    """A response's body as urllib3 gives it."""

    def __init__(self, response: Response) -> None:
        self._blocks: Iterator[bytes] = iter(
            (response.body,) if isinstance(response.body, bytes) else response.body
        )
        self._source = response.body
        self._left = b""

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: Any, /) -> int:
        """Fills the buffer from the next blocks."""
        while not self._left:
            block = next(self._blocks, None)
            if block is None:
                return 0
            self._left = bytes(block)
        count = min(len(buffer), len(self._left))
        buffer[:count] = self._left[:count]
        self._left = self._left[count:]
        return count

    def read(self, amount: int | None = -1, /) -> bytes:
        """At most so many bytes, all that is left for None."""
        return super().read(-1 if amount is None else amount) or b""

    def stream(self, amount: int = 1 << 16, decode_content: bool = False) -> Iterable[bytes]:
        """The body in blocks."""
        while block := self.read(amount):
            yield block

    def release_conn(self) -> None:
        """There is no connection."""

    def close(self) -> None:
        """Closes what the blocks come from."""
        if not self.closed:
            close = getattr(self._source, "close", None)
            if close is not None:
                close()
        super().close()
