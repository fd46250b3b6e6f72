"""The head of a file, decompressed: all that a crawl reads of text."""

import bz2
import io
import lzma
import zlib
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import BinaryIO

from lakelet.formats.text.compression import CorruptError, chunks
from lakelet.interfaces import Storage
from lakelet.model import ObjectInfo

HEAD = 128 * 1024
"""Bytes read of a text file, before decompression, unless a crawl is told to read fewer."""

MOST = 10 * 1024 * 1024
"""Bytes read of a file whose first record goes on that long (Glue's limit for JSON)."""

_GZIP, _BZIP2, _ZIP, _XZ = b"\x1f\x8b", b"BZh", b"PK\x03\x04", b"\xfd7zXZ"
_BY_NAME = {"snappy": "snappy", "lz4": "lz4", "zst": "zstd", "deflate": "deflate"}
"""Codecs that files are told to be packed by, as Hive does, by the ending of their names."""

_NOT_PACKED = (b"PAR1", b"ORC", b"Obj\x01")
"""Formats that pack by themselves, whatever they are called."""

_BLOCK = 512 * 1024
"""Bytes that hold a block of Hadoop's codecs, which is read as a whole."""

_EXPANDED = 8
"""How much a head may grow when it is decompressed."""


@dataclass(frozen=True)
class Sample:
    """What was read of a file; `complete` when that is the whole of it."""

    info: ObjectInfo
    head: bytes
    compression: str
    complete: bool
    storage: Storage = field(repr=False)

    @cached_property
    def text(self) -> str:
        return self.head.decode("utf-8", "replace").removeprefix("\ufeff")

    @cached_property
    def lines(self) -> list[str]:
        """Whole lines; the last one is left out when the file goes on."""
        found = self.text.split("\n")
        if not found[-1] or (not self.complete and len(found) > 1):
            found.pop()
        return [line.removesuffix("\r") for line in found]

    def open(self) -> BinaryIO:
        """The file itself."""
        return self.storage.open(self.info.bucket, self.info.key)

    def tail(self, length: int) -> bytes:
        """The file's last bytes."""
        start = max(0, self.info.size - length)
        return self.storage.read(self.info.bucket, self.info.key, start, length)

    def longer(self) -> "Sample | None":
        """A sample of more of a text that goes on; None where that is all, or too much."""
        if self.complete or len(self.head) >= MOST:
            return None
        return take(self.storage, self.info, min(MOST, max(len(self.head), HEAD) * 10))

    def measured(self, seen: int) -> tuple[int, int]:
        """How many records a file has if they go on as the `seen` ones of the sample, and the
        bytes of one."""
        if not seen:
            return 0, 0
        each = max(1, len(self.head) // seen)
        return (seen if self.complete else max(seen, self.info.size // each)), each


def take(storage: Storage, info: ObjectInfo, length: int = HEAD) -> Sample:
    """Reads a file's head. Raises LakeError for one that is gone."""
    named = _BY_NAME.get(info.key.rpartition(".")[2])
    if named:
        length = max(length, _BLOCK)
    data = storage.read(info.bucket, info.key, 0, length)
    complete = len(data) >= info.size
    sample = Sample(info, data, "none", complete, storage)
    limit = length * _EXPANDED
    if data.startswith(_GZIP):
        return replace(sample, head=_inflated(data, complete, limit), compression="gzip")
    if data.startswith(_BZIP2):
        return replace(sample, head=_unpacked(data, complete, "bzip2", limit), compression="bzip2")
    if data.startswith(_XZ):
        return replace(sample, head=_unpacked(data, complete, "xz", limit), compression="xz")
    if data.startswith(_ZIP):
        head, whole = _first_member(data, limit)
        return replace(sample, head=head, compression="zip", complete=complete and whole)
    if named and not data.startswith(_NOT_PACKED):
        head, whole = _framed(data, info.key, limit)
        return replace(sample, head=head, compression=named, complete=complete and whole)
    return sample


def _framed(data: bytes, key: str, limit: int) -> tuple[bytes, bool]:
    """The head of what codecs packed that only a name tells, and whether that is all."""
    found = b""
    try:
        for chunk in chunks(io.BytesIO(data), key):
            found += chunk
            if len(found) >= limit:
                return found[:limit], False
    except CorruptError:
        return found, False
    return found, True


def _inflated(data: bytes, complete: bool, limit: int) -> bytes:
    """What gzip packed; nothing when the file itself is cut short."""
    inflater = zlib.decompressobj(wbits=31)
    try:
        head = inflater.decompress(data, limit)
    except zlib.error:
        return b""
    cut = complete and not inflater.eof and not inflater.unconsumed_tail
    return b"" if cut else head


def _unpacked(data: bytes, complete: bool, compression: str, limit: int) -> bytes:
    unpacker = bz2.BZ2Decompressor() if compression == "bzip2" else lzma.LZMADecompressor()
    try:
        head = unpacker.decompress(data, limit)
    except (OSError, EOFError, lzma.LZMAError):
        return b""
    cut = complete and not unpacker.eof and unpacker.needs_input
    return b"" if cut else head


def _first_member(data: bytes, limit: int) -> tuple[bytes, bool]:
    """The head of an archive's first file, and whether that is all of it (PKWARE's APPNOTE,
    4.3.7: local file header)."""
    method = int.from_bytes(data[8:10], "little")
    names = int.from_bytes(data[26:28], "little") + int.from_bytes(data[28:30], "little")
    body = data[30 + names :]
    if method == 8:
        inflater = zlib.decompressobj(wbits=-15)
        try:
            return inflater.decompress(body, limit), inflater.eof
        except zlib.error:
            return b"", False
    stored = int.from_bytes(data[22:26], "little")
    return (body[: min(stored or limit, limit)] if method == 0 else b""), 0 < stored <= limit
