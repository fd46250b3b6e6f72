"""awswrangler's catalog module, unmodified, over a lake."""

import warnings
from typing import Any

import pytest

from lakelet.lake import Lake

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import awswrangler as wr

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
COLUMNS = {"id": "bigint", "name": "string"}


@pytest.fixture
def table(lakelet: Lake) -> Any:
    """The database and name of a Parquet table that awswrangler made."""
    lakelet.storage.create_bucket("lake")
    wr.catalog.create_database("sales", description="d")
    wr.catalog.create_parquet_table(
        database="sales",
        table="orders",
        path="s3://lake/orders/",
        columns_types=COLUMNS,
        partitions_types={"year": "int"},
        description="all orders",
        parameters={"source": "shop"},
        columns_comments={"id": "the number"},
        compression="snappy",
    )
    return {"database": "sales", "table": "orders"}


def test_databases_are_made_listed_and_deleted(lakelet: Lake) -> None:
    wr.catalog.create_database("sales")
    wr.catalog.create_database("sales", exist_ok=True)
    with pytest.raises(wr.exceptions.AlreadyExists):
        wr.catalog.create_database("sales")
    assert {each["Name"] for each in wr.catalog.get_databases()} == {"default", "sales"}
    assert list(wr.catalog.databases()["Database"]) == ["default", "sales"]
    wr.catalog.delete_database("sales")
    assert [each["Name"] for each in wr.catalog.get_databases()] == ["default"]


def test_a_table_has_what_it_was_made_with(table: Any) -> None:
    assert wr.catalog.does_table_exist(**table)
    assert wr.catalog.get_table_types(**table) == {**COLUMNS, "year": "int"}
    assert wr.catalog.get_table_location(**table) == "s3://lake/orders/"
    assert wr.catalog.get_table_description(**table) == "all orders"
    parameters = wr.catalog.get_table_parameters(**table)
    assert (parameters["source"], parameters["classification"]) == ("shop", "parquet")
    assert wr.catalog.get_columns_comments(**table)["id"] == "the number"
    frame = wr.catalog.table(**table)
    assert list(frame["Column Name"]) == ["id", "name", "year"]
    assert list(frame["Partition"]) == [False, False, True]


def test_parameters_and_columns_change(table: Any) -> None:
    wr.catalog.upsert_table_parameters(parameters={"a": "1"}, **table)
    wr.catalog.upsert_table_parameters(parameters={"a": "2", "b": "3"}, **table)
    parameters = wr.catalog.get_table_parameters(**table)
    assert {"a": "2", "b": "3", "source": "shop"}.items() <= parameters.items()
    wr.catalog.overwrite_table_parameters(parameters={"only": "this"}, **table)
    assert wr.catalog.get_table_parameters(**table) == {"only": "this"}
    wr.catalog.add_column(column_name="extra", column_type="double", column_comment="", **table)
    types = {**COLUMNS, "year": "int"}
    assert wr.catalog.get_table_types(**table) == {**types, "extra": "double"}
    wr.catalog.delete_column(column_name="extra", **table)
    assert wr.catalog.get_table_types(**table) == types
    assert wr.catalog.get_table_number_of_versions(**table) == 3
    assert wr.catalog.delete_table_if_exists(**table)
    assert not wr.catalog.delete_table_if_exists(**table)


def test_partitions_are_added_filtered_and_deleted(table: Any) -> None:
    given = {f"s3://lake/orders/year={year}/": [str(year)] for year in range(2000, 2120)}
    wr.catalog.add_parquet_partitions(partitions_values=given, **table)
    wr.catalog.add_parquet_partitions(partitions_values=given, **table)
    assert wr.catalog.get_partitions(**table) == given
    some = wr.catalog.get_parquet_partitions(expression="year > 2100 AND year < 2103", **table)
    assert sorted(some.values()) == [["2101"], ["2102"]]
    wr.catalog.delete_partitions(partitions_values=[["2101"]], **table)
    assert ["2101"] not in wr.catalog.get_partitions(**table).values()
    wr.catalog.delete_all_partitions(**table)
    assert wr.catalog.get_partitions(**table) == {}


