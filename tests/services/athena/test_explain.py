"""EXPLAIN in all types and formats; texts are Trino 476's where lakelet's plan is the same."""

import json
from typing import Any

import pytest

from tests.services.athena import running

# Trino's own text but for its first line, `Trino version: 476`, which Athena does not write.
SELECT_1 = """\
Fragment 0 [SINGLE]
    Output layout: [expr]
    Output partitioning: SINGLE []
    Output[columnNames = [_col0]]
    │   Layout: [expr:integer]
    │   Estimates: {rows: 1 (5B), cpu: 0, memory: 0B, network: 0B}
    │   _col0 := expr
    └─ Values[]
           Layout: [expr:integer]
           Estimates: {rows: 1 (5B), cpu: 0, memory: 0B, network: 0B}
           (integer '1')

"""
VALUES = """\
Output[columnNames = [_col0, _col1]]
│   Layout: [field:integer, field_0:varchar(1)]
│   Estimates: {rows: 2 (120B), cpu: 0, memory: 0B, network: 0B}
│   _col0 := field
│   _col1 := field_0
└─ Values[]
       Layout: [field:integer, field_0:varchar(1)]
       Estimates: {rows: 2 (120B), cpu: 0, memory: 0B, network: 0B}
       (integer '1', varchar(1) 'a')
       (integer '2', varchar(1) 'b')
"""


@pytest.fixture
def sales(athena: Any, s3_client: Any) -> Any:
    s3_client.create_bucket(Bucket="shop")
    running.succeeded(
        athena,
        "CREATE TABLE sales WITH (format = 'PARQUET', partitioned_by = ARRAY['day'],"
        " external_location = 's3://shop/sales/') AS SELECT x AS n, CAST(x AS varchar(5)) AS s,"
        " CAST(x % 5 AS varchar) AS day FROM UNNEST(sequence(1, 100)) t (x)",
    )
    return athena


def _plan(athena: Any, text: str) -> str:
    query = running.succeeded(athena, text)
    rows = running.rows(athena, query["QueryExecutionId"])
    assert rows[0] in (["Query Plan"], ["Valid"])
    assert rows[-1] == [""]  # Athena's own line end
    return "\n".join(str(row[0]) for row in rows[1:-1])


def test_a_plan_is_trinos_line_by_line(athena: Any, s3_client: Any) -> None:
    query = running.succeeded(athena, "EXPLAIN SELECT 1")
    assert (query["StatementType"], query["SubstatementType"]) == ("DML", "EXPLAIN")
    where = query["ResultConfiguration"]["OutputLocation"]
    assert where.endswith(f"/{query['QueryExecutionId']}.txt")
    assert running.file(s3_client, where) == (
        f"Query Plan\n{SELECT_1}\n".encode(),
        "application/octet-stream",
    )
    # The header, 11 lines of the plan and 3 empty ones: measured on AWS.
    assert len(running.rows(athena, query["QueryExecutionId"])) == 15
    answer = athena.get_query_results(QueryExecutionId=query["QueryExecutionId"])
    assert "UpdateCount" not in answer
    column = answer["ResultSet"]["ResultSetMetadata"]["ColumnInfo"][0]
    assert (column["Name"], column["Type"]) == ("Query Plan", "varchar")
    assert (column["Precision"], column["CaseSensitive"]) == (len(SELECT_1), True)
    assert _plan(athena, "EXPLAIN (TYPE LOGICAL) VALUES (1, 'a'), (2, 'b')") == VALUES


def test_operators_and_pruned_partitions(sales: Any) -> None:
    plan = _plan(
        sales,
        "EXPLAIN (TYPE LOGICAL) SELECT day, count(*) c, sum(n) FROM sales"
        " WHERE day IN ('1', '2') AND s LIKE 'a%' GROUP BY 1 HAVING count(*) > 2"
        " ORDER BY 2 DESC LIMIT 5",
    )
    names = [line.split("[")[0].strip("│└─├ ") for line in plan.splitlines() if "[" in line]
    operators = [name for name in names if name.isalpha()]
    assert operators == ["Output", "TopN", "Filter", "Aggregate", "ScanFilter"]
    assert "TopN[count = 5, orderBy = [count DESC NULLS LAST]]" in plan
    assert "filterPredicate = (count > bigint '2')" in plan
    assert "day := day:varchar:PARTITION_KEY" in plan
    assert ":: [[1], [2]]" in plan
    assert "Estimates: {rows: 40 (" in plan


