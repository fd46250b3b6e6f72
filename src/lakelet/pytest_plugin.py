"""Fixtures for tests of programs that use a data lake.

`lakelet` is an empty lake for one test, which every boto3 client of the process talks to;
`lakelet_server` is the address of one on a socket of its own; `s3_client`, `glue_client` and
`athena_client` are boto3's clients of the former. lakelet is imported when a fixture is first
used: pytest loads plugins before coverage is measured.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from lakelet.lake import Lake

_KEYS = {"aws_access_key_id": "lakelet", "aws_secret_access_key": "lakelet"}


@pytest.fixture(scope="session")
def _lakelet_lake() -> Iterator["Lake"]:
    """The lake that the tests of a process take turns with."""
    from lakelet.lake import Lake

    with Lake() as lake:
        yield lake


@pytest.fixture
def lakelet(_lakelet_lake: "Lake") -> Iterator["Lake"]:
    """An empty lake, which all AWS clients of this process talk to with no socket between."""
    from lakelet.patching import patched

    _lakelet_lake.reset()
    with patched(_lakelet_lake):
        yield _lakelet_lake


@pytest.fixture
def lakelet_server() -> Iterator[str]:
    """The address of an empty lake's own server, for clients that bring their own HTTP."""
    from lakelet import __version__
    from lakelet.config import Settings
    from lakelet.lake import Lake
    from lakelet.server.serving import serving

    with Lake(Settings(port=0)) as lake, serving(lake, __version__) as address:
        yield address


@pytest.fixture
def s3_client(lakelet: "Lake") -> Any:
    """boto3's S3 client of the `lakelet` fixture."""
    return _client("s3", lakelet)


@pytest.fixture
def glue_client(lakelet: "Lake") -> Any:
    """boto3's Glue client of the `lakelet` fixture."""
    return _client("glue", lakelet)


@pytest.fixture
def athena_client(lakelet: "Lake") -> Any:
    """boto3's Athena client of the `lakelet` fixture."""
    return _client("athena", lakelet)


def _client(service: str, lake: "Lake") -> Any:
    from lakelet.errors import Unsupported

    try:
        import boto3
    except ModuleNotFoundError as error:
        raise Unsupported("boto3's clients need an extra: pip install 'lakelet[aws]'") from error
    return boto3.client(service, region_name=lake.settings.region, **_KEYS)
