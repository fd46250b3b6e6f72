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
