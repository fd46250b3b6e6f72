"""Blocks of JSON lines that are taken apart by the places of their keys."""

import json
import random
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pyarrow
import pytest

from lakelet.formats.json import alike, hive, openx, strict
from lakelet.formats.json.clean import Sample
from lakelet.formats.json.rows import Spec
from lakelet.types.parsing import parse_type

TYPES = {
    "id": pyarrow.int64(),
    "name": pyarrow.string(),
    "flag": pyarrow.bool_(),
    "a longer key": pyarrow.float64(),
}
KEYS = (*TYPES, "more", "text")


ESCAPED = ('"', "\\", '":', '\\":', ',"id":1', "\n", "/\t", '"}\n{"', '😀"', "\x01", '\\"')


def _row(given: random.Random, nulls: float = 0.0, more: Sequence[str] = ()) -> dict[str, Any]:
    made = {
        "id": given.randrange(-(10**18), 10**18),
        "name": given.choice(["", "a", "größer", "x,y:z {1}", "a:", ",", "null", "日本語", *more]),
        "flag": given.random() < 0.5,
        "a longer key": given.choice([0.0, -0.5, 1e-7, 1e22, given.gauss(0, 1e6)]),
        "more": given.randrange(100),
        "text": given.choice(["t", *more]),
    }
    return {key: None if given.random() < nulls else value for key, value in made.items()}


def _lines(gap: str) -> alike.Lines:
    return alike.Lines(KEYS, gap, TYPES)


def _block(rows: list[dict[str, Any]], gap: str) -> bytes:
    told: Any = {"separators": (f",{gap}", f":{gap}"), "ensure_ascii": False}
    return "".join(f"{json.dumps(row, **told)}\n" for row in rows).encode()


@pytest.mark.parametrize("gap", ["", " "])
@pytest.mark.parametrize("nulls", [0.0, 0.2])
@pytest.mark.parametrize("more", [(), ESCAPED])
def test_lines_are_read_as_a_parser_reads_them(gap: str, nulls: float, more: Sequence[str]) -> None:
    given = random.Random(7)
    rows = [_row(given, nulls, more) for _ in range(500)]
    found = _lines(gap).read(_block(rows, gap))
    assert found is not None
    assert found.plain
    for key in TYPES:
        assert found.columns[key].type == TYPES[key]
        assert found.columns[key].to_pylist() == [row[key] for row in rows]


ROW = {"id": 1, "name": "n", "flag": True, "a longer key": 1.5, "more": 3, "text": "t"}
GOOD = json.dumps(ROW, separators=(",", ":"))
ODD = {
    "a string for a number": GOOD.replace(":1,", ':"1",'),
    "a number for a string": GOOD.replace('"n"', "12"),
    "both, so that quotes are as many": GOOD.replace(":1,", ':"1",').replace('"n"', "12"),
    "a truth for a number": GOOD.replace(":1,", ":true,"),
    "a number for a truth": GOOD.replace("true", "1"),
    "a word that is no truth": GOOD.replace("true", "tree"),
    "a word that is no null": GOOD.replace(":1,", ":nul1,"),
    "a real for a whole number": GOOD.replace(":1,", ":1.0,"),
    "an exponent for a whole number": GOOD.replace(":1,", ":1e2,"),
    "too large a number": GOOD.replace(":1,", ":9223372036854775808,"),
    "a zero before": GOOD.replace(":1,", ":01,"),
    "a plus before": GOOD.replace(":1,", ":+1,"),
    "a hexadecimal number": GOOD.replace(":1,", ":0x1,"),
    "a space before": GOOD.replace(":1,", ": 1,"),
    "a space behind": GOOD.replace(":1,", ":1 ,"),
    "nothing behind a point": GOOD.replace("1.5", "1."),
    "nothing before a point": GOOD.replace("1.5", ".5"),
    "an exponent behind a point": GOOD.replace("1.5", "1.e5"),
    "no exponent": GOOD.replace("1.5", "1e"),
    "a zero below zero": GOOD.replace("1.5", "-0.0"),
    "a whole zero below zero": GOOD.replace("1.5", "-0"),
    "two points": GOOD.replace("1.5", "1.2.5"),
    "an infinite number": GOOD.replace("1.5", "Infinity"),
    "no value": GOOD.replace(":1,", ":,"),
    "an empty string's half": GOOD.replace('"n"', '"'),
    "an object": GOOD.replace(":3,", ':{"x":3},'),
    "a list": GOOD.replace(":3,", ":[3],"),
    "an odd number that is not read": GOOD.replace(":3,", ":3x,"),
    "a key twice": GOOD.replace('"more":3', '"id":3'),
    "a key more": GOOD.replace("}", ',"x":1}'),
    "a key less": GOOD.replace(',"more":3', ""),
    "a key less and one more": GOOD.replace('"more":3', '"mora":3'),
    "a key in capitals": GOOD.replace('"id"', '"ID"'),
    "another order": '{"name":"n","id":1,"flag":true,"a longer key":1.5,"more":3,"text":"t"}',
    "a string that begins with a colon": GOOD.replace('"n"', '":n"'),
    "half a surrogate pair": GOOD.replace('"n"', '"\\ud800"'),
    "an escape that is none": GOOD.replace('"n"', '"\\x"'),
    "an escape that is none in what is not read": GOOD.replace('"t"', '"\\x"'),
    "an escape in a number": GOOD.replace(":1,", ":\\u0031,"),
    "an escape in a number that is not read": GOOD.replace(":3,", ":\\u0033,"),
    "an escaped end": GOOD.replace('"n"', '"n\\"'),
    "two strings, one with an escape": GOOD.replace('"n"', '"\\n","n"'),
    "an escape in a key": GOOD.replace('"id"', '"\\u0069d"'),
    "a tab": GOOD.replace('"n"', '"a\tb"'),
    "a carriage return": GOOD + "\r",
    "an empty line": GOOD + "\n",
    "two objects": GOOD + GOOD,
    "a comma more": GOOD.replace("}", ",}"),
    "something behind": GOOD + "x",
    "no line of an object": "null",
    "a line that is cut": GOOD[:-1],
}


