"""dbt-athena's own functional tests, from its source package, against a lakelet server.

`python -m tests.clients.suites [pytest's arguments]` runs them and prints what became of each that
did not pass, and how many of those pass that need nothing out of scope. PyAthena and awswrangler
ship no tests in their source packages; `tests/athena` holds what their documentation tells.
"""

import re
import subprocess
import sys
import tarfile
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from xml.etree import ElementTree

import boto3
from rich.console import Console
from rich.table import Table

from lakelet import __version__
from lakelet.config import Settings
from lakelet.lake import Lake
from lakelet.server.serving import serving
from tests.clients import tools

PACKAGES: Final = (
    *tools.DBT,
    "dbt-tests-adapter<1.21",
    "pytest",
    "pytest-xdist",
    "pytest-dotenv",
    "pytest-timeout",
)
ASKED: Final = 0.95
_SECONDS_A_TEST: Final = 600

OUT_OF_SCOPE: Final[Mapping[str, str]] = {
    "python_submissions": "Athena for Apache Spark",
    "catalog_integrations": "Iceberg tables of S3 Tables and of Glue's Iceberg catalogs",
    "TestAthenaEmptySeedFlag": "an option that only dbt-core 1.12 has",
}
"""Why tests whose names hold a pattern are not asked for."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a test: `passed`, `failed` or `skipped`, after how many seconds and, in a
    line, why."""

    name: str
    state: str
    seconds: float
    why: str

    @property
    def excuse(self) -> str | None:
        """Why it is not asked for; None for a test that is."""
        if self.state == "skipped":
            return self.why
        found = (why for pattern, why in OUT_OF_SCOPE.items() if re.search(pattern, self.name))
        return next(found, None)


def main(arguments: Sequence[str]) -> int:
    """The exit status: 0 when as many pass as are asked for."""
    found = outcomes(arguments)
    console = Console(width=150)
    console.print(table(found))
    asked, passed = counted(found)
    console.print(f"{passed} of {asked} in scope passed, {len(found) - asked} are out of scope")
    return 0 if asked and passed / asked >= ASKED else 1


def outcomes(arguments: Sequence[str] = ()) -> list[Outcome]:
    """What became of each test, or of those that pytest's arguments choose.

    Raises UnavailableError when the packages can't be had.
    """
    with tempfile.TemporaryDirectory() as folder:
        suite = _source(Path(folder))
        report = Path(folder) / "report.xml"
        settings = Settings(data=Path(folder) / "lake", port=0)
        with Lake(settings) as lake, serving(lake, __version__) as address:
            _run(suite, address, report, arguments)
        return list(read(report))


def read(report: Path) -> Iterator[Outcome]:
    """The outcomes that a JUnit report tells of."""
    for case in ElementTree.parse(report).iter("testcase"):
        name = f"{case.get('classname')}::{case.get('name')}"
        told = next((case.find(kind) for kind in _STATES if case.find(kind) is not None), None)
        state = "passed" if told is None else _STATES[told.tag]
        why = "" if told is None else (told.get("message") or told.text or "").strip()
        yield Outcome(name, state, float(case.get("time", 0)), " ".join(why.split()))


_STATES: Final[Mapping[str, str]] = {"failure": "failed", "error": "failed", "skipped": "skipped"}


def counted(found: Sequence[Outcome]) -> tuple[int, int]:
    """How many are in scope, and how many of those passed; one that passes is in scope."""
    asked = [each for each in found if each.state == "passed" or each.excuse is None]
    return len(asked), sum(each.state == "passed" for each in asked)


def table(found: Sequence[Outcome]) -> Table:
    """Each test that did not pass and why, then how many there are of a kind."""
    drawn = Table("test", "state", "s", "why")
    kinds: Counter[str] = Counter()
    for each in found:
        excuse = each.excuse
        outside = each.state != "passed" and excuse is not None
        kinds[f"out of scope: {excuse}" if outside else each.state] += 1
        if each.state != "passed" and not outside:
            drawn.add_row(each.name, each.state, f"{each.seconds:.0f}", each.why[:300])
    drawn.add_section()
    for kind, count in kinds.most_common():
        drawn.add_row(kind, str(count), "", "")
    return drawn


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


def _run(suite: Path, address: str, report: Path, arguments: Sequence[str]) -> None:
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
    command = [*run, "python", "-m", "pytest", "-v", "-n", "2", "--tb=no", "--show-capture=no"]
    command += ["-c", "/dev/null", "--rootdir", ".", "-p", "no:cacheprovider"]
    command += ["--timeout", str(_SECONDS_A_TEST), "--junitxml", str(report)]
    subprocess.run([*command, *(arguments or ["tests/functional"])], cwd=suite, env=variables)
    if not report.exists():
        raise tools.UnavailableError("dbt-athena's tests did not run")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
