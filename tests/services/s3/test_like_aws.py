"""Where MinIO differs from S3 or has nothing to say: S3's API reference and user guide."""

import base64
import hashlib
import io
from pathlib import Path
from typing import Any

import pytest
from botocore import xform_name
from botocore.exceptions import ClientError
from botocore.session import get_session

from lakelet.errors import LakeletError
from lakelet.services.s3 import S3
from lakelet.services.s3.configurations import KINDS
from lakelet.services.s3.errors import CODES, translate
from lakelet.storage.local import LocalStorage
from lakelet.wire.messages import Request
from tests.services.s3 import direct

MB = 1 << 20


@pytest.fixture
def bucket(s3: Any) -> str:
    s3.create_bucket(Bucket="lake")
    return "lake"


@pytest.fixture
def service(store: LocalStorage) -> S3:
    """The operations, for calls that boto3 would not let through."""
    return S3(store, store.database, "000000000000", "us-east-1")


def code(operation: Any, **parameters: Any) -> tuple[str, int]:
    with pytest.raises(ClientError) as caught:
        operation(**parameters)
    response = caught.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]


def refused(operation: Any, **parameters: Any) -> str:
    with pytest.raises(LakeletError) as caught:
        operation(parameters)
    return translate(caught.value).code


def test_every_operation_is_one_of_botocores(service: S3) -> None:
    model = get_session().get_service_model("s3")
    methods = {name for name in dir(service) if not name.startswith("_")} - {"translate"}
    assert methods <= {xform_name(name) for name in model.operation_names}


@pytest.mark.parametrize("name", ["Up", "a", "a_b", "127.0.0.1", "a..b", "-abc", "x" * 64])
def test_a_bad_bucket_name_is_refused(service: S3, name: str) -> None:
    assert refused(service.create_bucket, Bucket=name) == "InvalidBucketName"


def test_ones_own_bucket_may_be_made_again_in_us_east_1_only(s3: Any, bucket: str) -> None:
    s3.create_bucket(Bucket=bucket)
    there = {"LocationConstraint": "eu-west-1"}
    s3.create_bucket(Bucket="there", CreateBucketConfiguration=there)
    assert code(s3.create_bucket, Bucket="there", CreateBucketConfiguration=there) == (
        "BucketAlreadyOwnedByYou",
        409,
    )
    assert s3.head_bucket(Bucket="there")["BucketRegion"] == "eu-west-1"
    assert s3.head_bucket(Bucket=bucket)["BucketRegion"] == "us-east-1"


def test_buckets_are_listed_by_prefix_region_and_page(s3: Any) -> None:
    for name in ("a-1", "a-2", "b-1"):
        s3.create_bucket(Bucket=name)
    assert [b["Name"] for b in s3.list_buckets()["Buckets"]] == ["a-1", "a-2", "b-1"]
    assert [b["Name"] for b in s3.list_buckets(Prefix="a-")["Buckets"]] == ["a-1", "a-2"]
    page = s3.list_buckets(MaxBuckets=2)
    rest = s3.list_buckets(MaxBuckets=2, ContinuationToken=page["ContinuationToken"])
    assert [b["Name"] for b in rest["Buckets"]] == ["b-1"]
    assert "ContinuationToken" not in rest
    assert s3.list_buckets(BucketRegion="eu-west-1")["Buckets"] == []


def test_a_page_holds_at_most_1000_keys(s3: Any, bucket: str) -> None:
    assert s3.list_objects_v2(Bucket=bucket, MaxKeys=5000)["MaxKeys"] == 1000


def test_a_token_of_another_making_is_refused(s3: Any, bucket: str) -> None:
    for token in ("x", "not base64!", "////"):
        assert code(s3.list_objects_v2, Bucket=bucket, ContinuationToken=token)[0] == (
            "InvalidArgument"
        )


