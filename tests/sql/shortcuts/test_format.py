"""format() of plain specifiers is written by DuckDB as by Java's rules in Python."""

import random
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pyarrow
import pytest

from lakelet.engines.duckdb import DuckDb
from lakelet.sql.emitter.casts import cast
from lakelet.sql.emitter.literals import quote
from lakelet.sql.functions.java import formatter
from lakelet.sql.functions.registry import FUNCTIONS, NOT_CONSTANT, Call
from lakelet.types.model import VARCHAR
from lakelet.types.parsing import parse_type

_NUMBERS = ("%d", "%5d", "%05d", "%-6d|", "%,d", "%012d", "%,015d", "a%%b%d%n", "%1$d-%1$s", "%3d")
_REALS = ("%.2f", "%f", "%.0f", "%,.1f", "%010.3f", "%12.12f", "%8.1f", "%.1f%%")
_TEXTS = ("%s", "%5s", "%-5s|", "%.2s", "%4.1s", "x%s'y", "%1$s%1$s")


def _doubles(choose: random.Random) -> Iterator[float | None]:
    yield from (None, 0.0, -0.0, 0.5, 1.5, 2.5, -0.5, -1.5, 0.005, 1.005, 1e-3, 1e22, 1e14, -1e15)
    yield from (float("nan"), float("inf"), 0.1, 99.995, 999999.995, -999.5, 1.0000000000000002)
    for _ in range(3000):
        yield choose.choice((1, -1)) * round(10 ** choose.uniform(-4, 16), choose.randrange(8))
        yield choose.randrange(-(10**6), 10**6) / 1000 + choose.choice((0.0005, 0.005, 0.05, 0))


def _decimals(choose: random.Random) -> Iterator[Decimal | None]:
    yield from map(Decimal, ("0", "0.0005", "-0.0005", "-0.9999", "-1", "99999999999999.9995"))
    yield None
    for _ in range(3000):
        yield Decimal(choose.randrange(-(10**18) + 1, 10**18) // 10 ** choose.randrange(18)).scaleb(
            -4
        )


def _values(of: str) -> list[Any]:
    choose = random.Random(of)
    if of == "double":
        return list(_doubles(choose))
    if of == "decimal(18,4)":
        return list(_decimals(choose))
    if of == "bigint":
        found = [
            choose.randrange(-(10**18), 10**18) // 10 ** choose.randrange(19) for _ in range(999)
        ]
        return [None, 0, 2**63 - 1, -(2**63), *found]
    return [None, "", "a", "ä\U0001f600b", "null", "long and 'quoted'"]


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckDb]:
    engine = DuckDb(threads=1)
    yield engine
    engine.close()


@pytest.mark.parametrize(
    ("of", "pattern"),
    [
        *(("bigint", each) for each in (*_NUMBERS, *_TEXTS)),
        *(("double", each) for each in _REALS),
        *(("decimal(18,4)", each) for each in (*_REALS, *_TEXTS)),
        *(("varchar", each) for each in _TEXTS),
    ],
)
def test_format(engine: DuckDb, of: str, pattern: str) -> None:
    kind = parse_type(of)
    java = formatter.java_type(kind.name)
    text = "x" if of == "varchar" else cast("x", kind, VARCHAR)
    call = Call(
        "format",
        (quote(pattern), quote(java), text),
        (VARCHAR, VARCHAR, VARCHAR),
        VARCHAR,
        (pattern, java, NOT_CONSTANT),
    )
    sql = FUNCTIONS["format"].emit(call)
    assert not sql.startswith("trino_format(")
    arrow = {"bigint": pyarrow.int64(), "double": pyarrow.float64(), "varchar": pyarrow.string()}
    column = pyarrow.array(_values(of), arrow.get(of, pyarrow.decimal128(18, 4)))
    rows = pyarrow.table({"x": column})
    read = engine.execute(f"SELECT {text} AS t, {sql} AS y FROM rows", {"rows": rows}).read_all()
    wrong = [
        (each["t"], each["y"], expected)
        for each in read.to_pylist()
        if each["y"] != (expected := formatter._format(pattern, java, [each["t"]]))
    ]
    assert wrong == []
