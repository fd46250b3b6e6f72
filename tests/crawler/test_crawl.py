"""What a crawl makes of a folder, by the rules of Glue's developer guide.

"Built-in classifiers" (order, the header of a CSV), "How does a crawler determine when to create
partitions?" (alike folders are one table), "Setting crawler configuration options" (policies), and
the parameters that tables of real crawlers carry.
"""

import gzip
import io

import pyarrow
import pytest
from pyarrow import parquet

from lakelet.lake import Lake
from tests.crawler.crawling import BUCKET, columns, crawl, table


def parquet_bytes(**arrays: object) -> bytes:
    buffer = io.BytesIO()
    parquet.write_table(pyarrow.table(arrays), buffer)
    return buffer.getvalue()


CSV = b"id,name,price\n1,ann,1.5\n2,bob,2\n"


def test_a_csv_with_a_header_gives_its_names_and_types(lake: Lake) -> None:
    crawl(lake, {"sales/a.csv": CSV})
    assert columns(lake, "sales") == [("id", "bigint"), ("name", "string"), ("price", "double")]
    parameters = table(lake, "sales")["Parameters"]
    assert parameters["classification"] == "csv"
    assert parameters["delimiter"] == ","
    assert parameters["skip.header.line.count"] == "1"
    assert parameters["UPDATED_BY_CRAWLER"] == "c"
    assert parameters["recordCount"] == "2"


def test_a_csv_whose_first_line_is_data_gets_numbered_names(lake: Lake) -> None:
    crawl(lake, {"sales/a.csv": b"1,ann\n2,bob\n"})
    assert columns(lake, "sales") == [("col0", "bigint"), ("col1", "string")]
    assert "skip.header.line.count" not in table(lake, "sales")["Parameters"]


@pytest.mark.parametrize("delimiter", ["|", "\t", ";", "\x01"])
def test_the_delimiter_is_found(lake: Lake, delimiter: str) -> None:
    crawl(lake, {"sales/a.csv": CSV.replace(b",", delimiter.encode())})
    assert [name for name, _ in columns(lake, "sales")] == ["id", "name", "price"]
    serde = table(lake, "sales")["StorageDescriptor"]["SerdeInfo"]
    assert serde["Parameters"]["field.delim"] == delimiter


def test_quoted_values_get_lazy_simple_serde_unless_a_classifier_says_more(lake: Lake) -> None:
    files = {"sales/a.csv": b'id,name\n1,"x, y"\n2,"z"\n'}
    crawl(lake, files)
    serde = table(lake, "sales")["StorageDescriptor"]["SerdeInfo"]["SerializationLibrary"]
    assert serde == "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"
    assert table(lake, "sales")["Parameters"]["areColumnsQuoted"] == "true"
    lake.catalog.records.put("classifier", "own", {"CsvClassifier": {"Name": "own"}})
    crawl(lake, files, Classifiers=["own"])
    serde = table(lake, "sales")["StorageDescriptor"]["SerdeInfo"]["SerializationLibrary"]
    assert serde == "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"


def test_a_gzipped_csv_is_looked_into(lake: Lake) -> None:
    crawl(lake, {"sales/a.csv.gz": gzip.compress(CSV)})
    assert table(lake, "sales")["Parameters"]["compressionType"] == "gzip"
    assert len(columns(lake, "sales")) == 3


def test_json_lines_give_the_columns_of_all_records(lake: Lake) -> None:
    crawl(lake, {"events/a.json": b'{"Id":1,"a":{"x":[1,2.5]}}\n{"Id":3000000000,"b":true}\n'})
    assert columns(lake, "events") == [
        ("id", "bigint"),
        ("a", "struct<x:array<double>>"),
        ("b", "boolean"),
    ]
    assert table(lake, "events")["Parameters"]["classification"] == "json"


def test_parquet_gives_the_types_of_its_footer(lake: Lake) -> None:
    data = parquet_bytes(
        i=pyarrow.array([1], pyarrow.int32()),
        t=pyarrow.array([0], pyarrow.timestamp("us")),
        l=pyarrow.array([["a"]]),
    )
    crawl(lake, {"p/a.parquet": data})
    assert columns(lake, "p") == [("i", "int"), ("t", "timestamp"), ("l", "array<string>")]


def test_hive_folders_are_partitions_by_their_keys(lake: Lake) -> None:
    files = {f"sales/year={y}/month={m:02d}/a.csv": CSV for y in (2020, 2021) for m in (1, 2)}
    crawl(lake, files)
    assert [k["Name"] for k in table(lake, "sales")["PartitionKeys"]] == ["year", "month"]
    found = list(lake.catalog.partitions_of.listed("db", "sales"))
    assert [each["Values"] for each in found] == [
        ["2020", "01"],
        ["2020", "02"],
        ["2021", "01"],
        ["2021", "02"],
    ]
    location = found[0]["StorageDescriptor"]["Location"]
    assert location == f"s3://{BUCKET}/sales/year=2020/month=01/"


