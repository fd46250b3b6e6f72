"""Files as the embedded store needs them: opened once and described by what was opened, put in
place by one rename, locked across threads and processes.

Plain os calls and not fsspec's: a rename, a lock and a status of an open file have no words there
(docs/decisions/0005).
"""

import errno
import itertools
import os
import shutil
import stat
import sys
import threading
import uuid
import zlib
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from lakelet.storage.exchanging import replaced

if sys.platform != "win32":
    import fcntl

BLOCK = 1 << 20
"""Bytes read or hashed at a time."""

_STRIPES = 64
_ALIVE = ".alive"
_NOT_THERE = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.EISDIR, errno.ENAMETOOLONG})
_OPEN_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)  # a pipe dropped into the folder must not hold a reader
)
_WHOLE_FLAGS = os.O_CREAT | os.O_TRUNC | os.O_WRONLY | getattr(os, "O_BINARY", 0)


class PlaceTaken(OSError):  # noqa: N818 - what is so, not that something broke
    """A folder stands where the file should go, or a file where its folder should."""


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """Tells one version of a file from another: bytes, nanoseconds, inode."""

    size: int
    mtime: int
    inode: int

    @classmethod
    def of(cls, status: os.stat_result) -> "Fingerprint":
        return cls(status.st_size, status.st_mtime_ns, status.st_ino)


def _is_straight(folder: str, root: str) -> bool | None:
    """Whether no part of a folder's path below `root`, which has none itself, is a link; None for
    a folder that is not there."""
    if os.sep != "/":
        folder = folder.replace("/", os.sep)
    end = len(root)
    while end >= 0:
        end = folder.find(os.sep, end + 1)
        try:
            status = os.lstat(folder if end < 0 else folder[:end])
        except OSError as error:
            if error.errno in _NOT_THERE:
                return None
            raise
        if stat.S_ISLNK(status.st_mode):
            return False
    return True


def open_regular(path: str, root: str) -> tuple[int, os.stat_result] | None:
    """A descriptor and the status of a regular file; None if there is none of that name.

    A link, in the last place or above, does not lead out of `root`: what it names is not there.
    """
    if not _is_straight(os.path.dirname(path), root):
        return None
    try:
        descriptor = os.open(path, _OPEN_FLAGS)
    except OSError as error:
        if error.errno in _NOT_THERE or (os.name == "nt" and os.path.isdir(path)):
            return None
        raise
    status = os.fstat(descriptor)
    if stat.S_ISREG(status.st_mode):
        return descriptor, status
    os.close(descriptor)
    return None


def status_of(path: str, root: str) -> os.stat_result | None:
    """As `open_regular`, without opening."""
    if not _is_straight(os.path.dirname(path), root):
        return None
    try:
        status = os.lstat(path)
    except OSError as error:
        if error.errno in _NOT_THERE:
            return None
        raise
    return status if stat.S_ISREG(status.st_mode) else None


def is_folder(path: str) -> bool:
    """Whether a folder has that name; a link to one is none."""
    try:
        return stat.S_ISDIR(os.lstat(path).st_mode)
    except OSError as error:
        if error.errno in _NOT_THERE:
            return False
        raise


def put_in_place(
    source: str, target: str, top: str, root: str, *, replaces: bool, fsync: bool
) -> None:
    """Renames a finished file to its place below `root`, making the folders below `top`; `replaces`
    says that a file was seen there.

    Raises `FileNotFoundError` if `top` is gone and `PlaceTaken` if the tree does not let it in.
    """
    folder = os.path.dirname(target)
    while True:
        if _is_straight(folder, root) is False:
            raise PlaceTaken(errno.ELOOP, "a link leads elsewhere")
        try:
            if not replaces or not replaced(source, target):
                os.replace(source, target)
        except OSError as error:
            _make_room(error, source, target, top)
        else:
            break
    if fsync:
        _sync_folder(folder)


def _make_room(error: OSError, source: str, target: str, top: str) -> None:
    if error.errno == errno.ENOENT and os.path.exists(source):
        _make_folders(os.path.dirname(target), top)
    elif error.errno in (errno.EISDIR, errno.ENOTEMPTY, errno.EEXIST, errno.EACCES, errno.EPERM):
        if not os.path.isdir(target) or not remove_empty_tree(target):
            raise _taken(error)
    elif error.errno == errno.ENOTDIR:
        raise _taken(error)
    else:
        raise error


def _taken(error: OSError) -> OSError:
    if error.errno in (errno.EACCES, errno.EPERM) and os.name != "nt":
        return error
    return PlaceTaken(error.errno, "place taken")


def _make_folders(folder: str, top: str) -> None:
    """Makes the folders between `top`, which must stand, and `folder`."""
    missing = []
    while folder != top and not os.path.isdir(folder):
        missing.append(folder)
        folder = os.path.dirname(folder)
    if not os.path.isdir(top):
        raise FileNotFoundError(errno.ENOENT, "no such folder", top)
    for path in reversed(missing):
        try:
            os.mkdir(path)
        except FileExistsError:
            if not os.path.isdir(path):
                raise PlaceTaken(errno.ENOTDIR, "place taken") from None
        except NotADirectoryError:
            raise PlaceTaken(errno.ENOTDIR, "place taken") from None
        except FileNotFoundError:
            return  # somebody pruned an empty folder in between: the caller tries again


