"""Decimals narrowed to 64 bits by what Parquet footers say: answers and types stay Trino's.

The recorded answers are those of Trino 476 to the same queries over the same rows as VALUES.
"""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow
import pyarrow.parquet
import pytest

import lakelet
from lakelet.model import Session

ROWS: dict[str, list[tuple[Any, ...]]] = {
    # As small as prices are: products of three stay in 64 bits.
    "small": [("1.25", "0.07", 3, "9"), ("-104949.50", "0.10", -7, "8"), (None, "0.00", 2, "9")],
    # Of the same types, but a product of two leaves 64 bits.
    "large": [("9999999999999.99", "9999999999999.99", 2**62, "9"), ("0.01", "-1.00", 1, "8")],
}
COLUMNS = ["price", "discount", "n", "k"]
RECORDED: list[tuple[str, list[str], list[tuple[Any, ...]]]] = [
    (
        "SELECT sum(price * (1 - discount)), avg(price * (1 - discount)) FROM small",
        ["decimal(38,4)", "decimal(31,4)"],
        [("-94453.3875", "-47226.6938")],
    ),
    (
        "SELECT price * (1 - discount) * (1 + discount) FROM small ORDER BY 1",
        ["decimal(38,6)"],
        [("-103900.005000",), ("1.243875",), (None,)],
    ),
    (
        "SELECT k, sum(n * price), min(n * price) FROM small GROUP BY k ORDER BY k",
        ["varchar", "decimal(38,2)", "decimal(34,2)"],
        [("8", "734646.50", "734646.50"), ("9", "3.75", "3.75")],
    ),
    (
        "SELECT sum(v), max(v), sum(v * v) FROM (SELECT price * discount AS v, k FROM small) s",
        ["decimal(38,4)", "decimal(30,4)", "decimal(38,8)"],
        [("-10494.8625", "0.0875", "110143975.51015625")],
    ),
    (
        "WITH c AS (SELECT k, price * discount AS v FROM small)"
        " SELECT a.k, sum(CASE WHEN b.k = '8' THEN a.v ELSE b.v END) FROM c a, c b"
        " WHERE a.k = b.k GROUP BY a.k ORDER BY 1",
        ["varchar", "decimal(38,4)"],
        [("8", "-10494.9500"), ("9", "0.1750")],
    ),
    (
        "SELECT price * discount, count(*) FROM small GROUP BY price * discount ORDER BY 1",
        ["decimal(30,4)", "bigint"],
        [("-10494.9500", 1), ("0.0875", 1), (None, 1)],
    ),
    (
        "SELECT price * discount + coalesce(price * n, 0) FROM small ORDER BY 1",
        ["decimal(37,4)"],
        [("3.8375",), ("724151.5500",), (None,)],
    ),
    (
        "SELECT sum(price * discount) OVER (ORDER BY k, n) FROM small ORDER BY 1",
        ["decimal(38,4)"],
        [("-10494.9500",), ("-10494.9500",), ("-10494.8625",)],
    ),
    (
        "SELECT price * discount FROM small UNION ALL SELECT 12345678901234567890.1"
        " ORDER BY 1 LIMIT 2",
        ["decimal(30,4)"],
        [("-10494.9500",), ("0.0875",)],
    ),
    (
        "SELECT sum(price * discount), sum(price * n), sum(price + n) FROM large",
        ["decimal(38,4)", "decimal(38,2)", "decimal(38,2)"],
        [
            (
                "99999999999999799999999999.9901",
                "46116860184273832923139815726120.97",
                "4611696018427387905.00",
            )
        ],
    ),
    (
        "SELECT (price * discount) * n FROM large ORDER BY 1",
        ["decimal(38,4)"],
        "NUMERIC_VALUE_OUT_OF_RANGE",  # type: ignore[list-item]
    ),
]


