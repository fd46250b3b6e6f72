"""Amazon Ion in text and in binary, with the examples of its SerDe's documentation.

https://github.com/amazon-ion/ion-hive-serde/blob/master/docs/serde-properties.md (2026-11)
"""

import gzip
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from amazon.ion import simpleion

import lakelet
from lakelet.errors import TrinoError

TEXT = b"""
{id:1, a:"x", sy:sym, b:true, f:1.5e0, d:2.255, t:2020-01-02T03:04:05.678+01:00, day:2020-01-02T,
 x:{{aGk=}}, c:{{"clob"}}, l:[1, 2, null.int], se:(1 2), s:{p:1, q:"y"}, m:{k:1}, n:null}
{id:2} {ID:3, A:z, any:[1, {b:2.5}]}
"""
TABLE = (
    "id int, a string, sy varchar(3), b boolean, f double, d decimal(10,2), t timestamp, day date,"
    " x binary, c binary, l array<int>, se array<bigint>, s struct<p:int,q:string>,"
    " m map<string,int>, n int"
)
ROW = (
    *(1, "x", "sym", True, 1.5, Decimal("2.26"), datetime(2020, 1, 2, 2, 4, 5, 678_000)),
    *(date(2020, 1, 2), b"hi", b"clob", [1, 2, None], [1, 2], (1, "y"), {"k": 1}, None),
)


@pytest.fixture
def lake() -> Iterator[lakelet.Lake]:
    with lakelet.Lake() as made:
        made.storage.create_bucket("ion")
        yield made


def _rows(
    lake: lakelet.Lake, data: bytes, columns: str, query: str = "*", name: str = "f", **given: str
) -> list[Any]:
    lake.storage.write("ion", f"t/{name}", data)
    serde = ""
    if given:
        told = ", ".join(f"'{key}' = '{value}'" for key, value in given.items())
        serde = (
            f"ROW FORMAT SERDE 'com.amazon.ionhiveserde.IonHiveSerDe' WITH SERDEPROPERTIES ({told})"
        )
    cursor = lakelet.connect(lake).cursor()
    cursor.execute(
        f"CREATE EXTERNAL TABLE t ({columns}) {serde} STORED AS ION LOCATION 's3://ion/t/'"
    )
    return cursor.execute(f"SELECT {query} FROM t").fetchall()


@pytest.mark.parametrize("binary", [False, True])
def test_each_type_is_read(lake: lakelet.Lake, binary: bool) -> None:
    data = TEXT
    if binary:
        data = simpleion.dumps(simpleion.loads(TEXT, single_value=False), sequence_as_stream=True)
    rows = _rows(lake, data, TABLE)
    assert rows[0] == ROW
    assert rows[1] == (2, *[None] * 14)
    assert rows[2][:2] == (3, "z")


def test_packed_files_are_read(lake: lakelet.Lake) -> None:
    assert _rows(lake, gzip.compress(TEXT), "id int", "count(*), sum(id)", "f.gz") == [(3, 6)]


def test_any_value_is_a_string_in_ions_text(lake: lakelet.Lake) -> None:
    assert _rows(lake, TEXT, "any string")[2] == ("[1,{b:2.5}]",)


def test_json_over_several_lines_is_ion(lake: lakelet.Lake) -> None:
    data = b'{\n "id": 1,\n "f": 2.5\n}\n{"id": 2,\n "f": 3}'
    assert _rows(lake, data, "id int, f double") == [(1, 2.5), (2, 3.0)]


def test_columns_are_what_paths_lead_to(lake: lakelet.Lake) -> None:
    data = b'{identification:{name:"Foo Bar", driver_licence:"XXXX"}, alias:"foo", n:[5, 6]}'
    given = {
        "ion.name.path_extractor": "(identification name)",
        "ion.nickname.path_extractor": "(alias)",
        "ion.second.path_extractor": "(n 1)",
    }
    rows = _rows(lake, data, "name string, nickname string, second int", **given)
    assert rows == [("Foo Bar", "foo", 6)]


def test_names_may_be_told_apart_by_case(lake: lakelet.Lake) -> None:
    given = {"ion.path_extractor.case_sensitive": "true"}
    assert _rows(lake, b"{A:1}{a:2}", "a int", **given) == [(None,), (2,)]


def test_what_does_not_fit_fails(lake: lakelet.Lake) -> None:
    with pytest.raises(TrinoError) as failure:
        _rows(lake, b"{n:40000}", "n smallint")
    assert failure.value.name == "HIVE_CURSOR_ERROR"