@pytest.mark.parametrize("key", ["a//b", "a/", "/", "..", "../x", "a/../b", "ü" * 512, "x" * 1024])
def test_keys_that_no_file_system_holds_are_objects(s3: Any, bucket: str, key: str) -> None:
    s3.put_object(Bucket=bucket, Key="a", Body=b"beside")
    s3.put_object(Bucket=bucket, Key=key, Body=b"data")
    assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() == b"data"
    listed = s3.list_objects_v2(Bucket=bucket)["Contents"]
    assert [item["Key"] for item in listed] == sorted(["a", key], key=str.encode)
    s3.delete_object(Bucket=bucket, Key=key)
    assert code(s3.head_object, Bucket=bucket, Key=key) == ("404", 404)


def test_a_key_of_more_than_1024_bytes_is_too_long(s3: Any, bucket: str) -> None:
    for key in ("x" * 1025, "ü" * 513):
        assert code(s3.put_object, Bucket=bucket, Key=key, Body=b"") == ("KeyTooLongError", 400)
        assert code(s3.create_multipart_upload, Bucket=bucket, Key=key)[0] == "KeyTooLongError"


def test_metadata_beyond_2_kb_is_refused(s3: Any, bucket: str) -> None:
    put = {"Bucket": bucket, "Key": "x", "Body": b""}
    s3.put_object(**put, Metadata={"k": "v" * 2047})
    assert code(s3.put_object, **put, Metadata={"k": "v" * 2048})[0] == "MetadataTooLarge"


def test_an_object_without_a_checksum_gets_crc64nvme(s3: Any, bucket: str) -> None:
    """The catalogue of CRCs gives AE8B14860A799888 for the nine digits (CRC-64/NVME)."""
    put = s3.put_object(Bucket=bucket, Key="x", Body=b"123456789")
    value = base64.b64encode(bytes.fromhex("AE8B14860A799888")).decode()
    assert (put["ChecksumCRC64NVME"], put["ChecksumType"]) == (value, "FULL_OBJECT")
    head = s3.head_object(Bucket=bucket, Key="x", ChecksumMode="ENABLED")
    assert head["ChecksumCRC64NVME"] == value


def test_a_wrong_checksum_stores_nothing(s3: Any, bucket: str) -> None:
    put = {"Bucket": bucket, "Key": "x", "Body": b"data"}
    assert code(s3.put_object, **put, ChecksumCRC32="AAAAAA==") == ("BadDigest", 400)
    assert code(s3.put_object, **put, ChecksumCRC32="AAA")[0] == "InvalidRequest"
    two = {"ChecksumCRC32": "AAAAAA==", "ChecksumCRC32C": "AAAAAA=="}
    assert code(s3.put_object, **put, **two)[0] == "InvalidRequest"
    assert code(s3.head_object, Bucket=bucket, Key="x") == ("404", 404)


def test_a_file_changed_under_an_object_loses_what_was_said_of_it(
    s3: Any, bucket: str, store: LocalStorage
) -> None:
    s3.put_object(Bucket=bucket, Key="x", Body=b"data", Metadata={"k": "v"}, Tagging="a=b")
    Path(store.url(bucket, "x")).write_bytes(b"other")
    head = s3.head_object(Bucket=bucket, Key="x", ChecksumMode="ENABLED")
    assert head["ETag"] == f'"{hashlib.md5(b"other").hexdigest()}"'
    assert (head["Metadata"], "ChecksumCRC64NVME" in head, "TagCount" in head) == ({}, False, False)


def test_an_upload_completes_if_its_object_is_still_the_one_meant(s3: Any, bucket: str) -> None:
    where = {"Bucket": bucket, "Key": "x"}
    named = {**where, "UploadId": s3.create_multipart_upload(**where)["UploadId"]}
    tag = s3.upload_part(**named, PartNumber=1, Body=b"part")["ETag"]
    parts = {"MultipartUpload": {"Parts": [{"PartNumber": 1, "ETag": tag}]}}
    s3.put_object(**where, Body=b"first")
    complete = s3.complete_multipart_upload
    assert code(complete, **named, **parts, IfNoneMatch="*") == ("PreconditionFailed", 412)
    assert code(complete, **named, **parts, IfMatch='"other"') == ("PreconditionFailed", 412)
    now = s3.head_object(**where)["ETag"]
    complete(**named, **parts, IfMatch=now)
    assert s3.get_object(**where)["Body"].read() == b"part"


