"""AWS's SDKs of other languages: one program in each, told of a lake by the environment alone."""

import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.clients import tools
from tests.trino.java import java

pytestmark = pytest.mark.slow

PROGRAMS = Path(__file__).parent / "programs"
SALES = "item,day,price\nänd,2026-01-02,1.5\nbook,2026-01-03,2\n"
TOLD = {
    "size": 6 * 1024 * 1024,
    "keys": ["big", "sales/a b+ü.csv"],
    "presigned": SALES,
    "refused": "NoSuchKey",
    "crawl": "SUCCEEDED",
    "columns": ["item string", "day string", "price double"],
    "state": "SUCCEEDED",
    "scanned": len(SALES.encode()),
    "rows": [["item", "day", "twice"], ["book", "2026-01-03", "4.0"], ["änd", "2026-01-02", "3.0"]],
    "file": '"item","day","twice"\n"book","2026-01-03","4.0"\n"änd","2026-01-02","3.0"\n',
    "unknown": "InvalidRequestException",
}
"""What each program tells, as one JSON object."""


@dataclass(frozen=True, slots=True)
class Language:
    """How a language's registry is asked for the SDK (`fetch`), and the program is run."""

    folder: str
    fetch: tuple[str, ...]
    run: tuple[str, ...]


JAVASCRIPT = Language(
    "javascript",
    ("npm", "install", "--no-audit", "--no-fund", "--no-package-lock", "--silent"),
    ("node", "lake.js"),
)
GO = Language("go", ("go", "mod", "tidy"), ("go", "run", "."))
JAVA = Language(
    "java",
    ("mvn", "-q", "dependency:copy-dependencies", "-DoutputDirectory=lib"),
    ("java", "-Dfile.encoding=UTF-8", "-XX:TieredStopAtLevel=1", "-cp", "lib/*", "Lake.java"),
)
JAVA_VERSION = 17


@pytest.mark.parametrize("language", [JAVASCRIPT, GO, JAVA], ids=lambda each: each.folder)
def test_a_program_of_another_language_puts_crawls_and_asks(
    language: Language, lakelet_server: str, tmp_path: Path
) -> None:
    folder = tmp_path / "program"
    shutil.copytree(PROGRAMS / language.folder, folder)
    fetched = _run(language.fetch, folder)
    if fetched.returncode:
        pytest.skip(f"no SDK from the registry: {fetched.stdout}{fetched.stderr}")
    done = _run(language.run, folder, tools.environment(lakelet_server))
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == TOLD


def _run(
    command: Sequence[str], folder: Path, variables: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """A command run to its end; skips the test where the machine lacks its program."""
    program = java(JAVA_VERSION) if command[0] == "java" else shutil.which(command[0])
    if program is None:
        pytest.skip(f"no {command[0]} here")
    return subprocess.run(
        [str(program), *command[1:]],
        cwd=folder,
        env=variables,
        capture_output=True,
        text=True,
        timeout=600,
    )
