from typing import Any

import pytest


@pytest.fixture
def athena(athena_client: Any, s3_client: Any) -> Any:
    """Athena with a bucket for results."""
    s3_client.create_bucket(Bucket="results")
    return athena_client
