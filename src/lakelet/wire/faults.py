"""What is wrong with a request before any service has seen it."""

from lakelet.errors import AwsError


class UnknownOperationError(AwsError):
    """The request names no operation of the service's model."""

    def __init__(self, message: str = "", status: int = 404) -> None:
        super().__init__("UnknownOperationException", message, status)


class MalformedError(AwsError):
    """A body that is not what its protocol writes."""

    def __init__(self, message: str, code: str = "SerializationException") -> None:
        super().__init__(code, message)


class TooLargeError(AwsError):
    """A document that is larger than any service takes."""

    def __init__(self, most: int, *, of_s3: bool) -> None:
        if of_s3:  # "List of error codes" of the S3 API reference
            super().__init__("MaxMessageLengthExceeded", "Your request was too big.")
        else:
            message = f"The request is larger than {most} bytes."
            super().__init__("RequestEntityTooLargeException", message, 413)
