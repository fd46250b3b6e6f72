"""An object held open for reading, and one being written."""

import errno
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress

from lakelet.errors import NoRoom
from lakelet.storage import files
from lakelet.storage.checksums import Digests
from lakelet.storage.objects import StoredObject


class OpenObject:
    """An object held open: its bytes and its description stay those of one version."""

    def __init__(self, descriptor: int, described: StoredObject) -> None:
        self._descriptor = descriptor
        self.described = described

    def fileno(self) -> int:
        return self._descriptor

    def blocks(self, start: int, length: int) -> Iterator[bytes]:
        """The bytes of a range, a block at a time."""
        return files.blocks(self._descriptor, start, length)

    def close(self) -> None:
        """May be called again, and from another thread than the one that reads."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)

    def __enter__(self) -> "OpenObject":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Draft:
    """An object being written into scratch, hashed as its bytes come; gone if not committed.

    Raises `NoRoom` when the disk is full.
    """

    def __init__(self, path: str, algorithms: Iterable[str] = ()) -> None:
        self.path = path
        self.size = 0
        self.digests = Digests(algorithms)
        self._descriptor = os.open(
            path, os.O_CREAT | os.O_EXCL | os.O_RDWR | getattr(os, "O_BINARY", 0), 0o644
        )

    def write(self, data: bytes | memoryview) -> None:
        self.digests.update(data)
        with _room():
            files.write_all(self._descriptor, data)
        self.size += len(data)

    def append(self, source: int, size: int) -> None:
        """Appends the first `size` bytes of an open file unhashed, inside the kernel.

        Raises `OSError` if the file is shorter.
        """
        with _room():
            copied = files.append_copy(source, self._descriptor, 0, size)
        if copied != size:
            raise OSError(errno.EIO, "file is shorter than it was")
        self.size += size

    def checksum(self, algorithm: str) -> str:
        """A checksum that was not asked for at the beginning, by reading again."""
        late = Digests([algorithm])
        for data in files.blocks(self._descriptor, 0, self.size):
            late.update(data)
        return late.values()[algorithm]

    def finish(self, *, fsync: bool) -> None:
        """No more bytes come; those written are brought to the disk if the settings ask so."""
        if fsync:
            with _room():
                files.sync(self._descriptor)
        os.close(self._descriptor)
        self._descriptor = -1

    def __enter__(self) -> "Draft":
        return self

    def __exit__(self, failure: object, *_: object) -> None:
        is_open = self._descriptor >= 0
        if is_open:
            os.close(self._descriptor)
        if is_open or failure is not None:
            with suppress(FileNotFoundError):  # what was finished may have its place already
                os.unlink(self.path)


@contextmanager
def _room() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in NoRoom.MET:
            raise NoRoom(f"No room for the object: {error.strerror}") from error
        raise
