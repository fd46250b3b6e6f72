"""A request and a response of HTTP, as the wire sees them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable


class Reader(Protocol):
    """A body as it arrives; `read` gives at most `size` bytes, and none at the end."""

    def read(self, size: int = -1, /) -> bytes: ...


class NoBody:
    """The body of a request that has none."""

    def read(self, size: int = -1, /) -> bytes:
        """No bytes."""
        return b""


@runtime_checkable
class FileRange(Protocol):
    """A body that is a range of an open file: the kernel can send it by itself."""

    @property
    def start(self) -> int: ...

    @property
    def length(self) -> int: ...

    def fileno(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Request:
    """`path` and `query` are percent-encoded as they came; header names are in lower case."""

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Reader = field(default_factory=NoBody)


@dataclass(frozen=True, slots=True)
class Response:
    """A body is bytes, or blocks that are sent as they come and closed at the end."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | Iterable[bytes] = b""
