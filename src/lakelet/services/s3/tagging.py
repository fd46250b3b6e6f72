"""Tags of objects."""

from dataclasses import replace

from lakelet.model import Document
from lakelet.services.s3 import attributes
from lakelet.services.s3.errors import needed
from lakelet.services.s3.sources import check_version
from lakelet.storage.local import LocalStorage


class Tagging:
    """The operations on an object's tags."""

    _storage: LocalStorage

    def get_object_tagging(self, params: Document) -> Document:
        check_version(params.get("VersionId"))
        stored = self._storage.head(params["Bucket"], params["Key"])
        return {"TagSet": attributes.tag_set(stored.attributes.tags)}

    def put_object_tagging(self, params: Document) -> Document:
        self._set(params, attributes.tags_of(needed(params, "Tagging", "TagSet")))
        return {}

    def delete_object_tagging(self, params: Document) -> Document:
        self._set(params, {})
        return {}

    def _set(self, params: Document, tags: dict[str, str]) -> None:
        check_version(params.get("VersionId"))
        self._storage.amend(params["Bucket"], params["Key"], lambda kept: replace(kept, tags=tags))
