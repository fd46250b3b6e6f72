"""What is kept of crawlers, through boto3; the crawling itself has tests of its own."""

from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lakelet.catalog.crawlers import CrawlEnd, CrawlerRunning, CrawlerStopping
from lakelet.errors import NotFound
from lakelet.lake import Lake

CRAWLER: dict[str, Any] = {
    "Name": "c",
    "Role": "r",
    "DatabaseName": "default",
    "Targets": {"S3Targets": [{"Path": "s3://lake/t/", "Exclusions": ["**.tmp"]}]},
    "TablePrefix": "p_",
    "Classifiers": ["mine"],
    "Configuration": '{"Version":1.0}',
    "SchemaChangePolicy": {"UpdateBehavior": "LOG", "DeleteBehavior": "LOG"},
    "RecrawlPolicy": {"RecrawlBehavior": "CRAWL_NEW_FOLDERS_ONLY"},
}


@pytest.fixture
def glue(glue_client: Any) -> Any:
    """A client; there is a crawler `c`."""
    glue_client.create_crawler(**CRAWLER, Tags={"team": "x"}, Schedule="cron(0 1 * * ? *)")
    return glue_client


def code(call: Any, **params: Any) -> str:
    """The code that a call is refused with."""
    with pytest.raises(ClientError) as error:
        call(**params)
    return str(error.value.response["Error"]["Code"])


def test_a_crawler_comes_back_whole(glue: Any) -> None:
    found = glue.get_crawler(Name="c")["Crawler"]
    assert found["Targets"]["S3Targets"] == CRAWLER["Targets"]["S3Targets"]
    assert {n: v for n, v in CRAWLER.items() if n != "Targets"}.items() <= found.items()
    assert (found["State"], found["Version"]) == ("READY", 1)
    assert found["Schedule"] == {"ScheduleExpression": "cron(0 1 * * ? *)", "State": "SCHEDULED"}
    assert code(glue.create_crawler, **CRAWLER) == "AlreadyExistsException"


def test_an_update_replaces_what_it_names(glue: Any) -> None:
    glue.update_crawler(Name="c", TablePrefix="q_")
    found = glue.get_crawler(Name="c")["Crawler"]
    assert (found["TablePrefix"], found["Role"], found["Version"]) == ("q_", "r", 2)


def test_crawlers_are_listed_by_tags_and_in_pages(glue: Any) -> None:
    glue.create_crawler(**{**CRAWLER, "Name": "d"})
    assert glue.list_crawlers(Tags={"team": "x"})["CrawlerNames"] == ["c"]
    first = glue.list_crawlers(MaxResults=1)
    second = glue.list_crawlers(MaxResults=1, NextToken=first["NextToken"])
    assert first["CrawlerNames"] + second["CrawlerNames"] == ["c", "d"]
    assert [each["Name"] for each in glue.get_crawlers()["Crawlers"]] == ["c", "d"]
    found = glue.batch_get_crawlers(CrawlerNames=["d", "e"])
    assert [each["Name"] for each in found["Crawlers"]] == ["d"]
    assert found["CrawlersNotFound"] == ["e"]


def test_a_crawler_without_targets_is_invalid_input(glue_client: Any) -> None:
    refused = code(glue_client.create_crawler, **{**CRAWLER, "Targets": {}})
    assert refused == "InvalidInputException"


def test_a_missing_crawler_is_not_found(glue_client: Any) -> None:
    for call in (glue_client.get_crawler, glue_client.delete_crawler, glue_client.update_crawler):
        assert code(call, Name="nope") == "EntityNotFoundException"
    assert code(glue_client.list_crawls, CrawlerName="nope") == "EntityNotFoundException"


def test_a_crawl_has_states_history_and_metrics(glue: Any, lakelet: Lake) -> None:
    crawlers = lakelet.catalog.crawlers
    crawl = crawlers.start("c", lakelet.storage.scratch)
    assert glue.get_crawler(Name="c")["Crawler"]["State"] == "RUNNING"
    with pytest.raises(CrawlerRunning):
        crawlers.start("c", lakelet.storage.scratch)
    assert code(glue.delete_crawler, Name="c") == "CrawlerRunningException"
    assert code(glue.update_crawler, Name="c", Role="x") == "CrawlerRunningException"
    crawlers.finish("c", crawl, CrawlEnd("COMPLETED", created=2, updated=1))
    found = glue.get_crawler(Name="c")["Crawler"]
    assert (found["State"], found["LastCrawl"]["Status"]) == ("READY", "SUCCEEDED")
    failed = crawlers.start("c", lakelet.storage.scratch)
    crawlers.finish("c", failed, CrawlEnd("FAILED", "no such bucket"))
    assert glue.get_crawler(Name="c")["Crawler"]["LastCrawl"]["ErrorMessage"] == "no such bucket"
    crawls = glue.list_crawls(CrawlerName="c")["Crawls"]
    assert [(each["CrawlId"], each["State"]) for each in crawls] == [
        (failed, "FAILED"),
        (crawl, "COMPLETED"),
    ]
    wanted = [{"FieldName": "STATE", "FilterOperator": "EQ", "FieldValue": "COMPLETED"}]
    kept = glue.list_crawls(CrawlerName="c", Filters=wanted)["Crawls"]
    assert [each["CrawlId"] for each in kept] == [crawl]
    assert code(glue.list_crawls, CrawlerName="c", Filters=[{}]) == "InvalidInputException"
    [metrics] = glue.get_crawler_metrics(CrawlerNameList=["c"])["CrawlerMetricsList"]
    assert (metrics["CrawlerName"], metrics["TablesCreated"]) == ("c", 0)


