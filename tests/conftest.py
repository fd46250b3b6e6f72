"""The real servers that tests of several rooms talk to."""

from collections.abc import Iterator

import pytest

from tests.minio import server


@pytest.fixture(scope="session")
def minio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[server.Minio]:
    """A real MinIO; tests that ask for it are skipped, saying why, where none can be had."""
    try:
        with server.running(tmp_path_factory.mktemp("minio")) as running:
            yield running
    except server.Unavailable as reason:
        pytest.skip(f"no MinIO: {reason}")
