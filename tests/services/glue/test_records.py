"""Functions, connections, classifiers, policies, settings and tags through boto3."""

import json
from typing import Any

import pytest
from botocore import xform_name
from botocore.exceptions import ClientError

from lakelet.services.glue import Glue
from lakelet.wire.models import service_model

ACCOUNT = "000000000000"


def code(call: Any, **params: Any) -> str:
    """The code that a call is refused with."""
    with pytest.raises(ClientError) as error:
        call(**params)
    return str(error.value.response["Error"]["Code"])


def test_functions_are_made_changed_listed_and_dropped(glue_client: Any) -> None:
    given = {
        "FunctionName": "Upper",
        "ClassName": "org.x.Upper",
        "OwnerName": "me",
        "FunctionType": "REGULAR_FUNCTION",
        "OwnerType": "USER",
        "ResourceUris": [{"ResourceType": "JAR", "Uri": "s3://x/a.jar"}],
    }
    create = glue_client.create_user_defined_function
    create(DatabaseName="default", FunctionInput=given)
    assert code(create, DatabaseName="default", FunctionInput=given) == "AlreadyExistsException"
    assert code(create, DatabaseName="nope", FunctionInput=given) == "EntityNotFoundException"
    names = {"DatabaseName": "default", "FunctionName": "UPPER"}
    found = glue_client.get_user_defined_function(**names)["UserDefinedFunction"]
    assert {**given, "FunctionName": "upper"}.items() <= found.items()
    glue_client.update_user_defined_function(
        **names, FunctionInput={**given, "ClassName": "org.x.Other"}
    )
    listed = glue_client.get_user_defined_functions(DatabaseName="default", Pattern="up.*")
    assert [each["ClassName"] for each in listed["UserDefinedFunctions"]] == ["org.x.Other"]
    none = glue_client.get_user_defined_functions(Pattern="up.*", FunctionType="AGGREGATE_FUNCTION")
    assert none["UserDefinedFunctions"] == []
    glue_client.delete_user_defined_function(**names)
    refused = code(glue_client.delete_user_defined_function, **names)
    assert refused == "EntityNotFoundException"


def test_connections_are_kept_and_hide_their_passwords(glue_client: Any) -> None:
    given = {
        "Name": "base",
        "ConnectionType": "JDBC",
        "MatchCriteria": ["a", "b"],
        "ConnectionProperties": {"JDBC_CONNECTION_URL": "jdbc:x", "PASSWORD": "secret"},
        "PhysicalConnectionRequirements": {"SubnetId": "s"},
    }
    glue_client.create_connection(ConnectionInput=given, Tags={"team": "x"})
    exists = code(glue_client.create_connection, ConnectionInput=given)
    assert exists == "AlreadyExistsException"
    found = glue_client.get_connection(Name="base")["Connection"]
    assert given.items() <= found.items()
    hidden = glue_client.get_connection(Name="base", HidePassword=True)["Connection"]
    assert hidden["ConnectionProperties"] == {"JDBC_CONNECTION_URL": "jdbc:x"}
    glue_client.update_connection(Name="base", ConnectionInput={**given, "Description": "d"})
    for wanted, count in (
        ({"MatchCriteria": ["a"]}, 1),
        ({"MatchCriteria": ["z"]}, 0),
        ({"ConnectionType": "KAFKA"}, 0),
    ):
        listed = glue_client.get_connections(Filter=wanted)["ConnectionList"]
        assert [each.get("Description") for each in listed] == ["d"] * count
    arn = f"arn:aws:glue:us-east-1:{ACCOUNT}:connection/base"
    assert glue_client.get_tags(ResourceArn=arn)["Tags"] == {"team": "x"}
    done = glue_client.batch_delete_connection(ConnectionNameList=["base", "nope"])
    assert done["Succeeded"] == ["base"]
    assert done["Errors"]["nope"]["ErrorCode"] == "EntityNotFoundException"
    assert glue_client.get_tags(ResourceArn=arn)["Tags"] == {}


