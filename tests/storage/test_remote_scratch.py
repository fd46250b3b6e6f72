"""Unfinished files of a lake whose objects an S3 server keeps."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from lakelet.storage.remote import Backend, RemoteStorage

SERVER: Final = Backend("http://127.0.0.1:1", "us-east-1", "key", "secret")

_WRITER: Final = """
import sys, time
from pathlib import Path
from lakelet.storage.remote import Backend, RemoteStorage

server = Backend("http://127.0.0.1:1", "us-east-1", "key", "secret")
storage = RemoteStorage(server, Path(sys.argv[1]))
folder = storage.scratch / "write-1"
folder.mkdir()
(folder / "part").write_bytes(b"half")
print(folder, flush=True)
time.sleep(60)
"""


def test_those_of_a_killed_process_go_at_the_next_start(tmp_path: Path) -> None:
    writer = subprocess.Popen(
        [sys.executable, "-c", _WRITER, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert writer.stdout is not None
    folder = Path(writer.stdout.readline().strip())
    living = RemoteStorage(SERVER, tmp_path)
    assert (folder / "part").exists()  # its process lives
    os.kill(writer.pid, signal.SIGKILL)
    writer.wait()
    writer.stdout.close()
    RemoteStorage(SERVER, tmp_path).close()
    assert not folder.exists()
    assert living.scratch.exists()
    living.close()


def test_closing_removes_ones_own(tmp_path: Path) -> None:
    storage = RemoteStorage(SERVER, tmp_path)
    (storage.scratch / "part").write_bytes(b"half")
    storage.close()
    assert not storage.scratch.exists()


@pytest.mark.parametrize("name", ["write-0", "part"])
def test_what_older_versions_left_goes(tmp_path: Path, name: str) -> None:
    left = tmp_path / "scratch" / name
    left.mkdir(parents=True)
    storage = RemoteStorage(SERVER, tmp_path)
    assert not left.exists()
    storage.close()
