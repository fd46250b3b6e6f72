"""Text files that DuckDB's own readers take over answer as the exact reading of them does."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

import lakelet
from lakelet.engines.proofs import Proofs
from lakelet.errors import TrinoError
from lakelet.formats.json import strict
from lakelet.formats.text import proving
from tests.formats import lakes

LINES = 300

JSON = "ROW FORMAT SERDE 'org.apache.hive.hcatalog.data.JsonSerDe'"
OPENX = "ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'"
CSV = "ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.OpenCSVSerde'"
COMMAS = "ROW FORMAT DELIMITED FIELDS TERMINATED BY ','"
TYPED = "id int, s string, d double, c decimal(10,2), b boolean, t timestamp, day date"
NONE = f"{COMMAS} COLLECTION ITEMS TERMINATED BY ':' NULL DEFINED AS '-'"
STRINGS = "id string, s string, d string, c string, b string, t string, day string"

CLEAN_JSON = (
    '{{"id":{0},"s":"name {0} é","d":{0}.25,"c":{0}.50,"b":true,"t":"2024-01-02 03:04:05",'
    '"day":"2024-01-02"}}'
)

CLEAN_TEXT = "{0},name {0} é,{0}.25,{0}.50,true,2024-01-02 03:04:05,2024-01-02"


@pytest.fixture(autouse=True)
def _small_files_are_worth_a_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proving, "LEAST", 1)


@pytest.fixture(scope="module")
def lake() -> Iterator[lakelet.Lake]:
    with lakes.named("proofs") as made:
        yield made


_answer = partial(lakes.rows, database="proofs")


def _made(
    lake: lakelet.Lake, name: str, columns: str, serde: str, lines: list[str], header: int = 0
) -> None:
    data = "".join(f"{line}\n" for line in lines).encode()
    lake.storage.write("proofs", f"{name}/data", data)
    ddl = f"CREATE EXTERNAL TABLE {name} ({columns}) {serde} STORED AS TEXTFILE"
    skipped = f"TBLPROPERTIES ('skip.header.line.count' = '{header}')"
    _answer(lake, f"{ddl} LOCATION 's3://proofs/{name}/' {skipped}")


def _both(
    lake: lakelet.Lake, name: str, monkeypatch: pytest.MonkeyPatch
) -> tuple[list[Any], list[Any], bool]:
    """The table's rows read as it is, and exactly; and whether its file has been proven."""
    sql = f"SELECT * FROM {name}"
    first = _answer(lake, sql)
    plan = lake.engine.planner.plan(sql, lake.session("proofs"))
    proven = "read_csv" in plan.text or "read_json" in plan.text
    found = _answer(lake, sql)
    assert sorted(map(repr, first)) == sorted(map(repr, found))
    with monkeypatch.context() as patch:
        patch.setattr(Proofs, "hold", lambda *_: False)
        patch.setattr(Proofs, "known", lambda *_: False)
        patch.setattr(strict.Columns, "read", lambda *_: None)
        exact = _answer(lake, sql)
    return sorted(found, key=repr), sorted(exact, key=repr), proven


def _raises(lake: lakelet.Lake, sql: str) -> str:
    with pytest.raises(TrinoError) as caught:
        _answer(lake, sql)
    return caught.value.name


