from collections.abc import Iterator
from pathlib import Path

import pytest

from lakelet.storage.local import LocalStorage
from tests.minio import server
from tests.storage.lakes import local


@pytest.fixture
def store(tmp_path: Path) -> Iterator[LocalStorage]:
    """An embedded store with the bucket `lake`."""
    with local(tmp_path / "data") as opened:
        opened.create_bucket("lake")
        yield opened


@pytest.fixture(scope="session")
def minio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[server.Minio]:
    try:
        with server.running(tmp_path_factory.mktemp("minio")) as running:
            yield running
    except server.Unavailable as reason:
        pytest.skip(f"no MinIO: {reason}")
