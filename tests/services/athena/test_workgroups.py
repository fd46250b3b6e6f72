"""Work groups and what else Athena keeps: its rules in boto3's words."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest

from lakelet import Lake
from tests.services.athena import running


def _refused(athena: Any, call: Any, **given: Any) -> tuple[str, str]:
    with pytest.raises(athena.exceptions.InvalidRequestException) as caught:
        call(**given)
    response = caught.value.response
    return response["Error"]["Message"], response["AthenaErrorCode"]


def test_an_enforced_configuration_is_law_and_files_are_as_encrypted(
    athena: Any, s3_client: Any
) -> None:
    own = {
        "OutputLocation": "s3://results/law/",
        "EncryptionConfiguration": {"EncryptionOption": "SSE_KMS", "KmsKey": "key-1"},
        "AclConfiguration": {"S3AclOption": "BUCKET_OWNER_FULL_CONTROL"},
    }
    athena.create_work_group(
        Name="law",
        Configuration={"ResultConfiguration": own, "EnforceWorkGroupConfiguration": True},
        Tags=[{"Key": "team", "Value": "a"}],
    )
    elsewhere = {"OutputLocation": "s3://results/elsewhere/"}
    query = running.succeeded(athena, "SELECT 1", WorkGroup="law", ResultConfiguration=elsewhere)
    where = query["ResultConfiguration"]["OutputLocation"]
    assert where == f"s3://results/law/{query['QueryExecutionId']}.csv"
    assert query["ResultConfiguration"] == {**own, "OutputLocation": where}
    for end in ("", ".metadata"):
        key = f"law/{query['QueryExecutionId']}.csv{end}"
        head = s3_client.head_object(Bucket="results", Key=key)
        assert (head["ServerSideEncryption"], head["SSEKMSKeyId"]) == ("aws:kms", "key-1")

    athena.update_work_group(
        WorkGroup="law",
        ConfigurationUpdates={
            "EnforceWorkGroupConfiguration": False,
            "RequesterPaysEnabled": True,
            "ResultConfigurationUpdates": {"RemoveEncryptionConfiguration": True},
        },
    )
    found = athena.get_work_group(WorkGroup="law")["WorkGroup"]["Configuration"]
    assert found["RequesterPaysEnabled"] is True
    assert "EncryptionConfiguration" not in found["ResultConfiguration"]
    query = running.succeeded(athena, "SELECT 1", WorkGroup="law", ResultConfiguration=elsewhere)
    assert query["ResultConfiguration"]["OutputLocation"].startswith("s3://results/elsewhere/")


def test_states_and_refusals(athena: Any) -> None:
    assert _refused(athena, athena.get_work_group, WorkGroup="no") == (
        "WorkGroup is not found.",
        "INVALID_INPUT",
    )
    athena.create_work_group(Name="off")
    athena.update_work_group(WorkGroup="off", State="DISABLED")
    message, _ = _refused(athena, athena.start_query_execution, QueryString="SELECT 1", **_OFF)
    assert message == "WorkGroup off is disabled."
    assert _refused(athena, athena.start_query_execution, QueryString="SELECT 1")[0].startswith(
        "No output location provided."
    )
    for location in ("results", "s3://"):
        wrong = {"ResultConfiguration": {"OutputLocation": location}}
        message, _ = _refused(athena, athena.start_query_execution, QueryString="SELECT 1", **wrong)
        assert message == "outputLocation is not a valid S3 path."
    nowhere = {"ResultConfiguration": {"OutputLocation": "s3://nowhere-at-all/"}}
    message, _ = _refused(athena, athena.start_query_execution, QueryString="SELECT 1", **nowhere)
    assert message == "Unable to verify/create output bucket nowhere-at-all"


_OFF: Any = {"WorkGroup": "off", "ResultConfiguration": {"OutputLocation": "s3://results/"}}


def test_queries_that_start_between_two_pages_move_nothing(athena: Any) -> None:
    ran = [running.succeeded(athena, f"SELECT {n}")["QueryExecutionId"] for n in range(5)]
    found, page = [], athena.list_query_executions(MaxResults=2)
    while True:
        found += page["QueryExecutionIds"]
        running.succeeded(athena, "SELECT 'between'")
        if "NextToken" not in page:
            break
        page = athena.list_query_executions(MaxResults=2, NextToken=page["NextToken"])
    assert found == ran[::-1]


def test_what_goes_between_two_pages_hides_nothing(athena: Any) -> None:
    for number in range(6):
        athena.create_work_group(Name=f"g{number}")
    first = athena.list_work_groups(MaxResults=3)
    for number in (0, 2):
        athena.delete_work_group(WorkGroup=f"g{number}")
    rest = athena.list_work_groups(NextToken=first["NextToken"])
    assert [each["Name"] for each in rest["WorkGroups"]] == ["g3", "g4", "g5", "primary"]


def test_a_token_is_good_for_its_own_list_and_answer_only(athena: Any) -> None:
    text = "SELECT * FROM (VALUES ('a\"b', 1), ('c', 2)) t(x, y)"
    one, other = (running.succeeded(athena, text)["QueryExecutionId"] for _ in "ab")
    token = athena.get_query_results(QueryExecutionId=one, MaxResults=1)["NextToken"]
    row = athena.get_query_results(QueryExecutionId=one, NextToken=token)["ResultSet"]["Rows"][0]
    assert row == {"Data": [{"VarCharValue": 'a"b'}, {"VarCharValue": "1"}]}
    for query, wrong in ((other, token), (one, "5"), (one, "９"), (one, token[:-1]), (one, "AAAA")):
        assert _refused(
            athena, athena.get_query_results, QueryExecutionId=query, NextToken=wrong
        ) == (f"Malformed nextPageToken {wrong}", "INVALID_INPUT")
    listed = athena.list_query_executions(MaxResults=1)["NextToken"]
    for wrong_list in (athena.list_named_queries, athena.list_work_groups):
        message, _ = _refused(athena, wrong_list, NextToken=listed)
        assert message == f"The nextPageToken is malformed: {listed}"


def test_many_that_make_the_same_make_it_once(athena: Any) -> None:
    """One of them is told that it is made, the others that it was."""
    makers = (
        lambda: athena.create_work_group(Name="one"),
        lambda: athena.create_data_catalog(
            Name="one", Type="GLUE", Parameters={"catalog-id": "123456789012"}
        ),
        lambda: athena.create_prepared_statement(
            WorkGroup="primary", StatementName="one", QueryStatement="SELECT 1"
        ),
    )
    for make in makers:
        with ThreadPoolExecutor(8) as threads:
            futures = [threads.submit(make) for _ in range(8)]
        errors = [each.exception() for each in futures]
        assert errors.count(None) == 1
    token = str(uuid4())
    query = {"Name": "n", "Database": "d", "QueryString": "q", "ClientRequestToken": token}
    with ThreadPoolExecutor(8) as threads:
        made = threads.map(lambda _: athena.create_named_query(**query)["NamedQueryId"], range(8))
    assert len(set(made)) == 1


@pytest.mark.parametrize("text", ["DESCRIBE nothing", "SHOW COLUMNS IN no.nothing"])
def test_what_is_not_there_is_not_described(athena: Any, text: str) -> None:
    message, code = _refused(athena, running.start, client=athena, text=text)
    assert message.startswith(
        "Entity Not Found (Service: AmazonDataCatalog; Status Code: 400; Error Code:"
        " EntityNotFoundException; Request ID: "
    )
    assert code == "INVALID_INPUT"


def test_lists_come_in_pages(athena: Any) -> None:
    for number in range(5):
        athena.create_work_group(Name=f"g{number}")
    first = athena.list_work_groups(MaxResults=4)
    assert [each["Name"] for each in first["WorkGroups"]] == ["g0", "g1", "g2", "g3"]
    assert first["WorkGroups"][0]["Description"] == ""
    rest = athena.list_work_groups(NextToken=first["NextToken"])
    assert [each["Name"] for each in rest["WorkGroups"]] == ["g4", "primary"]
    assert "NextToken" not in rest
    assert _refused(athena, athena.list_work_groups, NextToken="x") == (
        "The nextPageToken is malformed: x",
        "INVALID_INPUT",
    )


def test_results_are_refused_in_the_measured_order(athena: Any) -> None:
    long = running.succeeded(athena, "SELECT x FROM UNNEST(sequence(1, 2500)) t (x)")
    failed = running.run(athena, "SELECT 1 / 0 AS x")["QueryExecutionId"]
    identifier = long["QueryExecutionId"]
    ask = athena.get_query_results
    missing = "11111111-1111-1111-1111-111111111111"
    assert _refused(athena, ask, QueryExecutionId=missing, MaxResults=1001) == (
        f"QueryExecution {missing} was not found",
        "QUERY_EXECUTION_NOT_FOUND",
    )
    assert _refused(athena, ask, QueryExecutionId=failed, MaxResults=1001) == (
        "MaxResults is more than maximum allowed length 1000",
        "INVALID_INPUT",
    )
    assert _refused(athena, ask, QueryExecutionId=failed, NextToken="x") == (
        "Query did not finish successfully. Final query state: FAILED",
        "INVALID_QUERY_EXECUTION_STATE",
    )
    assert _refused(athena, ask, QueryExecutionId=identifier, NextToken="x") == (
        "Malformed nextPageToken x",
        "INVALID_INPUT",
    )
    first = ask(QueryExecutionId=identifier)
    assert len(first["ResultSet"]["Rows"]) == 1000  # the header among them
    assert running.rows(athena, identifier) == [["x"], *([str(n)] for n in range(1, 2501))]


def test_data_catalogs_reservations_and_tags_are_kept(athena: Any) -> None:
    athena.create_data_catalog(
        Name="far", Type="LAMBDA", Parameters={"function": "f"}, Tags=[{"Key": "a", "Value": "b"}]
    )
    listed = athena.list_data_catalogs()["DataCatalogsSummary"]
    assert [each["CatalogName"] for each in listed] == ["AwsDataCatalog", "far"]
    arn = "arn:aws:athena:us-east-1:000000000000:datacatalog/far"
    tags = athena.list_tags_for_resource(ResourceARN=arn)["Tags"]
    assert tags == [{"Key": "a", "Value": "b"}]
    message, _ = _refused(athena, athena.create_data_catalog, Name="bad", Type="HIVE")
    assert "metadata-function" in message
    athena.delete_data_catalog(Name="far")
    with pytest.raises(athena.exceptions.ResourceNotFoundException):
        athena.list_tags_for_resource(ResourceARN=arn)

    athena.create_capacity_reservation(Name="much", TargetDpus=24)
    found = athena.get_capacity_reservation(Name="much")["CapacityReservation"]
    assert (found["Status"], found["AllocatedDpus"]) == ("ACTIVE", 24)
    athena.put_capacity_assignment_configuration(
        CapacityReservationName="much", CapacityAssignments=[{"WorkGroupNames": ["primary"]}]
    )
    _refused(athena, athena.delete_capacity_reservation, Name="much")
    athena.cancel_capacity_reservation(Name="much")
    athena.delete_capacity_reservation(Name="much")
    assert athena.list_capacity_reservations()["CapacityReservations"] == []


def test_spark_says_that_it_is_not_here(athena: Any) -> None:
    message, _ = _refused(athena, athena.list_sessions, WorkGroup="primary")
    assert message == "Sessions of Athena for Apache Spark are not available in lakelet"


def test_prepared_statements_by_batch(athena: Any) -> None:
    athena.create_prepared_statement(
        StatementName="one", WorkGroup="primary", QueryStatement="SELECT ? + 1 AS x"
    )
    found = athena.batch_get_prepared_statement(
        PreparedStatementNames=["one", "two"], WorkGroup="primary"
    )
    assert [each["StatementName"] for each in found["PreparedStatements"]] == ["one"]
    missing = found["UnprocessedPreparedStatementNames"]
    assert [each["StatementName"] for each in missing] == ["two"]
    query = running.succeeded(athena, "EXECUTE one USING 41")
    assert running.rows(athena, query["QueryExecutionId"]) == [["x"], ["42"]]
    running.succeeded(athena, "PREPARE three FROM SELECT ? * 3 AS x")
    query = running.succeeded(athena, "EXECUTE three", ExecutionParameters=["5"])
    assert running.rows(athena, query["QueryExecutionId"]) == [["x"], ["15"]]
    found = athena.get_prepared_statement(StatementName="three", WorkGroup="primary")
    assert found["PreparedStatement"]["QueryStatement"] == "SELECT ? * 3 AS x"
    running.succeeded(athena, "DEALLOCATE PREPARE three")
    status = running.run(athena, "DEALLOCATE PREPARE three")["Status"]
    assert status["StateChangeReason"] == "NOT_FOUND: Prepared statement not found: three"
    versions = athena.list_engine_versions()["EngineVersions"]
    assert [each["SelectedEngineVersion"] for each in versions] == [
        "AUTO",
        "Athena engine version 3",
    ]


def test_runtime_statistics_tell_rows_and_a_stage(athena: Any, s3_client: Any) -> None:
    s3_client.create_bucket(Bucket="shop")
    running.succeeded(
        athena,
        "CREATE TABLE t WITH (format = 'PARQUET', external_location = 's3://shop/t/') AS"
        " SELECT x FROM UNNEST(sequence(1, 100)) u (x)",
    )
    query = running.succeeded(athena, "SELECT x FROM t WHERE x > 90")
    found = athena.get_query_runtime_statistics(QueryExecutionId=query["QueryExecutionId"])
    found = found["QueryRuntimeStatistics"]
    assert (found["Rows"]["InputRows"], found["Rows"]["OutputRows"]) == (100, 10)
    assert found["Rows"]["InputBytes"] == query["Statistics"]["DataScannedInBytes"] > 0
    assert found["OutputStage"]["State"] == "FINISHED"
    assert found["OutputStage"]["OutputRows"] == 10
    plan = found["OutputStage"]["QueryStagePlan"]
    assert (plan["Name"], plan["Identifier"], plan["RemoteSources"]) == (
        "Output",
        "[columnNames = [x]]",
        [],
    )
    scanned = plan["Children"][0]
    while scanned["Children"]:
        scanned = scanned["Children"][0]
    assert scanned["Name"] in ("TableScan", "ScanFilter")
    assert "default:t" in scanned["Identifier"]
    running.succeeded(athena, "DROP TABLE t")
    found = athena.get_query_runtime_statistics(QueryExecutionId=query["QueryExecutionId"])
    assert "QueryStagePlan" not in found["QueryRuntimeStatistics"]["OutputStage"]


def test_managed_results_lie_in_no_bucket(
    athena: Any, s3_client: Any, lakelet: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    managed = {"Enabled": True, "EncryptionConfiguration": {"KmsKey": "alias/lake"}}
    athena.create_work_group(
        Name="kept", Configuration={"ManagedQueryResultsConfiguration": managed}
    )
    started = athena.start_query_execution(QueryString="SELECT 1 AS x, 'a' AS y", WorkGroup="kept")
    query = running.finished(athena, started["QueryExecutionId"])
    assert query["Status"]["State"] == "SUCCEEDED"
    assert query["ManagedQueryResultsConfiguration"] == managed
    assert "ResultConfiguration" not in query
    identifier = query["QueryExecutionId"]
    assert running.rows(athena, identifier) == [["x", "y"], ["1", "a"]]
    buckets = [each["Name"] for each in s3_client.list_buckets()["Buckets"]]
    assert buckets == ["results"]
    assert "Contents" not in s3_client.list_objects_v2(Bucket="results")

    said = "ManagedQueryResultsConfiguration and ResultConfiguration cannot be set together."
    place = {"OutputLocation": "s3://results/out/"}
    for call, given in (
        (
            athena.start_query_execution,
            {"QueryString": "SELECT 1", "WorkGroup": "kept", "ResultConfiguration": place},
        ),
        (
            athena.create_work_group,
            {
                "Name": "both",
                "Configuration": {
                    "ManagedQueryResultsConfiguration": {"Enabled": True},
                    "ResultConfiguration": place,
                },
            },
        ),
        (
            athena.update_work_group,
            {
                "WorkGroup": "kept",
                "ConfigurationUpdates": {"ResultConfigurationUpdates": place},
            },
        ),
    ):
        assert _refused(athena, call, **given)[0] == said
    given = {"QueryString": "CREATE TABLE t AS SELECT 1 AS x", "WorkGroup": "kept"}
    started = athena.start_query_execution(**given)
    failed = running.finished(athena, started["QueryExecutionId"])
    assert "external_location is needed" in failed["Status"]["StateChangeReason"]

    tomorrow = time.time() + 25 * 3600
    with monkeypatch.context() as patched:
        patched.setattr(time, "time", lambda: tomorrow)
        message, _ = _refused(athena, athena.get_query_results, QueryExecutionId=identifier)
        assert message == "Could not find results"
        lakelet.managed.forget_old()
    assert list(lakelet.managed.storage.list("athena-managed-query-results")) == []
    athena.update_work_group(
        WorkGroup="kept",
        ConfigurationUpdates={
            "ManagedQueryResultsConfigurationUpdates": {"Enabled": False},
            "ResultConfigurationUpdates": place,
        },
    )
    running.succeeded(athena, "SELECT 1", WorkGroup="kept")


@pytest.mark.parametrize(
    ("operation", "asked", "said"),
    [
        (
            "get_table_metadata",
            {"DatabaseName": "default", "TableName": "nope"},
            "Entity Not Found",
        ),
        ("get_table_metadata", {"DatabaseName": "nope", "TableName": "t"}, "Entity Not Found"),
        ("get_database", {"DatabaseName": "nope"}, "Database nope not found."),
        ("list_table_metadata", {"DatabaseName": "nope"}, "Database nope not found."),
    ],
)
def test_what_the_catalogue_misses_is_told_in_its_client_s_envelope(
    athena: Any, operation: str, asked: dict[str, str], said: str
) -> None:
    with pytest.raises(athena.exceptions.MetadataException) as missed:
        getattr(athena, operation)(CatalogName="AwsDataCatalog", **asked)
    told = missed.value.response["Error"]["Message"]
    envelope = (
        " (Service: AmazonDataCatalog; Status Code: 400; Error Code: EntityNotFoundException;"
    )
    assert told.startswith(f"{said}{envelope} Request ID: ")
    assert told.endswith("; Proxy: null)")
