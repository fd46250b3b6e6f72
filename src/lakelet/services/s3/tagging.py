"""Tags of objects."""

from dataclasses import replace

from lakelet.model import Document
from lakelet.services.s3 import attributes
from lakelet.services.s3.errors import needed
from lakelet.services.s3.sources import existing
from lakelet.storage.local import LocalStorage


class Tagging:
    """The operations on an object's tags."""

    _storage: LocalStorage

    def get_object_tagging(self, params: Document) -> Document:
        stored = existing(params, lambda: self._storage.head(params["Bucket"], params["Key"]))
        return {"TagSet": attributes.tag_set(stored.attributes.tags)}

    def put_object_tagging(self, params: Document) -> Document:
        self._set(params, attributes.tags_of(needed(params, "Tagging", "TagSet")))
        return {}

    def delete_object_tagging(self, params: Document) -> Document:
        self._set(params, {})
        return {}

    def _set(self, params: Document, tags: dict[str, str]) -> None:
        bucket, key = params["Bucket"], params["Key"]
        existing(
            params, lambda: self._storage.amend(bucket, key, lambda kept: replace(kept, tags=tags))
        )
