"""Which service and which operation a request means.

The service: SigV4's scope, the target header, the host's name, else S3, whose requests alone may
be anonymous. The operation: the target header, the form's Action, or method and path.
"""

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import Any
from urllib.parse import parse_qs, parse_qsl, unquote

from lakelet.errors import AwsError
from lakelet.wire.documents import whole
from lakelet.wire.faults import UnknownOperationError
from lakelet.wire.messages import Request
from lakelet.wire.models import protocol, service_model

_FORM = "application/x-www-form-urlencoded"
_SCOPE = re.compile(r"Credential=([^,\s]*)")
_HOST_SERVICE = re.compile(r"^(?:[^.]+\.)*?([a-z0-9-]+)\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?$")
_VIRTUAL = re.compile(
    r"^(?P<bucket>.+?)\.(?:s3(?:[.-][a-z0-9]+)*\.(?:amazonaws\.com(?:\.cn)?|localhost)|localhost)$"
)
_SCOPE_NAMES = {"s3express": "s3", "s3-object-lambda": "s3"}


@dataclass(frozen=True, slots=True)
class Scope:
    """What a signature says of itself; the region is '' where nothing is signed."""

    service: str
    region: str = ""
    access_key: str = ""


@dataclass(frozen=True, slots=True)
class Routed:
    """An operation of a service, and the request as that service's model has it.

    `labels` are the values of the path's parameters, percent-decoded, or a form's fields.
    """

    service: str
    operation: str
    request: Request
    labels: Mapping[str, str]
    scope: Scope


def scope(request: Request, services: Sequence[str]) -> Scope:
    """The service that a request is for, one of `services`.

    Raises AwsError for a signature or target of a service that is not among them.
    """
    signed = _signed_scope(request)
    target = request.headers.get("x-amz-target", "")
    if signed is not None and signed.service in services:
        return signed
    by_target = _service_of_target(target, tuple(services))
    if by_target:
        return Scope(by_target)
    if signed is not None:
        raise AwsError(
            "UnknownService", f"The service {signed.service!r} is not available here.", 404
        )
    host = _host(request)
    named = _HOST_SERVICE.match(host)
    if named and named[1] in services:
        return Scope(named[1])
    if request.headers.get("content-type", "").startswith(_FORM):
        return Scope(_service_of_form(request, services))
    return Scope("s3")


def understood(request: Request) -> str:
    """A service whose protocol a client reads errors in: the one that it has signed for, if it is
    one of botocore's, or another of the kind."""
    with suppress(AwsError, KeyError, StopIteration):
        signed = _signed_scope(request)
        if signed is not None and protocol(signed.service):
            return signed.service
    if "x-amz-target" in request.headers:
        return "athena"
    is_form = request.headers.get("content-type", "").startswith(_FORM)
    return "sts" if is_form else "s3"


def route(request: Request, services: Sequence[str]) -> Routed:
    """The operation that a request means; raises AwsError."""
    return within(request, scope(request, services))


def within(request: Request, found: Scope) -> Routed:
    """The operation that a request to a known service means; raises AwsError."""
    spoken = protocol(found.service)
    if spoken == "json":
        return Routed(found.service, _of_target(request, found.service), request, {}, found)
    if spoken == "query":
        form = _form(request)
        return Routed(found.service, _of_form(form, found.service), request, form, found)
    if found.service == "s3":
        request = path_style(request)
    operation, labels = _of_path(request, found.service)
    return Routed(found.service, operation, request, labels, found)


# The service --------------------------------------------------------------------------------


def _signed_scope(request: Request) -> Scope | None:
    authorization = request.headers.get("authorization", "")
    credential = ""
    if authorization.startswith("AWS4-"):
        match = _SCOPE.search(authorization)
        if match is None:
            raise AwsError(
                "IncompleteSignatureException",
                "Authorization header requires 'Credential' parameter. "
                f"Authorization={authorization.split(' ')[0]}",
                403,
            )
        credential = match[1]
    elif "X-Amz-Credential=" in request.query:
        credential = parse_qs(request.query).get("X-Amz-Credential", [""])[0]
    elif authorization.startswith("AWS ") or "AWSAccessKeyId=" in request.query:
        return Scope("s3")
    if not credential:
        return None
    parts = credential.split("/")
    if len(parts) < 5 or parts[-1] != "aws4_request":
        raise AwsError(
            "IncompleteSignatureException",
            f"Credential must have exactly 5 slash-delimited elements, got '{credential}'",
            403,
        )
    service = _SCOPE_NAMES.get(parts[-2], parts[-2])
    return Scope(service, parts[-3], "/".join(parts[:-4]))


@lru_cache
def _target_prefixes(services: tuple[str, ...]) -> dict[str, str]:
    prefixes = ((service_model(name).metadata.get("targetPrefix"), name) for name in services)
    return {prefix: name for prefix, name in prefixes if prefix}


def _service_of_target(target: str, services: tuple[str, ...]) -> str | None:
    return _target_prefixes(services).get(target.rpartition(".")[0]) if target else None


def _service_of_form(request: Request, services: Sequence[str]) -> str:
    """Unsigned query requests tell the service by the operation's name only, in the address or in
    the form, which S3 has none of without a bucket."""
    action = dict(parse_qsl(request.query)).get("Action", "")
    has_form = (request.method, request.path) == ("POST", "/")
    for name in services:
        if protocol(name) == "query" and (
            has_form or action in service_model(name).operation_names
        ):
            return name
    return "s3"


