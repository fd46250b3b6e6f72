"""Calls to make alike against lakelet and a real MinIO; each yields what it was answered."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

Answers = Iterator[Any]
Scenario = Callable[[Any, str], Answers]

MB = 1 << 20


def call(operation: Callable[..., dict[str, Any]], **parameters: Any) -> dict[str, Any]:
    """An answer, or the error's code and status, without what differs from server to server."""
    try:
        answer = operation(**parameters)
    except ClientError as error:
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        return {"code": error.response["Error"]["Code"], "status": status}
    status = answer.pop("ResponseMetadata")["HTTPStatusCode"]
    body = answer.pop("Body", None)
    if body is not None:
        answer["Body"] = body.read()
    return {"status": status, **answer}


def putting_and_getting(s3: Any, bucket: str) -> Answers:
    yield call(s3.put_object, Bucket=bucket, Key="a", Body=b"hello")
    yield call(s3.get_object, Bucket=bucket, Key="a")
    yield call(s3.head_object, Bucket=bucket, Key="a")
    yield call(
        s3.put_object,
        Bucket=bucket,
        Key="b/c d",
        Body=b"",
        ContentType="text/csv",
        CacheControl="no-cache",
        ContentDisposition="inline",
        ContentEncoding="gzip",
        ContentLanguage="de",
        Metadata={"who": "me", "Case": "Kept Value"},
    )
    yield call(s3.get_object, Bucket=bucket, Key="b/c d")
    yield call(s3.get_object, Bucket=bucket, Key="none")
    yield call(s3.head_object, Bucket=bucket, Key="none")
    yield call(s3.get_object, Bucket="no-such-bucket", Key="a")
    yield call(s3.put_object, Bucket="no-such-bucket", Key="a", Body=b"")
    yield call(s3.delete_object, Bucket=bucket, Key="a")
    yield call(s3.delete_object, Bucket=bucket, Key="a")
    yield call(s3.delete_object, Bucket="no-such-bucket", Key="a")
    yield call(s3.get_object, Bucket=bucket, Key="a")


def overriding_headers(s3: Any, bucket: str) -> Answers:
    s3.put_object(Bucket=bucket, Key="a", Body=b"x")
    yield call(
        s3.get_object,
        Bucket=bucket,
        Key="a",
        ResponseContentType="text/x",
        ResponseCacheControl="none",
        ResponseContentDisposition="attachment",
        ResponseContentEncoding="identity",
        ResponseContentLanguage="fr",
    )


def reading_ranges(s3: Any, bucket: str) -> Answers:
    s3.put_object(Bucket=bucket, Key="a", Body=b"0123456789")
    s3.put_object(Bucket=bucket, Key="empty", Body=b"")
    for wanted in (
        "bytes=0-0",
        "bytes=2-5",
        "bytes=5-",
        "bytes=-3",
        "bytes=-30",
        "bytes=8-100",
        "bytes=10-",
        "bytes=100-200",
        "bytes=-0",
        "bytes=0-1,3-4",
        "bytes=",
        "bytes=a-b",
        "items=0-1",
        f"bytes=2-{10**18}",
        f"bytes=2-{'9' * 5000}",
    ):
        yield wanted, call(s3.get_object, Bucket=bucket, Key="a", Range=wanted)
        yield wanted, call(s3.head_object, Bucket=bucket, Key="a", Range=wanted)
    yield call(s3.get_object, Bucket=bucket, Key="empty", Range="bytes=0-0")


def conditional_reads(s3: Any, bucket: str) -> Answers:
    tag = s3.put_object(Bucket=bucket, Key="a", Body=b"x")["ETag"]
    now = datetime.now(UTC)
    past, future = now - timedelta(days=1), now + timedelta(days=1)
    for condition in (
        {"IfMatch": tag},
        {"IfMatch": tag.strip('"')},
        {"IfMatch": '"other"'},
        {"IfNoneMatch": tag},
        {"IfNoneMatch": '"other"'},
        {"IfModifiedSince": past},
        {"IfUnmodifiedSince": past},
        {"IfUnmodifiedSince": future},
        {"IfMatch": tag, "IfUnmodifiedSince": past},
        {"IfNoneMatch": '"other"', "IfModifiedSince": now + timedelta(seconds=-5)},
    ):
        yield condition.keys(), call(s3.get_object, Bucket=bucket, Key="a", **condition)
        yield condition.keys(), call(s3.head_object, Bucket=bucket, Key="a", **condition)


