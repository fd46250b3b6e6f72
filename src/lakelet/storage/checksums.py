"""The checksums of S3, computed once while bytes stream by.

CRC-32C, CRC-64/NVME and the xxHashes come from awscrt, imported when first asked for.
"""

import base64
import hashlib
import os
import zlib
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import lru_cache
from typing import Literal, Protocol

from lakelet.errors import InvalidInput

ChecksumType = Literal["COMPOSITE", "FULL_OBJECT"]

_LARGE = 1 << 17
"""Bytes of a block that is worth handing to another thread."""

ALGORITHMS: dict[str, int] = {
    "CRC32": 4,
    "CRC32C": 4,
    "CRC64NVME": 8,
    "SHA1": 20,
    "SHA256": 32,
    "SHA512": 64,
    "MD5": 16,
    "XXHASH64": 8,
    "XXHASH3": 8,
    "XXHASH128": 16,
}
"""The algorithms by S3's names, with the bytes of their values."""

FULL_OBJECT = frozenset({"CRC32", "CRC32C", "CRC64NVME"})
"""What an upload in parts can have over the whole object: CRCs combine, hashes do not."""

_HASHES = {"MD5": "md5", "SHA1": "sha1", "SHA256": "sha256", "SHA512": "sha512"}
_XXHASHES = {
    "XXHASH64": "new_xxhash64",
    "XXHASH3": "new_xxhash3_64",
    "XXHASH128": "new_xxhash3_128",
}


def default_type(algorithm: str) -> ChecksumType:
    """What a multipart upload without a ChecksumType gets
    (S3 user guide, "Checking object integrity")."""
    return "FULL_OBJECT" if algorithm == "CRC64NVME" else "COMPOSITE"


class Checksum(Protocol):
    """A checksum being computed."""

    def update(self, data: bytes | memoryview, /) -> None: ...

    def digest(self) -> bytes: ...


class _Crc:
    """A CRC of `width` bytes by a function (data, value so far) → value."""

    def __init__(self, function: Callable[[bytes | memoryview, int], int], width: int) -> None:
        self._function = function
        self._width = width
        self._value = 0

    def update(self, data: bytes | memoryview, /) -> None:
        self._value = self._function(data, self._value)

    def digest(self) -> bytes:
        return self._value.to_bytes(self._width, "big")


class _XxHash:
    def __init__(self, algorithm: str) -> None:
        from awscrt.checksums import XXHash

        self._hash = getattr(XXHash, _XXHASHES[algorithm])()

    def update(self, data: bytes | memoryview, /) -> None:
        self._hash.update(data)

    def digest(self) -> bytes:
        return bytes(self._hash.finalize())


def new(algorithm: str) -> Checksum:
    """Begins a checksum. Raises `InvalidInput` for a name that S3 does not know."""
    if algorithm in _HASHES:
        return hashlib.new(_HASHES[algorithm], usedforsecurity=False)
    if algorithm in _XXHASHES:
        return _XxHash(algorithm)
    if algorithm == "CRC32":
        return _Crc(zlib.crc32, 4)
    if algorithm in ("CRC32C", "CRC64NVME"):
        from awscrt import checksums

        function = checksums.crc32c if algorithm == "CRC32C" else checksums.crc64nvme
        return _Crc(function, ALGORITHMS[algorithm])
    raise InvalidInput("Checksum algorithm provided is unsupported.", subject=algorithm)


@lru_cache
def _hashers() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="lakelet hash")


class Digests:
    """The MD5 that makes the entity tag, and any of the algorithms, over the same bytes.

    MD5 is the slowest of what is done with an upload: that of a large block is made while the next
    one arrives.
    """

    def __init__(self, algorithms: Iterable[str] = ()) -> None:
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._under_way: Future[None] | None = None
        self._checksums = {name: new(name) for name in algorithms}

    def update(self, data: bytes | memoryview) -> None:
        self._wait()
        if isinstance(data, bytes) and len(data) >= _LARGE:
            self._under_way = _hashers().submit(self._md5.update, data)
        else:
            self._md5.update(data)
        for checksum in self._checksums.values():
            checksum.update(data)

    @property
    def md5(self) -> bytes:
        self._wait()
        return self._md5.digest()

    def _wait(self) -> None:
        if self._under_way is not None:
            self._under_way.result()
            self._under_way = None

    def values(self) -> dict[str, str]:
        """The algorithms' values in base64, as S3 writes them."""
        return {
            name: base64.b64encode(checksum.digest()).decode()
            for name, checksum in self._checksums.items()
        }


def is_value(algorithm: str, text: str) -> bool:
    """Whether a text can be a value of an algorithm."""
    try:
        return len(base64.b64decode(text, validate=True)) == ALGORITHMS[algorithm]
    except ValueError:
        return False


def composite(algorithm: str, values: Sequence[str]) -> str:
    """The checksum of the parts' checksums, with their number behind it."""
    whole = new(algorithm)
    for value in values:
        whole.update(base64.b64decode(value))
    return f"{base64.b64encode(whole.digest()).decode()}-{len(values)}"


def full_object(algorithm: str, parts: Iterable[tuple[str, int]]) -> str:
    """A CRC of the whole from the parts' CRCs and sizes in bytes, without reading them again.

    `algorithm` is one of `FULL_OBJECT`.
    """
    from awscrt import checksums

    combine = {
        "CRC32": checksums.combine_crc32,
        "CRC32C": checksums.combine_crc32c,
        "CRC64NVME": checksums.combine_crc64nvme,
    }[algorithm]
    value = 0
    for text, size in parts:
        value = combine(value, int.from_bytes(base64.b64decode(text), "big"), size)
    return base64.b64encode(value.to_bytes(ALGORITHMS[algorithm], "big")).decode()


def multipart_etag(etags: Iterable[str]) -> str:
    """The entity tag of an object made of parts: MD5 of their MD5s, with their number."""
    digests = [bytes.fromhex(etag) for etag in etags]
    return f"{hashlib.md5(b''.join(digests), usedforsecurity=False).hexdigest()}-{len(digests)}"
