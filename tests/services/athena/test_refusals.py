"""What Athena refuses by itself: before a query begins, or with words beside Hive's."""

from typing import Any

import pytest

from lakelet.results.files import OCTETS
from tests.services.athena import running


@pytest.fixture
def tables(athena: Any, s3_client: Any) -> Any:
    s3_client.create_bucket(Bucket="shop")
    for text in (
        "CREATE DATABASE shop",
        "CREATE EXTERNAL TABLE shop.t (n int) LOCATION 's3://shop/t/'",
    ):
        running.succeeded(athena, text)
    return athena


@pytest.mark.parametrize(
    ("text", "reason", "category", "number", "message"),
    [
        (
            "ALTER TABLE shop.t RENAME TO u",
            "FAILED: Execution Error, return code 1 from org.apache.hadoop.hive.ql.exec.DDLTask.",
            2,
            1006,
            "Query type not supported by DDL engine.",
        ),
        (
            "ALTER TABLE shop.nope RENAME TO u",
            "FAILED: SemanticException [Error 10001]: Table not found shop.nope",
            2,
            1006,
            "Query type not supported by DDL engine.",
        ),
        *(
            (
                f"ALTER TABLE shop.{name} DROP COLUMN n",
                f"FAILED: ParseException line 1:{at} mismatched input 'COLUMN' expecting PARTITION"
                " near 'DROP' in drop partition statement",
                2,
                1006,
                f"line 1:{at + 1}: mismatched input 'COLUMN' expecting 'PARTITION'",
            )
            for name, at in (("t", 24), ("nope", 27))
        ),
        (
            "ALTER /* c */ TABLE shop.t ADD COLUMNS (c int)",
            "FAILED: ParseException line 1:",
            1,
            1003,
            None,
        ),
    ],
)
def test_what_athenas_own_grammar_refuses_has_two_reasons(
    tables: Any,
    s3_client: Any,
    text: str,
    reason: str,
    category: int,
    number: int,
    message: str | None,
) -> None:
    # Measured on AWS.
    query = running.run(tables, text)
    status = query["Status"]
    assert status["StateChangeReason"].startswith(reason)
    assert status["AthenaError"] == {
        "ErrorCategory": category,
        "ErrorType": number,
        "Retryable": False,
        "ErrorMessage": message or status["StateChangeReason"],
    }
    where = query["ResultConfiguration"]["OutputLocation"]
    assert running.file(s3_client, where) == (status["StateChangeReason"].encode(), OCTETS)


def test_what_iceberg_has_not_is_told_without_a_file(tables: Any, s3_client: Any) -> None:
    running.succeeded(
        tables,
        "CREATE TABLE shop.ice (id int) LOCATION 's3://shop/ice/'"
        " TBLPROPERTIES ('table_type' = 'ICEBERG')",
    )
    query = running.run(tables, "MSCK REPAIR TABLE shop.ice")
    reason = "Query type not supported by Athena Iceberg at this time"  # measured on AWS
    assert query["Status"]["StateChangeReason"] == reason
    error = query["Status"]["AthenaError"]
    assert (error["ErrorCategory"], error["ErrorType"]) == (2, 1200)
    assert running.file(s3_client, query["ResultConfiguration"]["OutputLocation"]) is None


def test_statements_that_write_tell_what_may_be_left_behind(tables: Any) -> None:
    # Measured on AWS.
    query = running.run(tables, "CREATE TABLE shop.u AS SELECT nope(1) a")
    where = query["ResultConfiguration"]["OutputLocation"]
    assert query["Status"]["StateChangeReason"] == (
        "FUNCTION_NOT_FOUND: line 1:31: Function 'nope' not registered. You may need to manually"
        f" clean the data at location '{where}' before retrying. Athena will not delete data in"
        " your account."
    )
    query = running.run(tables, "INSERT INTO shop.t SELECT nope(1)")
    where = query["ResultConfiguration"]["OutputLocation"]
    assert query["Status"]["StateChangeReason"].endswith(
        f". If a data manifest file was generated at '{where}-manifest.csv', you may need to"
        " manually clean the data from locations specified in the manifest. Athena will not delete"
        " data in your account."
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "CREATE TABLE shop.n (n int)",
            "No location was specified for table. An S3 location must be specified",
        ),
        (
            "CREATE EXTERNAL TABLE shop.n (n int) LOCATION 's3:////shop/n/'",
            "Invalid location s3:////shop/n/ for table. Only S3 locations are allowed",
        ),
        (
            "CREATE EXTERNAL TABLE shop.n (n int) LOCATION 's3://shop/n/'"
            " TBLPROPERTIES ('table_type' = 'ICEBERG')",
            "External keyword not supported for table type ICEBERG",
        ),
    ],
)
def test_a_table_without_a_place_begins_no_query(tables: Any, text: str, message: str) -> None:
    # Measured on AWS.
    with pytest.raises(tables.exceptions.InvalidRequestException) as raised:
        running.run(tables, text)
    assert raised.value.response["Error"]["Message"] == message
    assert raised.value.response["AthenaErrorCode"] == "MALFORMED_QUERY"
