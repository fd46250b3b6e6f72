"""The tables that recorded queries read: Parquet files with Trino's types in `tables.json`."""

import json
from datetime import UTC, date, datetime, time
from functools import cache
from pathlib import Path

from lakelet.config import Dialect
from lakelet.errors import TrinoError
from lakelet.model import Session
from lakelet.sql import Analysis, Emission, analyze, emit, parse_query
from lakelet.sql.metadata import ColumnMetadata, TableMetadata, TableName, Version
from lakelet.types.parsing import parse_type

FIXTURES = Path(__file__).parent / "fixtures"
CATALOG = "memory"


@cache
def tables() -> dict[TableName, TableMetadata]:
    """Every table by name."""
    schemas = json.loads((FIXTURES / "tables.json").read_text())
    found = {}
    for schema, columns_by_table in schemas.items():
        for table, columns in columns_by_table.items():
            name = TableName(CATALOG, schema, table)
            typed = tuple(ColumnMetadata(c, parse_type(of)) for c, of in columns.items())
            found[name] = TableMetadata(name, typed)
    return found


class Fixtures:
    """The catalogue of the tables."""

    def catalog_exists(self, catalog: str) -> bool:
        return catalog == CATALOG

    def schema_exists(self, catalog: str, schema: str) -> bool:
        return any((name.catalog, name.schema) == (catalog, schema) for name in tables())

    def relation(self, name: TableName) -> TableMetadata | None:
        return tables().get(name)

    def versioned(self, table: TableMetadata, version: Version) -> TableMetadata:
        message = "This connector does not support versioned tables"
        raise TrinoError("NOT_SUPPORTED", message)


def compile_query(
    text: str, schema: str, day: date | None = None, dialect: Dialect = "trino"
) -> tuple[Analysis, Emission]:
    """A query over the tables of a schema, ready to run on a day (today)."""
    start = datetime.combine(day, time(12), UTC) if day else None
    session = Session(catalog=CATALOG, database=schema, dialect=dialect, start=start)
    analysis = analyze(parse_query(text), Fixtures(), session)
    scans = {}
    for scan in analysis.scans:
        file = FIXTURES / scan.table.name.schema / f"{scan.table.name.table}.parquet"
        scans[scan.id] = f"read_parquet('{file}')"
    return analysis, emit(analysis, scans)
