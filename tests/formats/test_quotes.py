"""Blocks that are told to have quotes around fields are just those that a CSV reader finds so."""

import csv
import io
import itertools
import random

import pytest

from lakelet.formats import opencsv
from lakelet.formats.opencsv import Characters, _fields
from lakelet.formats.text import quotes
from lakelet.formats.text.quotes import are_all_quoted, are_around

CHARACTERS = Characters(separator=",", quote='"', escape="\\")
AROUND = (
    *('"a"', '""', '""""', '"""a"', '"a"""', '"a"",""b"', '"a,b"', "a", "", " "),
    *('"', '"""', 'a"', '"a"b', '"a" ', ' "a"', 'a""', '"a""', '"a\\"', '"a\n'),
)


@pytest.mark.parametrize("count", [2, 3])
def test_quotes_around_fields_are_read_as_a_strict_reader_reads_them(count: int) -> None:
    """Where no line ends in quotes, which its reader sees by the number of rows."""
    told: set[str] = set()
    for fields in itertools.product(AROUND, repeat=count):
        line = ",".join(fields)
        for block in (f"{line}\n", f'{line}\n"x","y"\n', f"x,y\n{line}\n"):
            if "\\" in block or not are_around(block.encode(), b",", b'"'):
                continue
            rows = list(csv.reader(io.StringIO(block), strict=True))
            if len(rows) == block.count("\n"):
                told.update(fields)
                lines = block.splitlines()
                assert rows == [_fields(each, 9, CHARACTERS) for each in lines]
    assert told >= set(AROUND[:10])


QUOTED = ('"a"', '""', '"a,b"', "a", "", '"', '"""', '""""', 'a"', '"a"b', '"a" ', "\n", '"\\"')


@pytest.mark.parametrize("near", [1, 2, 3, 5, 8, 13, 1000])
def test_blocks_all_in_quotes_hold_nothing_else(near: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Four fields, a separator or a line's end behind each, looked at in parts of few bytes."""
    monkeypatch.setattr(quotes, "_CACHED", near)
    told = 0
    for fields in itertools.product(QUOTED, repeat=4):
        block = "{},{}\n{},{}\n".format(*fields).encode()
        if are_all_quoted(block, 2, b",", b'"', b"\\"):
            told += 1
            assert set(fields) <= {'"a"', '""'}, block
    assert told == 2**4


def test_a_great_block_in_quotes_is_one_unless_a_byte_is_odd() -> None:
    block = b'"some text","","more"\n' * 20_000
    assert are_all_quoted(block, 3, b",", b'"', b"\\")
    assert not are_all_quoted(block, 2, b",", b'"', b"\\")
    for at in range(len(block) // 2, len(block) // 2 + 40):
        for odd in b'",\n':
            if block[at] != odd:
                changed = block[:at] + bytes((odd,)) + block[at + 1 :]
                assert not are_all_quoted(changed, 3, b",", b'"', b"\\")


PARTS = ("a", '"', "\\", ",", "é", " ", '""', '\\"', '","', "\\\\")


def test_fields_with_escapes_are_read_as_character_by_character() -> None:
    """Lines of parts at random: where a block is read at once, it is read as its lines are."""
    given = random.Random(4)
    told = escaped = 0
    for _ in range(20_000):
        made = [given.choice(PARTS) for _ in range(given.randrange(1, 7))]
        fields = ("".join(made), "x") if given.random() < 0.5 else (f'"{"".join(made)}"', '"x"')
        lines = ["y,z", ",".join(fields), '"v","w"']
        given.shuffle(lines)
        block = "".join(f"{line}\n" for line in lines).encode()
        found = opencsv._escaped(block, ["b", "a"], ["a", "b"], CHARACTERS)
        if found is not None:
            told += 1
            escaped += "\\" in fields[0]
            rows = list(zip(found["a"].to_pylist(), found["b"].to_pylist(), strict=True))
            assert rows == [tuple(_fields(line, 2, CHARACTERS)) for line in lines], lines
    assert told == escaped > 1000
