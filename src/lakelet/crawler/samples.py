"""The head of a file, decompressed: all that a crawl reads of text."""

import bz2
import zlib
from dataclasses import dataclass

from lakelet.interfaces import Storage
from lakelet.model import ObjectInfo

HEAD = 128 * 1024
"""Bytes read of a text file, before decompression."""

_GZIP = b"\x1f\x8b"
_BZIP2 = b"BZh"


@dataclass(frozen=True, slots=True)
class Sample:
    """What was read of a file; `complete` when that is the whole of it."""

    info: ObjectInfo
    head: bytes
    compression: str
    complete: bool

    @property
    def lines(self) -> list[str]:
        """Whole lines; the last one is left out when the file goes on."""
        text = self.head.decode("utf-8", "replace").removeprefix("\ufeff")
        found = text.splitlines()
        return found if self.complete or len(found) < 2 else found[:-1]


def take(storage: Storage, info: ObjectInfo) -> Sample:
    """Reads a file's head. Raises LakeError for one that is gone."""
    data = storage.read(info.bucket, info.key, 0, HEAD)
    complete = len(data) >= info.size
    if data.startswith(_GZIP):
        return Sample(info, _inflated(data, complete), "gzip", complete)
    if data.startswith(_BZIP2):
        return Sample(info, _bunzipped(data, complete), "bzip2", complete)
    return Sample(info, data, "none", complete)


def _inflated(data: bytes, complete: bool) -> bytes:
    """What gzip packed; nothing when the file itself is cut short."""
    inflater = zlib.decompressobj(wbits=31)
    try:
        head = inflater.decompress(data, HEAD * 8)
    except zlib.error:
        return b""
    cut = complete and not inflater.eof and not inflater.unconsumed_tail
    return b"" if cut else head


def _bunzipped(data: bytes, complete: bool) -> bytes:
    unpacker = bz2.BZ2Decompressor()
    try:
        head = unpacker.decompress(data, HEAD * 8)
    except (OSError, EOFError):
        return b""
    cut = complete and not unpacker.eof and unpacker.needs_input
    return b"" if cut else head
