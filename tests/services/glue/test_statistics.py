"""Column statistics that runs compute, and the optimizers of Iceberg tables, through boto3."""

import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lakelet.config import Settings
from lakelet.lake import Lake
from lakelet.statistics import TaskNotRunning, TaskRunning
from lakelet.statistics.tasks import StatisticsTasks

COLUMNS = {
    "n": "bigint",
    "x": "double",
    "d": "decimal(10,2)",
    "day": "date",
    "s": "string",
    "b": "boolean",
    "raw": "binary",
    "tags": "array<string>",
    "at": "timestamp",
}
ROWS = (
    '{"n": 1, "x": 1.5, "d": 10.25, "day": "2024-01-01", "s": "a", "b": true, "raw": "YQ=="}',
    '{"n": 5, "x": -2.0, "d": -3.00, "day": "2024-03-01", "s": "four", "b": false}',
    '{"n": 5, "day": null, "s": "four", "b": true, "raw": "YWJj"}',
)
TABLE = {"DatabaseName": "default", "TableName": "t"}


@pytest.fixture
def filled(lakelet: Lake, glue_client: Any) -> Any:
    lakelet.storage.create_bucket("data")
    lakelet.storage.write("data", "t/rows.json", "\n".join(ROWS).encode())
    columns = [{"Name": name, "Type": of} for name, of in COLUMNS.items()]
    storage = {
        "Columns": columns,
        "Location": "s3://data/t/",
        "InputFormat": "org.apache.hadoop.mapred.TextInputFormat",
        "OutputFormat": "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
        "SerdeInfo": {"SerializationLibrary": "org.openx.data.jsonserde.JsonSerDe"},
    }
    glue_client.create_table(
        DatabaseName="default", TableInput={"Name": "t", "StorageDescriptor": storage}
    )
    return glue_client


def ended(client: Any, run: str) -> dict[str, Any]:
    while True:
        found = client.get_column_statistics_task_run(ColumnStatisticsTaskRunId=run)
        document: dict[str, Any] = found["ColumnStatisticsTaskRun"]
        if document["Status"] not in ("STARTING", "RUNNING"):
            return document
        time.sleep(0.02)


def test_a_run_measures_the_columns(filled: Any) -> None:
    run = filled.start_column_statistics_task_run(**TABLE, Role="r")["ColumnStatisticsTaskRunId"]
    document = ended(filled, run)
    assert document["Status"] == "SUCCEEDED", document
    assert document["ColumnNameList"] == ["n", "x", "d", "day", "s", "b", "raw"]
    found = filled.get_column_statistics_for_table(**TABLE, ColumnNames=list(COLUMNS))
    assert [each["ColumnName"] for each in found["Errors"]] == ["tags", "at"]
    data = {each["ColumnName"]: each["StatisticsData"] for each in found["ColumnStatisticsList"]}
    assert data["n"]["LongColumnStatisticsData"] == {
        "MinimumValue": 1,
        "MaximumValue": 5,
        "NumberOfNulls": 0,
        "NumberOfDistinctValues": 2,
    }
    assert data["x"]["DoubleColumnStatisticsData"]["MinimumValue"] == -2.0
    decimal = data["d"]["DecimalColumnStatisticsData"]
    assert decimal["MinimumValue"] == {"UnscaledValue": b"\xfe\xd4", "Scale": 2}
    assert decimal["MaximumValue"] == {"UnscaledValue": b"\x04\x01", "Scale": 2}
    day = data["day"]["DateColumnStatisticsData"]
    assert day["MaximumValue"] == datetime(2024, 3, 1, tzinfo=UTC)
    assert (day["NumberOfNulls"], day["NumberOfDistinctValues"]) == (1, 2)
    text = data["s"]["StringColumnStatisticsData"]
    assert (text["MaximumLength"], text["AverageLength"]) == (4, 3.0)
    assert data["b"]["BooleanColumnStatisticsData"] == {
        "NumberOfTrues": 2,
        "NumberOfFalses": 1,
        "NumberOfNulls": 0,
    }
    assert data["raw"]["BinaryColumnStatisticsData"]["NumberOfNulls"] == 1


