from collections.abc import Iterator
from pathlib import Path

import pytest

from lakelet.catalog.catalog import GlueCatalog
from lakelet.catalog.schema import SCHEMA
from lakelet.database import Database

ACCOUNT = "000000000000"


@pytest.fixture(params=["file", "memory"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database of each kind."""
    opened = Database(tmp_path / "lake.db" if request.param == "file" else None, [SCHEMA])
    yield opened
    opened.close()


@pytest.fixture
def catalog(database: Database) -> GlueCatalog:
    """A catalogue with the database `sales`."""
    made = GlueCatalog(database, ACCOUNT)
    made.databases.create({"Name": "sales"})
    return made
