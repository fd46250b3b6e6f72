"""A file in the place of a file, at once, on every system."""

import os
import sys
import threading
from pathlib import Path

import pytest

from lakelet.storage import exchanging, files
from lakelet.storage.local import LocalStorage


def test_a_file_takes_the_place_of_a_file_and_leaves_nothing(tmp_path: Path) -> None:
    new, old = tmp_path / "new", tmp_path / "old"
    new.write_text("new")
    old.write_text("old")
    inode = new.stat().st_ino
    assert exchanging.replaced(str(new), str(old)) == (sys.platform == "linux")
    if sys.platform == "linux":
        assert (old.read_text(), old.stat().st_ino, new.exists()) == ("new", inode, False)


def test_a_folder_stays_where_it_is(tmp_path: Path) -> None:
    new, folder = tmp_path / "new", tmp_path / "folder"
    new.write_text("new")
    folder.mkdir()
    (folder / "kept").write_text("kept")
    assert not exchanging.replaced(str(new), str(folder))
    assert new.read_text() == "new"
    assert (folder / "kept").read_text() == "kept"


def test_nothing_to_be_replaced_changes_nothing(tmp_path: Path) -> None:
    new = tmp_path / "new"
    new.write_text("new")
    assert not exchanging.replaced(str(new), str(tmp_path / "absent"))
    assert [each.name for each in tmp_path.iterdir()] == ["new"]


@pytest.mark.parametrize("is_there", [True, False])
def test_an_object_is_replaced_where_the_system_can_exchange_and_where_it_cannot(
    store: LocalStorage, monkeypatch: pytest.MonkeyPatch, is_there: bool
) -> None:
    if not is_there:
        monkeypatch.setattr(files, "replaced", lambda source, target: False)
    for version in range(3):
        store.write("lake", "x", f"{version}".encode())
    assert store.read("lake", "x") == b"2"
    assert os.listdir(store.scratch) == [".alive"]


def test_a_reader_finds_an_object_that_is_replaced_at_every_moment(store: LocalStorage) -> None:
    store.write("lake", "x", b"0" * 100)
    path, done = Path(store.url("lake", "x")), threading.Event()
    seen: list[bytes] = []

    def look() -> None:
        while not done.is_set():
            seen.append(path.read_bytes())

    reader = threading.Thread(target=look)
    reader.start()
    for version in range(300):
        store.write("lake", "x", b"%d" % (version % 10) * 100)
    done.set()
    reader.join()
    assert seen
    assert all(len(data) == 100 and len(set(data)) == 1 for data in seen)
