"""information_schema over the lake's own catalogue; columns and rows are those of Trino 476."""

import base64
import json
from typing import Any

import pytest

import lakelet
from lakelet import Lake
from lakelet.errors import TrinoError

# Trino: SELECT table_name, column_name, data_type FROM memory.information_schema.columns
# WHERE table_schema = 'information_schema' ORDER BY table_name, ordinal_position.
TRINO = {
    "applicable_roles": ["grantee", "grantee_type", "role_name", "is_grantable"],
    "columns": [
        "table_catalog",
        "table_schema",
        "table_name",
        "column_name",
        "ordinal_position",
        "column_default",
        "is_nullable",
        "data_type",
    ],
    "enabled_roles": ["role_name"],
    "roles": ["role_name"],
    "schemata": ["catalog_name", "schema_name"],
    "table_privileges": [
        "grantor",
        "grantor_type",
        "grantee",
        "grantee_type",
        "table_catalog",
        "table_schema",
        "table_name",
        "privilege_type",
        "is_grantable",
        "with_hierarchy",
    ],
    "tables": ["table_catalog", "table_schema", "table_name", "table_type"],
    "views": ["table_catalog", "table_schema", "table_name", "view_definition"],
}


@pytest.fixture
def cursor(lakelet: Lake, s3_client: Any) -> Any:
    s3_client.create_bucket(Bucket="shop")
    lake = lakelet
    glue = lake.catalog
    glue.databases.create({"Name": "shop"})
    glue.tables.create("shop", _table("sales", "decimal(10,2)"))
    glue.tables.create("shop", _table("broken", "no such type"))
    from lakelet import connect

    opened = connect(lake, database="shop").cursor()
    opened.execute("CREATE VIEW cheap AS SELECT id, upper(name) AS loud FROM sales")
    return opened


def _table(name: str, of: str) -> dict[str, Any]:
    columns = [
        {"Name": "id", "Type": "bigint"},
        {"Name": "name", "Type": "varchar(8)", "Comment": "who"},
        {"Name": "price", "Type": of},
        {"Name": "tags", "Type": "array<struct<k:string,v:int>>"},
    ]
    return {
        "Name": name,
        "TableType": "EXTERNAL_TABLE",
        "StorageDescriptor": {"Columns": columns, "Location": f"s3://shop/{name}/"},
        "PartitionKeys": [{"Name": "day", "Type": "date"}],
    }


def test_the_tables_are_those_of_trino(cursor: Any) -> None:
    cursor.execute(
        "SELECT table_name, column_name FROM information_schema.columns"
        " WHERE table_schema = 'information_schema' ORDER BY table_name, ordinal_position"
    )
    found: dict[str, list[str]] = {}
    for table, column in cursor.fetchall():
        found.setdefault(table, []).append(column)
    assert found == TRINO
    for name, columns in TRINO.items():
        cursor.execute(f"SELECT * FROM awsdatacatalog.information_schema.{name}")
        assert [each[0] for each in cursor.description] == columns


def test_columns_have_trinos_types(cursor: Any) -> None:
    cursor.execute(
        "SELECT column_name, ordinal_position, is_nullable, data_type, comment, extra_info"
        " FROM information_schema.columns"
        " WHERE table_schema = 'shop' AND table_name IN ('sales', 'nothing')"
    )
    assert cursor.fetchall() == [
        ("id", 1, "YES", "bigint", None, None),
        ("name", 2, "YES", "varchar(8)", "who", None),
        ("price", 3, "YES", "decimal(10,2)", None, None),
        ("tags", 4, "YES", "array(row(k varchar, v integer))", None, None),
        ("day", 5, "YES", "date", None, "partition key"),
    ]
    cursor.execute(
        "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = 'cheap'"
    )
    assert cursor.fetchall() == [("id", "bigint"), ("loud", "varchar(8)")]


