"""Two answers to the same request, without what is each server's own."""

import re
from typing import Any
from xml.etree import ElementTree

from tests.services.s3.fuzz.sending import Answer, Ask, Server

READ_BY_CLIENTS = re.compile(
    r"accept-ranges|cache-control|content-(?:disposition|encoding|language|length|range|type)|etag|"
    r"expires|location|x-amz-(?:meta-.*|tagging-count|mp-parts-count|checksum-.*|storage-class|"
    r"website-redirect-location|bucket-region|restore|delete-marker|version-id)|"
    r"access-control-.*"
)
"""The headers that are compared."""

OF_A_304 = ("etag", "cache-control", "expires")

SERVERS_OWN = {
    "ContinuationToken": "written as each server likes",
    "DisplayName": "an account's name",
    "HostId": "the server's",
    "ID": "an account's id",
    "Initiated": "a moment",
    "LastModified": "a moment",
    "Location": "the server's address",
    "Message": "worded by each",
    "NextContinuationToken": "written as each server likes",
    "NextMarker": "MinIO writes its cache's mark into it",
    "RequestId": "the server's",
    "Resource": "told by MinIO only",
    "BucketName": "told by either as it likes",
    "Key": "",
    "Region": "told by MinIO only",
    "ChecksumAlgorithm": "listed by S3, not by MinIO",
    "ChecksumType": "listed by S3, not by MinIO",
}
"""Elements that are not compared, and why; `Key` is left out of errors only."""

_NOT_OF_ERRORS = SERVERS_OWN.keys() - {"Key"}

Shown = dict[str, Any]


def comparable(server: Server, ask: Ask, answer: Answer) -> Shown:
    """An answer as it must be alike: status, headers, document or bytes."""
    headers = {
        name: text for name, text in answer.headers.items() if READ_BY_CLIENTS.fullmatch(name)
    }
    shown: Shown = {"status": answer.status}
    body: Any = answer.body
    if _is_document(answer):
        body = _of_xml(server, ElementTree.fromstring(answer.body))
        headers.pop("content-length", None)
        headers["content-type"] = headers.get("content-type", "").partition(";")[0]
        headers.pop("accept-ranges", None)
    if answer.status >= 300:
        headers = {
            name: text
            for name, text in headers.items()
            if name.startswith("x-amz-") or (answer.status == 304 and name in OF_A_304)
        }
    if ask.key is None or ask.method not in ("GET", "HEAD"):
        headers.pop("accept-ranges", None)  # MinIO says it of everything
    shown["headers"] = _without_added(headers)
    shown["body"] = _without_added(body) if isinstance(body, dict) else body
    return shown


def _is_document(answer: Answer) -> bool:
    return answer.body.startswith(
        (b"<?xml", b"<Error", b"<Copy", b"<List", b"<Notif", b"<Version", b"<Access")
    )


def _of_xml(server: Server, node: ElementTree.Element) -> Any:
    tag = node.tag.rpartition("}")[2]
    if not len(node):
        return {tag: server.hidden(node.text or "")}
    left_out = SERVERS_OWN.keys() if tag == "Error" else _NOT_OF_ERRORS
    found: dict[str, Any] = {}
    for child in node:
        name = child.tag.rpartition("}")[2]
        if name not in left_out:
            value = _of_xml(server, child)[name]
            found.setdefault(name, []).append(value)
    if tag == "CopyObjectResult":  # MinIO tells a copy's checksum in headers
        found = {"ETag": found.get("ETag")}
    if tag == "Error":
        found = {"Code": found.get("Code")}
    return {
        tag: {name: values[0] if len(values) == 1 else values for name, values in found.items()}
    }


def _without_added(found: Any) -> Any:
    """Without the CRC-64/NVME that S3 adds to every object since 2024-12 and MinIO to none."""
    if isinstance(found, dict):
        names = {name.lower().replace("-", "") for name in found}
        algorithms = found.get("ChecksumAlgorithm", "")
        added = "CRC64NVME" in algorithms or names & {"xamzchecksumcrc64nvme", "checksumcrc64nvme"}
        return {
            name: _without_added(value)
            for name, value in found.items()
            if not (added and "checksum" in name.lower())
        }
    if isinstance(found, list):
        return [_without_added(each) for each in found]
    return found
