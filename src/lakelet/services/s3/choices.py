"""Headers that name one of a few choices, and how S3 refuses any other."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lakelet.services.s3.errors import failure

_ALGORITHMS = ("CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256")
_MORE_ALGORITHMS = ("SHA512", "MD5", "XXHASH64", "XXHASH3", "XXHASH128")


@dataclass(frozen=True, slots=True)
class _Choice:
    allowed: tuple[str, ...]
    code: str
    text: str = ""


_CHOICES = {
    "MetadataDirective": _Choice(
        ("COPY", "REPLACE"), "InvalidArgument", "Unknown metadata directive."
    ),
    "TaggingDirective": _Choice(
        ("COPY", "REPLACE"), "InvalidArgument", "Unknown tagging directive."
    ),
    "StorageClass": _Choice(
        (
            "STANDARD",
            "REDUCED_REDUNDANCY",
            "STANDARD_IA",
            "ONEZONE_IA",
            "INTELLIGENT_TIERING",
            "GLACIER",
            "DEEP_ARCHIVE",
            "OUTPOSTS",
            "GLACIER_IR",
            "SNOW",
            "EXPRESS_ONEZONE",
            "FSX_OPENZFS",
            "FSX_ONTAP",
        ),
        "InvalidStorageClass",
    ),
    "ServerSideEncryption": _Choice(
        ("AES256", "aws:fsx", "aws:backup", "aws:kms", "aws:kms:dsse"),
        "InvalidEncryptionAlgorithmError",
    ),
    "ChecksumAlgorithm": _Choice(
        _ALGORITHMS + _MORE_ALGORITHMS,
        "InvalidRequest",
        "Checksum algorithm provided is unsupported. Please try again with any of the valid types: "
        f"[{', '.join(_ALGORITHMS)}]",
    ),
    "ChecksumType": _Choice(
        ("COMPOSITE", "FULL_OBJECT"),
        "InvalidRequest",
        "Value for x-amz-checksum-type header is invalid.",
    ),
    "ObjectAttributes": _Choice(
        ("ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"),
        "InvalidArgument",
        "Invalid attribute name specified.",
    ),
}
"""By the request's member; the lists are those of botocore's model."""


def check(params: Mapping[str, Any]) -> None:
    """Raises S3's error for a choice that is none. An empty one is not made."""
    for name, choice in _CHOICES.items():
        said = params.get(name)
        for each in said if isinstance(said, list) else [said]:
            if each and each not in choice.allowed:
                raise failure(choice.code, choice.text)