def test_io_tells_the_tables_and_their_partitions(sales: Any) -> None:
    found = json.loads(_plan(sales, "EXPLAIN (TYPE IO) SELECT n FROM sales WHERE day = '3'"))
    (table,) = found["inputTableColumnInfos"]
    assert table["table"] == {
        "catalog": "awsdatacatalog",
        "schemaTable": {"schema": "default", "table": "sales"},
    }
    (constraint,) = table["constraint"]["columnConstraints"]
    assert constraint["columnName"] == "day"
    bound = {"value": "3", "bound": "EXACTLY"}
    assert constraint["domain"]["ranges"] == [{"low": bound, "high": bound}]
    assert table["estimate"]["outputRowCount"] == 20


def test_json_and_graphviz(sales: Any) -> None:
    text = "SELECT n FROM sales WHERE n > 1 ORDER BY 1"
    found = json.loads(_plan(sales, f"EXPLAIN (FORMAT JSON) {text}"))
    node = found["0"]
    names = []
    while node:
        names.append(node["name"])
        node = node["children"][0] if node["children"] else None
    assert names == ["Output", "Sort", "ScanFilter"]
    whole = json.loads(_plan(sales, f"EXPLAIN (TYPE LOGICAL, FORMAT JSON) {text}"))
    assert whole["descriptor"] == {"columnNames": "[n]"}
    graph = _plan(sales, f"EXPLAIN (FORMAT GRAPHVIZ) {text}")
    assert graph.startswith("digraph distributed_plan {\n")
    assert "plannode_1 -> plannode_2;" in graph


def test_validate_answers_or_fails(sales: Any) -> None:
    assert _plan(sales, "EXPLAIN (TYPE VALIDATE) SELECT n FROM sales") == "true"
    for kind in ("(TYPE VALIDATE) ", "(TYPE LOGICAL) ", "ANALYZE ", ""):
        query = running.run(sales, f"EXPLAIN {kind}SELECT nope FROM sales")
        reason = query["Status"]["StateChangeReason"]
        assert reason.startswith("COLUMN_NOT_FOUND: line 1:")
        assert reason.endswith(f":{16 + len(kind)}: Column 'nope' cannot be resolved") or kind


def test_analyze_runs_and_measures(sales: Any) -> None:
    query = running.succeeded(
        sales, "EXPLAIN ANALYZE SELECT day, count(*) FROM sales WHERE n > 3 GROUP BY 1"
    )
    plan = "\n".join(str(row[0]) for row in running.rows(sales, query["QueryExecutionId"]))
    assert "Output: 5 rows (" in plan
    assert "Aggregate[" in plan
    assert "TableScan[" in plan
    assert "CPU: " in plan
    assert query["Statistics"]["DataScannedInBytes"] > 0
    assert query["SubstatementType"] == "EXPLAIN"
    _plan(sales, "EXPLAIN ANALYZE VERBOSE SELECT 1 / n FROM sales")
    failed = running.run(sales, "EXPLAIN ANALYZE SELECT 1 / (n - n) FROM sales")
    assert failed["Status"]["StateChangeReason"].startswith("DIVISION_BY_ZERO")


def test_analyze_is_told_in_json_too(sales: Any) -> None:
    # The members are those of the guide's example ("Using EXPLAIN and EXPLAIN ANALYZE").
    text = "EXPLAIN ANALYZE (FORMAT JSON) SELECT day, count(*) FROM sales GROUP BY 1 LIMIT 2"
    (fragment,) = json.loads(_plan(sales, text))["fragments"]
    assert fragment["outputLayout"] == "day, _col1"
    assert fragment["stageStats"]["outputRows"] == "2 rows"
    (operator,) = fragment["logicalPlan"]["1"]
    names = []
    while operator:
        names.append(operator["name"])
        assert operator["distributedNodeStats"]["nodeCpuTime"]
        operator = operator["children"][0] if operator["children"] else None
    assert names[-1] == "TableScan"
    assert "Aggregate" in names
    made = "CREATE TABLE kept WITH (format = 'ORC') AS SELECT 1 AS n"
    told = json.loads(_plan(sales, f"EXPLAIN ANALYZE (FORMAT JSON) {made}"))
    assert told["fragments"][0]["stageStats"]["outputRows"] == "1 rows"
    assert told["fragments"][0]["logicalPlan"]["1"][0]["name"] == "TableCommit"
    assert _plan(sales, "EXPLAIN ANALYZE (FORMAT TEXT) (SELECT 1)").startswith("Queued: ")
    for wrong in ("(TYPE LOGICAL)", "(FORMAT GRAPHVIZ)"):
        with pytest.raises(sales.exceptions.InvalidRequestException):
            running.start(sales, f"EXPLAIN ANALYZE {wrong} SELECT 1")