def conditional_writes(s3: Any, bucket: str) -> Answers:
    yield call(s3.put_object, Bucket=bucket, Key="a", Body=b"1", IfNoneMatch="*")
    yield call(s3.put_object, Bucket=bucket, Key="a", Body=b"2", IfNoneMatch="*")
    tag = s3.head_object(Bucket=bucket, Key="a")["ETag"]
    yield call(s3.put_object, Bucket=bucket, Key="a", Body=b"3", IfMatch=tag)
    yield call(s3.put_object, Bucket=bucket, Key="a", Body=b"4", IfMatch=tag)
    yield call(s3.get_object, Bucket=bucket, Key="a")
    yield call(s3.put_object, Bucket=bucket, Key="none", Body=b"5", IfMatch=tag)


def listing(s3: Any, bucket: str) -> Answers:
    for key in ("a", "a-b", "a b", "b/", "b/c", "b/d/e", "ü", "x+y", "z%41", "Z"):
        s3.put_object(Bucket=bucket, Key=key, Body=key.encode())
    for where in (
        {},
        {"Prefix": "a"},
        {"Prefix": "b/"},
        {"Delimiter": "/"},
        {"Prefix": "b/", "Delimiter": "/"},
        {"Prefix": "none"},
        {"Delimiter": "b"},
        {"Prefix": "a", "Delimiter": "b"},
        {"MaxKeys": 0},
        {"MaxKeys": 3},
        {"MaxKeys": 3, "Delimiter": "/"},
        {"EncodingType": "url"},
        {"Prefix": "a ", "EncodingType": "url"},
    ):
        yield where, call(s3.list_objects_v2, Bucket=bucket, **where)
        yield where, call(s3.list_objects, Bucket=bucket, **where)
    for after in ("a", "b/", "b/c", "zzz"):
        for more in ({}, {"Delimiter": "/"}):
            yield after, call(s3.list_objects_v2, Bucket=bucket, StartAfter=after, **more)
            yield after, call(s3.list_objects, Bucket=bucket, Marker=after, **more)
    yield call(s3.list_objects_v2, Bucket=bucket, FetchOwner=True, Prefix="Z")
    yield call(s3.list_objects_v2, Bucket="no-such-bucket")
    yield call(s3.list_objects, Bucket="no-such-bucket")
    yield call(s3.list_objects_v2, Bucket=bucket, MaxKeys=-1)
    yield call(s3.list_objects_v2, Bucket=bucket, EncodingType="base64")


def paging(s3: Any, bucket: str) -> Answers:
    keys = [f"{folder}/{number}" for folder in "abc" for number in range(4)] + ["d", "e"]
    for key in keys:
        s3.put_object(Bucket=bucket, Key=key, Body=b"")
    for operation in ("list_objects_v2", "list_objects"):
        for delimiter in ("", "/"):
            pages = s3.get_paginator(operation).paginate(
                Bucket=bucket, Delimiter=delimiter, PaginationConfig={"PageSize": 2}
            )
            # MinIO may add a page that is empty, so the pages are joined
            found = [
                item.get("Key") or item["Prefix"]
                for page in pages
                for item in [*page.get("Contents", ()), *page.get("CommonPrefixes", ())]
            ]
            yield found


def deleting_many(s3: Any, bucket: str) -> Answers:
    for key in ("a", "d/b", "c"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"")
    objects = [{"Key": key} for key in ("a", "none", "d/b")]
    yield call(s3.delete_objects, Bucket=bucket, Delete={"Objects": objects})
    quiet = {"Objects": [{"Key": "c"}], "Quiet": True}
    yield call(s3.delete_objects, Bucket=bucket, Delete=quiet)
    yield call(s3.list_objects_v2, Bucket=bucket)
    yield call(s3.delete_objects, Bucket="no-such-bucket", Delete=quiet)
    many = [{"Key": str(number)} for number in range(1001)]
    yield call(s3.delete_objects, Bucket=bucket, Delete={"Objects": many})


