"""Random requests to lakelet and to a real MinIO have the same answers (see `fuzz`)."""

from collections.abc import Iterator

import pytest

from lakelet.config import Settings
from lakelet.lake import Lake
from lakelet.server.serving import serving
from tests.minio import server
from tests.services.s3.fuzz.quirks import before_it
from tests.services.s3.fuzz.running import differences, made, shortest
from tests.services.s3.fuzz.sending import Server

pytestmark = pytest.mark.minio


@pytest.fixture(scope="module")
def ours() -> Iterator[Server]:
    with Lake(Settings(port=0)) as lake, serving(lake, "test") as address:
        one = Server(address, "id", "key")
        yield one
        one.close()


@pytest.fixture(scope="module")
def theirs(minio: server.Minio) -> Iterator[Server]:
    other = Server(minio.endpoint, minio.access_key, minio.secret_key)
    yield other
    other.close()


@pytest.mark.parametrize("seed", range(0, 120, 20))
def test_random_requests_are_answered_as_by_minio(ours: Server, theirs: Server, seed: int) -> None:
    for each in range(seed, seed + 20):
        found = differences(ours, theirs, made(each))
        assert not found, shortest(ours, theirs, found[0])


def test_a_lake_before_minio_hands_everything_on_and_back(
    minio: server.Minio, theirs: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", minio.access_key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", minio.secret_key)
    settings = Settings(port=0, storage="s3://", storage_endpoint=minio.endpoint)
    with Lake(settings) as lake, serving(lake, "test") as address:
        before = Server(address, "id", "key")
        for seed in range(50):
            assert not differences(before, theirs, made(seed), before_it)
        before.close()