def test_what_is_wrong_with_parts_is_said(s3: Any, bucket: str) -> None:
    where = {"Bucket": bucket, "Key": "x"}
    named = {**where, "UploadId": s3.create_multipart_upload(**where)["UploadId"]}
    part = {"PartNumber": 1, "ETag": s3.upload_part(**named, PartNumber=1, Body=b"x")["ETag"]}
    complete = s3.complete_multipart_upload
    for number in (0, 10_001):
        assert code(s3.upload_part, **named, PartNumber=number, Body=b"")[0] == "InvalidArgument"
    assert code(complete, **named, MultipartUpload={"Parts": []})[0] == "MalformedXML"
    twice = {"Parts": [part, part]}
    assert code(complete, **named, MultipartUpload=twice)[0] == "InvalidPartOrder"
    assert code(complete, **named, MultipartUpload={"Parts": [part]}, MpuObjectSize=2)[0] == (
        "InvalidRequest"
    )
    complete(**named, MultipartUpload={"Parts": [part]}, MpuObjectSize=1)
    assert code(s3.abort_multipart_upload, **named) == ("NoSuchUpload", 404)


def test_a_part_must_carry_the_checksum_of_its_upload(s3: Any, bucket: str) -> None:
    where = {"Bucket": bucket, "Key": "x"}
    upload = s3.create_multipart_upload(**where, ChecksumAlgorithm="SHA256")
    named = {**where, "UploadId": upload["UploadId"], "PartNumber": 1, "Body": b"x"}
    assert code(s3.upload_part, **named, ChecksumCRC32="jNwM4w==")[0] == "InvalidRequest"
    for algorithm, kind in (("SHA256", "FULL_OBJECT"), ("CRC64NVME", "COMPOSITE")):
        wanted = {"ChecksumAlgorithm": algorithm, "ChecksumType": kind}
        assert code(s3.create_multipart_upload, **where, **wanted)[0] == "InvalidRequest"


def test_the_parts_of_an_object_are_told(s3: Any, bucket: str) -> None:
    where = {"Bucket": bucket, "Key": "x"}
    upload = s3.create_multipart_upload(**where, ChecksumAlgorithm="CRC32")
    named, parts = {**where, "UploadId": upload["UploadId"]}, []
    for number, body in ((1, b"a" * 5 * MB), (2, b"b")):
        part = s3.upload_part(**named, PartNumber=number, Body=body, ChecksumAlgorithm="CRC32")
        said = {name: part[name] for name in ("ETag", "ChecksumCRC32")}
        parts.append({"PartNumber": number, **said})
    s3.complete_multipart_upload(**named, MultipartUpload={"Parts": parts})
    asked = {"ObjectAttributes": ["ObjectParts", "ObjectSize"]}
    told = s3.get_object_attributes(**where, **asked, MaxParts=1)["ObjectParts"]
    assert (told["TotalPartsCount"], told["IsTruncated"]) == (2, True)
    assert told["Parts"] == [
        {"PartNumber": 1, "Size": 5 * MB, "ChecksumCRC32": parts[0]["ChecksumCRC32"]}
    ]


def test_an_object_is_renamed_with_all_that_is_said_of_it(s3: Any, bucket: str) -> None:
    put = s3.put_object(Bucket=bucket, Key="a b", Body=b"data", Metadata={"k": "v"}, Tagging="t=1")
    s3.put_object(Bucket=bucket, Key="taken", Body=b"")
    there = {"Bucket": bucket, "RenameSource": "a%20b"}
    assert code(s3.rename_object, **there, Key="taken", DestinationIfNoneMatch="*")[1] == 412
    s3.rename_object(**there, Key="dir/new")
    head = s3.head_object(Bucket=bucket, Key="dir/new")
    assert (head["ETag"], head["Metadata"], head["TagCount"]) == (put["ETag"], {"k": "v"}, 1)
    assert code(s3.head_object, Bucket=bucket, Key="a b") == ("404", 404)


