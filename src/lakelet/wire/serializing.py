"""A result or an error as the operation's response, in the service's protocol."""

import base64
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from html import escape as escaped  # xml.sax.saxutils loads HTTP and TLS
from typing import Any

import orjson

from lakelet.errors import AwsError
from lakelet.wire import timestamps
from lakelet.wire.messages import Response
from lakelet.wire.models import operation_model, protocol, service_model
from lakelet.wire.writing import writer

Result = Mapping[str, Any]
S3_ROOTS = {
    "CreateMultipartUpload": "InitiateMultipartUploadResult",
    "CompleteMultipartUpload": "CompleteMultipartUploadResult",
    "DeleteObjects": "DeleteResult",
    "GetBucketAcl": "AccessControlPolicy",
    "GetBucketAccelerateConfiguration": "AccelerateConfiguration",
    "GetBucketCors": "CORSConfiguration",
    "GetBucketLifecycleConfiguration": "LifecycleConfiguration",
    "GetBucketLocation": "LocationConstraint",
    "GetBucketLogging": "BucketLoggingStatus",
    "GetBucketNotificationConfiguration": "NotificationConfiguration",
    "GetBucketRequestPayment": "RequestPaymentConfiguration",
    "GetBucketTagging": "Tagging",
    "GetBucketVersioning": "VersioningConfiguration",
    "GetBucketWebsite": "WebsiteConfiguration",
    "GetObjectAcl": "AccessControlPolicy",
    "GetObjectAttributes": "GetObjectAttributesResponse",
    "GetObjectTagging": "Tagging",
    "ListBucketAnalyticsConfigurations": "ListBucketAnalyticsConfigurationResult",
    "ListBucketInventoryConfigurations": "ListInventoryConfigurationsResult",
    "ListBucketMetricsConfigurations": "ListMetricsConfigurationsResult",
    "ListBuckets": "ListAllMyBucketsResult",
    "ListMultipartUploads": "ListMultipartUploadsResult",
    "ListObjectVersions": "ListVersionsResult",
    "ListObjects": "ListBucketResult",
    "ListObjectsV2": "ListBucketResult",
    "ListParts": "ListPartsResult",
}
"""Names of S3's documents ("Response syntax" of each operation), which the model leaves out."""


def serialize(service: str, operation: str, result: Result, request_id: str) -> Response:
    """The response of a result in botocore's own shape."""
    model = operation_model(service, operation)
    spoken = protocol(service)
    if spoken == "json":
        return _json_response(service, model, result, request_id)
    if spoken == "query":
        return _query_response(service, model, result, request_id)
    return _rest_response(model, result, request_id, spoken)


def serialize_error(service: str, error: AwsError, request_id: str) -> Response:
    """The response of an error."""
    if error.status == 304:  # has headers but no body (RFC 9110 §15.4.5)
        return Response(error.status, {"x-amz-request-id": request_id, **error.members})
    return _ERRORS[protocol(service)](service, error, request_id)


# JSON ---------------------------------------------------------------------------------------


def _json_response(service: str, model: Any, result: Result, request_id: str) -> Response:
    shape = model.output_shape
    body = orjson.dumps(writer(shape, "json")(result, {})) if shape is not None else b"{}"
    return Response(200, _json_headers(service, request_id), body)


def _json_headers(service: str, request_id: str) -> dict[str, str]:
    version = service_model(service).metadata.get("jsonVersion", "1.1")
    return {"content-type": f"application/x-amz-json-{version}", "x-amzn-RequestId": request_id}


def _bytes(value: Any) -> bytes:
    return value.encode() if isinstance(value, str) else bytes(value)


def _json_error(service: str, error: AwsError, request_id: str) -> Response:
    document = {"__type": error.code, **_told(service, error)}
    headers = {**_json_headers(service, request_id), "x-amzn-ErrorType": error.code}
    return Response(error.status, headers, orjson.dumps(document))


def _told(service: str, error: AwsError) -> Result:
    return {_message_member(service, error.code): error.message, **error.members}


def _message_member(service: str, code: str) -> str:
    """Models spell it `Message` or `message`; AWS's front end writes `message`, Athena's not."""
    model = service_model(service)
    if code not in model.shape_names:
        return "Message" if service == "athena" else "message"
    members = model.shape_for(code).members
    return next((name for name in members if name.lower() == "message"), "message")


