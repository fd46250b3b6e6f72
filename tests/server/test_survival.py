"""A server that is killed under load loses no update that it has answered."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from tests.minio.server import free_port

pytestmark = pytest.mark.slow
WRITERS = READERS = 16
EACH = 12


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Any]:
    """Starts servers over one folder on one port; the last one ends with the test."""
    port = free_port()
    running: list[subprocess.Popen[bytes]] = []

    def start() -> tuple[str, subprocess.Popen[bytes]]:
        command = [sys.executable, "-m", "lakelet.cli", "up", "--data", str(tmp_path / "lake")]
        process = subprocess.Popen([*command, "--port", str(port)], stderr=subprocess.DEVNULL)
        running.append(process)
        return f"http://127.0.0.1:{port}", process

    yield start
    for process in running:
        process.terminate()
        process.wait(timeout=30)


def client(address: str) -> Any:
    return boto3.client(
        "glue",
        endpoint_url=address,
        region_name="us-east-1",
        aws_access_key_id="lake",
        aws_secret_access_key="lake",
        config=Config(retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=60),
    )


def ready(address: str) -> Any:
    found = client(address)
    deadline = time.monotonic() + 60
    while True:
        try:
            found.get_databases()
        except BotoCoreError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return found


class Load:
    """Writers that each add to one counter under optimistic locking, and readers of partitions."""

    def __init__(self, address: str) -> None:
        self._address = address
        self.answered: list[int] = []
        self.unanswered = 0
        self.refusals: list[str] = []
        self._lock = threading.Lock()

    def write(self) -> None:
        glue = client(self._address)
        done = 0
        while done < EACH:
            try:
                done += self._add(glue)
            except ClientError as error:
                if error.response["Error"]["Code"] != "ConcurrentModificationException":
                    self.refusals.append(str(error))
                    return
            except BotoCoreError:  # the server is gone; the next one is coming
                time.sleep(0.05)

    def _add(self, glue: Any) -> int:
        table = glue.get_table(DatabaseName="default", Name="t")["Table"]
        raised = int(table["Parameters"]["n"]) + 1
        given = {"Name": "t", "Parameters": {"n": str(raised)}}
        try:
            glue.update_table(
                DatabaseName="default",
                TableInput=given,
                VersionId=table["VersionId"],
                SkipArchive=True,
            )
        except BotoCoreError:
            with self._lock:
                self.unanswered += 1
            raise
        with self._lock:
            self.answered.append(raised)
        return 1

    def read(self) -> None:
        glue = client(self._address)
        for _ in range(EACH):
            try:
                found = glue.get_partitions(
                    DatabaseName="default", TableName="p", Expression="a >= 10 AND a < 20"
                )
                if len(found["Partitions"]) != 10:
                    self.refusals.append(f"{len(found['Partitions'])} partitions")
            except ClientError as error:
                self.refusals.append(str(error))
            except BotoCoreError:
                time.sleep(0.05)


def test_no_answered_update_is_lost_when_the_server_is_killed(server: Any) -> None:
    address, first = server()
    glue = ready(address)
    keys = [{"Name": "a", "Type": "int"}]
    glue.create_table(DatabaseName="default", TableInput={"Name": "t", "Parameters": {"n": "0"}})
    glue.create_table(DatabaseName="default", TableInput={"Name": "p", "PartitionKeys": keys})
    glue.batch_create_partition(
        DatabaseName="default",
        TableName="p",
        PartitionInputList=[{"Values": [str(n)]} for n in range(100)],
    )
    load = Load(address)
    works = [load.write] * WRITERS + [load.read] * READERS
    threads = [threading.Thread(target=work) for work in works]
    for thread in threads:
        thread.start()
    while len(load.answered) < WRITERS * EACH // 3:
        time.sleep(0.01)
    first.kill()
    first.wait()
    server()
    for thread in threads:
        thread.join(timeout=300)
    assert load.refusals == []
    assert len(set(load.answered)) == len(load.answered), "two writers were told the same number"
    table = ready(address).get_table(DatabaseName="default", Name="t")["Table"]
    count = int(table["Parameters"]["n"])
    assert table["VersionId"] == str(count)
    assert len(load.answered) == WRITERS * EACH
    # Of those that were not answered each may have been kept or not.
    assert len(load.answered) <= count <= len(load.answered) + load.unanswered
