"""Triggers of crawlers, by "Triggers" of Glue's API reference."""

import time
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lakelet.lake import Lake

ACTION = [{"CrawlerName": "first"}]


@pytest.fixture
def glue(glue_client: Any, lakelet: Lake) -> Any:
    """A client; there are the crawlers `first` and `second`."""
    lakelet.storage.create_bucket("lake")
    for name in ("first", "second"):
        targets = {"S3Targets": [{"Path": f"s3://lake/{name}/"}]}
        glue_client.create_crawler(Name=name, Role="r", DatabaseName="db", Targets=targets)
    return glue_client


def crawled(glue: Any, name: str) -> bool:
    """Whether a crawler has crawled, once it is still."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        crawler = glue.get_crawler(Name=name)["Crawler"]
        if crawler["State"] == "READY" and "LastCrawl" in crawler:
            return True
        time.sleep(0.02)
    return False


def code(call: Any, **params: Any) -> str:
    with pytest.raises(ClientError) as refused:
        call(**params)
    return str(refused.value.response["Error"]["Code"])


def test_a_trigger_on_demand_starts_its_crawlers(glue: Any) -> None:
    glue.create_trigger(Name="t", Type="ON_DEMAND", Actions=ACTION, Description="d")
    found = glue.get_trigger(Name="t")["Trigger"]
    assert found == {
        "Name": "t",
        "Type": "ON_DEMAND",
        "State": "CREATED",
        "Description": "d",
        "Actions": ACTION,
    }
    assert glue.start_trigger(Name="t")["Name"] == "t"
    assert crawled(glue, "first")
    assert code(glue.stop_trigger, Name="t") == "InvalidInputException"


def test_a_trigger_waits_for_all_its_conditions(glue: Any, lakelet: Lake) -> None:
    targets = {"S3Targets": [{"Path": "s3://lake/third/"}]}
    glue.create_crawler(Name="third", Role="r", DatabaseName="db", Targets=targets)
    conditions = [
        {"LogicalOperator": "EQUALS", "CrawlerName": name, "CrawlState": "SUCCEEDED"}
        for name in ("first", "second")
    ]
    glue.create_trigger(
        Name="t",
        Type="CONDITIONAL",
        Predicate={"Logical": "AND", "Conditions": conditions},
        Actions=[{"CrawlerName": "third"}],
        StartOnCreation=True,
    )
    lakelet.crawlers.run("first")
    lakelet.crawlers.run("first")
    assert "LastCrawl" not in glue.get_crawler(Name="third")["Crawler"]
    lakelet.crawlers.run("second")
    assert crawled(glue, "third")
    glue.stop_trigger(Name="t")
    assert glue.get_trigger(Name="t")["Trigger"]["State"] == "DEACTIVATED"


def test_schedules_of_triggers_and_crawlers_start_when_they_are_due(
    glue: Any, lakelet: Lake
) -> None:
    glue.create_trigger(Name="t", Type="SCHEDULED", Schedule="cron(15 12 * * ? *)", Actions=ACTION)
    glue.update_crawler(Name="second", Schedule="cron(0 8 ? * MON *)")
    noon, monday = datetime(2024, 1, 2, 12, 15, tzinfo=UTC), datetime(2024, 1, 1, 8, 0, tzinfo=UTC)
    lakelet.crawlers.tick(noon)
    assert "LastCrawl" not in glue.get_crawler(Name="first")["Crawler"]
    glue.start_trigger(Name="t")
    lakelet.crawlers.tick(noon)
    assert crawled(glue, "first")
    assert "LastCrawl" not in glue.get_crawler(Name="second")["Crawler"]
    lakelet.crawlers.tick(monday)
    assert crawled(glue, "second")


def test_a_crawler_that_cannot_run_here_keeps_no_other_from_its_schedule(
    glue: Any, lakelet: Lake
) -> None:
    targets = {"HudiTargets": [{"Paths": ["s3://lake/hudi/"]}]}
    lakelet.catalog.crawlers.create({"Name": "hudi", "Role": "r", "Targets": targets})
    for name, crawler in (("a", "hudi"), ("b", "first")):
        glue.create_trigger(
            Name=name,
            Type="SCHEDULED",
            Schedule="cron(0 8 1 * ? *)",
            Actions=[{"CrawlerName": crawler}],
            StartOnCreation=True,
        )
    lakelet.crawlers.tick(datetime(2024, 1, 1, 8, 0, tzinfo=UTC))
    assert crawled(glue, "first")


def test_triggers_are_listed_changed_and_deleted(glue: Any) -> None:
    for name in ("a", "b", "c"):
        glue.create_trigger(
            Name=name, Type="ON_DEMAND", Actions=ACTION, Tags={"team": name} if name < "c" else {}
        )
    assert code(glue.create_trigger, Name="a", Type="ON_DEMAND", Actions=ACTION) == (
        "AlreadyExistsException"
    )
    pages = glue.get_paginator("get_triggers").paginate(PaginationConfig={"PageSize": 2})
    assert [each["Name"] for page in pages for each in page["Triggers"]] == ["a", "b", "c"]
    assert glue.list_triggers(Tags={"team": "b"})["TriggerNames"] == ["b"]
    batch = glue.batch_get_triggers(TriggerNames=["c", "x"])
    assert (batch["Triggers"][0]["Name"], batch["TriggersNotFound"]) == ("c", ["x"])
    changed = glue.update_trigger(Name="a", TriggerUpdate={"Description": "new"})["Trigger"]
    assert changed["Description"] == "new"
    glue.delete_trigger(Name="a")
    glue.delete_trigger(Name="a")
    assert code(glue.get_trigger, Name="a") == "EntityNotFoundException"


@pytest.mark.parametrize(
    ("given", "refusal"),
    [
        ({"Type": "SCHEDULED"}, "InvalidInputException"),
        ({"Type": "SCHEDULED", "Schedule": "hourly"}, "InvalidInputException"),
        ({"Type": "ON_DEMAND", "Schedule": "cron(0 8 1 * ? *)"}, "InvalidInputException"),
        ({"Type": "ON_DEMAND", "StartOnCreation": True}, "InvalidInputException"),
        ({"Type": "CONDITIONAL"}, "InvalidInputException"),
        ({"Type": "ON_DEMAND", "Actions": []}, "InvalidInputException"),
        ({"Type": "ON_DEMAND", "Actions": [{"CrawlerName": "no"}]}, "EntityNotFoundException"),
        ({"Type": "ON_DEMAND", "Actions": [{"JobName": "j"}]}, "OperationNotSupportedException"),
        ({"Type": "EVENT"}, "OperationNotSupportedException"),
    ],
)
def test_triggers_that_cannot_be_are_refused(
    glue: Any, given: dict[str, Any], refusal: str
) -> None:
    assert code(glue.create_trigger, Name="t", **{"Actions": ACTION, **given}) == refusal
    assert glue.get_triggers()["Triggers"] == []
