"""Buckets: create, head, list, delete, and what is the same for every bucket here."""

from lakelet.errors import AlreadyExists
from lakelet.model import Document
from lakelet.services.s3 import attributes
from lakelet.services.s3.errors import failure, needed
from lakelet.storage.configurations import Configurations
from lakelet.storage.keys import is_bucket_name
from lakelet.storage.local import LocalStorage
from lakelet.storage.multipart import Uploads

_DEFAULT_REGION = "us-east-1"
_MAX_BUCKETS = 10_000


class Buckets:
    """The operations on buckets."""

    _storage: LocalStorage
    _uploads: Uploads
    _configurations: Configurations
    _owner: Document
    _region: str

    def create_bucket(self, params: Document) -> Document:
        """In us-east-1 one's own bucket may be created again, as S3 documents for
        BucketAlreadyOwnedByYou."""
        bucket = params["Bucket"]
        if not is_bucket_name(bucket):
            raise failure("InvalidBucketName", BucketName=bucket)
        said = params.get("CreateBucketConfiguration") or {}
        region = said.get("LocationConstraint") or _DEFAULT_REGION
        try:
            self._storage.create_bucket(bucket)
        except AlreadyExists:
            if self._region_of(bucket) != _DEFAULT_REGION or region != _DEFAULT_REGION:
                raise failure("BucketAlreadyOwnedByYou", BucketName=bucket) from None
            return {"Location": f"/{bucket}"}
        try:
            self._configure(bucket, region, params)
        except BaseException:
            self.delete_bucket({"Bucket": bucket})
            raise
        return {"Location": f"/{bucket}"}

    def _configure(self, bucket: str, region: str, params: Document) -> None:
        """What a new bucket is made with."""
        self._configurations.put(bucket, "location", {"Region": region})
        if given := (params.get("CreateBucketConfiguration") or {}).get("Tags"):
            tags = attributes.tag_set(attributes.tags_of(given, attributes.TAGS_A_BUCKET))
            self._configurations.put(bucket, "tagging", {"TagSet": tags})
        if params.get("ObjectOwnership"):
            rules = {"Rules": [{"ObjectOwnership": params["ObjectOwnership"]}]}
            self._configurations.put(bucket, "ownership_controls", rules)

    def head_bucket(self, params: Document) -> Document:
        self._storage.require(params["Bucket"])
        return {"BucketRegion": self._region_of(params["Bucket"]), "AccessPointAlias": False}

    def delete_bucket(self, params: Document) -> Document:
        bucket = params["Bucket"]
        self._storage.delete_bucket(bucket)
        self._uploads.forget_bucket(bucket)
        self._configurations.forget_bucket(bucket)
        return {}

    def list_buckets(self, params: Document) -> Document:
        prefix, after = params.get("Prefix") or "", params.get("ContinuationToken") or ""
        region, limit = params.get("BucketRegion"), params.get("MaxBuckets", _MAX_BUCKETS)
        if not 1 <= limit <= _MAX_BUCKETS:
            raise failure(
                "InvalidArgument",
                f"Argument max-buckets must be an integer between 1 and {_MAX_BUCKETS}.",
            )
        names = [
            name
            for name in self._storage.buckets()
            if name.startswith(prefix) and name > after
            if region is None or self._region_of(name) == region
        ]
        listed = [
            {
                "Name": name,
                "CreationDate": self._storage.created(name),
                **({"BucketRegion": self._region_of(name)} if region or after or prefix else {}),
            }
            for name in names[:limit]
        ]
        answer: Document = {"Buckets": listed, "Owner": self._owner}
        if prefix:
            answer["Prefix"] = prefix
        if len(names) > limit:
            answer["ContinuationToken"] = names[limit - 1]
        return answer

    def get_bucket_location(self, params: Document) -> Document:
        self._storage.require(params["Bucket"])
        region = self._region_of(params["Bucket"])
        return {} if region == _DEFAULT_REGION else {"LocationConstraint": region}

    def get_bucket_versioning(self, params: Document) -> Document:
        """As of a bucket that never had versioning: each object has one version."""
        self._storage.require(params["Bucket"])
        return {}

    def put_bucket_versioning(self, params: Document) -> Document:
        self._storage.require(params["Bucket"])
        if needed(params, "VersioningConfiguration").get("Status") == "Enabled":
            raise failure("NotImplemented", "Buckets keep one version of an object here")
        return {}

    def get_bucket_acl(self, params: Document) -> Document:
        self._storage.require(params["Bucket"])
        return self._private()

    def get_object_acl(self, params: Document) -> Document:
        self._storage.head(params["Bucket"], params["Key"])
        return self._private()

    def put_bucket_acl(self, params: Document) -> Document:
        self._storage.require(params["Bucket"])
        return _keep_private(params)

    def put_object_acl(self, params: Document) -> Document:
        self._storage.head(params["Bucket"], params["Key"])
        return _keep_private(params)

    def _private(self) -> Document:
        grantee = {**self._owner, "Type": "CanonicalUser"}
        return {
            "Owner": self._owner,
            "Grants": [{"Grantee": grantee, "Permission": "FULL_CONTROL"}],
        }

    def _region_of(self, bucket: str) -> str:
        """A folder that a person made is a bucket of the lake's own region."""
        known = self._configurations.get(bucket, "location")
        region: str = known["Region"] if known else self._region
        return region


def _keep_private(params: Document) -> Document:
    """Buckets and objects are their owner's alone, as S3's own default (ACLs disabled) has it."""
    if params.get("ACL", "private") not in ("private", "bucket-owner-full-control"):
        raise failure("AccessControlListNotSupported")
    return {}
