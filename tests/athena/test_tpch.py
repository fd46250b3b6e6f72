"""TPC-H over tables of the catalogue: names, types and rows are Trino's recorded answers."""

import re
from collections.abc import Iterator, Sequence
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
def declared() -> Iterator[lakelet.Connection]:
    """Tables made by CREATE EXTERNAL TABLE, with Trino's types."""
    with lakelet.Lake(lakelet.Settings(dialect="trino")) as lake:
        _put_files(lake)
        opened = lakelet.connect(lake, database="tpch")
        opened.cursor().execute("CREATE DATABASE tpch")
        for name, table in tables().items():
            if name.schema == "tpch":
                columns = ", ".join(f"`{c.name}` {to_hive(c.type)}" for c in table.columns)
                opened.cursor().execute(
                    f"CREATE EXTERNAL TABLE {name.table} ({columns}) STORED AS PARQUET"
                    f" LOCATION 's3://tpch/{name.table}/'"
                )
        yield opened


@pytest.fixture(scope="module")
def crawled() -> Iterator[lakelet.Connection]:
    """Tables that a crawler finds: every text is a string, for a file does not know its length."""
    with lakelet.Lake(lakelet.Settings(dialect="trino")) as lake:
        _put_files(lake)
        target = {"S3Targets": [{"Path": "s3://tpch/"}]}
        crawler = {"Name": "c", "Role": "r", "DatabaseName": "tpch", "Targets": target}
        lake.catalog.crawlers.create(crawler)
        lake.crawlers.run("c")
        yield lakelet.connect(lake, database="tpch")


def _put_files(lake: lakelet.Lake) -> None:
    lake.storage.create_bucket("tpch")
    for file in TPCH.glob("*.parquet"):
        lake.storage.write("tpch", f"{file.stem}/part-0.parquet", file.read_bytes())


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"line {case.line}")
def test_a_query_answers_as_trino_does(case: Case, declared: lakelet.Connection) -> None:
    _check(case, declared, case.answer.types)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"line {case.line}")
def test_a_query_over_crawled_tables_answers_as_trino_does(
    case: Case, crawled: lakelet.Connection
) -> None:
    _check(case, crawled, [re.sub(r"char\(\d+\)", "char", each) for each in case.answer.types])


def _check(case: Case, connection: lakelet.Connection, shown: Sequence[str]) -> None:
    cursor = connection.cursor().execute(case.query)
    described = cursor.description or ()
    assert [column[0] for column in described] == list(case.answer.names)
    assert [column[1] for column in described] == list(shown)
    types = [parse_type(each) for each in case.answer.types]
    recorded, answered = (
        [[canonical(value, of) for value, of in zip(row, types, strict=True)] for row in rows]
        for rows in (case.answer.rows, cursor.fetchall())
    )
    assert not rows_differ(recorded, answered, in_order=not case.rowsort)