def test_what_does_not_fit_may_overflow(lake: lakelet.Lake) -> None:
    data = b'{n:40000, s:"123456789", st:{f1:40000, f2:"123456789"}}'
    columns = "n smallint, s varchar(5), st struct<f1:smallint,f2:varchar(5)>"
    given = {f"ion.{name}.fail_on_overflow": "false" for name in ("n", "s", "st")}
    assert _rows(lake, data, columns, **given) == [(-25536, "12345", (-25536, "12345"))]


def test_a_malformed_value_fails(lake: lakelet.Lake) -> None:
    with pytest.raises(TrinoError) as failure:
        _rows(lake, b"{field:1} {field:2} {field:3 {field:4}", "field int")
    assert failure.value.name == "HIVE_CURSOR_ERROR"


def test_a_malformed_value_may_end_a_file(lake: lakelet.Lake) -> None:
    data = b"{ field: 1 }\n{ field: 2 }\n{ field: 3\n{ field: 4 }\n"
    given = {"ion.ignore_malformed": "true"}
    assert _rows(lake, data, "field int", **given) == [(1,), (2,)]


@pytest.mark.parametrize(("value", "of"), [("true", "int"), ('"1"', "int"), ("1", "boolean")])
def test_values_of_other_types_fail(lake: lakelet.Lake, value: str, of: str) -> None:
    with pytest.raises(TrinoError) as failure:
        _rows(lake, f"{{v:{value}}}".encode(), f"v {of}")
    assert failure.value.name == "HIVE_CURSOR_ERROR"


# Writing --------------------------------------------------------------------------------------

WRITTEN = """
    SELECT 1 AS id, CAST('a' AS char(3)) AS c, 'x' AS s, true AS b, 1.5E0 AS f,
    DECIMAL '-2.50' AS d, DATE '0001-01-01' AS day,
    TIMESTAMP '1969-12-31 23:59:59.999' AS t, X'00ff' AS x,
    ARRAY[1, NULL] AS l, MAP(ARRAY['k'], ARRAY[DATE '2020-01-02']) AS m,
    CAST(NULL AS integer) AS n,
    CAST(ROW(7, NULL) AS ROW(p integer, q varchar)) AS r
"""


def test_what_a_query_writes_is_ion_to_others(lake: lakelet.Lake) -> None:
    cursor = lakelet.connect(lake).cursor()
    given = "format = 'ION', external_location = 's3://ion/w/'"
    cursor.execute(f"CREATE TABLE w WITH ({given}) AS {WRITTEN}")
    cursor.execute(f"INSERT INTO w {WRITTEN}")
    keys = [info.key for info in lake.storage.list("ion", "w/")]
    assert len(keys) == 2
    for key in keys:
        assert key.endswith(".gz")
        data = gzip.decompress(lake.storage.read("ion", key))
        assert data.startswith(b"\xe0\x01\x00\xea")
        (struct,) = simpleion.loads(data, single_value=False)
        shown = simpleion.dumps(struct, binary=False, omit_version_marker=True)
        assert shown == (
            '{id:1,c:"a",s:"x",b:true,f:1.5e+0,d:-2.50,day:0001-01-01,'
            "t:1969-12-31T23:59:59.999Z,x:{{AP8=}},l:[1,null],m:{k:2020-01-02},r:{p:7}}"
        )
    found = cursor.execute("SELECT * FROM w").fetchall()
    assert found == cursor.execute(f"{WRITTEN} UNION ALL {WRITTEN}").fetchall()


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("MAP(ARRAY[1], ARRAY[2])", "NOT_SUPPORTED"),
        ("DATE '10000-01-01'", "HIVE_WRITER_DATA_ERROR"),
    ],
)
def test_what_ion_cannot_hold_is_refused(lake: lakelet.Lake, query: str, name: str) -> None:
    cursor = lakelet.connect(lake).cursor()
    given = "format = 'ION', external_location = 's3://ion/w/'"
    with pytest.raises(TrinoError) as raised:
        cursor.execute(f"CREATE TABLE w WITH ({given}) AS SELECT {query} AS a")
    assert raised.value.name == name
    assert not list(lake.storage.list("ion", "w/"))


def test_ion_is_not_unloaded(lake: lakelet.Lake) -> None:
    cursor = lakelet.connect(lake).cursor()
    with pytest.raises(TrinoError, match="Invalid value"):
        cursor.execute("UNLOAD (SELECT 1 AS a) TO 's3://ion/w/' WITH (format = 'ION')")


def test_rows_are_counted_without_a_column(lake: lakelet.Lake) -> None:
    """Of which nothing is to be decoded."""
    assert _rows(lake, TEXT, TABLE, 'count(*), count(DISTINCT "$path")') == [(3, 1)]
    cursor = lakelet.connect(lake).cursor()
    assert cursor.execute("SELECT count(*) FROM t").fetchall() == [(3,)]