# XML ----------------------------------------------------------------------------------------


def _query_response(service: str, model: Any, result: Result, request_id: str) -> Response:
    namespace = service_model(service).metadata.get("xmlNamespace", "")
    parts = [f"<{model.name}Response xmlns={_quoted(namespace)}>"]
    shape = model.output_shape
    if shape is not None:
        wrapper = shape.serialization.get("resultWrapper", f"{model.name}Result")
        parts += [f"<{wrapper}>", *_xml_members(shape, result), f"</{wrapper}>"]
    parts.append(f"<ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata>")
    parts.append(f"</{model.name}Response>")
    headers = {"content-type": "text/xml", "x-amzn-RequestId": request_id}
    return Response(200, headers, "".join(parts).encode())


def _xml_members(shape: Any, value: Result) -> Iterator[str]:
    for name, member in shape.members.items():
        given = value.get(name)
        place = member.serialization
        if given is not None and "location" not in place and not place.get("xmlAttribute"):
            yield from _xml_element(place.get("name", name), member, given)


def _xml_element(tag: str, shape: Any, value: Any) -> Iterator[str]:
    kind = shape.type_name
    if kind == "structure":
        yield f"<{tag}{_xml_attributes(shape, value)}>"
        yield from _xml_members(shape, value)
    elif kind == "list":
        yield from _xml_list(tag, shape, value)
        return
    elif kind == "map":
        yield from _xml_map(tag, shape, value)
        return
    else:
        yield f"<{tag}>{shown(_text(shape, value, 'xml'))}"
    yield f"</{tag}>"


def _xml_attributes(shape: Any, value: Result) -> str:
    """Namespace and attributes; `xsi:type` brings its namespace along."""
    namespace = shape.serialization.get("xmlNamespace")
    text = ""
    if namespace:
        prefix = f":{namespace['prefix']}" if namespace.get("prefix") else ""
        text = f" xmlns{prefix}={_quoted(namespace['uri'])}"
    for name, member in shape.members.items():
        if member.serialization.get("xmlAttribute") and value.get(name) is not None:
            text += f" {member.serialization.get('name', name)}={_quoted(str(value[name]))}"
    return text


def _xml_list(tag: str, shape: Any, value: Any) -> Iterator[str]:
    flattened = shape.serialization.get("flattened")
    item = shape.member.serialization.get("name", tag if flattened else "member")
    if not flattened:
        yield f"<{tag}>"
    for each in value:
        yield from _xml_element(item, shape.member, each)
    if not flattened:
        yield f"</{tag}>"


def _xml_map(tag: str, shape: Any, value: Result) -> Iterator[str]:
    flattened = shape.serialization.get("flattened")
    entry = tag if flattened else "entry"
    if not flattened:
        yield f"<{tag}>"
    for key, each in value.items():
        yield f"<{entry}>"
        yield from _xml_element(shape.key.serialization.get("name", "key"), shape.key, key)
        name = shape.value.serialization.get("name", "value")
        yield from _xml_element(name, shape.value, each)
        yield f"</{entry}>"
    if not flattened:
        yield f"</{tag}>"


def _text(shape: Any, value: Any, place: timestamps.Place) -> str:
    """A scalar as text in an element or a header."""
    kind = shape.type_name
    if kind == "boolean":
        return "true" if value else "false"
    if kind == "timestamp" and isinstance(value, datetime):
        return str(timestamps.write(value, timestamps.form_of(shape, place)))
    if kind == "blob":
        return base64.b64encode(_bytes(value)).decode()
    return str(value)


def shown(text: str) -> str:
    """A carriage return is told by its number: readers of XML take it for a line feed."""
    shown = escaped(text, quote=False)
    return shown.replace("\r", "&#13;") if "\r" in shown else shown


def _quoted(text: str) -> str:
    return f'"{escaped(text)}"'


# REST ---------------------------------------------------------------------------------------


