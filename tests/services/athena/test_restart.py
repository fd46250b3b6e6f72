"""A server that is killed in the middle of queries: what has ended stays, what ran has failed."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError

from tests.minio.server import free_port
from tests.services.athena import running

pytestmark = pytest.mark.slow
ROWS = "FROM UNNEST(sequence(1, 10000)) a (x), UNNEST(sequence(1, 10000)) b (y)"
LONG = {
    "SELECT": f"SELECT max(sqrt(x) * y) {ROWS}, UNNEST(sequence(1, 1000)) c (z)",
    "result file": f"SELECT x, y {ROWS}",
    "CTAS": (
        "CREATE TABLE t WITH (format = 'ORC', external_location = 's3://results/t/') AS"
        f" SELECT x, y {ROWS}"
    ),
}


class Server:
    """A server of its own process over one folder, on one port."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.process = self._started()

    def _started(self) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "lakelet.cli", "up", "--data", str(self.folder)]
        return subprocess.Popen([*command, "--port", str(self.port)], stderr=subprocess.DEVNULL)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def restart(self) -> None:
        self.process = self._started()

    def client(self, service: str) -> Any:
        """A client, once the server answers."""
        made = boto3.client(
            service,
            endpoint_url=f"http://127.0.0.1:{self.port}",
            region_name="us-east-1",
            aws_access_key_id="lake",
            aws_secret_access_key="lake",
            config=Config(retries={"total_max_attempts": 1}, read_timeout=60),
        )
        ask = made.list_buckets if service == "s3" else made.list_work_groups
        ends = time.monotonic() + 60
        while True:
            try:
                ask()
            except BotoCoreError:
                if time.monotonic() > ends:
                    raise
                time.sleep(0.1)
            else:
                return made


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    made = Server(tmp_path / "lake")
    yield made
    made.process.terminate()
    made.process.wait(timeout=30)


def test_what_ran_has_failed_and_what_ended_stays(server: Server) -> None:
    athena, s3 = server.client("athena"), server.client("s3")
    s3.create_bucket(Bucket="results")
    done = running.succeeded(athena, "SELECT 40 + 2 AS x")["QueryExecutionId"]
    token = running.token()
    started = {
        kind: running.start(
            athena, text, **({"ClientRequestToken": token} if kind == "CTAS" else {})
        )
        for kind, text in LONG.items()
    }
    ends = time.monotonic() + 60
    states: set[str] = set()
    while states != {"RUNNING"}:
        assert time.monotonic() < ends, states
        found = athena.batch_get_query_execution(QueryExecutionIds=[*started.values()])
        states = {each["Status"]["State"] for each in found["QueryExecutions"]}
    time.sleep(1)
    server.kill()
    server.restart()
    athena, s3 = server.client("athena"), server.client("s3")

    assert running.rows(athena, done) == [["x"], ["42"]]
    for kind, identifier in started.items():
        query = athena.get_query_execution(QueryExecutionId=identifier)["QueryExecution"]
        status = query["Status"]
        assert status["State"] == "FAILED", kind
        assert status["StateChangeReason"] == "The lake was restarted while the query was running."
        assert status["AthenaError"]["Retryable"] is True
        assert status["CompletionDateTime"] >= status["SubmissionDateTime"]
    assert running.start(athena, LONG["CTAS"], ClientRequestToken=token) == started["CTAS"]

    keys = [each["Key"] for each in s3.list_objects_v2(Bucket="results")["Contents"]]
    assert keys == [f"out/{done}.csv", f"out/{done}.csv.metadata"]
    listed = running.succeeded(athena, "SHOW TABLES IN default")["QueryExecutionId"]
    assert running.rows(athena, listed) == []
    scratch = server.folder / "scratch"
    assert len([*scratch.iterdir()]) == 1, "that of the process which was killed is swept away"
    small = LONG["CTAS"].replace("10000", "10")
    running.succeeded(athena, small)
