"""Answers that are short are written here and not by DuckDB: the same bytes come of both."""

import math
import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakelet.config import Settings
from lakelet.engines.short_answers import java_double
from lakelet.lake import Lake
from lakelet.model import Session

# json_format(CAST(ARRAY[…] AS JSON)) of Trino 476, whose numbers are Double.toString's.
TRINO = {
    1.0: "1.0",
    -0.0: "-0.0",
    0.001: "0.001",
    9.99e-4: "9.99E-4",
    1e7: "1.0E7",
    9999999.999: "9999999.999",
    123456789.5: "1.234567895E8",
    1e21: "1.0E21",
    1.5e-7: "1.5E-7",
    5e-324: "4.9E-324",
    1.7976931348623157e308: "1.7976931348623157E308",
    -2.5e10: "-2.5E10",
    100.0: "100.0",
    3.333333333333333e-5: "3.333333333333333E-5",
}


@pytest.mark.parametrize(("number", "text"), TRINO.items(), ids=TRINO.values())
def test_a_double_is_javas_text(number: float, text: str) -> None:
    assert java_double(number) == text


def test_what_is_no_number() -> None:
    assert [java_double(x) for x in (math.nan, math.inf, -math.inf)] == [
        "NaN",
        "Infinity",
        "-Infinity",
    ]


@given(st.one_of(st.floats(), st.integers(-(10**9), 10**9).map(float)))
def test_a_text_is_the_number(number: float) -> None:
    text = java_double(number)
    found = float(text.replace("E", "e").replace("Infinity", "inf"))
    same = struct.pack(">d", found) == struct.pack(">d", number)
    assert same or (math.isnan(found) and math.isnan(number))


_DOUBLES = (
    "SELECT d, CAST(d AS real) AS r, ARRAY[d] AS a, nullif(d, 1e0) AS n, 'a\"b' AS t FROM"
    " (SELECT (CASE WHEN i % 2 = 0 THEN 1e0 ELSE -1e0 END) * (1e0 + i / 7e0)"
    " * power(1e1, i * 6 - 300) AS d FROM UNNEST(sequence(0, 99)) t(i)"
    " UNION ALL SELECT nan() UNION ALL SELECT infinity()) ORDER BY d"
)
_INTEGERS = (
    'SELECT i, CAST(i AS integer), CAST(i AS smallint) AS s, CAST(i % 100 AS tinyint) AS "T",'
    " nullif(i, -3) AS t, 9223372036854775807 + i AS b, sum(i) AS whole,"
    " CAST(i AS decimal(9, 2)) AS d, i > -2 AS o"
    " FROM UNNEST(sequence(-101, 0)) t(i) GROUP BY i ORDER BY i"
)
_AS_THEY_ARE = "SELECT i, CAST(i AS varchar) AS v, i / 2e0 AS d FROM UNNEST(sequence(1, 200)) t(i)"


@pytest.mark.parametrize("text", [_DOUBLES, _INTEGERS, _AS_THEY_ARE])
def test_short_and_long_answers_are_written_alike(tmp_path: Path, text: str) -> None:
    """By the rows of one query, with a limit that makes it short and without."""
    with Lake(Settings(data=tmp_path / "lake")) as lake:
        files = []
        for name, asked in (("short", f"{text} LIMIT 100"), ("long", f"{text} LIMIT 101")):
            run = lake.engine.prepare(asked, Session())
            answer = run.execute()
            answer.write_csv(lake.storage.scratch / name)  # type: ignore[union-attr]
            run.close()
            files.append((lake.storage.scratch / name).read_bytes().splitlines())
    assert files[0] == files[1][:101]