def copying(s3: Any, bucket: str) -> Answers:
    tag = s3.put_object(
        Bucket=bucket, Key="a/b c", Body=b"data", ContentType="text/csv", Metadata={"k": "v"}
    )["ETag"]
    source = {"Bucket": bucket, "Key": "a/b c"}
    yield call(s3.copy_object, Bucket=bucket, Key="copy", CopySource=source)
    yield call(s3.get_object, Bucket=bucket, Key="copy")
    replaced = {"MetadataDirective": "REPLACE", "Metadata": {"n": "w"}, "ContentType": "text/x"}
    yield call(s3.copy_object, Bucket=bucket, Key="new", CopySource=source, **replaced)
    yield call(s3.get_object, Bucket=bucket, Key="new")
    yield call(s3.copy_object, Bucket=bucket, Key="a/b c", CopySource=source)
    yield call(s3.copy_object, Bucket=bucket, Key="a/b c", CopySource=source, **replaced)
    yield call(s3.head_object, Bucket=bucket, Key="a/b c")
    for condition in (
        {"CopySourceIfMatch": tag},
        {"CopySourceIfMatch": '"other"'},
        {"CopySourceIfNoneMatch": tag},
        {"CopySourceIfNoneMatch": '"other"'},
    ):
        yield call(s3.copy_object, Bucket=bucket, Key="if", CopySource=source, **condition)
    missing = {"Bucket": bucket, "Key": "none"}
    yield call(s3.copy_object, Bucket=bucket, Key="x", CopySource=missing)
    nowhere = {"Bucket": "no-such-bucket", "Key": "none"}
    yield call(s3.copy_object, Bucket=bucket, Key="x", CopySource=nowhere)
    yield call(s3.copy_object, Bucket="no-such-bucket", Key="x", CopySource=source)


def uploading_in_parts(s3: Any, bucket: str) -> Answers:
    where = {"Bucket": bucket, "Key": "big"}
    upload = s3.create_multipart_upload(**where, ContentType="text/csv", Metadata={"k": "v"})
    named = {**where, "UploadId": upload["UploadId"]}
    first = s3.upload_part(**named, PartNumber=1, Body=b"a" * (5 * MB))
    last = s3.upload_part(**named, PartNumber=2, Body=b"b" * 10)
    yield call(s3.upload_part, **named, PartNumber=10001, Body=b"")
    for page in ({}, {"MaxParts": 1}, {"PartNumberMarker": 1}):
        listed = call(s3.list_parts, **named, **page)
        yield listed["Parts"], listed["IsTruncated"], listed["PartNumberMarker"]
    yield call(s3.get_object, **where)
    parts = [
        {"PartNumber": 1, "ETag": first["ETag"]},
        {"PartNumber": 2, "ETag": last["ETag"]},
    ]
    for wrong in (
        parts[::-1],
        [*parts, {"PartNumber": 8, "ETag": last["ETag"]}],
        [{"PartNumber": 1, "ETag": last["ETag"]}],
    ):
        yield call(s3.complete_multipart_upload, **named, MultipartUpload={"Parts": wrong})
    done = call(s3.complete_multipart_upload, **named, MultipartUpload={"Parts": parts})
    done.pop("Location", None)
    yield done
    yield call(s3.head_object, **where)
    for number in (1, 2, 3):
        yield call(s3.head_object, **where, PartNumber=number)
    yield call(s3.get_object, **where, PartNumber=2)
    yield call(s3.get_object, **where, Range=f"bytes={5 * MB - 1}-{5 * MB}")
    yield call(s3.list_parts, **named)


def small_parts(s3: Any, bucket: str) -> Answers:
    where = {"Bucket": bucket, "Key": "big"}
    named = {**where, "UploadId": s3.create_multipart_upload(**where)["UploadId"]}
    parts = [
        {"PartNumber": n, "ETag": s3.upload_part(**named, PartNumber=n, Body=b"x")["ETag"]}
        for n in (1, 2)
    ]
    yield call(s3.complete_multipart_upload, **named, MultipartUpload={"Parts": parts})
    yield call(s3.abort_multipart_upload, **named)
    yield call(s3.upload_part, **named, PartNumber=1, Body=b"x")
    yield call(s3.head_object, **where)
    yield call(s3.create_multipart_upload, Bucket="no-such-bucket", Key="x")