def test_a_delete_holds_to_its_condition(s3: Any, bucket: str) -> None:
    where = {"Bucket": bucket, "Key": "x"}
    assert code(s3.delete_object, **where, IfMatch='"x"')[1] == 404
    tag = s3.put_object(**where, Body=b"x")["ETag"]
    assert code(s3.delete_object, **where, IfMatch='"other"') == ("PreconditionFailed", 412)
    objects = [{"Key": "x", "ETag": '"other"'}, {"Key": "gone"}]
    answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": objects})
    assert [(item["Key"], item["Code"]) for item in answer["Errors"]] == [
        ("x", "PreconditionFailed")
    ]
    assert [item["Key"] for item in answer["Deleted"]] == ["gone"]
    s3.delete_object(**where, IfMatch=tag)


def test_a_bucket_has_one_version_of_each_object(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="x", Body=b"")
    versions = s3.list_object_versions(Bucket=bucket)["Versions"]
    assert [(v["Key"], v["VersionId"], v["IsLatest"]) for v in versions] == [("x", "null", True)]
    assert code(s3.get_object, Bucket=bucket, Key="x", VersionId="1")[0] == "NoSuchVersion"
    s3.get_object(Bucket=bucket, Key="x", VersionId="null")
    on = {"Status": "Enabled"}
    assert code(s3.put_bucket_versioning, Bucket=bucket, VersioningConfiguration=on)[1] == 501


def test_buckets_and_objects_are_their_owners_alone(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="x", Body=b"", ACL="bucket-owner-full-control")
    for told in (s3.get_bucket_acl(Bucket=bucket), s3.get_object_acl(Bucket=bucket, Key="x")):
        grants = [(g["Grantee"]["ID"], g["Permission"]) for g in told["Grants"]]
        assert grants == [(told["Owner"]["ID"], "FULL_CONTROL")]
    assert code(s3.put_bucket_acl, Bucket=bucket, ACL="public-read")[0] == (
        "AccessControlListNotSupported"
    )


DOCUMENTS: dict[str, Any] = {
    "policy": '{"Version":"2012-10-17","Statement":[]}',
    "cors": {"CORSRules": [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}]},
    "lifecycle": {"Rules": [{"Status": "Enabled", "Filter": {"Prefix": ""}, "ID": "r"}]},
    "encryption": {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]},
    "public_access_block": {"BlockPublicAcls": True},
    "ownership_controls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
    "website": {"IndexDocument": {"Suffix": "index.html"}},
    "replication": {
        "Role": "arn:aws:iam::1:role/r",
        "Rules": [{"Status": "Enabled", "Destination": {"Bucket": "arn:aws:s3:::b"}}],
    },
    "object_lock": {"ObjectLockEnabled": "Enabled"},
    "logging": {"LoggingEnabled": {"TargetBucket": "b", "TargetPrefix": "p"}},
    "notification": {"QueueConfigurations": [{"QueueArn": "q", "Events": ["s3:ObjectCreated:*"]}]},
    "accelerate": {"Status": "Suspended"},
    "request_payment": {"Payer": "Requester"},
    "tagging": {"TagSet": [{"Key": "k", "Value": "v"}]},
    "analytics": {"Id": "one", "StorageClassAnalysis": {}},
    "inventory": {
        "Id": "one",
        "IsEnabled": True,
        "IncludedObjectVersions": "All",
        "Schedule": {"Frequency": "Daily"},
        "Destination": {"S3BucketDestination": {"Bucket": "b", "Format": "CSV"}},
    },
    "metrics": {"Id": "one"},
    "intelligent_tiering": {
        "Id": "one",
        "Status": "Enabled",
        "Tierings": [{"Days": 90, "AccessTier": "ARCHIVE_ACCESS"}],
    },
}