@pytest.fixture(scope="module", params=["statistics", "none"])
def lake(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Both tables, with statistics in their files or without."""
    folder: Path = tmp_path_factory.mktemp("narrowing")
    with lakelet.Lake(lakelet.Settings(dialect="trino")) as opened:
        opened.storage.create_bucket("tables")
        cursor = lakelet.connect(opened, database="d").cursor()
        cursor.execute("CREATE DATABASE d")
        for name, rows in ROWS.items():
            file = folder / f"{name}.parquet"
            pyarrow.parquet.write_table(
                _table(rows), file, write_statistics=request.param == "statistics"
            )
            opened.storage.write("tables", f"{name}/part-0.parquet", file.read_bytes())
            cursor.execute(
                f"CREATE EXTERNAL TABLE {name} (price decimal(15,2), discount decimal(15,2),"
                f" n bigint, k string) STORED AS PARQUET LOCATION 's3://tables/{name}/'"
            )
        yield opened


def _table(rows: list[tuple[Any, ...]]) -> pyarrow.Table:
    prices, discounts, numbers, keys = zip(*rows, strict=True)
    amount = pyarrow.decimal128(15, 2)
    columns = [
        pyarrow.array([None if v is None else Decimal(v) for v in prices], amount),
        pyarrow.array(map(Decimal, discounts), amount),
        pyarrow.array(numbers, pyarrow.int64()),
        pyarrow.array(keys),
    ]
    return pyarrow.table(columns, names=COLUMNS)


@pytest.mark.parametrize(("query", "types", "expected"), RECORDED)
def test_answers_and_types_are_trinos(
    lake: lakelet.Lake, query: str, types: list[str], expected: Any
) -> None:
    cursor = lakelet.connect(lake, database="d").cursor()
    if isinstance(expected, str):
        with pytest.raises(lakelet.TrinoError, match=r"[Oo]verflow") as raised:
            cursor.execute(query).fetchall()
        assert raised.value.name == expected
        return
    answered = cursor.execute(query).fetchall()
    assert [column[1] for column in cursor.description or ()] == types
    assert [tuple(_text(value) for value in row) for row in answered] == expected


def _text(value: Any) -> Any:
    return f"{value:f}" if isinstance(value, Decimal) else value


def test_small_products_are_of_64_bits_and_large_ones_are_not(lake: lakelet.Lake) -> None:
    session = Session(database="d", dialect="trino")
    texts = {
        name: lake.engine.plan(f"SELECT sum(price * discount) FROM {name}", session).text
        for name in ROWS
    }
    assert "DECIMAL(19,2)" in texts["large"]
    # Without statistics nothing is known of a column's values.
    assert ("DECIMAL(19,2)" in texts["small"]) == (_statistics(lake) is False)


def _statistics(lake: lakelet.Lake) -> bool:
    with lake.storage.open("tables", "small/part-0.parquet") as file:
        metadata = pyarrow.parquet.read_metadata(file)
    return bool(metadata.row_group(0).column(0).is_stats_set)


def test_files_of_the_tables_own_types_are_read_without_a_wrapper(lake: lakelet.Lake) -> None:
    text = lake.engine.plan("SELECT * FROM small", Session(database="d", dialect="trino")).text
    assert "FROM read_parquet(['" in text
    assert "CAST" not in text


NANS = "SELECT count(*) FROM {} WHERE x > 100 OR y >= REAL '100' OR x BETWEEN 100 AND x"


@pytest.mark.parametrize("writer", ["duckdb", "pyarrow"])
def test_comparisons_are_plain_where_a_files_bounds_exclude_nan(
    tmp_path: Path, writer: str
) -> None:
    """pyarrow passes over NaN where it looks for the greatest value."""
    with lakelet.Lake(lakelet.Settings(dialect="trino")) as lake:
        lake.storage.create_bucket("tables")
        cursor = lakelet.connect(lake, database="d").cursor()
        cursor.execute("CREATE DATABASE d")
        texts = {}
        for name, odd in {"numbers": "1", "nans": "nan", "infinite": "inf"}.items():
            _floats(tmp_path / name, writer, [1.0, 200.0, float(odd)])
            data = (tmp_path / name).read_bytes()
            lake.storage.write("tables", f"{name}/data", data)
            cursor.execute(
                f"CREATE EXTERNAL TABLE {name} (x double, y float) STORED AS PARQUET"
                f" LOCATION 's3://tables/{name}/'"
            )
            session = Session(database="d", dialect="trino")
            texts[name] = lake.engine.plan(NANS.format(name), session).text
            counted = cursor.execute(NANS.format(name)).fetchall()
            assert counted == [(2 if odd == "inf" else 1,)]
            greater = f"SELECT count(*) FROM (SELECT x AS v FROM {name}) WHERE v > 100"
            assert cursor.execute(greater).fetchall() == counted
    assert ("Infinity" in texts["numbers"]) == (writer == "pyarrow")
    assert "Infinity" in texts["nans"]
    assert "Infinity" in texts["infinite"]


def _floats(file: Path, writer: str, values: list[float]) -> None:
    table = pyarrow.table({"x": values, "y": pyarrow.array(values, pyarrow.float32())})
    if writer == "pyarrow":
        pyarrow.parquet.write_table(table, file)
    else:
        duckdb.from_arrow(table).write_parquet(str(file))