def parts_by_copy(s3: Any, bucket: str) -> Answers:
    s3.put_object(Bucket=bucket, Key="source", Body=bytes(range(256)) * 24 * 1024)
    where = {"Bucket": bucket, "Key": "copy"}
    named = {**where, "UploadId": s3.create_multipart_upload(**where)["UploadId"]}
    source = {"CopySource": {"Bucket": bucket, "Key": "source"}}
    one = call(s3.upload_part_copy, **named, PartNumber=1, **source)
    yield one
    two = call(
        s3.upload_part_copy, **named, PartNumber=2, CopySourceRange="bytes=256-512", **source
    )
    yield two
    yield call(
        s3.upload_part_copy, **named, PartNumber=3, CopySourceRange="bytes=0-99999999", **source
    )
    yield call(s3.upload_part_copy, **named, PartNumber=3, CopySourceRange="bytes=5-", **source)
    parts = [
        {"PartNumber": number, "ETag": answer["CopyPartResult"]["ETag"]}
        for number, answer in ((1, one), (2, two))
    ]
    done = call(s3.complete_multipart_upload, **named, MultipartUpload={"Parts": parts})
    done.pop("Location", None)
    yield done
    yield call(s3.head_object, **where)


def listing_uploads(s3: Any, bucket: str) -> Answers:
    s3.create_multipart_upload(Bucket=bucket, Key="p/a")
    answer = call(s3.list_multipart_uploads, Bucket=bucket, Prefix="p/a")
    yield [upload["Key"] for upload in answer["Uploads"]], answer["IsTruncated"]
    yield call(s3.list_multipart_uploads, Bucket="no-such-bucket")


def checksums(s3: Any, bucket: str) -> Answers:
    for algorithm in ("CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"):
        put = call(
            s3.put_object, Bucket=bucket, Key=algorithm, Body=b"data", ChecksumAlgorithm=algorithm
        )
        yield algorithm, put
        yield call(s3.head_object, Bucket=bucket, Key=algorithm, ChecksumMode="ENABLED")
        yield call(s3.head_object, Bucket=bucket, Key=algorithm)
        yield call(
            s3.get_object, Bucket=bucket, Key=algorithm, Range="bytes=0-1", ChecksumMode="ENABLED"
        )
        known = {f"Checksum{algorithm}": put[f"Checksum{algorithm}"]}
        yield call(s3.put_object, Bucket=bucket, Key="ok", Body=b"data", **known)
        wrong = call(s3.put_object, Bucket=bucket, Key="wrong", Body=b"other", **known)
        yield wrong["status"]  # BadDigest on AWS, XAmzContentChecksumMismatch on MinIO
    yield call(s3.head_object, Bucket=bucket, Key="wrong")


def digests(s3: Any, bucket: str) -> Answers:
    put = {"Bucket": bucket, "Key": "x", "Body": b"hello"}
    yield call(s3.put_object, **put, ContentMD5="XUFAKrxLKna5cZ2REBfFkg==")
    yield call(s3.put_object, **put, ContentMD5="AAAAAAAAAAAAAAAAAAAAAA==")
    yield call(s3.put_object, **put, ContentMD5="short")


def checksums_of_parts(s3: Any, bucket: str) -> Answers:
    for algorithm, kind in (
        ("CRC32", "COMPOSITE"),
        ("CRC32", "FULL_OBJECT"),
        ("CRC64NVME", "FULL_OBJECT"),
        ("SHA256", "COMPOSITE"),
    ):
        where = {"Bucket": bucket, "Key": f"{algorithm}-{kind}"}
        upload = s3.create_multipart_upload(**where, ChecksumAlgorithm=algorithm, ChecksumType=kind)
        named = {**where, "UploadId": upload["UploadId"]}
        member, parts = f"Checksum{algorithm}", []
        for number, body in ((1, b"a" * (5 * MB)), (2, b"b")):
            part = s3.upload_part(
                **named, PartNumber=number, Body=body, ChecksumAlgorithm=algorithm
            )
            parts.append({"PartNumber": number, "ETag": part["ETag"], member: part[member]})
        yield parts
        done = call(s3.complete_multipart_upload, **named, MultipartUpload={"Parts": parts})
        done.pop("Location", None)
        done.pop("ChecksumType", None)  # MinIO says it only when asked for the object
        yield done
        yield call(s3.head_object, **where, ChecksumMode="ENABLED")