@pytest.mark.parametrize("name", KINDS)
def test_a_buckets_documents_are_kept_as_given(s3: Any, bucket: str, name: str) -> None:
    kind, document = KINDS[name], DOCUMENTS[name]
    get = getattr(s3, kind.get)
    where = {"Bucket": bucket} | ({"Id": "one"} if kind.listed else {})
    if isinstance(kind.missing, str):
        assert code(get, **where) == (kind.missing, 404)
    getattr(s3, kind.put)(**where, **{kind.member: document})
    told = {key: value for key, value in get(**where).items() if key != "ResponseMetadata"}
    assert told == ({kind.member: document} if kind.wrapped else document)
    if kind.listed:
        assert getattr(s3, kind.listed)(Bucket=bucket)[f"{kind.member}List"] == [document]
    if kind.delete:
        getattr(s3, kind.delete)(**where)
        assert code(get, **where) == (kind.missing, 404)
    assert code(get, **(where | {"Bucket": "none"})) == ("NoSuchBucket", 404)


def test_a_removed_buckets_documents_go_with_it(s3: Any, bucket: str) -> None:
    s3.put_bucket_tagging(Bucket=bucket, Tagging=DOCUMENTS["tagging"])
    s3.create_multipart_upload(Bucket=bucket, Key="x")
    s3.delete_bucket(Bucket=bucket)
    s3.create_bucket(Bucket=bucket)
    assert code(s3.get_bucket_tagging, Bucket=bucket)[0] == "NoSuchTagSet"
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=bucket)


def test_a_policy_that_is_no_json_is_malformed(s3: Any, bucket: str) -> None:
    for policy in ("", "x", "[]"):
        assert code(s3.put_bucket_policy, Bucket=bucket, Policy=policy)[0] == "MalformedPolicy"


def test_customers_own_keys_are_not_built(s3: Any, bucket: str) -> None:
    own = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": "x" * 32}
    assert code(s3.put_object, Bucket=bucket, Key="x", Body=b"", **own)[1] == 501


def test_every_code_has_a_status_and_a_text() -> None:
    assert all(300 <= status < 600 and text for status, text in CODES.values())


def raw(service: S3, method: str, target: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    """A request that boto3 would not write."""
    path, _, query = target.partition("?")
    body = headers.pop("body", "").encode()
    named = {"host": "h"} | {name.replace("_", "-"): text for name, text in headers.items()}
    answer = direct.answered(service, Request(method, path, query, named, io.BytesIO(body)))
    told = answer.body if isinstance(answer.body, bytes) else b"".join(answer.body)
    return answer.status, dict(answer.headers), told


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("list-type=2&max-keys=x", "max-keys"),
        ("max-keys=1.5", "max-keys"),
        ("max-keys=2147483648", "max-keys"),
        ("uploads&max-uploads=x", "max-uploads"),
        ("versions&max-keys=-99999999999", "max-keys"),
    ],
)
def test_a_number_that_is_none_is_an_invalid_argument(
    service: S3, bucket: str, query: str, name: str
) -> None:
    """The words are AWS's (versitygw and others measured them)."""
    status, _, body = raw(service, "GET", f"/{bucket}?{query}")
    assert (status, b"<Code>InvalidArgument</Code>" in body) == (400, True)
    assert f"Provided {name} not an integer or within integer range".encode() in body


def test_what_is_empty_or_no_date_is_not_said(s3: Any, service: S3, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="x", Body=b"x")
    assert raw(service, "GET", f"/{bucket}?list-type=2&max-keys=&encoding-type=")[0] == 200
    assert raw(service, "GET", f"/{bucket}?list-type=2&fetch-owner=x")[0] == 200
    assert raw(service, "GET", f"/{bucket}/x", if_unmodified_since="nonsense")[0] == 200
    assert raw(service, "GET", f"/{bucket}/x", if_match="")[0] == 200


def test_a_delete_with_a_moment_that_is_none_deletes_nothing(
    s3: Any, service: S3, bucket: str
) -> None:
    s3.put_object(Bucket=bucket, Key="x", Body=b"x")
    wrong = {"x_amz_if_match_last_modified_time": "nonsense"}
    assert raw(service, "DELETE", f"/{bucket}/x", **wrong)[0] == 400
    s3.head_object(Bucket=bucket, Key="x")


