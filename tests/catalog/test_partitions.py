from collections.abc import Iterable
from datetime import UTC, datetime

import pytest

from lakelet.catalog.catalog import GlueCatalog
from lakelet.errors import AlreadyExists, InvalidInput, NotFound
from lakelet.model import Document

KEYS = [{"Name": "year", "Type": "int"}, {"Name": "device", "Type": "string"}]
STORAGE: Document = {
    "Columns": [{"Name": "a", "Type": "int", "Comment": "first", "Parameters": {"p": "q"}}],
    "Location": "s3://lake/t/year=2024/device=x/",
    "InputFormat": "in",
    "OutputFormat": "out",
    "Compressed": True,
    "NumberOfBuckets": -1,
    "SerdeInfo": {"Name": "n", "SerializationLibrary": "lib", "Parameters": {"field.delim": ","}},
    "BucketColumns": ["a"],
    "SortColumns": [{"Column": "a", "SortOrder": 1}],
    "Parameters": {"classification": "csv", "recordCount": "7", "sizeKey": "99"},
    "SkewedInfo": {
        "SkewedColumnNames": ["a"],
        "SkewedColumnValues": ["1"],
        "SkewedColumnValueLocationMaps": {"1": "s3://x/"},
    },
    "StoredAsSubDirectories": False,
}


@pytest.fixture
def table(catalog: GlueCatalog) -> GlueCatalog:
    """The catalogue with the table `t` of a year and a device."""
    catalog.tables.create("sales", {"Name": "t", "PartitionKeys": KEYS})
    return catalog


def values(found: Iterable[Document]) -> list[list[str]]:
    return [each["Values"] for each in found]


@pytest.mark.parametrize(
    "given",
    [
        {"Values": ["2024", "x"]},
        {"Values": ["2024", "x"], "StorageDescriptor": STORAGE},
        {"Values": ["2024", "x"], "StorageDescriptor": {}, "Parameters": {}},
        {"Values": ["2024", "x"], "StorageDescriptor": {"Location": ""}},
        {"Values": ["2024", "x"], "StorageDescriptor": {"Parameters": {}}},
        {
            "Values": ["2024", "x"],
            "LastAccessTime": datetime(2024, 1, 2, 3, 4, 5, 678000, tzinfo=UTC),
            "LastAnalyzedTime": datetime(1969, 1, 2, tzinfo=UTC),
            "Parameters": {"recordCount": "1", "k": "v", "@time": "1", "transient_lastDdlTime": ""},
            "StorageDescriptor": STORAGE,
        },
    ],
)
def test_what_was_put_comes_back_whole(table: GlueCatalog, given: Document) -> None:
    table.partitions_of.create("sales", "t", [given])
    found = table.partitions_of.get("sales", "t", given["Values"])
    assert {name: found[name] for name in given} == given
    assert ("StorageDescriptor" in found) == ("StorageDescriptor" in given)
    assert ("Parameters" in found) == ("Parameters" in given)


def test_a_batch_adds_what_is_new_and_gives_back_what_was_there(table: GlueCatalog) -> None:
    create = table.partitions_of.create
    assert create("sales", "t", [{"Values": ["1", "a"]}]) == []
    given = [{"Values": ["1", "a"]}, {"Values": ["1", "b"]}, {"Values": ["1", "b"]}]
    assert values(create("sales", "t", given)) == [["1", "a"], ["1", "b"]]
    assert table.partitions_of.count("sales", "t") == 2


def test_values_that_differ_as_text_are_different_partitions(table: GlueCatalog) -> None:
    given = [{"Values": ["1", "a"]}, {"Values": ["01", "a"]}]
    assert table.partitions_of.create("sales", "t", given) == []
    page = table.partitions_of.page("sales", "t", "year = 1")
    assert sorted(values(page.partitions)) == [["01", "a"], ["1", "a"]]


def test_a_wrong_number_of_values_adds_nothing(table: GlueCatalog) -> None:
    given = [{"Values": ["1", "a"]}, {"Values": ["1"]}]
    with pytest.raises(InvalidInput, match="number of partition keys do not match"):
        table.partitions_of.create("sales", "t", given)
    assert table.partitions_of.count("sales", "t") == 0


