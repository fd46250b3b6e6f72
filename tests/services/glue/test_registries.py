"""The schema registry through boto3."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError


def avro(*names: str, default: bool = True) -> str:
    more = {"default": 0} if default else {}
    fields = [{"name": name, "type": "int", **more} for name in names]
    return json.dumps({"type": "record", "name": "r", "fields": fields})


def code(call: Any, **params: Any) -> str:
    """The code that a call is refused with."""
    with pytest.raises(ClientError) as error:
        call(**params)
    return str(error.value.response["Error"]["Code"])


@pytest.fixture
def schema(glue_client: Any) -> dict[str, str]:
    """The id of an Avro schema that must stay readable by the new."""
    glue_client.create_registry(RegistryName="shop", Description="d", Tags={"a": "b"})
    made = glue_client.create_schema(
        RegistryId={"RegistryName": "shop"},
        SchemaName="orders",
        DataFormat="AVRO",
        Compatibility="BACKWARD",
        SchemaDefinition=avro("a"),
    )
    assert (made["LatestSchemaVersion"], made["SchemaVersionStatus"]) == (1, "AVAILABLE")
    return {"RegistryName": "shop", "SchemaName": "orders"}


def test_a_registry_is_made_described_and_deleted(glue_client: Any) -> None:
    made = glue_client.create_registry(RegistryName="shop", Tags={"a": "b"})
    assert made["RegistryArn"] == "arn:aws:glue:us-east-1:000000000000:registry/shop"
    assert code(glue_client.create_registry, RegistryName="shop") == "AlreadyExistsException"
    by_arn = {"RegistryArn": made["RegistryArn"]}
    glue_client.update_registry(RegistryId=by_arn, Description="new")
    found = glue_client.get_registry(RegistryId=by_arn)
    assert (found["Description"], found["Status"]) == ("new", "AVAILABLE")
    assert [r["RegistryName"] for r in glue_client.list_registries()["Registries"]] == ["shop"]
    glue_client.delete_registry(RegistryId=by_arn)
    assert code(glue_client.get_registry, RegistryId=by_arn) == "EntityNotFoundException"


def test_a_schema_without_a_registry_goes_to_the_default_one(glue_client: Any) -> None:
    made = glue_client.create_schema(
        SchemaName="s", DataFormat="JSON", Compatibility="NONE", SchemaDefinition="{}"
    )
    assert made["RegistryName"] == "default-registry"
    found = glue_client.get_schema(SchemaId={"SchemaArn": made["SchemaArn"]})
    assert (found["DataFormat"], found["NextSchemaVersion"]) == ("JSON", 2)


def test_versions_are_numbered_and_the_same_definition_is_the_same_version(
    glue_client: Any, schema: dict[str, str]
) -> None:
    second = glue_client.register_schema_version(SchemaId=schema, SchemaDefinition=avro("a", "b"))
    again = glue_client.register_schema_version(
        SchemaId=schema, SchemaDefinition=json.dumps(json.loads(avro("a", "b")), indent=1)
    )
    assert (second["VersionNumber"], second["Status"]) == (2, "AVAILABLE")
    assert again == {**second, "ResponseMetadata": again["ResponseMetadata"]}
    for named in (
        {"SchemaVersionId": second["SchemaVersionId"]},
        {"SchemaId": schema, "SchemaVersionNumber": {"VersionNumber": 2}},
        {"SchemaId": schema, "SchemaVersionNumber": {"LatestVersion": True}},
    ):
        assert glue_client.get_schema_version(**named)["SchemaDefinition"] == avro("a", "b")
    found = glue_client.get_schema_by_definition(SchemaId=schema, SchemaDefinition=avro("a"))
    assert found["Status"] == "AVAILABLE"
    listed = glue_client.list_schema_versions(SchemaId=schema)["Schemas"]
    assert [each["VersionNumber"] for each in listed] == [1, 2]
    diff = glue_client.get_schema_versions_diff(
        SchemaId=schema,
        FirstSchemaVersionNumber={"VersionNumber": 1},
        SecondSchemaVersionNumber={"LatestVersion": True},
        SchemaDiffType="SYNTAX_DIFF",
    )["Diff"]
    assert "+" in diff


@pytest.mark.parametrize(
    ("mode", "definitions", "statuses"),
    [
        ("BACKWARD", [avro("a", "b", default=False)], ["FAILURE"]),
        ("BACKWARD", [avro()], ["AVAILABLE"]),
        ("FORWARD", [avro("a", "b", default=False)], ["AVAILABLE"]),
        ("FULL", [avro("a", "b", default=False), avro("a", "b")], ["FAILURE", "AVAILABLE"]),
        ("NONE", ['"string"'], ["AVAILABLE"]),
        ("FORWARD_ALL", [avro("a", "b", default=False), avro("a")], ["AVAILABLE", "AVAILABLE"]),
    ],
)
def test_a_version_that_breaks_the_schema_s_rule_fails(
    glue_client: Any,
    schema: dict[str, str],
    mode: str,
    definitions: list[str],
    statuses: list[str],
) -> None:
    number = {"VersionNumber": 1}
    glue_client.update_schema(SchemaId=schema, Compatibility=mode, SchemaVersionNumber=number)
    found = [
        glue_client.register_schema_version(SchemaId=schema, SchemaDefinition=each)["Status"]
        for each in definitions
    ]
    assert found == statuses


def test_a_schema_that_allows_no_versions_refuses_them(
    glue_client: Any, schema: dict[str, str]
) -> None:
    number = {"VersionNumber": 1}
    glue_client.update_schema(SchemaId=schema, Compatibility="DISABLED", SchemaVersionNumber=number)
    call = glue_client.register_schema_version
    assert code(call, SchemaId=schema, SchemaDefinition=avro("z")) == "InvalidInputException"


def test_definitions_are_checked(glue_client: Any, schema: dict[str, str]) -> None:
    call = glue_client.register_schema_version
    assert code(call, SchemaId=schema, SchemaDefinition="{") == "InvalidInputException"
    check = glue_client.check_schema_version_validity
    assert check(DataFormat="AVRO", SchemaDefinition=avro("a"))["Valid"]
    bad = check(DataFormat="AVRO", SchemaDefinition='"nowhere"')
    assert (bad["Valid"], "nowhere" in bad["Error"]) == (False, True)


def test_versions_are_deleted_but_for_the_first(glue_client: Any, schema: dict[str, str]) -> None:
    for names in (("a", "b"), ("a", "b", "c")):
        glue_client.register_schema_version(SchemaId=schema, SchemaDefinition=avro(*names))
    done = glue_client.delete_schema_versions(SchemaId=schema, Versions="1-2")
    assert [each["VersionNumber"] for each in done["SchemaVersionErrors"]] == [1]
    listed = glue_client.list_schema_versions(SchemaId=schema)["Schemas"]
    assert [each["VersionNumber"] for each in listed] == [1, 3]
    glue_client.delete_schema(SchemaId=schema)
    assert code(glue_client.get_schema, SchemaId=schema) == "EntityNotFoundException"


def test_metadata_of_a_version_is_put_queried_and_removed(
    glue_client: Any, schema: dict[str, str]
) -> None:
    place = {"SchemaId": schema, "SchemaVersionNumber": {"LatestVersion": True}}
    put = glue_client.put_schema_version_metadata
    for value in ("1", "2"):
        put(**place, MetadataKeyValue={"MetadataKey": "k", "MetadataValue": value})
    again = {"MetadataKey": "k", "MetadataValue": "1"}
    assert code(put, **place, MetadataKeyValue=again) == "AlreadyExistsException"
    found = glue_client.query_schema_version_metadata(**place)["MetadataInfoMap"]["k"]
    assert found["MetadataValue"] == "1"
    assert [each["MetadataValue"] for each in found["OtherMetadataValueList"]] == ["2"]
    glue_client.remove_schema_version_metadata(**place, MetadataKeyValue=again)
    found = glue_client.query_schema_version_metadata(**place, MetadataList=[{"MetadataKey": "k"}])[
        "MetadataInfoMap"
    ]
    assert found["k"]["MetadataValue"] == "2"
    none = glue_client.query_schema_version_metadata(
        **place, MetadataList=[{"MetadataKey": "other"}]
    )
    assert none["MetadataInfoMap"] == {}


@pytest.mark.parametrize("kind", ["AVRO", "JSON"])
def test_a_definition_nested_without_end_is_refused(glue_client: Any, kind: str) -> None:
    given = {"SchemaName": "deep", "DataFormat": kind, "Compatibility": "NONE"}
    refused = code(glue_client.create_schema, **given, SchemaDefinition="[" * 90_000)
    assert refused == "InvalidInputException"


def test_a_policy_nested_without_end_is_refused(glue_client: Any) -> None:
    assert code(glue_client.put_resource_policy, PolicyInJson="[" * 9_000) == (
        "InvalidInputException"
    )