def test_plain_folders_are_numbered_partitions(lake: Lake) -> None:
    crawl(lake, {"sales/2020/a.csv": CSV, "sales/2021/a.csv": CSV}, path=f"s3://{BUCKET}/sales/")
    assert [k["Name"] for k in table(lake, "sales")["PartitionKeys"]] == ["partition_0"]


def test_folders_with_different_schemas_are_tables_of_their_own(lake: Lake) -> None:
    crawl(lake, {"a/x.csv": CSV, "b/x.json": b'{"q":1}\n'})
    assert lake.catalog.table_names("db") == ["a", "b"]


def test_a_name_is_folded_and_prefixed(lake: Lake) -> None:
    crawl(
        lake, {"My-Sales.2020/a.csv": CSV}, TablePrefix="raw_", path=f"s3://{BUCKET}/My-Sales.2020/"
    )
    assert lake.catalog.table_names("db") == ["raw_my_sales_2020"]


def test_a_new_column_joins_the_table_and_new_folders_its_partitions(lake: Lake) -> None:
    crawl(lake, {"s/d=1/a.csv": CSV}, path=f"s3://{BUCKET}/s/")
    wider = b"id,name,price,more\n1,ann,1.5,7\n2,bob,2,8\n"
    crawl(lake, {"s/d=2/a.csv": wider}, path=f"s3://{BUCKET}/s/")
    assert ("more", "bigint") in columns(lake, "s")
    assert lake.catalog.partitions_of.count("db", "s") == 2


def test_an_unchanged_crawl_changes_nothing(lake: Lake) -> None:
    crawl(lake, {"s/a.csv": CSV})
    before = table(lake, "s")["VersionId"]
    assert "db.s is as it was" in crawl(lake, {})
    assert table(lake, "s")["VersionId"] == before


@pytest.mark.parametrize(
    ("behaviour", "left"), [("DELETE_FROM_DATABASE", []), ("DEPRECATE_IN_DATABASE", ["s"])]
)
def test_what_is_gone_goes_by_the_delete_behaviour(
    lake: Lake, behaviour: str, left: list[str]
) -> None:
    crawl(lake, {"s/a.csv": CSV})
    lake.storage.delete(BUCKET, ["s/a.csv"])
    crawl(lake, {}, SchemaChangePolicy={"DeleteBehavior": behaviour})
    assert lake.catalog.table_names("db") == left
    if left:
        assert "DEPRECATED_BY_CRAWLER" in table(lake, "s")["Parameters"]


def test_excluded_files_are_passed_over(lake: Lake) -> None:
    crawl(lake, {"s/a.csv": CSV, "s/skip/b.json": b'{"a":1}\n'}, target={"Exclusions": ["skip/**"]})
    assert lake.catalog.table_names("db") == ["s"]


@pytest.mark.parametrize(
    "data",
    [b"", b"\x00\x01\x02", b"PAR1 this is no Parquet", gzip.compress(CSV, mtime=0)[:-9]],
    ids=["empty", "binary", "lying", "truncated"],
)
def test_a_file_that_is_nothing_is_named_and_makes_no_table(lake: Lake, data: bytes) -> None:
    said = crawl(lake, {"s/bad": data})
    assert lake.catalog.table_names("db") == []
    assert any("s/bad" in line for line in said)