def test_pages_follow_each_other_without_gap_or_repetition(table: GlueCatalog) -> None:
    given = [{"Values": [str(year), f"d{device}"]} for year in range(30) for device in range(9)]
    table.partitions_of.create("sales", "t", given)
    for expression in ("", "device = 'd3'", "year >= 5", "year = 5", "not device = 'd1'"):
        found: list[Document] = []
        after: str | None = ""
        while after is not None:
            page = table.partitions_of.page("sales", "t", expression, after=after, limit=7)
            assert len(page.partitions) <= 7
            found += page.partitions
            after = page.after
        everything = values(table.partitions_of.listed("sales", "t", expression))
        assert values(found) == everything
        assert len({tuple(each) for each in everything}) == len(everything) > 0


def test_segments_are_parts_of_the_whole(table: GlueCatalog) -> None:
    given = [{"Values": [str(year), "d"]} for year in range(100)]
    table.partitions_of.create("sales", "t", given)
    parts = [
        values(table.partitions_of.page("sales", "t", segment=(number, 4)).partitions)
        for number in range(4)
    ]
    assert all(parts)
    assert sorted(each for part in parts for each in part) == sorted(values(given))


def test_an_update_replaces_and_keeps_the_time_of_creation(table: GlueCatalog) -> None:
    table.partitions_of.create("sales", "t", [{"Values": ["1", "a"], "Parameters": {"x": "y"}}])
    before = table.partitions_of.get("sales", "t", ["1", "a"])
    table.partitions_of.update("sales", "t", ["1", "a"], {"Values": ["2", "b"]})
    after = table.partitions_of.get("sales", "t", ["2", "b"])
    assert "Parameters" not in after
    assert after["CreationTime"] == before["CreationTime"]
    assert values(table.partitions_of.page("sales", "t", "year = 2").partitions) == [["2", "b"]]
    with pytest.raises(NotFound, match="Cannot find partition"):
        table.partitions_of.get("sales", "t", ["1", "a"])


def test_an_update_onto_another_partition_is_refused(table: GlueCatalog) -> None:
    table.partitions_of.create("sales", "t", [{"Values": ["1", "a"]}, {"Values": ["2", "a"]}])
    with pytest.raises(AlreadyExists):
        table.partitions_of.update("sales", "t", ["1", "a"], {"Values": ["2", "a"]})


def test_values_are_read_anew_when_a_key_s_type_changes(table: GlueCatalog) -> None:
    given = [{"Values": ["9", "a"]}, {"Values": ["10", "a"]}]
    table.partitions_of.create("sales", "t", given)
    keys = [{"Name": "year", "Type": "string"}, KEYS[1]]
    table.tables.update("sales", {"Name": "t", "PartitionKeys": keys})
    page = table.partitions_of.page("sales", "t", "year > '2'")
    assert values(page.partitions) == [["9", "a"]]


def test_partitions_go_with_their_table(table: GlueCatalog) -> None:
    table.partitions_of.create("sales", "t", [{"Values": ["1", "a"]}])
    table.tables.delete("sales", "t")
    table.tables.create("sales", {"Name": "t", "PartitionKeys": KEYS})
    assert table.partitions_of.count("sales", "t") == 0


def test_the_inside_sees_a_table_s_descriptor_where_a_partition_has_none(
    catalog: GlueCatalog,
) -> None:
    given = {"Name": "t", "PartitionKeys": KEYS, "StorageDescriptor": STORAGE}
    catalog.tables.create("sales", given)
    located = {"Values": ["2", "a"], "StorageDescriptor": {**STORAGE, "Location": "s3://o/"}}
    catalog.partitions_of.create("sales", "t", [{"Values": ["1", "a"]}, located])
    table = catalog.table("sales", "t")
    assert table is not None
    found = {each.values: each.storage.location for each in catalog.partitions(table)}
    assert found == {("1", "a"): STORAGE["Location"], ("2", "a"): "s3://o/"}
