"""Values that Arrow gives of texts are those that the rules of their types give."""

import itertools
from collections.abc import Iterator
from functools import partial
from typing import Any

import pyarrow
import pytest

import lakelet
from lakelet.formats.text import separated, typed, values
from lakelet.types.duckdb import physical
from lakelet.types.parsing import parse_type
from tests.formats import lakes

NUMBERS = (  # noqa: SIM905
    "0 5 -5 +5 +-5 --5 -+5 -0 00005"
    " 127 128 -128 -129 32768 2147483648 9223372036854775807 9223372036854775808"
    " 5.0 5. .5 . - + 1e2 1E2 1e 1e-2 1e400 -1e400 1e-400 0x1F -0x1F 0X1f 1_000 1d 1f 0x1p3"
    " 12345678.91 123456789.1 1.005 1.004 NaN nan NAN inf -inf Infinity -Infinity INFINITY"
    " 1,5 ٣ true t"
).split()
BOOLEANS = "true TRUE tRuE false False t f yes 1 0 on".split()  # noqa: SIM905
DAYS = (  # noqa: SIM905
    "2024-01-02 2024-1-2 20240102 2024-02-30 2024-13-01 0000-01-01 0001-01-01 9999-12-31"
    " 10000-01-01 -2024-01-01 +2024-01-01"
).split()
TIMES = (
    "",
    " 00",
    " 03:04",
    " 03:04:05",
    "T03:04:05",
    "t03:04:05",
    "T03:04",
    " 03:04:05.1",
    " 03:04:05.123",
    " 03:04:05.1239",
    " 03:04:05.123456789",
    " 03:04:05.",
    " 03:04:05Z",
    " 03:04:05+01",
    " 03:04:05 UTC",
    " 24:00:00",
    " 03:04:60",
    " 030405",
    "  03:04:05",
    "-03:04:05",
)
MOMENTS = [day + time for day, time in itertools.product(DAYS, TIMES)]
PLAIN = [*NUMBERS, *BOOLEANS, *MOMENTS]
TEXTS = [around.replace("x", text) for text in PLAIN for around in ("x", " x", "x ", "\tx", "x\r")]
TYPES = (
    *("tinyint", "smallint", "integer", "bigint", "real", "double", "boolean", "date"),
    *("timestamp(3)", "decimal(10,2)", "decimal(38,0)"),
)


@pytest.fixture(scope="module")
def lake() -> Iterator[lakelet.Lake]:
    with lakes.named("typed") as made:
        yield made


_answer = partial(lakes.rows, database="typed")


@pytest.mark.parametrize("name", TYPES)
def test_what_arrow_gives_is_what_the_rules_give(name: str, lake: lakelet.Lake) -> None:
    of = parse_type(name)
    texts = [*TEXTS, ""]
    given: dict[str, Any] = {}
    for text in texts:
        found = typed.divided({"x": pyarrow.array([text])}, {"x": of})
        if found[typed.text_of("x")].null_count:
            given[text] = found["x"]
    _are_as_ruled(lake, name, given)


@pytest.mark.parametrize("name", TYPES)
def test_what_arrow_gives_while_it_splits_is_what_the_rules_give(
    name: str, lake: lakelet.Lake
) -> None:
    of = parse_type(name)
    types = typed.read_at_once({"x": of})
    if not types:
        assert name in ("timestamp(3)", "decimal(38,0)")
        return
    given: dict[str, Any] = {}
    for text in [*TEXTS, *DIGITS, ""]:
        block = f"a,{text},\nb,{text},c\n".encode()
        if typed.is_tight(block, b",", integers=of.name in typed.INTEGERS):
            found = separated.split(block, ["x"], "wxz", separated.Fields(",", "", "-"), types)
            made = None if found is None else typed.at_once(found, {"x": of})
            if made is not None:
                given[text] = made["x"][1:]
    _are_as_ruled(lake, name, given)


DIGITS = (  # noqa: SIM905
    "0.1 0.005 0.004 -0.005 1.115 1.125 8.125 99999999.99 99999999.994 99999999.995 100000000"
    " 12345678.9 12345678.905 0.30000000000000004 1e7 1e8 1.5e-3 -.5"
).split()


def test_a_decimal_that_arrow_cannot_cast_at_once_stays_a_text() -> None:
    given = {"d": parse_type("decimal(38,0)"), "n": parse_type("integer")}
    fields = separated.Fields(",", "", "-")
    types = typed.read_at_once(given)
    found = separated.split(b"1,2\n", ["d", "n"], "dn", fields, types)
    assert found is not None
    made = typed.at_once(found, given)
    assert made is not None
    assert (made["d"].to_pylist(), made["n"].to_pylist()) == (["1"], [2])


