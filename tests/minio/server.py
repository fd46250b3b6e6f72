"""A real MinIO: found on the PATH or in Go's folder, else built from its module."""

import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

MODULE = "github.com/minio/minio@v0.0.0-20260212201848-7aac2a2c5b7c"
ACCESS_KEY, SECRET_KEY = "minio-root", "minio-secret"
_BUILD_SECONDS = 900
_READY_SECONDS = 30


class Unavailable(Exception):  # noqa: N818 - what is so, not what broke
    """No MinIO can be had here; the text says why."""


@dataclass(frozen=True)
class Minio:
    endpoint: str
    access_key: str = ACCESS_KEY
    secret_key: str = SECRET_KEY


def binary() -> str:
    """The path of MinIO's binary. Raises `Unavailable`."""
    go_folder = Path(os.environ.get("GOPATH") or Path.home() / "go") / "bin"
    for folder in (os.environ.get("GOBIN"), None, str(go_folder)):
        found = shutil.which("minio", path=folder)
        if found:
            return found
    go = shutil.which("go")
    if go is None:
        raise Unavailable("no minio on the PATH and no Go to build it with")
    built = subprocess.run(
        [go, "install", MODULE], capture_output=True, text=True, timeout=_BUILD_SECONDS, check=False
    )
    found = shutil.which("minio", path=os.environ.get("GOBIN") or str(go_folder))
    if found is None:
        raise Unavailable(f"go install {MODULE} failed: {built.stderr.strip()[-500:]}")
    return found


@contextmanager
def running(data: Path) -> Iterator[Minio]:
    """A server over a folder, on a free port of the loopback."""
    port = free_port()
    process = subprocess.Popen(
        [binary(), "server", str(data), "--address", f"127.0.0.1:{port}", "--quiet"],
        env={
            **os.environ,
            "MINIO_ROOT_USER": ACCESS_KEY,
            "MINIO_ROOT_PASSWORD": SECRET_KEY,
            "MINIO_BROWSER": "off",
            "MINIO_DOMAIN": "localhost",  # buckets in hosts' names
            "MINIO_UPDATE": "off",
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait(f"http://127.0.0.1:{port}", process)
        yield Minio(f"http://127.0.0.1:{port}")
    finally:
        process.terminate()
        process.wait(timeout=30)


def free_port() -> int:
    """A port of the loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _wait(endpoint: str, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{endpoint}/minio/health/cluster", timeout=2):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    raise Unavailable(f"minio did not become ready at {endpoint}")
