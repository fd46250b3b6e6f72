"""Every paginator that boto3 has for Athena, page by page, gives each thing once."""

from collections.abc import Callable
from typing import Any

import botocore.session
import pytest

from lakelet import Lake
from tests.services.athena import running

COUNT = 5


def _queries(athena: Any) -> dict[str, Any]:
    for number in range(COUNT):
        running.succeeded(athena, f"SELECT {number}")
    return {"WorkGroup": "primary"}


def _results(athena: Any) -> dict[str, Any]:
    text = "SELECT x FROM UNNEST(sequence(1, 4)) AS t (x)"
    return {"QueryExecutionId": running.succeeded(athena, text)["QueryExecutionId"]}


def _named(athena: Any) -> dict[str, Any]:
    for number in range(COUNT):
        athena.create_named_query(Name=f"n{number}", Database="default", QueryString="SELECT 1")
    return {"WorkGroup": "primary"}


def _catalogs(athena: Any) -> dict[str, Any]:
    for number in range(COUNT - 1):
        athena.create_data_catalog(
            Name=f"c{number}", Type="LAMBDA", Parameters={"function": "arn:aws:lambda:a:b:c"}
        )
    return {}


def _databases(athena: Any) -> dict[str, Any]:
    for number in range(COUNT - 1):
        running.succeeded(athena, f"CREATE DATABASE d{number}")
    return {"CatalogName": "AwsDataCatalog"}


def _tables(athena: Any) -> dict[str, Any]:
    for number in range(COUNT):
        running.succeeded(athena, f"CREATE VIEW t{number} AS SELECT 1 AS x")
    return {"CatalogName": "AwsDataCatalog", "DatabaseName": "default"}


def _tags(athena: Any) -> dict[str, Any]:
    arn = "arn:aws:athena:us-east-1:000000000000:workgroup/team"
    tags = [{"Key": f"k{number}", "Value": "v"} for number in range(COUNT)]
    athena.create_work_group(Name="team", Tags=tags)
    return {"ResourceARN": arn}


PAGED: dict[str, tuple[Callable[[Any], dict[str, Any]], Callable[[Any], str]]] = {
    "ListQueryExecutions": (_queries, str),
    "GetQueryResults": (_results, lambda row: str(row["Data"])),
    "ListNamedQueries": (_named, str),
    "ListDataCatalogs": (_catalogs, lambda each: each["CatalogName"]),
    "ListDatabases": (_databases, lambda each: each["Name"]),
    "ListTableMetadata": (_tables, lambda each: each["Name"]),
    "ListTagsForResource": (_tags, lambda each: each["Key"]),
}


@pytest.fixture
def athena(athena_client: Any, s3_client: Any, lakelet: Lake) -> Any:
    s3_client.create_bucket(Bucket="results")
    return athena_client


def test_all_of_boto3s_paginators_are_here(athena: Any) -> None:
    model = botocore.session.get_session().get_paginator_model("athena")
    assert set(model._paginator_config) == set(PAGED)
    assert athena.waiter_names == []


@pytest.mark.parametrize("name", PAGED)
def test_pages_give_each_thing_once(athena: Any, name: str) -> None:
    model = botocore.session.get_session().get_paginator_model("athena")
    found = model.get_paginator(name)["result_key"]
    key = found if isinstance(found, str) else found[0]
    prepared, named = PAGED[name]
    given = prepared(athena)
    method = botocore.xform_name(name)
    size = 75 if name == "ListTagsForResource" else 2  # its least
    pages = list(
        athena.get_paginator(method).paginate(**given, PaginationConfig={"PageSize": size})
    )

    def items(page: Any) -> list[Any]:
        for part in key.split("."):
            page = page[part]
        return list(page)

    names = [named(each) for page in pages for each in items(page)]
    assert len(names) == len(set(names)) == COUNT
    assert len(pages) >= (1 if size == 75 else 3)
    first = athena.get_paginator(method).paginate(
        **given, PaginationConfig={"PageSize": size, "MaxItems": 1}
    )
    built = first.build_full_result()
    assert named(items(built)[0]) == names[0]
    further = athena.get_paginator(method).paginate(
        **given, PaginationConfig={"PageSize": size, "StartingToken": built["NextToken"]}
    )
    assert [named(each) for page in further for each in items(page)] == names[1:]
