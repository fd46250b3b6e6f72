"""The source of a copy."""

from typing import Any
from urllib.parse import parse_qs, unquote

from lakelet.services.s3.errors import failure


def parse(source: Any) -> tuple[str, str]:
    """Bucket and key of a CopySource (`bucket/key?versionId=null`, percent-encoded).

    Raises InvalidArgument, and NoSuchVersion, since every object has one version, `null`.
    """
    path, _, query = str(source).partition("?")
    bucket, _, key = unquote(path).lstrip("/").partition("/")
    if not bucket or not key:
        raise failure(
            "InvalidArgument",
            "Copy Source must mention the source bucket and key: sourcebucket/sourcekey",
            ArgumentName="x-amz-copy-source",
            ArgumentValue=str(source),
        )
    check_version(parse_qs(query).get("versionId", ["null"])[0])
    return bucket, key


def check_version(version: str | None) -> None:
    """Raises NoSuchVersion for any version but `null`: buckets keep one version of an object."""
    if version not in (None, "", "null"):
        raise failure("NoSuchVersion", VersionId=str(version))
