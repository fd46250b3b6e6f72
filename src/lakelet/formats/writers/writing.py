"""The seam of writing: what a format is asked, and what it answers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO, Protocol

from lakelet.errors import TrinoError
from lakelet.types import Type

if TYPE_CHECKING:
    from pyarrow import Table


@dataclass(frozen=True, slots=True)
class WriteRequest:
    """The data columns by their names in lower case, the compression's word and level if one is
    asked for, the SerDe's properties (delimiters, the text of NULL), and, of
    a table that is there already, its database and name and its columns' comments."""

    columns: tuple[tuple[str, Type], ...]
    compression: str | None = None
    level: int | None = None
    serde: Mapping[str, str] = field(default_factory=dict)
    table: tuple[str, str] | None = None
    comments: tuple[str, ...] = ()


class FileWriter(Protocol):
    """One file that is being written, from one thread at a time."""

    def write(self, rows: "Table") -> None: ...

    def close(self) -> None:
        """Ends the file's contents; the file itself is the caller's."""
        ...


class Sink:
    """A file as the C++ of Arrow and ORC sees it: no write of theirs fails.

    ORC's writer ends the process when it is let go of after a failed write, and Arrow's complains.
    A failure is kept here instead, for `check`; what is written after it is passed over.
    """

    closed = False

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._place = file.tell()
        self._failure: OSError | ValueError | None = None

    def write(self, data: bytes) -> int:
        size = len(data)
        self._place += size
        if self._failure is None:
            try:
                self._file.write(data)
            except (OSError, ValueError) as failure:  # a disk that is full, a file that is closed
                self._failure = failure
        return size

    def tell(self) -> int:
        return self._place

    def flush(self) -> None:
        """What has been written is flushed by the file's owner."""

    def close(self) -> None:
        """Leaves the file open."""

    def check(self) -> None:
        """Raises what a write failed with."""
        if self._failure is not None:
            raise self._failure


@dataclass(frozen=True, slots=True)
class Writing:
    """How the rows of a query become files.

    `items` are SQL expressions over columns named as in the request, one for each column that
    `open`'s writer takes, in the physical types of `types.arrow`.
    """

    items: Sequence[str]
    extension: str
    open: Callable[[BinaryIO], FileWriter]


def codec(words: Mapping[str, str], request: WriteRequest, default: str, form: str) -> str:
    """A format's own name of the codec that is asked for.

    Raises TrinoError HIVE_UNSUPPORTED_FORMAT for one that the format has not.
    """
    asked = (default if request.compression is None else request.compression).upper()
    if asked not in words:
        message = f"Compression codec {asked} not supported for {form}"
        raise TrinoError("HIVE_UNSUPPORTED_FORMAT", message)
    return words[asked]
