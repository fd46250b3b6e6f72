"""Blocks of flat JSON lines with any keys in any order, read as line by line or not at all."""

import json
import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from lakelet.formats.json import hive, openx, scattered, strict
from lakelet.formats.json.clean import Sample
from lakelet.formats.json.rows import BadValueError, Spec
from lakelet.types.parsing import parse_type

TYPES = {
    "id": "bigint",
    "name": "varchar",
    "flag": "boolean",
    "a key that is longer than two words": "double",
    "short": "varchar(3)",
    "never": "varchar",
}
TEXTS = ("", "a", "größer", "x,y:z {1}", "}\n{", '"', "\\", '\\"', '":', ',"id":1', "😀", "null")
NUMBERS = (
    "0",
    "-5",
    "12345678901",
    "1.5",
    "-0.5",
    "0.001",
    "1e5",
    "1E-7",
    "1e22",
    "-0",
    "01",
    "1.",
)
OTHERS = {"other": TEXTS, "more": (1, -2.5, True, None, 1e30), "x" * 20: TEXTS, "Ünï": (0, "u")}


def _value(given: random.Random, of: str) -> str:
    kind = given.random()
    if kind < 0.1:
        return "null"
    if of == "bigint":
        return str(given.randrange(-(10**6), 10**18))
    if of == "boolean":
        return given.choice(["true", "false"])
    if of == "double":
        return given.choice(["1.5", "0", "-7", "0.25", "1e10", repr(given.gauss(0, 1e9))])
    if kind < 0.4:
        return str(given.choice([given.randrange(1000), 0.5, "true"]))
    return json.dumps(given.choice(TEXTS), ensure_ascii=given.random() < 0.5)


def _line(given: random.Random, gap: str) -> str:
    members = [(key, _value(given, of)) for key, of in TYPES.items() if key != "never"]
    members += [(key, json.dumps(given.choice(some))) for key, some in OTHERS.items()]
    kept = [each for each in members if given.random() < 0.8] or members
    given.shuffle(kept)
    return "{" + f",{gap}".join(f'"{key}":{gap}{value}' for key, value in kept) + "}"


def _columns(reader: Any, gap: str) -> strict.Columns:
    columns = [(name, name, parse_type(of)) for name, of in TYPES.items()]
    sample = Sample(keys={name: Sample() for name in (*TYPES, *OTHERS)}, spaced=bool(gap))
    return strict.columns(columns, sample, openx=reader is openx, folds=True, are_alike=False)


def _decoder(reader: Any) -> Callable[[str], Mapping[str, Any] | None]:
    spec = Spec(tuple((name, of, at) for at, (name, of) in enumerate(TYPES.items())), {})
    decode: Callable[[str], Mapping[str, Any] | None] = reader.decoder(spec)
    return decode


def _same(found: Any, wanted: Any, of: str) -> bool:
    if found is None or wanted is None:
        return found is wanted
    if of == "double":
        return float(found) == float(wanted)
    return bool(
        (found[:3].rstrip(" ") if of == "varchar(3)" else found) == wanted or found == wanted
    )


def _is_read_as_line_by_line(reader: Any, gap: str, lines: Sequence[str]) -> bool:
    """False where it is left to others; fails where it is read otherwise."""
    block = "".join(f"{line}\n" for line in lines).encode()
    expected = _columns(reader, gap).expected
    assert expected is not None
    told = expected.read_scattered(block)
    read = _columns(reader, gap).read(block)
    if read is None or told is None:
        return False
    decode = _decoder(reader)
    rows = [decode(line) for line in block.decode().split("\n")[:-1]]
    for (name, of), column in zip(TYPES.items(), read.columns.values(), strict=True):
        values = column.to_pylist()
        assert len(values) == len(rows)
        for value, row in zip(values, rows, strict=True):
            assert row is not None
            assert _same(value, row.get(name), of), (name, value, row)
    return True


