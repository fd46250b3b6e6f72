"""What is wrong with a request before any service has seen it."""


class WireError(Exception):
    """A modelled error: AWS's `code`, its text and the HTTP status."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        self.code = code
        self.message = message
        self.status = status
        super().__init__(message)


class UnknownOperationError(WireError):
    """The request names no operation of the service's model."""

    def __init__(self, message: str = "", status: int = 404) -> None:
        super().__init__("UnknownOperationException", message, status)


class MalformedError(WireError):
    """A body that is not what its protocol writes."""

    def __init__(self, message: str, code: str = "SerializationException") -> None:
        super().__init__(code, message)