def remove_empty_tree(folder: str) -> bool:
    """Removes a folder that holds nothing but empty folders; False if a file is in it."""
    for path, _, _ in os.walk(folder, topdown=False):
        try:
            os.rmdir(path)
        except FileNotFoundError:
            continue
        except OSError:
            return False
    return True


def prune(folder: str, top: str) -> None:
    """Removes empty folders upwards, up to `top`, which stays."""
    with suppress(OSError):
        while folder != top and folder.startswith(top):
            os.rmdir(folder)
            folder = os.path.dirname(folder)


def sync(descriptor: int) -> None:
    """Brings a file's bytes to the disk."""
    os.fsync(descriptor)


def _sync_folder(folder: str) -> None:
    if os.name == "nt":
        return  # Windows has no folder to open
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def blocks(descriptor: int, start: int, length: int) -> Iterator[bytes]:
    """The bytes of a range, a block at a time; ends early where the file does."""
    while length > 0:
        data = os.pread(descriptor, min(BLOCK, length), start)
        if not data:
            return
        yield data
        start += len(data)
        length -= len(data)


def append_copy(source: int, target: int, start: int, length: int) -> int:
    """Copies a range to the end of another file inside the kernel where it can; the bytes copied.

    On xfs, btrfs and others the blocks are shared and nothing is copied.
    """
    copied = 0
    if hasattr(os, "copy_file_range"):
        try:
            while copied < length:
                count = os.copy_file_range(source, target, length - copied, start + copied)
                if count == 0:
                    return copied
                copied += count
        except OSError as error:
            if error.errno not in (errno.EXDEV, errno.ENOSYS, errno.EINVAL, errno.EOPNOTSUPP):
                raise
    for data in blocks(source, start + copied, length - copied):
        write_all(target, data)
        copied += len(data)
    return copied


def write_all(descriptor: int, data: bytes | memoryview) -> None:
    """Writes the whole of a block; a disk that is full raises."""
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def write_whole(path: str | Path, data: bytes) -> None:
    """Makes a file of just some bytes; a disk that is full raises."""
    descriptor = os.open(path, _WHOLE_FLAGS, 0o644)
    try:
        write_all(descriptor, data)
    finally:
        os.close(descriptor)


class KeyLocks:
    """Locks by name, between the threads of this process and between processes.

    Names share a fixed number of locks. A thread holds one at a time, or takes `all` it needs at
    once, in their order.
    """

    def __init__(self, folder: str) -> None:
        os.makedirs(folder, exist_ok=True)
        self._folder = folder
        self._locks = [threading.Lock() for _ in range(_STRIPES)]
        self._files: dict[int, int] = {}

    def __call__(self, name: str) -> AbstractContextManager[None]:
        """The lock of a name."""
        return self._held(_stripe(name))

    @contextmanager
    def all(self, names: Iterable[str]) -> Iterator[None]:
        """The locks of several names."""
        with ExitStack() as held:
            for stripe in sorted(set(map(_stripe, names))):
                held.enter_context(self._held(stripe))
            yield

    @contextmanager
    def _held(self, stripe: int) -> Iterator[None]:
        with self._locks[stripe]:
            if sys.platform == "win32":
                yield
                return
            file = self._files.get(stripe)
            if file is None:
                path = os.path.join(self._folder, f"{stripe:02}")
                file = self._files[stripe] = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
            fcntl.flock(file, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.flock(file, fcntl.LOCK_UN)

    def close(self) -> None:
        while self._files:
            os.close(self._files.popitem()[1])


def _stripe(name: str) -> int:
    return zlib.crc32(name.casefold().encode("utf-8", "surrogatepass")) % _STRIPES


class Scratch:
    """A process's own folder for unfinished files; those of dead processes are swept away."""

    def __init__(self, folder: str, locks: KeyLocks) -> None:
        os.makedirs(folder, exist_ok=True)
        self.path = os.path.join(folder, uuid.uuid4().hex)
        self._names = itertools.count()
        with locks(folder):
            self._sweep(folder)
            os.mkdir(self.path)
            self._alive = os.open(os.path.join(self.path, _ALIVE), os.O_CREAT | os.O_RDWR, 0o600)
            if sys.platform != "win32":
                fcntl.flock(self._alive, fcntl.LOCK_EX)

    def new(self) -> str:
        """A path that nobody else uses."""
        return os.path.join(self.path, f"{next(self._names)}")

    def close(self) -> None:
        os.close(self._alive)
        shutil.rmtree(self.path, ignore_errors=True)

    @staticmethod
    def _sweep(folder: str) -> None:
        for name in os.listdir(folder):
            path = os.path.join(folder, name)
            if _is_abandoned(os.path.join(path, _ALIVE)):
                shutil.rmtree(path, ignore_errors=True)


def lives(folder: str) -> bool:
    """Whether the process whose scratch folder this is, is still there."""
    return os.path.isdir(folder) and not _is_abandoned(os.path.join(folder, _ALIVE))


def _is_abandoned(alive: str) -> bool:
    """Whether the process that holds a lock file is gone: its lock went with it, and on Windows
    what kept the open file from being removed."""
    if sys.platform == "win32":
        with suppress(FileNotFoundError):
            try:
                os.unlink(alive)
            except PermissionError:
                return False
        return True
    try:
        descriptor = os.open(alive, os.O_RDWR)
    except FileNotFoundError:
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return True