@pytest.mark.parametrize("reader", [hive, openx])
@pytest.mark.parametrize("gap", ["", " "])
def test_lines_are_read_as_line_by_line(reader: Any, gap: str) -> None:
    given = random.Random(11)
    for count in (60, 300, 4000):  # of which the last are taken apart in pieces
        lines = [_line(given, gap) for _ in range(count)]
        assert _is_read_as_line_by_line(reader, gap, lines)


@pytest.mark.parametrize("reader", [hive, openx])
@pytest.mark.parametrize("gap", ["", " "])
def test_lines_with_an_odd_one_are_read_as_line_by_line_or_left(reader: Any, gap: str) -> None:
    """One character of one line, or a value, is another one."""
    given = random.Random(12)
    lines = [_line(given, gap) for _ in range(60)]
    read = 0
    for _ in range(400):
        at = given.randrange(len(lines))
        odd = list(lines[at])
        place = given.randrange(len(odd))
        what = given.choice(["", *'"\\{}[],:019.-eE tnu\t\x01', odd[place] * 2, *NUMBERS])
        odd[place : place + given.choice([0, 1])] = what
        try:
            read += _is_read_as_line_by_line(
                reader, gap, [*lines[:at], "".join(odd), *lines[at + 1 :]]
            )
        except BadValueError:
            pytest.fail(f"Only the block was read: {''.join(odd)}")
    assert 20 < read < 400


FLAT = '{"id":1,"name":"n"}'
ODD = {
    "a wanted key twice": '{"id":1,"name":"n","id":2}',
    "a key in capitals": '{"ID":1,"name":"n"}',
    "an object": '{"id":1,"name":"n","more":{"x":1}}',
    "an array": '{"id":1,"name":"n","more":["x"]}',
    "an empty object": '{"id":1,"name":"n","more":{}}',
    "no key": "{}",
    "no object": '["id"]',
    "an empty line": "",
    "a key alone": '{"id"}',
    "a value that is no value": '{"id":1,"name":"n","more":nul}',
    "a bad escape": '{"id":1,"name":"\\x"}',
    "an escape in a key": '{"\\u0069d":1,"name":"n"}',
    "an escape outside": '{"id":\\1,"name":"n"}',
    "two values": '{"id":1,"name":"n""m"}',
    "a value and no comma": '{"id":1 "name":"n"}',
    "a comma too many": '{"id":1,,"name":"n"}',
    "a comma at the end": '{"id":1,"name":"n",}',
    "a blank": '{"id":1 ,"name":"n"}',
    "more behind": '{"id":1,"name":"n"}x',
    "two objects": '{"id":1,"name":"n"}{"id":2}',
    "a cut line": '{"id":1,"name":"n"',
    "half a surrogate pair": '{"id":1,"name":"\\ud800"}',
    "a tab": '{"id":1,"name":"\t"}',
}


@pytest.mark.parametrize("where", [0, 300, 599])
@pytest.mark.parametrize("odd", ODD)
def test_other_lines_are_left_to_others(odd: str, where: int) -> None:
    lines = [FLAT, '{"name":null,"id":2}', '{"name":"m"}'] * 200
    assert _is_read_as_line_by_line(hive, "", lines)
    lines[where] = ODD[odd]
    assert not _is_read_as_line_by_line(hive, "", lines)


def test_keys_that_look_alike_are_told_apart() -> None:
    names = ["k", "k1", "k" * 8, "k" * 9, "k" * 16, "k" * 17, "k" * 30]

    def placed(*more: str) -> list[set[bytes]] | None:
        keys = [*names, *more]
        rows = [
            {key: number for number, key in enumerate(keys) if i % (number + 2)} for i in range(90)
        ]
        block = "".join(f"{json.dumps(row, separators=(',', ':'))}\n" for row in rows[1:]).encode()
        found = scattered.of(block, names, "")
        if found is None:
            return None
        places, known = found
        assert known == keys
        return [
            {places.block[begin:end] for begin, end in zip(*each, strict=True)}
            for each in zip(places.begins, places.ends, strict=True)
        ]

    assert placed() == [{str(number).encode(), b""} for number in range(len(names))]
    assert placed("other") == placed()
    assert placed("k" * 20 + "j" + "k" * 9) is None
