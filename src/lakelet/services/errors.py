"""Errors of a service in AWS's own words."""

from collections.abc import Mapping
from typing import Any

from lakelet.errors import LakeError, LakeletError


class ServiceError(LakeletError):
    """A modelled error: its code, its text, the HTTP status and the shape's further members."""

    def __init__(
        self,
        code: str,
        message: str,
        status: int = 400,
        members: Mapping[str, Any] | None = None,
    ) -> None:
        self.code = code
        self.message = message
        self.status = status
        self.members = members or {}
        super().__init__(message)


def translated(error: LakeletError, codes: Mapping[type[LakeError], str]) -> ServiceError:
    """A refusal from below under the code that a service has for its kind."""
    if isinstance(error, ServiceError):
        return error
    for kind in type(error).__mro__:
        if kind in codes:
            return ServiceError(codes[kind], str(error))
    return ServiceError("InternalFailure", str(error), 500)
