"""The same calls to lakelet and to a real MinIO have the same answers."""

import uuid
from collections.abc import Mapping
from typing import Any

import pytest

from tests.services.s3.scenarios import SCENARIOS, Scenario

pytestmark = pytest.mark.minio

SERVERS_OWN = {
    "AbortDate",
    "ContinuationToken",
    "Initiator",
    "LastModified",
    "NextContinuationToken",
    "NextMarker",  # MinIO writes its cache's mark into it
    "Owner",
    "UploadId",
    "VersionId",
}
"""What differs from server to server and from call to call."""


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
def test_lakelet_answers_as_minio(s3: Any, theirs: Any, scenario: Scenario) -> None:
    bucket = f"b-{uuid.uuid4().hex}"
    s3.create_bucket(Bucket=bucket)
    theirs.create_bucket(Bucket=bucket)
    wanted = [comparable(answer) for answer in scenario(theirs, bucket)]
    assert [comparable(answer) for answer in scenario(s3, bucket)] == wanted


def comparable(answer: Any) -> Any:
    """An answer without what is a server's own, and without the CRC-64/NVME that S3 adds to every
    object since 2024-12 and MinIO adds to none."""
    if isinstance(answer, Mapping):
        added = "CRC64NVME" in answer.get("ChecksumAlgorithm", ()) or "ChecksumCRC64NVME" in answer
        return {
            name: comparable(value)
            for name, value in answer.items()
            if name not in SERVERS_OWN and not (added and name.startswith("Checksum"))
        }
    if isinstance(answer, list | tuple):
        return [comparable(item) for item in answer]
    return answer
