"""Blocks of JSON that Arrow takes read as line by line they do."""

import itertools
from collections.abc import Iterator
from functools import partial

import pytest

import lakelet
from lakelet.engines.proofs import Proofs
from lakelet.formats.json import strict
from lakelet.formats.json.clean import Sample, UncleanError
from lakelet.types.hive import to_trino
from tests.formats import lakes

HIVE = "org.apache.hive.hcatalog.data.JsonSerDe"
OPENX = "org.openx.data.jsonserde.JsonSerDe"
NUMBERS = (
    *("0", "-0", "5", "-5", "127", "128", "2147483648", "9223372036854775808", "1e2", "5.0", "1.5"),
    *("1.005", "12345678.91", "123456789.1", "99999999.999", "0.1", "1e-7", "1e400", "1e39", "NaN"),
    *("Infinity", "1.10000000000000001", "123456789012345678901", "-0.0", "01", "+1", "0x1F"),
)
STRINGS = (
    *(
        "",
        "5",
        "1.5",
        "true",
        "abc",
        "é",
        "\\u0041",
        "\\n",
        "\\/",
        "\\ud83d\\ude00",
        "\\ud800",
        "a\tb",
    ),
    *("2024-01-02", "2024-1-2", "2024-02-30", "0001-01-01", "2024-01-02 03:04:05", "20240102"),
    *("2024-01-02T03:04:05", "2024-01-02 03:04:05.123", "2024-01-02 03:04:05.1234"),
    *("2024-01-02 03:04", "2024-01-02 03:04:05Z", " 2024-01-02", "YWJj", "YQ"),
)
OTHERS = ("true", "false", "null", "{}", "[]", '{"x":1}', '{"X":1}', '{"x":null}', '{"x":1,"z":2}')
ARRAYS = ("[1]", "[1.5]", '["a",null]', "[null]", "[[1]]", '["a",1]')
VALUES = (*NUMBERS, *(f'"{each}"' for each in STRINGS), *OTHERS, *ARRAYS)
LINES = (
    "{}",
    "{ }",
    '{"V":1}',
    '{"v":1,"v":2}',
    '{"v":1,"V":2}',
    '{"v":1,"w":{"v":2}}',
    '{"v": 1 }',
    ' {"v":1}',
    '{"v":1} ',
    '{"v":1}{"v":2}',
    '{"v":1} x',
    "[1]",
    "1",
    '{"_col0":1}',
    '{"v":1,"_col0":2}',
    '{"v":1,"w":"2024-01-02 03:04:05"}',
    '{"v":1,"w":[1,{"a":2}]}',
    "{'v':1}",
    '{"v":1,}',
)
TYPES = (
    *("tinyint", "int", "bigint", "float", "double", "boolean", "string", "varchar(3)", "char(3)"),
    *("decimal(10,2)", "decimal(15,0)", "date", "timestamp", "binary", "struct<x:int>"),
    *("array<int>", "array<string>", "array<struct<x:int>>", "decimal(20,2)", "map<string,int>"),
)
LEFT = ("decimal(20,2)", "map<string,int>")


@pytest.fixture(scope="module")
def lake() -> Iterator[lakelet.Lake]:
    with lakes.named("strict") as made:
        yield made


_answer = partial(lakes.rows, database="strict")


@pytest.mark.parametrize(("serde", "of"), [*itertools.product((HIVE, OPENX), TYPES)])
def test_what_arrow_takes_is_read_as_line_by_line(
    lake: lakelet.Lake, monkeypatch: pytest.MonkeyPatch, serde: str, of: str
) -> None:
    """Lines that are taken one by one are put in a file, which is read in both ways."""
    lines = [*(f'{{"v":{value}}}' for value in VALUES), *LINES, '{"v":null,"w":1}']
    openx = serde == OPENX
    try:
        columns = strict.columns([("v", "v", to_trino(of))], Sample(), openx=openx, folds=True)
    except UncleanError:
        assert of in LEFT or (openx and of == "binary")
        return
    taken = [line for line in lines if columns.read(f"{line}\n".encode()) is not None]
    assert taken or of in LEFT
    if not taken:
        return
    name = "t" + "".join(filter(str.isalnum, of + serde[4:7]))
    _answer(
        lake,
        f"CREATE EXTERNAL TABLE {name} (v {of}) ROW FORMAT SERDE '{serde}'"
        f" LOCATION 's3://strict/{name}/'",
    )
    lake.storage.write("strict", f"{name}/f", "\n".join(taken).encode())
    found = _answer(lake, f"SELECT v FROM {name}")
    with monkeypatch.context() as patch:
        patch.setattr(strict.Columns, "read", lambda *_: None)
        patch.setattr(Proofs, "known", lambda *_: False)
        exact = _answer(lake, f"SELECT v FROM {name}")
    assert [(line, repr(row)) for line, row in zip(taken, found, strict=True)] == [
        (line, repr(row)) for line, row in zip(taken, exact, strict=True)
    ]