@pytest.mark.parametrize("expires", ["never", "0", "Thu, 01 Dec 1994 16:00:00 GMT"])
def test_when_an_object_expires_is_kept_as_it_came(service: S3, bucket: str, expires: str) -> None:
    raw(service, "PUT", f"/{bucket}/x", expires=expires, content_encoding="gzip, br")
    told = raw(service, "GET", f"/{bucket}/x")[1]
    assert (told["Expires"], told["Content-Encoding"]) == (expires, "gzip, br")


def test_metadata_beyond_ascii_is_an_encoded_word(service: S3, bucket: str) -> None:
    """The example of the S3 user guide ("Working with object metadata")."""
    raw(service, "PUT", f"/{bucket}/x", x_amz_meta_nonascii="ÄMÄZÕÑ S3")
    told = raw(service, "HEAD", f"/{bucket}/x")[1]
    assert told["x-amz-meta-nonascii"] == "=?UTF-8?B?w4PChE3Dg8KEWsODwpXDg8KRIFMz?="


def test_an_empty_content_type_is_none(service: S3, bucket: str) -> None:
    raw(service, "PUT", f"/{bucket}/x", content_type="")
    assert raw(service, "HEAD", f"/{bucket}/x")[1]["Content-Type"] == "binary/octet-stream"
    assert raw(service, "HEAD", f"/{bucket}/x?partNumber=")[0] == 200


def test_a_304_tells_caches_what_they_have(s3: Any, service: S3, bucket: str) -> None:
    tag = s3.put_object(Bucket=bucket, Key="x", Body=b"x", CacheControl="max-age=9")["ETag"]
    status, told, _ = raw(service, "GET", f"/{bucket}/x", if_none_match=tag)
    assert (status, told["ETag"], told["Cache-Control"]) == (304, tag, "max-age=9")
    assert told["Last-Modified"].endswith("GMT")


def test_a_key_that_is_no_utf_8_is_refused(service: S3, bucket: str) -> None:
    """Two of them would be one."""
    for method in ("PUT", "GET"):
        status, _, body = raw(service, method, f"/{bucket}/%ff")
        assert (status, b"<Code>InvalidURI</Code>" in body) == (400, True)


def test_a_carriage_return_in_a_key_comes_back(s3: Any, service: S3, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="a\rb", Body=b"")
    assert b"<Key>a&#13;b</Key>" in raw(service, "GET", f"/{bucket}")[2]


def test_a_chunked_body_of_another_length_than_said_is_incomplete(
    s3: Any, service: S3, bucket: str
) -> None:
    chunked = {"x_amz_content_sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER"}
    body = {"body": "3\r\nabc\r\n0\r\n\r\n"}
    for length, status in (("3", 200), ("5", 400), ("2", 400)):
        said = {"x_amz_decoded_content_length": length}
        answer = raw(service, "PUT", f"/{bucket}/{length}", **chunked, **said, **body)
        assert answer[0] == status
        assert b"IncompleteBody" in answer[2] or status == 200
    assert [each["Key"] for each in s3.list_objects_v2(Bucket=bucket)["Contents"]] == ["3"]


def test_if_none_match_of_a_write_takes_a_star_only(s3: Any, bucket: str) -> None:
    """Measured on AWS (aws-sdk-ruby#3144, versitygw#1727)."""
    where = {"Bucket": bucket, "Key": "x", "Body": b""}
    assert code(s3.put_object, **where, IfNoneMatch='"x"') == ("NotImplemented", 501)
    assert code(s3.put_object, **where, IfNoneMatch="*", IfMatch='"x"') == ("NotImplemented", 501)