def test_a_broken_table_hides_no_other(cursor: Any) -> None:
    cursor.execute(
        "SELECT DISTINCT table_name FROM information_schema.columns"
        " WHERE table_schema = 'shop' ORDER BY 1"
    )
    assert cursor.fetchall() == [("cheap",), ("sales",)]
    cursor.execute(
        "SELECT table_name, table_type FROM information_schema.tables"
        " WHERE 'shop' = table_schema ORDER BY 1"
    )
    assert cursor.fetchall() == [
        ("broken", "BASE TABLE"),
        ("cheap", "VIEW"),
        ("sales", "BASE TABLE"),
    ]


@pytest.mark.parametrize(
    "of", [f"{'array<' * 5000}int{'>' * 5000}", "decimal(²)", f"varchar({'9' * 5000})"]
)
def test_a_type_beyond_all_measure_hides_no_table(lakelet: Lake, cursor: Any, of: str) -> None:
    lakelet.catalog.tables.create("shop", _table("vast", of))
    cursor.execute(
        "SELECT DISTINCT table_name FROM information_schema.columns"
        " WHERE table_schema = 'shop' ORDER BY 1"
    )
    assert cursor.fetchall() == [("cheap",), ("sales",)]
    with pytest.raises(TrinoError, match="Unsupported Hive type"):
        cursor.execute("SELECT * FROM vast")


@pytest.mark.parametrize(
    "kept",
    [
        5,
        [],
        {},
        {"originalSql": 5},
        {"originalSql": "SELECT 1", "catalog": 5},
        {"originalSql": "SELECT 1", "columns": [1]},
        {"originalSql": "SELECT 1", "columns": [{"name": "a"}]},
        {"originalSql": "SELECT 1", "columns": [{"name": "a", "type": 5}]},
        {"originalSql": "SELECT 1", "columns": [{"name": "a", "type": "array(" * 5000}]},
    ],
)
def test_a_view_of_another_form_hides_no_table(lakelet: Lake, cursor: Any, kept: Any) -> None:
    text = f"/* Presto View: {base64.b64encode(json.dumps(kept).encode()).decode()} */"
    view = {"Name": "odd", "TableType": "VIRTUAL_VIEW", "ViewOriginalText": text}
    lakelet.catalog.tables.create("shop", view)
    cursor.execute("SELECT DISTINCT table_name FROM information_schema.columns ORDER BY 1")
    assert {("cheap",), ("sales",)} <= set(cursor.fetchall())
    with pytest.raises(TrinoError, match="not a valid presto view"):
        cursor.execute("SELECT * FROM odd")


def test_schemata_and_views(cursor: Any) -> None:
    cursor.execute("SELECT * FROM information_schema.schemata ORDER BY schema_name")
    assert cursor.fetchall() == [
        ("awsdatacatalog", "default"),
        ("awsdatacatalog", "information_schema"),
        ("awsdatacatalog", "shop"),
    ]
    cursor.execute("SELECT table_name, view_definition FROM information_schema.views")
    assert cursor.fetchall() == [("cheap", "SELECT id, upper(name) AS loud FROM sales")]


def test_it_joins_and_is_written_like_any_table(cursor: Any) -> None:
    cursor.execute(
        "CREATE TABLE kinds WITH (external_location = 's3://shop/kinds/') AS"
        " SELECT t.table_type, count(*) AS columns FROM information_schema.tables t"
        " JOIN information_schema.columns c USING (table_schema, table_name)"
        " WHERE table_schema = 'shop' GROUP BY 1"
    )
    cursor.execute("SELECT * FROM kinds ORDER BY 1")
    assert cursor.fetchall() == [("BASE TABLE", 5), ("VIEW", 2)]


def test_what_is_not_there_is_not_found(cursor: Any) -> None:
    with pytest.raises(lakelet.errors.TrinoError) as caught:
        cursor.execute("SELECT * FROM information_schema.tabless")
    assert str(caught.value) == (
        "line 1:15: Table 'awsdatacatalog.information_schema.tabless' does not exist"
    )
    with pytest.raises(lakelet.errors.TrinoError, match=r"Column '\$path' cannot be resolved"):
        cursor.execute('SELECT "$path" FROM information_schema.tables')
