"""What the engine needs from a store: DuckDB reads a remote store's objects in place."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lakelet.engines.duckdb import DuckDb
from lakelet.errors import LakeletError
from lakelet.model import Finished
from lakelet.storage.remote import Backend, RemoteStorage
from tests.minio.server import Minio

pytestmark = pytest.mark.minio


@pytest.fixture
def backend(minio: Minio) -> Backend:
    return Backend(minio.endpoint, "us-east-1", minio.access_key, minio.secret_key)


def test_duckdb_reads_an_object_by_its_url(backend: Backend, tmp_path: Path) -> None:
    storage = RemoteStorage(backend, tmp_path)
    storage.create_bucket("engine-reads")
    file = tmp_path / "x.parquet"
    pq.write_table(pa.table({"n": pa.array(range(1000))}), file)
    storage.adopt([Finished(file, "engine-reads", "t/p=1/x y.parquet")])
    url = storage.url("engine-reads", "t/p=1/x y.parquet")
    instance = DuckDb(backend=backend)
    try:
        answer = instance.execute(f"SELECT sum(n) AS n FROM read_parquet(['{url}'])").read_all()
        assert answer.to_pylist() == [{"n": 499500}]
        with pytest.raises(LakeletError):
            instance.execute("SELECT * FROM read_text('/etc/passwd')").read_all()
    finally:
        instance.close()


def test_an_instance_without_a_server_reads_no_url(minio: Minio) -> None:
    instance = DuckDb()
    try:
        with pytest.raises(LakeletError):
            instance.execute(f"SELECT * FROM read_csv('{minio.endpoint}/x/y.csv')").read_all()
    finally:
        instance.close()
