import hashlib
import os
import shutil
import threading
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lakelet.errors import AlreadyExists, InvalidInput, NoSuchBucket, NoSuchKey, NotEmpty
from lakelet.model import Finished
from lakelet.storage.local import LocalStorage
from lakelet.storage.objects import Attributes
from tests.storage.lakes import local

ODD_KEYS = [
    "a",
    "a/b",
    "a/b/c",
    "a//b",
    "a/",
    "/a",
    "/",
    "//",
    ".",
    "..",
    "../../etc/passwd",
    "a/./b",
    "A",
    "nul\0nul",
    "ü" * 400,
    "x/" * 500,
    "tab\tnew\nline",
    "%2e%2e/b",
    "emoji 🦆 & <xml>",
    "~",
]


def put(store: LocalStorage, key: str, data: bytes, **kept: dict[str, str]) -> None:
    with store.draft() as draft:
        draft.write(data)
        store.commit(draft, "lake", key, Attributes(**kept))  # type: ignore[arg-type]


def folder(store: LocalStorage) -> Path:
    return Path(store.layout.bucket("lake"))


def test_a_normal_key_is_a_plain_file_of_that_name(store: LocalStorage) -> None:
    store.write("lake", "year=2024/part 1.csv", b"1,2\n")
    assert (folder(store) / "year=2024" / "part 1.csv").read_bytes() == b"1,2\n"
    assert store.url("lake", "year=2024/part 1.csv") == str(folder(store) / "year=2024/part 1.csv")


@pytest.mark.parametrize("order", [ODD_KEYS, ODD_KEYS[::-1]], ids=["forth", "back"])
def test_keys_that_no_file_system_can_hold_work_all_the_same(
    store: LocalStorage, order: list[str]
) -> None:
    for key in order:
        store.write("lake", key, key.encode())
    assert [info.key for info in store.list("lake")] == sorted(order, key=str.encode)
    for key in order:
        assert store.read("lake", key) == key.encode()
        assert store.stat("lake", key).etag == hashlib.md5(key.encode()).hexdigest()
        store.write("lake", key, b"again")
    assert {store.read("lake", key) for key in order} == {b"again"}
    for number, key in enumerate(order):
        store.delete("lake", [key])
        with pytest.raises(NoSuchKey):
            store.read("lake", key)
        assert len(list(store.list("lake"))) == len(order) - number - 1
    store.delete_bucket("lake")
    root = Path(store.layout.root)
    assert not [path for area in ("objects", "escaped") for path in root.glob(f"{area}/lake/**/*")]


def test_nothing_is_written_outside_the_lakes_folder(store: LocalStorage) -> None:
    outside = Path(store.layout.root).parent
    before = {path for path in outside.iterdir()}
    for key in ("../x", "../../x", "/x", "a/../../../x", "..", "%2e%2e/x"):
        store.write("lake", key, b"x")
    assert {path for path in outside.iterdir()} == before


def test_a_file_dropped_into_the_folder_is_an_object(store: LocalStorage) -> None:
    (folder(store) / "in").mkdir()
    (folder(store) / "in" / "x.csv").write_bytes(b"1\n2\n")
    assert [(info.key, info.size) for info in store.list("lake")] == [("in/x.csv", 4)]
    assert store.read("lake", "in/x.csv") == b"1\n2\n"
    assert store.head("lake", "in/x.csv").etag == hashlib.md5(b"1\n2\n").hexdigest()
    assert store.page("lake", "", "", "/", 10).prefixes == ("in/",)


def test_a_file_changed_under_us_has_the_etag_of_its_new_bytes(store: LocalStorage) -> None:
    put(store, "x", b"old", metadata={"who": "me"})
    file = folder(store) / "x"
    file.write_bytes(b"new")
    stored = store.head("lake", "x")
    assert stored.etag == hashlib.md5(b"new").hexdigest()
    assert stored.attributes == Attributes()
    os.utime(file, (1, 1))
    assert store.head("lake", "x").etag == hashlib.md5(b"new").hexdigest()
    file.write_bytes(b"wen")
    os.utime(file, (2, 2))
    assert store.page("lake", "", "", "", 1).objects[0].etag == hashlib.md5(b"wen").hexdigest()


def test_a_file_removed_under_us_is_gone(store: LocalStorage) -> None:
    put(store, "x", b"1")
    (folder(store) / "x").unlink()
    with pytest.raises(NoSuchKey):
        store.head("lake", "x")
    assert not list(store.list("lake"))


