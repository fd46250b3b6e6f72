"""`aws athena …` of the AWS CLI from its package."""

import json
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


def test_the_cli_runs_a_query(cli: None, lakelet_server: str) -> None:
    variables = tools.environment(lakelet_server)

    def aws(*arguments: str) -> Any:
        command = ("aws", *arguments, "--output", "json")
        done = tools.run(tools.AWS_CLI, *command, variables=variables)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout) if done.stdout.strip().startswith("{") else done.stdout

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


_TEAM = ("--work-group", "team")
