"""Cases of "Schema Resolution" in the Avro specification."""

import json
from typing import Any

import pytest

from lakelet.catalog.avro_schemas import parse, reads
from lakelet.errors import InvalidInput


def record(*fields: Any, name: str = "r", **more: Any) -> dict[str, Any]:
    return {"type": "record", "name": name, "fields": list(fields), **more}


def named(name: str, of: Any, **more: Any) -> dict[str, Any]:
    return {"name": name, "type": of, **more}


ENUM = {"type": "enum", "name": "e", "symbols": ["A", "B"]}
TREE = record(named("value", "int"), named("next", ["null", "r"]))


@pytest.mark.parametrize(
    ("reader", "writer", "can"),
    [
        ("int", "int", True),
        ("long", "int", True),
        ("int", "long", False),
        ("double", "float", True),
        ("float", "double", False),
        ("string", "bytes", True),
        ("boolean", "int", False),
        ({"type": "long", "logicalType": "timestamp-millis"}, "long", True),
        (["null", "int"], "int", True),
        ("int", ["null", "int"], False),
        (["null", "long"], ["null", "int"], True),
        ({"type": "array", "items": "long"}, {"type": "array", "items": "int"}, True),
        ({"type": "map", "values": "int"}, {"type": "array", "items": "int"}, False),
        (ENUM, {**ENUM, "symbols": ["A"]}, True),
        ({**ENUM, "symbols": ["A"]}, ENUM, False),
        ({**ENUM, "symbols": ["A"], "default": "A"}, ENUM, True),
        (
            {"type": "fixed", "name": "f", "size": 4},
            {"type": "fixed", "name": "f", "size": 8},
            False,
        ),
        (record(named("a", "int")), record(named("a", "int"), named("b", "int")), True),
        (record(named("a", "int"), named("b", "int")), record(named("a", "int")), False),
        (
            record(named("a", "int"), named("b", "int", default=0)),
            record(named("a", "int")),
            True,
        ),
        (record(named("b", "int", aliases=["a"])), record(named("a", "int")), True),
        (record(name="x"), record(name="y"), False),
        (record(name="x", aliases=["y"]), record(name="y"), True),
        (record(name="x", namespace="one"), record(name="x", namespace="two"), True),
        (TREE, TREE, True),
        (record(named("value", "int"), named("next", ["null", "r"], default=None)), TREE, True),
        (record(named("value", "string"), named("next", ["null", "r"])), TREE, False),
    ],
)
def test_a_reader_reads_what_the_specification_says(reader: Any, writer: Any, can: bool) -> None:
    assert reads(parse(json.dumps(reader)), parse(json.dumps(writer))) is can


@pytest.mark.parametrize(
    "definition",
    [
        "",
        "{",
        "5",
        "null",
        '"nowhere"',
        '{"type": "record", "name": "r"}',
        '{"type": "record", "fields": []}',
        '{"type": "array"}',
        '{"type": "enum", "name": "e"}',
        json.dumps([record(name="x"), record(name="x")]),
        "[" * 3000 + "]" * 3000,
    ],
)
def test_what_is_no_schema_is_invalid_input(definition: str) -> None:
    with pytest.raises(InvalidInput, match="Schema definition of AVRO data format is invalid"):
        parse(definition)
