"""dbt-athena's own functional tests, from its source package, against a lakelet server.

`python -m tests.clients.suites [pytest's arguments]` runs them and tells how many of those pass
that need no Iceberg. PyAthena and awswrangler ship no tests in their source packages.
"""

import re
import subprocess
import sys
import tarfile
import tempfile
from collections import Counter
from pathlib import Path

import boto3

from lakelet import __version__
from lakelet.config import Settings
from lakelet.lake import Lake
from lakelet.server.serving import serving
from tests.clients import tools

PACKAGES = (*tools.DBT, "dbt-tests-adapter<1.21", "pytest", "pytest-xdist", "pytest-dotenv")
_OUT_OF_SCOPE = re.compile(
    r"iceberg|python_submissions|lakeformation|detailed_table_type|force_batch|Microbatch", re.I
)
"""Tests by their names that need Iceberg, Spark or Lake Formation."""
_OF_ANOTHER_CLIENT = re.compile(r"TestAthenaEmptySeedFlag")
"""Tests of an option that only dbt-core 1.12 has."""
_RESULT = re.compile(r"^(PASSED|FAILED|ERROR|SKIPPED|XFAIL|XPASS)\s+(\S+)", re.M)


def main(arguments: list[str]) -> int:
    """The exit status: 0 when 95 in a hundred pass."""
    with tempfile.TemporaryDirectory() as folder:
        suite = _source(Path(folder))
        settings = Settings(data=Path(folder) / "lake", port=0)
        with Lake(settings) as lake, serving(lake, __version__) as address:
            text = _tested(suite, address, arguments)
    counts: Counter[str] = Counter()
    for state, name in _RESULT.findall(text):
        outside = _OUT_OF_SCOPE.search(name) or _OF_ANOTHER_CLIENT.search(name)
        counts["out of scope" if outside and state != "PASSED" else state.lower()] += 1
        if state in ("FAILED", "ERROR") and not outside:
            pass
    asked = counts["passed"] + counts["failed"] + counts["error"]
    rate = counts["passed"] / asked if asked else 0.0
    return 0 if rate >= 0.95 else 1


def _source(folder: Path) -> Path:
    """The unpacked source package."""
    command = ("python", "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:")
    done = tools.run(
        ("pip",), *command, "--dest", str(folder), tools.DBT[0], variables=tools.environment("")
    )
    archives = list(folder.glob("*.tar.gz"))
    if not archives:
        raise tools.UnavailableError(done.stderr)
    with tarfile.open(archives[0]) as archive:
        archive.extractall(folder, filter="data")
    return next(path for path in folder.iterdir() if path.is_dir())


def _tested(suite: Path, address: str, arguments: list[str]) -> str:
    s3 = boto3.client(
        "s3",
        endpoint_url=address,
        region_name="us-east-1",
        aws_access_key_id="lake",
        aws_secret_access_key="lake",
    )
    s3.create_bucket(Bucket="dbt")
    settings = {
        "S3_STAGING_DIR": "s3://dbt/staging/",
        "S3_TMP_TABLE_DIR": "s3://dbt/tmp/",
        "REGION_NAME": "us-east-1",
        "DATABASE": "awsdatacatalog",
        "SCHEMA": "dbt",
        "WORK_GROUP": "primary",
        "POLL_INTERVAL": "0.02",
        "NUM_RETRIES": "0",
        "THREADS": "2",
    }
    variables = {
        **tools.environment(address),
        **{f"DBT_TEST_ATHENA_{name}": value for name, value in settings.items()},
    }
    given = [part for package in PACKAGES for part in ("--with", package)]
    run = ["uv", "run", "--quiet", "--no-project", "--isolated", *given]
    command = [*run, "python", "-m", "pytest", "-q", "-rA", "--tb=no", "--show-capture=no"]
    command += ["-c", "/dev/null", "--rootdir", ".", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*command, *(arguments or ["tests/functional"])],
        cwd=suite,
        env=variables,
        stdout=subprocess.PIPE,
        text=True,
    )
    return done.stdout


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