def test_null_and_empty_texts_are_told_apart_where_arrow_casts() -> None:
    """Where a block has the text of NULL it is one of a string too, and an empty one is not."""
    types = typed.read_at_once({"n": parse_type("bigint")})
    fields = separated.Fields(",", "", "-")
    found = separated.split(b"1,\n,b\n", ["n", "s"], "ns", fields, types)
    assert found is not None
    assert (found["n"].to_pylist(), found["s"].to_pylist()) == ([1, None], ["", "b"])
    found = separated.split(b"1,\n-,-\n", ["n", "s"], "ns", fields, types)
    assert found is not None
    assert (found["n"].to_pylist(), found["s"].to_pylist()) == ([1, None], ["", None])
    assert separated.split(b",\n-,-\n", ["n", "s"], "ns", fields, types) is None


@pytest.mark.parametrize(
    "block",
    [b" 1,a\n", b"1,a\n2 ,b\n", b"1,a\n2,b\t\n", b"a,0x1\n", b"0X1,a\n", b"1,a\n0x2,b\n"],
)
@pytest.mark.parametrize("before", [0, (128 << 10) - 1, 128 << 10, (128 << 10) + 1])
def test_blocks_that_arrow_trims_are_not_tight(block: bytes, before: int) -> None:
    assert not typed.is_tight(b"x" * before + b"\n" + block, b",", integers=True)
    assert typed.is_tight(b"x" * before + b"\n1 2,30x4\n", b",", integers=True)


def _are_as_ruled(lake: lakelet.Lake, name: str, given: dict[str, Any]) -> None:
    of = parse_type(name)
    table = pyarrow.table({"x": list(given), "y": pyarrow.concat_arrays(given.values())})
    ruled = values.nested("x", of, values.Nesting("", ""))
    odd = f"SELECT x, y, {ruled} AS z FROM given WHERE y IS DISTINCT FROM {ruled}"
    answer = lake.engine.duckdb.execute(odd, {"given": table}).read_all()
    assert str(answer.column(0).to_pylist()) == "[]"
    cast = f"TRY_CAST(x AS {physical(of)})"
    odd = f"SELECT x, y, {cast} AS z FROM given WHERE y IS DISTINCT FROM {cast}"
    answer = lake.engine.duckdb.execute(odd, {"given": table}).read_all()
    assert str(answer.to_pylist()) == "[]"
    assert table.column("y").null_count < len(table)


def test_one_odd_text_keeps_its_column_a_text_and_no_other() -> None:
    texts = {"a": pyarrow.array(["1", "x", None]), "b": pyarrow.array(["1", "2", ""])}
    types = {name: parse_type("bigint") for name in texts}
    found = typed.divided(texts, types)
    assert found["a"].null_count == 3
    assert found[typed.text_of("a")].to_pylist() == ["1", "x", None]
    assert found["b"].to_pylist() == [1, 2, None]
    assert found[typed.text_of("b")].null_count == 3


CLEAN = "{0},name {0} é,{0}.25,{0}.50,true,2024-01-02 03:04:05,2024-01-02"
ODD = (
    "",
    "1",
    "1.9,a,1,1,true,x,y",
    "+1,a,0x1p3,1,t,x,y",
    " 1,a,1,1,true,,",
    "1,a,NaN,1e2,1,2024-1-2 3:4:5,2024-13-01",
    "1,a,1,1,true,2024-01-02,2024-01-02,more",
    "1,,,,,,                    ",
    r"\N,\N,\N,\N,\N,\N,\N",
)


@pytest.mark.parametrize("number", range(len(ODD)))
def test_a_block_with_an_odd_line_reads_as_its_texts_do(
    lake: lakelet.Lake, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    lines = [*(CLEAN.format(i) for i in range(300)), ODD[number], CLEAN.format(7)]
    lake.storage.write("typed", f"odd{number}/data", "\n".join(lines).encode())
    _answer(
        lake,
        f"CREATE EXTERNAL TABLE odd{number} (id int, s string, d double, c decimal(10,2),"
        " b boolean, t timestamp, day date) ROW FORMAT DELIMITED FIELDS TERMINATED BY ','"
        f" LOCATION 's3://typed/odd{number}/'",
    )
    found = _answer(lake, f"SELECT * FROM odd{number}")
    monkeypatch.setattr(typed, "types", lambda columns: {})
    assert repr(found) == repr(_answer(lake, f"SELECT * FROM odd{number}"))
    assert len(found) == 302
