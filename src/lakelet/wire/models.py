"""Botocore's service models, loaded when a service is first asked for."""

from functools import cache, lru_cache
from typing import Any

PROTOCOLS = ("json", "rest-xml", "rest-json", "query")
"""What this wire speaks; a model that offers several is served by the first of these."""


@lru_cache
def service_model(service: str) -> Any:
    """The botocore ServiceModel of a service (`athena`). Raises KeyError for what AWS has not."""
    from botocore.exceptions import UnknownServiceError
    from botocore.loaders import Loader
    from botocore.model import ServiceModel

    try:
        description = Loader().load_service_model(service, "service-2")
    except UnknownServiceError as error:
        raise KeyError(service) from error
    return ServiceModel(description, service)


@cache
def operation_model(service: str, operation: str) -> Any:
    """The botocore OperationModel; raises botocore's OperationNotFoundError."""
    return service_model(service).operation_model(operation)


@lru_cache
def protocol(service: str) -> str:
    """One of PROTOCOLS."""
    metadata = service_model(service).metadata
    offered = metadata.get("protocols", [metadata["protocol"]])
    return next(name for name in PROTOCOLS if name in (metadata["protocol"], *offered))