def test_a_run_of_some_columns_and_of_no_rows(filled: Any, lakelet: Lake) -> None:
    lakelet.storage.delete("data", ["t/rows.json"])
    given = {**TABLE, "Role": "r", "ColumnNameList": ["N"]}
    run = filled.start_column_statistics_task_run(**given)["ColumnStatisticsTaskRunId"]
    assert ended(filled, run)["Status"] == "SUCCEEDED"
    found = filled.get_column_statistics_for_table(**TABLE, ColumnNames=["n", "x"])
    [one] = found["ColumnStatisticsList"]
    assert one["StatisticsData"]["LongColumnStatisticsData"] == {
        "NumberOfNulls": 0,
        "NumberOfDistinctValues": 0,
    }
    runs = filled.get_column_statistics_task_runs(**TABLE)["ColumnStatisticsTaskRuns"]
    assert [each["ColumnStatisticsTaskRunId"] for each in runs] == [run]
    assert filled.list_column_statistics_task_runs()["ColumnStatisticsTaskRunIds"] == [run]


def test_a_table_that_cannot_be_read_fails_its_run(filled: Any) -> None:
    table = filled.get_table(DatabaseName="default", Name="t")["Table"]
    storage = {**table["StorageDescriptor"], "SerdeInfo": {"SerializationLibrary": "x.Y"}}
    given = {"Name": "t", "StorageDescriptor": storage}
    filled.update_table(DatabaseName="default", TableInput=given)
    run = filled.start_column_statistics_task_run(**TABLE, Role="r")["ColumnStatisticsTaskRunId"]
    document = ended(filled, run)
    assert document["Status"] == "FAILED"
    assert "Unsupported storage format: SerDe 'x.Y'" in document["ErrorMessage"]


@pytest.mark.parametrize(
    ("operation", "parameters", "code"),
    [
        ("start_column_statistics_task_run", {"TableName": "no"}, "EntityNotFoundException"),
        ("start_column_statistics_task_run", {"ColumnNameList": ["no"]}, "InvalidInputException"),
        ("start_column_statistics_task_run", {"ColumnNameList": ["at"]}, "InvalidInputException"),
        (
            "stop_column_statistics_task_run",
            {"Role": None},
            "ColumnStatisticsTaskNotRunningException",
        ),
        ("get_column_statistics_task_settings", {"Role": None}, "EntityNotFoundException"),
        (
            "create_column_statistics_task_settings",
            {"Schedule": "cron(no)"},
            "InvalidInputException",
        ),
    ],
)
def test_what_cannot_be_is_refused(
    filled: Any, operation: str, parameters: dict[str, Any], code: str
) -> None:
    given = {**TABLE, "Role": "r", **parameters}
    with pytest.raises(ClientError) as refused:
        getattr(filled, operation)(**{k: v for k, v in given.items() if v is not None})
    assert refused.value.response["Error"]["Code"] == code


def test_settings_have_a_schedule_that_starts_runs(filled: Any, lakelet: Lake) -> None:
    schedule = "cron(0 5 * * ? *)"
    filled.create_column_statistics_task_settings(**TABLE, Role="r", Schedule=schedule)
    filled.update_column_statistics_task_settings(**TABLE, ColumnNameList=["n"])
    tasks = lakelet.statistics_tasks
    tasks.tick(datetime(2024, 1, 1, 5, 1, tzinfo=UTC))
    filled.stop_column_statistics_task_run_schedule(**TABLE)
    tasks.tick(datetime(2024, 1, 1, 5, 0, tzinfo=UTC))
    assert filled.list_column_statistics_task_runs()["ColumnStatisticsTaskRunIds"] == []
    filled.start_column_statistics_task_run_schedule(**TABLE)
    tasks.tick(datetime(2024, 1, 1, 5, 0, tzinfo=UTC))
    [run] = filled.list_column_statistics_task_runs()["ColumnStatisticsTaskRunIds"]
    assert ended(filled, run)["ColumnNameList"] == ["n"]
    found = filled.get_column_statistics_task_settings(**TABLE)["ColumnStatisticsTaskSettings"]
    assert found["Schedule"] == {"ScheduleExpression": schedule, "State": "SCHEDULED"}
    assert found["LastExecutionAttempt"]["ColumnStatisticsTaskRunId"] == run
    filled.delete_column_statistics_task_settings(**TABLE)
    with pytest.raises(filled.exceptions.EntityNotFoundException):
        filled.get_column_statistics_task_settings(**TABLE)


