"""pyiceberg's GlueCatalog, unmodified, over a lake on a socket."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import pyarrow
import pytest
from pyiceberg import catalog as catalogs
from pyiceberg import exceptions

pytestmark = pytest.mark.filterwarnings("ignore")
KEYS = {"access-key-id": "lake", "secret-access-key": "lake", "region": "us-east-1"}
ROWS = pyarrow.table({"id": [1, 2, 3], "name": ["a", "b", None]})


@pytest.fixture
def catalog(lakelet_server: str) -> Any:
    """A catalogue with the namespace `db`, whose tables lie in the bucket `warehouse`."""
    keys = {"aws_access_key_id": "lake", "aws_secret_access_key": "lake"}
    s3 = boto3.client("s3", endpoint_url=lakelet_server, region_name="us-east-1", **keys)
    s3.create_bucket(Bucket="warehouse")
    found = catalogs.load_catalog(
        "glue",
        type="glue",
        warehouse="s3://warehouse/",
        **{f"glue.{name}": value for name, value in KEYS.items()},
        **{f"s3.{name}": value for name, value in KEYS.items()},
        **{"glue.endpoint": lakelet_server, "s3.endpoint": lakelet_server},
    )
    found.create_namespace("db", {"comment": "of tests"})
    return found


def test_a_table_is_made_written_changed_and_dropped(catalog: Any) -> None:
    table = catalog.create_table("db.t", schema=ROWS.schema, properties={"owner": "me"})
    table.append(ROWS)
    table.append(ROWS.slice(0, 1))
    with table.update_schema() as update:
        update.add_column("price", catalogs_types().DoubleType(), doc="in euros")
    table.overwrite(pyarrow.table({"id": [9], "name": ["z"], "price": [1.5]}))
    found = catalog.load_table("db.t")
    assert found.scan().to_arrow().to_pylist() == [{"id": 9, "name": "z", "price": 1.5}]
    assert len(found.history()) == 4
    assert found.scan(snapshot_id=found.history()[0].snapshot_id).to_arrow().num_rows == 3
    catalog.rename_table("db.t", "db.u")
    assert catalog.list_tables("db") == [("db", "u")]
    catalog.drop_table("db.u")
    with pytest.raises(exceptions.NoSuchTableError):
        catalog.load_table("db.u")


def catalogs_types() -> Any:
    from pyiceberg import types

    return types


def test_namespaces_keep_their_properties(catalog: Any) -> None:
    catalog.update_namespace_properties("db", updates={"a": "b"})
    assert catalog.load_namespace_properties("db") == {"comment": "of tests", "a": "b"}
    assert ("db",) in catalog.list_namespaces()
    with pytest.raises(exceptions.NamespaceAlreadyExistsError):
        catalog.create_namespace("db")
    catalog.create_table("db.t", schema=ROWS.schema)
    with pytest.raises(exceptions.NamespaceNotEmptyError):
        catalog.drop_namespace("db")
    catalog.drop_table("db.t")
    catalog.drop_namespace("db")
    with pytest.raises(exceptions.NoSuchNamespaceError):
        catalog.load_namespace_properties("db")


def test_commits_at_once_are_not_lost(catalog: Any) -> None:
    """Glue's VersionId is the lock: who comes second is told so, and nobody is overwritten."""
    catalog.create_table("db.t", schema=ROWS.schema)

    def append(_: int) -> int:
        try:
            catalog.load_table("db.t").append(ROWS)
        except exceptions.CommitFailedException:
            return 0
        return 1

    with ThreadPoolExecutor(4) as pool:
        kept = sum(pool.map(append, range(8)))
    assert kept
    assert catalog.load_table("db.t").scan().to_arrow().num_rows == kept * ROWS.num_rows
