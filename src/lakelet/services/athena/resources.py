"""Resources by their ARNs, and the tags that they are made with."""

from typing import Final

from lakelet.lake import Lake
from lakelet.queries import documents
from lakelet.queries.documents import TAGS
from lakelet.services import Parameters
from lakelet.services.athena.errors import invalid

MAX_TAGS: Final = 50


def arn(lake: Lake, kind: str, name: str) -> str:
    """The ARN of a `workgroup`, a `datacatalog` or a `capacity-reservation`."""
    settings = lake.settings
    return f"arn:aws:athena:{settings.region}:{settings.account}:{kind}/{name}"


def tag(lake: Lake, resource: str, tags: list[Parameters]) -> None:
    """Adds tags to those that a resource has. Raises AwsError."""
    for number, each in enumerate(tags, 1):
        if each.get("Key") is None:
            raise invalid(
                f"1 validation error detected: Value null at 'tags.{number}.member.key' failed to"
                " satisfy constraint: Member must not be null"
            )
    known = documents.kept(lake.database, TAGS, resource) or {}
    merged = {**known, **{each["Key"]: each.get("Value", "") for each in tags}}
    if len(merged) > MAX_TAGS:
        raise invalid(f"A resource has {MAX_TAGS} tags at the most")
    documents.keep(lake.database, TAGS, resource, merged)