def test_a_schedule_counts_after_a_restart(tmp_path: Path) -> None:
    settings = {**TABLE, "Role": "r", "Schedule": "cron(0 5 * * ? *)"}
    table = {"Name": "t", "StorageDescriptor": {"Columns": [{"Name": "n", "Type": "bigint"}]}}
    with Lake(Settings(data=tmp_path)) as lake:
        lake.catalog.tables.create("default", table)
        lake.statistics_tasks.create_settings(settings)
    with Lake(Settings(data=tmp_path)) as lake:
        before = set(threading.enumerate())
        lake.watch()
        assert [each.name for each in {*threading.enumerate()} - before] == ["lakelet statistics"]


def test_runs_are_left_alone_by_a_process_that_opens_the_lake_beside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = {"Name": "t", "StorageDescriptor": {"Columns": [{"Name": "n", "Type": "bigint"}]}}
    goes_on = threading.Event()

    def measured(*_: Any) -> list[Any]:
        goes_on.wait(60)
        return []

    monkeypatch.setattr(StatisticsTasks, "_measured", measured)
    settings, given = Settings(data=tmp_path), {**TABLE, "Role": "r"}
    with Lake(settings) as lake:
        lake.catalog.tables.create("default", table)
        run = lake.statistics_tasks.start(given)
        with Lake(settings) as other:
            assert other.statistics_tasks.get(run)["Status"] == "RUNNING"
            with pytest.raises(TaskRunning):
                other.statistics_tasks.start(given)
            with pytest.raises(TaskNotRunning, match="another process"):
                other.statistics_tasks.stop("default", "t")
            goes_on.set()
            while other.statistics_tasks.get(run)["Status"] == "RUNNING":
                time.sleep(0.01)
            assert other.statistics_tasks.get(run)["Status"] == "SUCCEEDED"
        left = {**lake.statistics_tasks.get(run), "Status": "RUNNING"}
        lake.catalog.records.put("statistics_run", run, {**left, "Process": str(tmp_path / "x")})
    with Lake(settings) as lake:
        assert lake.statistics_tasks.get(run)["Status"] == "FAILED"


def test_who_sees_that_a_run_is_over_can_begin_another(filled: Any, lakelet: Lake) -> None:
    tasks = lakelet.statistics_tasks
    for _ in range(5):
        run = tasks.start({**TABLE, "Role": "r", "ColumnNameList": ["n"]})
        while tasks.get(run)["Status"] == "RUNNING":
            pass


def test_optimizers_are_kept_for_iceberg_tables_only(filled: Any) -> None:
    place = {"CatalogId": "000000000000", "DatabaseName": "default", "TableName": "i"}
    given = {"roleArn": "arn:aws:iam::000000000000:role/r", "enabled": True}
    make = {**place, "Type": "compaction", "TableOptimizerConfiguration": given}
    with pytest.raises(filled.exceptions.EntityNotFoundException):
        filled.create_table_optimizer(**make)
    with pytest.raises(filled.exceptions.InvalidInputException):
        filled.create_table_optimizer(**{**make, "TableName": "t"})
    iceberg = {"Name": "i", "Parameters": {"table_type": "ICEBERG"}}
    filled.create_table(DatabaseName="default", TableInput=iceberg)
    filled.create_table_optimizer(**make)
    with pytest.raises(filled.exceptions.AlreadyExistsException):
        filled.create_table_optimizer(**make)
    filled.update_table_optimizer(
        **{**make, "TableOptimizerConfiguration": {**given, "enabled": False}}
    )
    asked = {**place, "Type": "compaction"}
    found = filled.get_table_optimizer(**asked)["TableOptimizer"]
    assert found["configuration"] == {**given, "enabled": False}
    assert filled.list_table_optimizer_runs(**asked)["TableOptimizerRuns"] == []
    entries = [{n[:1].lower() + n[1:]: v for n, v in asked.items()}]
    entries.append({**entries[0], "type": "retention"})
    batch = filled.batch_get_table_optimizer(Entries=entries)
    assert [each["tableOptimizer"]["type"] for each in batch["TableOptimizers"]] == ["compaction"]
    assert [each["type"] for each in batch["Failures"]] == ["retention"]
    filled.delete_table_optimizer(**asked)
    with pytest.raises(filled.exceptions.EntityNotFoundException):
        filled.get_table_optimizer(**asked)
