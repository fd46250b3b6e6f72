"""Tags of Glue's resources, by their ARNs."""

from collections.abc import Collection, Iterable, Mapping

from lakelet.lake import Lake
from lakelet.model import Document
from lakelet.services import Parameters
from lakelet.services.glue.subject import Subject

_KIND = "tags"


class Tags(Subject):
    """The operations on tags."""

    def tag_resource(self, params: Parameters) -> Document:
        _change(self._lake, params["ResourceArn"], params["TagsToAdd"], ())
        return {}

    def untag_resource(self, params: Parameters) -> Document:
        _change(self._lake, params["ResourceArn"], {}, params["TagsToRemove"])
        return {}

    def get_tags(self, params: Parameters) -> Document:
        return {"Tags": self._lake.catalog.records.get(_KIND, params["ResourceArn"]) or {}}


def arn(lake: Lake, resource: str) -> str:
    """The ARN of `crawler/name`, `database/name` …"""
    catalog = lake.catalog
    return f"arn:aws:glue:{catalog.region}:{catalog.account}:{resource}"


def tag(lake: Lake, resource: str, tags: Mapping[str, str] | None) -> None:
    """Sets the tags that a resource is made with."""
    if tags:
        _change(lake, arn(lake, resource), tags, ())


def tags_of(lake: Lake, resource: str) -> Mapping[str, str]:
    """The tags of `crawler/name`, `database/name` …"""
    return lake.catalog.records.get(_KIND, arn(lake, resource)) or {}


def forget(lake: Lake, resource: str) -> None:
    """Drops the tags of a resource that is gone."""
    lake.catalog.records.delete(_KIND, arn(lake, resource))


def _change(lake: Lake, name: str, added: Mapping[str, str], removed: Collection[str]) -> None:
    records = lake.catalog.records
    with lake.database.transaction():
        kept = {**(records.get(_KIND, name) or {}), **added}
        records.put(_KIND, name, {key: kept[key] for key in kept if key not in removed})


def tagged(
    lake: Lake, kind: str, listed: Iterable[Document], wanted: Mapping[str, str] | None
) -> list[str]:
    """The names of those resources of a kind that have all of the tags that are asked for."""
    asked = (wanted or {}).items()
    names = (str(each["Name"]) for each in listed)
    return [name for name in names if asked <= tags_of(lake, f"{kind}/{name}").items()]
