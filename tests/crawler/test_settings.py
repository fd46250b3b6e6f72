"""What a crawler's settings change, by "Setting crawler configuration options", "Scheduling
incremental crawls" and "Include and exclude patterns" of Glue's developer guide."""

import json
import time
from pathlib import Path
from typing import Any

import pytest

from lakelet.catalog.crawlers import CrawlerRunning
from lakelet.config import Settings
from lakelet.crawler.crawl import Crawl, Stopped
from lakelet.crawler.globs import matcher
from lakelet.errors import Unsupported
from lakelet.lake import Lake
from tests.crawler.crawling import BUCKET, columns, crawl, last, table

CSV = b"id,name\n1,ann\n2,bob\n"
LOG_ONLY = {"UpdateBehavior": "LOG", "DeleteBehavior": "LOG"}


def configuration(**members: Any) -> str:
    return json.dumps({"Version": 1.0, **members})


def values(lake: Lake, name: str) -> list[list[str]]:
    return sorted(each["Values"] for each in lake.catalog.partitions_of.listed("db", name))


def test_one_odd_folder_among_many_alike_ones_is_a_partition(lake: Lake) -> None:
    files = {f"t/d={i}/a.csv": CSV for i in range(9)}
    crawl(lake, {**files, "t/d=9/a.csv": b"x,y,z\n1,2,3\n4,5,6\n"})
    assert lake.catalog.table_names("db") == ["t"]
    assert len(values(lake, "t")) == 10
    assert [name for name, _ in columns(lake, "t")] == ["id", "name", "x", "y", "z"]


def test_compatible_schemas_are_combined_if_that_is_asked(lake: Lake) -> None:
    files = {"t/a/a.json": b'{"id":1,"x":2}\n', "t/b/a.json": b'{"id":1,"y":2,"z":3}\n'}
    crawl(lake, files)
    assert lake.catalog.table_names("db") == ["a", "b"]
    combine = configuration(Grouping={"TableGroupingPolicy": "CombineCompatibleSchemas"})
    crawl(lake, {}, Configuration=combine, DatabaseName="other")
    assert lake.catalog.table_names("other") == ["t"]
    found = lake.catalog.partitions_of.listed("other", "t")
    assert sorted(each["Values"] for each in found) == [["a"], ["b"]]


def test_tables_are_made_at_the_level_that_is_asked(lake: Lake) -> None:
    files = {f"{name}/2024/0{m}/a.csv": CSV for name in ("a", "b") for m in (1, 2)}
    crawl(lake, files, Configuration=configuration(Grouping={"TableLevelConfiguration": 2}))
    assert lake.catalog.table_names("db") == ["a", "b"]
    assert values(lake, "a") == [["2024", "01"], ["2024", "02"]]
    crawl(
        lake,
        {},
        DatabaseName="deeper",
        Configuration=configuration(Grouping={"TableLevelConfiguration": 3}),
    )
    assert len(lake.catalog.table_names("deeper")) == 2
    assert all("2024" in name for name in lake.catalog.table_names("deeper"))


def test_more_tables_than_the_threshold_fail_the_crawl(lake: Lake) -> None:
    tables = {"TableThreshold": 1}
    files = {"a/a.csv": CSV, "b/b.json": b'{"x":1}\n'}
    crawl(lake, files, Configuration=configuration(CrawlerOutput={"Tables": tables}))
    assert last(lake)["Status"] == "FAILED"
    assert "greater than the table threshold value provided: 1" in last(lake)["ErrorMessage"]
    assert lake.catalog.table_names("db") == []


def test_merging_keeps_columns_that_are_gone(lake: Lake) -> None:
    merge = configuration(CrawlerOutput={"Tables": {"AddOrUpdateBehavior": "MergeNewColumns"}})
    crawl(lake, {"t/a.csv": CSV}, Configuration=merge)
    crawl(lake, {"t/a.csv": b"id,more\n1,2\n"}, Configuration=merge)
    assert [name for name, _ in columns(lake, "t")] == ["name", "id", "more"]


def test_an_index_over_the_keys_is_made_if_that_is_asked(lake: Lake) -> None:
    files = {f"t/d={i}/a.csv": CSV for i in range(2)}
    crawl(lake, files, Configuration=configuration(CreatePartitionIndex=True))
    (index,) = lake.catalog.partition_indexes.listed("db", "t")
    assert [key["Name"] for key in index["Keys"]] == ["d"]


def test_changes_are_only_logged_if_the_policy_says_so(lake: Lake) -> None:
    crawl(lake, {"t/d=1/a.csv": CSV}, SchemaChangePolicy=LOG_ONLY)
    files = {"t/d=1/a.csv": b"id,name,x\n1,a,2\n", "t/d=2/a.csv": CSV}
    lines = crawl(lake, files, SchemaChangePolicy=LOG_ONLY)
    assert [name for name, _ in columns(lake, "t")] == ["id", "name"]
    assert "db.t has changed; the policy is to log it only" in lines
    assert values(lake, "t") == [["1"], ["2"]]


