"""A request's body into a draft, hashed once, and compared with what the client says it is."""

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from lakelet.services.s3.errors import failure
from lakelet.storage.checksums import ALGORITHMS, is_value
from lakelet.storage.drafts import Draft
from lakelet.storage.files import BLOCK

DEFAULT_ALGORITHM = "CRC64NVME"
"""What S3 computes when the client sends no checksum."""


def algorithms(params: Mapping[str, Any]) -> tuple[str, ...]:
    """The checksums to compute for a body: the one sent or announced, else S3's default.

    Raises InvalidRequest for a value that cannot be one, and for more than one.
    """
    sent = [name for name in ALGORITHMS if params.get(f"Checksum{name}") is not None]
    if len(sent) > 1:
        raise failure(
            "InvalidRequest",
            "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.",
        )
    for name in sent:
        if not is_value(name, params[f"Checksum{name}"]):
            raise failure(
                "InvalidRequest", f"Value for x-amz-checksum-{name.lower()} header is invalid."
            )
    named = params.get("ChecksumAlgorithm")
    if named and named.upper() not in ALGORITHMS:
        raise failure("InvalidRequest", "Value for x-amz-sdk-checksum-algorithm header is invalid.")
    if named and not sent and not hasattr(params.get("Body"), "trailers"):
        raise failure(
            "InvalidRequest",
            "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or "
            "x-amz-trailer headers were found.",
        )
    return tuple(sent) or ((named.upper(),) if named else (DEFAULT_ALGORITHM,))


def is_asked_for(params: Mapping[str, Any]) -> bool:
    """Whether the client sends or names a checksum."""
    return bool(params.get("ChecksumAlgorithm")) or any(
        params.get(f"Checksum{name}") is not None for name in ALGORITHMS
    )


def trailed(params: Mapping[str, Any]) -> bool:
    """Whether a body that has been read had a checksum behind it."""
    return any(name.startswith("x-amz-checksum-") for name in _trailers(params))


def _trailers(params: Mapping[str, Any]) -> Mapping[str, str]:
    return getattr(params.get("Body"), "trailers", {})


def receive(params: Mapping[str, Any], draft: Draft) -> dict[str, str]:
    """Writes the body and gives its checksums, verified against MD5 and what the client says, in
    a header or behind the body.

    Raises BadDigest, InvalidDigest, InvalidRequest.
    """
    expected = _md5(params.get("ContentMD5"))
    body = params.get("Body", b"")
    if isinstance(body, bytes):
        draft.write(body)
    else:
        while block := body.read(BLOCK):
            draft.write(block)
    if expected is not None and expected != draft.digests.md5:
        raise failure("BadDigest")
    said = _said(params, _trailers(params))
    computed = draft.digests.values()
    for name in said.keys() - computed.keys():
        computed = {name: draft.checksum(name)}
    for name, value in said.items():
        if value != computed[name]:
            raise failure(
                "BadDigest", f"The {name} you specified did not match the calculated checksum."
            )
    return computed


def _said(params: Mapping[str, Any], trailers: Mapping[str, str]) -> dict[str, str]:
    """The checksums of a request, and those that trailed its body."""
    return {
        name: value
        for name in ALGORITHMS
        for value in (
            params.get(f"Checksum{name}"),
            trailers.get(f"x-amz-checksum-{name.lower()}"),
        )
        if value is not None
    }


def _md5(text: str | None) -> bytes | None:
    if text is None:
        return None
    try:
        digest = base64.b64decode(text, validate=True)
    except binascii.Error:
        digest = b""
    if len(digest) != ALGORITHMS["MD5"]:
        raise failure("InvalidDigest")
    return digest