def test_csv_and_json_tables_are_made(lakelet: Lake) -> None:
    made: dict[str, Any] = {"database": "default", "columns_types": COLUMNS}
    wr.catalog.create_csv_table(
        table="c", path="s3://lake/c/", sep=";", skip_header_line_count=1, **made
    )
    wr.catalog.create_json_table(table="j", path="s3://lake/j/", **made)
    assert {each["Name"] for each in wr.catalog.get_tables(database="default")} == {"c", "j"}
    found = next(iter(wr.catalog.get_tables(database="default", name_contains="c")))
    serde = found["StorageDescriptor"]["SerdeInfo"]
    assert serde["Parameters"]["field.delim"] == ";"


def test_tables_are_found_by_parts_of_names_and_by_text(table: Any) -> None:
    for given in (
        {"name_contains": "rder"},
        {"name_prefix": "ord"},
        {"name_suffix": "ers"},
        {"database": "sales"},
    ):
        assert [each["Name"] for each in wr.catalog.get_tables(**given)] == ["orders"]
    assert [each["Name"] for each in wr.catalog.get_tables(name_prefix="rder")] == []
    assert [each["Name"] for each in wr.catalog.search_tables(text="shop")] == ["orders"]
    assert list(wr.catalog.tables(database="sales")["Table"]) == ["orders"]


def test_a_view_s_columns_are_those_it_was_put_with(lakelet: Lake, glue_client: Any) -> None:
    glue_client.create_table(
        DatabaseName="default",
        TableInput={
            "Name": "v",
            "TableType": "VIRTUAL_VIEW",
            "Parameters": {"presto_view": "true", "comment": "Presto View"},
            "PartitionKeys": [],
            "StorageDescriptor": {"Columns": [{"Name": "a", "Type": "int"}], "SerdeInfo": {}},
            "ViewOriginalText": "/* Presto View: e30= */",
            "ViewExpandedText": "/* Presto View */",
        },
    )
    assert wr.catalog.get_table_types(database="default", table="v") == {"a": "int"}
    table = lakelet.catalog.table("default", "v")
    assert table is not None
    assert table.is_view


@pytest.mark.parametrize("form", ["csv", "json", "orc"])
def test_partitions_of_every_format_are_added(lakelet: Lake, form: str) -> None:
    name = {"database": "default", "table": form}
    create = getattr(wr.catalog, f"create_{form}_table")
    create(path=f"s3://lake/{form}/", columns_types=COLUMNS, partitions_types={"d": "date"}, **name)
    given = {f"s3://lake/{form}/d=2024-01-0{day}/": [f"2024-01-0{day}"] for day in (1, 2)}
    add = getattr(wr.catalog, f"add_{form}_partitions")
    add(partitions_values=given, columns_types=COLUMNS, **name)
    assert wr.catalog.get_partitions(**name) == given
    kept = wr.catalog.get_csv_partitions(expression="d > '2024-01-01'", **name)
    assert list(kept.values()) == [["2024-01-02"]]


def test_versions_connections_and_what_columns_carry(
    table: dict[str, str], glue_client: Any
) -> None:
    wr.catalog.upsert_table_parameters(parameters={"a": "1"}, catalog_versioning=True, **table)
    assert len(list(wr.catalog.get_table_versions(**table))) == 2
    assert wr.catalog.get_columns_parameters(**table) == {"id": None, "name": None, "year": None}
    properties = {"JDBC_CONNECTION_URL": "jdbc:x://h:1/d", "USERNAME": "u", "PASSWORD": "p"}
    glue_client.create_connection(
        ConnectionInput={
            "Name": "c",
            "ConnectionType": "JDBC",
            "ConnectionProperties": properties,
        }
    )
    assert wr.catalog.get_connection("c")["ConnectionProperties"] == properties
