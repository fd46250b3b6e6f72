"""Writers that are killed, and disks that are full: what was acknowledged stays, whole."""

import hashlib
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lakelet.storage.objects import Attributes
from tests.storage.lakes import local

WRITER = """
import sys
from pathlib import Path
from lakelet.storage.multipart import Uploads
from lakelet.storage.objects import Attributes
from tests.storage.lakes import local

with local(Path(sys.argv[1])) as store:
    uploads = Uploads(store, store.database)
    print("ready", flush=True)
    for number in range(1_000_000):
        key, text = f"d/{number % 7}", str(number)
        data = text.encode() * 40_000
        kept = Attributes(metadata={"number": text})
        if number % 3:
            with store.draft() as draft:
                draft.write(data)
                store.commit(draft, "lake", key, kept)
        else:
            upload = uploads.create("lake", key, None, kept)
            with store.draft() as draft:
                draft.write(data)
                part = uploads.put_part(upload, 1, draft)
            uploads.complete(upload, [part], kept)
        print(key, number, flush=True)
"""


def start(script: str, root: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", script, str(root)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )


@pytest.mark.slow
def test_a_writer_killed_at_any_point_leaves_whole_objects_only(tmp_path: Path) -> None:
    root = tmp_path / "data"
    with local(root) as store:
        store.create_bucket("lake")
    chance = random.Random(7)
    for _ in range(12):
        writer = start(WRITER, root)
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
        time.sleep(chance.uniform(0.02, 0.4))
        os.kill(writer.pid, signal.SIGKILL)
        lines = [line.split() for line in writer.stdout if line.endswith("\n")]
        writer.wait()
        writer.stdout.close()
        acknowledged = {key: int(number) for key, number in lines}
        with local(root) as store:
            assert os.listdir(store.layout.scratch) == [store.scratch.name]
            for key, number in acknowledged.items():
                with store.open_object("lake", key) as opened:
                    data = b"".join(opened.blocks(0, opened.described.size))
                    described = opened.described
                found = described.attributes.metadata["number"]
                assert data == found.encode() * 40_000
                assert int(found) >= number
                md5 = hashlib.md5(data)
                if int(found) % 3:
                    assert described.etag == md5.hexdigest()
                else:
                    assert described.etag == hashlib.md5(md5.digest()).hexdigest() + "-1"


FILLER = """
import resource, signal, sys
from pathlib import Path
from lakelet.errors import NoRoom
from lakelet.storage.objects import Attributes
from tests.storage.lakes import local

with local(Path(sys.argv[1])) as store:
    store.create_bucket("lake")
    store.write("lake", "x", b"before")
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, resource.RLIM_INFINITY))
    for attempt in range(3):
        try:
            store.write("lake", "x", bytes(2 << 20))
        except NoRoom:
            print('full')
    print(store.read("lake", "x").decode(), len(list(store.scratch.iterdir())))
    store.write("lake", "y", b"after")
"""


def test_a_disk_that_takes_no_more_leaves_the_old_object_and_no_rest(tmp_path: Path) -> None:
    filler = start(FILLER, tmp_path / "data")
    output, _ = filler.communicate(timeout=60)
    assert filler.returncode == 0
    assert output.split() == ["full", "full", "full", "before", "1"]
    with local(tmp_path / "data") as store:
        assert store.read("lake", "x") == b"before"
        assert store.read("lake", "y") == b"after"


@pytest.mark.slow
def test_two_processes_write_one_lake_without_losing_a_row(tmp_path: Path) -> None:
    root = tmp_path / "data"
    with local(root) as store:
        store.create_bucket("lake")
    script = WRITER.replace("1_000_000", "200")
    writers = [start(script, root) for _ in range(2)]
    for writer in writers:
        writer.communicate(timeout=120)
        assert writer.returncode == 0
    with local(root) as store:
        for info in store.list("lake"):
            stored = store.head("lake", info.key)
            assert stored.attributes != Attributes()
            data = store.read("lake", info.key)
            assert data == stored.attributes.metadata["number"].encode() * 40_000
