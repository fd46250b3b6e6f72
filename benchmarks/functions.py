"""How many rows a second calls of functions and operators take as queries, run by the engine,
beside DuckDB's nearest own over the same Parquet. `docs/functions.md` shows what was kept.

`suites/functions.txt` holds the calls.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb

import lakelet
from benchmarks import clock, lakes, sizes
from benchmarks.data import WORK, Suite, made
from benchmarks.report import Measurement

MILLION: Final = 1_000_000
ROWS: Final = 100_000
FEW: Final = 10_000
"""Rows for what takes long for each."""
_LONG: Final = 0.02
"""Seconds over so few rows."""
_RUNS: Final = 3
_CALLS: Final = Path(__file__).parent / "suites" / "functions.txt"

_RANDOM: Final = "(hash(i, {0}) % 1000003) / 1000003"
COLUMNS: Final = {
    "i": ("bigint", "i"),
    "n": ("int", "CAST(hash(i, 1) % 10000 AS INTEGER)"),
    "g": ("int", "CAST(i % 300 AS INTEGER)"),
    "x": ("double", f"2000 * {_RANDOM.format(2)} - 1000"),
    "p": ("double", f"0.01 + 0.98 * {_RANDOM.format(3)}"),
    "r": ("float", f"CAST({_RANDOM.format(4)} AS FLOAT)"),
    "money": ("decimal(12,2)", "CAST(hash(i, 5) % 10000000 / 100 AS DECIMAL(12,2))"),
    "text": ("string", "'word ' || hash(i, 6) % 100000 || ' and ' || hash(i, 7) % 1000"),
    "other": ("string", "'wörd ' || hash(i, 8) % 100000 || ' ünd ' || hash(i, 9) % 1000"),
    "word": (
        "string",
        "['running', 'houses', 'relational', 'sky', 'nationally']"
        "[CAST(1 + hash(i, 10) % 5 AS BIGINT)]"
        " || chr(CAST(97 + hash(i, 11) % 26 AS INTEGER)) || chr(CAST(97 + i % 26 AS INTEGER))",
    ),
    "long": ("string", "repeat('the quick brown fox ' || hash(i, 12) % 1000 || ' jumps ', 4)"),
    "digits": ("string", "CAST(hash(i, 13) % 10000000000000000 AS VARCHAR)"),
    "pairs": ("string", "'a=' || i || ',b=' || hash(i, 14) % 1000 || ',c=x'"),
    "size": ("string", "hash(i, 15) % 1000 || 'kB'"),
    "duration": ("string", "hash(i, 16) % 1000 || 'm'"),
    "escaped": ("string", "'a%20b' || i || '%C3%A4+c'"),
    "url": (
        "string",
        "'https://example.com:8080/path/' || i || '?k=' || hash(i, 17) % 1000 || '&l=a%20b#top'",
    ),
    "ip": ("string", "'10.' || i % 7 || '.' || hash(i, 18) % 256 || '.' || i % 256"),
    "iso": ("string", "CAST(DATE '2020-01-01' + CAST(hash(i, 19) % 2000 AS INTEGER) AS VARCHAR)"),
    "stamp": (
        "string",
        "strftime(to_timestamp(1600000000 + hash(i, 20) % 100000000), '%Y-%m-%dT%H:%M:%S')"
        " || ['Z', '+02:00', '-05:30'][1 + i % 3]",
    ),
    "day": ("date", "DATE '2020-01-01' + CAST(hash(i, 21) % 2000 AS INTEGER)"),
    "moment": (
        "timestamp",
        "make_timestamp(CAST(1600000000 + hash(i, 22) % 100000000 AS BIGINT) * 1000000)",
    ),
    "bytes": ("binary", "encode('bytes ' || hash(i, 23))"),
    "hexadecimal": ("string", "hex(encode('bytes ' || i))"),
    "base64": ("string", "to_base64(encode('bytes ' || i))"),
    "base32": ("string", "'MFRGGZDF' || ['MFRGG===', 'ME======'][1 + i % 2]"),
    "json": (
        "string",
        """'{"a":' || i || ',"b":[1,2.5,"x"],"c":"text ' || hash(i, 24) % 1000 || '"}'""",
    ),
    "nested": (
        "string",
        """'{"user":{"name":"n' || i || '","age":30},"items":[{"sku":"s' || hash(i, 25) % 100"""
        """ || '","n":1},{"sku":"t","n":2}]}'""",
    ),
    "numbers": ("string", "'[1,' || i || ',3]'"),
    "list": ("array<bigint>", "list_transform(range(i % 5), lambda e: hash(i, e) % 10)::BIGINT[]"),
    "lists": ("array<array<bigint>>", "[[i, 1], [2, i % 7]]::BIGINT[][]"),
    "words": ("array<string>", "['w' || i % 10, 'b', 'c' || i % 7]"),
    "weights": ("array<double>", "[i % 10 + 0.5, i % 7, 1.0]::DOUBLE[]"),
    "m": ("map<string,bigint>", "MAP {'a': i, 'b': i % 10}::MAP(VARCHAR, BIGINT)"),
    "lat": ("double", f"160 * {_RANDOM.format(26)} - 80"),
    "lon": ("double", f"340 * {_RANDOM.format(27)} - 170"),
    "point": ("string", "'POINT (1 ' || i % 90 || ')'"),
    "line": ("string", "'LINESTRING (0 0, ' || i % 90 || ' 4, 6 ' || hash(i, 28) % 80 || ')'"),
    "polygon": ("string", "'POLYGON ((0 0, 0 ' || 1 + i % 9 || ', 4 4, 4 0, 0 0))'"),
}
"""Hive's type of each column and DuckDB's text of its values, over a row's number i."""

