"""TPC-H over tables of the catalogue: names, types and rows are Trino's recorded answers."""

from collections.abc import Iterator
from pathlib import Path

import pytest

import lakelet
from lakelet.types.hive import to_hive
from lakelet.types.parsing import parse_type
from tests.sql.cases import Case, read
from tests.sql.comparing import canonical, rows_differ
from tests.sql.tables import FIXTURES, tables

TPCH = FIXTURES / "tpch"
CASES = [each for each in read(Path(__file__).parents[1] / "sql/queries/tpch.test")]


@pytest.fixture(scope="module")
def connection() -> Iterator[lakelet.Connection]:
    with lakelet.Lake(lakelet.Settings(dialect="trino")) as lake:
        lake.storage.create_bucket("tpch")
        opened = lakelet.connect(lake, database="tpch")
        opened.cursor().execute("CREATE DATABASE tpch")
        for name, table in tables().items():
            if name.schema == "tpch":
                data = (TPCH / f"{name.table}.parquet").read_bytes()
                lake.storage.write("tpch", f"{name.table}/part-0.parquet", data)
                columns = ", ".join(f"`{c.name}` {to_hive(c.type)}" for c in table.columns)
                opened.cursor().execute(
                    f"CREATE EXTERNAL TABLE {name.table} ({columns}) STORED AS PARQUET"
                    f" LOCATION 's3://tpch/{name.table}/'"
                )
        yield opened


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"line {case.line}")
def test_a_query_answers_as_trino_does(case: Case, connection: lakelet.Connection) -> None:
    cursor = connection.cursor().execute(case.query)
    described = cursor.description or ()
    assert [column[0] for column in described] == list(case.answer.names)
    assert [column[1] for column in described] == list(case.answer.types)
    types = [parse_type(each) for each in case.answer.types]
    recorded, answered = (
        [[canonical(value, of) for value, of in zip(row, types, strict=True)] for row in rows]
        for rows in (case.answer.rows, cursor.fetchall())
    )
    assert not rows_differ(recorded, answered, in_order=not case.rowsort)
