"""The exception tree.

    LakeletError
    ├── AwsError              a request was refused: AWS's code, text and HTTP status
    ├── TrinoError            a statement failed: Trino's error name, type, text and position
    └── LakeError             an operation on the store or the catalogue was refused
        ├── NotFound          what was named does not exist
        │   ├── NoSuchBucket
        │   ├── NoSuchKey
        │   └── NoSuchUpload
        ├── AlreadyExists     what was to be made exists
        ├── InvalidInput      a value breaks a rule
        ├── NotEmpty          what was to be removed still holds something
        ├── Conflict          somebody else changed it in between (optimistic locking)
        ├── PreconditionFailed  a condition that the caller set does not hold
        ├── LimitExceeded     a documented quota
        ├── NoRoom            a disk that takes no more
        └── Unsupported       a real thing of AWS that is not built here

Lower layers raise these; only `wire` and `services` raise an `AwsError`. Each service turns a
`LakeError` into one by its own table, and only `services.athena` turns a `TrinoError` into
Athena's category and type.
"""

import errno
from collections.abc import Mapping
from typing import Any, Final, Literal

ErrorType = Literal["USER_ERROR", "INTERNAL_ERROR", "INSUFFICIENT_RESOURCES", "EXTERNAL"]


_OF_THE_USER: Final = frozenset({"HIVE_COLUMN_ORDER_MISMATCH", "HIVE_EXCEEDED_PARTITION_LIMIT"})
_INTERNAL: Final = frozenset(
    {"FUNCTION_IMPLEMENTATION_MISSING", "GENERIC_INTERNAL_ERROR", "SERVER_SHUTTING_DOWN"}
)
_RESOURCES: Final = frozenset(
    {"EXCEEDED_LOCAL_MEMORY_LIMIT", "EXCEEDED_SCAN_LIMIT", "EXCEEDED_TIME_LIMIT"}
)


def type_of(name: str) -> ErrorType:
    """The type of an error by its name (Trino's StandardErrorCode and HiveErrorCode)."""
    if name in _INTERNAL:
        return "INTERNAL_ERROR"
    if name in _RESOURCES:
        return "INSUFFICIENT_RESOURCES"
    if name.startswith("HIVE_") and name not in _OF_THE_USER:
        return "EXTERNAL"
    return "USER_ERROR"


class LakeletError(Exception):
    """Whatever lakelet raises on purpose."""


class AwsError(LakeletError):
    """A modelled error: AWS's `code`, its text, the HTTP status and the shape's further members."""

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


class TrinoError(LakeletError):
    """A statement failed, in Trino's words.

    `name` is Trino's error name (`DIVISION_BY_ZERO`), which tells the `error_type` unless that is
    given; `line` and `column` count from 1 and are None when the failure has no place in the text
    (an error while rows were computed).
    """

    def __init__(
        self,
        name: str,
        message: str,
        *,
        line: int | None = None,
        column: int | None = None,
        error_type: ErrorType | None = None,
    ) -> None:
        self.name = name
        self.message = message
        self.line = line
        self.column = column
        self.error_type: ErrorType = error_type or type_of(name)
        super().__init__(str(self))

    def __str__(self) -> str:
        if self.line is None:
            return self.message
        return f"line {self.line}:{self.column}: {self.message}"


class AthenaRefusalError(TrinoError):
    """Athena itself refuses a statement that began, in words that stand without the error's name;
    no file of results tells them."""


class LakeError(LakeletError):
    """An operation on the store or the catalogue was refused; `subject` is what it was about."""

    def __init__(self, message: str, *, subject: str = "") -> None:
        self.message = message
        self.subject = subject
        super().__init__(message)


class NotFound(LakeError):  # noqa: N818 - the field's own words, not "NotFoundError"
    """What was named does not exist."""


class NoSuchBucket(NotFound):
    """The bucket does not exist; `subject` is its name."""

    def __init__(self, bucket: str) -> None:
        super().__init__("The specified bucket does not exist", subject=bucket)


class NoSuchKey(NotFound):
    """The object does not exist; `subject` is its key."""

    def __init__(self, key: str) -> None:
        super().__init__("The specified key does not exist.", subject=key)


class NoSuchUpload(NotFound):
    """The multipart upload does not exist (any more); `subject` is its id."""


class AlreadyExists(LakeError):  # noqa: N818 - as above
    """What was to be made exists already."""


class InvalidInput(LakeError):  # noqa: N818 - as above
    """A value breaks a documented rule."""


class NotEmpty(LakeError):  # noqa: N818 - as above
    """What was to be removed still holds something."""


class Conflict(LakeError):  # noqa: N818 - as above
    """Somebody else changed it in between."""


class PreconditionFailed(LakeError):  # noqa: N818 - as above
    """A condition that the caller set does not hold."""


class NoRoom(LakeError):  # noqa: N818 - as above
    """The disk, or what may be used of it, takes no more."""

    MET: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
    """The numbers by which an OSError tells of a disk, a quota or a limit that takes no more."""


class LimitExceeded(LakeError):  # noqa: N818 - as above
    """A documented quota would be broken."""


class Unsupported(LakeError):  # noqa: N818 - as above
    """A real thing of AWS that is not built here."""