@pytest.mark.parametrize(
    ("policy", "left", "marked"),
    [("DELETE_FROM_DATABASE", 1, 0), ("DEPRECATE_IN_DATABASE", 2, 1), ("LOG", 2, 0)],
)
def test_partitions_that_are_gone_go_by_the_policy(
    lake: Lake, policy: str, left: int, marked: int
) -> None:
    policies = {"SchemaChangePolicy": {"DeleteBehavior": policy}}
    crawl(lake, {"t/d=1/a.csv": CSV, "t/d=2/a.csv": CSV}, **policies)
    lake.storage.delete(BUCKET, ["t/d=2/a.csv"])
    crawl(lake, {}, **policies)
    found = list(lake.catalog.partitions_of.listed("db", "t"))
    assert len(found) == left
    assert sum("DEPRECATED_BY_CRAWLER" in each["Parameters"] for each in found) == marked


def test_a_partition_s_measures_follow_its_files(lake: Lake) -> None:
    crawl(lake, {"t/d=1/a.csv": CSV, "t/d=2/a.csv": CSV})
    lines = crawl(lake, {"t/d=2/b.csv": CSV})
    counts = {
        each["Values"][0]: each["Parameters"]["objectCount"]
        for each in lake.catalog.partitions_of.listed("db", "t")
    }
    assert counts == {"1": "1", "2": "2"}
    assert "updated 1 partitions of db.t" in lines


def test_only_new_folders_are_crawled_if_that_is_asked(lake: Lake) -> None:
    settings = {
        "SchemaChangePolicy": LOG_ONLY,
        "RecrawlPolicy": {"RecrawlBehavior": "CRAWL_NEW_FOLDERS_ONLY"},
    }
    crawl(lake, {"t/d=1/a.csv": CSV, "t/d=2/a.csv": CSV}, **settings)
    lines = crawl(lake, {"t/d=1/broken.csv": b"\x00", "t/d=3/a.csv": CSV}, **settings)
    assert values(lake, "t") == [["1"], ["2"], ["3"]]
    assert lines == ["added 1 partitions to db.t"]
    assert crawl(lake, {}, **settings) == []


def test_a_table_of_the_catalogue_is_crawled_itself(lake: Lake) -> None:
    crawl(lake, {"t/d=1/a.csv": CSV}, path=f"s3://{BUCKET}/t/")
    for key in ("t/d=1/a.csv", "t/d=2/a.csv"):
        lake.storage.write(BUCKET, key, b"id,name,more\n1,a,2\n")
    targets = {"CatalogTargets": [{"DatabaseName": "db", "Tables": ["t"]}]}
    policy = {"UpdateBehavior": "UPDATE_IN_DATABASE", "DeleteBehavior": "LOG"}
    lake.catalog.crawlers.create(
        {"Name": "own", "Role": "r", "Targets": targets, "SchemaChangePolicy": policy}
    )
    lake.crawlers.run("own")
    assert [name for name, _ in columns(lake, "t")] == ["id", "name", "more"]
    assert values(lake, "t") == [["1"], ["2"]]


def test_few_files_of_a_folder_are_looked_at_if_that_is_asked(lake: Lake) -> None:
    files = {"t/a.csv": CSV, "t/b.csv": b"\x00\x01", "t/c.csv": b"\x00"}
    assert len(crawl(lake, files, target={"SampleSize": 1})) == 1
    assert len(crawl(lake, {}, target={"SampleSize": 2})) == 2


SCHEMA = {
    "type": "struct",
    "schema-id": 1,
    "fields": [
        {"id": 1, "name": "id", "required": True, "type": "long"},
        {"id": 2, "name": "tags", "required": False, "type": {"type": "list", "element": "string"}},
    ],
}


def test_iceberg_tables_are_registered_by_their_newest_metadata(lake: Lake) -> None:
    metadata = {"location": f"s3://{BUCKET}/lake/t", "current-schema-id": 1, "schemas": [SCHEMA]}
    for number in (1, 2):
        key = f"lake/t/metadata/0000{number}-uuid.metadata.json"
        lake.storage.write(BUCKET, key, json.dumps(metadata).encode())
    lake.storage.write(BUCKET, "lake/broken/metadata/v1.metadata.json", b"{")
    targets = {"IcebergTargets": [{"Paths": [f"s3://{BUCKET}/lake/"]}]}
    lines = crawl(lake, {}, Targets=targets)
    found = table(lake, "t")
    assert found["Parameters"]["table_type"] == "ICEBERG"
    assert found["Parameters"]["metadata_location"].endswith("/00002-uuid.metadata.json")
    assert columns(lake, "t") == [("id", "bigint"), ("tags", "array<string>")]
    assert any("lake/broken/metadata/v1.metadata.json is no metadata" in line for line in lines)


