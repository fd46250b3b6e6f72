"""A boto3 client whose calls reach the operations directly, with no wire between."""

import io
from typing import Any
from urllib.parse import quote

import boto3
from botocore import xform_name
from botocore.config import Config
from botocore.response import StreamingBody

from lakelet.errors import LakeletError
from lakelet.services.s3 import S3
from lakelet.services.s3.errors import translate

CONFIG = Config(
    retries={"total_max_attempts": 1},
    request_checksum_calculation="when_required",
    response_checksum_validation="when_required",
)


class _Http:
    def __init__(self, status: int) -> None:
        self.status_code = status


def client(service: S3) -> Any:
    made = boto3.client(
        "s3",
        endpoint_url="http://127.0.0.1:1",
        region_name="us-east-1",
        aws_access_key_id="id",
        aws_secret_access_key="key",
        config=CONFIG,
    )
    said: list[dict[str, Any]] = []

    def keep(params: dict[str, Any], **_: Any) -> None:
        said[:] = [dict(params)]

    def answer(model: Any, **_: Any) -> tuple[_Http, dict[str, Any]]:
        return _answer(service, model, said[0])

    made.meta.events.register_last("before-parameter-build.s3", keep)
    made.meta.events.register_first("before-call.s3", answer)
    return made


def _answer(service: S3, model: Any, params: dict[str, Any]) -> tuple[_Http, dict[str, Any]]:
    source = params.get("CopySource")
    if isinstance(source, dict):
        params["CopySource"] = quote(f"{source['Bucket']}/{source['Key']}")
    try:
        found = service.operations[xform_name(model.name)](params)
        answer = {name: value for name, value in found.items() if value != [] or name == "TagSet"}
        status = 206 if "ContentRange" in answer else model.http.get("responseCode", 200)
    except LakeletError as error:
        refused = translate(error)
        status = refused.status
        silent = model.http["method"] == "HEAD" or status == 304
        code = str(status) if silent else refused.code
        answer = {"Error": {"Code": code, "Message": refused.message}}
    if "Body" in answer:
        data = b"".join(answer["Body"])
        answer["Body"] = StreamingBody(io.BytesIO(data), len(data))
    answer["ResponseMetadata"] = {"HTTPStatusCode": status, "HTTPHeaders": {}}
    return _Http(status), answer