def test_a_lake_copied_as_a_whole_keeps_what_is_known_of_its_objects(
    store: LocalStorage, tmp_path: Path
) -> None:
    put(store, "x", b"bytes", metadata={"who": "me"}, headers={"ContentType": "text/csv"})
    store.database.close()
    shutil.copytree(store.layout.root, tmp_path / "copy")
    with local(tmp_path / "copy") as copied:
        stored = copied.head("lake", "x")
    assert stored.attributes.metadata == {"who": "me"}
    assert stored.attributes.headers == {"ContentType": "text/csv"}


def test_a_folder_made_by_hand_is_a_bucket(store: LocalStorage) -> None:
    (Path(store.layout.objects) / "by-hand").mkdir()
    (Path(store.layout.objects) / "Not a bucket").mkdir()
    assert store.buckets() == ["by-hand", "lake"]


def test_links_do_not_lead_out_of_the_lake(store: LocalStorage, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret").write_text("x")
    (folder(store) / "file").symlink_to(tmp_path / "outside" / "secret")
    (folder(store) / "folder").symlink_to(tmp_path / "outside")
    assert not list(store.list("lake"))
    assert not list(store.list("lake", "folder/"))
    for key in ("file", "folder/secret"):
        with pytest.raises(NoSuchKey):
            store.open_object("lake", key)
    store.write("lake", "folder/secret", b"mine")
    assert (tmp_path / "outside" / "secret").read_text() == "x"
    assert store.read("lake", "folder/secret") == b"mine"


def test_a_pipe_in_the_folder_is_no_object_and_holds_nobody(store: LocalStorage) -> None:
    os.mkfifo(folder(store) / "pipe")
    assert not list(store.list("lake"))
    with pytest.raises(NoSuchKey):
        store.open_object("lake", "pipe")


def test_a_file_whose_name_is_not_text_has_no_key(store: LocalStorage) -> None:
    (Path(os.fsencode(folder(store)).decode()) / os.fsdecode(b"\xff")).write_bytes(b"x")
    assert not list(store.list("lake"))


def test_buckets_answer_for_their_names_and_contents(store: LocalStorage) -> None:
    with pytest.raises(AlreadyExists):
        store.create_bucket("lake")
    with pytest.raises(InvalidInput):
        store.create_bucket("Up")
    with pytest.raises(NoSuchBucket):
        store.write("none", "x", b"")
    for key in ("a/b", "a//b"):
        store.write("lake", key, b"")
        with pytest.raises(NotEmpty):
            store.delete_bucket("lake")
        store.delete("lake", [key])
    (folder(store) / "empty" / "folders").mkdir(parents=True)
    store.delete_bucket("lake")
    with pytest.raises(NoSuchBucket):
        store.list("lake").__next__()


TREES = st.sets(
    st.lists(st.sampled_from(["a", "b", "a b", "a.b", "a-", "", "é"]), min_size=1, max_size=3)
    .map("/".join)
    .filter(bool),
    min_size=1,
    max_size=12,
)
TEXTS = st.text(alphabet="ab/é.- ", max_size=4)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStorage]:
    with local(tmp_path_factory.mktemp("shared")) as opened:
        opened.create_bucket("lake")
        yield opened


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(keys=TREES, prefix=TEXTS, after=TEXTS, delimiter=st.sampled_from(["", "/", "b", "a/"]))
def test_a_listing_is_the_sorted_keys_cut_at_the_delimiter(
    shared: LocalStorage, keys: set[str], prefix: str, after: str, delimiter: str
) -> None:
    shared.delete("lake", [info.key for info in shared.list("lake")])
    for key in keys:
        shared.write("lake", key, b"")
    wanted = sorted((key for key in keys if key.startswith(prefix) and key > after), key=str.encode)
    assert [info.key for info in shared.list("lake", prefix, after)] == wanted
    objects, prefixes = [], []
    for key in wanted:
        head, found, _ = key[len(prefix) :].partition(delimiter) if delimiter else ("", "", "")
        if not found:
            objects.append(key)
        elif prefix + head + found not in prefixes:
            prefixes.append(prefix + head + found)
    page = shared.page("lake", prefix, after, delimiter, 1000)
    assert ([stored.key for stored in page.objects], list(page.prefixes)) == (objects, prefixes)