@pytest.mark.parametrize(
    ("pattern", "path", "kept"),
    [
        ("*.csv", "a.csv", True),
        ("*.csv", "d/a.csv", False),
        ("**.csv", "d/a.csv", True),
        ("*.*", "d.e", True),
        ("*.{csv,avro}", "a.avro", True),
        ("foo.?", "foo.b", True),
        ("foo.?", "foo.", False),
        ("myfolder/*", "myfolder/myfile", True),
        ("myfolder/*", "myfolder/sub/myfile", False),
        ("myfolder/**", "myfolder/sub/myfile", True),
        ("Market*", "Market/a", False),
        ("d/[!a]*", "d/b", True),
        ("d/[!a]*", "d/a", False),
        ("d/[a-c]", "d/b", True),
        (r"a\*", "a*", True),
        (r"a\*", "ab", False),
        ("a,b.csv", "a,b.csv", True),
        ("a,b.csv", "a", False),
        ("a}.csv", "a}.csv", True),
        ("{a,}.csv", ".csv", True),
        (r"{a\,b,c}", "a,b", True),
        ("[^a]", "^", True),
        ("[^a]", "b", False),
        ("[*?\\-]", "\\", True),
        ("d[+-9]a", "d/a", False),
        ("[b-]", "-", True),
        ("{a*,**c}d", "ax/cd", True),
        ("{a*,**c}d", "ax/d", False),
    ],
)
def test_globs_are_those_of_glue_s_guide(pattern: str, path: str, kept: bool) -> None:
    assert matcher([pattern])(path) == kept


def test_stars_and_groups_take_no_longer_for_being_many() -> None:
    """A search that goes back would not end before this machine does."""
    for part in ("*a", "**a", "{a,aa}", "*{a*,?}"):
        is_excluded = matcher([part * 40 + "b", "**/" + part * 40])
        assert not is_excluded("a" * 1000)
        assert is_excluded("a" * 1000 + "b") is (part != "{a,aa}")
    assert matcher(["{a,aa}" * 40])("a" * 79)


@pytest.mark.parametrize("pattern", ["{a", "{a,{b,c}}", "[a", "a[", "[z-a]", "[!]", "[]"])
def test_a_crawl_fails_for_an_exclusion_that_is_no_glob(lake: Lake, pattern: str) -> None:
    crawl(lake, {"t/a.csv": CSV}, target={"Exclusions": ["fine/**", pattern]})
    assert last(lake)["Status"] == "FAILED"
    assert f"{pattern} is no glob: " in last(lake)["ErrorMessage"]


def test_a_classifier_that_is_gone_fails_the_crawl(lake: Lake) -> None:
    crawl(lake, {"t/a.csv": CSV}, Classifiers=["gone"])
    assert last(lake)["Status"] == "FAILED"
    assert last(lake)["ErrorMessage"] == "Classifier gone not found."
    assert lake.catalog.table_names("db") == []


def test_what_a_lake_cannot_crawl_is_refused(lake: Lake) -> None:
    lake.catalog.crawlers.create(
        {"Name": "j", "Role": "r", "Targets": {"HudiTargets": [{"Paths": ["s3://x/y"]}]}}
    )
    with pytest.raises(Unsupported, match="HudiTargets are not available in lakelet"):
        lake.crawlers.start("j")
    assert lake.catalog.crawlers.get("j")["State"] == "READY"


def test_a_crawl_goes_on_while_another_process_opens_the_lake(tmp_path: Path) -> None:
    with Lake(Settings(data=tmp_path)) as ours, Lake(Settings(data=tmp_path)) as theirs:
        ours.catalog.crawlers.create(
            {"Name": "c", "Role": "r", "Targets": {"S3Targets": [{"Path": "s3://lake/t/"}]}}
        )
        ours.catalog.crawlers.start("c", ours.storage.scratch)
        with pytest.raises(CrawlerRunning):
            theirs.crawlers.start("c")
        assert ours.catalog.crawlers.get("c")["State"] == "RUNNING"
    with Lake(Settings(data=tmp_path)) as later:
        assert later.crawlers is not None
        assert later.catalog.crawlers.get("c")["LastCrawl"]["Status"] == "FAILED"


def test_a_crawl_is_stopped_by_another_process_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def endless(self: Crawl) -> None:
        while not self._is_stopping():
            time.sleep(0.01)
        raise Stopped

    monkeypatch.setattr(Crawl, "run", endless)
    with Lake(Settings(data=tmp_path)) as ours, Lake(Settings(data=tmp_path)) as theirs:
        ours.storage.create_bucket("lake")
        target = {"S3Targets": [{"Path": "s3://lake/"}]}
        ours.catalog.crawlers.create({"Name": "c", "Role": "r", "Targets": target})
        ours.crawlers.start("c")
        theirs.crawlers.stop("c")
        ends = time.monotonic() + 60
        while theirs.catalog.crawlers.get("c")["State"] != "READY":
            assert time.monotonic() < ends
            time.sleep(0.01)
        assert theirs.catalog.crawlers.get("c")["LastCrawl"]["Status"] == "CANCELLED"


def test_a_crawl_that_is_interrupted_leaves_the_crawler_ready(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(self: Crawl) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Crawl, "run", interrupted)
        with pytest.raises(KeyboardInterrupt):
            crawl(lake, {"t/a.csv": CSV})
    document = lake.catalog.crawlers.get("c")
    assert (document["State"], document["LastCrawl"]["Status"]) == ("READY", "CANCELLED")
    crawl(lake, {})
    assert [name for name, _ in columns(lake, "t")] == ["id", "name"]
