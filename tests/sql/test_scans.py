"""What a query is said to read: columns and the conditions that prune."""

import pytest

from lakelet.sql.emitter.expressions import ExpressionEmitter
from lakelet.sql.tree import Query
from tests.sql.tables import compile_query


def _no_subquery(query: Query) -> str:
    raise AssertionError("a condition that prunes holds no subquery")


def _read(text: str) -> dict[str, tuple[tuple[str, ...], list[str]]]:
    analysis, _ = compile_query(text, "golden")
    emitter = ExpressionEmitter(_no_subquery)
    return {
        scan.table.name.table: (scan.columns, [emitter.emit(each) for each in scan.constraint])
        for scan in analysis.scans
    }


@pytest.mark.parametrize(
    "text",
    [
        "SELECT order_id FROM orders WHERE status = 'NEW'",
        "SELECT order_id FROM (SELECT * FROM orders) WHERE status = 'NEW'",
        "WITH x AS (SELECT * FROM orders) SELECT order_id FROM x WHERE status = 'NEW'",
        "SELECT a FROM (SELECT order_id a, status b, amount c FROM orders) WHERE b = 'NEW'",
        "SELECT a FROM (SELECT order_id a, status b FROM orders GROUP BY 1, 2) WHERE b = 'NEW'",
    ],
)
def test_a_condition_and_the_columns_go_down_to_the_table(text: str) -> None:
    assert _read(text) == {"orders": (("order_id", "status"), ["(orders.status = 'NEW')"])}


@pytest.mark.parametrize(
    "text",
    [
        "SELECT order_id FROM (SELECT * FROM orders LIMIT 5) WHERE status = 'NEW'",
        "WITH x AS (SELECT order_id, status FROM orders)"
        " SELECT a.order_id FROM x a, x b WHERE a.status = 'NEW' AND b.order_id = a.order_id",
        "SELECT order_id FROM orders TABLESAMPLE BERNOULLI (50) WHERE status = 'NEW'",
    ],
)
def test_a_condition_stays_where_it_would_change_the_answer(text: str) -> None:
    assert _read(text)["orders"][1] == []


def test_an_outer_join_prunes_the_side_whose_rows_only_matter_when_they_match() -> None:
    found = _read(
        "SELECT c.name FROM customers c LEFT JOIN orders o ON c.customer_id = o.customer_id"
        " AND o.status = 'NEW' AND c.city = 'Rome' WHERE o.note IS NULL AND c.vip"
    )
    assert found["customers"][1] == ["c.vip"]
    assert found["orders"][1] == ["(o.status = 'NEW')"]


def test_counting_rows_reads_no_column() -> None:
    assert _read("SELECT count(*) FROM orders") == {"orders": ((), [])}


def test_exists_reads_only_what_its_conditions_need() -> None:
    found = _read(
        "SELECT 1 FROM orders o WHERE EXISTS"
        " (SELECT * FROM customers c WHERE c.customer_id = o.customer_id AND c.vip)"
    )
    assert found["orders"] == (("customer_id",), [])
    assert found["customers"] == (("customer_id", "vip"), ["c.vip"])


def test_what_is_mentioned_without_a_use_is_told() -> None:
    analysis, _ = compile_query(
        "SELECT a FROM (SELECT order_id a, status b, amount c FROM orders WHERE note = 'x')",
        "golden",
    )
    [scan] = analysis.scans
    assert (scan.columns, scan.unread) == (("order_id", "note"), ("status", "amount"))
