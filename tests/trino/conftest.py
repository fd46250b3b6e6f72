"""A real Trino over a lake; both are one for the session."""

import re
from collections.abc import Iterator

import pytest

import lakelet
from lakelet.server.serving import serving
from tests.trino import server
from tests.trino.tarball import Unavailable


@pytest.fixture(scope="session")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[lakelet.Lake]:
    data = tmp_path_factory.mktemp("lake")
    with lakelet.Lake(lakelet.Settings(data=data, port=0, dialect="trino")) as opened:
        opened.storage.create_bucket(server.WAREHOUSE)
        yield opened


@pytest.fixture(scope="session")
def trino(lake: lakelet.Lake, tmp_path_factory: pytest.TempPathFactory) -> Iterator[server.Trino]:
    """Tests that ask for it are skipped, saying why, where no Trino can be had."""
    with serving(lake, lakelet.__version__) as address:
        try:
            with server.running(address, tmp_path_factory.mktemp("trino")) as running:
                yield running
        except Unavailable as reason:
            pytest.skip(f"no Trino: {reason}")


@pytest.fixture
def glue(trino: server.Trino) -> object:
    import boto3

    keys = {"aws_access_key_id": "lake", "aws_secret_access_key": "lake"}
    return boto3.client("glue", endpoint_url=trino.lake, region_name="us-east-1", **keys)


@pytest.fixture
def schema(trino: server.Trino, request: pytest.FixtureRequest) -> str:
    """A new schema for a test."""
    name = re.sub(r"\W+", "_", request.node.name).lower().strip("_")
    trino.run(f"CREATE SCHEMA awsdatacatalog.{name}")
    return name
