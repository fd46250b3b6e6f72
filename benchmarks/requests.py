"""Simple API requests a second over kept-alive connections, beside those that meet no wire."""

import asyncio
import subprocess
import sys
from time import perf_counter
from urllib.parse import urlsplit

from benchmarks.report import Measurement

_SERVER = """\
from lakelet.config import Settings
from lakelet.lake import Lake
from lakelet.server.serving import serve
with Lake(Settings(port=0)) as lake:
    serve(lake, "0", lambda address: print(address, flush=True))
"""
_BODY = b"Action=GetCallerIdentity&Version=2011-06-15"
_SIGNED = (
    b"POST / HTTP/1.1\r\nHost: localhost\r\n"
    b"Authorization: AWS4-HMAC-SHA256 Credential=id/20260101/us-east-1/sts/aws4_request, "
    b"SignedHeaders=host, Signature=0\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    b"Content-Length: %d\r\n\r\n%s" % (len(_BODY), _BODY)
)
_ROOT = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
_CONNECTIONS, _SECONDS = 16, 3.0


def measure() -> list[Measurement]:
    """STS GetCallerIdentity through the whole wire, and `GET /`, which is answered at the door."""
    command = [sys.executable, "-c", _SERVER]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            where = urlsplit(server.stdout.readline().strip())
            floor, rate = (
                asyncio.run(_rate(str(where.hostname), where.port or 0, request))
                for request in (_ROOT, _SIGNED)
            )
        finally:
            server.terminate()
    return [
        Measurement(
            "GetCallerIdentity", rate, "requests/s", floor, "GET /", "≥ 2,500/s", rate >= 2500
        )
    ]


async def _rate(host: str, port: int, request: bytes) -> float:
    end = perf_counter() + _SECONDS
    counts = await asyncio.gather(
        *(_exchanges(host, port, request, end) for _ in range(_CONNECTIONS))
    )
    return sum(counts) / _SECONDS


async def _exchanges(host: str, port: int, request: bytes, end: float) -> int:
    reader, writer = await asyncio.open_connection(host, port)
    count = 0
    while perf_counter() < end:
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        assert head.startswith(b"http/1.1 200"), head
        length = int(head.split(b"content-length: ")[1].split(b"\r")[0])
        await reader.readexactly(length)
        count += 1
    writer.close()
    return count
