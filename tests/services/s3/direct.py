"""A boto3 client whose requests go through the wire to the operations, with no socket between."""

import io
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore import xform_name
from botocore.awsrequest import AWSPreparedRequest, AWSResponse, HeadersDict
from botocore.config import Config

from lakelet.errors import AwsError, LakeletError
from lakelet.services.s3 import S3
from lakelet.services.s3.errors import translate
from lakelet.wire.messages import Request, Response
from lakelet.wire.parsing import parse
from lakelet.wire.routing import route
from lakelet.wire.serializing import serialize, serialize_error

CONFIG = Config(
    retries={"total_max_attempts": 1},
    request_checksum_calculation="when_required",
    response_checksum_validation="when_required",
)


def client(service: S3, config: Config = CONFIG) -> Any:
    made = boto3.client(
        "s3",
        endpoint_url="http://127.0.0.1:4566",
        region_name="us-east-1",
        aws_access_key_id="id",
        aws_secret_access_key="key",
        config=config,
    )

    def send(request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        answer = answered(service, _read(request))
        body = answer.body if isinstance(answer.body, bytes) else b"".join(answer.body)
        if request.method == "HEAD":
            body = b""
        raw = _Raw(body)
        return AWSResponse(request.url, answer.status, HeadersDict(answer.headers), raw)

    made.meta.events.register("before-send.s3", send)
    return made


def _read(request: AWSPreparedRequest) -> Request:
    url = urlsplit(request.url)
    body = request.body or b""
    headers = {
        name.lower(): value.decode() if isinstance(value, bytes) else str(value)
        for name, value in request.headers.items()
    }
    headers.setdefault("host", url.netloc)
    reader = (
        io.BytesIO(body.encode() if isinstance(body, str) else body)
        if isinstance(body, bytes | bytearray | str)
        else body
    )
    return Request(request.method, url.path, url.query, headers, reader)


def answered(service: S3, request: Request) -> Response:
    """The response to a request."""
    try:
        routed = route(request, ["s3"])
        operation = getattr(service, xform_name(routed.operation))
        result = operation(parse(routed))
        return serialize("s3", routed.operation, result, "request")
    except AwsError as error:
        return serialize_error("s3", error, "request")
    except LakeletError as error:
        return serialize_error("s3", translate(error), "request")


class _Raw(io.BytesIO):
    """What botocore reads a body from."""

    def stream(self, amount: int = 1 << 16, **_: Any) -> Any:
        while block := self.read(amount):
            yield block

    def release_conn(self) -> None: ...
