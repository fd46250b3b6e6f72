"""Typed literals, from their text through DuckDB and back to text, as a real Trino answered.

`recorded_literals.json` holds the type and CAST(… AS varchar) of each literal, or its error.
"""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from lakelet.engines.duckdb import DuckDb
from lakelet.errors import TrinoError
from lakelet.sql.emitter.casts import cast
from lakelet.sql.emitter.literals import literal
from lakelet.types.literals import Literal, interval_literal, typed_literal
from lakelet.types.model import VARCHAR

RECORDED: dict[str, Any] = json.loads(
    (Path(__file__).parent / "recorded_literals.json").read_text()
)["literals"]

INTERVAL = re.compile(r"interval ([+-]?) ?'([^']*)' (\w+)(?: to (\w+))?")
TYPED = re.compile(r"(\w+) '(.*)'")


def read(text: str) -> Literal:
    interval = INTERVAL.fullmatch(text)
    if interval:
        sign, value, start, end = interval.groups()
        return interval_literal(value, start, end, sign or "+")
    typed = TYPED.fullmatch(text)
    assert typed
    return typed_literal(typed[1], typed[2])


@pytest.fixture(scope="module")
def duckdb() -> DuckDb:
    return DuckDb(threads=1)


@pytest.mark.parametrize("text", RECORDED)
def test_a_literal_is_what_trino_reads_in_it(text: str, duckdb: DuckDb) -> None:
    expected = RECORDED[text]
    if isinstance(expected, dict):
        with pytest.raises(TrinoError) as raised:
            read(text)
        assert (raised.value.name, raised.value.message) == (
            expected["error"],
            expected["message"],
        )
        return
    of, value = read(text)
    sql = literal(value, of)
    shown = sql if of.name == "json" else cast(sql, of, VARCHAR)
    answer = duckdb.execute(f"SELECT {shown}").read_all().column(0)[0].as_py()
    assert [str(of), answer] == expected