def _host(request: Request) -> str:
    return request.headers.get("host", "").rsplit(":", 1)[0].lower()


# The operation ------------------------------------------------------------------------------


def _of_target(request: Request, service: str) -> str:
    operation = request.headers.get("x-amz-target", "").rpartition(".")[2]
    if operation not in service_model(service).operation_names:
        raise UnknownOperationError(status=400)
    return operation


def _form(request: Request) -> dict[str, str]:
    text = whole(request.body).decode("utf-8", "replace") if request.method == "POST" else ""
    return dict(parse_qsl(f"{request.query}&{text}", keep_blank_values=True))


def _of_form(form: Mapping[str, str], service: str) -> str:
    action = form.get("Action", "")
    if action not in service_model(service).operation_names:
        raise AwsError("InvalidAction", f"Could not find operation {action}")
    return action


def path_style(request: Request) -> Request:
    """A bucket in the host's name is put in front of the path."""
    match = _VIRTUAL.match(_host(request))
    if match is None or match["bucket"] == "s3":
        return request
    return replace(request, path=f"/{match['bucket']}{request.path}")


@dataclass(frozen=True, slots=True)
class _Route:
    operation: str
    method: str
    path: re.Pattern[str]
    query: tuple[tuple[str, str], ...]
    needs_query: frozenset[str]
    needs_headers: frozenset[str]
    deprecated: bool

    @property
    def rank(self) -> tuple[int, int, bool]:
        needs = len(self.needs_query) + len(self.needs_headers)
        return len(self.query), needs, not self.deprecated


@lru_cache
def _routes(service: str) -> tuple[_Route, ...]:
    """The service's routes, the most demanding first."""
    model = service_model(service)
    found = [_route(model.operation_model(name)) for name in model.operation_names]
    return tuple(sorted(found, key=lambda route: route.rank, reverse=True))


@lru_cache
def _eligible(service: str, method: str, *, asks: bool) -> tuple[_Route, ...]:
    """Those of a method, and, unless a request asks something behind `?`, of no query."""
    return tuple(
        route
        for route in _routes(service)
        if route.method == method and (asks or not (route.query or route.needs_query))
    )


def _route(operation: Any) -> _Route:
    path, _, query = operation.http["requestUri"].partition("?")
    members = operation.input_shape.members if operation.input_shape else {}
    required = operation.input_shape.required_members if operation.input_shape else ()
    needs: dict[str, set[str]] = {"querystring": set(), "header": set()}
    for name in required:
        place = members[name].serialization
        if place.get("location") in needs:
            needs[place["location"]].add(place.get("name", name))
    return _Route(
        operation.name,
        operation.http["method"],
        _pattern(path),
        tuple(pair for pair in parse_qsl(query, keep_blank_values=True) if pair[0] != "x-id"),
        frozenset(needs["querystring"]),
        frozenset(header.lower() for header in needs["header"]),
        operation.deprecated,
    )


def _pattern(template: str) -> re.Pattern[str]:
    """`/{Bucket}/{Key+}` as an expression; a label is named by its position."""
    parts = re.split(r"\{([^}]+)\}", template.rstrip("/"))
    text = ""
    for index, part in enumerate(parts):
        if index % 2 == 0:
            text += re.escape(part)
        elif part.endswith("+"):
            text += f"(?P<_{index // 2}>.+)"
        else:
            text += f"(?P<_{index // 2}>[^/]+)"
    return re.compile(f"^{text}/?$" if not template.endswith("+}") else f"^{text}$", re.DOTALL)


@cache
def _label_names(service: str, operation: str) -> tuple[str, ...]:
    uri = service_model(service).operation_model(operation).http["requestUri"]
    return tuple(name.rstrip("+") for name in re.findall(r"\{([^}]+)\}", uri.partition("?")[0]))


def _of_path(request: Request, service: str) -> tuple[str, dict[str, str]]:
    query = dict(parse_qsl(request.query, keep_blank_values=True)) if request.query else {}
    matches: dict[re.Pattern[str], re.Match[str] | None] = {}
    for route in _eligible(service, request.method, asks=bool(query)):
        if not _has(route, query, request.headers):
            continue
        if route.path not in matches:
            matches[route.path] = route.path.match(request.path)
        match = matches[route.path]
        if match is not None:
            names = _label_names(service, route.operation)
            values = (_label(value) for value in match.groups())
            return route.operation, dict(zip(names, values, strict=True))
    if any(route.path.match(request.path) for route in _routes(service)):
        raise AwsError(
            "MethodNotAllowed", "The specified method is not allowed against this resource.", 405
        )
    raise UnknownOperationError(f"No operation of {service} has the path {request.path}")


def _label(text: str) -> str:
    """A part of the path; one that is no UTF-8 is refused, lest two keys become one."""
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError as error:
        raise AwsError("InvalidURI", "Couldn't parse the specified URI.") from error


def _has(route: _Route, query: Mapping[str, str], headers: Mapping[str, str]) -> bool:
    for name, value in route.query:
        if name not in query or (value and query[name] != value):
            return False
    return route.needs_query <= query.keys() and route.needs_headers <= headers.keys()