def _rest_response(model: Any, result: Result, request_id: str, spoken: str) -> Response:
    name = "x-amz-request-id" if spoken == "rest-xml" else "x-amzn-RequestId"
    headers = {name: request_id}
    status = model.http.get("responseCode", 200)
    shape = model.output_shape
    if shape is None:
        return Response(status, headers)
    outside = _outside(shape)
    for member_name, value in result.items():
        if value is None or member_name not in outside:
            continue
        member = outside[member_name]
        if member.serialization["location"] == "statusCode":
            status = int(value)
        else:
            headers.update(_headers(member_name, member, value))
    if "Content-Range" in headers:
        status = 206  # RFC 9110 §15.3.7
    body, kind = _rest_body(model, shape, result, spoken)
    if kind and "Content-Type" not in headers:
        headers["Content-Type"] = kind
    return Response(status, headers, body)


@lru_cache(maxsize=1024)
def _outside(shape: Any) -> dict[str, Any]:
    """The members that stand outside the body."""
    return {
        name: member
        for name, member in shape.members.items()
        if member.serialization.get("location") in ("statusCode", "header", "headers")
    }


@lru_cache(maxsize=1024)
def _has_document(shape: Any) -> bool:
    return any("location" not in member.serialization for member in shape.members.values())


def _headers(name: str, member: Any, value: Any) -> Iterator[tuple[str, str]]:
    key = member.serialization.get("name", name)
    if member.serialization["location"] == "headers":
        for each, text in value.items():
            yield f"{key}{each}", str(text)
    elif member.type_name == "list":
        yield key, ",".join(_text(member.member, item, "header") for item in value)
    else:
        yield key, _text(member, value, "header")


def _rest_body(model: Any, shape: Any, result: Result, spoken: str) -> tuple[Any, str]:
    payload = shape.serialization.get("payload")
    if payload:
        member = shape.members[payload]
        value = result.get(payload)
        if member.type_name == "blob":
            return (b"" if value is None else value), ""
        if member.type_name == "string":
            return (value or "").encode(), "text/plain"
        if value is None:
            return b"", ""
        return _document(member.serialization.get("name", member.name), member, value, spoken)
    if not _has_document(shape):
        return b"", ""
    root = S3_ROOTS.get(model.name, shape.serialization.get("name", shape.name))
    if model.name == "GetBucketLocation":  # the one document whose root is its only member
        return _xml_text(root, shape, shown(result.get("LocationConstraint") or ""))
    return _document(root, shape, result, spoken)


def _document(root: str, shape: Any, value: Any, spoken: str) -> tuple[bytes, str]:
    if spoken == "rest-json":
        return orjson.dumps(writer(shape, spoken)(value, {})), "application/json"
    return _xml_text(root, shape, "".join(_xml_members(shape, value)), value)


def _xml_text(root: str, shape: Any, inner: str, value: Result | None = None) -> tuple[bytes, str]:
    attributes = _xml_attributes(shape, value or {})
    if not attributes:
        attributes = ' xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<{root}{attributes}>{inner}</{root}>'
    return text.encode(), "application/xml"


def _rest_json_error(service: str, error: AwsError, request_id: str) -> Response:
    headers = {
        "content-type": "application/json",
        "x-amzn-ErrorType": error.code,
        "x-amzn-RequestId": request_id,
    }
    return Response(error.status, headers, orjson.dumps(_told(service, error)))


def _rest_xml_error(service: str, error: AwsError, request_id: str) -> Response:
    elements = {
        "Code": error.code,
        "Message": error.message,
        **error.members,
        "RequestId": request_id,
    }
    inner = "".join(f"<{tag}>{shown(str(text))}</{tag}>" for tag, text in elements.items())
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error>{inner}</Error>'
    headers = {"Content-Type": "application/xml", "x-amz-request-id": request_id}
    return Response(error.status, headers, body.encode())


def _query_error(service: str, error: AwsError, request_id: str) -> Response:
    namespace = service_model(service).metadata.get("xmlNamespace", "")
    side = "Sender" if error.status < 500 else "Receiver"
    body = (
        f"<ErrorResponse xmlns={_quoted(namespace)}><Error><Type>{side}</Type>"
        f"<Code>{shown(error.code)}</Code><Message>{shown(error.message)}</Message></Error>"
        f"<RequestId>{request_id}</RequestId></ErrorResponse>"
    )
    headers = {"content-type": "text/xml", "x-amzn-RequestId": request_id}
    return Response(error.status, headers, body.encode())


_ERRORS: dict[str, Callable[[str, AwsError, str], Response]] = {
    "json": _json_error,
    "query": _query_error,
    "rest-json": _rest_json_error,
    "rest-xml": _rest_xml_error,
}
