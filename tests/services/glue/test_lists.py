"""Every list of Glue's: pages of one give what one page gives, and a token is its list's alone."""

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from botocore import xform_name
from botocore.exceptions import ClientError

from lakelet.config import Settings
from lakelet.lake import Lake
from lakelet.services.glue import Glue
from lakelet.wire.models import service_model

COUNT = 3
WHERE = {"DatabaseName": "db", "TableName": "t"}
ROLE = "arn:aws:iam::123456789012:role/r"
SCHEMA = {"RegistryName": "r0", "SchemaName": "s0"}

TABLE = {
    "Name": "t",
    "StorageDescriptor": {
        "Columns": [{"Name": "a", "Type": "int"}],
        "Location": "s3://lake/t/",
        "InputFormat": "org.apache.hadoop.mapred.TextInputFormat",
        "OutputFormat": "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
        "SerdeInfo": {"SerializationLibrary": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"},
    },
    "PartitionKeys": [{"Name": "k", "Type": "string"}],
}

GIVEN: Mapping[str, dict[str, Any]] = {
    "GetColumnStatisticsTaskRuns": WHERE,
    "GetPartitionIndexes": WHERE,
    "GetPartitions": WHERE,
    "GetTableVersions": WHERE,
    "GetTables": {"DatabaseName": "db"},
    "GetUnfilteredPartitionsMetadata": {
        **WHERE,
        "CatalogId": "000000000000",
        "SupportedPermissionTypes": ["COLUMN_PERMISSION"],
    },
    "GetUserDefinedFunctions": {"DatabaseName": "db", "Pattern": ".*"},
    "ListCrawls": {"CrawlerName": "c0"},
    "ListSchemaVersions": {"SchemaId": SCHEMA},
    "QuerySchemaVersionMetadata": {"SchemaId": SCHEMA, "SchemaVersionNumber": {"VersionNumber": 1}},
}
"""What an operation must be given."""

LISTS = [
    name
    for name in service_model("glue").operation_names
    if hasattr(Glue, xform_name(name))
    and name != "ListTableOptimizerRuns"  # needs a table of Iceberg, and none has run
    and "NextToken" in (service_model("glue").operation_model(name).output_shape.members)
]
SHORT = {"GetPartitionIndexes", "GetResourcePolicies", "ListCrawls"}
"""Those that hold less than three things here."""


@pytest.fixture(scope="module")
def glue() -> Iterator[Any]:
    """A client of a lake that has some of everything."""
    import boto3

    from lakelet.patching import patched

    with Lake(Settings(port=0)) as lake, patched(lake):
        client = boto3.client("glue", region_name="us-east-1")
        client.create_database(DatabaseInput={"Name": "db"})
        boto3.client("s3").create_bucket(Bucket="lake")
        client.create_table(DatabaseName="db", TableInput=TABLE)
        for number in range(COUNT):
            for make in MAKERS:
                make(client, number)
        yield client


def _databases(glue: Any, n: int) -> None:
    glue.create_database(DatabaseInput={"Name": f"db{n}"})
    glue.create_table(DatabaseName="db", TableInput={"Name": f"t{n}"})
    glue.update_table(DatabaseName="db", TableInput=TABLE)
    glue.create_partition(**WHERE, PartitionInput={"Values": [f"p{n}"]})
    function = {"FunctionName": f"f{n}", "ClassName": "c"}
    glue.create_user_defined_function(DatabaseName="db", FunctionInput=function)
    glue.create_catalog(Name=f"c{n}", CatalogInput={})


def _crawlers(glue: Any, n: int) -> None:
    targets = {"S3Targets": [{"Path": f"s3://b/{n}/"}]}
    glue.create_crawler(Name=f"c{n}", Role=ROLE, DatabaseName="db", Targets=targets)
    glue.create_classifier(JsonClassifier={"Name": f"j{n}", "JsonPath": "$.a"})
    action = {"CrawlerName": f"c{n}"}
    glue.create_trigger(Name=f"t{n}", Type="ON_DEMAND", Actions=[action])


def _records(glue: Any, n: int) -> None:
    connection = {"Name": f"c{n}", "ConnectionType": "JDBC", "ConnectionProperties": {}}
    glue.create_connection(ConnectionInput=connection)
    glue.create_security_configuration(Name=f"s{n}", EncryptionConfiguration={})
    run = glue.start_column_statistics_task_run(**WHERE, Role=ROLE)["ColumnStatisticsTaskRunId"]
    ends = time.monotonic() + 60
    while time.monotonic() < ends:
        found = glue.get_column_statistics_task_run(ColumnStatisticsTaskRunId=run)
        if found["ColumnStatisticsTaskRun"]["Status"] not in ("STARTING", "RUNNING"):
            break
        time.sleep(0.01)


def _schemas(glue: Any, n: int) -> None:
    glue.create_registry(RegistryName=f"r{n}")
    schema = {"DataFormat": "JSON", "Compatibility": "NONE", "SchemaDefinition": "{}"}
    registry = {"RegistryName": "r0"}
    glue.create_schema(RegistryId=registry, SchemaName=f"s{n}", **schema)
    glue.register_schema_version(SchemaId=SCHEMA, SchemaDefinition=f'{{"title": "{n}"}}')
    pair = {"MetadataKey": f"k{n}", "MetadataValue": "v"}
    first = {"SchemaVersionNumber": {"VersionNumber": 1}, "MetadataKeyValue": pair}
    glue.put_schema_version_metadata(SchemaId=SCHEMA, **first)


MAKERS: tuple[Callable[[Any, int], None], ...] = (_databases, _crawlers, _records, _schemas)


def member(name: str) -> str:
    """The member of an answer that holds the list."""
    members = service_model("glue").operation_model(name).output_shape.members
    return next(m for m in members if members[m].type_name in ("list", "map"))


def walked(glue: Any, name: str, size: int) -> list[Any]:
    """What all pages of a size hold."""
    found: list[Any] = []
    given = dict(GIVEN.get(name, {}))
    if "MaxResults" in service_model("glue").operation_model(name).input_shape.members:
        given["MaxResults"] = size
    for _ in range(100):
        answer = getattr(glue, xform_name(name))(**given)
        listed = answer[member(name)]
        found += listed.items() if isinstance(listed, dict) else listed
        if not answer.get("NextToken"):
            return found
        given["NextToken"] = answer["NextToken"]
    raise AssertionError("pages without an end")


@pytest.mark.parametrize("name", LISTS)
def test_pages_of_one_hold_what_one_page_holds(glue: Any, name: str) -> None:
    whole = walked(glue, name, 50)
    assert len(whole) >= COUNT or name in SHORT
    assert walked(glue, name, 1) == whole


@pytest.mark.parametrize("name", LISTS)
def test_a_token_of_another_list_is_refused(glue: Any, name: str) -> None:
    other = "GetDatabases" if name != "GetDatabases" else "GetTables"
    token = getattr(glue, xform_name(other))(MaxResults=1, **GIVEN.get(other, {}))["NextToken"]
    for wrong in (token, token[:-4], "x", "eyJvZiI6MX0="):
        with pytest.raises(ClientError) as refused:
            getattr(glue, xform_name(name))(**GIVEN.get(name, {}), NextToken=wrong)
        assert refused.value.response["Error"]["Code"] == "InvalidInputException"


def test_what_is_gone_takes_its_tags_with_it(glue: Any) -> None:
    """Another of its name has none of them."""
    arn = "arn:aws:glue:us-east-1:000000000000:"
    for kind, make, drop in (
        (
            "database/gone",
            lambda: glue.create_database(DatabaseInput={"Name": "gone"}, Tags={"k": "v"}),
            lambda: glue.delete_database(Name="gone"),
        ),
        (
            "catalog/gone",
            lambda: glue.create_catalog(Name="gone", CatalogInput={}, Tags={"k": "v"}),
            lambda: glue.delete_catalog(CatalogId="gone"),
        ),
    ):
        make()
        assert glue.get_tags(ResourceArn=arn + kind)["Tags"] == {"k": "v"}
        drop()
        assert glue.get_tags(ResourceArn=arn + kind)["Tags"] == {}
