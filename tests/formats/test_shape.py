"""What lines of a shape hold is read by DuckDB as line by line, and what is odd has no shape."""

import gzip
import json
import random
from collections.abc import Iterator
from typing import Any

import pytest

import lakelet
from lakelet.engines.proofs import Proofs
from lakelet.formats.json import clean, shape, strict
from lakelet.formats.text import proving
from lakelet.types.hive import to_trino
from tests.formats import lakes

HIVE = "org.apache.hive.hcatalog.data.JsonSerDe"
OPENX = "org.openx.data.jsonserde.JsonSerDe"
SERDES = {"hive": HIVE, "openx": OPENX}

VALUES: dict[str, list[Any]] = {
    "tinyint": [0, 1, -7, 99, 127],
    "int": [0, 9, -10, 2147483647, 1000000000],
    "bigint": [0, 9223372036854775807, -999999999999999999],
    "float": [0.5, 1, 12.25, -3e10],
    "double": [0.0, 1.5, -0.25, 1e22, 3, 1e-7],
    "decimal(10,2)": [0, 0.5, 12.25, -99999999.99, 7],
    "decimal(38,18)": [0.001, 123456789.5, -1],
    "boolean": [True, False],
    "string": ["", "a b", "größer", 'q"uote\\', "é\n", "\U0001f600", 12, True],
    "varchar(3)": ["abcdef", "", "日本語日本語"],
    "date": ["2024-02-29", "1999-12-31", "2000-02-29"],
    "timestamp": ["2024-01-02 03:04:05", "2024-12-31 23:59:59.999", "2024-01-02T03:04:05"],
    "array<int>": [[], [1], [1, None, 3]],
    "map<string,bigint>": [{}, {"a": 1}, {"a": 1, "b": None, "ü": 3}],
    "map<string,struct<x:int,y:array<string>>>": [{"k": {"x": 1, "y": ["a"]}}, {"k": {"x": 2}}],
    "struct<a:int,b:struct<c:string>>": [{"a": 1, "b": {"c": "x"}}, {"b": {"c": "y"}}, {}],
    "array<struct<sku:string,qty:int>>": [[{"sku": "s", "qty": 1}, {"qty": 2}], []],
}
ODD = {
    "tinyint": ["128", "1.0", '"1"x', "true", "01"],
    "int": ["2147483648", "1.5", "1e2", "[1]", "+1"],
    "bigint": ["9223372036854775808", "1.5"],
    "double": ["NaN", "1e999", "true", "Infinity", ".5", "1.", "{}"],
    "decimal(10,2)": ["1.005", "123456789.1", "true", '"x"'],
    "boolean": ["1", '"true"', "yes"],
    "string": ["1.50", "{}", "[1]", '"\\ud800"', '"\\u0000"', '"a\tb"', "1e3"],
    "date": ['"2023-02-29"', '"2024-1-2"', '"1900-02-29"', "20240101", '"2024-04-31"'],
    "timestamp": ['"2024-01-02 24:00:00"', '"2024-13-01 00:00:00"', '"2024-01-02 03:04"', "5"],
    "array<int>": ["[1,]", '""', "1", '["1"]', "[,1]", "[1 2]"],
    "map<string,bigint>": ['{"a":1,}', "[]", '{"a":"x"}', '{"a"}', "5"],
    "struct<a:int,b:struct<c:string>>": ['{"A":1}', "[1]", '"x"', '{"a":1,"a":2}', '{"b":{"C":1}}'],
}
LINES = 200


@pytest.fixture(autouse=True)
def _small_files_are_worth_a_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proving, "LEAST", 1)


@pytest.fixture(scope="module")
def lake() -> Iterator[lakelet.Lake]:
    with lakes.named("shapes") as made:
        yield made


def _answer(lake: lakelet.Lake, sql: str) -> Any:
    try:
        return sorted(map(repr, lakes.rows(lake, sql, "shapes")))
    except lakelet.errors.TrinoError as failure:
        return failure.name


def _table(lake: lakelet.Lake, name: str, of: str, serde: str, lines: list[str]) -> None:
    lake.storage.write("shapes", f"{name}/data", "".join(f"{each}\n" for each in lines).encode())
    _answer(
        lake,
        f"CREATE EXTERNAL TABLE {name} (id bigint, v {of}, w string) ROW FORMAT SERDE '{serde}'"
        f" STORED AS TEXTFILE LOCATION 's3://shapes/{name}/'",
    )


def _both(lake: lakelet.Lake, name: str, monkeypatch: pytest.MonkeyPatch) -> tuple[Any, Any, bool]:
    """Rows, those of an exact reading, and whether DuckDB's own reader has been told to read."""
    sql = f"SELECT * FROM {name}"
    found = _answer(lake, sql)
    plain = "read_json" in lake.engine.planner.plan(sql, lake.session("shapes")).text
    with monkeypatch.context() as patch:
        patch.setattr(Proofs, "hold", lambda *_: False)
        patch.setattr(Proofs, "known", lambda *_: False)
        patch.setattr(strict.Columns, "read", lambda *_: None)
        return found, _answer(lake, sql), plain


