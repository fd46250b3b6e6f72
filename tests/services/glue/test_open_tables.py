"""Iceberg tables that CreateTable makes by OpenTableFormatInput, read by pyiceberg."""

from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from pyiceberg.catalog import load_catalog

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
    return load_catalog(
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


def own_table(glue: Any) -> None:
    fields = [{"Id": 1, "Name": "id", "Type": "int", "Required": False}]
    made = {"Location": "s3://warehouse/own", "Schema": {"Fields": fields}}
    iceberg = {"MetadataOperation": "CREATE", "CreateIcebergTableInput": made}
    glue.create_table(
        DatabaseName="default", Name="own", OpenTableFormatInput={"IcebergInput": iceberg}
    )


def update(glue: Any, *updates: dict[str, Any], **more: Any) -> None:
    glue.update_table(
        DatabaseName="default",
        Name="own",
        UpdateOpenTableFormatInput={
            "UpdateIcebergInput": {"UpdateIcebergTableInput": {"Updates": list(updates)}}
        },
        **more,
    )


def changed(*fields: tuple[int, str, str], **more: Any) -> dict[str, Any]:
    found = [{"Id": i, "Name": name, "Type": of, "Required": False} for i, name, of in fields]
    return {"Schema": {"Fields": found}, "Location": "s3://warehouse/own", **more}


def test_an_update_keeps_the_data_and_evolves_schema_spec_order_and_properties(
    glue: Any, catalog: Any
) -> None:
    import pyarrow

    own_table(glue)
    catalog.load_table("default.own").append(pyarrow.table({"id": pyarrow.array([1, 2], "int32")}))
    before = catalog.load_table("default.own").metadata_location
    fields = ((1, "number", "long"), (2, "at", "timestamp"))
    update(
        glue,
        changed(*fields, Action="add-schema"),
        changed(*fields, Action="set-current-schema"),
        changed(
            *fields,
            Action="add-spec",
            PartitionSpec={"Fields": [{"SourceId": 2, "Transform": "day", "Name": "day"}]},
        ),
        changed(*fields, Action="set-default-spec", PartitionSpec={"Fields": []}),
        changed(*fields, Action="set-properties", Properties={"a": "1", "b": "2"}),
        changed(*fields, Action="remove-properties", Properties={"a": ""}),
    )
    table = catalog.load_table("default.own")
    assert table.scan().to_arrow().to_pydict() == {"number": [1, 2], "at": [None, None]}
    assert [str(each.transform) for each in table.spec().fields] == ["day"]
    assert (table.properties.get("a"), table.properties["b"]) == (None, "2")
    assert len(table.metadata.schemas) == 2
    assert [each.metadata_file for each in table.metadata.metadata_log][-1] == before
    shown = glue.get_table(DatabaseName="default", Name="own")["Table"]
    assert shown["Parameters"]["previous_metadata_location"] == before
    columns = shown["StorageDescriptor"]["Columns"]
    assert [(each["Name"], each["Type"]) for each in columns] == [
        ("number", "bigint"),
        ("at", "timestamp"),
    ]


def test_an_update_without_an_action_does_all_that_it_gives(glue: Any, catalog: Any) -> None:
    own_table(glue)
    order = {
        "OrderId": 1,
        "Fields": [
            {
                "SourceId": 2,
                "Transform": "identity",
                "Direction": "desc",
                "NullOrder": "nulls-last",
            }
        ],
    }
    update(glue, changed((1, "id", "int"), (2, "name", "string"), SortOrder=order))
    table = catalog.load_table("default.own")
    assert [field.name for field in table.schema().fields] == ["id", "name"]
    assert str(table.sort_order().fields[0].direction) == "DESC"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (changed((1, "id", "string")), "InvalidInputException"),
        (changed((1, "id", "int"), (1, "again", "int")), "InvalidInputException"),
        (changed((1, "id", "int"), Action="add-spec"), "InvalidInputException"),
        (
            changed(
                (1, "id", "int"),
                Action="set-default-spec",
                PartitionSpec={"Fields": [], "SpecId": 7},
            ),
            "InvalidInputException",
        ),
        (changed((1, "id", "int"), Action="add-encryption-key"), "OperationNotSupportedException"),
    ],
)
def test_an_update_that_cannot_be_leaves_the_table(
    glue: Any, catalog: Any, given: dict[str, Any], code: str
) -> None:
    own_table(glue)
    before = catalog.load_table("default.own").metadata_location
    with pytest.raises(ClientError) as refused:
        update(glue, given)
    assert refused.value.response["Error"]["Code"] == code
    assert catalog.load_table("default.own").metadata_location == before


def test_an_update_of_a_version_that_is_gone_is_refused(glue: Any) -> None:
    own_table(glue)
    given = changed((1, "id", "int"), Action="set-properties", Properties={"a": "1"})
    update(glue, given)
    with pytest.raises(glue.exceptions.ConcurrentModificationException):
        update(glue, given, VersionId="0")
