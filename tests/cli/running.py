"""The command line in a process of its own."""

import subprocess
import sys

LAKELET = [sys.executable, "-m", "lakelet.cli"]


def run(*arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*LAKELET, *arguments], capture_output=True, text=True, input=stdin, check=False
    )