@pytest.mark.parametrize(
    ("name", "columns", "serde", "line"),
    [
        ("hive_json", TYPED, JSON, CLEAN_JSON),
        ("openx_json", TYPED, OPENX, CLEAN_JSON),
        ("spaced_json", TYPED, JSON, CLEAN_JSON.replace('":', '": ').replace(',"', ', "')),
        ("upper_json", TYPED, JSON, CLEAN_JSON.replace('"id"', '"Id"')),
        ("delimited", TYPED, COMMAS, CLEAN_TEXT),
        ("empty_and_null", TYPED, COMMAS, r"{0},,,\N,,,"),
        ("with_quotes", TYPED, COMMAS, '{0},"a ""b,1e2,.5,FALSE,2024-01-02T03:04:05.25,'),
        ("a_filename", "filename string, `x$` bigint, c0 string", COMMAS, "name,{0},#c"),
        ("a_filename_quoted", "filename string, b string", CSV, '"name {0}","y"'),
        ("a_filename_json", "filename string, b string", JSON, '{{"filename":"{0}","b":"y"}}'),
        ("crlf", TYPED, COMMAS, CLEAN_TEXT + "\r"),
        ("null_format", f"{TYPED}, l array<int>", NONE, CLEAN_TEXT.replace("true", "-") + ",1:-:3"),
        ("escapable", STRINGS, f"{COMMAS} ESCAPED BY '#'", CLEAN_TEXT),
        ("quoted", STRINGS, CSV, '"{0}","a, b","",x,"y",z,{0}'),
        (
            "nested_json",
            "id int, r struct<a:int,b:array<string>>, l array<double>",
            OPENX,
            '{{"id":{0},"r":{{"a":{0},"b":["x","y"]}},"l":[1.5,2.0],"other":"' + "o" * 40 + '"}}',
        ),
    ],
)
def test_a_clean_file_is_proven_and_reads_the_same(
    lake: lakelet.Lake,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    columns: str,
    serde: str,
    line: str,
) -> None:
    _made(lake, name, columns, serde, [line.format(i) for i in range(LINES)])
    found, exact, proven = _both(lake, name, monkeypatch)
    assert repr(found) == repr(exact)
    assert proven
    assert len(found) == LINES


def test_paths_of_a_proven_file_are_its_own(lake: lakelet.Lake) -> None:
    _made(lake, "paths", "filename string, b string", CSV, [f'"{i}","y"' for i in range(LINES)])
    for _ in range(2):
        found = _answer(lake, 'SELECT DISTINCT b, "$path" FROM paths')
        assert found == [("y", "s3://proofs/paths/data")]


ODD_JSON = [
    '{"id":1,"s":1.50}',
    '{"ID":1,"s":"a"}',
    '{"id":1,"s":"\\u0000"}',
    '{"id":1.9,"s":"a"}',
    '{"id":1,"d":1e400}',
    '{"id":1,"t":"2024-01-02 3:04:05"}',
    '{"id":1,"day":"2024-1-2"}',
    '{"id":1,"b":"true"}',
    '{"id":1} behind',
]
OTHER_JSON = [
    '{"id":1,"s":"a","s2":2}',
    '{"id":1,"s":"\\u0041\\n"}',
    "{}",
    '{"id": 1, "s": null}',
    '{"id":1,"t":"2024-01-02T03:04:05.5"}',
    '{"id":1,"s":12,"d":-0.5,"c":"7.50"}',
]


@pytest.mark.parametrize("number", range(len(ODD_JSON)))
@pytest.mark.parametrize("serde", [JSON, OPENX], ids=["hive", "openx"])
def test_one_odd_line_of_json_keeps_a_file_from_being_proven(
    lake: lakelet.Lake, monkeypatch: pytest.MonkeyPatch, serde: str, number: int
) -> None:
    name = f"odd_{'openx' if serde is OPENX else 'hive'}_{number}"
    lines = [CLEAN_JSON.format(i) for i in range(LINES)]
    _made(lake, name, TYPED, serde, [*lines, ODD_JSON[number], *lines[:10]])
    found, exact, proven = _both(lake, name, monkeypatch)
    assert repr(found) == repr(exact)
    assert not proven
    assert len(found) == LINES + 11


@pytest.mark.parametrize("number", range(len(OTHER_JSON)))
@pytest.mark.parametrize("serde", [JSON, OPENX], ids=["hive", "openx"])
def test_lines_that_differ_are_proven_all_the_same(
    lake: lakelet.Lake, monkeypatch: pytest.MonkeyPatch, serde: str, number: int
) -> None:
    name = f"other_{'openx' if serde is OPENX else 'hive'}_{number}"
    _made(lake, name, TYPED, serde, [CLEAN_JSON.format(1), OTHER_JSON[number]])
    found, exact, proven = _both(lake, name, monkeypatch)
    assert repr(found) == repr(exact)
    assert proven
    assert len(found) == 2