def test_a_reader_sees_one_version_of_an_object_and_its_etag(store: LocalStorage) -> None:
    """Writers of one key race with readers: bytes, size, etag and metadata always agree."""
    stop, faults = threading.Event(), []
    put(store, "x", b"0" * 1000, metadata={"v": "0"})

    def write(start: int) -> None:
        for number in range(start, start + 150):
            put(store, "x", str(number).encode() * 1000, metadata={"v": str(number)})

    def read() -> None:
        while not stop.is_set():
            with store.open_object("lake", "x") as opened:
                data = b"".join(opened.blocks(0, opened.described.size))
                described = opened.described
            version = described.attributes.metadata["v"].encode()
            if hashlib.md5(data).hexdigest() != described.etag or data != version * 1000:
                faults.append(described)

    readers = [threading.Thread(target=read) for _ in range(2)]
    writers = [threading.Thread(target=write, args=(start,)) for start in (1000, 2000)]
    for thread in (*readers, *writers):
        thread.start()
    for thread in writers:
        thread.join()
    stop.set()
    for thread in readers:
        thread.join()
    assert not faults


def test_deleting_and_writing_below_one_folder_at_once_loses_nothing(store: LocalStorage) -> None:
    def churn(name: str) -> None:
        for _ in range(100):
            store.write("lake", f"deep/er/{name}", b"x")
            store.delete("lake", [f"deep/er/{name}"])
        store.write("lake", f"deep/er/{name}", b"last")

    threads = [threading.Thread(target=churn, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [info.key for info in store.list("lake")] == [f"deep/er/{name}" for name in "abcd"]


def test_of_many_conditional_creations_one_succeeds(store: LocalStorage) -> None:
    won: list[int] = []

    def refuse(standing: object) -> None:
        if standing is not None:
            raise AlreadyExists("taken")

    def create(number: int) -> None:
        with store.draft() as draft:
            draft.write(str(number).encode())
            try:
                store.commit(draft, "lake", "once", Attributes(), check=refuse)
            except AlreadyExists:
                return
            won.append(number)

    threads = [threading.Thread(target=create, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [store.read("lake", "once").decode()] == [str(number) for number in won]


def test_a_draft_that_is_not_committed_leaves_nothing(store: LocalStorage) -> None:
    with store.draft() as draft:
        draft.write(b"half")
    assert not list(store.list("lake"))
    assert [path.name for path in store.scratch.iterdir()] == [".alive"]


def test_adopting_a_file_moves_it(store: LocalStorage) -> None:
    source = store.scratch / "result.csv"
    source.write_bytes(b"a,b\n")
    store.adopt([Finished(source, "lake", "out/result.csv")], "text/csv")
    assert not source.exists()
    assert store.read("lake", "out/result.csv") == b"a,b\n"
    stored = store.head("lake", "out/result.csv")
    assert stored.attributes.headers == {"ContentType": "text/csv"}
    assert stored.etag == hashlib.md5(b"a,b\n").hexdigest()


def test_where_one_of_several_files_cannot_be_adopted_the_rest_stay_files(
    store: LocalStorage,
) -> None:
    finished = [
        Finished(store.scratch / name, bucket, f"out/{name}")
        for name, bucket in (("a", "lake"), ("b", "gone"), ("c", "lake"))
    ]
    for file in finished:
        file.path.write_bytes(b"x")
    with pytest.raises(NoSuchBucket):
        store.adopt(finished, "text/csv")
    assert [file.path.exists() for file in finished] == [False, True, True]
    assert [info.key for info in store.list("lake")] == ["out/a"]
    assert store.database.query("SELECT key FROM object") == [("out/a",)]


def test_unfinished_files_of_a_dead_process_are_swept_and_those_of_a_living_one_stay(
    store: LocalStorage,
) -> None:
    dead = Path(store.layout.scratch) / "dead"
    dead.mkdir()
    (dead / ".alive").touch()
    (dead / "half").write_bytes(b"x")
    mine = store.scratch / "mine"
    mine.write_bytes(b"x")
    with local(Path(store.layout.root)):
        assert not dead.exists()
        assert mine.exists()


def test_pages_follow_each_other_without_gap_or_overlap(store: LocalStorage) -> None:
    keys = [f"k{number:03}" for number in range(25)]
    for key in keys:
        store.write("lake", key, b"")
    seen: list[str] = []
    last: str | None = ""
    while last is not None:
        page = store.page("lake", "", last, "", 7)
        seen += [stored.key for stored in page.objects]
        last = page.last
    assert seen == keys
    assert all(before < after for before, after in pairwise(seen))
