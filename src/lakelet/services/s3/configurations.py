"""Documents that are set on a bucket, kept and given back as they came.

One row a document; its three operations are made from the row. lakelet acts on none of them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import orjson

from lakelet.model import Document
from lakelet.services.s3 import attributes
from lakelet.services.s3.errors import failure, needed
from lakelet.storage.configurations import Configurations
from lakelet.storage.local import LocalStorage

Operation = Callable[["BucketConfigurations", Document], Document]


@dataclass(frozen=True, slots=True)
class Kind:
    """A document of a bucket.

    `member` holds it in the request. It comes back as the whole answer, or as the member of that
    name where `wrapped`. `missing` is the error when it is not set, or the answer for S3's own
    default. `listed` is the operation that lists those a bucket has many of, by their Id.
    """

    put: str
    get: str
    delete: str | None
    member: str
    missing: str | Mapping[str, str]
    wrapped: bool = False
    listed: str | None = None


_NONE = "NoSuchConfiguration"

KINDS: dict[str, Kind] = {
    "policy": Kind(
        "put_bucket_policy",
        "get_bucket_policy",
        "delete_bucket_policy",
        "Policy",
        "NoSuchBucketPolicy",
        wrapped=True,
    ),
    "cors": Kind(
        "put_bucket_cors",
        "get_bucket_cors",
        "delete_bucket_cors",
        "CORSConfiguration",
        "NoSuchCORSConfiguration",
    ),
    "lifecycle": Kind(
        "put_bucket_lifecycle_configuration",
        "get_bucket_lifecycle_configuration",
        "delete_bucket_lifecycle",
        "LifecycleConfiguration",
        "NoSuchLifecycleConfiguration",
    ),
    "encryption": Kind(
        "put_bucket_encryption",
        "get_bucket_encryption",
        "delete_bucket_encryption",
        "ServerSideEncryptionConfiguration",
        "ServerSideEncryptionConfigurationNotFoundError",
        wrapped=True,
    ),
    "public_access_block": Kind(
        "put_public_access_block",
        "get_public_access_block",
        "delete_public_access_block",
        "PublicAccessBlockConfiguration",
        "NoSuchPublicAccessBlockConfiguration",
        wrapped=True,
    ),
    "ownership_controls": Kind(
        "put_bucket_ownership_controls",
        "get_bucket_ownership_controls",
        "delete_bucket_ownership_controls",
        "OwnershipControls",
        "OwnershipControlsNotFoundError",
        wrapped=True,
    ),
    "website": Kind(
        "put_bucket_website",
        "get_bucket_website",
        "delete_bucket_website",
        "WebsiteConfiguration",
        "NoSuchWebsiteConfiguration",
    ),
    "replication": Kind(
        "put_bucket_replication",
        "get_bucket_replication",
        "delete_bucket_replication",
        "ReplicationConfiguration",
        "ReplicationConfigurationNotFoundError",
        wrapped=True,
    ),
    "object_lock": Kind(
        "put_object_lock_configuration",
        "get_object_lock_configuration",
        None,
        "ObjectLockConfiguration",
        "ObjectLockConfigurationNotFoundError",
        wrapped=True,
    ),
    "logging": Kind("put_bucket_logging", "get_bucket_logging", None, "BucketLoggingStatus", {}),
    "notification": Kind(
        "put_bucket_notification_configuration",
        "get_bucket_notification_configuration",
        None,
        "NotificationConfiguration",
        {},
    ),
    "accelerate": Kind(
        "put_bucket_accelerate_configuration",
        "get_bucket_accelerate_configuration",
        None,
        "AccelerateConfiguration",
        {},
    ),
    "request_payment": Kind(
        "put_bucket_request_payment",
        "get_bucket_request_payment",
        None,
        "RequestPaymentConfiguration",
        {"Payer": "BucketOwner"},
    ),
    "tagging": Kind(
        "put_bucket_tagging",
        "get_bucket_tagging",
        "delete_bucket_tagging",
        "Tagging",
        "NoSuchTagSet",
    ),
    "analytics": Kind(
        "put_bucket_analytics_configuration",
        "get_bucket_analytics_configuration",
        "delete_bucket_analytics_configuration",
        "AnalyticsConfiguration",
        _NONE,
        wrapped=True,
        listed="list_bucket_analytics_configurations",
    ),
    "inventory": Kind(
        "put_bucket_inventory_configuration",
        "get_bucket_inventory_configuration",
        "delete_bucket_inventory_configuration",
        "InventoryConfiguration",
        _NONE,
        wrapped=True,
        listed="list_bucket_inventory_configurations",
    ),
    "metrics": Kind(
        "put_bucket_metrics_configuration",
        "get_bucket_metrics_configuration",
        "delete_bucket_metrics_configuration",
        "MetricsConfiguration",
        _NONE,
        wrapped=True,
        listed="list_bucket_metrics_configurations",
    ),
    "intelligent_tiering": Kind(
        "put_bucket_intelligent_tiering_configuration",
        "get_bucket_intelligent_tiering_configuration",
        "delete_bucket_intelligent_tiering_configuration",
        "IntelligentTieringConfiguration",
        _NONE,
        wrapped=True,
        listed="list_bucket_intelligent_tiering_configurations",
    ),
}


class BucketConfigurations:
    """The operations of `KINDS`, made from its rows."""

    _storage: LocalStorage
    _configurations: Configurations


def _putter(name: str, kind: Kind) -> Operation:
    def put(self: BucketConfigurations, params: Document) -> Document:
        self._storage.require(params["Bucket"])
        document = needed(params, kind.member)
        _check(name, document)
        kept = {kind.member: document} if kind.wrapped else document
        self._configurations.put(params["Bucket"], name, kept, params.get("Id", ""))
        return {}

    return put


def _getter(name: str, kind: Kind) -> Operation:
    def get(self: BucketConfigurations, params: Document) -> Document:
        self._storage.require(params["Bucket"])
        found = self._configurations.get(params["Bucket"], name, params.get("Id", ""))
        if found is not None:
            return found
        if isinstance(kind.missing, str):
            raise failure(kind.missing, BucketName=params["Bucket"])
        return dict(kind.missing)

    return get


def _deleter(name: str) -> Operation:
    def delete(self: BucketConfigurations, params: Document) -> Document:
        self._storage.require(params["Bucket"])
        self._configurations.delete(params["Bucket"], name, params.get("Id", ""))
        return {}

    return delete


def _lister(name: str, kind: Kind) -> Operation:
    def listed(self: BucketConfigurations, params: Document) -> Document:
        self._storage.require(params["Bucket"])
        documents = self._configurations.all(params["Bucket"], name)
        return {
            "IsTruncated": False,
            f"{kind.member}List": [document[kind.member] for document in documents],
        }

    return listed


def _check(name: str, document: Document | str) -> None:
    """What S3 refuses of a document: a policy that is no JSON object, tags against the rules."""
    if isinstance(document, str):
        try:
            parsed = orjson.loads(document)
        except orjson.JSONDecodeError:
            parsed = None
        if name == "policy" and not isinstance(parsed, dict):
            raise failure("MalformedPolicy")
    elif name == "tagging":
        attributes.tags_of(needed(document, "TagSet"), attributes.TAGS_A_BUCKET)


for _name, _kind in KINDS.items():
    setattr(BucketConfigurations, _kind.put, _putter(_name, _kind))
    setattr(BucketConfigurations, _kind.get, _getter(_name, _kind))
    if _kind.delete:
        setattr(BucketConfigurations, _kind.delete, _deleter(_name))
    if _kind.listed:
        setattr(BucketConfigurations, _kind.listed, _lister(_name, _kind))
