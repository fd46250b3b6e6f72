import os

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lakelet.errors import InvalidInput, NoSuchBucket
from lakelet.storage.keys import Layout, escape, is_bucket_name, is_plain, unescape

LAYOUT = Layout("/lake")
KEYS = st.text(min_size=1, max_size=300) | st.lists(
    st.sampled_from(["a", "A", ".", "..", "", "%41", "=", "\0", "é", "x" * 255, "x" * 256]),
    min_size=1,
    max_size=6,
).map("/".join).filter(bool)


@given(KEYS)
@example("x" * 199)
@example("x" * 200)
@example("x" * 400)
@example("../../etc/passwd")
def test_every_key_has_a_file_inside_its_bucket_that_leads_back_to_it(key: str) -> None:
    paths = {LAYOUT.escaped("lake", key): "/lake/escaped/lake/"}
    plain = LAYOUT.plain("lake", key)
    if plain is not None:
        paths[plain] = "/lake/objects/lake/"
    for path, area in paths.items():
        assert os.path.normpath(path) == path
        assert path.startswith(area)
        assert all(len(os.fsencode(segment)) <= 255 for segment in path.split("/"))
        assert LAYOUT.key(path) == ("lake", key)


@given(KEYS, KEYS)
def test_no_escaped_key_is_in_the_way_of_another(one: str, other: str) -> None:
    first, second = escape(one).lower(), escape(other).lower()
    assert (first == second) == (one == other)
    assert not second.startswith(f"{first}/")


@given(st.text(max_size=50))
def test_a_file_in_the_escaped_area_is_one_keys_or_none(path: str) -> None:
    key = unescape(path)
    assert key is None or escape(key) == path


@pytest.mark.parametrize("key", ["a", "a/b", "year=2024/month=01/x.csv", "a b", "%2F", "é", "..a"])
def test_a_key_that_a_file_system_can_hold_is_a_path_of_that_name(key: str) -> None:
    assert is_plain(key)
    assert LAYOUT.plain("lake", key) == f"/lake/objects/lake/{key}"


@pytest.mark.parametrize(
    "key", ["", "/", "a/", "/a", "a//b", ".", "..", "a/../b", "a/./b", "a\0b", "x" * 256]
)
def test_a_key_that_no_file_system_can_hold_is_escaped(key: str) -> None:
    assert not is_plain(key)
    assert LAYOUT.plain("lake", key) is None


@pytest.mark.parametrize("bucket", ["..", ".", "", "a", "a/b", "Lake", "a..b", "127.0.0.1", "-ab"])
def test_a_name_against_s3s_rules_is_no_bucket(bucket: str) -> None:
    assert not is_bucket_name(bucket)
    with pytest.raises(NoSuchBucket):
        LAYOUT.plain(bucket, "key")


@pytest.mark.parametrize("path", ["/lake/lake.db", "/lake/objects/lake", "/lake/escaped/lake/x"])
def test_a_file_outside_the_buckets_is_no_object(path: str) -> None:
    with pytest.raises(InvalidInput):
        LAYOUT.key(path)
