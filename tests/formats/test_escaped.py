"""Blocks of lines with escapes, read at once as they are one by one."""

import random
from types import SimpleNamespace
from typing import Any

import pytest

from lakelet.formats import delimited
from lakelet.formats.delimited import escaped
from lakelet.formats.delimited.options import Options
from lakelet.types.parsing import parse_type

SCHEMA = tuple(
    (name, parse_type(of)) for name, of in (("a", "varchar"), ("b", "bigint"), ("c", "char(5)"))
)
PARTS = ("a", "1", "\\", "\\\\", ",", "\\,", "N", "\\N", " ", "é", "|", "\x01", "\x02", "")
GIVEN = (
    {"field.delim": ",", "escape.delim": "\\"},
    {"field.delim": ",", "escape.delim": "\\", "serialization.null.format": "a"},
    {"field.delim": ",", "escape.delim": "\\", "serialization.null.format": "\\,"},
    {"field.delim": ",", "escape.delim": "\\", "serialization.null.format": "\\"},
    {"field.delim": ",", "escape.delim": "|", "serialization.null.format": ""},
    {"escape.delim": "2"},
    {"field.delim": "N", "escape.delim": "a"},
)


@pytest.mark.parametrize("properties", GIVEN)
def test_escapes_are_read_as_line_by_line(properties: dict[str, str]) -> None:
    given = random.Random(5)
    options = Options.of(properties)
    request: Any = SimpleNamespace(schema=SCHEMA)
    watch: Any = SimpleNamespace(odd=False)
    decode = delimited._texts_of(request, options, watch)
    wanted = [(name, place, of) for place, (name, of) in enumerate(SCHEMA)]
    at_once = 0
    for _ in range(1500):
        lines = [
            "".join(given.choice(PARTS) for _ in range(given.randrange(10)))
            for _ in range(given.randrange(1, 4))
        ]
        if given.random() < 0.5:  # of which each has as many fields as the table
            between = options.separators[0]
            lines = [between.join(given.choice(PARTS) for _ in SCHEMA) for _ in lines]
        block = "".join(f"{line}\n" for line in lines).encode()
        if (options.escape or "").encode() not in block:
            continue
        at_once += escaped.standing(block, options) is not None
        found = decode(block, ["a", "b", "c"])
        told = escaped.columns(block, wanted, options, len(SCHEMA))
        for name, _ in SCHEMA:
            assert found[name].to_pylist() == told[name].to_pylist(), lines
    assert at_once > 500
