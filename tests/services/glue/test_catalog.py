"""Databases, tables and partitions through boto3. Texts of errors are AWS's: those of
github.com/apache/iceberg/issues/8636, github.com/floci-io/floci/issues/1205 and moto."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from lakelet.lake import Lake

COLUMNS = [{"Name": "id", "Type": "int"}]
KEYS = [{"Name": "year", "Type": "int"}, {"Name": "device", "Type": "string"}]


@pytest.fixture
def glue(glue_client: Any) -> Any:
    """A client; the database `sales` has the partitioned table `t`."""
    glue_client.create_database(DatabaseInput={"Name": "sales"})
    glue_client.create_table(
        DatabaseName="sales",
        TableInput={
            "Name": "t",
            "StorageDescriptor": {"Columns": COLUMNS, "Location": "s3://lake/t/"},
            "PartitionKeys": KEYS,
        },
    )
    return glue_client


def refused(code: str, message: str, call: Any, **params: Any) -> ClientError:
    with pytest.raises(ClientError) as error:
        call(**params)
    assert error.value.response["Error"]["Code"] == code
    assert message in error.value.response["Error"]["Message"]
    return error.value


def partition(year: int, device: str = "a") -> dict[str, Any]:
    location = f"s3://lake/t/{year}/{device}/"
    return {"Values": [str(year), device], "StorageDescriptor": {"Location": location}}


def test_a_database_comes_back_with_what_glue_adds(glue: Any) -> None:
    given = {
        "Name": "Everything",
        "Description": "d",
        "LocationUri": "s3://x/",
        "Parameters": {"a": "b"},
        "CreateTableDefaultPermissions": [],
        "TargetDatabase": {"CatalogId": "1", "DatabaseName": "o"},
    }
    glue.create_database(DatabaseInput=given)
    found = glue.get_database(Name="EVERYTHING")["Database"]
    assert {**given, "Name": "everything"}.items() <= found.items()
    assert found["CatalogId"] == "000000000000"
    assert found["CreateTime"]


def test_refusals_have_glue_s_codes_and_words(glue: Any) -> None:
    missing, exists = "EntityNotFoundException", "AlreadyExistsException"
    refused(missing, "Database nope not found.", glue.get_database, Name="nope")
    refused(missing, "Database nope not found.", glue.delete_database, Name="nope")
    refused(missing, "Entity Not Found", glue.get_table, DatabaseName="nope", Name="t")
    refused(missing, "Entity Not Found", glue.get_table, DatabaseName="sales", Name="nope")
    refused(
        missing,
        "Table nope not found.",
        glue.get_partition_indexes,
        DatabaseName="sales",
        TableName="nope",
    )
    refused(missing, "Database nope not found.", glue.get_tables, DatabaseName="nope")
    refused(
        exists, "Database already exists.", glue.create_database, DatabaseInput={"Name": "SALES"}
    )
    refused(
        exists,
        "Table already exists.",
        glue.create_table,
        DatabaseName="sales",
        TableInput={"Name": "T"},
    )
    refused(
        missing,
        "Cannot find partition.",
        glue.get_partition,
        DatabaseName="sales",
        TableName="t",
        PartitionValues=["1", "a"],
    )
    refused(
        "InvalidInputException",
        "The number of partition keys do not match the number of partition values",
        glue.create_partition,
        DatabaseName="sales",
        TableName="t",
        PartitionInput={"Values": ["1"]},
    )


def test_a_stale_version_is_a_concurrent_modification(glue: Any) -> None:
    update = {"DatabaseName": "sales", "TableInput": {"Name": "t"}, "VersionId": "0"}
    glue.update_table(**update)
    assert glue.get_table(DatabaseName="sales", Name="t")["Table"]["VersionId"] == "1"
    message = "Update table failed due to concurrent modifications."
    refused("ConcurrentModificationException", message, glue.update_table, **update)


def test_versions_are_listed_and_deleted(glue: Any) -> None:
    for number in range(5):
        glue.update_table(
            DatabaseName="sales", TableInput={"Name": "t", "Description": str(number)}
        )
    names = {"DatabaseName": "sales", "TableName": "t"}
    pages = glue.get_paginator("get_table_versions").paginate(
        **names, PaginationConfig={"PageSize": 2}
    )
    found = [each["VersionId"] for page in pages for each in page["TableVersions"]]
    assert found == ["5", "4", "3", "2", "1", "0"]
    one = glue.get_table_version(**names, VersionId="2")["TableVersion"]
    assert one["Table"]["Description"] == "1"
    errors = glue.batch_delete_table_version(**names, VersionIds=["1", "77", "5"])["Errors"]
    assert [(each["VersionId"], each["ErrorDetail"]["ErrorCode"]) for each in errors] == [
        ("77", "EntityNotFoundException"),
        ("5", "InvalidInputException"),
    ]


def test_pages_of_databases_and_tables_follow_each_other(glue: Any) -> None:
    for number in range(7):
        glue.create_database(DatabaseInput={"Name": f"d{number}"})
        glue.create_table(DatabaseName="sales", TableInput={"Name": f"t{number}"})
    pages = glue.get_paginator("get_databases").paginate(PaginationConfig={"PageSize": 3})
    names = [each["Name"] for page in pages for each in page["DatabaseList"]]
    assert names == [*(f"d{number}" for number in range(7)), "default", "sales"]
    pages = glue.get_paginator("get_tables").paginate(
        DatabaseName="sales", Expression="t[0-5]", PaginationConfig={"PageSize": 2}
    )
    names = [each["Name"] for page in pages for each in page["TableList"]]
    assert names == [f"t{number}" for number in range(6)]


def test_a_token_that_is_none_is_invalid_input(glue: Any) -> None:
    refused("InvalidInputException", "NextToken", glue.get_databases, NextToken="%%%")
    refused(
        "InvalidInputException",
        "NextToken",
        glue.get_tables,
        DatabaseName="sales",
        NextToken="abc=",
    )


def test_a_batch_of_tables_is_deleted_but_for_those_that_are_missing(glue: Any) -> None:
    errors = glue.batch_delete_table(DatabaseName="sales", TablesToDelete=["t", "u"])["Errors"]
    assert [each["TableName"] for each in errors] == ["u"]
    assert errors[0]["ErrorDetail"]["ErrorCode"] == "EntityNotFoundException"
    assert glue.get_tables(DatabaseName="sales")["TableList"] == []


def test_batches_of_partitions_say_which_part_was_refused(glue: Any) -> None:
    names = {"DatabaseName": "sales", "TableName": "t"}
    glue.create_partition(**names, PartitionInput=partition(1))
    errors = glue.batch_create_partition(**names, PartitionInputList=[partition(1), partition(2)])[
        "Errors"
    ]
    assert errors == [
        {
            "PartitionValues": ["1", "a"],
            "ErrorDetail": {
                "ErrorCode": "AlreadyExistsException",
                "ErrorMessage": "Partition already exists.",
            },
        }
    ]
    entries = [
        {"PartitionValueList": ["2", "a"], "PartitionInput": partition(3)},
        {"PartitionValueList": ["9", "a"], "PartitionInput": partition(4)},
    ]
    errors = glue.batch_update_partition(**names, Entries=entries)["Errors"]
    assert [each["PartitionValueList"] for each in errors] == [["9", "a"]]
    found = glue.batch_get_partition(
        **names, PartitionsToGet=[{"Values": ["3", "a"]}, {"Values": ["7", "a"]}]
    )
    assert [each["Values"] for each in found["Partitions"]] == [["3", "a"]]
    errors = glue.batch_delete_partition(
        **names, PartitionsToDelete=[{"Values": ["3", "a"]}, {"Values": ["2", "a"]}]
    )["Errors"]
    assert [each["PartitionValues"] for each in errors] == [["2", "a"]]
    assert [each["Values"] for each in glue.get_partitions(**names)["Partitions"]] == [["1", "a"]]


def test_get_partitions_filters_pages_and_leaves_columns_out(glue: Any) -> None:
    names = {"DatabaseName": "sales", "TableName": "t"}
    storage = {"Columns": COLUMNS, "Location": "s3://lake/t/"}
    given = [{"Values": [str(n), "a"], "StorageDescriptor": storage} for n in range(60)]
    glue.batch_create_partition(**names, PartitionInputList=given)
    pages = glue.get_paginator("get_partitions").paginate(
        **names, Expression="year >= 10 AND device = 'a'", PaginationConfig={"PageSize": 7}
    )
    found = [each for page in pages for each in page["Partitions"]]
    assert sorted(int(each["Values"][0]) for each in found) == list(range(10, 60))
    assert found[0]["StorageDescriptor"]["Columns"] == COLUMNS
    bare = glue.get_partitions(**names, ExcludeColumnSchema=True)["Partitions"][0]
    assert "Columns" not in bare["StorageDescriptor"]
    parts = [
        glue.get_partitions(**names, Segment={"SegmentNumber": part, "TotalSegments": 3})
        for part in range(3)
    ]
    assert sum(len(part["Partitions"]) for part in parts) == 60
    refused(
        "InvalidInputException",
        "Unknown column 'x'",
        glue.get_partitions,
        **names,
        Expression="x=1",
    )


def test_partition_indexes_are_kept_and_limited(glue: Any) -> None:
    names = {"DatabaseName": "sales", "TableName": "t"}
    for number in range(3):
        index = {"Keys": ["year"], "IndexName": f"i{number}"}
        glue.create_partition_index(**names, PartitionIndex=index)
    found = glue.get_partition_indexes(**names)["PartitionIndexDescriptorList"]
    assert found[0] == {
        "IndexName": "i0",
        "Keys": [{"Name": "year", "Type": "int"}],
        "IndexStatus": "ACTIVE",
    }
    refused(
        "ResourceNumberLimitExceededException",
        "",
        glue.create_partition_index,
        **names,
        PartitionIndex={"Keys": ["year"], "IndexName": "i3"},
    )
    glue.delete_partition_index(**names, IndexName="i1")
    refused("EntityNotFoundException", "i1", glue.delete_partition_index, **names, IndexName="i1")


def test_a_table_whose_index_is_refused_is_not_made(glue: Any) -> None:
    refused(
        "InvalidInputException",
        "nope",
        glue.create_table,
        DatabaseName="sales",
        TableInput={"Name": "u", "PartitionKeys": KEYS},
        PartitionIndexes=[{"Keys": ["nope"], "IndexName": "i"}],
    )
    refused("EntityNotFoundException", "", glue.get_table, DatabaseName="sales", Name="u")


@pytest.mark.parametrize(
    ("params", "names"),
    [
        ({"SearchText": "apple"}, ["pears", "apples"]),
        ({"SearchText": "APPLES"}, ["apples"]),
        ({"Filters": [{"Key": "DatabaseName", "Value": "default"}]}, ["pears"]),
        ({"Filters": [{"Key": "colour", "Value": "red"}]}, ["apples"]),
        (
            {
                "SearchText": "apple",
                "SortCriteria": [{"FieldName": "Name", "Sort": "ASC"}],
            },
            ["apples", "pears"],
        ),
        (
            {"Filters": [{"Key": "CreateTime", "Value": "2000-01-01", "Comparator": "LESS_THAN"}]},
            [],
        ),
    ],
)
def test_tables_are_searched(glue: Any, params: dict[str, Any], names: list[str]) -> None:
    glue.create_table(
        DatabaseName="sales", TableInput={"Name": "apples", "Parameters": {"colour": "red"}}
    )
    glue.create_table(
        DatabaseName="default", TableInput={"Name": "pears", "Description": "no apple"}
    )
    found = glue.search_tables(**params)["TableList"]
    assert [each["Name"] for each in found if each["Name"] != "t"] == names


def test_searches_go_on_by_their_tokens(glue: Any) -> None:
    for number in range(5):
        glue.create_table(DatabaseName="sales", TableInput={"Name": f"found{number}"})
    for more in ({}, {"SortCriteria": [{"FieldName": "Name", "Sort": "ASC"}]}):
        names, token = [], None
        while token != "":
            page = glue.search_tables(
                SearchText="found", MaxResults=2, **({"NextToken": token} if token else {}), **more
            )
            names += [each["Name"] for each in page["TableList"]]
            token = page.get("NextToken", "")
        assert names == [f"found{number}" for number in range(5)]


def test_column_statistics_come_back_whole(glue: Any) -> None:
    names = {"DatabaseName": "sales", "TableName": "t"}
    glue.create_partition(**names, PartitionInput=partition(1))
    statistics = {
        "ColumnName": "id",
        "ColumnType": "decimal(10,2)",
        "AnalyzedTime": glue.get_table(DatabaseName="sales", Name="t")["Table"]["CreateTime"],
        "StatisticsData": {
            "Type": "DECIMAL",
            "DecimalColumnStatisticsData": {
                "MinimumValue": {"UnscaledValue": b"\x00\xff", "Scale": 2},
                "NumberOfNulls": 3,
                "NumberOfDistinctValues": 4,
            },
        },
    }
    for words, more in (("table", {}), ("partition", {"PartitionValues": ["1", "a"]})):
        call = {
            verb: getattr(glue, f"{verb}_column_statistics_for_{words}")
            for verb in ("update", "get", "delete")
        }
        call["update"](**names, **more, ColumnStatisticsList=[statistics])
        found = call["get"](**names, **more, ColumnNames=["id", "nope"])
        [kept] = found["ColumnStatisticsList"]
        assert kept["StatisticsData"] == statistics["StatisticsData"]
        assert [each["ColumnName"] for each in found["Errors"]] == ["nope"]
        call["delete"](**names, **more, ColumnName="id")
        assert call["get"](**names, **more, ColumnNames=["id"])["ColumnStatisticsList"] == []


def test_metadata_without_filters_is_the_whole_table(glue: Any) -> None:
    names = {"CatalogId": "123456789012", "DatabaseName": "sales"}
    allowed = {"SupportedPermissionTypes": ["COLUMN_PERMISSION"]}
    glue.create_partition(DatabaseName="sales", TableName="t", PartitionInput=partition(1))
    table = glue.get_unfiltered_table_metadata(**names, Name="t", **allowed)
    assert table["AuthorizedColumns"] == ["id", "year", "device"]
    found = glue.get_unfiltered_partitions_metadata(
        **names, TableName="t", Expression="year = 1", **allowed
    )
    assert [p["Partition"]["Values"] for p in found["UnfilteredPartitions"]] == [["1", "a"]]


def test_a_catalogue_inside_the_account_s_own_has_its_own_databases(glue: Any) -> None:
    glue.create_catalog(Name="inner", CatalogInput={"Description": "d"})
    glue.create_database(CatalogId="inner", DatabaseInput={"Name": "hidden"})
    assert glue.get_catalog(CatalogId="inner")["Catalog"]["CatalogId"] == "000000000000:inner"
    found = glue.get_databases(CatalogId="000000000000:inner")["DatabaseList"]
    assert "hidden" in [each["Name"] for each in found]
    refused("EntityNotFoundException", "hidden", glue.get_database, Name="hidden")
    glue.delete_catalog(CatalogId="inner")
    refused("EntityNotFoundException", "inner", glue.get_databases, CatalogId="inner")


def test_what_a_client_makes_the_inside_sees(glue: Any, lakelet: Lake) -> None:
    names = {"DatabaseName": "sales", "TableName": "t"}
    glue.batch_create_partition(**names, PartitionInputList=[partition(1), partition(2)])
    table = lakelet.catalog.table("sales", "t")
    assert table is not None
    assert [column.name for column in table.columns] == ["id", "year", "device"]
    kept = lakelet.catalog.partitions(table, "year = 2")
    assert [(each.values, each.storage.location) for each in kept] == [
        (("2", "a"), "s3://lake/t/2/a/")
    ]


def test_statistics_that_are_not_there_are_deleted_without_complaint(glue: Any) -> None:
    """A real Trino does so for each column of a new table."""
    names = {"DatabaseName": "sales", "TableName": "t"}
    glue.delete_column_statistics_for_table(**names, ColumnName="id")
    missing = "EntityNotFoundException"
    call = glue.delete_column_statistics_for_table
    refused(missing, "not found", call, DatabaseName="sales", TableName="u", ColumnName="id")


def test_patterns_quote_as_java_does(glue: Any) -> None:
    given = {"FunctionName": "a.b__1", "ClassName": "c", "OwnerName": "o", "OwnerType": "USER"}
    glue.create_user_defined_function(DatabaseName="sales", FunctionInput=given)

    def found(pattern: str) -> list[str]:
        page = glue.get_user_defined_functions(DatabaseName="sales", Pattern=pattern)
        return [each["FunctionName"] for each in page["UserDefinedFunctions"]]

    assert found(r"\Qa.b\E__.*") == found(r"a*\Q__1") == ["a.b__1"]
    assert found(r"\Qa*\E.*") == []