def test_a_classifier_keeps_its_kind_and_counts_its_versions(glue_client: Any) -> None:
    glue_client.create_classifier(CsvClassifier={"Name": "c", "Delimiter": ";", "Header": ["a"]})
    glue_client.create_classifier(JsonClassifier={"Name": "j", "JsonPath": "$[*]"})
    exists = code(glue_client.create_classifier, CsvClassifier={"Name": "c"})
    assert exists == "AlreadyExistsException"
    glue_client.update_classifier(CsvClassifier={"Name": "c", "ContainsHeader": "PRESENT"})
    found = glue_client.get_classifier(Name="c")["Classifier"]["CsvClassifier"]
    assert (found["Delimiter"], found["ContainsHeader"], found["Version"]) == (";", "PRESENT", 2)
    wrong = code(glue_client.update_classifier, JsonClassifier={"Name": "c", "JsonPath": "$"})
    assert wrong == "InvalidInputException"
    first = glue_client.get_classifiers(MaxResults=1)
    second = glue_client.get_classifiers(MaxResults=1, NextToken=first["NextToken"])
    assert [list(page["Classifiers"][0]) for page in (first, second)] == [
        ["CsvClassifier"],
        ["JsonClassifier"],
    ]
    glue_client.delete_classifier(Name="c")
    assert code(glue_client.get_classifier, Name="c") == "EntityNotFoundException"


def test_a_resource_policy_is_replaced_only_as_its_conditions_say(glue_client: Any) -> None:
    policy = json.dumps({"Version": "2012-10-17", "Statement": []})
    refused = "ConditionCheckFailureException"
    put = glue_client.put_resource_policy
    assert code(glue_client.get_resource_policy) == "EntityNotFoundException"
    assert code(put, PolicyInJson=policy, PolicyExistsCondition="MUST_EXIST") == refused
    made = put(PolicyInJson=policy, PolicyExistsCondition="NOT_EXIST")["PolicyHash"]
    assert code(put, PolicyInJson=policy, PolicyExistsCondition="NOT_EXIST") == refused
    assert code(put, PolicyInJson=policy, PolicyHashCondition="other") == refused
    assert code(put, PolicyInJson="{]") == "InvalidInputException"
    found = glue_client.get_resource_policy()
    assert (found["PolicyInJson"], found["PolicyHash"]) == (policy, made)
    assert len(glue_client.get_resource_policies()["GetResourcePoliciesResponseList"]) == 1
    assert code(glue_client.delete_resource_policy, PolicyHashCondition="other") == refused
    glue_client.delete_resource_policy(PolicyHashCondition=made)
    assert code(glue_client.get_resource_policy) == "EntityNotFoundException"


def test_encryption_is_off_until_it_is_set(glue_client: Any) -> None:
    def mode() -> str:
        found = glue_client.get_data_catalog_encryption_settings()["DataCatalogEncryptionSettings"]
        return str(found["EncryptionAtRest"]["CatalogEncryptionMode"])

    assert mode() == "DISABLED"
    glue_client.put_data_catalog_encryption_settings(
        DataCatalogEncryptionSettings={
            "EncryptionAtRest": {"CatalogEncryptionMode": "SSE-KMS", "SseAwsKmsKeyId": "k"}
        }
    )
    assert mode() == "SSE-KMS"


def test_tags_are_added_and_removed(glue_client: Any) -> None:
    glue_client.create_database(DatabaseInput={"Name": "d"}, Tags={"a": "1", "b": "2"})
    arn = f"arn:aws:glue:us-east-1:{ACCOUNT}:database/d"
    glue_client.tag_resource(ResourceArn=arn, TagsToAdd={"b": "3", "c": "4"})
    glue_client.untag_resource(ResourceArn=arn, TagsToRemove=["a"])
    assert glue_client.get_tags(ResourceArn=arn)["Tags"] == {"b": "3", "c": "4"}


def test_no_two_subjects_have_a_method_of_one_name() -> None:
    own = [set(vars(subject)) for subject in Glue.__bases__]
    names = [name for each in own for name in each if not name.startswith("__")]
    assert sorted(names) == sorted(set(names))


def test_every_public_method_is_an_operation_of_glue() -> None:
    operations = {xform_name(name) for name in service_model("glue").operation_names}
    public = {name for name in dir(Glue) if not name.startswith("_")}
    assert public - operations == {"translate"}


def test_security_configurations_are_kept_and_given_back(glue_client: Any) -> None:
    given = {"S3Encryption": [{"S3EncryptionMode": "SSE-S3"}]}
    make = {"Name": "own", "EncryptionConfiguration": given}
    assert glue_client.create_security_configuration(**make)["Name"] == "own"
    assert code(glue_client.create_security_configuration, **make) == "AlreadyExistsException"
    found = glue_client.get_security_configuration(Name="own")["SecurityConfiguration"]
    assert found["EncryptionConfiguration"] == given
    listed = glue_client.get_security_configurations()["SecurityConfigurations"]
    assert [each["Name"] for each in listed] == ["own"]
    glue_client.delete_security_configuration(Name="own")
    assert code(glue_client.get_security_configuration, Name="own") == "EntityNotFoundException"