ODD_TEXT = {
    "blank": b"",
    "short": b"1",
    "long": CLEAN_TEXT.format(1).encode() + b",more",
    "fraction": b"1.9,a,1,1,true,,",
    "plus": b"+1,a,0x1p3,1,t,x,y",
    "space": b" 1,a,1,1,true,,",
    "not_finite": b"1,a,NaN,1e2,true,,",
    "no_value": b"1,a,,,maybe,,",
    "moment": b"1,a,,,,2024-1-2 3:4:5,2024-13-01",
    "microseconds": b"1,a,,,,2024-01-02 03:04:05.123456,",
    "nul": b"1,a\0b,,,,,",
    "no_utf8": b"1,a\xffb,,,,,",
    "carriage": b"1,a\rb,,,,,",
    "escaped": b"1,a#,b,,,,,",
}


@pytest.mark.parametrize("name", ODD_TEXT)
@pytest.mark.parametrize("header", [0, 2])
def test_one_odd_line_of_text_keeps_a_file_from_being_proven(
    lake: lakelet.Lake, monkeypatch: pytest.MonkeyPatch, name: str, header: int
) -> None:
    table = f"odd_text_{name}_{header}"
    serde = f"{COMMAS} ESCAPED BY '#'" if name == "escaped" else COMMAS
    lines = [CLEAN_TEXT.format(i) for i in range(LINES)]
    _made(lake, table, TYPED, serde, [*["id,name"] * header, *lines], header)
    found, exact, proven = _both(lake, table, monkeypatch)
    assert repr(found) == repr(exact)
    assert proven
    assert len(found) == LINES
    data = "\n".join([*["id,name"] * header, *lines, ""]).encode()
    lake.storage.write("proofs", f"{table}/data", data + ODD_TEXT[name] + b"\n")
    found, exact, proven = _both(lake, table, monkeypatch)
    assert repr(found) == repr(exact)
    assert not proven
    assert len(found) == LINES + (2 if name == "carriage" else 1)


@pytest.mark.parametrize("header", [b"", b"a\xffb", b"x" * 100_000, b'"', b"a\0b"])
@pytest.mark.parametrize("rows", [LINES, 0])
def test_a_files_header_is_skipped_whatever_it_is(
    lake: lakelet.Lake, monkeypatch: pytest.MonkeyPatch, header: bytes, rows: int
) -> None:
    name = f"header_{len(header)}_{sum(header) % 97}_{rows}"
    _made(lake, name, TYPED, COMMAS, [], 2)
    lines = "".join(f"{CLEAN_TEXT.format(i)}\n" for i in range(rows)).encode()
    lake.storage.write("proofs", f"{name}/data", b"\n".join([header, header, lines]))
    found, exact, _ = _both(lake, name, monkeypatch)
    assert repr(found) == repr(exact)
    assert len(found) == rows


def test_a_line_that_fails_the_query_does_so_behind_clean_ones(lake: lakelet.Lake) -> None:
    lines = [CLEAN_JSON.format(i) for i in range(LINES)]
    for number, line in enumerate(('{"id":1,"s":{"x":1}}', '{"id":"5"}', "{", '{"id":1,"id":2}')):
        _made(lake, f"fails_{number}", TYPED, JSON, [*lines, line])
        assert _raises(lake, f"SELECT * FROM fails_{number}") == "HIVE_CURSOR_ERROR"


def test_a_file_that_changes_is_proven_anew(
    lake: lakelet.Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [CLEAN_JSON.format(i) for i in range(LINES)]
    _made(lake, "changes", TYPED, JSON, lines)
    assert _both(lake, "changes", monkeypatch)[2]
    data = "\n".join([*lines, '{"ID":1}']).encode()
    lake.storage.write("proofs", "changes/data", data)
    found, exact, proven = _both(lake, "changes", monkeypatch)
    assert repr(found) == repr(exact)
    assert not proven


@pytest.mark.parametrize(("serde", "line"), [(CSV, '"{0}","a"'), (COMMAS, "{0},a")])
def test_a_header_that_becomes_a_row_is_read_exactly(
    lake: lakelet.Lake, monkeypatch: pytest.MonkeyPatch, serde: str, line: str
) -> None:
    name = f"no_header_{len(line)}"
    lines = [line.format(number) for number in range(LINES)]
    _made(lake, name, "id string, s string", serde, ["only", *lines], header=1)
    assert _both(lake, name, monkeypatch)[2]
    _answer(lake, f"ALTER TABLE {name} SET TBLPROPERTIES ('skip.header.line.count' = '0')")
    found, exact, _ = _both(lake, name, monkeypatch)
    assert found == exact
    assert ("only", None) in found
