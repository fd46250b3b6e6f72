"""Which file holds which key.

A key that a file system can hold as a path of that name lies there, under `objects/<bucket>`.
Every other key, and one whose place is taken (`a` beside `a/b`), lies percent-encoded under
`escaped/<bucket>`. The rule has no state: both names follow from the key alone.
"""

import os
import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote_to_bytes

from lakelet.errors import InvalidInput, NoSuchBucket

SEGMENT_BYTES = 255
"""The longest file name of ext4, xfs, APFS and NTFS."""

PATH_BYTES = 4095
"""Linux's PATH_MAX without its closing NUL."""

CHUNK = 200
"""Characters of one folder's name in the escaped area."""

_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_ADDRESS = re.compile(r"\d+\.\d+\.\d+\.\d+")
_SCHEMES = ("s3", "s3a", "s3n")
_AS_IS = frozenset(b"abcdefghijklmnopqrstuvwxyz0123456789_-.")
_SPELLED = {byte: f"%{byte:02x}" for byte in range(256) if byte not in _AS_IS}
_END = "="
_REFUSED_BY_WINDOWS = re.compile(
    r'[<>:"\\|?*\x01-\x1f]|[. ]$|^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)', re.IGNORECASE
)


def place(address: str) -> tuple[str, str] | None:
    """Bucket and key of `s3://bucket/key`, under Hadoop's names for S3 too; None for what is no
    address of S3's."""
    scheme, _, rest = address.partition("://")
    bucket, _, key = rest.partition("/")
    return (bucket, key) if bucket and scheme.lower() in _SCHEMES else None


@lru_cache
def is_bucket_name(name: str) -> bool:
    """Whether S3's rules for the names of general purpose buckets allow a name."""
    return bool(_BUCKET.fullmatch(name)) and ".." not in name and not _ADDRESS.fullmatch(name)


def is_plain(key: str) -> bool:
    """Whether a file system can hold a key under its own name."""
    try:
        return all(_is_plain_segment(segment) for segment in key.split("/"))
    except UnicodeEncodeError:
        return False


def _is_plain_segment(segment: str) -> bool:
    if segment in ("", ".", "..") or "\0" in segment:
        return False
    if os.name == "nt" and _REFUSED_BY_WINDOWS.search(segment):
        return False
    return len(segment.encode()) <= SEGMENT_BYTES


def escape(key: str) -> str:
    """The relative path of a key in the escaped area.

    Upper case is encoded too, so that `A` and `a` differ on a disk that folds case. The text is
    cut into folders; only the last piece carries the closing mark, so no file is also a folder.
    """
    encoded = key.encode("utf-8", "surrogatepass").decode("latin-1").translate(_SPELLED)
    pieces = [encoded[i : i + CHUNK] for i in range(0, len(encoded), CHUNK)] or [""]
    return "/".join(pieces) + _END


def unescape(path: str) -> str | None:
    """The key of a path in the escaped area; None for a file that is no key's."""
    if not path.endswith(_END):
        return None
    key = unquote_to_bytes(path[:-1].replace("/", "")).decode("utf-8", "surrogatepass")
    return key if escape(key) == path else None


@dataclass(frozen=True, slots=True)
class Layout:
    """The folders of the embedded store; `root` is absolute and free of links."""

    root: str

    @property
    def objects(self) -> str:
        return f"{self.root}{os.sep}objects"

    @property
    def scratch(self) -> str:
        return os.path.join(self.root, "scratch")

    @property
    def uploads(self) -> str:
        return os.path.join(self.root, "uploads")

    def bucket(self, bucket: str) -> str:
        """The folder of a bucket. Raises `NoSuchBucket` for a name that no bucket can have."""
        if not is_bucket_name(bucket):
            raise NoSuchBucket(bucket)
        return f"{self.root}{os.sep}objects{os.sep}{bucket}"

    def escaped_bucket(self, bucket: str) -> str:
        """The folder of a bucket's escaped keys."""
        self.bucket(bucket)
        return f"{self.root}{os.sep}escaped{os.sep}{bucket}"

    def plain(self, bucket: str, key: str) -> str | None:
        """The file of a key under its own name; None where a file system cannot hold it."""
        path = f"{self.bucket(bucket)}/{key}"
        if not is_plain(key) or len(os.fsencode(path)) > PATH_BYTES:
            return None
        return path

    def escaped(self, bucket: str, key: str) -> str:
        """The file of a key in the escaped area."""
        return f"{self.escaped_bucket(bucket)}/{escape(key)}"

    def key(self, path: str) -> tuple[str, str]:
        """The bucket and the key of a file. Raises `InvalidInput` for a file that is no object."""
        area, _, rest = os.path.relpath(path, self.root).replace(os.sep, "/").partition("/")
        bucket, _, name = rest.partition("/")
        key = unescape(name) if area == "escaped" else name
        if area not in ("objects", "escaped") or not key:
            raise InvalidInput(f"{path} is not the file of an object", subject=path)
        return bucket, key
