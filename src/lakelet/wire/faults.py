"""What is wrong with a request before any service has seen it."""

from collections.abc import Mapping


class WireError(Exception):
    """A modelled error: AWS's `code`, its text, the HTTP status and the shape's further members."""

    def __init__(
        self,
        code: str,
        message: str,
        status: int = 400,
        members: Mapping[str, str] | None = None,
    ) -> None:
        self.code = code
        self.message = message
        self.status = status
        self.members = members or {}
        super().__init__(message)


class UnknownOperationError(WireError):
    """The request names no operation of the service's model."""

    def __init__(self, message: str = "", status: int = 404) -> None:
        super().__init__("UnknownOperationException", message, status)


class MalformedError(WireError):
    """A body that is not what its protocol writes."""

    def __init__(self, message: str, code: str = "SerializationException") -> None:
        super().__init__(code, message)
