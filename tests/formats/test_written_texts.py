"""Texts and moments as the writers' short ways write them, beside what the long ones would."""

import json
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

import duckdb
import pyarrow
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakelet.formats.writers import delimited, texts, writing
from lakelet.formats.writers.json import hive, openx
from lakelet.types.parsing import parse_type

_TEXTS = st.lists(
    st.text(st.sampled_from('a"\\/<\x00\x01\x1f\n\t\x7fé€😀𐀀\ufffd ,;u0'), max_size=8), max_size=20
)


def _lines(of: writing.Writing, given: Sequence[str]) -> list[str]:
    return [line for (line,) in _told(pyarrow.array(given, pyarrow.string()), of.items[0])]


def _told(given: pyarrow.Array, *items: str) -> list[tuple[Any, ...]]:
    """SQL of a column `s`, row by row."""
    database = _database()
    database.register("given", pyarrow.table({"s": given}))
    return database.execute(f"SELECT {', '.join(items)} FROM given").fetchall()


@cache
def _database() -> duckdb.DuckDBPyConnection:
    return duckdb.connect()


def _request(**serde: str) -> writing.WriteRequest:
    return writing.WriteRequest((("s", parse_type("varchar")),), serde=serde)


@pytest.mark.parametrize("make", [hive, openx])
@given(_TEXTS)
def test_json_holds_any_text(make: Any, given: list[str]) -> None:
    lines = _lines(make(_request()), given)
    assert [json.loads(line) for line in lines] == [{"s": each} for each in given]
    written = "".join(lines)
    if make is hive:  # Jackson's upper case, and halves of pairs
        assert "\\u001f" not in written
        assert not any(ord(char) > 0xFFFF for char in written)
    else:
        assert "\\u001F" not in written
        assert "</" not in written


@given(_TEXTS)
def test_escapes_stand_before_all_that_parts_texts(given: list[str]) -> None:
    escape, parts = "\\", {",", ";", "\x03", *map(chr, range(4, 9)), "\\"}
    made = delimited.simple(
        _request(**{"escape.delim": escape, "field.delim": ",", "collection.delim": ";"})
    )
    wanted = ["".join(escape * (char in parts) + char for char in each) for each in given]
    assert _lines(made, given) == [f"{each}\n" for each in wanted]


@given(st.lists(st.datetimes(), max_size=10))
def test_moments_have_all_their_digits(given: list[datetime]) -> None:
    moments = pyarrow.array(given, pyarrow.timestamp("us"))
    found = _told(moments, texts.moment("s"), texts.moment("s", "T", "Z"))
    wanted = []
    for each in given:
        fraction = f".{each.microsecond:06d}".rstrip("0").rstrip(".")
        day, clock = f"{each.year}-{each:%m-%d}", f"{each:%H:%M:%S}{fraction}"
        wanted.append((f"{day} {clock}", f"{day}T{clock}Z"))
    assert found == wanted
