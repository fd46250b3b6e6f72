"""The AWS CLI, unmodified, over a lake: version 1 as the Python registry has it, run apart, since
it holds botocore at a version of its own."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.slow
Aws = Callable[..., Any]


@pytest.fixture
def aws(lakelet_server: str, tmp_path: Any) -> Aws:
    """Runs the CLI; its answer. Tests skip, saying why, where it can't be had."""
    runner = shutil.which("uv")
    if runner is None:
        pytest.skip("no uv on the PATH to run the AWS CLI with")
    command = [runner, "tool", "run", "-q", "--from", "awscli<2", "aws"]
    environment = {
        **os.environ,
        "AWS_ACCESS_KEY_ID": "lake",
        "AWS_SECRET_ACCESS_KEY": "lake",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": lakelet_server,
        "AWS_CONFIG_FILE": str(tmp_path / "config"),
        "AWS_MAX_ATTEMPTS": "1",
    }

    def run(*words: str, fails: str = "") -> Any:
        done = subprocess.run(
            [*command, *words], env=environment, capture_output=True, text=True, check=False
        )
        if fails:
            assert fails in done.stderr
            return None
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout) if done.stdout.strip().startswith("{") else done.stdout

    version = subprocess.run([*command, "--version"], capture_output=True, text=True, check=False)
    if version.returncode:
        pytest.skip(f"the AWS CLI can't be had: {version.stderr.strip()[-300:]}")
    return run


def test_a_lake_is_used_from_the_command_line(aws: Aws, tmp_path: Any) -> None:
    (tmp_path / "a.csv").write_text("id,name\n1,ann\n2,bob\n")
    aws("s3", "mb", "s3://shop")
    aws("s3", "cp", str(tmp_path / "a.csv"), "s3://shop/sales/day=1/a.csv")
    aws("s3", "sync", f"{tmp_path}/", "s3://shop/sales/day=2/", "--exclude", "config")
    assert "a.csv" in aws("s3", "ls", "s3://shop/sales/day=2/")

    targets = json.dumps({"S3Targets": [{"Path": "s3://shop/sales/"}]})
    aws(
        *("glue", "create-crawler", "--name", "c", "--role", "r"),
        *("--database-name", "db", "--targets", targets),
    )
    aws("glue", "start-crawler", "--name", "c")
    while aws("glue", "get-crawler", "--name", "c")["Crawler"]["State"] != "READY":
        pass
    table = aws("glue", "get-table", "--database-name", "db", "--name", "sales")["Table"]
    assert table["PartitionKeys"] == [{"Name": "day", "Type": "string"}]
    found = aws(
        *("glue", "get-partitions", "--database-name", "db", "--table-name", "sales"),
        *("--expression", "day > '1'", "--page-size", "1"),
    )
    assert [each["Values"] for each in found["Partitions"]] == [["2"]]
    aws(
        *("glue", "get-table", "--database-name", "db", "--name", "none"),
        fails="(EntityNotFoundException) when calling the GetTable operation",
    )

    started = aws(
        *("athena", "start-query-execution", "--query-string", "SELECT count(*) FROM db.sales"),
        *("--result-configuration", "OutputLocation=s3://shop/results/"),
    )
    query = ("--query-execution-id", started["QueryExecutionId"])
    while True:
        status = aws("athena", "get-query-execution", *query)["QueryExecution"]["Status"]
        if status["State"] not in ("QUEUED", "RUNNING"):
            break
    assert status["State"] == "SUCCEEDED", status
    rows = aws("athena", "get-query-results", *query)["ResultSet"]["Rows"]
    assert rows[1]["Data"][0]["VarCharValue"] == "4"
    assert aws("sts", "get-caller-identity")["Account"] == "000000000000"
