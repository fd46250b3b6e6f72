"""A body held against the hash of it that was signed (`x-amz-content-sha256`).

"Signature calculations for the Authorization header" of the S3 API reference. Only S3's clients
say it. Who signs nothing promises nothing, and bodies in chunks promise it of each chunk.
"""

import hashlib
import re
from dataclasses import replace
from typing import Final

from lakelet.errors import AwsError
from lakelet.wire.chunks import is_chunked
from lakelet.wire.messages import Reader, Request

HEADER: Final = "x-amz-content-sha256"
_UNSIGNED: Final = (
    "UNSIGNED-PAYLOAD",
    "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
    "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
    "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
    "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD",
    "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER",
)
_HASH: Final = re.compile(r"[0-9a-fA-F]{64}")


def promised(request: Request) -> str | None:
    """The hash of its body that a signed request says, in lower case; None for one that says none.

    Raises AwsError InvalidArgument for what is neither a hash nor a word for none.
    """
    said = request.headers.get(HEADER)
    if not said or said in _UNSIGNED or not _is_signed(request):
        return None
    if not _HASH.fullmatch(said):
        raise AwsError(
            "InvalidArgument",
            f"{HEADER} must be {', '.join(_UNSIGNED)} or a valid sha256 value.",
            members={"ArgumentName": HEADER, "ArgumentValue": said},
        )
    return None if is_chunked(request.headers) else said.lower()


def held(request: Request) -> Request:
    """The request with a body that is what was promised of it, or raises at its end."""
    said = promised(request)
    return request if said is None else replace(request, body=_Held(request.body, said))


def _is_signed(request: Request) -> bool:
    return "authorization" in request.headers or "X-Amz-Credential=" in request.query


class _Held:
    """A body that is hashed as it is read."""

    def __init__(self, source: Reader, said: str) -> None:
        self._source = source
        self._said = said
        self._hash = hashlib.sha256()

    def read(self, size: int = -1, /) -> bytes:
        """As the source; raises AwsError XAmzContentSHA256Mismatch at the end of another body."""
        data = self._source.read(size)
        self._hash.update(data)
        if size < 0 or (size and not data):
            self._compare()
        return data

    def _compare(self) -> None:
        found = self._hash.hexdigest()
        if found != self._said:
            raise AwsError(
                "XAmzContentSHA256Mismatch",
                f"The provided '{HEADER}' header does not match what was computed.",
                members={
                    "ClientComputedContentSHA256": self._said,
                    "S3ComputedContentSHA256": found,
                },
            )
