"""Queries through boto3, and what their files hold."""

import time
from typing import Any
from uuid import uuid4

RESULTS = "s3://results/out/"


def start(client: Any, text: str, **more: Any) -> str:
    """The id of a query; more are StartQueryExecution's further parameters."""
    given = {"ResultConfiguration": {"OutputLocation": RESULTS}, **more}
    identifier: str = client.start_query_execution(QueryString=text, **given)["QueryExecutionId"]
    return identifier


def finished(client: Any, identifier: str, seconds: float = 60) -> dict[str, Any]:
    """A query once it is over."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        found = client.get_query_execution(QueryExecutionId=identifier)["QueryExecution"]
        if found["Status"]["State"] not in ("QUEUED", "RUNNING"):
            return dict(found)
        time.sleep(0.01)
    raise TimeoutError(identifier)


def run(client: Any, text: str, **more: Any) -> dict[str, Any]:
    """A query that has been run."""
    return finished(client, start(client, text, **more))


def succeeded(client: Any, text: str, **more: Any) -> dict[str, Any]:
    found = run(client, text, **more)
    assert found["Status"]["State"] == "SUCCEEDED", found["Status"]
    return found


def rows(client: Any, identifier: str) -> list[list[str | None]]:
    """The rows of an answer, the header among them."""
    pages = client.get_paginator("get_query_results").paginate(QueryExecutionId=identifier)
    found = (row for page in pages for row in page["ResultSet"]["Rows"])
    return [[cell.get("VarCharValue") for cell in row["Data"]] for row in found]


def file(s3: Any, where: str) -> tuple[bytes, str] | None:
    """An object's bytes and content type, None where there is none."""
    bucket, _, key = where.removeprefix("s3://").partition("/")
    try:
        found = s3.get_object(Bucket=bucket, Key=key)
    except s3.exceptions.NoSuchKey:
        return None
    return found["Body"].read(), found["ContentType"]


def token() -> str:
    return str(uuid4())