def test_a_crawl_that_fails_leaves_no_table_without_its_partitions(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(lake.catalog.partitions_of, "create", broken)
    crawl(lake, {"s/d=1/a.csv": CSV})
    assert lake.catalog.table_names("db") == []
    assert lake.catalog.crawlers.get("c")["LastCrawl"]["Status"] == "FAILED"


def test_the_tables_found_can_be_queried(lake: Lake) -> None:
    from lakelet.dbapi import connect

    files = {"s/d=1/a.csv": CSV, "s/d=2/a.csv": CSV}
    crawl(lake, files, path=f"s3://{BUCKET}/s/")
    cursor = connect(lake, database="db").cursor()
    cursor.execute("SELECT d, sum(price) FROM s WHERE d = '2' GROUP BY d")
    assert cursor.fetchall() == [("2", 3.5)]


JSON = b'{"a":1,"b":"x"}\n'


def partition_values(lake: Lake, name: str) -> list[list[str]]:
    return [each["Values"] for each in lake.catalog.partitions_of.listed("db", name)]


def test_folders_without_names_are_keys_from_the_path_down(lake: Lake) -> None:
    """As a public table of a bucket with one object at year/month/day/hour: partition_0 … 3."""
    crawl(lake, {"2024/01/02/03/a.json": JSON}, path=f"s3://{BUCKET}/")
    found = table(lake, BUCKET)
    assert [key["Name"] for key in found["PartitionKeys"]] == [f"partition_{n}" for n in range(4)]
    assert partition_values(lake, BUCKET) == [["2024", "01", "02", "03"]]


def test_files_of_a_folder_without_a_majority_are_tables_each(lake: Lake) -> None:
    """As those of AWS's own example of legislators: persons_json, memberships_json …"""
    files = {
        "all/persons.json": b'{"id":"a","name":"x","gender":"f"}\n',
        "all/memberships.json": b'{"person_id":"a","area":"x","on_behalf":"y"}\n',
        "all/areas.csv": b"code,size\n1,2\n3,4\n",
    }
    crawl(lake, files)
    assert lake.catalog.table_names("db") == ["areas_csv", "memberships_json", "persons_json"]
    found = table(lake, "persons_json")
    assert found["StorageDescriptor"]["Location"] == f"s3://{BUCKET}/all/persons.json"
    assert found["PartitionKeys"] == []
    crawl(lake, {})
    assert len(lake.catalog.table_names("db")) == 3


def test_most_files_of_a_folder_decide_and_the_others_are_named(lake: Lake) -> None:
    files = {f"t/{n}.json": JSON for n in range(4)}
    lines = crawl(lake, {**files, "t/0.csv": CSV})
    assert columns(lake, "t") == [("a", "int"), ("b", "string")]
    assert any("t/0.csv is not in the format" in line for line in lines)


def test_folders_of_different_keys_are_tables_each(lake: Lake) -> None:
    crawl(lake, {"t/x=1/a.json": JSON, "t/y=1/a.json": JSON})
    assert lake.catalog.table_names("db") == ["x_1", "y_1"]


def test_hidden_folders_are_passed_over(lake: Lake) -> None:
    crawl(lake, {"t/_temporary/0/a.json": JSON, "t/.x/a.json": JSON, "t/d=1/a.json": JSON})
    assert partition_values(lake, "t") == [["1"]]


def test_partitions_have_columns_of_their_own_unless_they_inherit(lake: Lake) -> None:
    files = {"t/d=1/a.json": JSON, "t/d=2/a.json": b'{"a":1.5,"b":"x","c":true,"d":9}\n'}

    def names() -> list[list[tuple[str, str]]]:
        return [
            [(c["Name"], c["Type"]) for c in each["StorageDescriptor"]["Columns"]]
            for each in lake.catalog.partitions_of.listed("db", "t")
        ]

    crawl(lake, files)
    whole = [("a", "double"), ("b", "string"), ("c", "boolean")]
    assert columns(lake, "t") == whole
    assert names() == [[("a", "int"), ("b", "string")], whole]
    inherit = (
        '{"Version":1.0,"CrawlerOutput":{"Partitions":{"AddOrUpdateBehavior":"InheritFromTable"}}}'
    )
    crawl(lake, {}, Configuration=inherit)
    assert names() == [whole, whole]


def test_exclusions_and_indexes_are_said_of_a_table(lake: Lake) -> None:
    crawl(
        lake,
        {"t/d=1/a.json": JSON, "t/d=1/a.pdf": b"%PDF"},
        target={"Exclusions": ["**.pdf"]},
        Configuration='{"Version":1.0,"CreatePartitionIndex":true}',
    )
    parameters = table(lake, "t")["Parameters"]
    assert parameters["exclusions"] == f'["s3://{BUCKET}/t/**.pdf"]'
    assert parameters["partition_filtering.enabled"] == "true"


def test_a_table_says_which_run_changed_it(lake: Lake) -> None:
    def run() -> str:
        found: str = table(lake, "t")["Parameters"]["CRAWL_RUN_ID"]
        return found

    def latest() -> str:
        found: str = lake.catalog.crawlers.crawls("c")[0]["CrawlId"]
        return found

    crawl(lake, {"t/a.json": JSON})
    first = run()
    assert first == latest()
    assert "db.t is as it was" in crawl(lake, {})
    assert run() == first
    crawl(lake, {"t/b.json": JSON})
    assert run() == latest() != first


def test_quotes_that_the_serde_does_not_know_are_told(lake: Lake) -> None:
    lines = crawl(lake, {"t/a.csv": b'id,name\n1,"x, y"\n2,"z"\n'})
    assert any("values of db.t are quoted" in line for line in lines)


def test_most_folders_decide_and_those_of_other_formats_are_named(lake: Lake) -> None:
    files = {f"t/d={day}/a.json": JSON for day in range(4)}
    lines = crawl(lake, {**files, "t/d=9/a.csv": CSV})
    assert partition_values(lake, "t") == [[str(day)] for day in range(4)]
    named = f"s3://{BUCKET}/t/d=9/ is not in the format of its table's other folders"
    assert named in lines


def test_a_path_may_be_a_file(lake: Lake) -> None:
    """As the guide has it: `bucket/folder/file.ext`."""
    files = {"t/a.json": JSON, "t/b.csv": CSV}
    crawl(lake, files, path=f"s3://{BUCKET}/t/a.json")
    assert lake.catalog.table_names("db") == ["a_json"]
    location = table(lake, "a_json")["StorageDescriptor"]["Location"]
    assert location == f"s3://{BUCKET}/t/a.json"
    assert "db.a_json is as it was" in crawl(lake, {})
