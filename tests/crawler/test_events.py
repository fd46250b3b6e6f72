"""CRAWL_EVENT_MODE: only folders that the queue was told of are looked at again."""

from typing import Any

import pytest

from lakelet.lake import Lake
from lakelet.storage.configurations import Configurations
from tests.crawler.crawling import BUCKET, crawl, last

QUEUE = "arn:aws:sqs:us-east-1:000000000000:crawls"
JSON = b'{"a":1,"b":"x"}\n'
MODE = {
    "RecrawlPolicy": {"RecrawlBehavior": "CRAWL_EVENT_MODE"},
    "SchemaChangePolicy": {"UpdateBehavior": "LOG", "DeleteBehavior": "LOG"},
    "target": {"EventQueueArn": QUEUE},
    "path": f"s3://{BUCKET}/t/",
}


def notify(lake: Lake, **more: Any) -> None:
    told = {"QueueArn": QUEUE, "Events": ["s3:ObjectCreated:*"], **more}
    Configurations(lake.database).put(BUCKET, "notification", {"QueueConfigurations": [told]})


def again(lake: Lake, files: dict[str, bytes]) -> list[str]:
    """Puts files and crawls, by the settings that the first crawl had."""
    for key, data in files.items():
        lake.storage.write(BUCKET, key, data)
    return lake.crawlers.run("c").lines


def days(lake: Lake) -> list[str]:
    return [each["Values"][0] for each in lake.catalog.partitions_of.listed("db", "t")]


def test_the_first_crawl_sees_everything_and_later_ones_what_was_told(lake: Lake) -> None:
    notify(lake)
    crawl(lake, {"t/d=1/a.json": JSON, "t/d=2/a.json": JSON}, **MODE)
    assert days(lake) == ["1", "2"]
    lines = again(lake, {"t/d=3/a.json": JSON, "t/d=1/b.json": JSON})
    assert days(lake) == ["1", "2", "3"], lines
    assert any("folders have changed that are in tables already" in line for line in lines)
    assert "added" not in "".join(again(lake, {}))


@pytest.mark.parametrize(
    "more",
    [
        {"Filter": {"Key": {"FilterRules": [{"Name": "Prefix", "Value": "other/"}]}}},
        {"Filter": {"Key": {"FilterRules": [{"Name": "suffix", "Value": ".csv"}]}}},
        {"Events": ["s3:ObjectRemoved:*"]},
        {"QueueArn": f"{QUEUE}-other"},
    ],
)
def test_what_the_queue_is_not_told_of_is_not_seen(lake: Lake, more: dict[str, Any]) -> None:
    notify(lake, **more)
    crawl(lake, {"t/d=1/a.json": JSON}, **MODE)
    again(lake, {"t/d=2/a.json": JSON})
    assert last(lake)["Status"] == "SUCCEEDED"
    assert days(lake) == ["1"]


def test_a_bucket_that_tells_no_queue_is_named(lake: Lake) -> None:
    crawl(lake, {"t/d=1/a.json": JSON}, **MODE)
    assert again(lake, {"t/d=2/a.json": JSON}) == [
        f"the notifications of bucket {BUCKET} do not go to {QUEUE}"
    ]


def test_another_table_beside_one_that_stands_is_found(lake: Lake) -> None:
    notify(lake)
    mode = {**MODE, "path": f"s3://{BUCKET}/"}
    crawl(lake, {"orders/a.json": JSON, "users/a.json": b'{"q":1,"r":2,"s":3}\n'}, **mode)
    assert lake.catalog.table_names("db") == ["orders", "users"]
    again(lake, {"items/a.json": b'{"u":1,"v":2}\n'})
    assert lake.catalog.table_names("db") == ["items", "orders", "users"]