@pytest.mark.parametrize("asked", ["count(*)", "max(n), count(*)"])
def test_analyze_of_what_footers_answer(sales: Any, asked: str) -> None:
    """DuckDB has no profile of such a query."""
    running.succeeded(sales, "CREATE TABLE whole AS SELECT n FROM sales")
    plan = _plan(sales, f"EXPLAIN ANALYZE SELECT {asked} FROM whole")
    assert "Output: 1 rows (" in plan
    assert "Values[" in plan


def test_analyze_of_a_write_writes(sales: Any) -> None:
    made = "EXPLAIN ANALYZE CREATE TABLE kept WITH (format = 'ORC') AS SELECT n FROM sales"
    query = running.succeeded(sales, f"{made} WHERE n > 3")
    rows = running.rows(sales, query["QueryExecutionId"])
    plan = "\n".join(str(row[0]) for row in rows)
    count = running.succeeded(sales, "SELECT count(*) FROM kept")
    ((_,), (written,)) = running.rows(sales, count["QueryExecutionId"])
    assert f"Output: {written} rows" in plan
    assert "Execution: 0.00ns" not in plan
    names = [line.lstrip(" │├└─").partition("[")[0] for line in plan.split("\n") if "[" in line]
    assert [each for each in names if each in ("TableCommit", "TableWriter", "ScanFilter")] == [
        "TableCommit",
        "TableWriter",
        "ScanFilter",
    ]
    assert query["Statistics"]["DataScannedInBytes"] > 0
    again = running.run(sales, made)
    assert again["Status"]["StateChangeReason"].startswith("TABLE_ALREADY_EXISTS")
    running.succeeded(sales, "EXPLAIN ANALYZE INSERT INTO kept SELECT 1 AS n")
    count = running.succeeded(sales, "SELECT count(*) FROM kept")
    assert running.rows(sales, count["QueryExecutionId"])[1] == [str(int(str(written)) + 1)]


@pytest.mark.parametrize(
    "text",
    [
        "WITH RECURSIVE r (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 5)"
        " SELECT * FROM r, (VALUES (1, 'a')) v (a, b) UNION SELECT 1, 2, 'c'",
        "SELECT (SELECT max(n) FROM sales) AS m, CASE WHEN n = 1 THEN 'a' ELSE s END,"
        " count(DISTINCT n) OVER () FROM sales WHERE EXISTS (SELECT 1 FROM sales u WHERE u.n = 1)",
        "SELECT a.n, b.s FROM sales a LEFT JOIN sales b ON a.n = b.n AND a.day = b.day OFFSET 2",
        "SELECT day, grouping(day) FROM sales GROUP BY ROLLUP (day, s)",
        "SELECT x FROM sales CROSS JOIN UNNEST(ARRAY[n, 1]) u (x) EXCEPT SELECT 1",
        "SELECT * FROM information_schema.tables TABLESAMPLE BERNOULLI (50)",
        "SELECT n, sum(n) OVER (PARTITION BY day ORDER BY n ROWS 2 PRECEDING) FROM sales"
        " WHERE n IN (SELECT n FROM sales) AND n > ALL (SELECT 0) AND NOT (s IS NULL)",
        "SELECT transform(ARRAY[n], x -> x + 1), TRY(1 / n), ROW(n, s)[1], s LIKE 'a' FROM sales",
    ],
)
def test_every_shape_has_a_plan(sales: Any, text: str) -> None:
    for option in ("", "(TYPE LOGICAL) ", "(FORMAT JSON) ", "(FORMAT GRAPHVIZ) ", "(TYPE IO) "):
        plan = _plan(sales, f"EXPLAIN {option}{text}")
        assert "<" not in plan.replace("&lt;", "").replace("\\<", "").replace(" < ", " ").replace(
            " <= ", " "
        )
    assert _plan(sales, f"EXPLAIN ANALYZE {text}")


@pytest.mark.parametrize(
    "text",
    ["EXPLAIN (TYPE NOPE) SELECT 1", "EXPLAIN SELEC 1", "EXPLAIN (FORMAT XML) SELECT 1"],
)
def test_wrong_grammar_is_refused_at_once(athena: Any, text: str) -> None:
    with pytest.raises(athena.exceptions.InvalidRequestException) as caught:
        running.start(athena, text)
    assert caught.value.response["AthenaErrorCode"] == "MALFORMED_QUERY"
