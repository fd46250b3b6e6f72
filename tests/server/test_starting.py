"""What a server imports before its first answer: nothing that only a query needs."""

import subprocess
import sys

NEEDED_BY_QUERIES = (
    "duckdb",
    "pyarrow",
    "sqlglot",
    "lakelet.engines.duckdb",
    "lakelet.sql.functions",
)


def test_a_server_starts_without_the_engine() -> None:
    program = (
        "import sys, lakelet.cli, lakelet.lake, lakelet.server.serving\n"
        f"print([name for name in {NEEDED_BY_QUERIES!r} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_a_server_of_queries_imports_what_they_run_with() -> None:
    """Behind its first answer, and nothing for one of objects and of a catalogue."""
    program = """\
import sys, time, urllib.request
from lakelet.config import Settings
from lakelet.lake import Lake
from lakelet.server.serving import serving

def ask(address, target=None):
    headers = {"x-amz-target": target, "content-type": "application/x-amz-json-1.1"}
    request = urllib.request.Request(address, b"{}", headers) if target else address
    urllib.request.urlopen(request, timeout=60).read()

def loaded():
    return {"duckdb", "pyarrow.dataset", "lakelet.sql.functions"} <= sys.modules.keys()

with Lake(Settings(data=None, port=0)) as lake, serving(lake, "0") as address:
    ask(address)
    ask(address, "AWSGlue.GetDatabases")
    time.sleep(0.1)
    print("pyarrow" in sys.modules)
    ask(address, "AmazonAthena.ListWorkGroups")
    end = time.monotonic() + 60
    while not loaded() and time.monotonic() < end:
        time.sleep(0.01)
    print(loaded())
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["False", "True"]
