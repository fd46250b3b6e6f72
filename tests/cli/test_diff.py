"""`lakelet diff` between versions that statements have made."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from lakelet.config import Settings
from lakelet.dbapi import connect
from lakelet.lake import Lake
from tests.cli.running import run


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three versions of a table: as made, with other columns, with other parameters."""
    with Lake(Settings(data=tmp_path)) as lake:
        cursor = connect(lake).cursor()
        cursor.execute(
            "CREATE EXTERNAL TABLE t (id int, note string, item struct<a:int,b:array<int>>)"
            " LOCATION 's3://b/t/' TBLPROPERTIES ('owner'='ann', 'gone'='1')"
        )
        cursor.execute(
            "ALTER TABLE t REPLACE COLUMNS (item struct<a:int,b:array<bigint>,c:date>,"
            " id bigint COMMENT 'now wide', added string)"
        )

        def other(document: dict[str, Any]) -> dict[str, Any]:
            return {**document, "Parameters": {"owner": "[bob]", "new": "2"}}

        lake.catalog.tables.change("default", "t", other)
    return tmp_path


def changes(*arguments: str) -> set[tuple[str, str, str | None, str | None]]:
    found = json.loads(run("diff", "t", *arguments, "--json").stdout)["Changes"]
    rows = ((each["Kind"], each["Name"], each["Before"], each["After"]) for each in found)
    return {row for row in rows if row[1] != "transient_lastDdlTime"}


def test_columns_and_the_fields_inside_them_are_compared(folder: Path) -> None:
    assert changes("--from", "0", "--to", "1", "--data", str(folder)) == {
        ("column", "id", "int", "bigint"),
        ("column", "note", "string", None),
        ("column", "added", None, "string"),
        ("column", "item.b.element", "int", "bigint"),
        ("column", "item.c", None, "date"),
        ("column's comment", "id", None, "now wide"),
        ("columns' order", "", "id, item", "item, id"),
    }


def test_by_default_the_last_change_is_shown(folder: Path) -> None:
    assert changes("--data", str(folder)) == {
        ("parameter", "EXTERNAL", "TRUE", None),
        ("parameter", "gone", "1", None),
        ("parameter", "new", None, "2"),
        ("parameter", "owner", "ann", "[bob]"),
    }


def test_a_difference_is_drawn_as_lines(folder: Path) -> None:
    shown = run("diff", "t", "--data", str(folder)).stdout.splitlines()
    lines = [re.sub(" {2,}", "  ", line) for line in shown]
    assert lines[0] == "default.t  version 1 → 2"
    assert "  ~ owner  ann → [bob]" in lines
    assert "  + new  2" in lines
    assert "  - gone  1" in lines


def test_a_version_is_no_other_than_itself(folder: Path) -> None:
    shown = run("diff", "t", "--from", "1", "--to", "1", "--data", str(folder)).stdout
    assert "nothing differs" in shown


def test_an_unknown_version_names_those_that_are_kept(folder: Path) -> None:
    failed = run("diff", "t", "--from", "9", "--data", str(folder))
    assert failed.stderr == "error: there is no version 9; kept: 2, 1, 0\n"


def test_the_first_version_has_none_before_it(folder: Path) -> None:
    failed = run("diff", "t", "--to", "0", "--data", str(folder))
    assert failed.stderr == ("error: there is no version before version 0 to compare it with\n")


def test_a_type_that_hive_has_not_is_compared_by_its_text(folder: Path) -> None:
    with Lake(Settings(data=folder)) as lake:
        for of in ("union<int>", "union<int,date>"):
            columns = [{"Name": "a", "Type": of}]
            document = {"Name": "t", "StorageDescriptor": {"Columns": columns}}
            lake.catalog.tables.update("default", document)
    assert changes("--data", str(folder)) == {("column", "a", "union<int>", "union<int,date>")}
