"""What botocore writes we read back, and what we write botocore reads back, for every operation."""

import io
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.awsrequest import HeadersDict, create_request_object, prepare_request_dict
from botocore.parsers import create_parser
from botocore.serialize import create_serializer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lakelet.wire.messages import Request
from lakelet.wire.models import operation_model, protocol, service_model
from lakelet.wire.parsing import parse
from lakelet.wire.routing import route
from lakelet.wire.serializing import serialize
from tests.wire.shapes import values

SERVICES = ("athena", "firehose", "glue", "iam", "lakeformation", "s3", "sts")
OPERATIONS = [
    (service, operation)
    for service in SERVICES
    for operation in service_model(service).operation_names
]
TWINS = {
    ("s3", "GetBucketLifecycle"),
    ("s3", "GetBucketNotification"),
    ("s3", "ListDirectoryBuckets"),
    ("s3", "PutBucketLifecycle"),
    ("s3", "PutBucketNotification"),
}
"""Their requests are those of a newer operation, or of one at another host."""
UNPARSED = {
    ("s3", "GetBucketLocation"),
    ("s3", "GetBucketNotification"),
    ("s3", "SelectObjectContent"),
}
"""Answers that botocore's parser alone can't read: an unwrapped text, a deprecated one, events."""

few = settings(
    max_examples=3,
    database=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
many = settings(few, max_examples=200)


def _all_but(left_out: set[tuple[str, str]]) -> pytest.MarkDecorator:
    names = [each for each in OPERATIONS if each not in left_out]
    return pytest.mark.parametrize(("service", "operation"), names)


every_request = _all_but(TWINS)
every_answer = _all_but(UNPARSED)


def written_by_botocore(service: str, operation: str, parameters: dict[str, Any]) -> Request:
    model = operation_model(service, operation)
    serializer = create_serializer(protocol(service), include_validation=False)
    written = serializer.serialize_to_request(parameters, model)
    prepare_request_dict(written, "http://localhost:4566")
    prepared = create_request_object(written).prepare()
    headers = {
        name.lower(): value.decode() if isinstance(value, bytes) else str(value)
        for name, value in prepared.headers.items()
    }
    signed = service_model(service).signing_name
    headers["authorization"] = (
        f"AWS4-HMAC-SHA256 Credential=id/20260101/us-east-1/{signed}/aws4_request, "
        "SignedHeaders=host, Signature=0"
    )
    url, body = urlsplit(prepared.url), prepared.body or b""
    reader = body if hasattr(body, "read") else io.BytesIO(_bytes(body))
    return Request(prepared.method, url.path, url.query, headers, reader)


def _bytes(body: str | bytes | bytearray) -> bytes:
    return body.encode() if isinstance(body, str) else bytes(body)


def read_by_botocore(service: str, operation: str, result: dict[str, Any]) -> dict[str, Any]:
    model = operation_model(service, operation)
    answer = serialize(service, operation, result, "11111111-2222")
    headers = HeadersDict(answer.headers)
    body: Any = answer.body
    if model.has_streaming_output:
        body = io.BytesIO(answer.body if isinstance(answer.body, bytes) else b"".join(answer.body))
    response = {"headers": headers, "status_code": answer.status, "body": body}
    found = create_parser(protocol(service)).parse(response, model.output_shape)
    metadata = found.pop("ResponseMetadata", {})
    assert metadata.get("RequestId", "11111111-2222") == "11111111-2222"
    return dict(found)


def meaning(value: Any, *, exact: bool) -> Any:
    """A value to compare: streams read, and where the protocol can't tell an empty member from a
    missing one, neither there."""
    if hasattr(value, "read"):
        value = value.read()
    if isinstance(value, dict):
        found = {name: meaning(item, exact=exact) for name, item in value.items()}
        return found if exact else {n: v for n, v in found.items() if v not in ({}, [], b"", "")}
    if isinstance(value, list):
        return [meaning(item, exact=exact) for item in value]
    return value


def read_back(service: str, operation: str, parameters: dict[str, Any]) -> None:
    exact = protocol(service) == "json"
    routed = route(written_by_botocore(service, operation, parameters), SERVICES)
    assert (routed.service, routed.operation) == (service, operation)
    found = parse(routed)
    if "ContentLength" not in parameters:  # HTTP says it of every body
        found.pop("ContentLength", None)
    assert meaning(found, exact=exact) == meaning(parameters, exact=exact)


def answered(service: str, operation: str, result: dict[str, Any]) -> None:
    exact = protocol(service) == "json"
    found = read_by_botocore(service, operation, result)
    assert meaning(found, exact=exact) == meaning(result, exact=exact)


def _requests(data: st.DataObject, service: str, operation: str) -> None:
    shape = operation_model(service, operation).input_shape
    parameters = data.draw(values(shape)) if shape else {}
    read_back(service, operation, parameters)


def _answers(data: st.DataObject, service: str, operation: str) -> None:
    shape = operation_model(service, operation).output_shape
    answered(service, operation, data.draw(values(shape)) if shape else {})


@every_request
def test_we_read_what_botocore_writes(service: str, operation: str) -> None:
    few(given(st.data())(lambda data: _requests(data, service, operation)))()


@every_answer
def test_botocore_reads_what_we_write(service: str, operation: str) -> None:
    few(given(st.data())(lambda data: _answers(data, service, operation)))()


@pytest.mark.slow
@every_request
def test_we_read_whatever_botocore_writes(service: str, operation: str) -> None:
    many(given(st.data())(lambda data: _requests(data, service, operation)))()


@pytest.mark.slow
@every_answer
def test_botocore_reads_whatever_we_write(service: str, operation: str) -> None:
    many(given(st.data())(lambda data: _answers(data, service, operation)))()
