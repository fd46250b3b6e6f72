from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from lakelet.services.s3 import S3
from lakelet.storage.local import LocalStorage
from tests.minio import server
from tests.services.s3 import direct
from tests.storage.lakes import local


@pytest.fixture
def theirs(minio: server.Minio) -> Any:
    """A client of MinIO."""
    return boto3.client(
        "s3",
        endpoint_url=minio.endpoint,
        region_name="us-east-1",
        aws_access_key_id=minio.access_key,
        aws_secret_access_key=minio.secret_key,
        config=direct.CONFIG,
    )


@pytest.fixture
def store(tmp_path: Path) -> Iterator[LocalStorage]:
    with local(tmp_path / "data") as opened:
        yield opened


@pytest.fixture
def s3(store: LocalStorage) -> Any:
    """A client of lakelet."""
    return direct.client(S3(store, store.database, "000000000000", "us-east-1"))
