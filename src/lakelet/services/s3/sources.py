"""The source of a copy, and the version of an object."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from urllib.parse import parse_qs, unquote

from lakelet.errors import NoSuchKey
from lakelet.services.s3.errors import failure

_Found = TypeVar("_Found")


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


def existing(params: Mapping[str, Any], find: Callable[[], _Found]) -> _Found:
    """What `find` finds of an object by its key, and its version where one is named.

    Raises NoSuchVersion for a version that is not there, the key's only one too.
    """
    version = params.get("VersionId")
    check_version(version)
    try:
        return find()
    except NoSuchKey:
        if version:
            raise failure("NoSuchVersion", VersionId=str(version)) from None
        raise
