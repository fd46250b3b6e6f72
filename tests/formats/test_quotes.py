"""Blocks that are told to be even are just those that a CSV reader finds even."""

import csv
import itertools

import pytest

from lakelet.formats.text.quotes import are_even

FIELDS = ('"a"', '""', '"a,b"', "a", "", 'a"b', '"a"b', '"a""b"', '"a\\"', 'a"', '"a')


@pytest.mark.parametrize("count", [1, 2, 3])
def test_even_blocks_are_split_as_they_look(count: int) -> None:
    """All lines of one to three fields, and each followed and led by an even one."""
    told = 0
    for fields in itertools.product(FIELDS, repeat=count):
        line = ",".join(fields)
        for lines in ([line], [line, '"x","y"'], ['"x","y"', line], [line, "x,y"], ["x,y", line]):
            block = "".join(f"{each}\n" for each in lines).encode()
            if are_even(block, 2, b",", b'"', b"\\"):
                told += 1
                rows = list(csv.reader(lines, doublequote=False, strict=True))
                assert [len(row) for row in rows] == [2] * len(lines), block
                quoted = {f'"{field}"' for row in rows for field in row}
                plain = {field for row in rows for field in row}
                given = {each for line in lines for each in _parts(line)}
                assert given in (quoted, plain), block
    assert (told > 0) is (count > 1)


def _parts(line: str) -> list[str]:
    if '"' not in line:
        return line.split(",")
    return [f'"{each}"' for each in line.removeprefix('"').removesuffix('"').split('","')]


@pytest.mark.parametrize("block", [b"\n", b"a,b\n\n", b"\na,b\n", b'"a","b"\n\n', b'"a","b\nc"\n'])
def test_empty_lines_and_lines_in_quotes_are_not_even(block: bytes) -> None:
    assert not are_even(block, 2, b",", b'"', b"\\")