@pytest.mark.parametrize(
    ("headers", "wanted"),
    [
        ({"x_amz_storage_class": "WRONG"}, "InvalidStorageClass"),
        ({"x_amz_server_side_encryption": "x"}, "InvalidEncryptionAlgorithmError"),
        ({"x_amz_tagging": "a=<>"}, "InvalidTag"),
        ({"x_amz_sdk_checksum_algorithm": "none"}, "InvalidRequest"),
        ({"x_amz_sdk_checksum_algorithm": "SHA256"}, "InvalidRequest"),
        ({"x_amz_copy_source": "lake/x", "x_amz_metadata_directive": "x"}, "InvalidArgument"),
        ({"x_amz_copy_source": "lake/x", "x_amz_tagging_directive": "x"}, "InvalidArgument"),
        ({"x_amz_copy_source": "lake/x", "x_amz_checksum_algorithm": "x"}, "InvalidRequest"),
    ],
)
def test_a_choice_that_is_none_is_refused(
    s3: Any, service: S3, bucket: str, headers: dict[str, str], wanted: str
) -> None:
    s3.put_object(Bucket=bucket, Key="x", Body=b"x")
    status, _, body = raw(service, "PUT", f"/{bucket}/y", **headers)
    assert (status, f"<Code>{wanted}</Code>".encode() in body) == (400, True)


def test_tags_may_be_of_any_language(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="x", Body=b"", Tagging="größe=日本 1")
    told = s3.get_object_tagging(Bucket=bucket, Key="x")["TagSet"]
    assert told == [{"Key": "größe", "Value": "日本 1"}]


def test_the_number_of_a_copied_part_is_looked_at(s3: Any, service: S3, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="x", Body=b"x")
    upload = s3.create_multipart_upload(Bucket=bucket, Key="y")["UploadId"]
    for number in ("0", "-1", "10001", "x", ""):
        for source in ({}, {"x_amz_copy_source": f"{bucket}/x"}):
            target = f"/{bucket}/y?partNumber={number}&uploadId={upload}"
            status, _, body = raw(service, "PUT", target, **source)
            assert (status, b"an integer between 1 and 10000" in body) == (400, True)


def test_a_part_of_a_composite_checksum_needs_its_own(s3: Any, bucket: str) -> None:
    where = {"Bucket": bucket, "Key": "x"}
    upload = s3.create_multipart_upload(**where, ChecksumAlgorithm="SHA256")
    named = {**where, "UploadId": upload["UploadId"], "PartNumber": 1, "Body": b"x"}
    assert code(s3.upload_part, **named) == ("InvalidRequest", 400)


def test_uploads_of_a_key_are_listed_as_they_began(s3: Any, bucket: str) -> None:
    begun = [
        s3.create_multipart_upload(Bucket=bucket, Key=key)["UploadId"] for key in "bbbbbbaaaaaa"
    ]
    wanted, found = begun[6:] + begun[:6], []
    page: dict[str, str] = {}
    while True:
        answer = s3.list_multipart_uploads(Bucket=bucket, MaxUploads=1, **page)
        found += [each["UploadId"] for each in answer["Uploads"]]
        if not answer["IsTruncated"]:
            break
        page = {
            "KeyMarker": answer["NextKeyMarker"],
            "UploadIdMarker": answer["NextUploadIdMarker"],
        }
    assert found == wanted


def test_the_root_of_a_document_is_s3s(s3: Any, service: S3, bucket: str) -> None:
    """Clients in other languages look at it ("Response syntax" of each operation)."""
    for kind, root in (
        ("logging", "BucketLoggingStatus"),
        ("notification", "NotificationConfiguration"),
        ("requestPayment", "RequestPaymentConfiguration"),
        ("accelerate", "AccelerateConfiguration"),
    ):
        assert f"<{root} xmlns=".encode() in raw(service, "GET", f"/{bucket}?{kind}")[2]


@pytest.mark.parametrize("limit", ["0", "-1", "10001"])
def test_a_page_of_buckets_holds_one_at_least(service: S3, bucket: str, limit: str) -> None:
    status, _, body = raw(service, "GET", f"/?max-buckets={limit}")
    assert (status, b"<Code>InvalidArgument</Code>" in body) == (400, True)
