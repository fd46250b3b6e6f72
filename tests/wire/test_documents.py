"""Documents that would fill the memory."""

import io
import zlib
from typing import Any

import pytest

from lakelet.lake import Lake
from lakelet.server.endpoint import Endpoint
from lakelet.wire import documents
from lakelet.wire.messages import Request, Response

SCOPE = "AWS4-HMAC-SHA256 Credential=id/20260101/us-east-1/{}/aws4_request"


@pytest.fixture
def endpoint(lakelet: Lake, monkeypatch: pytest.MonkeyPatch) -> Endpoint:
    monkeypatch.setattr(documents, "MOST", 1 << 20)
    lakelet.storage.create_bucket("shelf")
    return Endpoint(lakelet)


def _ask(endpoint: Endpoint, service: str, body: bytes, **given: Any) -> Response:
    headers = {"authorization": SCOPE.format(service), **given.get("headers", {})}
    method, path, query = (
        given.get("method", "POST"),
        given.get("path", "/"),
        given.get("query", ""),
    )
    return endpoint.handle(Request(method, path, query, headers, io.BytesIO(body)))


@pytest.mark.parametrize("packed", [False, True])
def test_a_document_of_json_beyond_measure_is_refused(endpoint: Endpoint, packed: bool) -> None:
    for size, status in ((1 << 19, 200), (1 << 21, 413)):
        body = b"{" + b" " * size + b"}"
        headers = {"x-amz-target": "AmazonAthena.ListWorkGroups"}
        if packed:
            pack = zlib.compressobj(wbits=31)
            body, headers["content-encoding"] = pack.compress(body) + pack.flush(), "gzip"
        told = _ask(endpoint, "athena", body, headers=headers)
        assert told.status == status
        assert isinstance(told.body, bytes)
        assert (b"RequestEntityTooLargeException" in told.body) == (status == 413)


def test_a_document_of_xml_or_a_form_beyond_measure_is_refused(endpoint: Endpoint) -> None:
    body = b"<Tagging>" + b" " * (1 << 21) + b"<TagSet/></Tagging>"
    for query in ("tagging", "policy"):
        told = _ask(endpoint, "s3", body, method="PUT", path="/shelf", query=query)
        assert told.status == 400
        assert isinstance(told.body, bytes)
        assert b"<Code>MaxMessageLengthExceeded</Code>" in told.body
    form = b"Action=GetCallerIdentity&Version=2011-06-15&x=" + b"x" * (1 << 21)
    assert _ask(endpoint, "sts", form).status == 413
    assert _ask(endpoint, "s3", b"x" * (1 << 21), method="PUT", path="/shelf/x").status == 200
