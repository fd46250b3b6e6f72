"""Uploads by forms: what boto3 signs for them, and forms that their policies do not allow.

The same forms are sent to a real MinIO, whose answers are wanted.
"""

import base64
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from email.message import Message
from typing import Any
from xml.etree import ElementTree

import boto3
import pytest
from botocore.config import Config

from tests.minio import server

BODY = b"line\r\n--bound\r\n\r\n--bound-\xff\x00end\r\n"
"""Holds what looks like an end, and bytes that are no text."""


@pytest.fixture(params=["lakelet", pytest.param("minio", marks=pytest.mark.minio)])
def s3(request: pytest.FixtureRequest) -> Iterator[Any]:
    """A client of a server with the bucket `forms`."""
    if request.param == "minio":
        far: server.Minio = request.getfixturevalue("minio")
        named = (far.endpoint, far.access_key, far.secret_key)
    else:
        named = (request.getfixturevalue("lakelet_server"), "id", "key")
    endpoint, key, secret = named
    client = boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        config=Config(signature_version="s3v4"),
    )
    client.create_bucket(Bucket="forms")
    yield client
    for each in client.list_objects_v2(Bucket="forms").get("Contents", ()):
        client.delete_object(Bucket="forms", Key=each["Key"])
    client.delete_bucket(Bucket="forms")


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


def post(
    url: str, fields: Mapping[str, str], body: bytes = BODY, name: str = "a b.txt"
) -> tuple[int, Message, bytes]:
    """The answer to a form, as a browser writes it."""
    text = b""
    for key, value in fields.items():
        head = f'--bound-ary\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n'
        text += head.encode() + value.encode() + b"\r\n"
    head = f'--bound-ary\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
    text += head.encode() + b"Content-Type: text/plain\r\n\r\n" + body + b"\r\n--bound-ary--\r\n"
    kind = {"Content-Type": "multipart/form-data; boundary=bound-ary"}
    asked = urllib.request.Request(url, data=text, headers=kind, method="POST")
    try:
        with urllib.request.build_opener(_Stay).open(asked, timeout=30) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read()


def code(answer: tuple[int, Message, bytes]) -> tuple[int, str]:
    return answer[0], ElementTree.fromstring(answer[2]).findtext("Code") or ""


def test_a_form_that_boto3_signs_uploads_a_file(s3: Any) -> None:
    form = s3.generate_presigned_post("forms", "in/${filename}")
    status, headers, body = post(form["url"], form["fields"])
    assert (status, body) == (204, b"")
    found = s3.get_object(Bucket="forms", Key="in/a b.txt")
    assert found["Body"].read() == BODY
    assert headers["ETag"] == found["ETag"]


def test_a_form_tells_headers_and_metadata(s3: Any) -> None:
    own = {"Content-Type": "text/csv", "x-amz-meta-who": "me", "Cache-Control": "no-cache"}
    conditions = [{name: text} for name, text in own.items()]
    form = s3.generate_presigned_post("forms", "k", Fields=own, Conditions=conditions)
    assert post(form["url"], form["fields"])[0] == 204
    head = s3.head_object(Bucket="forms", Key="k")
    assert head["ContentType"] == "text/csv"
    assert head["CacheControl"] == "no-cache"
    assert head["Metadata"] == {"who": "me"}


def test_a_form_is_answered_as_it_asks(s3: Any) -> None:
    def answer(**own: str) -> tuple[int, Message, bytes]:
        conditions = [{name: text} for name, text in own.items()]
        form = s3.generate_presigned_post("forms", "k<", Fields=own, Conditions=conditions)
        return post(form["url"], form["fields"])

    assert answer(success_action_status="200")[0] == 200
    status, _, body = answer(success_action_status="201")
    root = ElementTree.fromstring(body)
    told = {child.tag: child.text for child in root}
    assert (status, root.tag, told["Bucket"], told["Key"]) == (201, "PostResponse", "forms", "k<")
    status, headers, _ = answer(success_action_redirect="http://localhost/done?x=1")
    assert status == 303
    assert headers["Location"].startswith("http://localhost/done?")
    assert "bucket=forms" in headers["Location"]


def test_a_form_is_held_to_its_policy(s3: Any) -> None:
    form = s3.generate_presigned_post("forms", "k")
    assert code(post(form["url"], {**form["fields"], "key": "other"})) == (403, "AccessDenied")
    assert code(post(form["url"], {**form["fields"], "x-amz-meta-x": "y"})) == (403, "AccessDenied")
    size = [["content-length-range", 1, 10]]
    form = s3.generate_presigned_post("forms", "k", Conditions=size)
    assert code(post(form["url"], form["fields"])) == (400, "EntityTooLarge")
    assert code(post(form["url"], form["fields"], b"")) == (400, "EntityTooSmall")
    assert post(form["url"], form["fields"], b"0123456789")[0] == 204
    begins = [["starts-with", "$Content-Type", "image/"]]
    form = s3.generate_presigned_post("forms", "k", Conditions=begins)
    for kind, status in (("image/png", 204), ("text/plain", 403)):
        assert post(form["url"], {**form["fields"], "Content-Type": kind})[0] == status


def test_a_form_that_is_late_or_broken_is_refused(s3: Any) -> None:
    late = s3.generate_presigned_post("forms", "k", ExpiresIn=-60)
    assert code(post(late["url"], late["fields"])) == (403, "AccessDenied")
    form = s3.generate_presigned_post("forms", "k")
    kind = {"Content-Type": "multipart/form-data; boundary=x"}
    asked = urllib.request.Request(form["url"], data=b"nothing", headers=kind, method="POST")
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(asked, timeout=30)
    assert refused.value.code == 400
    refused.value.close()
    assert "Contents" not in s3.list_objects_v2(Bucket="forms")


@pytest.mark.parametrize("policy", ["[" * 9000, "[]", "{}", "no JSON", '{"expiration": 1}'])
def test_a_policy_that_is_none_is_refused(s3: Any, policy: str) -> None:
    form = s3.generate_presigned_post("forms", "k")
    fields = {**form["fields"], "policy": base64.b64encode(policy.encode()).decode()}
    status, _, _ = post(form["url"], fields)
    assert 400 <= status < 500
    assert "Contents" not in s3.list_objects_v2(Bucket="forms")
