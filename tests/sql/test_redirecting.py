"""Other tables in the place of those that a query names."""

import pytest

from lakelet.errors import TrinoError
from lakelet.sql.redirecting import filled, redirected, tables

OTHERS = {("shop", "sales"): ("new", "sales"), ("shop", "odd name"): ("new", "t")}


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("SELECT 'sales' FROM sales", 'SELECT \'sales\' FROM "new"."sales"'),
        ("TABLE Shop.SALES", 'TABLE "new"."sales"'),
        ('SELECT * FROM "odd name" -- "odd name"', 'SELECT * FROM "new"."t" -- "odd name"'),
        ("SELECT * FROM other.sales s, items", "SELECT * FROM other.sales s, items"),
        (
            "SELECT (SELECT max(x) FROM sales) FROM a JOIN sales b ON EXISTS (SELECT 1 FROM sales)",
            'SELECT (SELECT max(x) FROM "new"."sales") FROM a JOIN "new"."sales" b ON'
            ' EXISTS (SELECT 1 FROM "new"."sales")',
        ),
        (
            "WITH sales AS (SELECT * FROM sales) SELECT * FROM sales JOIN shop.sales USING (x)",
            'WITH sales AS (SELECT * FROM "new"."sales") SELECT * FROM sales'
            ' JOIN "new"."sales" USING (x)',
        ),
        (
            "WITH RECURSIVE sales (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM sales) TABLE sales",
            "WITH RECURSIVE sales (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM sales) TABLE sales",
        ),
    ],
)
def test_only_the_names_of_tables_change(text: str, written: str) -> None:
    assert redirected(text, "shop", OTHERS) == written


def test_what_a_query_names_is_told_once_without_what_with_names() -> None:
    text = "WITH a AS (SELECT 1) SELECT (SELECT max(x) FROM T) FROM a, t, hive.Other.v"
    assert tables(text, "shop") == {("shop", "t"), ("other", "v")}


def test_what_is_no_query_is_refused() -> None:
    with pytest.raises(TrinoError, match="mismatched input"):
        redirected("SELECT FROM FROM", "shop", OTHERS)


@pytest.mark.parametrize(
    ("text", "values", "written"),
    [
        ("SELECT '?' FROM t WHERE a = ? -- ?", ("1",), "SELECT '?' FROM t WHERE a = 1 -- ?"),
        ("SELECT ? * 2 LIMIT ?", ("1 + 1", "10"), "SELECT (1 + 1) * 2 LIMIT 10"),
        (
            "SELECT * FROM (SELECT ?) WHERE d > ?",
            ("'it''s'", "DATE '2020-01-01'"),
            "SELECT * FROM (SELECT ('it''s')) WHERE d > (DATE '2020-01-01')",
        ),
        ("SELECT 1", (), "SELECT 1"),
    ],
)
def test_values_stand_for_parameters(text: str, values: tuple[str, ...], written: str) -> None:
    assert filled(text, values) == written
