"""One request to one response: routed, parsed, validated, answered, serialised. Synchronous.

A failure of any kind is a modelled error; what nobody foresaw is logged and answers
InternalFailure, without its traceback.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from random import getrandbits
from typing import TYPE_CHECKING, Any
from uuid import UUID

from botocore import xform_name

from lakelet.errors import AwsError, LakeletError, NoRoom
from lakelet.services import SERVICES, Context, Operation, create, operation
from lakelet.wire import posting
from lakelet.wire.accepting import accepted
from lakelet.wire.chunks import decoded
from lakelet.wire.compressing import unzipped
from lakelet.wire.messages import Request, Response
from lakelet.wire.models import service_model
from lakelet.wire.payloads import held
from lakelet.wire.routing import Routed, Scope, scope, understood, within
from lakelet.wire.serializing import serialize, serialize_error
from lakelet.wire.signing import check_expiry

if TYPE_CHECKING:
    from lakelet.lake import Lake

_LOG = logging.getLogger("lakelet")
_NAMES = tuple(SERVICES)
_NOT_SUPPORTED = "OperationNotSupportedException"
_INTERNAL = AwsError("InternalFailure", "We encountered an internal error. Please try again.", 500)

_SEAMS = {"translate", "forward"}
"""Public methods of a service that are no operations."""


def check_names(service: str, instance: Any) -> None:
    """Raises TypeError for a public method that names no operation of botocore's model."""
    known = {xform_name(name) for name in service_model(service).operation_names} | _SEAMS
    public = {name for name in dir(type(instance)) if not name.startswith("_")}
    if strangers := sorted(public - known):
        raise TypeError(f"{service} has no operation {', '.join(strangers)}")


class Endpoint:
    """A lake's services behind one method. Usable from many threads.

    `opened` is told each service that is asked for the first time.
    """

    def __init__(self, lake: "Lake", opened: Callable[[str], None] = lambda service: None) -> None:
        self._lake = lake
        self._opened = opened
        self._services: dict[str, Any] = {}
        self._operations: dict[tuple[str, str], Operation] = {}
        self._lock = threading.Lock()

    def handle(self, request: Request) -> Response:
        """The response to a request; never raises for what a client sent."""
        request_id = str(UUID(int=getrandbits(128), version=4))
        service = ""
        try:
            found = scope(request, _NAMES)
            service = found.service
            check_expiry(request.query, datetime.now(UTC))
            response = self._served(request, found, request_id)
        except AwsError as refused:
            response = serialize_error(service or understood(request), refused, request_id)
        except LakeletError as error:
            told = self._service(service).translate(error)
            response = serialize_error(service, told, request_id)
        except ConnectionError:
            raise
        except Exception as error:  # noqa: BLE001 - a client is never shown a traceback
            told = self._unforeseen(service, request, error)
            response = serialize_error(service or understood(request), told, request_id)
        if request.method == "HEAD":
            return Response(response.status, response.headers)
        return response

    def _unforeseen(self, service: str, request: Request, error: Exception) -> AwsError:
        """What a client is told of what no service told of; a full disk is met anywhere."""
        if service and isinstance(error, OSError) and error.errno in NoRoom.MET:
            full = NoRoom("No space is left on the disk that holds the lake.")
            answer: AwsError = self._service(service).translate(full)
            return answer
        _LOG.error("%s %s failed", request.method, request.path, exc_info=error)
        return _INTERNAL

    def _served(self, request: Request, found: Scope, request_id: str) -> Response:
        if found.service == "s3" and posting.is_form(request):
            with posting.read(request, datetime.now(UTC)) as form:
                return form.answered(self._answer(within(form.request, found), request_id))
        return self._answer(within(unzipped(request, found.service), found), request_id)

    def _answer(self, routed: Routed, request_id: str) -> Response:
        instance = self._service(routed.service)
        forward = getattr(instance, "forward", None)
        if forward is not None:
            request = routed.request
            answer = forward(
                request.method, request.path, request.query, request.headers, decoded(request)
            )
            return Response(answer.status, dict(answer.headers), answer)
        if routed.service == "s3":
            routed = replace(routed, request=held(routed.request))
        found = self._operation(instance, routed)
        result = found(accepted(routed), self._context(routed))
        return serialize(routed.service, routed.operation, result, request_id)

    def _operation(self, instance: Any, routed: Routed) -> Operation:
        key = routed.service, routed.operation
        if key not in self._operations:
            found = operation(instance, xform_name(routed.operation))
            if found is None:
                raise _not_built(routed)
            self._operations[key] = found
        return self._operations[key]

    def _context(self, routed: Routed) -> Context:
        settings = self._lake.settings
        return Context(
            settings.account,
            routed.scope.region or settings.region,
            routed.scope.access_key,
            routed.request.headers.get("host", ""),
        )

    def _service(self, name: str) -> Any:
        with self._lock:
            if name not in self._services:
                made = create(name, self._lake)
                check_names(name, made)
                self._services[name] = made
                self._opened(name)
            return self._services[name]


def _not_built(routed: Routed) -> AwsError:
    """By the error that the service's model has for it, if it has one."""
    message = f"{routed.operation} of {routed.service} is not available in lakelet."
    modelled = {shape.name for shape in service_model(routed.service).error_shapes}
    if _NOT_SUPPORTED in modelled:
        return AwsError(_NOT_SUPPORTED, message)
    return AwsError("NotImplemented", message, 501)
