"""awswrangler as people use it against AWS, in the process."""

import datetime
from decimal import Decimal
from typing import Any

import pytest

from lakelet import Lake
from tests.athena.shop import OUTPUT, awswrangler_with_sales

# awswrangler uses what the newest pandas calls old.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture
def wr(lakelet: Lake, s3_client: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    return awswrangler_with_sales(s3_client, monkeypatch, ["a", None, "c"])


@pytest.mark.parametrize(
    "approach",
    [
        {"ctas_approach": True},
        {"ctas_approach": False},
        {"ctas_approach": False, "unload_approach": True},
    ],
    ids=["ctas", "csv", "unload"],
)
def test_a_query_gives_the_frame_that_was_written(wr: Any, approach: dict[str, bool]) -> None:
    frame = wr.athena.read_sql_query(
        "SELECT * FROM sales ORDER BY id", database="shop", s3_output=OUTPUT, **approach
    )
    assert frame["id"].tolist() == [1, 2, 3]
    assert frame["name"].isna().tolist() == [False, True, False]
    assert frame["price"].tolist() == [Decimal("1.10"), None, Decimal("3.30")]
    assert frame["day"].tolist() == [datetime.date(2020, 1, day) for day in (1, 2, 3)]
    assert frame["kind"].tolist() == ["x", "x", "y"]


def test_a_prepared_statement_is_executed_with_its_values(wr: Any) -> None:
    wr.athena.create_prepared_statement("SELECT name FROM sales WHERE id = ? AND kind = ?", "one")
    frame = wr.athena.read_sql_query(
        "EXECUTE one USING 3, 'y'", database="shop", ctas_approach=False, s3_output=OUTPUT
    )
    assert frame["name"].tolist() == ["c"]


def test_chunks_are_as_long_as_asked(wr: Any) -> None:
    chunks = wr.athena.read_sql_query(
        "SELECT id FROM sales", "shop", ctas_approach=False, chunksize=2, s3_output=OUTPUT
    )
    assert [len(chunk) for chunk in chunks] == [2, 1]


def test_tables_are_described_and_repaired(wr: Any) -> None:
    described = wr.athena.describe_table("sales", database="shop", s3_output=OUTPUT)
    assert described["Column Name"].tolist() == ["id", "name", "price", "day", "kind"]
    assert described["Partition"].tolist() == [False] * 4 + [True]
    assert wr.athena.repair_table("sales", database="shop", s3_output=OUTPUT) == "SUCCEEDED"


def test_a_failed_query_raises_with_athenas_reason(wr: Any) -> None:
    with pytest.raises(wr.exceptions.QueryFailed, match="COLUMN_NOT_FOUND: line 1:8: Column 'no'"):
        wr.athena.read_sql_query(
            "SELECT no FROM sales", "shop", ctas_approach=False, s3_output=OUTPUT
        )


def test_ctas_leaves_a_table_whose_rows_are_the_querys(wr: Any) -> None:
    wr.athena.create_ctas_table(
        "SELECT id, kind FROM sales",
        "shop",
        "copy",
        s3_output="s3://shop/copy/",
        partitioning_info=["kind"],
        wait=True,
    )
    frame = wr.athena.read_sql_query(
        "SELECT kind, count(*) AS n FROM copy GROUP BY kind ORDER BY kind",
        database="shop",
        ctas_approach=False,
        s3_output=OUTPUT,
    )
    assert frame.to_dict("list") == {"kind": ["x", "y"], "n": [2, 1]}
