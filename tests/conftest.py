"""What tests of several rooms share: the real servers, and how hypothesis runs."""

from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.minio import server

# A test is not a clock: on a busy machine any example can be slow. The same examples come every
# time, so that a change fails for what it does; `--hypothesis-profile=search` looks for others.
settings.register_profile("lakelet", deadline=None, derandomize=True)
settings.register_profile("search", deadline=None)
settings.load_profile("lakelet")


@pytest.fixture(scope="session")
def minio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[server.Minio]:
    """A real MinIO; tests that ask for it are skipped, saying why, where none can be had."""
    try:
        with server.running(tmp_path_factory.mktemp("minio")) as running:
            yield running
    except server.Unavailable as reason:
        pytest.skip(f"no MinIO: {reason}")
