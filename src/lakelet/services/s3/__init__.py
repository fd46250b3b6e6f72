"""S3: one method per operation, cut by subject; the embedded store does the work.

A body comes in as bytes or as a reader (`read(size)`) and goes out as a `sending.ObjectBody`.
"""

from lakelet.database import Database
from lakelet.errors import AwsError, LakeletError
from lakelet.services.s3 import errors
from lakelet.services.s3.buckets import Buckets
from lakelet.services.s3.configurations import BucketConfigurations
from lakelet.services.s3.copying import Copying
from lakelet.services.s3.listing import Listing, owner
from lakelet.services.s3.multipart import Multipart
from lakelet.services.s3.objects import Objects
from lakelet.services.s3.tagging import Tagging
from lakelet.storage.configurations import Configurations
from lakelet.storage.local import LocalStorage
from lakelet.storage.multipart import Uploads


class S3(Buckets, Objects, Copying, Listing, Multipart, Tagging, BucketConfigurations):
    """The operations of S3 over the embedded store."""

    def __init__(
        self, storage: LocalStorage, database: Database, account: str, region: str
    ) -> None:
        self._storage = storage
        self._uploads = Uploads(storage, database)
        self._configurations = Configurations(database)
        self._owner = owner(account)
        self._region = region

    def translate(self, error: LakeletError) -> AwsError:
        """A refusal from below in S3's words."""
        return errors.translate(error)