def _lines(of: str, given: random.Random, **told: Any) -> list[str]:
    """Rows with some keys left out and some values null."""
    made = []
    for number in range(LINES):
        row = {
            "id": number,
            "v": given.choice([*VALUES[of], None]),
            "w": f"w{number}",
            "x": [number],
        }
        if number % 5 == 1:
            del row["v"]
        if number % 7 == 1:
            del row["x"]
        made.append(json.dumps(row, **told))
    return made


@pytest.mark.parametrize("of", VALUES)
@pytest.mark.parametrize("serde", SERDES)
def test_clean_values_are_read_by_duckdb_as_they_are_one_by_one(
    lake: lakelet.Lake, monkeypatch: pytest.MonkeyPatch, of: str, serde: str
) -> None:
    given = random.Random(of)
    styles: list[dict[str, Any]] = [
        {"separators": (",", ":"), "ensure_ascii": False},
        {"ensure_ascii": True},
    ]
    for number, told in enumerate(styles):
        name = f"clean_{serde}_{list(VALUES).index(of)}_{number}"
        _table(lake, name, of, SERDES[serde], _lines(of, given, **told))
        found, exact, plain = _both(lake, name, monkeypatch)
        assert found == exact
        assert plain
        assert len(found) == LINES


@pytest.mark.parametrize(("of", "odd"), [(of, odd) for of, some in ODD.items() for odd in some])
@pytest.mark.parametrize("serde", SERDES)
def test_an_odd_value_in_the_last_line_is_read_as_its_serde_does(
    lake: lakelet.Lake, monkeypatch: pytest.MonkeyPatch, of: str, odd: str, serde: str
) -> None:
    lines = _lines(of, random.Random(of), separators=(",", ":"))
    name = f"odd_{serde}_{list(ODD).index(of)}_{ODD[of].index(odd)}"
    _table(lake, name, of, SERDES[serde], [*lines, f'{{"id":1,"v":{odd},"w":"last"}}'])
    found, exact, plain = _both(lake, name, monkeypatch)
    assert found == exact
    assert not plain


@pytest.mark.parametrize(
    "line",
    [
        '{"id":1,"v":1,"w":"a","V":2}',
        '{"id":1,"v":1,"v":2}',
        '{"v":1,"id":1} {"v":2}',
        '{"id":1,"v":1',
        '{"id":1,"v":1}}',
        '{"id":1,,"v":1}',
        '{"id":1,"v":1,}',
        '{,"id":1}',
        '[{"id":1}]',
        "",
        " ",
        "null",
        '{"id":1,"_col1":2}',
        '{"id":1,"x":[1}]}',
        '{"id":1,"other":nan}',
        '{"id":1 "v":1}',
        '{"id":1,"v":1}\x00',
    ],
)
@pytest.mark.parametrize("serde", SERDES)
def test_an_odd_line_keeps_a_file_from_duckdb(
    lake: lakelet.Lake, monkeypatch: pytest.MonkeyPatch, line: str, serde: str
) -> None:
    lines = _lines("int", random.Random(3), separators=(",", ":"))
    name = f"line_{serde}_{sum(map(ord, line))}_{len(line)}"
    _table(lake, name, "int", SERDES[serde], [*lines, line])
    found, exact, plain = _both(lake, name, monkeypatch)
    assert found == exact
    assert not plain or (serde == "openx" and "_col" in line)


@pytest.mark.parametrize("serde", SERDES)
def test_of_a_key_that_a_map_has_twice_the_last_counts(
    lake: lakelet.Lake, monkeypatch: pytest.MonkeyPatch, serde: str
) -> None:
    lines = [f'{{"id":{i},"v":{{"a":{i},"b":2,"a":{i + 1}}},"w":"x"}}' for i in range(LINES)]
    _table(lake, f"twice_{serde}", "map<string,bigint>", SERDES[serde], lines)
    found, exact, plain = _both(lake, f"twice_{serde}", monkeypatch)
    assert found == exact
    assert plain


@pytest.mark.parametrize("serde", SERDES)
@pytest.mark.parametrize("of", ["int", "array<int>"])
def test_a_packed_file_is_proven_too(
    lake: lakelet.Lake, monkeypatch: pytest.MonkeyPatch, of: str, serde: str
) -> None:
    lines = [json.dumps({"id": i, "v": VALUES[of][1], "w": f"w{i}"}) for i in range(LINES)]
    name = f"packed_{serde}_{len(of)}"
    _table(lake, name, of, SERDES[serde], [])
    lake.storage.delete("shapes", f"{name}/data")
    lake.storage.write("shapes", f"{name}/data.gz", gzip.compress("\n".join(lines).encode()))
    found, exact, plain = _both(lake, name, monkeypatch)
    assert found == exact
    assert plain
    assert len(found) == LINES


@pytest.mark.parametrize("share", [0.5, 1.0])
def test_lines_of_many_keys_have_a_shape_if_none_leaves_keys_out(share: float) -> None:
    given = random.Random(1)
    keys = [f"key_{number}" for number in range(300)]
    rows = [{"id": 1} | {key: key for key in keys if given.random() <= share} for _ in range(2000)]
    lines = [json.dumps(row, separators=(",", ":")) for row in rows]
    types = {"id": to_trino("bigint"), **dict.fromkeys(keys, to_trino("string"))}
    told = shape.Shape(types, clean.sample(lines[:50]), lines[:50], openx=False)
    assert told.holds(["".join(f"{line}\n" for line in lines).encode()]) == (share == 1.0)
