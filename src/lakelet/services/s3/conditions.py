"""Conditional requests: If-Match and its kin, in the order of RFC 9110 §13.2.2."""

from collections.abc import Mapping
from datetime import datetime
from email.utils import format_datetime
from typing import Any

from lakelet.services.s3.errors import failure
from lakelet.storage.local import Check
from lakelet.storage.objects import StoredObject


def for_read(params: Mapping[str, Any], stored: StoredObject) -> None:
    """Raises PreconditionFailed, or NotModified, which has no body."""
    failed = _failed(params, stored, "")
    if failed in ("IfMatch", "IfUnmodifiedSince"):
        raise _refused(failed)
    if failed:
        raise failure("NotModified", **_shown(stored))


def _shown(stored: StoredObject) -> dict[str, str]:
    """The headers of a 304, by which caches know what they have (RFC 9110 §15.4.5)."""
    kept = stored.attributes.headers
    shown = {"Cache-Control": kept.get("CacheControl"), "Expires": kept.get("Expires")}
    return {
        "ETag": f'"{stored.etag}"',
        "Last-Modified": format_datetime(stored.last_modified, usegmt=True),
        **{name: text for name, text in shown.items() if text},
    }


def for_copy(params: Mapping[str, Any], stored: StoredObject, prefix: str = "CopySource") -> None:
    """Raises PreconditionFailed if a condition on a copy's source does not hold."""
    failed = _failed(params, stored, prefix)
    if failed:
        raise _refused(failed)


def for_write(params: Mapping[str, Any], prefix: str = "") -> Check | None:
    """The check of a write's If-Match and If-None-Match, made while the key is locked.

    Raises NotImplemented for a tag in If-None-Match, and for both (measured on AWS:
    aws-sdk-ruby#3144, versitygw#1727).
    """
    wanted = params.get(f"{prefix}IfMatch")
    unwanted = params.get(f"{prefix}IfNoneMatch")
    if unwanted not in (None, "*") or (wanted is not None and unwanted is not None):
        raise failure("NotImplemented", Header="If-None-Match")
    if not wanted and unwanted is None:
        return None

    def check(standing: StoredObject | None) -> None:
        if wanted is not None and standing is None:
            raise failure("NoSuchKey")
        if standing is None:
            return
        if wanted is not None and not _matches(wanted, standing):
            raise _refused("IfMatch")
        if unwanted is not None:
            raise _refused("IfNoneMatch")

    return check


def for_delete(params: Mapping[str, Any]) -> Check | None:
    """The check of a delete's If-Match, size and time. A missing object fails If-Match alone."""
    tag, size = params.get("IfMatch"), params.get("IfMatchSize")
    moment: datetime | None = params.get("IfMatchLastModifiedTime")
    if tag is None and size is None and moment is None:
        return None

    def check(standing: StoredObject | None) -> None:
        if standing is None:
            if tag is not None:
                raise failure("NoSuchKey")
            return
        modified = standing.last_modified.replace(microsecond=0)
        if (
            (tag is not None and not _matches(tag, standing))
            or (size is not None and size != standing.size)
            or (moment is not None and moment != modified)
        ):
            raise _refused("IfMatch")

    return check


def unchanged(stored: StoredObject) -> Check:
    """Refuses unless the object is still the same version."""

    def check(standing: StoredObject | None) -> None:
        if standing is None or standing.fingerprint != stored.fingerprint:
            raise _refused("IfMatch")

    return check


def _failed(params: Mapping[str, Any], stored: StoredObject, prefix: str) -> str:
    """The name of the first condition that does not hold; '' if all do."""
    match = params.get(f"{prefix}IfMatch")
    none_match = params.get(f"{prefix}IfNoneMatch")
    if match and not _matches(match, stored):
        return "IfMatch"
    if not match and _is_later(stored, params.get(f"{prefix}IfUnmodifiedSince")):
        return "IfUnmodifiedSince"
    if none_match:
        return "IfNoneMatch" if _matches(none_match, stored, weakly=True) else ""
    since: datetime | None = params.get(f"{prefix}IfModifiedSince")
    return "IfModifiedSince" if since is not None and not _is_later(stored, since) else ""


def _matches(tags: str, stored: StoredObject, *, weakly: bool = False) -> bool:
    """Whether a list of entity tags, or `*`, has an object's; a weak tag (`W/"…"`) is nobody's
    unless they are compared weakly (RFC 9110 §8.8.3.2)."""
    weak = "W/" if weakly else ""
    listed = (tag.strip().removeprefix(weak).strip('"') for tag in tags.split(","))
    return any(tag in ("*", stored.etag) for tag in listed)


def _is_later(stored: StoredObject, moment: datetime | None) -> bool:
    """Compares in seconds, as HTTP dates have no more."""
    return moment is not None and stored.last_modified.replace(microsecond=0) > moment


def _refused(name: str) -> Exception:
    header = "".join(f"-{letter}" if letter.isupper() else letter for letter in name).lstrip("-")
    return failure("PreconditionFailed", Condition=header)