@pytest.mark.parametrize("where", [0, 100, 199])
@pytest.mark.parametrize("odd", ODD)
def test_a_block_with_an_odd_line_is_left_to_others(odd: str, where: int) -> None:
    lines = [GOOD] * 200
    assert _lines("").read("".join(f"{line}\n" for line in lines).encode()) is not None
    lines[where] = ODD[odd]
    assert _lines("").read("".join(f"{line}\n" for line in lines).encode()) is None


NUMBERS = (  # noqa: SIM905
    "0 5 -5 1.50 -0.5 0.000001 -0.000001 0.0 0.000000 123456789012345678901 142857.14285714287"
    " 999999999999999999 1e5 1E-05 -0 -0.0 0.0000001 0.0000000 -0.00000012 1.0E+2 01 1. .5 true"
    ' false null "" "x" "1e5" tru truefalse 1true -'
).split()


ALWAYS = {*NUMBERS[:12], "true", "false", "null", '""', '"x"', '"1e5"'}
PLAIN = {"0", "5", "-5", "999999999999999999", "true", "false", "null", '""', '"x"', '"1e5"'}


@pytest.mark.parametrize("reader", [hive, openx])
def test_numbers_and_booleans_are_texts_as_they_are_line_by_line(reader: Any) -> None:
    decode = reader.decoder(Spec((("v", "varchar", 0),), {}))
    told, plain = set(), set()
    for number in NUMBERS:
        read = _expected("varchar", reader).read(f'{{"v":"a"}}\n{{"v":{number}}}\n'.encode() * 300)
        if read is not None:
            told.add(number)
            plain |= {number} if read.plain else set()
            line = decode(f'{{"v":{number}}}').get("v")
            assert read.columns["v"].to_pylist() == ["a", line] * 300
    assert told >= ALWAYS
    assert plain == PLAIN


def test_numbers_are_no_dates() -> None:
    read = _expected("date", hive).read
    assert read(b'{"v":"2024-01-02"}\n' * 300) is not None
    assert read(b'{"v":"2024-01-02"}\n{"v":20240102}\n' * 300) is None


def _expected(of: str, reader: Any) -> alike.Lines:
    found = _columns(of, reader).expected
    assert found is not None
    return found


STRINGS = (  # noqa: SIM905
    "0 5 -5 007 1.5 -1.5 1e2 1e-3 -0.0 12345678.91 123456789.1 0.001 1.005 1. .5 +5 0x1F NaN x"
    " true false TRUE yes 1true"
).split()
QUOTED = [
    *((hive, of) for of in ("decimal(10,2)", "decimal(20,0)", "decimal(38,10)", "boolean")),
    *((openx, of) for of in ("integer", "bigint", "double", "decimal(10,2)", "decimal(38,10)")),
    (openx, "boolean"),
]


@pytest.mark.parametrize(("reader", "of"), QUOTED)
def test_quoted_values_are_those_that_are_read_line_by_line(reader: Any, of: str) -> None:
    first = "true" if of == "boolean" else "1"
    decode = reader.decoder(Spec((("v", of, 0),), {}))
    told = set()
    for text in STRINGS:
        block = f'{{"v":{first}}}\n{{"v":"{text}"}}\n{{"v":null}}\n'.encode() * 200
        found = _columns(of, reader).read(block)
        if found is not None:
            told.add(text)
            given = str(next(iter(found.columns.values()))[1].as_py()).lower()
            line = str(decode(f'{{"v":"{text}"}}')["v"]).lower()
            assert given == line or Decimal(given) == Decimal(line)
    assert told >= ({"true", "false"} if of == "boolean" else {"0", "5", "-5"})


def test_moments_of_openx_may_have_t_and_z() -> None:
    decode = openx.decoder(Spec((("v", "timestamp(3)", 0),), {}))
    for text in ("2024-01-02T03:04:05Z", "2024-01-02T03:04:05.123", "2024-01-02 03:04:05.5"):
        block = f'{{"v":"2024-01-02T03:04:05"}}\n{{"v":"{text}"}}\n'.encode() * 200
        found = _columns("timestamp(3)", openx).read(block)
        assert found is not None
        assert _columns("timestamp(3)", hive).read(block) is None
        moments = next(iter(found.columns.values())).cast(pyarrow.int64())
        assert moments[1].as_py() == decode(f'{{"v":"{text}"}}')["v"]
    for text in ("2024-01-02T03:04:05+01:00", "2024-01-02 03:04:05Z", "2024-01-02T03:04:05.1234Z"):
        block = f'{{"v":"2024-01-02T03:04:05"}}\n{{"v":"{text}"}}\n'.encode() * 200
        assert _columns("timestamp(3)", openx).read(block) is None


def _columns(of: str, reader: Any) -> strict.Columns:
    columns = [("v", "v", parse_type(of))]
    return strict.columns(columns, Sample(keys={"v": Sample()}), openx=reader is openx, folds=True)
