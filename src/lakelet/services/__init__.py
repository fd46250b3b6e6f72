"""One class a service, one method an operation, named as botocore names it in snake case.

A method takes the parsed parameters in botocore's shape and answers a result in that shape. It may
take a `Context` as well. What it raises of `lakelet.errors` the service's `translate` puts into
AWS's words.
"""

import importlib
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lakelet.loading import loading

if TYPE_CHECKING:
    from lakelet.lake import Lake

SERVICES: Mapping[str, str] = {
    "athena": "lakelet.services.athena",
    "glue": "lakelet.services.glue",
    "s3": "lakelet.services.s3.service",
    "sts": "lakelet.services.sts",
}
"""Botocore's name of each service that is answered, and the module whose `create` makes it."""

Parameters = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Context:
    """Who asks and how: what a few operations need beside their parameters."""

    account: str
    region: str
    access_key: str
    host: str = ""


Operation = Callable[[Parameters, Context], Mapping[str, Any]]


def create(service: str, lake: "Lake") -> Any:
    """A service over a lake."""
    with loading:
        module = importlib.import_module(SERVICES[service])
    return module.create(lake)


def operation(instance: Any, method: str) -> Operation | None:
    """The method that answers an operation, None where there is none."""
    found = getattr(instance, method, None)
    if found is None:
        return None
    if len(inspect.signature(found).parameters) > 1:
        return found  # type: ignore[no-any-return]  # methods are looked up by name
    return lambda parameters, context: found(parameters)