_KEYS: Final = ("i", "g")
_NULLABLE: Final = "CASE WHEN i % 997 > 0 THEN {0} END"
"""NULLs among the values make DuckDB look at each that it is to count."""

_SHAPES: Final = {
    "scalar": "SELECT count({0}) FROM {1}",
    "aggregate": "SELECT count(y) FROM (SELECT {0} AS y FROM {1} GROUP BY g) t",
    "window": "SELECT count(y) FROM (SELECT {0} AS y FROM {1}"
    " WINDOW w AS (PARTITION BY g ORDER BY i)) t",
}


@dataclass(frozen=True, slots=True)
class Sample:
    """A call: the query that it stands in, with a place for it and one for the table, its text and
    DuckDB's nearest, which is empty where there is none."""

    shape: str
    call: str
    nearest: str

    def ours(self, table: str) -> str:
        """Trino's query over a table."""
        return self.shape.format(self.call, table)

    def theirs(self, table: str) -> str:
        """DuckDB's query over a table."""
        return self.shape.format(self.nearest, table)


def samples() -> Iterator[Sample]:
    """All calls, in the order of their file."""
    shape = ""
    for line in _CALLS.read_text().splitlines():
        if line.startswith("["):
            shape = _SHAPES[line.strip("[]")]
        elif line and not line.startswith("#"):
            call, _, nearest = line.partition(" ~ ")
            yield Sample(shape, call, nearest)


def suite() -> Suite:
    """The tables `sample` and `few`, which has the first rows of it."""
    whole = sizes.rows(ROWS)
    columns = ", ".join(
        f"{text if name in _KEYS else _NULLABLE.format(text)} AS {name}"
        for name, (_, text) in COLUMNS.items()
    )
    for table, rows in (("sample", whole), ("few", FEW)):
        made(f"functions-{whole}", table, f"SELECT {columns} FROM range({rows}) t(i)")
    declared = [(name, of) for name, (of, _) in COLUMNS.items()]
    return Suite(
        WORK / f"functions-{whole}-{duckdb.__version__}", {"sample": declared, "few": declared}, {}
    )


def measure() -> list[Measurement]:
    """One number for each call, in rows a second of one thread."""
    given = suite()
    with (
        lakes.holding(given, threads=1) as lake,
        lakes.plain(given) as database,
    ):
        database.execute("SET threads = 1")
        return [_measured(each, lake, database) for each in samples()]


def _measured(
    sample: Sample, lake: lakelet.Lake, database: duckdb.DuckDBPyConnection
) -> Measurement:
    """The rate of a call beside DuckDB's. What takes long is asked of fewer rows."""
    table, rows = "few", FEW
    seconds = _seconds(lambda: lakes.ask(lake, sample.ours(table)), 2)
    if seconds < _LONG:
        table, rows = "sample", sizes.rows(ROWS)
        seconds = _seconds(lambda: lakes.ask(lake, sample.ours(table)), _RUNS)
    floor = None
    if sample.nearest:
        theirs = _seconds(lambda: database.execute(sample.theirs(table)).fetchall(), _RUNS)
        floor = rows / theirs / MILLION
    rate = rows / seconds / MILLION
    near = sample.nearest
    return Measurement(sample.call, rate, "million rows/s", floor, near, "≥ 1", rate >= 1)


def _seconds(work: Callable[[], object], runs: int) -> float:
    """The least time of some runs, after one that makes what is made once."""
    return min(_timed(work) for _ in range(1 + sizes.runs(runs)))


def _timed(work: Callable[[], object]) -> float:
    started = clock.now()
    work()
    return clock.now() - started
