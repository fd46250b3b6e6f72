"""Iceberg tables that CreateTable makes by OpenTableFormatInput, read by pyiceberg."""

from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

pyiceberg = pytest.importorskip("pyiceberg.catalog")
pytestmark = pytest.mark.filterwarnings("ignore")
KEYS = {"access-key-id": "lake", "secret-access-key": "lake", "region": "us-east-1"}
CREATE = {"IcebergInput": {"MetadataOperation": "CREATE", "Version": "2"}}


@pytest.fixture
def glue(lakelet_server: str) -> Any:
    keys = {"aws_access_key_id": "lake", "aws_secret_access_key": "lake"}
    made = {"endpoint_url": lakelet_server, "region_name": "us-east-1", **keys}
    boto3.client("s3", **made).create_bucket(Bucket="warehouse")
    return boto3.client("glue", **made)


@pytest.fixture
def catalog(lakelet_server: str) -> Any:
    return pyiceberg.load_catalog(
        "glue",
        type="glue",
        **{f"glue.{name}": value for name, value in KEYS.items()},
        **{f"s3.{name}": value for name, value in KEYS.items()},
        **{"glue.endpoint": lakelet_server, "s3.endpoint": lakelet_server},
    )


def table_input(*columns: tuple[str, str], location: str = "s3://warehouse/t/") -> dict[str, Any]:
    found = [{"Name": name, "Type": of} for name, of in columns]
    return {"Name": "t", "StorageDescriptor": {"Columns": found, "Location": location}}


def test_a_table_of_hive_s_columns(glue: Any, catalog: Any) -> None:
    given = table_input(
        ("id", "bigint"),
        ("price", "decimal(10,2)"),
        ("tags", "array<string>"),
        ("who", "struct<name:string,ages:map<string,int>>"),
        ("at", "timestamp"),
    )
    glue.create_table(DatabaseName="default", TableInput=given, OpenTableFormatInput=CREATE)
    table = catalog.load_table("default.t")
    assert [str(field.field_type) for field in table.schema().fields] == [
        *("long", "decimal(10, 2)", "list<string>"),
        "struct<7: name: optional string, 8: ages: optional map<string, int>>",
        "timestamp",
    ]
    found = glue.get_table(DatabaseName="default", Name="t")["Table"]
    assert found["Parameters"]["table_type"] == "ICEBERG"


def test_a_table_of_iceberg_s_own_schema(glue: Any, catalog: Any) -> None:
    fields = [
        {"Id": 1, "Name": "id", "Type": "long", "Required": True, "Doc": "key"},
        {"Id": 2, "Name": "at", "Type": "timestamptz", "Required": False},
        {
            "Id": 3,
            "Name": "tags",
            "Type": {
                "type": "list",
                "element-id": 4,
                "element": "string",
                "element-required": False,
            },
            "Required": False,
        },
    ]
    iceberg = {
        "MetadataOperation": "CREATE",
        "CreateIcebergTableInput": {
            "Location": "s3://warehouse/own",
            "Schema": {"Fields": fields, "IdentifierFieldIds": [1]},
            "PartitionSpec": {
                "Fields": [
                    {"SourceId": 2, "Transform": "day", "Name": "at_day"},
                    {"SourceId": 1, "Transform": "bucket[8]", "Name": "id_bucket"},
                ]
            },
            "WriteOrder": {
                "OrderId": 1,
                "Fields": [
                    {
                        "SourceId": 1,
                        "Transform": "identity",
                        "Direction": "asc",
                        "NullOrder": "nulls-first",
                    }
                ],
            },
            "Properties": {"write.format.default": "parquet"},
        },
    }
    glue.create_table(
        DatabaseName="default", Name="own", OpenTableFormatInput={"IcebergInput": iceberg}
    )
    table = catalog.load_table("default.own")
    assert str(table.spec().fields[0].transform) == "day"
    assert str(table.spec().fields[1].transform) == "bucket[8]"
    assert table.schema().identifier_field_names() == {"id"}
    assert len(table.sort_order().fields) == 1
    assert table.properties["write.format.default"] == "parquet"
    shown = glue.get_table(DatabaseName="default", Name="own")["Table"]
    columns = shown["StorageDescriptor"]["Columns"]
    assert [(each["Name"], each["Type"]) for each in columns] == [
        *(("id", "bigint"), ("at", "timestamp"), ("tags", "array<string>"))
    ]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (table_input(("a", "uniontype<int,string>")), "InvalidInputException"),
        (table_input(("a", "int"), location=""), "InvalidInputException"),
        (table_input(("a", "int"), location="s3://nowhere/t"), "EntityNotFoundException"),
    ],
)
def test_what_cannot_be_is_refused_and_leaves_nothing(
    glue: Any, given: dict[str, Any], code: str
) -> None:
    with pytest.raises(ClientError) as refused:
        glue.create_table(DatabaseName="default", TableInput=given, OpenTableFormatInput=CREATE)
    assert refused.value.response["Error"]["Code"] == code
    assert glue.get_tables(DatabaseName="default")["TableList"] == []


def test_a_table_that_is_there_is_not_made_again(glue: Any, catalog: Any) -> None:
    given = table_input(("a", "int"))
    glue.create_table(DatabaseName="default", TableInput=given, OpenTableFormatInput=CREATE)
    before = catalog.load_table("default.t").metadata_location
    with pytest.raises(glue.exceptions.AlreadyExistsException):
        glue.create_table(DatabaseName="default", TableInput=given, OpenTableFormatInput=CREATE)
    assert catalog.load_table("default.t").metadata_location == before
