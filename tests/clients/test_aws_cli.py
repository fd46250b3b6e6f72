"""`aws athena …` of the AWS CLI from its package."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.clients import tools

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def cli() -> None:
    try:
        tools.need(tools.AWS_CLI)
    except tools.UnavailableError as reason:
        pytest.skip(f"no AWS CLI: {reason}")


@pytest.fixture
def aws(cli: None, lakelet_server: str) -> Callable[..., Any]:
    """Runs a command; its answer, or the error that it `fails` with."""
    variables = tools.environment(lakelet_server)

    def run(*arguments: str, fails: str = "") -> Any:
        command = ("aws", *arguments, "--output", "json")
        done = tools.run(tools.AWS_CLI, *command, variables=variables)
        assert (done.returncode != 0) == bool(fails), done.stderr
        assert fails in done.stderr
        return json.loads(done.stdout) if done.stdout.strip().startswith("{") else done.stdout

    return run


def test_the_cli_runs_a_query(aws: Callable[..., Any]) -> None:
    aws("s3", "mb", "s3://results")
    aws(
        *("athena", "create-work-group", "--name", "team"),
        *("--configuration", "ResultConfiguration={OutputLocation=s3://results/team/}"),
    )
    started = aws("athena", "start-query-execution", "--query-string", "SELECT 1 AS x", *_TEAM)
    identifier = started["QueryExecutionId"]
    found: Any = {}
    while found.get("Status", {}).get("State") not in ("SUCCEEDED", "FAILED"):
        found = aws("athena", "get-query-execution", "--query-execution-id", identifier)
        found = found["QueryExecution"]
    assert found["ResultConfiguration"]["OutputLocation"] == f"s3://results/team/{identifier}.csv"
    results = aws("athena", "get-query-results", "--query-execution-id", identifier)
    rows = [[cell["VarCharValue"] for cell in row["Data"]] for row in results["ResultSet"]["Rows"]]
    assert rows == [["x"], ["1"]]
    assert identifier in aws("athena", "list-query-executions", *_TEAM)["QueryExecutionIds"]
    names = [each["Name"] for each in aws("athena", "list-work-groups")["WorkGroups"]]
    assert names == ["primary", "team"]
    catalogs = aws("athena", "list-data-catalogs")["DataCatalogsSummary"]
    assert [each["CatalogName"] for each in catalogs] == ["AwsDataCatalog"]
    databases = aws("athena", "list-databases", "--catalog-name", "AwsDataCatalog")
    assert [each["Name"] for each in databases["DatabaseList"]] == ["default"]


def test_the_cli_keeps_what_athena_keeps(aws: Callable[..., Any]) -> None:
    aws("s3", "mb", "s3://results")
    place = ("--result-configuration", "OutputLocation=s3://results/out/")

    def ended(*arguments: str) -> Any:
        started = aws("athena", "start-query-execution", *place, *arguments)
        identifier = started["QueryExecutionId"]
        while True:
            found = aws("athena", "get-query-execution", "--query-execution-id", identifier)
            if found["QueryExecution"]["Status"]["State"] not in ("QUEUED", "RUNNING"):
                return found["QueryExecution"]

    made = ended("--query-string", "CREATE TABLE t WITH (format = 'ORC') AS SELECT 1 AS x")
    assert made["SubstatementType"] == "CREATE_TABLE_AS_SELECT"
    inside = ("--catalog-name", "AwsDataCatalog", "--database-name", "default")
    tables = aws("athena", "list-table-metadata", *inside)["TableMetadataList"]
    assert [each["Name"] for each in tables] == ["t"]
    table = aws("athena", "get-table-metadata", *inside, "--table-name", "t")["TableMetadata"]
    assert table["Columns"] == [{"Name": "x", "Type": "int"}]
    aws(
        *("athena", "get-table-metadata", *inside, "--table-name", "no"),
        fails="(MetadataException) when calling the GetTableMetadata operation",
    )

    asked = ended(
        *("--query-string", "SELECT x + ? AS y FROM t", "--execution-parameters", "41"),
        *("--query-execution-context", "Database=default"),
    )
    identifier = ("--query-execution-id", asked["QueryExecutionId"])
    rows = aws("athena", "get-query-results", *identifier)["ResultSet"]["Rows"]
    assert rows[1]["Data"] == [{"VarCharValue": "42"}]
    told = aws("athena", "get-query-runtime-statistics", *identifier)["QueryRuntimeStatistics"]
    assert told["OutputStage"]["QueryStagePlan"]["Name"] == "Output"
    several = aws("athena", "batch-get-query-execution", "--query-execution-ids", identifier[1])
    assert several["UnprocessedQueryExecutionIds"] == []

    statement = ("--statement-name", "one", "--work-group", "primary")
    aws("athena", "create-prepared-statement", *statement, "--query-statement", "SELECT ? AS z")
    shown = aws("athena", "get-prepared-statement", *statement)["PreparedStatement"]
    assert shown["QueryStatement"] == "SELECT ? AS z"
    executed = ended("--query-string", "EXECUTE one USING 7")
    assert executed["Status"]["State"] == "SUCCEEDED"
    aws("athena", "delete-prepared-statement", *statement)

    named = aws(
        *("athena", "create-named-query", "--name", "all", "--database", "default"),
        *("--query-string", "SELECT * FROM t"),
    )["NamedQueryId"]
    assert aws("athena", "list-named-queries")["NamedQueryIds"] == [named]
    query = aws("athena", "get-named-query", "--named-query-id", named)["NamedQuery"]
    assert query["QueryString"] == "SELECT * FROM t"
    aws("athena", "delete-named-query", "--named-query-id", named)

    failed = ended("--query-string", "SELECT 1 / 0")
    assert failed["Status"]["StateChangeReason"] == "DIVISION_BY_ZERO: Division by zero"
    aws(
        *("athena", "start-query-execution", *place, "--query-string", "SELEC 1"),
        fails="(InvalidRequestException) when calling the StartQueryExecution operation: line 1:1",
    )
    slow = (
        "SELECT count(*) FROM UNNEST(sequence(1, 10000)) a (x), UNNEST(sequence(1, 10000)) b (y),"
        " UNNEST(sequence(1, 1000)) c (z) WHERE x * y % 7 = z"
    )
    started = aws("athena", "start-query-execution", *place, "--query-string", slow)
    aws("athena", "stop-query-execution", "--query-execution-id", started["QueryExecutionId"])
    found = aws(
        "athena", "get-query-execution", "--query-execution-id", started["QueryExecutionId"]
    )
    assert found["QueryExecution"]["Status"]["State"] == "CANCELLED"


_TEAM = ("--work-group", "team")
