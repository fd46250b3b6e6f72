"""A real Trino whose Hive and Iceberg connectors have a lake as their Glue and their S3.

They are configured as docker/compose.yaml does.
"""

import json
import os
import shutil
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.minio.server import free_port
from tests.trino.java import java
from tests.trino.tarball import Unavailable, server

JAVA = 24
"""The least version that Trino runs on."""

CATALOGS = Path(__file__).parents[2] / "docker/trino/catalog"
"""The catalogues of the cluster that docker/compose.yaml starts over a lake."""

WAREHOUSE = "warehouse"
"""The bucket of what is made without a location."""

_READY_SECONDS = 180
_SOON = ("-Xmx1500M", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
"""For a server that is there soon and small, rather than fast."""

OPTIONS = (
    "-Djdk.attach.allowAttachSelf=true",
    "--sun-misc-unsafe-memory-access=allow",
    "--enable-native-access=ALL-UNNAMED",
    "--add-opens=java.base/java.nio=ALL-UNNAMED",
    "--add-modules=jdk.incubator.vector",
)


class Failed(Exception):  # noqa: N818 - Trino's word
    """Trino failed a statement; `name` is its error's name."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(f"{name}: {message}")
        self.name = name


@dataclass(frozen=True)
class Trino:
    """A running server; `lake` is the address of the lake behind it, `process` its number."""

    address: str
    lake: str
    process: int

    @contextmanager
    def resting(self) -> Iterator[None]:
        """Nothing of it runs meanwhile: a server compiles and collects long after its answers."""
        os.kill(self.process, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self.process, signal.SIGCONT)

    def run(
        self, sql: str, catalog: str = "awsdatacatalog", schema: str = "default"
    ) -> list[list[Any]]:
        """A statement's rows as Trino's protocol has them. Raises `Failed`."""
        headers = {
            "X-Trino-User": "lakelet",
            "X-Trino-Catalog": catalog,
            "X-Trino-Schema": schema,
            "X-Trino-Time-Zone": "UTC",
        }
        request = urllib.request.Request(f"{self.address}/v1/statement", sql.encode(), headers)
        rows: list[list[Any]] = []
        while True:
            page = _page(request)
            rows += page.get("data") or []
            if "error" in page:
                raise Failed(page["error"]["errorName"], page["error"]["message"])
            if "nextUri" not in page:
                return rows
            request = urllib.request.Request(page["nextUri"], headers=headers)


@contextmanager
def running(
    lake: str,
    folder: Path,
    catalogs: Mapping[str, Mapping[str, str]] | None = None,
    options: Sequence[str] = (*OPTIONS, *_SOON),
) -> Iterator[Trino]:
    """A server over the lake at an address, with its state in a folder. Raises `Unavailable`.

    `catalogs` are others than the lake's, each with its properties; `options` are Java's.
    """
    program = java(JAVA)
    if program is None:
        raise Unavailable(f"no Java {JAVA} or newer: set JAVA_HOME to one")
    home, port = server(), free_port()
    address = f"http://127.0.0.1:{port}"
    _configure(folder, home, address, catalogs)
    properties = [f"-D{name}={value}" for name, value in _properties(folder).items()]
    with (folder / "trino.log").open("wb") as log:
        process = subprocess.Popen(
            [program, "-cp", f"{home}/lib/*", *options, *properties, "io.trino.server.TrinoServer"],
            cwd=folder,
            env={**_environment(), "LAKELET": lake},
            stdout=log,
            stderr=log,
        )
    try:
        trino = Trino(address, lake, process.pid)
        _wait(trino, process, folder / "trino.log")
        yield trino
    finally:
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name != "JAVA_HOME"}


def _properties(folder: Path) -> dict[str, str]:
    return {
        "node.environment": "test",
        "node.id": "test",
        "node.data-dir": f"{folder}/data",
        "log.levels-file": f"{folder}/etc/log.properties",
        "config": f"{folder}/etc/config.properties",
    }


def _configure(
    folder: Path, home: Path, address: str, catalogs: Mapping[str, Mapping[str, str]] | None
) -> None:
    etc = folder / "etc"
    (etc / "catalog").mkdir(parents=True)
    _write(
        etc / "config.properties",
        {
            "coordinator": "true",
            "node-scheduler.include-coordinator": "true",
            "http-server.http.port": address.rpartition(":")[2],
            "node.internal-address": "127.0.0.1",
            "discovery.uri": address,
            "plugin.dir": f"{home}/plugin",
            "catalog.config-dir": f"{etc}/catalog",
        },
    )
    _write(etc / "log.properties", {"io.trino": "WARN", "io.airlift": "WARN"})
    if catalogs is None:
        for file in CATALOGS.iterdir():
            shutil.copy(file, etc / "catalog")
    for name, properties in {"tpch": {"connector.name": "tpch"}, **(catalogs or {})}.items():
        _write(etc / "catalog" / f"{name}.properties", properties)


def _write(path: Path, properties: Mapping[str, str]) -> None:
    path.write_text("".join(f"{name}={value}\n" for name, value in properties.items()))


def _wait(trino: Trino, process: "subprocess.Popen[bytes]", log: Path) -> None:
    """Until a query runs: the server answers before its only node has joined."""
    deadline = time.monotonic() + _READY_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if trino.run("SELECT count(*) FROM tpch.tiny.region") == [[5]]:
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError, Failed):
            time.sleep(0.2)
    raise Unavailable(f"Trino did not become ready: {log.read_text('utf-8', 'replace')[-800:]}")


def _page(request: urllib.request.Request) -> dict[str, Any]:
    with urllib.request.urlopen(request, timeout=60) as answer:
        page: dict[str, Any] = json.load(answer)
    return page
