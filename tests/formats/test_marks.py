"""Line ends that are told by array operations are those that a search finds."""

import itertools

import pytest

from lakelet.formats.text import marks


@pytest.mark.parametrize("near", [1, 2, 3, 1000])
def test_marks_are_those_that_a_search_finds(near: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(marks, "_CACHED", near)
    for length in range(7):
        for given in itertools.product(b"\r\na", repeat=length):
            block = bytes(given)
            pairs = block.count(b"\r\n")
            assert marks.are_paired(block) is (block.count(b"\r") == pairs == block.count(b"\n"))
            assert marks.count(block, ord("\n")) == block.count(b"\n")
            assert marks.has_pair(block, b"\na") is (b"\na" in block)
            assert marks.without(block, ord("\r")) == block.replace(b"\r", b"")
