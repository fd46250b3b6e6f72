import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lakelet.catalog import name_expressions
from lakelet.catalog.catalog import GlueCatalog
from lakelet.catalog.schema import SCHEMA
from lakelet.database import Database
from lakelet.errors import AlreadyExists, Conflict, InvalidInput, NotFound

ACCOUNT = "000000000000"


def test_default_is_there_from_the_start(database: Database) -> None:
    assert GlueCatalog(database, ACCOUNT).database_names() == ["default"]


def test_names_are_folded_to_lower_case(catalog: GlueCatalog) -> None:
    catalog.databases.create({"Name": "MiXed"})
    catalog.tables.create("mIXED", {"Name": "TaBle"})
    assert catalog.databases.get("MIXED")["Name"] == "mixed"
    assert catalog.table_names("Mixed") == ["table"]
    assert catalog.tables.get("mixed", "TABLE")["Name"] == "table"


def test_a_second_database_or_table_of_a_name_exists_already(catalog: GlueCatalog) -> None:
    with pytest.raises(AlreadyExists, match=r"Database already exists\."):
        catalog.databases.create({"Name": "SALES"})
    catalog.tables.create("sales", {"Name": "t"})
    with pytest.raises(AlreadyExists, match=r"Table already exists\."):
        catalog.tables.create("sales", {"Name": "T"})


def test_a_missing_database_is_named_before_a_missing_table(catalog: GlueCatalog) -> None:
    with pytest.raises(NotFound, match=r"Database nowhere not found\."):
        catalog.tables.get("nowhere", "t")
    with pytest.raises(NotFound, match=r"Table t not found\."):
        catalog.tables.get("sales", "t")


def test_databases_of_two_regions_are_apart(database: Database) -> None:
    here = GlueCatalog(database, ACCOUNT, "us-east-1")
    there = GlueCatalog(database, ACCOUNT, "eu-west-1")
    here.databases.create({"Name": "sales"})
    here.records.put("kind", "name", {})
    assert there.database_names() == ["default"]
    assert there.records.get("kind", "name") is None


def test_every_update_makes_a_version_unless_told_not_to(catalog: GlueCatalog) -> None:
    catalog.tables.create("sales", {"Name": "t", "Description": "0"})
    catalog.tables.update("sales", {"Name": "t", "Description": "1"})
    catalog.tables.update("sales", {"Name": "t", "Description": "2"}, archive=False)
    found = catalog.tables.versions("sales", "t")
    assert [(each["VersionId"], each["Description"]) for each in found] == [("2", "2"), ("0", "0")]
    assert catalog.tables.version("sales", "t", "0")["Description"] == "0"


def test_a_stale_version_is_a_conflict(catalog: GlueCatalog) -> None:
    catalog.tables.create("sales", {"Name": "t"})
    catalog.tables.update("sales", {"Name": "t"}, version="0")
    with pytest.raises(Conflict, match=r"Update table failed due to concurrent modifications\."):
        catalog.tables.update("sales", {"Name": "t"}, version="0")


def test_the_version_that_stands_can_not_be_deleted(catalog: GlueCatalog) -> None:
    catalog.tables.create("sales", {"Name": "t"})
    catalog.tables.update("sales", {"Name": "t"})
    with pytest.raises(InvalidInput):
        catalog.tables.delete_version("sales", "t", "1")
    catalog.tables.delete_version("sales", "t", "0")
    with pytest.raises(NotFound, match="Version not found"):
        catalog.tables.delete_version("sales", "t", "0")


def test_no_update_is_lost_under_optimistic_locking(database: Database) -> None:
    catalog = GlueCatalog(database, ACCOUNT)
    catalog.tables.create("default", {"Name": "t", "Parameters": {"n": "0"}})

    def add() -> None:
        done = 0
        while done < 10:
            table = catalog.tables.get("default", "t")
            raised = {"n": str(int(table["Parameters"]["n"]) + 1)}
            given = {"Name": "t", "Parameters": raised}
            try:
                catalog.tables.update("default", given, version=table["VersionId"], archive=False)
                done += 1
            except Conflict:
                continue

    threads = [threading.Thread(target=add) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    table = catalog.tables.get("default", "t")
    assert (table["Parameters"]["n"], table["VersionId"]) == ("80", "80")


def test_a_change_reads_and_writes_in_one_transaction(catalog: GlueCatalog) -> None:
    catalog.tables.create("sales", {"Name": "t", "Parameters": {"a": "1"}})
    catalog.tables.change(
        "sales", "t", lambda table: {**table, "Parameters": {**table["Parameters"], "b": "2"}}
    )
    found = catalog.tables.get("sales", "t")
    assert found["Parameters"] == {"a": "1", "b": "2"}
    assert found["VersionId"] == "1"


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        (".*", ["a_1", "a_2", "b_1"]),
        ("*", ["a_1", "a_2", "b_1"]),
        ("a_.*", ["a_1", "a_2"]),
        ("a_*", ["a_1", "a_2"]),
        (".*_1.*", ["a_1", "b_1"]),
        ("A_1|b_1", ["a_1", "b_1"]),
        ("a", []),
        ("[ab]_2", ["a_2"]),
    ],
)
def test_tables_are_listed_by_a_regular_expression(
    catalog: GlueCatalog, pattern: str, names: list[str]
) -> None:
    for name in ("b_1", "a_2", "a_1"):
        catalog.tables.create("sales", {"Name": name})
    assert [each["Name"] for each in catalog.tables.listed("sales", pattern)] == names


@pytest.mark.parametrize("pattern", ["(", "(a|aa)+b", "((a{1000}){1000}){1000}"])
def test_a_regular_expression_that_is_none_or_takes_too_long_is_invalid_input(
    catalog: GlueCatalog, monkeypatch: pytest.MonkeyPatch, pattern: str
) -> None:
    monkeypatch.setattr(name_expressions, "_SECONDS", 0.2)
    catalog.tables.create("sales", {"Name": "a" * 200})
    with pytest.raises(InvalidInput):
        catalog.tables.listed("sales", pattern)


def test_times_and_bytes_in_a_document_come_back(catalog: GlueCatalog) -> None:
    moment = datetime(2024, 5, 6, 7, 8, 9, 123000, tzinfo=UTC)
    document = {"when": [moment], "what": {"data": b"\x00\xff"}, "map": {"@time": "text"}}
    catalog.records.put("kind", "name", document)
    assert catalog.records.get("kind", "name") == document


def test_the_catalogue_is_there_when_the_file_is_opened_again(tmp_path: Path) -> None:
    first = Database(tmp_path / "lake.db", [SCHEMA])
    GlueCatalog(first, ACCOUNT).tables.create("default", {"Name": "t"})
    first.close()
    second = Database(tmp_path / "lake.db", [SCHEMA])
    assert GlueCatalog(second, ACCOUNT).table_names("default") == ["t"]
    second.close()