def test_a_crawl_is_stopped_once(glue: Any, lakelet: Lake) -> None:
    crawlers = lakelet.catalog.crawlers
    crawl = crawlers.start("c", lakelet.storage.scratch)
    crawlers.stop("c")
    assert glue.get_crawler(Name="c")["Crawler"]["State"] == "STOPPING"
    with pytest.raises(CrawlerStopping):
        crawlers.stop("c")
    crawlers.finish("c", crawl, CrawlEnd("STOPPED"))
    assert glue.get_crawler(Name="c")["Crawler"]["LastCrawl"]["Status"] == "CANCELLED"


def test_what_a_process_left_running_has_failed(glue: Any, lakelet: Lake, tmp_path: Path) -> None:
    lakelet.catalog.crawlers.start("c", tmp_path / "gone")
    lakelet.catalog.crawlers.recover()
    found = glue.get_crawler(Name="c")["Crawler"]
    assert (found["State"], found["LastCrawl"]["Status"]) == ("READY", "FAILED")


def test_a_schedule_is_set_started_and_stopped(glue: Any) -> None:
    assert code(glue.start_crawler_schedule, CrawlerName="c") == "SchedulerRunningException"
    glue.stop_crawler_schedule(CrawlerName="c")
    assert code(glue.stop_crawler_schedule, CrawlerName="c") == "SchedulerNotRunningException"
    glue.start_crawler_schedule(CrawlerName="c")
    glue.update_crawler_schedule(CrawlerName="c", Schedule="")
    assert code(glue.start_crawler_schedule, CrawlerName="c") == "NoScheduleException"


def test_a_deleted_crawler_takes_its_history_along(glue: Any, lakelet: Lake) -> None:
    crawlers = lakelet.catalog.crawlers
    crawlers.finish("c", crawlers.start("c", lakelet.storage.scratch), CrawlEnd("COMPLETED"))
    glue.delete_crawler(Name="c")
    glue.create_crawler(**CRAWLER)
    assert glue.list_crawls(CrawlerName="c")["Crawls"] == []
    glue.delete_crawler(Name="c")
    with pytest.raises(NotFound):
        crawlers.crawls("c")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"Configuration": "{"}, "Invalid crawler configuration"),
        ({"Configuration": '{"Version": 2.0}'}, "Version must be 1.0"),
        (
            {"Configuration": '{"Version": 1.0, "Grouping": {"TableLevelConfiguration": 0}}'},
            "must be a positive number",
        ),
        (
            {"RecrawlPolicy": {"RecrawlBehavior": "CRAWL_NEW_FOLDERS_ONLY"}},
            "can only have LOG update behavior and LOG delete behavior",
        ),
        (
            {
                "RecrawlPolicy": {"RecrawlBehavior": "CRAWL_EVENT_MODE"},
                "SchemaChangePolicy": {"UpdateBehavior": "LOG", "DeleteBehavior": "LOG"},
            },
            "An event queue is needed",
        ),
    ],
)
def test_settings_that_cannot_be_are_invalid_input(
    glue_client: Any, settings: dict[str, Any], message: str
) -> None:
    policy = {"UpdateBehavior": "UPDATE_IN_DATABASE", "DeleteBehavior": "LOG"}
    given = {"Targets": {"S3Targets": [{"Path": "s3://b/"}]}, "SchemaChangePolicy": policy}
    with pytest.raises(ClientError, match=message) as refused:
        glue_client.create_crawler(Name="x", Role="r", **{**given, **settings})
    assert refused.value.response["Error"]["Code"] == "InvalidInputException"


@pytest.mark.parametrize(
    "classifier",
    [
        {"GrokClassifier": {"Name": "c", "Classification": "x", "GrokPattern": "%{NOPE:a}"}},
        {"GrokClassifier": {"Name": "c", "Classification": "x", "GrokPattern": "%{WORD:a:money}"}},
        {"GrokClassifier": {"Name": "c", "Classification": "x", "GrokPattern": "(%{WORD:a}"}},
        {"JsonClassifier": {"Name": "c", "JsonPath": "a.b"}},
    ],
)
def test_classifiers_that_cannot_work_are_invalid_input(
    glue_client: Any, classifier: dict[str, Any]
) -> None:
    with pytest.raises(ClientError) as refused:
        glue_client.create_classifier(**classifier)
    assert refused.value.response["Error"]["Code"] == "InvalidInputException"
