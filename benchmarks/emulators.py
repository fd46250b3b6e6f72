"""Other emulators of AWS from PyPI, each in a virtual environment of its own that uv makes once."""

import os
import shutil
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Final

from tests.minio.server import free_port

_READY_SECONDS: Final = 90
_INSTALL_SECONDS: Final = 600


class Unavailable(Exception):  # noqa: N818 - what is so, not what broke
    """It can't be had here; the text says why, and how to get it."""


@dataclass(frozen=True, slots=True)
class Emulator:
    """A distribution with its extras, what else its environment needs, and how it is started.

    `{port}` and `{folder}` in the command and the environment stand for a free port and a folder
    for its files.
    """

    name: str
    version: str
    extra: str
    besides: Sequence[str]
    command: Sequence[str]
    environment: Mapping[str, str]

    @property
    def title(self) -> str:
        return f"{self.name} {self.version}"


MINISTACK: Final = Emulator(
    "ministack",
    "1.5.33",
    "full",
    # Its Athena is DuckDB too: the same one as here.
    (f"duckdb=={version('duckdb')}",),
    ("ministack",),
    {
        "GATEWAY_PORT": "{port}",
        "BIND_HOST": "127.0.0.1",
        "MINISTACK_HOST": "127.0.0.1",
        "IOT_MTLS_ENABLED": "0",
        "LOG_LEVEL": "ERROR",
        "TMPDIR": "{folder}",
    },
)
MOTO: Final = Emulator(
    "moto", "5.2.5", "server", (), ("moto_server", "-H", "127.0.0.1", "-p", "{port}"), {}
)


@contextmanager
def running(emulator: Emulator) -> Iterator[str]:
    """The address of a server of its own. Raises `Unavailable`."""
    programs = _installed(emulator)
    with tempfile.TemporaryDirectory(prefix=f"{emulator.name}-") as folder:
        port = str(free_port())
        first, *rest = (each.format(port=port) for each in emulator.command)
        environment = {
            name: value.format(port=port, folder=folder)
            for name, value in emulator.environment.items()
        }
        with subprocess.Popen(
            [programs / first, *rest],
            env={**os.environ, **environment},
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as server:
            try:
                address = f"http://127.0.0.1:{port}"
                _wait(address, server, emulator)
                yield address
            finally:
                server.terminate()


def _installed(emulator: Emulator) -> Path:
    """The folder of its programs."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "lakelet"
    place = cache / f"{emulator.name}-{emulator.version}-{version('duckdb')}"
    if not place.exists():
        _install(emulator, place)
    return place / "bin"


def _install(emulator: Emulator, place: Path) -> None:
    uv = shutil.which("uv")
    wanted = f"{emulator.name}[{emulator.extra}]=={emulator.version}"
    if uv is None:
        raise Unavailable(f"{emulator.title} needs uv: pip install uv")
    place.parent.mkdir(parents=True, exist_ok=True)
    python = str(place / "bin" / "python")
    # The programs hold the environment's path, so it is made where it will stay.
    for command in (
        [uv, "venv", "--quiet", str(place)],
        [uv, "pip", "install", "--quiet", "--python", python, wanted, *emulator.besides],
    ):
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=_INSTALL_SECONDS, check=False
        )
        if done.returncode:
            shutil.rmtree(place, ignore_errors=True)
            said = " ".join(done.stderr.split())[-200:]
            raise Unavailable(f"uv pip install '{wanted}' failed: {said}")


def _wait(address: str, server: "subprocess.Popen[bytes]", emulator: Emulator) -> None:
    end = time.monotonic() + _READY_SECONDS
    while time.monotonic() < end and server.poll() is None:
        try:
            urllib.request.urlopen(address, timeout=5).read()
            return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.05)
    raise Unavailable(f"{emulator.title} did not answer within {_READY_SECONDS} s")