def tagging(s3: Any, bucket: str) -> Answers:
    yield call(s3.put_object, Bucket=bucket, Key="a", Body=b"", Tagging="x=1&y=a%20b")
    yield call(s3.get_object_tagging, Bucket=bucket, Key="a")
    yield call(s3.head_object, Bucket=bucket, Key="a")
    tags = [{"Key": "k", "Value": "v"}]
    yield call(s3.put_object_tagging, Bucket=bucket, Key="a", Tagging={"TagSet": tags})
    yield call(s3.get_object_tagging, Bucket=bucket, Key="a")
    yield call(s3.put_object_tagging, Bucket=bucket, Key="a", Tagging={"TagSet": tags * 2})
    many = [{"Key": str(number), "Value": ""} for number in range(11)]
    yield call(s3.put_object_tagging, Bucket=bucket, Key="a", Tagging={"TagSet": many})
    long = [{"Key": "k" * 129, "Value": ""}]
    yield call(s3.put_object_tagging, Bucket=bucket, Key="a", Tagging={"TagSet": long})
    yield call(s3.delete_object_tagging, Bucket=bucket, Key="a")
    yield call(s3.get_object_tagging, Bucket=bucket, Key="a")
    yield call(s3.get_object_tagging, Bucket=bucket, Key="none")


def tags_of_a_bucket(s3: Any, bucket: str) -> Answers:
    yield call(s3.get_bucket_tagging, Bucket=bucket)
    tags = {"TagSet": [{"Key": "k", "Value": "v"}]}
    yield call(s3.put_bucket_tagging, Bucket=bucket, Tagging=tags)
    yield call(s3.get_bucket_tagging, Bucket=bucket)
    yield call(s3.delete_bucket_tagging, Bucket=bucket)
    yield call(s3.get_bucket_tagging, Bucket=bucket)


def what_is_not_set_on_a_bucket(s3: Any, bucket: str) -> Answers:
    yield call(s3.get_bucket_policy, Bucket=bucket)
    yield call(s3.get_bucket_lifecycle_configuration, Bucket=bucket)
    yield call(s3.get_bucket_encryption, Bucket=bucket)
    yield call(s3.get_object_lock_configuration, Bucket=bucket)
    yield call(s3.get_bucket_replication, Bucket=bucket)
    yield call(s3.get_bucket_versioning, Bucket=bucket)
    yield call(s3.get_bucket_policy, Bucket="no-such-bucket")


def buckets(s3: Any, bucket: str) -> Answers:
    yield call(s3.head_bucket, Bucket=bucket)["status"]
    yield call(s3.head_bucket, Bucket="no-such-bucket")
    s3.put_object(Bucket=bucket, Key="a/b", Body=b"")
    yield call(s3.delete_bucket, Bucket=bucket)
    s3.delete_object(Bucket=bucket, Key="a/b")
    yield call(s3.delete_bucket, Bucket=bucket)
    yield call(s3.delete_bucket, Bucket=bucket)
    s3.create_bucket(Bucket=bucket)


def attributes(s3: Any, bucket: str) -> Answers:
    s3.put_object(Bucket=bucket, Key="a", Body=b"data", ChecksumAlgorithm="SHA256")
    wanted = ["ETag", "Checksum", "StorageClass", "ObjectSize"]
    yield call(s3.get_object_attributes, Bucket=bucket, Key="a", ObjectAttributes=wanted)
    yield call(s3.get_object_attributes, Bucket=bucket, Key="none", ObjectAttributes=wanted)


SCENARIOS: tuple[Scenario, ...] = (
    putting_and_getting,
    overriding_headers,
    reading_ranges,
    conditional_reads,
    conditional_writes,
    listing,
    paging,
    deleting_many,
    copying,
    uploading_in_parts,
    small_parts,
    parts_by_copy,
    listing_uploads,
    checksums,
    digests,
    checksums_of_parts,
    tagging,
    tags_of_a_bucket,
    what_is_not_set_on_a_bucket,
    buckets,
    attributes,
)
