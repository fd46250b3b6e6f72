"""Unions in ORC files that another program wrote; Trino 476 itself reads no value of them."""

import io
from typing import Any

import pyorc
import pytest

from tests.formats import cases, running
from tests.formats.fuzz.making import create

UNION = "uniontype<int,string,array<int>>"
ROW = "struct<tag:tinyint,field0:int,field1:string,field2:array<int>>"
VALUES = (1, "a", None, [2, 3], -7)
ROWS = (
    (0, 1, None, None),
    (1, None, "a", None),
    None,
    (2, None, None, [2, 3]),
    (0, -7, None, None),
)
WAYS = (
    (UNION, lambda value: value, lambda row: row),
    (f"array<{UNION}>", lambda value: [value, 5], lambda row: [row, (0, 5, None, None)]),
    (f"struct<n:int,u:{UNION}>", lambda value: (9, value), lambda row: (9, row)),
    (f"map<string,{UNION}>", lambda value: {"k": value}, lambda row: {"k": row}),
)


def _written(of: str, values: list[Any]) -> bytes:
    out = io.BytesIO()
    with pyorc.Writer(out, f"struct<id:int,u:{of}>") as writer:
        for number, value in enumerate(values):
            writer.write((number, value))
    return out.getvalue()


@pytest.mark.parametrize("read", [UNION, ROW])
@pytest.mark.parametrize(("of", "given", "expected"), WAYS, ids=[of for of, _, _ in WAYS])
def test_a_union_is_a_row_of_its_tag_and_fields(
    of: str, given: Any, expected: Any, read: str
) -> None:
    case = cases.Case(cases.CASES / "unions", {})
    with running.lake() as lake:
        lake.storage.write(running.BUCKET, f"{case.id}/f", _written(of, [given(v) for v in VALUES]))
        ddl = create((("id", "int"), ("u", of.replace(UNION, read))), "STORED AS ORC")
        assert running.made(cases.Case(case.folder, {"ddl": [ddl]}), lake) is None
        _, rows = running.rows(case, lake, "SELECT u FROM ${TABLE} ORDER BY id")
    assert [row[0] for row in rows] == [expected(row) for row in ROWS]
