"""`lakelet sql` on a terminal: a bar while a statement takes long, nothing of it elsewhere."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from lakelet import Lake, Settings

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals")
SLOW = (
    "SELECT max(sha256(to_utf8(cast(x * y AS varchar)))) AS m"
    " FROM UNNEST(sequence(1, 10000)) a (x), UNNEST(sequence(1, 600)) b (y)"
)


def _asked(folder: Path, text: str) -> tuple[str, str]:
    """What stands on standard output, and on a terminal that is standard error."""
    import pty

    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "lakelet.cli", "sql", text, "--data", str(folder), "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=theirs) as process:
        os.close(theirs)
        drawn = b""
        while True:
            try:
                block = os.read(ours, 65536)
            except OSError:  # the terminal's other end is closed
                break
            if not block:
                break
            drawn += block
        assert process.stdout is not None
        written = process.stdout.read()
    os.close(ours)
    assert process.returncode == 0, drawn
    return written.decode(), drawn.decode()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with Lake(Settings(data=tmp_path / "lake")):
        return tmp_path / "lake"


def test_a_long_statement_draws_how_far_it_is(folder: Path) -> None:
    written, drawn = _asked(folder, SLOW)
    assert "scanned" in drawn
    assert "%" in drawn
    assert '"m"' in written


def test_a_short_statement_draws_nothing(folder: Path) -> None:
    written, drawn = _asked(folder, "SELECT 1 AS x")
    assert "scanned" not in drawn
    assert '"x": 1' in written
