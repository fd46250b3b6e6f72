"""A lake whose database takes no more: what is refused is not there, and what is there is read."""

import os
import time
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lakelet.storage.local import LocalStorage

FULL = ("XMinioStorageFull", 507)


@pytest.fixture
def full(store: LocalStorage, s3: Any) -> Any:
    """A client of a lake with one bucket, an object and a file that nobody has asked for yet."""
    s3.create_bucket(Bucket="lake")
    s3.put_object(Bucket="lake", Key="put", Body=b"x", Metadata={"a": "b" * 1900})
    dropped = Path(store.layout.objects) / "lake" / "dropped"
    dropped.write_bytes(b"dropped")
    os.utime(dropped, (time.time() - 60,) * 2)
    writer = store.database._writer
    [(pages,)] = writer.execute("PRAGMA page_count")
    writer.execute(f"PRAGMA max_page_count = {pages}")
    return s3


def _refused(operation: Any, **parameters: Any) -> tuple[str, int] | None:
    try:
        operation(**parameters)
    except ClientError as error:
        told = error.response
        return told["Error"]["Code"], told["ResponseMetadata"]["HTTPStatusCode"]
    return None


def test_a_bucket_that_is_refused_is_not_made(full: Any) -> None:
    made = []
    for name in (f"bucket-{number:060}" for number in count()):
        if _refused(full.create_bucket, Bucket=name):
            break
        made.append(name)
    assert [each["Name"] for each in full.list_buckets()["Buckets"]] == [*made, "lake"]


def test_an_upload_that_is_refused_leaves_no_folder(full: Any, store: LocalStorage) -> None:
    begun = 0
    while (refusal := _refused(full.create_multipart_upload, Bucket="lake", Key="k" * 900)) is None:
        begun += 1
    assert refusal == FULL
    assert len(os.listdir(store.layout.uploads)) == begun


def test_what_is_there_is_read_and_removed(full: Any) -> None:
    keys = (f"{number:0900}" for number in count())
    puts = ((_refused(full.put_object, Bucket="lake", Key=key, Body=b""), key) for key in keys)
    refusal, key = next(put for put in puts if put[0] is not None)
    assert refusal == FULL
    assert full.get_object(Bucket="lake", Key="dropped")["Body"].read() == b"dropped"
    assert full.list_objects_v2(Bucket="lake", Prefix="d")["KeyCount"] == 1
    assert key not in [each["Key"] for each in full.list_objects_v2(Bucket="lake")["Contents"]]
    full.delete_object(Bucket="lake", Key="put")
    assert _refused(full.head_object, Bucket="lake", Key="put") == ("404", 404)


def test_a_bucket_whose_tags_are_refused_is_not_made(s3: Any) -> None:
    said = {"Tags": [{"Key": "a", "Value": "b"}, {"Key": "a", "Value": "c"}]}
    assert _refused(s3.create_bucket, Bucket="tagged", CreateBucketConfiguration=said) is not None
    assert s3.list_buckets()["Buckets"] == []
