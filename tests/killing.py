"""Programs that are killed in the middle of their work."""

import os
import signal
import subprocess
import sys
from pathlib import Path


def killed(program: str, folder: Path, moment: int, statement: str) -> None:
    """Runs a program of Python's over a lake until it says that the moment has come."""
    process = subprocess.Popen(
        [sys.executable, "-c", program, folder, str(moment), statement], stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == b"now\n"
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()
